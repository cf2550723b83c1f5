/* AlmaLinux's OSV database: security advisories (ALSA) with the CVEs they fix in `related` (feeds.md §3, AlmaLinux). */
#include "scan/advisory/feed/osv.h"

static const struct feed_source sources[] = {
    { "alma ", "alma", "AlmaLinux Product Errata", "https://errata.almalinux.org/" },
    { NULL, NULL, NULL, NULL },
};

static void put_fix(void *context, struct feed_run *run, yyjson_val *record, yyjson_val *affected, struct osv_interval interval)
{
    struct feed_collector *collector = context;
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str id = json_str(record, "id"), ecosystem = json_str(json_get(affected, "package"), "ecosystem"), module = { 0 };
    struct feed_record row = { .fixed_version = interval.fixed, .package = json_str(json_get(affected, "package"), "name") };
    if (!str_starts(ecosystem, "AlmaLinux:") || str_empty(interval.fixed) || str_empty(row.package)) return;
    if (str_contains(interval.fixed, ".module")) {
        module = feed_module(json_str(record, "summary"));
        if (str_empty(module)) return feed_skip(run, "%.*s does not say which module stream it is for", STR_ARG(id));
        row.package = arena_strf(arena, "%.*s::%.*s", STR_ARG(module), STR_ARG(row.package));
    }
    row.bucket = arena_strf(arena, "alma %.*s", STR_ARG(str_from(ecosystem, 10)));
    *vector_push(arena, &row.vendor_ids) = id;
    str_vector cves = { 0 };
    osv_cves(arena, record, &cves);
    if (!cves.count) *vector_push(arena, &cves) = id;
    for (size_t i = 0; i < cves.count; i++) {
        row.id = cves.items[i];
        feed_collect(collector, &row, (struct str){ 0 });
    }
}

static void put_record(void *context, struct feed_run *run, yyjson_val *record)
{
    if (!str_starts(json_str(record, "id"), "ALSA-")) return; /* bug fixes and enhancements */
    osv_each_interval(run, record, put_fix, context);
    struct str summary = json_str(record, "summary");
    osv_put_facts(run, record, STR("alma"), feed_severity(str_cut(&summary, ':')));
}

static bool alma_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_rpm);
    if (!osv_read(run, put_record, &collector, error)) return false;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_alma = {
    .name = "alma", .sources = sources, .facts = "alma", .together = true, .read = alma_read
};
