/* Feeds of RPM distributions that are not OVAL: OSV, updateinfo, Photon's JSON, Red Hat's documents. */
#include "advisory_feed.h"

extern const struct feed_reader feed_alma, feed_amazon, feed_photon, feed_redhat_cpe, feed_redhat_cve, feed_redhat_vex,
    feed_rocky, feed_rocky_updateinfo, feed_vulnrichment;

static void alma__spreads_advisories_over_cves(void **state)
{
    struct feed_case one = { 0 };
    feed_add(
        &one, "alma-osv", "a.json",
        STR("{\"id\":\"ALSA-2022:1\",\"summary\":\"Moderate: x security update\",\"related\":[\"CVE-2022-1000\",\"CVE-2022-2000\"],\"modified\":\"2022-01-01T00:00:00Z\",\"affected\":["
            "{\"package\":{\"ecosystem\":\"AlmaLinux:8\",\"name\":\"vim\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2:8.0-16.el8_5.12\"}]}]},"
            "{\"package\":{\"ecosystem\":\"AlmaLinux:8\",\"name\":\"vim\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2:8.0-16.el8_5.13\"}]}]}]}"));
    feed_add(
        &one, "alma-osv", "b.json",
        STR("{\"id\":\"ALSA-2022:2\",\"summary\":\"Important: nodejs:16/npm security, bug fix update\",\"related\":[\"CVE-2022-3000\"],\"modified\":\"2022-02-01T00:00:00Z\",\"affected\":["
            "{\"package\":{\"ecosystem\":\"AlmaLinux:9\",\"name\":\"npm\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"8-1.module_el9.1.0+1+a\"}]}]}]}"));
    feed_add(
        &one, "alma-osv", "c.json",
        STR("{\"id\":\"ALBA-2022:3\",\"related\":[\"CVE-2022-4000\"],\"affected\":[{\"package\":{\"ecosystem\":\"AlmaLinux:8\",\"name\":\"x\"}}]}"));
    feed_add(
        &one, "alma-osv", "d.json",
        STR("{\"id\":\"ALSA-2022:4\",\"withdrawn\":\"2022-01-01T00:00:00Z\",\"related\":[\"CVE-2022-5000\"],\"affected\":[]}"));
    feed_go(&one, &feed_alma);
    static const struct feed_want rows[] = {
        { "alma 8", "vim", "CVE-2022-1000", "{\"FixedVersion\":\"2:8.0-16.el8_5.13\",\"VendorIDs\":[\"ALSA-2022:1\"]}" },
        { "alma 8", "vim", "CVE-2022-2000", "{\"FixedVersion\":\"2:8.0-16.el8_5.13\",\"VendorIDs\":[\"ALSA-2022:1\"]}" },
        { "alma 9", "nodejs:16::npm", "CVE-2022-3000",
          "{\"FixedVersion\":\"8-1.module_el9.1.0+1+a\",\"VendorIDs\":[\"ALSA-2022:2\"]}" },
        { "alma 8", "x", "CVE-2022-4000", NULL },
    };
    FEED_EXPECT(&one, rows);
    assert_string_equal(feed_fact(&one, "CVE-2022-3000", "alma"),
                        "{\"Title\":\"Important: nodejs:16/npm security, bug fix update\",\"Severity\":3}");
    assert_true(str_is(one.run.as_of, "2022-02-01T00:00:00Z"));
    feed_end(&one);
}

static void alma__finds_the_stream_that_an_advisory_does_not_name(void **state)
{
#define ALMA(id, summary, name, fixed)                                                           \
    STR("{\"id\":\"" id "\",\"summary\":\"" summary                                              \
        "\",\"related\":[\"CVE-2024-1000\"],\"affected\":[{\"package\":{\"ecosystem\":"          \
        "\"AlmaLinux:8\",\"name\":\"" name                                                       \
        "\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":" \
        "\"" fixed "\"}]}]}]}")
    struct feed_case one = { 0 };
    feed_add(&one, "alma-osv", "a.json",
             ALMA("ALSA-2024:1", "Moderate: ruby security update", "ruby", "2.5.9-112.module_el8.1"));
    feed_add(&one, "alma-osv", "b.json",
             ALMA("ALSA-2024:2", "ALSA-2024:2: ruby:3.1 security update (Moderate)", "ruby", "3.1.2-1.module_el8.1"));
    feed_add(&one, "alma-osv", "c.json", ALMA("ALBA-2024:3", "ruby:2.5 bug fix update", "ruby", "2.5.3-1.module_el8.1"));
    feed_add(&one, "alma-osv", "d.json", ALMA("ALSA-2024:4", "Low: perl security update", "ruby", "2.5.9-113.module_el8.1"));
    feed_go(&one, &feed_alma);
    static const struct feed_want rows[] = {
        { "alma 8", "ruby:2.5::ruby", "CVE-2024-1000",
          "{\"FixedVersion\":\"2.5.9-112.module_el8.1\",\"VendorIDs\":[\"ALSA-2024:1\"]}" },
        { "alma 8", "ruby:3.1::ruby", "CVE-2024-1000",
          "{\"FixedVersion\":\"3.1.2-1.module_el8.1\",\"VendorIDs\":[\"ALSA-2024:2\"]}" },
        { "alma 8", "ruby", "CVE-2024-1000", NULL },
    };
    FEED_EXPECT(&one, rows);
    assert_true(str_contains(buffer_view(&one.run.out), "(Moderate)\",\"Severity\":2"));
    assert_int_equal(one.run.skipped, 1); /* no stream of a module perl is known */
    feed_end(&one);
}

#define UPDATE(id, cves, packages)                                                                                     \
    "<update type=\"security\"><id>" id                                                                                \
    "</id><severity>Important</severity><release>Rocky Linux 9</release><description>d</description><references>" cves \
    "</references><pkglist><collection short=\"c\"><name>n</name>" packages "</collection></pkglist></update>"
#define CVE_REFERENCE(id) "<reference href=\"h\" id=\"" id "\" type=\"cve\"/>"
#define PACKAGE(name, epoch, version, release, arch)                                                              \
    "<package name=\"" name "\" epoch=\"" epoch "\" version=\"" version "\" release=\"" release "\" arch=\"" arch \
    "\"><filename>f</filename></package>"

static void updateinfo__of_amazon_knows_its_releases(void **state)
{
    struct feed_case one = { 0 };
    feed_add(
        &one, "amazon-updateinfo", "u.xml",
        STR("<updates>" UPDATE("ALAS2-2018-939", CVE_REFERENCE("CVE-2017-5715") CVE_REFERENCE("CVE-2017-5754"),
                               PACKAGE("kernel", "0", "4.9.76", "38.79.amzn2", "x86_64"))
                UPDATE("ALAS2-2019-1", CVE_REFERENCE("CVE-2017-5715"), PACKAGE("kernel", "0", "4.14.1", "1.amzn2", "x86_64"))
                    UPDATE("ALAS2023-2023-001", CVE_REFERENCE("CVE-2022-24903"),
                           PACKAGE("rsyslog", "1", "8.2204.0", "3.amzn2023.0.2", "x86_64"))
                        UPDATE("ALAS-2011-1", CVE_REFERENCE("CVE-2011-3192"),
                               PACKAGE("httpd", "", "2.2.21", "1.18.amzn1", "i686"))
                            UPDATE("ALAS2KERNEL-5.15-2022-001", CVE_REFERENCE("CVE-2022-0500"),
                                   PACKAGE("kernel", "0", "5.15.43", "20.123.amzn2", "x86_64")) "</updates>"));
    feed_go(&one, &feed_amazon);
    static const struct feed_want rows[] = {
        { "amazon linux 2", "kernel", "CVE-2017-5715",
          "{\"FixedVersion\":\"4.14.1-1.amzn2\",\"VendorIDs\":[\"ALAS2-2018-939\",\"ALAS2-2019-1\"]}" },
        { "amazon linux 2", "kernel", "CVE-2017-5754",
          "{\"FixedVersion\":\"4.9.76-38.79.amzn2\",\"VendorIDs\":[\"ALAS2-2018-939\"]}" },
        { "amazon linux 2", "kernel", "CVE-2022-0500", NULL },
        { "amazon linux 2023", "rsyslog", "CVE-2022-24903",
          "{\"FixedVersion\":\"1:8.2204.0-3.amzn2023.0.2\",\"VendorIDs\":[\"ALAS2023-2023-001\"]}" },
        { "amazon linux 1", "httpd", "CVE-2011-3192",
          "{\"FixedVersion\":\"2.2.21-1.18.amzn1\",\"VendorIDs\":[\"ALAS-2011-1\"]}" },
    };
    FEED_EXPECT(&one, rows);
    assert_int_equal(one.run.skipped, 1);
    assert_string_equal(feed_fact(&one, "CVE-2022-24903", "amazon"), "{\"Description\":\"d\",\"Severity\":3}");
    feed_end(&one);
}

static void rocky__has_entries_by_architecture(void **state)
{
    struct feed_case one = { 0 }, osv = { 0 };
    feed_add(
        &one, "rocky-updateinfo", "u.xml",
        STR("<updates>" UPDATE(
            "RLSA-2022:7513", CVE_REFERENCE("CVE-2022-1271"),
            PACKAGE("xz", "0", "5.2.5", "8.el9_0", "x86_64")
                PACKAGE("xz", "0", "5.2.5", "8.el9_0", "aarch64") "<module name=\"ruby\" stream=\"3.1\"/>" PACKAGE(
                    "ruby", "0", "3.1", "1.module+el9", "x86_64"))
                UPDATE("RLSA-2022:7514", CVE_REFERENCE("CVE-2022-1272"), PACKAGE("npm", "0", "8", "1.module+el9", "x86_64"))
                    UPDATE("RLBA-2023:0456", CVE_REFERENCE("CVE-2022-9999"),
                           PACKAGE("curl", "0", "7", "1", "x86_64")) "</updates>"));
    feed_go(&one, &feed_rocky_updateinfo);
    static const struct feed_want rows[] = {
        { "rocky 9", "xz", "CVE-2022-1271",
          "{\"Entries\":[{\"FixedVersion\":\"5.2.5-8.el9_0\",\"Arches\":[\"aarch64\",\"x86_64\"],\"VendorIDs\":[\"RLSA-2022:7513\"]}]}" },
        { "rocky 9", "ruby:3.1::ruby", "CVE-2022-1271",
          "{\"Entries\":[{\"FixedVersion\":\"3.1-1.module+el9\",\"Arches\":[\"x86_64\"],\"VendorIDs\":[\"RLSA-2022:7513\"]}]}" },
        { "rocky 9", "curl", "CVE-2022-9999", NULL },
        { "rocky 9", "npm", "CVE-2022-1272", NULL },
    };
    FEED_EXPECT(&one, rows);
    assert_int_equal(one.run.skipped, 1);
    feed_end(&one);
    feed_add(
        &osv, "rocky-osv", "o.json",
        STR("{\"id\":\"RLSA-2023:0005\",\"summary\":\"Important: bcel security update\",\"related\":[\"CVE-2022-42920\"],\"affected\":[{\"package\":{\"ecosystem\":\"Rocky Linux:9\",\"name\":\"bcel\",\"purl\":\"pkg:rpm/rocky-linux/bcel?distro=rocky-linux-9-aarch64&epoch=0\"},"
            "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"0:6.4.1-9.el9_1\"}]}]},{\"package\":{\"ecosystem\":\"Rocky Linux:8\",\"name\":\"kernel\",\"purl\":\"pkg:rpm/rocky-linux/kernel?distro=rocky-linux-8-sig-cloud\"},"
            "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"0:4\"}]}]}]}"));
    feed_add(
        &osv, "rocky-osv", "n.json",
        STR("{\"id\":\"RLSA-2023:0006\",\"summary\":\"Important: nodejs security update\",\"related\":[\"CVE-2022-3000\"],\"affected\":[{\"package\":{\"ecosystem\":\"Rocky Linux:8\",\"name\":\"nodejs\"},"
            "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1:16.1-1.module+el8\"}]}]},{\"package\":{\"ecosystem\":\"Rocky Linux:8\",\"name\":\"npm\"},"
            "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1:8-1.module+el8\"}]}]}]}"));
    feed_go(&osv, &feed_rocky);
    static const struct feed_want of_osv[] = {
        { "rocky 9", "bcel", "CVE-2022-42920", "{\"FixedVersion\":\"6.4.1-9.el9_1\",\"VendorIDs\":[\"RLSA-2023:0005\"]}" },
        { "rocky 8", "kernel", "CVE-2022-42920", NULL },
        { "rocky 8", "nodejs", "CVE-2022-3000", NULL }, /* a module's, but of which stream? */
    };
    FEED_EXPECT(&osv, of_osv);
    assert_int_equal(osv.run.skipped, 1);
    assert_true(str_is(osv.run.first_skipped, "RLSA-2023:0006 does not say which module stream its fixes are for"));
    feed_end(&osv);
}

static void photon__knows_three_states(void **state)
{
    struct feed_case one = { 0 };
    feed_add(
        &one, "photon-cve", "photon/cve_data_photon5.0.json.gz",
        STR("[{\"cve_id\":\"CVE-2023-5115\",\"pkg\":\"ansible\",\"cve_score\":9.3,\"aff_ver\":\"all\",\"res_ver\":\"2.14.12-1.ph5\",\"status\":\"Fixed\"},"
            "{\"cve_id\":\"CVE-2023-5116\",\"pkg\":\"ansible\",\"cve_score\":0,\"aff_ver\":\"NA\",\"res_ver\":\"NA\",\"status\":\"Not Fixed\"},"
            "{\"cve_id\":\"BDSA-2025-13833\",\"pkg\":\"consul\",\"cve_score\":10.0,\"aff_ver\":\"NA\",\"res_ver\":\"NA\",\"status\":\"Not Affected\"},"
            "{\"cve_id\":\"Re\",\"pkg\":\"linux\",\"res_ver\":\"1\",\"status\":\"Fixed\"}]"));
    feed_go(&one, &feed_photon);
    static const struct feed_want rows[] = {
        { "Photon OS 5.0", "ansible", "CVE-2023-5115", "{\"FixedVersion\":\"2.14.12-1.ph5\"}" },
        { "Photon OS 5.0", "ansible", "CVE-2023-5116", "{\"Status\":2,\"VendorStatus\":\"Not Fixed\"}" },
        { "Photon OS 5.0", "consul", "BDSA-2025-13833", NULL },
    };
    FEED_EXPECT(&one, rows);
    assert_string_equal(feed_fact(&one, "CVE-2023-5115", "photon"), "{\"Severity\":4}");
    assert_int_equal(one.run.skipped, 1);
    feed_end(&one);
}

static const char vex[] =
    "{\"document\":{\"category\":\"csaf_vex\",\"aggregate_severity\":{\"text\":\"Low\"},\"tracking\":{\"current_release_date\":\"2025-11-21T14:24:21+00:00\"}},"
    "\"product_tree\":{\"branches\":[{\"branches\":[{\"product\":{\"product_id\":\"BaseOS-9.4\",\"product_identification_helper\":{\"cpe\":\"cpe:/o:redhat:enterprise_linux:9::baseos\"}}},"
    "{\"product\":{\"product_id\":\"red_hat_enterprise_linux_8\",\"product_identification_helper\":{\"cpe\":\"cpe:/o:redhat:enterprise_linux:8\"}}},"
    "{\"product\":{\"product_id\":\"openssl-1:3.0.7-27.el9.x86_64\",\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1\"}}},"
    "{\"product\":{\"product_id\":\"openssl-1:3.0.7-27.el9.src\",\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1\"}}},"
    "{\"product\":{\"product_id\":\"openssl\",\"product_identification_helper\":{\"purl\":\"pkg:rpm/redhat/openssl\"}}},"
    "{\"product\":{\"product_id\":\"image\",\"product_identification_helper\":{\"purl\":\"pkg:oci/image@sha256:1\"}}}]}],"
    "\"relationships\":["
    "{\"full_product_name\":{\"product_id\":\"BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64\"},\"product_reference\":\"openssl-1:3.0.7-27.el9.x86_64\",\"relates_to_product_reference\":\"BaseOS-9.4\"},"
    "{\"full_product_name\":{\"product_id\":\"BaseOS-9.4:openssl-1:3.0.7-27.el9.src\"},\"product_reference\":\"openssl-1:3.0.7-27.el9.src\",\"relates_to_product_reference\":\"BaseOS-9.4\"},"
    "{\"full_product_name\":{\"product_id\":\"8:openssl\"},\"product_reference\":\"openssl\",\"relates_to_product_reference\":\"red_hat_enterprise_linux_8\"},"
    "{\"full_product_name\":{\"product_id\":\"8:nodejs:16/npm\"},\"product_reference\":\"nodejs:16/npm\",\"relates_to_product_reference\":\"red_hat_enterprise_linux_8\"},"
    "{\"full_product_name\":{\"product_id\":\"8:image\"},\"product_reference\":\"image\",\"relates_to_product_reference\":\"red_hat_enterprise_linux_8\"}]},"
    "\"vulnerabilities\":[{\"cve\":\"CVE-2024-0727\",\"title\":\"openssl: crash\",\"cwe\":{\"id\":\"CWE-476\"},"
    "\"product_status\":{\"fixed\":[\"BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64\",\"BaseOS-9.4:openssl-1:3.0.7-27.el9.src\"],\"known_affected\":[\"8:openssl\",\"8:image\"],"
    "\"known_not_affected\":[\"8:other\"],\"under_investigation\":[\"8:nodejs:16/npm\"]},"
    "\"remediations\":[{\"category\":\"vendor_fix\",\"url\":\"https://access.redhat.com/errata/RHSA-2024:2447\",\"product_ids\":[\"BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64\"]},"
    "{\"category\":\"none_available\",\"details\":\"Fix deferred\",\"product_ids\":[\"8:openssl\"]},{\"category\":\"workaround\",\"details\":\"none\",\"product_ids\":[\"8:openssl\"]}],"
    "\"threats\":[{\"category\":\"impact\",\"details\":\"Low\",\"product_ids\":[\"8:openssl\",\"BaseOS-9.4:openssl-1:3.0.7-27.el9.x86_64\"]}],"
    "\"scores\":[{\"cvss_v3\":{\"baseScore\":5.5,\"vectorString\":\"CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H\"}}]}]}";

/* clang-format off */
#define VEX_PRODUCT(id, helper) "{\"product\":{\"product_id\":\"" id "\",\"product_identification_helper\":{" helper "}}}"
#define VEX_COMPONENT(id, stream) \
    "{\"full_product_name\":{\"product_id\":\"" stream ":" id "\"},\"product_reference\":\"" id "\",\"relates_to_product_reference\":\"" stream "\"}"
#define VEX_FCGI "perl-FCGI-1:0.78-12.module+el8.10.0+1+a.x86_64::perl-FCGI:0.78"
static const char vex_forms[] =
    "{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-2026-1000\"}},\"product_tree\":{\"branches\":["
        VEX_PRODUCT("s8", "\"cpe\":\"cpe:/a:redhat:enterprise_linux:8::appstream\"") ","
        VEX_PRODUCT("r8", "\"cpe\":\"cpe:/o:redhat:enterprise_linux:8\"") ","
        VEX_PRODUCT(VEX_FCGI, "\"purl\":\"pkg:rpm/redhat/perl-FCGI@0.78?arch=x86_64&epoch=1&rpmmod=perl-FCGI:0.78:81:69\"") ","
        VEX_PRODUCT("pg-0:15.3-1.module+el8.x86_64", "\"purl\":\"pkg:rpm/redhat/pg@15.3-1?arch=x86_64\"") ","
        VEX_PRODUCT("golang::go-toolset:rhel8", "\"purl\":\"pkg:rpm/redhat/golang?rpmmod=go-toolset:rhel8\"") ","
        VEX_PRODUCT("golang.src::go-toolset:rhel8", "\"purl\":\"pkg:rpm/redhat/golang?arch=src&rpmmod=go-toolset:rhel8\"") ","
        VEX_PRODUCT("gnutls", "\"purl\":\"pkg:rpm/redhat/gnutls?arch=src\"")
    "],\"relationships\":[" VEX_COMPONENT(VEX_FCGI, "s8") "," VEX_COMPONENT("pg-0:15.3-1.module+el8.x86_64", "s8") ","
        VEX_COMPONENT("golang::go-toolset:rhel8", "r8") "," VEX_COMPONENT("golang.src::go-toolset:rhel8", "r8") ","
        VEX_COMPONENT("gnutls", "r8") "," VEX_COMPONENT("log4j:2/log4j", "r8")
    "]},\"vulnerabilities\":["
    "{\"cve\":\"CVE-2026-1000\",\"product_status\":{\"fixed\":[\"s8:" VEX_FCGI "\",\"s8:pg-0:15.3-1.module+el8.x86_64\"],"
    "\"known_affected\":[\"r8:golang::go-toolset:rhel8\",\"r8:golang.src::go-toolset:rhel8\",\"r8:gnutls\"]},"
    "\"remediations\":[{\"category\":\"vendor_fix\",\"url\":\"https://x/RHSA-2026:1\",\"product_ids\":[\"s8:" VEX_FCGI "\",\"s8:pg-0:15.3-1.module+el8.x86_64\"]}]},"
    "{\"cve\":\"CVE-2026-2000\",\"product_status\":{\"known_affected\":[\"r8:log4j:2/log4j\"]},"
    "\"remediations\":[{\"category\":\"no_fix_planned\",\"details\":\"Will not fix\",\"product_ids\":[\"r8:log4j:2/log4j\"]}]}]}";
/* clang-format on */

static void vex__knows_modules_sources_and_several_vulnerabilities(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "redhat-vex", "v.json", str_of(vex_forms));
    feed_go(&one, &feed_redhat_vex);
    assert_string_equal(
        feed_record(&one, "Red Hat", "perl-FCGI:0.78::perl-FCGI", "RHSA-2026:1"),
        "{\"Entries\":[{\"FixedVersion\":\"1:0.78-12.module+el8.10.0+1+a\",\"Affected\":[\"cpe:/a:redhat:enterprise_linux:8::appstream\"],"
        "\"Arches\":[\"x86_64\"],\"Cves\":[{\"ID\":\"CVE-2026-1000\"}]}]}");
    static const struct {
        const char *package, *id;
        bool known;
    } rows[] = {
        { "go-toolset:rhel8::golang", "CVE-2026-1000", true },
        { "go-toolset:rhel8::source:golang", "CVE-2026-1000", false }, /* the packages are named, the source beside them */
        { "gnutls", "CVE-2026-1000", true },
        { "source:gnutls", "CVE-2026-1000", true },
        { "log4j:2::log4j", "CVE-2026-2000", true },
        { "log4j:2::source:log4j", "CVE-2026-2000", true },
        { "pg", "RHSA-2026:1", false }, /* of which module stream? */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((feed_record(&one, "Red Hat", rows[i].package, rows[i].id) != NULL) != rows[i].known)
            fail_msg("%s, %s", rows[i].package, rows[i].id);
    assert_int_equal(one.run.skipped, 1);
    assert_non_null(feed_fact(&one, "CVE-2026-1000", "redhat"));
    assert_null(feed_fact(&one, "CVE-2026-2000", "redhat")); /* not the document's own: it does not speak of all products */
    feed_end(&one);
}

static void vex__joins_products_streams_and_remediations(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "redhat-vex", "v.json", str_of(vex));
    feed_go(&one, &feed_redhat_vex);
    const char *fixed = feed_record(&one, "Red Hat", "openssl", "RHSA-2024:2447"),
               *open = feed_record(&one, "Red Hat", "openssl", "CVE-2024-0727");
    assert_string_equal(
        fixed,
        "{\"Entries\":[{\"FixedVersion\":\"1:3.0.7-27.el9\",\"Affected\":[\"cpe:/o:redhat:enterprise_linux:9::baseos\"],\"Arches\":[\"x86_64\"],"
        "\"Cves\":[{\"ID\":\"CVE-2024-0727\",\"Severity\":1}]}]}");
    assert_non_null(open);
    assert_non_null(strstr(open, "\"Status\":6,\"VendorStatus\":\"Fix deferred\""));
    assert_non_null(strstr(open, "\"cpe:/o:redhat:enterprise_linux:8\""));         /* the release, */
    assert_non_null(strstr(open, "\"cpe:/o:redhat:enterprise_linux:8::baseos\"")); /* and the parts that repositories name */
    assert_non_null(feed_record(&one, "Red Hat", "nodejs:16::npm", "CVE-2024-0727"));
    assert_null(feed_record(&one, "Red Hat", "image", "CVE-2024-0727"));
    assert_string_equal(
        feed_fact(&one, "CVE-2024-0727", "redhat"),
        "{\"Title\":\"openssl: crash\",\"Severity\":1,\"V3Vector\":\"CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H\",\"V3Score\":5.5,"
        "\"CweIDs\":[\"CWE-476\"],\"References\":[\"https://access.redhat.com/security/cve/CVE-2024-0727\"]}");
    feed_end(&one);
}

static void redhat__documents_give_facts_and_products(void **state)
{
    struct feed_case cve = { 0 }, cpe = { 0 }, record = { 0 };
    feed_add(
        &cve, "redhat-cve", "c.json",
        STR("{\"name\":\"CVE-2022-0778\",\"threat_severity\":\"Important\",\"bugzilla\":{\"description\":\"CVE-2022-0778 openssl: Infinite loop\\n\"},\"details\":[\"A\",\"B\"],"
            "\"cwe\":\"(CWE-119|CWE-835)\",\"cvss3\":{\"cvss3_base_score\":\"7.5\",\"cvss3_scoring_vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"}}"));
    feed_go(&cve, &feed_redhat_cve);
    assert_string_equal(
        feed_fact(&cve, "CVE-2022-0778", "redhat"),
        "{\"Title\":\"openssl: Infinite loop\",\"Description\":\"A\\nB\",\"Severity\":3,\"V3Vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\",\"V3Score\":7.5,"
        "\"CweIDs\":[\"CWE-119\",\"CWE-835\"],\"References\":[\"https://access.redhat.com/security/cve/CVE-2022-0778\"]}");
    feed_end(&cve);
    feed_add(
        &cpe, "redhat-cpe", "r.json",
        STR("{\"data\":{\"rhel-8-baseos\":{\"cpes\":[\"cpe:/o:redhat:enterprise_linux:8::baseos\",\"x\"],\"repo_relative_urls\":[]},\"none\":{\"cpes\":[]}}}"));
    feed_go(&cpe, &feed_redhat_cpe);
    assert_true(str_starts(
        buffer_view(&cpe.run.out),
        "{\"f\":0,\"kind\":\"repository\",\"key\":\"rhel-8-baseos\",\"cpes\":[\"cpe:/o:redhat:enterprise_linux:8::baseos\"]}\n"));
    /* Older than a release: what that is judged by when an image names no repository is known all the same. */
    assert_non_null(
        strstr(buffer_cstr(&cpe.run.out),
               "\"key\":\"rhel-10-for-x86_64-baseos-rpms\",\"cpes\":[\"cpe:/o:redhat:enterprise_linux:10::baseos\"]"));
    feed_end(&cpe);
    feed_add(
        &record, "vulnrichment", "c.json",
        STR("{\"cveMetadata\":{\"cveId\":\"CVE-2024-3094\",\"state\":\"PUBLISHED\"},\"containers\":{\"cna\":{\"descriptions\":[{\"lang\":\"en\",\"value\":\"text\"}]},"
            "\"adp\":[{\"providerMetadata\":{\"shortName\":\"CVE\"}},{\"providerMetadata\":{\"shortName\":\"CISA-ADP\"},\"metrics\":[{\"cvssV3_1\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H\",\"baseScore\":10}}]}]}}"));
    feed_go(&record, &feed_vulnrichment);
    assert_string_equal(feed_fact(&record, "CVE-2024-3094", "cna"), "{\"Description\":\"text\"}");
    assert_string_equal(feed_fact(&record, "CVE-2024-3094", "cisa-adp"),
                        "{\"V3Vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H\",\"V3Score\":10}");
    feed_end(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(alma__spreads_advisories_over_cves),
                                        cmocka_unit_test(alma__finds_the_stream_that_an_advisory_does_not_name),
                                        cmocka_unit_test(updateinfo__of_amazon_knows_its_releases),
                                        cmocka_unit_test(rocky__has_entries_by_architecture),
                                        cmocka_unit_test(photon__knows_three_states),
                                        cmocka_unit_test(vex__knows_modules_sources_and_several_vulnerabilities),
                                        cmocka_unit_test(vex__joins_products_streams_and_remediations),
                                        cmocka_unit_test(redhat__documents_give_facts_and_products) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
