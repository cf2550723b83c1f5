#include "advisory_feed.h"

extern const struct feed_reader feed_debian;

static const char tracker[] =
    "{\"tar\":{"
    "\"CVE-2005-2541\":{\"description\":\"Tar 1.15.1 does not warn\",\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"urgency\":\"unimportant\"}}},"
    "\"CVE-2024-1\":{\"releases\":{\"bookworm\":{\"status\":\"resolved\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"fixed_version\":\"1.34-1\",\"urgency\":\"low**\"},"
    "\"trixie\":{\"status\":\"resolved\",\"repositories\":{\"trixie\":\"1.35-3\"},\"fixed_version\":\"0\",\"urgency\":\"not yet assigned\"},"
    "\"forky\":{\"status\":\"open\",\"repositories\":{\"forky\":\"1.35-3\"},\"urgency\":\"not yet assigned\"},"
    "\"sid\":{\"status\":\"undetermined\",\"repositories\":{\"sid\":\"1.35-3\"},\"urgency\":\"not yet assigned\"}}},"
    "\"CVE-2024-2\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"urgency\":\"medium\",\"nodsa\":\"Minor\",\"nodsa_reason\":\"\"}}},"
    "\"CVE-2024-3\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"urgency\":\"high\",\"nodsa\":\"Later\",\"nodsa_reason\":\"postponed\"}}},"
    "\"CVE-2024-4\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"urgency\":\"low\",\"nodsa\":\"No\",\"nodsa_reason\":\"ignored\"}}},"
    "\"CVE-2024-5\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"urgency\":\"end-of-life\"}}},"
    "\"CVE-2024-6\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1.34-1\"},\"urgency\":\"not yet assigned\",\"nodsa\":\"x\",\"nodsa_reason\":\"postponed\"}}}"
    "}}";

static const char dsa[] = "[21 Aug 2026] DSA-9-2 tar - security update\n"
                          "\t{CVE-2024-1 CVE-2024-6}\n"
                          "\t[bookworm] - tar 1.34-2\n"
                          "\t[buster] - tar 1.30-2\n"
                          "[20 Aug 2026] DSA-9-1 tar - security update\n"
                          "\t{CVE-2024-1}\n"
                          "        [buster]  -\ttar 1.30-1\n"
                          "[19 Aug 2026] DSA-8-1 tar - regression update\n"
                          "\t[bookworm] - tar 1.34-9\n"
                          "[02 Jul 2002] DSA-135 libapache-mod-ssl -- buffer overflow / DoS\n"
                          "\t{CVE-2002-0653}\n"
                          "\t[woody] - libapache-mod-ssl 2.8.9-2\n";

static const char cves[] = "CVE-2024-1 (decided by the JSON)\n"
                           "\t- tar 9.9\n"
                           "CVE-2024-20 (not in the JSON)\n"
                           "\t- tar 1.34-0 (bug #1, low)\n"
                           "\t[trixie] - tar <no-dsa> (Minor issue)\n"
                           "\t[buster] - tar <end-of-life> (old)\n"
                           "CVE-2024-21 (fixed later than any release)\n"
                           "\t- tar 2.0-1 (unimportant)\n"
                           "\t[forky] - tar <not-affected> (Vulnerable code not present)\n"
                           "CVE-2024-22\n"
                           "\tNOTE: text - with a dash\n"
                           "\t- tar <itp> (bug #2)\n"
                           "\t- ghost <removed>\n";

static void debian__joins_tracker_and_lists(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "debian-tracker", "t", str_of(tracker));
    feed_add(&one, "debian-dsa", "d", str_of(dsa));
    feed_add(&one, "debian-cve", "c", str_of(cves));
    feed_go(&one, &feed_debian);
    static const struct feed_want rows[] = {
        { "debian 12", "tar", "CVE-2005-2541", "{\"Severity\":1,\"Status\":2,\"VendorStatus\":\"unimportant\"}" },
        { "debian 12", "tar", "CVE-2024-1", "{\"FixedVersion\":\"1.34-1\",\"Severity\":1,\"VendorIDs\":[\"DSA-9-2\"]}" },
        { "debian 13", "tar", "CVE-2024-1", NULL }, /* "0": never affected */
        { "debian 14", "tar", "CVE-2024-1", "{\"Status\":2,\"VendorStatus\":\"open\"}" },
        { "debian unstable", "tar", "CVE-2024-1", NULL }, /* undetermined */
        { "debian 10", "tar", "CVE-2024-1", "{\"FixedVersion\":\"1.30-2\",\"VendorIDs\":[\"DSA-9-2\",\"DSA-9-1\"]}" },
        { "debian 12", "tar", "CVE-2024-2", "{\"Severity\":2,\"Status\":2,\"VendorStatus\":\"no-dsa\"}" },
        { "debian 12", "tar", "CVE-2024-3", "{\"Severity\":3,\"Status\":6,\"VendorStatus\":\"postponed\"}" },
        { "debian 12", "tar", "CVE-2024-4", "{\"Severity\":1,\"Status\":5,\"VendorStatus\":\"ignored\"}" },
        { "debian 12", "tar", "CVE-2024-5", "{\"Status\":7,\"VendorStatus\":\"end-of-life\"}" },
        { "debian 12", "tar", "CVE-2024-6",
          "{\"FixedVersion\":\"1.34-2\",\"VendorIDs\":[\"DSA-9-2\"]}" }, /* the no-dsa is stale */
        { "debian 12", "tar", "DSA-8-1", NULL },
        { "debian 12", "tar", "CVE-2024-20", "{\"FixedVersion\":\"1.34-0\",\"Severity\":1}" }, /* inherited */
        { "debian 13", "tar", "CVE-2024-20", "{\"Severity\":1,\"Status\":2,\"VendorStatus\":\"no-dsa\"}" },
        { "debian 10", "tar", "CVE-2024-20", "{\"Severity\":1,\"Status\":7,\"VendorStatus\":\"end-of-life\"}" },
        { "debian unstable", "tar", "CVE-2024-20", "{\"FixedVersion\":\"1.34-0\",\"Severity\":1}" },
        { "debian 12", "tar", "CVE-2024-21", "{\"Severity\":1,\"Status\":2,\"VendorStatus\":\"unimportant\"}" },
        { "debian 14", "tar", "CVE-2024-21", NULL },
        { "debian unstable", "tar", "CVE-2024-22", NULL },
        { "debian 12", "ghost", "CVE-2024-22", NULL }, /* not in that release */
        { "debian unstable", "ghost", "CVE-2024-22", "{\"Status\":2,\"VendorStatus\":\"removed\"}" },
    };
    FEED_EXPECT(&one, rows);
    assert_string_equal(feed_fact(&one, "CVE-2005-2541", "debian"), "{\"Description\":\"Tar 1.15.1 does not warn\"}");
    feed_end(&one);
}

static void debian__works_with_lists_alone(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "debian-dla", "d", STR("[1 Jan 2025] DLA-1-1 a - x\n\t{CVE-2025-1}\n\t[bullseye] - a 1.2-3\n"));
    feed_go(&one, &feed_debian);
    static const struct feed_want rows[] = {
        { "debian 11", "a", "CVE-2025-1", "{\"FixedVersion\":\"1.2-3\",\"VendorIDs\":[\"DLA-1-1\"]}" },
    };
    FEED_EXPECT(&one, rows);
    feed_end(&one);
}

static void debian__refuses_broken_json(void **state)
{
    static const char *const broken[] = { "",           "[",         "{\"a\"", "{\"a\":{\"CVE-2024-1\":{}",
                                          "{\"a\":{]}", "{\"a\" 1}", "{1:2}",  "null" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct feed_case one = { 0 };
        struct error error = { 0 };
        feed_add(&one, "debian-tracker", "t", str_of(broken[i]));
        if (feed_try(&one, &feed_debian, &error)) fail_msg("accepted: %s", broken[i]);
        assert_non_null(error.id);
        feed_end(&one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(debian__joins_tracker_and_lists),
                                        cmocka_unit_test(debian__works_with_lists_alone),
                                        cmocka_unit_test(debian__refuses_broken_json) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
