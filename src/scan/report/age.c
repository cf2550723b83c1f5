/* How old the data is that judged: one line. */
#include "scan/report/writers.h"

/* "2026-11-20 (6 days ago)"; empty when the text is no time. */
static struct str date_and_age(struct arena *arena, struct str time, moment now)
{
    int64_t days;
    if (!clock_days_since(time, now, &days)) return (struct str){ 0 };
    struct str date = str_to(time, 10);
    if (days < 0) return arena_strf(arena, "%.*s (in the future: look at the clock)", STR_ARG(date));
    if (days < 1) return arena_strf(arena, "%.*s (today)", STR_ARG(date));
    return arena_strf(arena, "%.*s (%lld day%s ago)", STR_ARG(date), (long long)days, days == 1 ? "" : "s");
}

static struct str age_of(const struct source_age *source) { return source->as_of.size ? source->as_of : source->fetched_at; }

/* Among those that speak of the target's distribution; NULL: none does. */
static const struct source_age *oldest_source(const struct report *report)
{
    const struct source_age *oldest = NULL;
    for (size_t i = 0; i < report->sources.count; i++) {
        const struct source_age *source = &report->sources.items[i];
        if (!source->serves || !age_of(source).size) continue;
        if (!oldest || str_compare(age_of(source), age_of(oldest)) < 0) oldest = source;
    }
    return oldest;
}

struct str report_database_line(struct arena *arena, const struct report *report)
{
    const struct database_age *database = &report->database;
    if (!database->kind) return STR("Database: none was asked");
    bool foreign = strcmp(database->kind, "trivy.db") == 0;
    struct str built = date_and_age(arena, database->built_at, report->created_at);
    struct str whole =
        arena_strf(arena, "Database: %s%s", foreign ? "trivy.db, " : "", built.size ? "built " : "of unknown age");
    whole = arena_strf(arena, "%.*s%.*s", STR_ARG(whole), STR_ARG(built));
    const struct source_age *oldest = oldest_source(report);
    size_t count = report->sources.count;
    if (!count || foreign) return whole; /* a trivy.db says nothing of its sources' ages */
    whole = arena_strf(arena, "%.*s from %zu feed%s", STR_ARG(whole), count, count == 1 ? "" : "s");
    if (!oldest) return whole;
    whole = arena_strf(arena, "%.*s; oldest for %.*s", STR_ARG(whole), STR_ARG(report->os.family));
    struct str name = oldest->title.size ? oldest->title : oldest->name;
    return arena_strf(arena, "%.*s: %.*s%s %.*s", STR_ARG(whole), STR_ARG(name), oldest->as_of.size ? " of" : " fetched",
                      STR_ARG(date_and_age(arena, age_of(oldest), report->created_at)));
}
