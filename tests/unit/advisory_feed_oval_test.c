#include "advisory_feed.h"

extern const struct feed_reader feed_azure, feed_oracle, feed_redhat_oval, feed_suse;

#define OVAL(definitions, tests, objects, states)                                                                                  \
    "<oval_definitions xmlns:red=\"u\"><generator><timestamp>2023-07-31T07:13:59</timestamp></generator><definitions>" definitions \
    "</definitions><tests>" tests "</tests><objects>" objects "</objects><states>" states "</states></oval_definitions>"
#define TEST(id, object, state) \
    "<red:rpminfo_test id=\"" id "\"><red:object object_ref=\"" object "\"/>" state "</red:rpminfo_test>"
#define STATE(id) "<red:state state_ref=\"" id "\"/>"
#define OBJECT(id, name) "<red:rpminfo_object id=\"" id "\"><red:name>" name "</red:name></red:rpminfo_object>"
#define EVR(id, operation, evr, arch) \
    "<red:rpminfo_state id=\"" id "\">" arch "<red:evr operation=\"" operation "\">" evr "</red:evr></red:rpminfo_state>"
#define ARCH(arch) "<red:arch operation=\"pattern match\">" arch "</red:arch>"
#define CRITERION(test, comment) "<criterion test_ref=\"" test "\" comment=\"" comment "\"/>"

static const char redhat[] = OVAL(
    "<definition class=\"patch\" id=\"oval:com.redhat.rhsa:def:20231\"><metadata><title>RHSA-2023:1: x (Important)</title>"
    "<reference ref_id=\"RHSA-2023:1\" source=\"RHSA\"/><reference ref_id=\"CVE-2023-2000\" source=\"CVE\"/>"
    "<advisory><severity>Important</severity><cve impact=\"moderate\" cvss3=\"7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\" cwe=\"CWE-1\">CVE-2023-2000</cve>"
    "<cve impact=\"low\">CVE-2023-1000</cve><affected_cpe_list><cpe>cpe:/o:redhat:enterprise_linux:8::baseos</cpe></affected_cpe_list></advisory></metadata>"
    "<criteria operator=\"OR\">" CRITERION("t:os", "Red Hat Enterprise Linux must be installed") "<criteria operator=\"AND\">" CRITERION(
        "t:mod",
        "Module nodejs:16 is enabled") "<criteria operator=\"OR\"><criteria operator=\"AND\">" CRITERION("t:1",
                                                                                                         "npm is earlier than 1:8-1")
        CRITERION(
            "t:2",
            "npm is signed") "</criteria></criteria></criteria>"
                             "<criteria operator=\"AND\">" CRITERION(
                                 "t:3",
                                 "bash is earlier than 0:5-1") "</criteria></criteria></definition>"
                                                               "<definition class=\"vulnerability\" id=\"oval:com.redhat.cve:def:20052541\"><metadata><title>CVE-2005-2541 tar: does not warn (moderate)</title>"
                                                               "<reference ref_id=\"CVE-2005-2541\" source=\"CVE\"/><advisory><cve impact=\"moderate\">CVE-2005-2541</cve>"
                                                               "<affected_cpe_list><cpe>cpe:/o:redhat:enterprise_linux:8</cpe></affected_cpe_list><affected><resolution state=\"Will not fix\"/></affected></advisory></metadata>"
                                                               "<criteria operator=\"AND\">" CRITERION("t:4",
                                                                                                       "tar is installed")
                                                                   CRITERION(
                                                                       "t:5",
                                                                       "tar is signed") "</criteria></definition>"
                                                                                        "<definition class=\"vulnerability\" id=\"oval:com.redhat.unaffected:def:2\"><metadata><title>Unaffected</title><advisory><cve>CVE-2005-9999</cve></advisory></metadata>"
                                                                                        "<criteria>" CRITERION(
                                                                                            "t:4",
                                                                                            "tar is installed") "</criteria></definition>",
    TEST("t:1", "o:npm", STATE("s:1")) TEST("t:2", "o:npm", STATE("s:key")) TEST("t:3", "o:bash", STATE("s:2"))
        TEST("t:4", "o:tar", "") TEST("t:5", "o:tar", STATE("s:key")),
    OBJECT("o:npm", "npm") OBJECT("o:bash", "bash") OBJECT("o:tar", "tar"),
    EVR("s:1", "less than", "1:8-1", ARCH("x86_64|aarch64")) EVR(
        "s:2", "less than", "0:5-1",
        "") "<red:rpminfo_state id=\"s:key\"><red:signature_keyid operation=\"equals\">199e</red:signature_keyid></red:rpminfo_state>");

static void oval__of_red_hat_has_fixes_modules_and_states(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "redhat-oval", "r.xml", str_of(redhat));
    feed_go(&one, &feed_redhat_oval);
    static const struct feed_want rows[] = {
        { "Red Hat", "nodejs:16::npm", "RHSA-2023:1",
          "{\"Entries\":[{\"FixedVersion\":\"1:8-1\",\"Affected\":[\"cpe:/o:redhat:enterprise_linux:8::baseos\"],\"Arches\":[\"aarch64\",\"x86_64\"],"
          "\"Cves\":[{\"ID\":\"CVE-2023-1000\",\"Severity\":1},{\"ID\":\"CVE-2023-2000\",\"Severity\":2}]}]}" },
        { "Red Hat", "npm", "RHSA-2023:1", NULL },
        { "Red Hat", "bash", "RHSA-2023:1",
          "{\"Entries\":[{\"FixedVersion\":\"5-1\",\"Affected\":[\"cpe:/o:redhat:enterprise_linux:8::baseos\"],"
          "\"Cves\":[{\"ID\":\"CVE-2023-1000\",\"Severity\":1},{\"ID\":\"CVE-2023-2000\",\"Severity\":2}]}]}" },
        { "Red Hat", "tar", "CVE-2005-2541",
          "{\"Entries\":[{\"Affected\":[\"cpe:/o:redhat:enterprise_linux:8\"],\"Cves\":[{\"Severity\":2}],\"Status\":5,\"VendorStatus\":\"Will not fix\"}]}" },
        { "Red Hat", "tar", "CVE-2005-9999", NULL },
    };
    FEED_EXPECT(&one, rows);
    assert_string_equal(feed_fact(&one, "CVE-2005-2541", "redhat"), "{\"Title\":\"tar: does not warn\",\"Severity\":2}");
    assert_true(str_is(one.run.as_of, "2023-07-31"));
    feed_end(&one);
}

static const char oracle[] = OVAL(
    "<definition class=\"patch\" id=\"d1\"><metadata><title>\nELSA-2021-1:  x security update (MODERATE)\n</title><advisory><severity>MODERATE</severity>"
    "<cve cvss3=\"4.3/CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:L\">CVE-2021-1000</cve></advisory></metadata>"
    "<criteria operator=\"AND\">" CRITERION(
        "t:os",
        "Oracle Linux 8 is installed") "<criteria operator=\"OR\">"
                                       "<criteria operator=\"AND\">" CRITERION("t:a", "Oracle Linux arch is x86_64") "<criteria operator=\"OR\">" CRITERION(
                                           "t:1",
                                           "a is earlier than 0:2-1") "</criteria></criteria>"
                                                                      "<criteria operator=\"AND\">" CRITERION(
                                                                          "t:b", "Oracle Linux arch is aarch64")
                                                                          CRITERION("t:1", "a is earlier than 0:2-1") CRITERION(
                                                                              "t:3",
                                                                              "a is earlier than 2-9_fips") "</criteria>"
                                                                                                            "</criteria></criteria></definition>"
                                                                                                            "<definition class=\"patch\" id=\"d2\"><metadata><title>ELSA-2021-2: again</title><advisory><cve>CVE-2021-1000</cve></advisory></metadata>"
                                                                                                            "<criteria operator=\"AND\">" CRITERION(
                                                                                                                "t:os",
                                                                                                                "Oracle Linux 8 is installed")
                                                                                                                CRITERION(
                                                                                                                    "t:a",
                                                                                                                    "Oracle Linux arch is x86_64")
                                                                                                                    CRITERION(
                                                                                                                        "t:2",
                                                                                                                        "a is earlier than 0:2-3") "</criteria></definition>",
    TEST("t:1", "o:a", STATE("s:1")) TEST("t:2", "o:a", STATE("s:2")) TEST("t:3", "o:a", STATE("s:3")), OBJECT("o:a", "a"),
    EVR("s:1", "less than", "0:2-1", "") EVR("s:2", "less than", "0:2-3", "") EVR("s:3", "less than", "0:2-9_fips", ""));

static void oval__of_oracle_keeps_architectures_and_flavours_apart(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "oracle-oval", "o.xml", str_of(oracle));
    feed_go(&one, &feed_oracle);
    const char *got = feed_record(&one, "Oracle Linux 8", "a", "CVE-2021-1000");
    assert_non_null(got);
    assert_non_null(
        strstr(got, "{\"FixedVersion\":\"2-3\",\"Arches\":[\"i686\",\"noarch\",\"x86_64\"],\"VendorIDs\":[\"ELSA-2021-2\"]}"));
    assert_non_null(strstr(got, "{\"FixedVersion\":\"2-1\",\"Arches\":[\"aarch64\"],\"VendorIDs\":[\"ELSA-2021-1\"]}"));
    assert_non_null(
        strstr(got, "{\"FixedVersion\":\"2-9_fips\",\"Arches\":[\"aarch64\",\"noarch\"],\"VendorIDs\":[\"ELSA-2021-1\"]}"));
    feed_end(&one);
}

/* clang-format off */
static const char oracle_plain[] = OVAL(
    "<definition class=\"patch\" id=\"d1\"><metadata><title>ELSA-2007-1: x</title><advisory><cve>CVE-2007-1000</cve></advisory></metadata>"
    "<criteria operator=\"AND\">" CRITERION("t:os", "Oracle Linux 5 is installed")
        "<criteria operator=\"OR\">" CRITERION("t:1", "bind is earlier than 30:9.3.3-8.el5") "</criteria>"
    "</criteria></definition>"
    "<definition class=\"patch\" id=\"d2\"><metadata><title>ELSA-2021-2: y</title><advisory><cve>CVE-2021-2000</cve></advisory></metadata>"
    "<criteria operator=\"AND\">" CRITERION("t:os", "Oracle Linux 8 is installed") CRITERION("t:a", "Oracle Linux arch is x86_64")
        CRITERION("t:2", "openssl is earlier than 2:1.1-15.ksplice1.el8") CRITERION("t:2", "openssl is earlier than 1:1.1-16.el8")
        CRITERION("t:2", "a comment is earlier than 9-9")
    "</criteria></definition>", "", "", "");
/* clang-format on */

static void oval__of_oracle_without_tests_or_architecture_speaks_by_its_comments(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "oracle-oval", "o.xml", str_of(oracle_plain));
    feed_go(&one, &feed_oracle);
    static const struct feed_want rows[] = {
        { "Oracle Linux 5", "bind", "CVE-2007-1000",
          "{\"Entries\":[{\"FixedVersion\":\"30:9.3.3-8.el5\",\"VendorIDs\":[\"ELSA-2007-1\"]}]}" },
        { "Oracle Linux 8", "openssl", "CVE-2021-2000",
          "{\"Entries\":[{\"FixedVersion\":\"1:1.1-16.el8\",\"Arches\":[\"i686\",\"noarch\",\"x86_64\"],\"VendorIDs\":[\"ELSA-2021-2\"]},"
          "{\"FixedVersion\":\"2:1.1-15.ksplice1.el8\",\"Arches\":[\"i686\",\"noarch\",\"x86_64\"],\"VendorIDs\":[\"ELSA-2021-2\"]}]}" },
        { "Oracle Linux 8", "comment", "CVE-2021-2000", NULL },
    };
    FEED_EXPECT(&one, rows);
    feed_end(&one);
}

#define AZURE(id, cve, patchable, criteria)                                                                \
    "<definition class=\"vulnerability\" id=\"" id "\"><metadata><title>t</title><reference ref_id=\"" cve \
    "\" source=\"CVE\"/><patchable>" patchable                                                             \
    "</patchable><severity>High</severity></metadata><criteria operator=\"AND\">" criteria "</criteria></definition>"

static const char azure[] =
    OVAL(AZURE("1", "CVE-2025-1000", "true", CRITERION("t:1", "") CRITERION("t:2", ""))
             AZURE("2", "CVE-2025-2000", "false", CRITERION("t:3", ""))
                 AZURE("3", "CVE-2025-3000", "Not Applicable", CRITERION("t:3", ""))
                     AZURE("4", "CVE-2025-4000", "true", CRITERION("t:1", ""))
                         AZURE("5", "CVE-2025-4000", "false", CRITERION("t:3", "")),
         TEST("t:1", "o:a", STATE("s:1")) TEST("t:2", "o:a", STATE("s:2")) TEST("t:3", "o:a", STATE("s:3")), OBJECT("o:a", "a"),
         EVR("s:1", "less than", "0:9-3.azl3", "") EVR("s:2", "greater than", "0:8-1.azl3", "")
             EVR("s:3", "less than or equal", "0:7-1.azl3", ""));

static void oval__of_azure_tells_fixed_from_open(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "azure-oval", "azurelinux/azurelinux-3.0-oval.xml", str_of(azure));
    feed_go(&one, &feed_azure);
    static const struct feed_want rows[] = {
        { "Azure Linux 3.0", "a", "CVE-2025-1000", "{\"FixedVersion\":\"0:9-3.azl3\",\"AffectedVersion\":\"8-1.azl3\"}" },
        { "Azure Linux 3.0", "a", "CVE-2025-2000", "{\"Status\":2,\"VendorStatus\":\"not patchable\"}" },
        { "Azure Linux 3.0", "a", "CVE-2025-3000", NULL },
        { "Azure Linux 3.0", "a", "CVE-2025-4000",
          "{\"FixedVersion\":\"0:9-3.azl3\"}" }, /* the fix is newer than what was open */
    };
    FEED_EXPECT(&one, rows);
    assert_string_equal(feed_fact(&one, "CVE-2025-1000", "azure"), "{\"Title\":\"t\",\"Severity\":3}");
    feed_end(&one);
}

static const char suse[] = OVAL(
    "<definition class=\"vulnerability\" id=\"1\"><metadata><title>CVE-2016-6321</title><description>d</description><advisory><severity>Moderate</severity></advisory></metadata>"
    "<criteria operator=\"OR\"><criteria operator=\"AND\"><criteria operator=\"OR\">" CRITERION(
        "t:p", "SUSE Linux Enterprise Module for Basesystem 15 SP4 is installed")
        CRITERION("t:p", "SUSE Linux Enterprise Server 15 SP1-LTSS is installed") CRITERION(
            "t:p",
            "SUSE Manager Server 4.3 is installed") "</criteria><criteria operator=\"OR\">" CRITERION("t:1",
                                                                                                      "tar-1.34-2.2 is installed")
            CRITERION("t:2", "cpio is affected") CRITERION(
                "t:3",
                "gzip is not affected") "</criteria></criteria>"
                                        "<criteria operator=\"AND\">" CRITERION("t:p", "openSUSE Tumbleweed is installed")
                                            CRITERION(
                                                "t:1",
                                                "tar-1.34-2.2 is installed") "</criteria>"
                                                                             "<criteria operator=\"AND\">" CRITERION(
                                                                                 "t:p", "SUSE Linux Micro 6.1 is installed")
                                                                                 CRITERION(
                                                                                     "t:2",
                                                                                     "cpio is affected") "</criteria></criteria></definition>",
    TEST("t:p", "o:release", STATE("s:p")) TEST("t:1", "o:tar", STATE("s:1")) TEST("t:2", "o:cpio", STATE("s:0"))
        TEST("t:3", "o:gzip", STATE("s:0")),
    OBJECT("o:release", "sles-release") OBJECT("o:tar", "tar") OBJECT("o:cpio", "cpio") OBJECT("o:gzip", "gzip"),
    "<red:rpminfo_state id=\"s:p\"><red:version operation=\"equals\">15.4</red:version></red:rpminfo_state>" EVR(
        "s:1", "less than", "0:1.34-2.2", "") EVR("s:0", "greater than", "0:0-0", ""));

static void oval__of_suse_joins_products_and_packages(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "suse-oval", "s.xml", str_of(suse));
    feed_go(&one, &feed_suse);
    static const struct feed_want rows[] = {
        { "SUSE Linux Enterprise 15.4", "tar", "CVE-2016-6321", "{\"FixedVersion\":\"1.34-2.2\"}" },
        { "SUSE Linux Enterprise 15.1", "tar", "CVE-2016-6321", "{\"FixedVersion\":\"1.34-2.2\"}" },
        { "SUSE Linux Enterprise 15.4", "cpio", "CVE-2016-6321", "{\"Status\":2,\"VendorStatus\":\"affected\"}" },
        { "SUSE Linux Enterprise 15.4", "gzip", "CVE-2016-6321", NULL },
        { "SUSE Linux Enterprise 15.4", "sles-release", "CVE-2016-6321", NULL },
        { "openSUSE Tumbleweed", "tar", "CVE-2016-6321", "{\"FixedVersion\":\"1.34-2.2\"}" },
        { "SUSE Linux Enterprise Micro 6.1", "cpio", "CVE-2016-6321", "{\"Status\":2,\"VendorStatus\":\"affected\"}" },
    };
    FEED_EXPECT(&one, rows);
    feed_end(&one);
}

static void oval__of_suse_names_the_service_pack(void **state)
{
    static const struct {
        const char *product, *bucket;
    } rows[] = {
        { "SUSE Linux Enterprise Live Patching 15 SP4", "SUSE Linux Enterprise 15.4" },
        { "SUSE Linux Enterprise Module for Python 3 15 SP5", "SUSE Linux Enterprise 15.5" },
        { "SUSE Linux Enterprise Module for Web and Scripting 12", "SUSE Linux Enterprise 12" },
        { "SUSE Linux Enterprise Server 12 SP5-LTSS Extended Security", "SUSE Linux Enterprise 12.5" },
        { "SUSE Linux Enterprise Server 12 SP2-BCL", "SUSE Linux Enterprise 12.2" },
        { "SUSE Linux Enterprise Server 16.0", "SUSE Linux Enterprise 16.0" },
        { "SUSE Linux Enterprise Storage 7", NULL },
        { "SUSE Linux Micro 6.1", "SUSE Linux Enterprise Micro 6.1" },
        { "openSUSE Leap 15.6 NonFree", "openSUSE Leap 15.6" },
        { "openSUSE Leap Micro 5.5", "openSUSE Leap Micro 5.5" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_case one = { .arena = arena_new() };
        struct str text = str_of(suse), mark = STR("openSUSE Tumbleweed");
        size_t at = (size_t)str_find_text(text, mark);
        feed_add(&one, "suse-oval", "s.xml",
                 arena_strf(one.arena, "%.*s%s%.*s", STR_ARG(str_to(text, at)), rows[i].product,
                            STR_ARG(str_from(text, at + mark.size))));
        feed_go(&one, &feed_suse);
        if (!rows[i].bucket) assert_false(str_contains(buffer_view(&one.run.out), "Storage"));
        if (rows[i].bucket && !feed_record(&one, rows[i].bucket, "tar", "CVE-2016-6321"))
            fail_msg("%s is not %s", rows[i].product, rows[i].bucket);
        feed_end(&one);
    }
}

static void oval__refuses_damage(void **state)
{
    static const char *const broken[] = { "", "<oval_definitions>", "<!DOCTYPE x [<!ENTITY e \"x\">]><oval_definitions/>",
                                          "{}" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct feed_case one = { 0 };
        struct error error = { 0 };
        feed_add(&one, "redhat-oval", "r.xml", str_of(broken[i]));
        if (feed_try(&one, &feed_redhat_oval, &error)) fail_msg("accepted: %s", broken[i]);
        assert_non_null(error.id);
        feed_end(&one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(oval__of_red_hat_has_fixes_modules_and_states),
                                        cmocka_unit_test(oval__of_oracle_keeps_architectures_and_flavours_apart),
                                        cmocka_unit_test(oval__of_oracle_without_tests_or_architecture_speaks_by_its_comments),
                                        cmocka_unit_test(oval__of_azure_tells_fixed_from_open),
                                        cmocka_unit_test(oval__of_suse_joins_products_and_packages),
                                        cmocka_unit_test(oval__of_suse_names_the_service_pack),
                                        cmocka_unit_test(oval__refuses_damage) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
