#include "advisory_feed.h"

extern const struct feed_reader feed_ubuntu_osv, feed_ubuntu_tracker, feed_ubuntu_vex;

static const char tracker[] = "PublicDate: 2022-03-15 17:15:00 UTC\n"
                              "Candidate: CVE-2022-0778\n"
                              "References:\n https://a.example/\n text\n"
                              "Description:\n One line\n and another.\n"
                              "Priority: high\n Because\n"
                              "CVSS:\n nvd: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H [7.5 HIGH]\n"
                              "\n"
                              "Patches_openssl:\n"
                              "Priority_edk2: low\n"
                              "upstream_openssl: released (1.1.1n,3.0.2)\n"
                              "trusty/esm_openssl: released (1.0.1f-1ubuntu2.27+esm5)\n"
                              "xenial_openssl: ignored (end of standard support, was needed)\n"
                              "esm-infra/xenial_openssl: released (1.0.2g-1ubuntu4.20+esm2)\n"
                              "esm-apps/xenial_openssl: DNE\n"
                              "fips/xenial_openssl: needed\n"
                              "bionic_openssl: ignored (end of standard support)\n"
                              "esm-infra/bionic_openssl: not-affected (2.0)\n"
                              "focal_openssl: released  (1.1.1f-1ubuntu2.12 )\n"
                              "jammy_openssl: not-affected (3.0.2-0ubuntu1)\n"
                              "kinetic_openssl: DNE\n"
                              "lunar_openssl: released\n"
                              "mantic_openssl: pending (3.0.10-1)\n"
                              "devel_openssl: needed\n"
                              "focal_edk2: needs-triage\n"
                              "jammy_edk2: deferred (2022-03-16)\n"
                              "mantic_edk2: needed\n"
                              "noble_edk2: in-progress\n"
                              "lunar_edk2: ignored (intrusive)\n"
                              "kinetic_edk2: ignored (end of life, was needed)\n"
                              "impish_edk2: ignored (end of life, was not-affected)\n";

static void ubuntu__reads_states_and_channels(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "ubuntu-tracker", "active/CVE-2022-0778", str_of(tracker));
    feed_go(&one, &feed_ubuntu_tracker);
    static const struct feed_want rows[] = {
        { "ubuntu 14.04", "openssl", "CVE-2022-0778", NULL },
        { "ubuntu 14.04-ESM", "openssl", "CVE-2022-0778", "{\"FixedVersion\":\"1.0.1f-1ubuntu2.27+esm5\"}" },
        { "ubuntu 16.04", "openssl", "CVE-2022-0778",
          "{\"PatchedVersions\":[\">=1.0.2g-1ubuntu4.20+esm2\"],\"Status\":7,\"VendorStatus\":\"ignored (end of standard support, was needed), fix in ESM: 1.0.2g-1ubuntu4.20+esm2\"}" },
        { "ubuntu 16.04-ESM", "openssl", "CVE-2022-0778", "{\"FixedVersion\":\"1.0.2g-1ubuntu4.20+esm2\"}" },
        { "ubuntu 18.04", "openssl", "CVE-2022-0778", NULL }, /* extended support found it not affected */
        { "ubuntu 18.04-ESM", "openssl", "CVE-2022-0778", NULL },
        { "ubuntu 20.04", "openssl", "CVE-2022-0778", "{\"FixedVersion\":\"1.1.1f-1ubuntu2.12\"}" },
        { "ubuntu 20.04-ESM", "openssl", "CVE-2022-0778", "{\"FixedVersion\":\"1.1.1f-1ubuntu2.12\"}" }, /* the release's own */
        { "ubuntu 22.04", "openssl", "CVE-2022-0778", NULL },
        { "ubuntu 22.10", "openssl", "CVE-2022-0778", NULL },
        { "ubuntu 23.04", "openssl", "CVE-2022-0778", NULL }, /* released before it could be affected */
        { "ubuntu 23.10", "openssl", "CVE-2022-0778", "{\"Status\":2,\"VendorStatus\":\"pending (3.0.10-1)\"}" },
        { "ubuntu 20.04", "edk2", "CVE-2022-0778", "{\"Severity\":1,\"Status\":4,\"VendorStatus\":\"needs-triage\"}" },
        { "ubuntu 22.04", "edk2", "CVE-2022-0778", "{\"Severity\":1,\"Status\":6,\"VendorStatus\":\"deferred\"}" },
        { "ubuntu 23.10", "edk2", "CVE-2022-0778", "{\"Severity\":1,\"Status\":2,\"VendorStatus\":\"needed\"}" },
        { "ubuntu 24.04", "edk2", "CVE-2022-0778", "{\"Severity\":1,\"Status\":2,\"VendorStatus\":\"in-progress\"}" },
        { "ubuntu 23.04", "edk2", "CVE-2022-0778", "{\"Severity\":1,\"Status\":5,\"VendorStatus\":\"ignored (intrusive)\"}" },
        { "ubuntu 22.10", "edk2", "CVE-2022-0778",
          "{\"Severity\":1,\"Status\":7,\"VendorStatus\":\"ignored (end of life, was needed)\"}" },
        { "ubuntu 21.10", "edk2", "CVE-2022-0778", NULL },
    };
    FEED_EXPECT(&one, rows);
    assert_string_equal(feed_fact(&one, "CVE-2022-0778", "ubuntu"),
                        "{\"Description\":\"One line and another.\",\"Severity\":3,\"References\":[\"https://a.example/\"]}");
    assert_string_equal(
        feed_fact(&one, "CVE-2022-0778", "nvd"),
        "{\"Severity\":3,\"V3Vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\",\"V3Score\":7.5,\"PublishedDate\":\"2022-03-15T17:15:00Z\"}");
    feed_end(&one);
}

static void ubuntu__leaves_out_rejected_and_foreign_files(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "ubuntu-tracker", "active/CVE-2022-1",
             STR("Candidate: CVE-2022-0001\nDescription:\n ** REJECT ** no\nfocal_a: needed\n"));
    feed_add(&one, "ubuntu-tracker", "active/README", STR("Candidate: CVE-2022-0002\nfocal_a: needed\n"));
    feed_add(&one, "ubuntu-tracker", "active/CVE-2022-3", STR("focal_a: needed\n"));
    feed_go(&one, &feed_ubuntu_tracker);
    assert_int_equal(one.run.out.size, 0);
    assert_int_equal(one.run.skipped, 1);
    feed_end(&one);
}

static void ubuntu__reads_osv_and_vex(void **state)
{
    struct feed_case osv = { 0 }, vex = { 0 };
    feed_add(
        &osv, "ubuntu-osv", "o.json",
        STR("{\"id\":\"UBUNTU-CVE-2024-51988\",\"related\":[\"CVE-2024-51988\"],\"modified\":\"2025-06-02T17:30:48Z\",\"details\":\"d\",\"affected\":["
            "{\"package\":{\"ecosystem\":\"Ubuntu:20.04:LTS\",\"name\":\"r\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"3.8\"}]}],\"ecosystem_specific\":{\"ubuntu_priority\":\"medium\"}},"
            "{\"package\":{\"ecosystem\":\"Ubuntu:Pro:16.04:LTS\",\"name\":\"r\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}]}]},"
            "{\"package\":{\"ecosystem\":\"Ubuntu:Pro:FIPS:18.04:LTS\",\"name\":\"r\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}]}]}]}"));
    feed_go(&osv, &feed_ubuntu_osv);
    static const struct feed_want rows[] = {
        { "ubuntu 20.04", "r", "CVE-2024-51988", "{\"FixedVersion\":\"3.8\",\"Severity\":2}" },
        { "ubuntu 16.04-ESM", "r", "CVE-2024-51988", "{\"Status\":2,\"VendorStatus\":\"affected\"}" },
        { "ubuntu 18.04-ESM", "r", "CVE-2024-51988", NULL },
    };
    FEED_EXPECT(&osv, rows);
    feed_end(&osv);
    feed_add(
        &vex, "ubuntu-vex", "v.json",
        STR("{\"statements\":[{\"vulnerability\":{\"name\":\"CVE-2025-0167\"},\"status\":\"affected\",\"action_statement\":\"This will not be fixed.\","
            "\"products\":[{\"@id\":\"pkg:deb/ubuntu/curl@7.81?arch=source&distro=jammy\"},{\"@id\":\"pkg:deb/ubuntu/curl@7.81?arch=amd64\"},"
            "{\"@id\":\"pkg:deb/ubuntu/curl@7.35?arch=source&distro=esm-infra-legacy/trusty\"}]},"
            "{\"vulnerability\":{\"name\":\"CVE-2025-0168\"},\"status\":\"not_affected\",\"products\":[{\"@id\":\"pkg:deb/ubuntu/curl@7.81?arch=source&distro=jammy\"}]}]}"));
    feed_go(&vex, &feed_ubuntu_vex);
    static const struct feed_want states[] = {
        { "ubuntu 22.04", "curl", "CVE-2025-0167", "{\"Status\":5,\"VendorStatus\":\"affected\"}" },
        { "ubuntu 14.04-ESM", "curl", "CVE-2025-0167", NULL },
        { "ubuntu 22.04", "curl", "CVE-2025-0168", NULL },
    };
    FEED_EXPECT(&vex, states);
    feed_end(&vex);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(ubuntu__reads_states_and_channels),
                                        cmocka_unit_test(ubuntu__leaves_out_rejected_and_foreign_files),
                                        cmocka_unit_test(ubuntu__reads_osv_and_vex) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
