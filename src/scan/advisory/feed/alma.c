/* AlmaLinux's OSV database: security advisories (ALSA) with the CVEs they fix in `related` (feeds.md §3, AlmaLinux). The
 * summary names the module stream; where it only names the module, the other advisories of its streams tell which one has such
 * versions. */
#include "scan/advisory/feed/osv.h"

static const struct feed_source sources[] = {
    { "alma ", "alma", "AlmaLinux Product Errata", "https://errata.almalinux.org/" },
    { NULL, NULL, NULL, NULL },
};

/* A fix that is in a module, as it waits for all records to be read. */
struct module_fix {
    struct str bucket, package, fixed, advisory;
    struct str name;   /* the module's, by the summary */
    struct str stream; /* "ruby:2.5"; empty: the summary does not say */
    str_vector cves;
};

struct alma {
    struct feed_collector collector;
    VECTOR(struct module_fix) fixes;
    struct map *known; /* bucket and package → list of fixes whose stream is known */
};
typedef VECTOR(const struct module_fix *) module_fix_list;

/* "Moderate: ruby security update" → "ruby" */
static struct str name_of(struct str summary)
{
    str_cut(&summary, ':');
    return str_word(&summary);
}

/* Advisories of bug fixes and enhancements make no records, but name streams too. */
static bool is_security(struct str advisory) { return str_starts(advisory, "ALSA-"); }

static void add_module_fix(struct alma *alma, yyjson_val *record, const struct feed_record *row, const str_vector *cves)
{
    struct arena *arena = alma->collector.run->arena;
    struct str summary = json_str(record, "summary");
    struct module_fix *fix = vector_push(arena, &alma->fixes);
    *fix = (struct module_fix){ .bucket = arena_str(arena, row->bucket),
                                .package = arena_str(arena, row->package),
                                .fixed = arena_str(arena, row->fixed_version),
                                .advisory = arena_str(arena, json_str(record, "id")),
                                .name = arena_str(arena, name_of(summary)),
                                .stream = arena_str(arena, feed_module(summary)) };
    for (size_t i = 0; i < cves->count; i++)
        *vector_push(arena, &fix->cves) = arena_str(arena, cves->items[i]);
}

static void put_fix(void *context, struct feed_run *run, yyjson_val *record, yyjson_val *affected, struct osv_interval interval)
{
    struct alma *alma = context;
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str id = json_str(record, "id"), ecosystem = json_str(json_get(affected, "package"), "ecosystem");
    struct feed_record row = { .fixed_version = interval.fixed, .package = json_str(json_get(affected, "package"), "name") };
    if (!str_starts(ecosystem, "AlmaLinux:") || str_empty(interval.fixed) || str_empty(row.package)) return;
    row.bucket = arena_strf(arena, "alma %.*s", STR_ARG(str_from(ecosystem, 10)));
    str_vector cves = { 0 };
    osv_cves(arena, record, &cves);
    if (!cves.count) *vector_push(arena, &cves) = id;
    if (str_contains(interval.fixed, ".module")) return add_module_fix(alma, record, &row, &cves);
    *vector_push(arena, &row.vendor_ids) = id;
    for (size_t i = 0; i < cves.count && is_security(id); i++) {
        row.id = cves.items[i];
        feed_collect(&alma->collector, &row, (struct str){ 0 });
    }
}

/* "Moderate: ruby security update", "ALSA-2022:5468: php:8.0 security update (Important)" */
static enum severity severity_of(struct str summary)
{
    struct str rest = summary;
    enum severity severity = feed_severity(str_cut(&rest, ':'));
    ptrdiff_t paren = str_find_last(summary, '(');
    if (severity || paren < 0) return severity;
    return feed_severity(str_trim_set(str_from(summary, (size_t)paren), "()"));
}

static void put_record(void *context, struct feed_run *run, yyjson_val *record)
{
    struct str summary = json_str(record, "summary");
    bool security = is_security(json_str(record, "id"));
    if (security || !str_empty(feed_module(summary))) osv_each_interval(run, record, put_fix, context);
    if (security) osv_put_facts(run, record, STR("alma"), severity_of(summary));
}

/* ---- streams that advisories do not name ---- */

static struct str key_of(struct arena *arena, const struct module_fix *fix)
{
    return arena_strf(arena, "%.*s\n%.*s", STR_ARG(fix->bucket), STR_ARG(fix->package));
}

static void index_fixes(struct alma *alma, struct arena *arena)
{
    for (size_t i = 0; i < alma->fixes.count; i++) {
        const struct module_fix *fix = &alma->fixes.items[i];
        if (str_empty(fix->stream)) continue;
        struct str key = key_of(arena, fix);
        module_fix_list *list = map_get(alma->known, key);
        if (!list) map_set(alma->known, key, list = arena_alloc(arena, sizeof *list));
        *vector_push(arena, list) = fix;
    }
}

/* "1:2.5.9-112.module_el8" → "2.5" */
static struct str line_of(struct str version)
{
    ptrdiff_t colon = str_find(version, ':'), dash = str_find_last(version, '-');
    if (dash > colon) version = str_to(version, (size_t)dash);
    version = str_from(version, (size_t)(colon + 1));
    struct str rest = version, major = str_cut(&rest, '.'), minor = rest.data ? str_cut(&rest, '.') : rest;
    return minor.data ? str_to(version, major.size + 1 + minor.size) : major;
}

struct vote {
    struct str stream;
    size_t line, any; /* packages whose known versions are of the same line; of any */
};
typedef VECTOR(struct vote) vote_vector;

static void add_vote(struct arena *arena, vote_vector *votes, const struct module_fix *by, bool same_line)
{
    struct vote *vote = NULL;
    for (size_t i = 0; i < votes->count && !vote; i++)
        if (str_equal(votes->items[i].stream, by->stream)) vote = &votes->items[i];
    if (!vote) *(vote = vector_push(arena, votes)) = (struct vote){ .stream = by->stream };
    vote->line += same_line;
    vote->any++;
}

/* The stream of that module name whose versions are of the same line as the advisory's, by most of its packages. */
static struct str find_stream(struct alma *alma, const struct module_fix *fixes, size_t count)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    vote_vector votes = { 0 };
    for (size_t i = 0; i < count; i++) {
        const module_fix_list *list = map_get(alma->known, key_of(arena, &fixes[i]));
        for (size_t j = 0; list && j < list->count; j++) {
            const struct module_fix *known = list->items[j];
            struct str rest = known->stream;
            if (!str_equal(str_cut(&rest, ':'), fixes[i].name)) continue;
            add_vote(arena, &votes, known, str_equal(line_of(known->fixed), line_of(fixes[i].fixed)));
        }
    }
    const struct vote *best = NULL;
    for (size_t i = 0; i < votes.count; i++)
        if (!best || votes.items[i].line > best->line) best = &votes.items[i];
    return best && (best->line || votes.count == 1) ? best->stream : (struct str){ 0 };
}

static void put_module(struct alma *alma, const struct module_fix *fixes, size_t count)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str stream = str_empty(fixes->stream) ? find_stream(alma, fixes, count) : fixes->stream;
    if (str_empty(stream))
        return feed_skip(alma->collector.run, "%.*s does not say which module stream it is for", STR_ARG(fixes->advisory));
    for (size_t i = 0; i < count; i++) {
        struct feed_record row = { .bucket = fixes[i].bucket, .fixed_version = fixes[i].fixed };
        row.package = arena_strf(arena, "%.*s::%.*s", STR_ARG(stream), STR_ARG(fixes[i].package));
        *vector_push(arena, &row.vendor_ids) = fixes[i].advisory;
        for (size_t c = 0; c < fixes[i].cves.count; c++) {
            row.id = fixes[i].cves.items[c];
            feed_collect(&alma->collector, &row, (struct str){ 0 });
        }
    }
}

static bool alma_read(struct feed_run *run, struct error *error)
{
    struct alma alma = { .collector = feed_collector_new(run, &version_rpm), .known = map_new(run->arena) };
    if (!osv_read(run, put_record, &alma, error)) return false;
    index_fixes(&alma, run->arena);
    for (size_t i = 0, next; i < alma.fixes.count; i = next) { /* an advisory's fixes lie beside each other */
        for (next = i + 1; next < alma.fixes.count && str_equal(alma.fixes.items[next].advisory, alma.fixes.items[i].advisory);)
            next++;
        if (is_security(alma.fixes.items[i].advisory)) put_module(&alma, &alma.fixes.items[i], next - i);
    }
    feed_collector_put(&alma.collector);
    return true;
}

const struct feed_reader feed_alma = {
    .name = "alma", .sources = sources, .facts = "alma", .together = true, .read = alma_read
};
