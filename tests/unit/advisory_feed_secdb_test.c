#include "advisory_feed.h"

extern const struct feed_reader feed_alpine, feed_wolfi;

static const char secdb[] =
    "{\"distroversion\":\"v3.20\",\"reponame\":\"main\",\"packages\":["
    "{\"pkg\":{\"name\":\"xen\",\"secfixes\":{\"4.12.1-r0\":[\"CVE-2019-17349 CVE-2019-17350 XSA-295\",\"XSA-300 OTHER-1\",\"CVE_2017-2616 (+ regression fix)\"],"
    "\"4.9.0-r0\":[\"CVE-2019-17349\"],\"0\":[\"CVE-2020-1\"]}}},"
    "{\"pkg\":{\"name\":\"busybox\",\"secfixes\":{\"1.9-r0\":[\"CVE-2022-1\"],\"1.10-r0\":[\"CVE-2022-1\"],\"2.0-r0\":[\"ALPINE-13661\"]}}},"
    "{\"pkg\":{\"name\":\"none\",\"secfixes\":null}}]}";

static void secdb__splits_lines_of_identifiers(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "alpine-secdb", "alpine/v3.20/main.json", str_of(secdb));
    feed_go(&one, &feed_alpine);
    static const struct feed_want rows[] = {
        { "alpine 3.20", "xen", "CVE-2019-17349", "{\"FixedVersion\":\"4.12.1-r0\",\"VendorIDs\":[\"XSA-295\"]}" },
        { "alpine 3.20", "xen", "CVE-2019-17350", "{\"FixedVersion\":\"4.12.1-r0\",\"VendorIDs\":[\"XSA-295\"]}" },
        { "alpine 3.20", "xen", "XSA-295", NULL },
        { "alpine 3.20", "xen", "XSA-300", "{\"FixedVersion\":\"4.12.1-r0\",\"VendorIDs\":[\"OTHER-1\"]}" },
        { "alpine 3.20", "xen", "CVE-2017-2616", "{\"FixedVersion\":\"4.12.1-r0\"}" },
        { "alpine 3.20", "xen", "CVE-2020-1", NULL },
        { "alpine 3.20", "busybox", "CVE-2022-1", "{\"FixedVersion\":\"1.10-r0\"}" }, /* the later fix */
        { "alpine 3.20", "busybox", "ALPINE-13661", "{\"FixedVersion\":\"2.0-r0\"}" },
    };
    FEED_EXPECT(&one, rows);
    feed_end(&one);
}

static void secdb__has_one_bucket_without_releases(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "wolfi-secdb", "wolfi/security.json",
             STR("{\"packages\":[{\"pkg\":{\"name\":\"a\",\"secfixes\":{\"1-r0\":[\"CVE-2024-1\",\"GHSA-1-2-3\"]}}}]}"));
    feed_go(&one, &feed_wolfi);
    static const struct feed_want rows[] = {
        { "wolfi", "a", "CVE-2024-1", "{\"FixedVersion\":\"1-r0\"}" },
        { "wolfi", "a", "GHSA-1-2-3", "{\"FixedVersion\":\"1-r0\"}" },
    };
    FEED_EXPECT(&one, rows);
    feed_end(&one);
}

static void secdb__counts_what_it_does_not_understand(void **state)
{
    struct feed_case one = { 0 };
    feed_add(&one, "alpine-secdb", "a/v1/main.json", STR("{\"packages\":[]}"));
    feed_add(&one, "alpine-secdb", "a/v1/community.json", STR("{"));
    feed_go(&one, &feed_alpine);
    assert_int_equal(one.run.skipped, 2);
    feed_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(secdb__splits_lines_of_identifiers),
                                        cmocka_unit_test(secdb__has_one_bucket_without_releases),
                                        cmocka_unit_test(secdb__counts_what_it_does_not_understand) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
