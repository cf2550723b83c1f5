/* What a report must say of the judgement itself: nothing was looked for, the database is old or thin. It stands in Coverage,
 * and what makes an empty result worthless is also said on standard error. */
#include "cmd/command.h"

static void note(struct arena *arena, struct report *report, const char *kind, struct str subject, struct str message)
{
    *vector_push(arena, &report->coverage) = (struct coverage_note){ str_of(kind), subject, message };
}

static int64_t days_between(struct str then, moment now)
{
    int64_t days;
    return clock_days_since(then, now, &days) ? days : -1;
}

static void note_age(struct arena *arena, struct report *report)
{
    const char *advice =
        strcmp(report->database.kind, "trivy.db") == 0 ? "trivy image --download-db-only" : "pratique db update";
    int64_t built = days_between(report->database.built_at, report->created_at), newest = -1;
    for (size_t i = 0; i < report->sources.count; i++) {
        const struct source_age *source = &report->sources.items[i];
        struct str date = source->as_of.size ? source->as_of : source->fetched_at;
        int64_t days = source->serves ? days_between(date, report->created_at) : -1;
        if (days >= 0 && (newest < 0 || days < newest)) newest = days;
    }
    moment known;
    if (!clock_parse(report->database.built_at, &known))
        note(arena, report, "database-undated", str_of(report->database.kind),
             arena_strf(arena,
                        "the database does not say when it was built: newer vulnerabilities may be missing; for one that "
                        "does: %s",
                        advice));
    else if (built > DATABASE_OLD_DAYS)
        note(arena, report, "database-old", str_of(report->database.kind),
             arena_strf(arena,
                        "the database was built %lld days ago: newer vulnerabilities are missing; bring it up to date: %s",
                        (long long)built, advice));
    else if (newest > SOURCE_OLD_DAYS)
        note(arena, report, "database-old", report->os.family,
             arena_strf(arena,
                        "the newest data on %.*s is %lld days old: newer vulnerabilities are missing; bring it up to date: %s",
                        STR_ARG(report->os.family), (long long)newest, advice));
    else if (built > DATABASE_FRESH / SECOND / 86400)
        log_info("the database is %lld days old and is not brought up to date", (long long)built);
}

/* The starter set that comes with the program, and no feed of what it is a selection of. */
static bool is_selection(const struct report *report)
{
    const struct feed_info *starter = feed_find(STR(STARTER_FEED));
    bool has_starter = false;
    for (size_t i = 0; i < report->sources.count; i++) {
        const struct feed_info *feed = feed_find(report->sources.items[i].name);
        if (feed == starter) has_starter = starter != NULL;
        if (feed && feed != starter && feed_serves(feed, str_of(starter->family))) return false;
    }
    return has_starter;
}

static void note_database(struct arena *arena, struct report *report)
{
    if (is_selection(report))
        note(arena, report, "database-selection", STR(STARTER_FEED),
             STR("the database is the starter set that comes with this program: a selection of advisories about Debian's basic "
                 "packages, all others were not judged; for a whole one: pratique db update, or without a network pratique db "
                 "import FILE"));
    note_age(arena, report);
}

/* NVD names most severities: without it a filter by severity lets everything pass. */
static bool has_severities(const struct report *report)
{
    for (size_t i = 0; i < report->sources.count; i++)
        if (str_is(report->sources.items[i].name, SEVERITY_FEED)) return true;
    return strcmp(report->database.kind, "trivy.db") == 0; /* which does not say what it was made of */
}

/* Findings of unknown severity: a filter that hides them hides what nobody has judged yet. */
static void note_severities(struct arena *arena, struct report *report, const bool *shown)
{
    size_t all = 0, unknown = 0;
    for (size_t i = 0; i < report->results.count; i++) {
        const finding_vector *findings = &report->results.items[i].findings;
        all += findings->count;
        for (size_t j = 0; j < findings->count; j++)
            unknown += findings->items[j].severity == SEVERITY_UNKNOWN;
    }
    if (!shown) return; /* explain is asked about one */
    if (unknown && !has_severities(report))
        note(arena, report, "severity-unknown", STR(SEVERITY_FEED),
             arena_strf(arena, "%zu of %zu findings have no severity, for the database has no data of NVD: pratique db update",
                        unknown, all));
    else if (unknown && !shown[SEVERITY_UNKNOWN])
        note(arena, report, "severity-hidden", STR(""),
             arena_strf(arena, "%zu of %zu findings have no severity yet and are left out by --severity", unknown, all));
}

/* What was asked for and is not there yet. */
static void note_scanners(const struct settings *settings, struct report *report)
{
    static const struct {
        const char *scanner, *what;
    } later[] = { { "license", "licences" }, { "misconfig", "misconfigurations" }, { "secret", "secrets" } };
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (scan_request_wants(settings, later[i].scanner))
            note(settings->arena, report, "scanner-later", str_of(later[i].scanner),
                 arena_strf(settings->arena, "nothing was searched for %s: --scanners %s comes in a later version",
                            later[i].what, later[i].scanner));
}

bool coverage_is_unjudged(const struct report *report)
{
    for (size_t i = 0; i < report->coverage.count; i++)
        if (coverage_is_worthless(&report->coverage.items[i])) return true;
    return false;
}

static bool judged_any(const struct report *report)
{
    for (size_t i = 0; i < report->results.count; i++)
        if (!report->results.items[i].unjudged) return true;
    return false;
}

/* A report that is empty because nothing was left to be judged. `said`: another note does. */
static void note_nothing(const struct settings *settings, bool said, struct report *report)
{
    bool left_out = !str_vector_has(&settings->pkg_types, STR("os"));
    if (judged_any(report) || (said && !left_out)) return;
    note(settings->arena, report, "nothing-judged", left_out ? STR("os") : STR(""),
         left_out ? arena_strf(settings->arena,
                               "nothing was judged: --pkg-types %.*s leaves out the packages of the operating system, and no "
                               "others are judged yet",
                               STR_ARG(str_join(settings->arena, &settings->pkg_types, ",")))
                  : STR("nothing was judged: no package was found that this version judges"));
}

/* These stand before what is said of single files. */
void coverage_note_judgement(const struct settings *settings, const bool *severities, struct report *report)
{
    __typeof__(report->coverage) others = report->coverage;
    bool said = coverage_is_unjudged(report);
    memset(&report->coverage, 0, sizeof report->coverage);
    note_scanners(settings, report);
    if (report->database.kind) {
        note_database(settings->arena, report);
        note_severities(settings->arena, report, severities);
        note_nothing(settings, said, report);
    } else {
        note(settings->arena, report, "scanners-none", STR(""),
             arena_strf(settings->arena,
                        "nothing was judged: --scanners %.*s looks for no vulnerabilities, packages are only listed",
                        STR_ARG(str_join(settings->arena, &settings->scanners, ","))));
    }
    for (size_t i = 0; i < others.count; i++)
        *vector_push(settings->arena, &report->coverage) = others.items[i];
}

/* A gate reads standard output; the person who set it up reads these. */
void coverage_warn(const struct report *report)
{
    for (size_t i = 0; i < report->coverage.count; i++)
        if (coverage_is_worthless(&report->coverage.items[i])) log_warn("%.*s", STR_ARG(report->coverage.items[i].message));
}
