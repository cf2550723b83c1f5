/* From packages to findings, over a database built from small feeds. */
#include "advisory_site.h"

#include <sqlite3.h>
#include <stdio.h>

struct match_case {
    struct site site;
    struct inventory inventory;
    struct application application;
    struct report report;
    finding_vector findings;
    const str_vector *severity_sources;
    struct advisory_store *store; /* the findings' texts are its own */
    const char *sql;              /* for what no feed brings: run on the database before it is read */
};

static void match_open(struct match_case *one, const char *family, const char *release)
{
    *one = (struct match_case){ 0 };
    site_open(&one->site);
    one->inventory.os = (struct os){ .family = str_of(family), .name = str_of(release) };
    one->application = (struct application){ .type = str_of(family), .os_packages = true };
}

static struct package *match_add_package(struct match_case *one, const char *name, const char *version, const char *release)
{
    struct package *package = arena_alloc(one->site.arena, sizeof *package);
    *vector_push(one->site.arena, &one->application.packages) = package;
    *package = (struct package){ .name = str_of(name), .version = str_of(version), .release = str_of(release) };
    package->id = arena_strf(one->site.arena, "%s@%s", name, version);
    package->arch = STR("x86_64");
    return package;
}

static void match_go(struct match_case *one)
{
    struct error error = { 0 };
    struct match_options options = { .now = 1000 * SECOND, .severity_sources = one->severity_sources };
    site_build_or_fail(&one->site, false);
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(one->site.output, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, one->sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    *vector_push(one->site.arena, &one->inventory.applications) = one->application;
    one->store = advisory_store_open(one->site.output, &error);
    if (!one->store || !advisory_match(one->store, one->site.arena, &one->inventory, &one->application, &options,
                                       &one->findings, &one->report, &error))
        fail_msg("%s: %s", error.id, error.message);
}

static void match_close(struct match_case *one)
{
    advisory_store_close(one->store);
    site_close(&one->site);
}

static const struct finding *match_find(const struct match_case *one, const char *package, const char *id)
{
    for (size_t i = 0; i < one->findings.count; i++)
        if (str_is(one->findings.items[i].package->name, package) && str_is(one->findings.items[i].id, id))
            return &one->findings.items[i];
    return NULL;
}

/* clang-format off */
#define ALMA(cve, summary) \
    "{\"id\":\"ALSA-2024:1\",\"summary\":\"" summary "\",\"details\":\"d\",\"related\":[\"" cve "\"],\"affected\":[{\"package\":" \
    "{\"ecosystem\":\"AlmaLinux:9\",\"name\":\"perl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}," \
    "{\"fixed\":\"6-1\"}]}]}]}"
#define TRACKER(urgency) \
    "{\"releases\":{\"bookworm\":{\"status\":\"open\",\"repositories\":{\"bookworm\":\"1\"},\"urgency\":\"" urgency "\"}}}"
/* clang-format on */

static void fill_severities(struct match_case *one)
{
    site_put(&one->site, "debian/tracker-data.json",
             STR("{\"perl\":{\"CVE-2024-1000\":" TRACKER("not yet assigned") ",\"CVE-2024-2000\":" TRACKER(
                 "low") ",\"CVE-2024-3000\":" TRACKER("not yet assigned") "}}"));
    site_put(&one->site, "alma/all.zip", STR(ALMA("CVE-2024-1000", "Moderate: perl security update")));
    site_put(
        &one->site, "redhat/cve/2024/CVE-2024-2000.json",
        STR("{\"name\":\"CVE-2024-2000\",\"threat_severity\":\"Critical\",\"bugzilla\":{\"description\":\"perl: overflow\"}}"));
}

static void severity__of_another_source_is_better_than_none(void **state)
{
    struct match_case one;
    match_open(&one, "debian", "12.5");
    fill_severities(&one);
    match_add_package(&one, "perl", "5.36.0", "7");
    match_go(&one);
    const struct finding *other = match_find(&one, "perl", "CVE-2024-1000"), *own = match_find(&one, "perl", "CVE-2024-2000"),
                         *none = match_find(&one, "perl", "CVE-2024-3000");
    assert_true(other && other->severity == SEVERITY_MEDIUM && str_is(other->severity_source, "alma"));
    assert_true(own && own->severity == SEVERITY_LOW && str_is(own->severity_source, "debian"));
    assert_true(none && none->severity == SEVERITY_UNKNOWN && str_empty(none->severity_source));
    assert_true(str_is(own->vulnerability->title, "perl: overflow"));
    assert_true(str_empty(other->vulnerability->title)); /* it speaks of AlmaLinux's update */
    assert_true(str_is(other->vulnerability->description, "d"));
    match_close(&one);
}

/* "auto" in a list is what no list is; without it only what was asked for counts. */
static void severity__is_taken_from_the_sources_that_are_wanted(void **state)
{
    static const struct {
        const char *wanted;
        enum severity severity;
    } rows[] = {
        { "", SEVERITY_MEDIUM },         { "auto", SEVERITY_MEDIUM },
        { "nvd auto", SEVERITY_MEDIUM }, { "redhat nvd", SEVERITY_UNKNOWN },
        { "nvd alma", SEVERITY_MEDIUM }, { "auto nvd", SEVERITY_MEDIUM },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct match_case one;
        str_vector wanted = { 0 };
        match_open(&one, "debian", "12.5");
        fill_severities(&one);
        for (struct str rest = str_of(rows[i].wanted), word; (word = str_word(&rest)).size;)
            *vector_push(one.site.arena, &wanted) = word;
        one.severity_sources = &wanted;
        match_add_package(&one, "perl", "5.36.0", "7");
        match_go(&one);
        const struct finding *found = match_find(&one, "perl", "CVE-2024-1000");
        if (!found || found->severity != rows[i].severity)
            fail_msg("\"%s\": %s", rows[i].wanted, found ? severity_word(found->severity) : "not found");
        match_close(&one);
    }
}

static void title__of_an_advisory_stands_with_its_own_findings(void **state)
{
    struct match_case one;
    match_open(&one, "alma", "9.4");
    fill_severities(&one);
    match_add_package(&one, "perl", "5.36.0", "7");
    match_go(&one);
    const struct finding *found = match_find(&one, "perl", "CVE-2024-1000");
    assert_true(found && str_is(found->vulnerability->title, "Moderate: perl security update"));
    match_close(&one);
}

/* Of RHEL 9 alone. */
static const char vex[] =
    "{\"document\":{\"category\":\"csaf_vex\",\"tracking\":{\"id\":\"CVE-2023-1000\"}},\"product_tree\":{\"branches\":["
    "{\"product\":{\"product_id\":\"r9\",\"product_identification_helper\":{\"cpe\":\"cpe:/o:redhat:enterprise_linux:9\"}}}],"
    "\"relationships\":[{\"full_product_name\":{\"product_id\":\"r9:gnutls\"},\"product_reference\":\"gnutls\",\"relates_to_product_reference\":\"r9\"}]},"
    "\"vulnerabilities\":[{\"cve\":\"CVE-2023-1000\",\"product_status\":{\"known_affected\":[\"r9:gnutls\"]}}]}";

static void redhat__judges_what_is_built_from_a_source(void **state)
{
    struct match_case one;
    match_open(&one, "redhat", "9.4");
    site_put(&one.site, "redhat/vex/2023/cve-2023-1000.json", str_of(vex));
    site_put(&one.site, "redhat/repository-to-cpe.json", STR("{\"data\":{}}"));
    match_add_package(&one, "gnutls-utils", "3.7", "1.el9")->src_name = STR("gnutls");
    match_add_package(&one, "gnutls", "3.7", "1.el9")->src_name = STR("gnutls");
    match_add_package(&one, "nettle", "3.7", "1.el9")->src_name = STR("nettle");
    match_go(&one);
    assert_int_equal(one.findings.count, 2);
    assert_non_null(match_find(&one, "gnutls-utils", "CVE-2023-1000"));
    assert_non_null(match_find(&one, "gnutls", "CVE-2023-1000"));
    assert_int_equal(one.report.coverage.count, 0);
    match_close(&one);
}

static bool noted(const struct match_case *one, const char *kind, const char *text)
{
    for (size_t i = 0; i < one->report.coverage.count; i++)
        if (str_is(one->report.coverage.items[i].kind, kind) && str_contains(one->report.coverage.items[i].message, text))
            return true;
    return false;
}

static void redhat__says_when_all_records_are_of_other_releases(void **state)
{
    for (int release = 9; release <= 10; release++)
        for (int count = 9; count <= 10; count++) {
            struct match_case one;
            match_open(&one, "redhat", release == 9 ? "9.4" : "10.0");
            site_put(&one.site, "redhat/vex/2023/cve-2023-1000.json", str_of(vex));
            site_put(&one.site, "redhat/repository-to-cpe.json",
                     STR("{\"data\":{\"rhel-10-for-x86_64-baseos-rpms\":{\"cpes\":[\"cpe:/o:redhat:enterprise_linux:10\"]}}}"));
            for (int i = 0; i < count; i++)
                match_add_package(&one, arena_printf(one.site.arena, "gnutls-%d", i), "3.7", "1")->src_name = STR("gnutls");
            match_go(&one);
            assert_int_equal(one.findings.count, release == 9 ? count : 0);
            bool unknown = release == 10 && count == 10;
            assert_int_equal(noted(&one, "release-unknown", "none of them for redhat 10.0"), unknown);
            assert_int_equal(noted(&one, "release-unknown", "pratique db update --only redhat-vex"), unknown);
            match_close(&one);
        }
}

static void redhat__says_when_no_product_is_known(void **state)
{
    struct match_case one;
    match_open(&one, "redhat", "9.4");
    fill_severities(&one);
    site_put(&one.site, "redhat/repository-to-cpe.json", STR("{\"data\":{}}"));
    one.inventory.os.name = STR("11.0");
    match_add_package(&one, "gnutls", "3.7", "1.el11");
    match_go(&one);
    bool said = false;
    for (size_t i = 0; i < one.report.coverage.count; i++)
        said = said || str_is(one.report.coverage.items[i].kind, "products-unknown");
    assert_true(said);
    match_close(&one);
}

/* One package that root.io rebuilt makes it the judge of all of the distribution's packages, but not of third parties'. */
static void rootio__judges_no_third_parties(void **state)
{
    struct match_case one;
    match_open(&one, "debian", "12.5");
    site_put(&one.site, "debian/tracker-data.json", STR("{\"perl\":{\"CVE-2024-1000\":" TRACKER("low") "}}"));
    match_add_package(&one, "tar", "1.34", "1.root.io.1");
    match_add_package(&one, "perl", "5.36.0", "7")->repository_class = STR("third-party");
    match_add_package(&one, "gpg-pubkey", "fd431d51", "4ae0493b")->repository_class = STR("third-party"); /* no package */
    match_go(&one);
    assert_int_equal(one.findings.count, 0);
    assert_true(noted(&one, "third-party", "1 packages come from third parties"));
    match_close(&one);
}

/* An archive with one small file. */
static struct str tar_of(struct arena *arena, const char *name, const char *content)
{
    char *tar = arena_alloc(arena, 4 * 512);
    unsigned sum = 8 * ' ';
    memset(tar, 0, 4 * 512);
    snprintf(tar, 100, "%s", name);
    snprintf(tar + 124, 12, "%011zo", strlen(content));
    tar[156] = '0';
    memcpy(tar + 257, "ustar\00000", 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)tar[i];
    snprintf(tar + 148, 8, "%06o", sum);
    tar[155] = ' ';
    memcpy(tar + 512, content, strlen(content));
    return str_make(tar, 4 * 512);
}

static void rootio__judges_base_records_as_the_base_does(void **state)
{
    static const char osv[] =
        "{\"id\":\"UBUNTU-CVE-2024-1000\",\"related\":[\"CVE-2024-1000\"],\"affected\":[{\"package\":{\"ecosystem\":\"Ubuntu:16.04:LTS\",\"name\":\"vim\"},"
        "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"3.0\"}]}]}]}";
    static const char tracker[] = "Candidate: CVE-2024-2000\nxenial_openssl: ignored (end of standard support)\n"
                                  "esm-infra/xenial_openssl: released (1.0.2g-1ubuntu4.20+esm2)\n";
    static const struct {
        const char *feed, *package, *version;
        bool found;
    } rows[] = {
        { "osv", "vim", "2.0", true },
        { "osv", "vim", "3.0", false },
        { "tracker", "openssl", "1.0.2g-1ubuntu4.19", true },
        { "tracker", "openssl", "1.0.2g-1ubuntu4.20+esm2", false }, /* in PatchedVersions of a record without a fix */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct match_case one;
        match_open(&one, "ubuntu", "16.04");
        if (*rows[i].feed == 'o')
            site_put(&one.site, "ubuntu/osv/cve/2024/UBUNTU-CVE-2024-1000.json", str_of(osv));
        else
            site_put(&one.site, "ubuntu/ubuntu-cve-tracker.tar", tar_of(one.site.arena, "active/CVE-2024-2000", tracker));
        match_add_package(&one, "tar", "1.34", "1.root.io.1");
        match_add_package(&one, rows[i].package, rows[i].version, "");
        match_go(&one);
        if ((one.findings.count == 1) != rows[i].found)
            fail_msg("%s %s: %zu", rows[i].package, rows[i].version, one.findings.count);
        match_close(&one);
    }
}

static void seal__judges_its_own_though_they_are_third_parties(void **state)
{
    struct match_case one;
    match_open(&one, "debian", "12.5");
    site_put(&one.site, "debian/tracker-data.json", STR("{\"perl\":{\"CVE-2024-1000\":" TRACKER("low") "}}"));
    match_add_package(&one, "seal-perl", "5.36.0", "7")->repository_class = STR("third-party");
    match_go(&one);
    assert_false(noted(&one, "third-party", ""));
    match_close(&one);
}

/* Of two ranges that hold the version, the later fix has both: 1.10 is later than 1.9, though its text is smaller. */
static void seal__names_the_later_fix_of_two_ranges(void **state)
{
    static const struct {
        const char *fixes, *wanted;
    } rows[] = { { "\"1.9\",\"1.10\"", "1.10" }, { "\"1.10\",\"1.9\"", "1.10" }, { "\"1.9\"", "1.9" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct match_case one;
        match_open(&one, "debian", "12.5");
        site_put(&one.site, "debian/tracker-data.json", STR("{\"perl\":{\"CVE-2024-1000\":" TRACKER("low") "}}"));
        one.sql = arena_printf(
            one.site.arena,
            "INSERT INTO bucket VALUES(900,'seal debian','seal','Seal','','debian');"
            "INSERT INTO record VALUES(900,'{\"CVE-2024-2000\":{\"VulnerableVersions\":[\"<2\",\"<3\"],\"PatchedVersions\":[%s]}}');"
            "INSERT INTO entry VALUES(900,'seal-perl',900);",
            rows[i].fixes);
        match_add_package(&one, "seal-perl", "1.0", "");
        match_go(&one);
        assert_int_equal(one.findings.count, 1);
        if (!str_is(one.findings.items[0].fixed_version, rows[i].wanted))
            fail_msg("%s: %.*s", rows[i].fixes, STR_ARG(one.findings.items[0].fixed_version));
        match_close(&one);
    }
}

static void support__that_is_less_than_the_releases_is_noted(void **state)
{
    struct match_case one;
    match_open(&one, "debian", "12.5");
    fill_severities(&one);
    site_put(
        &one.site, "eol/debian-security-support/security-support.deb12",
        STR("# comment\n\nbinutils  limited  Only for trusted content\ngolang.*  limited  static linking\n"
            "ckeditor3 non-supported 3.6-7\t1969-04-04\tno updates\nlater non-supported 1-1 2099-01-01 x\ngolang-2 supported\nundated non-supported 1-1 soon x\nodd something y\n"));
    site_put(&one.site, "eol/debian-security-support/security-support.deb11", STR("perl limited not this release\n"));
    match_add_package(&one, "perl", "5", "1");
    match_add_package(&one, "ld", "2", "1")->src_name = STR("binutils");
    match_add_package(&one, "as", "2", "1")->src_name = STR("binutils");
    match_add_package(&one, "golang-1.21", "2", "1");
    match_add_package(&one, "golang-2", "2", "1");
    match_add_package(&one, "ckeditor3", "2", "1");
    match_add_package(&one, "later", "2", "1");
    match_go(&one);
    assert_true(noted(&one, "support-limited", "debian's security support of binutils is limited: Only for trusted content"));
    assert_true(noted(&one, "support-limited", "golang-1.21 is limited"));
    assert_true(noted(&one, "support-ended", "ckeditor3 ended on 1969-04-04"));
    assert_int_equal(one.report.coverage.count, 3); /* a source once; neither another release nor what will end */
    match_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(severity__of_another_source_is_better_than_none),
        cmocka_unit_test(severity__is_taken_from_the_sources_that_are_wanted),
        cmocka_unit_test(title__of_an_advisory_stands_with_its_own_findings),
        cmocka_unit_test(redhat__judges_what_is_built_from_a_source),
        cmocka_unit_test(redhat__says_when_all_records_are_of_other_releases),
        cmocka_unit_test(redhat__says_when_no_product_is_known),
        cmocka_unit_test(rootio__judges_no_third_parties),
        cmocka_unit_test(rootio__judges_base_records_as_the_base_does),
        cmocka_unit_test(seal__judges_its_own_though_they_are_third_parties),
        cmocka_unit_test(seal__names_the_later_fix_of_two_ranges),
        cmocka_unit_test(support__that_is_less_than_the_releases_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
