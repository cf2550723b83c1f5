/* What a report must say of the judgement itself: nothing was looked for, the database is old or thin. It stands in Coverage,
 * and what makes an empty result worthless is also said on standard error. */
#include "cmd/command.h"

static void note(struct arena *arena, struct report *report, const char *kind, struct str subject, struct str message)
{
    *vector_push(arena, &report->coverage) = (struct coverage_note){ str_of(kind), subject, message };
}

static int64_t days_between(struct str time, moment now)
{
    moment then;
    return clock_parse(time, &then) ? (int64_t)((now - then) / SECOND / 86400) : -1;
}

static void note_age(struct arena *arena, struct report *report)
{
    const char *advice =
        strcmp(report->database.kind, "trivy.db") == 0 ? "trivy image --download-db-only" : "pratique db update";
    int64_t built = days_between(report->database.built_at, report->created_at), newest = -1;
    for (size_t i = 0; i < report->sources.count; i++) {
        const struct source_age *source = &report->sources.items[i];
        int64_t days = source->serves ? days_between(source->as_of, report->created_at) : -1;
        if (days >= 0 && (newest < 0 || days < newest)) newest = days;
    }
    if (built > DATABASE_OLD_DAYS)
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

/* These stand before what is said of single files. */
void coverage_note_judgement(const struct settings *settings, struct report *report)
{
    __typeof__(report->coverage) others = report->coverage;
    memset(&report->coverage, 0, sizeof report->coverage);
    if (report->database.kind)
        note_database(settings->arena, report);
    else
        note(settings->arena, report, "scanners-none", STR(""),
             arena_strf(settings->arena,
                        "nothing was judged: --scanners %.*s looks for no vulnerabilities, packages are only listed",
                        STR_ARG(str_join(settings->arena, &settings->scanners, ","))));
    for (size_t i = 0; i < others.count; i++)
        *vector_push(settings->arena, &report->coverage) = others.items[i];
}

/* A gate reads standard output; the person who set it up reads these. */
void coverage_warn(const struct report *report)
{
    static const char *const loud[] = { "database-old",  "database-selection", "family-unsupported",
                                        "images-others", "os-unknown",         "packages-none",
                                        "release-ended", "release-unknown",    "scanners-none" };
    for (size_t i = 0; i < report->coverage.count; i++)
        for (size_t j = 0; j < sizeof loud / sizeof *loud; j++)
            if (str_is(report->coverage.items[i].kind, loud[j])) log_warn("%.*s", STR_ARG(report->coverage.items[i].message));
}
