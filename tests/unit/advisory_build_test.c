/* Whole builds from small folders: confined children, joining, replacement, and what a broken feed costs. */
#include "advisory_site.h"
#include "scan/advisory/build.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool warned(const struct site *site, const char *text)
{
    for (size_t i = 0; i < site->summary.warnings.count; i++)
        if (str_contains(site->summary.warnings.items[i], text)) return true;
    return false;
}

/* "CVE-1<2 CVE-2" : identifiers and fixed versions of a package, in the database's order. */
static const char *records(struct site *site, const char *bucket, const char *package)
{
    struct error error = { 0 };
    struct advisory_store *store = advisory_store_open(site->output, &error);
    if (!store) fail_msg("%s: %s", error.id, error.message);
    advisory_vector found = { 0 };
    assert_true(advisory_store_get(store, site->arena, str_of(bucket), str_of(package), &found, &error));
    struct buffer text = { 0 };
    for (size_t i = 0; i < found.count; i++)
        buffer_printf(&text, "%s%.*s<%.*s", i ? " " : "", STR_ARG(found.items[i].id), STR_ARG(found.items[i].fixed_version));
    const char *result = arena_strdup(site->arena, buffer_cstr(&text));
    buffer_free(&text);
    advisory_store_close(store);
    return result;
}

static const char secdb[] =
    "{\"distroversion\":\"v3.20\",\"packages\":[{\"pkg\":{\"name\":\"busybox\",\"secfixes\":{\"1.36.1-r2\":[\"CVE-2023-42363\",\"CVE-2023-42364\"],\"1.35.0-r7\":[\"ALPINE-13661\"]}}}]}";
static const char tracker[] =
    "{\"tar\":{\"CVE-2005-2541\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1\"},\"urgency\":\"unimportant\"}}}}}";
static const char kev[] =
    "{\"vulnerabilities\":[{\"cveID\":\"CVE-2023-42363\",\"dateAdded\":\"2024-01-01\",\"dueDate\":\"2024-02-01\",\"knownRansomwareCampaignUse\":\"Known\"},{\"cveID\":\"CVE-1999-0001\",\"dateAdded\":\"2024-01-01\"}]}";

static void fill(struct site *site)
{
    site_put(site, "alpine/v3.20/main.json", str_of(secdb));
    site_put(site, "debian/tracker-data.json", str_of(tracker));
    site_put(site, "risk/known_exploited_vulnerabilities.json", str_of(kev));
    site_put(site, "risk/epss_scores-current.csv", STR("CVE-2005-2541,0.5,0.9\nCVE-1999-0001,0.1,0.1\n"));
    site_put(site, "unrelated/file.txt", STR("x"));
}

static void build__joins_feeds_into_one_database(void **state)
{
    struct site site;
    site_open(&site);
    fill(&site);
    site_build_or_fail(&site, false);
    assert_int_equal(site.summary.feeds, 4);
    assert_int_equal(site.summary.vulnerabilities, 2); /* nothing names CVE-1999-0001 */
    assert_string_equal(records(&site, "alpine 3.20", "busybox"),
                        "ALPINE-13661<1.35.0-r7 CVE-2023-42363<1.36.1-r2 CVE-2023-42364<1.36.1-r2");
    assert_string_equal(records(&site, "debian 12", "tar"), "CVE-2005-2541<");
    struct error error = { 0 };
    struct advisory_store *store = advisory_store_open(site.output, &error);
    const struct vulnerability *known = advisory_store_vulnerability(store, site.arena, STR("CVE-2023-42363"), &error);
    assert_true(known && known->kev && known->kev_ransomware && str_is(known->kev_added, "2024-01-01"));
    known = advisory_store_vulnerability(store, site.arena, STR("CVE-2005-2541"), &error);
    assert_true(known && known->epss == 0.5 && known->epss_percentile == 0.9);
    struct data_source source;
    assert_true(advisory_store_source(store, site.arena, STR("debian 12"), &source, &error));
    assert_true(str_is(source.id, "debian") && str_is(source.name, "Debian Security Tracker"));
    advisory_source_vector sources = { 0 };
    assert_true(advisory_store_sources(store, site.arena, &sources, &error));
    assert_int_equal(sources.count, 4);
    advisory_store_close(store);
    site_close(&site);
}

static void build__gives_equal_bytes_for_equal_inputs(void **state)
{
    struct site site;
    struct error error;
    struct str first, second;
    site_open(&site);
    fill(&site);
    site_build_or_fail(&site, false);
    assert_true(file_read(site.arena, site.output, 1 << 24, &first, &error));
    site_build_or_fail(&site, false);
    assert_true(file_read(site.arena, site.output, 1 << 24, &second, &error));
    assert_true(str_equal(first, second));
    site_close(&site);
}

static void build__keeps_what_it_had_of_a_broken_feed(void **state)
{
    struct site site;
    site_open(&site);
    fill(&site);
    site_build_or_fail(&site, false);
    site_put(&site, "debian/tracker-data.json", STR("{\"tar\":{\"CVE-2005-2541\":"));
    site_put(&site, "risk/known_exploited_vulnerabilities.json", STR("{\"vulnerabilities\":["));
    site_put(
        &site, "alpine/v3.20/main.json",
        STR("{\"distroversion\":\"v3.20\",\"packages\":[{\"pkg\":{\"name\":\"busybox\",\"secfixes\":{\"1.37-r0\":[\"CVE-2023-42363\",\"CVE-2024-1000\"]}}}]}"));
    site_build_or_fail(&site, false);
    assert_true(warned(&site, "debian-tracker could not be read"));
    assert_true(warned(&site, "kev: the records of the previous database are kept"));
    assert_string_equal(records(&site, "debian 12", "tar"), "CVE-2005-2541<");
    assert_string_equal(records(&site, "alpine 3.20", "busybox"), "CVE-2023-42363<1.37-r0 CVE-2024-1000<1.37-r0");
    struct error error = { 0 };
    struct advisory_store *store = advisory_store_open(site.output, &error);
    const struct vulnerability *known = advisory_store_vulnerability(store, site.arena, STR("CVE-2023-42363"), &error);
    assert_true(known && known->kev && str_is(known->kev_due, "2024-02-01"));
    advisory_store_close(store);
    site_close(&site);
}

/* What the database knows of a vulnerability, as it stands there. */
static const char *detail(struct site *site, const char *id)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    const char *text = "nothing";
    assert_int_equal(sqlite3_open_v2(site->output, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT d.body FROM vulnerability v JOIN detail d ON d.id=v.detail WHERE v.id=?1", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW)
        text = arena_strdup(site->arena, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return text;
}

static const char nvd[] =
    "{\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-2005-2541\",\"published\":\"2005-08-10T04:00:00.000\",\"lastModified\":\"2024-01-02T00:00:00.000\","
    "\"descriptions\":[{\"lang\":\"en\",\"value\":\"Tar does not warn.\"}],\"weaknesses\":[{\"description\":[{\"value\":\"CWE-275\"}]}],"
    "\"references\":[{\"url\":\"https://example.com/tar\"}],\"metrics\":{\"cvssMetricV31\":[{\"source\":\"nvd@nist.gov\",\"cvssData\":{"
    "\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\",\"baseScore\":9.8,\"baseSeverity\":\"CRITICAL\"}}]}}},"
    "{\"cve\":{\"id\":\"CVE-2023-42363\",\"published\":\"2023-11-27T00:00:00.000\",\"lastModified\":\"2023-12-01T00:00:00.000\","
    "\"descriptions\":[{\"lang\":\"en\",\"value\":\"No score yet.\"}]}}]}";

static void build__keeps_all_that_it_knew_from_a_broken_feed(void **state)
{
    static const char *const ids[] = { "CVE-2005-2541", "CVE-2023-42363" };
    struct site site;
    const char *before[2];
    site_open(&site);
    fill(&site);
    site_put(&site, "risk/nvdcve-2.0-2005.json", str_of(nvd));
    site_build_or_fail(&site, false);
    for (size_t i = 0; i < 2; i++)
        before[i] = detail(&site, ids[i]);
    assert_true(strstr(before[0], "CWE-275") && strstr(before[0], "2024-01-02") && strstr(before[1], "No score yet"));
    site_put(&site, "risk/nvdcve-2.0-2005.json", STR("{\"vulnerabilities\":["));
    site_build_or_fail(&site, false);
    assert_true(warned(&site, "nvd: the records of the previous database are kept"));
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(detail(&site, ids[i]), before[i]);
    site_close(&site);
}

/* Only the kept records name this vulnerability; the feed that tells of it is in order. */
static void build__asks_other_feeds_about_kept_records(void **state)
{
    struct site site;
    site_open(&site);
    fill(&site);
    site_put(&site, "risk/nvdcve-2.0-2005.json", str_of(nvd));
    site_build_or_fail(&site, false);
    const char *before = detail(&site, "CVE-2005-2541");
    site_put(&site, "debian/tracker-data.json", STR("{\"tar\":{\"CVE-2005-2541\":"));
    site_build_or_fail(&site, false);
    assert_string_equal(records(&site, "debian 12", "tar"), "CVE-2005-2541<");
    assert_string_equal(detail(&site, "CVE-2005-2541"), before);
    site_close(&site);
}

static void build__takes_a_later_rows_state_with_its_word(void **state)
{
    static const struct {
        const char *first, *second, *word; /* status and word of two rows about one vulnerability */
        enum status status;
    } rows[] = {
        { "affected\t-", "will_not_fix\tignored", "ignored", STATUS_WILL_NOT_FIX },
        { "affected\tno-dsa", "will_not_fix\tignored", "ignored", STATUS_WILL_NOT_FIX },
        { "affected\t-", "affected\tno-dsa", "no-dsa", STATUS_AFFECTED },
        { "affected\tno-dsa", "will_not_fix\t-", "", STATUS_WILL_NOT_FIX },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct site site;
        struct error error = { 0 };
        advisory_vector found = { 0 };
        site_open(&site);
        site_put(
            &site, "starter/starter.tsv",
            arena_strf(site.arena,
                       "record\tdebian 12\ttar\tCVE-2024-1\t-\t%s\t-\t-\nrecord\tdebian 12\ttar\tCVE-2024-1\t-\t%s\t-\t-\n",
                       rows[i].first, rows[i].second));
        site_build_or_fail(&site, false);
        struct advisory_store *store = advisory_store_open(site.output, &error);
        assert_true(advisory_store_get(store, site.arena, STR("debian 12"), STR("tar"), &found, &error));
        assert_int_equal(found.count, 1);
        if (found.items[0].status != rows[i].status || !str_is(found.items[0].vendor_status, rows[i].word))
            fail_msg("%zu: %d %.*s", i, found.items[0].status, STR_ARG(found.items[0].vendor_status));
        advisory_store_close(store);
        site_close(&site);
    }
}

/* One more than a record may have, each from a row of its own. */
static void build__counts_what_goes_beyond_a_record(void **state)
{
    struct site site;
    CLEANUP_BUFFER struct buffer definitions = { 0 }, tests = { 0 };
    site_open(&site);
    for (int i = 0; i < 4001; i++) {
        buffer_printf(
            &definitions,
            "<definition class=\"patch\" id=\"d%d\"><metadata><title>RHSA-2023:1</title><reference ref_id=\"RHSA-2023:1\" source=\"RHSA\"/>"
            "<advisory><cve>CVE-2023-1000</cve><affected_cpe_list><cpe>cpe:/o:a</cpe></affected_cpe_list></advisory></metadata>"
            "<criteria><criterion test_ref=\"t%d\" comment=\"\"/></criteria></definition>",
            i, i);
        buffer_printf(&tests,
                      "<rpminfo_test id=\"t%d\"><object object_ref=\"o\"/><state state_ref=\"s%d\"/></rpminfo_test>"
                      "<rpminfo_state id=\"s%d\"><evr operation=\"less than\">0:%d-1</evr></rpminfo_state>",
                      i, i, i, i + 1);
    }
    site_put(
        &site, "redhat/rhel-8.oval.xml",
        arena_strf(
            site.arena,
            "<oval_definitions><definitions>%s</definitions><tests>%s<rpminfo_object id=\"o\"><name>bash</name></rpminfo_object></tests></oval_definitions>",
            buffer_cstr(&definitions), buffer_cstr(&tests)));
    site_build_or_fail(&site, false);
    assert_true(warned(&site, "1 entries of records that have more than 4000 were left out, the first of RHSA-2023:1"));
    struct error error = { 0 };
    advisory_vector found = { 0 };
    struct advisory_store *store = advisory_store_open(site.output, &error);
    assert_true(advisory_store_get(store, site.arena, STR("Red Hat"), STR("bash"), &found, &error));
    assert_int_equal(found.count, 1);
    assert_int_equal(yyjson_arr_size(found.items[0].entries), 4000);
    advisory_store_close(store);
    site_close(&site);
}

static void build__refuses_a_feed_that_lost_half(void **state)
{
    struct site site;
    site_open(&site);
    fill(&site);
    site_build_or_fail(&site, false);
    site_put(
        &site, "alpine/v3.20/main.json",
        STR("{\"distroversion\":\"v3.20\",\"packages\":[{\"pkg\":{\"name\":\"busybox\",\"secfixes\":{\"1.37-r0\":[\"CVE-2024-1000\"]}}}]}"));
    site_build_or_fail(&site, false);
    assert_true(warned(&site, "alpine-secdb is refused: it has 1 records, the previous database 3"));
    assert_string_equal(records(&site, "alpine 3.20", "busybox"),
                        "ALPINE-13661<1.35.0-r7 CVE-2023-42363<1.36.1-r2 CVE-2023-42364<1.36.1-r2");
    site_build_or_fail(&site, true);
    assert_string_equal(records(&site, "alpine 3.20", "busybox"), "CVE-2024-1000<1.37-r0");
    site_close(&site);
}

static void build__keeps_red_hats_product_numbers_right(void **state)
{
    static const char oval[] =
        "<oval_definitions><definitions><definition class=\"patch\" id=\"a\"><metadata><title>RHSA-2023:1</title><reference ref_id=\"RHSA-2023:1\" source=\"RHSA\"/>"
        "<advisory><cve impact=\"low\">CVE-2023-1000</cve><affected_cpe_list><cpe>cpe:/o:b</cpe><cpe>cpe:/o:c</cpe></affected_cpe_list></advisory></metadata>"
        "<criteria><criterion test_ref=\"t\" comment=\"bash is earlier than 0:5-1\"/></criteria></definition></definitions>"
        "<tests><rpminfo_test id=\"t\"><object object_ref=\"o\"/><state state_ref=\"s\"/></rpminfo_test></tests><objects><rpminfo_object id=\"o\"><name>bash</name></rpminfo_object></objects>"
        "<states><rpminfo_state id=\"s\"><evr operation=\"less than\">0:5-1</evr></rpminfo_state></states></oval_definitions>";
    struct site site;
    site_open(&site);
    site_put(&site, "redhat/rhel-8.oval.xml", str_of(oval));
    site_put(&site, "redhat/repository-to-cpe.json", STR("{\"data\":{\"repo\":{\"cpes\":[\"cpe:/o:c\"]}}}"));
    site_build_or_fail(&site, false);
    /* The second time the OVAL is broken and a new product comes before the old ones. */
    site_put(&site, "redhat/rhel-8.oval.xml", STR("<oval_definitions>"));
    site_put(&site, "redhat/repository-to-cpe.json",
             STR("{\"data\":{\"repo\":{\"cpes\":[\"cpe:/o:c\"]},\"other\":{\"cpes\":[\"cpe:/o:a\"]}}}"));
    site_build_or_fail(&site, false);
    assert_true(warned(&site, "redhat-oval: the records of the previous database are kept"));
    struct error error = { 0 };
    struct advisory_store *store = advisory_store_open(site.output, &error);
    number_vector numbers = { 0 };
    advisory_vector found = { 0 };
    assert_true(advisory_store_cpes(store, site.arena, "repository", STR("repo"), &numbers, &error));
    assert_true(advisory_store_get(store, site.arena, STR("Red Hat"), STR("bash"), &found, &error));
    assert_int_equal(numbers.count, 1);
    assert_int_equal(found.count, 1);
    yyjson_val *affected = json_get(yyjson_arr_get_first(found.items[0].entries), "Affected");
    assert_int_equal(yyjson_arr_size(affected), 2);
    assert_int_equal(yyjson_get_sint(yyjson_arr_get(affected, 1)), numbers.items[0]);
    advisory_store_close(store);
    site_close(&site);
}

static void build__takes_vex_for_what_oval_once_said(void **state)
{
#define UNPATCHED(cve)                                                                                                              \
    "<definition class=\"vulnerability\" id=\"" cve "\"><metadata><title>" cve "</title><advisory><cve>" cve "</cve>"               \
    "<affected_cpe_list><cpe>cpe:/o:redhat:enterprise_linux:8</cpe></affected_cpe_list>"                                            \
    "<affected><resolution state=\"Affected\"/></affected></advisory></metadata><criteria><criterion test_ref=\"t\" comment=\"\"/>" \
    "</criteria></definition>"
    static const char oval[] = "<oval_definitions><definitions>" UNPATCHED("CVE-2023-1000") UNPATCHED(
        "CVE-2023-2000") "</definitions><tests>"
                         "<rpminfo_test id=\"t\"><object object_ref=\"o\"/></rpminfo_test></tests><objects><rpminfo_object id=\"o\"><name>bash</name>"
                         "</rpminfo_object></objects></oval_definitions>";
    static const char vex[] =
        "{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-2023-1000\"}},\"product_tree\":{\"branches\":["
        "{\"product\":{\"product_id\":\"r8\",\"product_identification_helper\":{\"cpe\":\"cpe:/o:redhat:enterprise_linux:8\"}}}],"
        "\"relationships\":[{\"full_product_name\":{\"product_id\":\"r8:zsh\"},\"product_reference\":\"zsh\",\"relates_to_product_reference\":\"r8\"}]},"
        "\"vulnerabilities\":[{\"cve\":\"CVE-2023-1000\",\"product_status\":{\"known_affected\":[\"r8:zsh\"]}}]}";
    struct site site;
    site_open(&site);
    site_put(&site, "redhat/rhel-8.oval.xml", str_of(oval));
    site_put(&site, "redhat/vex/2023/cve-2023-1000.json", str_of(vex));
    site_build_or_fail(&site, false);
    assert_string_equal(records(&site, "Red Hat", "bash"), "CVE-2023-2000<"); /* VEX is silent about this one alone */
    assert_string_equal(records(&site, "Red Hat", "zsh"), "CVE-2023-1000<");
    /* A document that cannot be read leaves the previous one's word standing. */
    site_put(&site, "redhat/vex/2023/cve-2023-1000.json", STR("{"));
    site_build_or_fail(&site, false);
    assert_string_equal(records(&site, "Red Hat", "bash"), "CVE-2023-2000<");
    assert_string_equal(records(&site, "Red Hat", "zsh"), "CVE-2023-1000<");
    site_close(&site);
}

static void build__fails_without_any_feed(void **state)
{
    struct site site;
    struct error error = { 0 };
    site_open(&site);
    assert_false(site_build(&site, false, &error));
    assert_string_equal(error.id, "feeds-unreadable");
    site_put(&site, "unrelated.txt", STR("x"));
    assert_false(site_build(&site, false, &error));
    assert_string_equal(error.id, "feeds-none");
    site_put(&site, "alpine/v3.20/main.json", STR("x"));
    site_put(&site, "debian/tracker-data.json", STR("x"));
    assert_true(site_build(&site, false, &error)); /* secdb: one document that was not understood */
    assert_true(warned(&site, "debian-tracker could not be read"));
    site_close(&site);
}

/* Killed at many moments, the old database is there and whole, and the next build works. */
static void build__survives_being_killed(void **state)
{
    struct site site;
    struct error error;
    struct str before, after;
    site_open(&site);
    fill(&site);
    site_build_or_fail(&site, false);
    assert_true(file_read(site.arena, site.output, 1 << 24, &before, &error));
    for (unsigned delay = 0; delay < 30000; delay += 1500) {
        pid_t child = fork();
        if (child == 0) {
            site_build(&site, false, &error);
            _exit(0);
        }
        usleep(delay);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_true(file_read(site.arena, site.output, 1 << 24, &after, &error));
        assert_true(str_equal(before, after));
    }
    for (int tries = 0; !site_build(&site, false, &error) && tries < 50; tries++)
        usleep(20000); /* children of the last one end when they see that it is gone */
    assert_string_equal(records(&site, "debian 12", "tar"), "CVE-2005-2541<");
    assert_false(file_exists(arena_printf(site.arena, "%s.part", site.output)));
    site_close(&site);
}

static void build__ranks_every_source_of_facts(void **state)
{
    for (size_t i = 0; i < feed_count(); i++) {
        struct str names = str_of(feed_table[i].reader->facts ? feed_table[i].reader->facts : "");
        for (struct str name; (name = str_word(&names)).size;)
            assert_true(str_is(name, fact_source_name(fact_source_rank(name))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build__joins_feeds_into_one_database),
        cmocka_unit_test(build__gives_equal_bytes_for_equal_inputs),
        cmocka_unit_test(build__keeps_what_it_had_of_a_broken_feed),
        cmocka_unit_test(build__keeps_all_that_it_knew_from_a_broken_feed),
        cmocka_unit_test(build__asks_other_feeds_about_kept_records),
        cmocka_unit_test(build__takes_a_later_rows_state_with_its_word),
        cmocka_unit_test(build__counts_what_goes_beyond_a_record),
        cmocka_unit_test(build__refuses_a_feed_that_lost_half),
        cmocka_unit_test(build__keeps_red_hats_product_numbers_right),
        cmocka_unit_test(build__takes_vex_for_what_oval_once_said),
        cmocka_unit_test(build__ranks_every_source_of_facts),
        cmocka_unit_test(build__fails_without_any_feed),
        cmocka_unit_test(build__survives_being_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
