#include "advisory_feed.h"

extern const struct feed_reader feed_distro_info, feed_endoflife, feed_epss, feed_kev, feed_nvd;

static void kev__notes_dates_and_ransomware(void **state)
{
    struct feed_case one = { 0 };
    feed_add(
        &one, "kev", "k",
        STR("{\"title\":\"x\",\"dateReleased\":\"2025-08-25T17:04:19Z\",\"count\":1,\"vulnerabilities\":["
            "{\"cveID\":\"CVE-2021-44228\",\"dateAdded\":\"2021-12-10\",\"dueDate\":\"2021-12-24\",\"knownRansomwareCampaignUse\":\"Known\"},"
            "{\"cveID\":\"CVE-2024-1000\",\"dateAdded\":\"2024-01-01\",\"dueDate\":\"2024-01-02\",\"knownRansomwareCampaignUse\":\"Unknown\"},{}]}"));
    feed_go(&one, &feed_kev);
    assert_string_equal(feed_fact(&one, "CVE-2021-44228", "kev"),
                        "{\"DateAdded\":\"2021-12-10\",\"DueDate\":\"2021-12-24\",\"Ransomware\":true}");
    assert_string_equal(feed_fact(&one, "CVE-2024-1000", "kev"), "{\"DateAdded\":\"2024-01-01\",\"DueDate\":\"2024-01-02\"}");
    assert_true(str_is(one.run.as_of, "2025-08-25T17:04:19Z"));
    assert_int_equal(one.run.skipped, 1);
    feed_end(&one);
}

static void epss__reads_all_three_forms(void **state)
{
    static const struct {
        const char *text, *fact;
    } rows[] = {
        { "#model_version:v1,score_date:2026-08-16T00:00:00+0000\ncve,epss,percentile\nCVE-2024-3094,0.85974,0.99712\n",
          "{\"Score\":0.85974,\"Percentile\":0.99712}" },
        { "cve,epss,percentile\r\nCVE-2024-3094,0.5,0.25\r\n", "{\"Score\":0.5,\"Percentile\":0.25}" },
        { "cve,epss\nCVE-2024-3094,1", "{\"Score\":1,\"Percentile\":-1}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_case one = { 0 };
        feed_add(&one, "epss", "e", str_of(rows[i].text));
        feed_go(&one, &feed_epss);
        assert_string_equal(feed_fact(&one, "CVE-2024-3094", "epss"), rows[i].fact);
        feed_end(&one);
    }
    struct feed_case bad = { 0 };
    feed_add(&bad, "epss", "e", STR("CVE-2024-3094,2,0\nCVE-2024-3094,x,0\nnonsense\n"));
    feed_go(&bad, &feed_epss);
    assert_int_equal(bad.run.skipped, 3);
    assert_null(feed_fact(&bad, "CVE-2024-3094", "epss"));
    feed_end(&bad);
}

static void nvd__keeps_every_givers_score(void **state)
{
    struct feed_case one = { 0 };
    feed_add(
        &one, "nvd", "n",
        STR("{\"timestamp\":\"2024-02-16T15:42:43.000\",\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-2024-1000\",\"published\":\"2024-01-02T03:04:05.000\","
            "\"vulnStatus\":\"Analyzed\",\"descriptions\":[{\"lang\":\"es\",\"value\":\"x\"},{\"lang\":\"en\",\"value\":\"text\"}],"
            "\"weaknesses\":[{\"description\":[{\"value\":\"CWE-79\"},{\"value\":\"NVD-CWE-Other\"}]}],\"references\":[{\"url\":\"https://a.example/\"}],"
            "\"metrics\":{\"cvssMetricV31\":[{\"source\":\"cna@example.org\",\"type\":\"Secondary\",\"cvssData\":{\"vectorString\":\"CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L\",\"baseScore\":4.0,\"baseSeverity\":\"MEDIUM\"}},"
            "{\"source\":\"nvd@nist.gov\",\"type\":\"Primary\",\"cvssData\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\",\"baseScore\":9.8,\"baseSeverity\":\"CRITICAL\"}}],"
            "\"cvssMetricV2\":[{\"source\":\"nvd@nist.gov\",\"baseSeverity\":\"HIGH\",\"cvssData\":{\"vectorString\":\"AV:N/AC:L/Au:N/C:P/I:P/A:P\",\"baseScore\":7.5}}]}}},"
            "{\"cve\":{\"id\":\"CVE-2024-1001\",\"vulnStatus\":\"Rejected\",\"descriptions\":[]}}]}"));
    feed_go(&one, &feed_nvd);
    assert_string_equal(feed_fact(&one, "CVE-2024-1000", "nvd"),
                        "{\"Description\":\"text\",\"Severity\":4,\"V2Vector\":\"AV:N/AC:L/Au:N/C:P/I:P/A:P\",\"V2Score\":7.5,"
                        "\"V3Vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\",\"V3Score\":9.8,\"CweIDs\":[\"CWE-79\"],"
                        "\"References\":[\"https://a.example/\"],\"PublishedDate\":\"2024-01-02T03:04:05Z\"}");
    assert_string_equal(feed_fact(&one, "CVE-2024-1000", "cna"),
                        "{\"Severity\":2,\"V3Vector\":\"CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L\",\"V3Score\":4}");
    assert_null(feed_fact(&one, "CVE-2024-1001", "nvd"));
    feed_end(&one);
}

static void end_of_life__is_read_from_both_sources(void **state)
{
    struct feed_case info = { 0 }, api = { 0 };
    feed_add(
        &info, "distro-info", "eol/distro-info/ubuntu.csv",
        STR("version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy\n16.04 LTS,Xenial Xerus,xenial,2015-10-22,2016-04-21,2021-04-30,2021-04-30,2026-04-23,2028-04-25\n"));
    feed_go(&info, &feed_distro_info);
    assert_true(str_contains(buffer_view(&info.run.out), "\"release\":\"16.04\",\"date\":\"2021-04-30\""));
    assert_true(str_contains(buffer_view(&info.run.out), "\"release\":\"16.04-ESM\",\"date\":\"2026-04-23\""));
    feed_end(&info);
    feed_add(
        &api, "endoflife", "eol/full",
        STR("{\"result\":[{\"name\":\"debian\",\"releases\":[{\"name\":\"12\",\"eolFrom\":\"2026-07-11\",\"eoesFrom\":\"2028-06-30\"}]}]}"));
    feed_go(&api, &feed_endoflife);
    assert_true(str_contains(buffer_view(&api.run.out), "\"family\":\"debian\",\"release\":\"12\",\"date\":\"2028-06-30\""));
    feed_end(&api);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kev__notes_dates_and_ransomware),
                                        cmocka_unit_test(epss__reads_all_three_forms),
                                        cmocka_unit_test(nvd__keeps_every_givers_score),
                                        cmocka_unit_test(end_of_life__is_read_from_both_sources) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
