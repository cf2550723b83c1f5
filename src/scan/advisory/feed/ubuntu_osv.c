/* Ubuntu's OSV records (UBUNTU-CVE-…) and its OpenVEX statements, the feeds that follow the CVE tracker (feeds.md §3, Ubuntu).
 */
#include "scan/advisory/feed/osv.h"
#include "scan/advisory/feed/ubuntu.h"

/* "Ubuntu:22.04:LTS" → "ubuntu 22.04"; "Ubuntu:Pro:16.04:LTS" → "ubuntu 16.04-ESM"; FIPS and other channels have none. */
static struct str bucket_of(struct arena *arena, struct str ecosystem)
{
    struct str rest = ecosystem;
    if (!str_is(str_cut(&rest, ':'), "Ubuntu")) return (struct str){ 0 };
    struct str release = str_cut(&rest, ':');
    bool pro = str_is(release, "Pro");
    if (pro) release = str_cut(&rest, ':');
    if (release.size != 5 || release.data[2] != '.') return (struct str){ 0 };
    return arena_strf(arena, "ubuntu %.*s%s", STR_ARG(release), pro ? "-ESM" : "");
}

static void put_interval(void *context, struct feed_run *run, yyjson_val *record, yyjson_val *affected,
                         struct osv_interval interval)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    yyjson_val *package = json_get(affected, "package"), *own = json_get(affected, "ecosystem_specific");
    struct feed_record row = { .bucket = bucket_of(arena, json_str(package, "ecosystem")),
                               .package = json_str(package, "name"),
                               .fixed_version = interval.fixed,
                               .affected_version = interval.introduced };
    str_vector cves = { 0 };
    osv_cves(arena, record, &cves);
    if (str_empty(row.bucket) || str_empty(row.package)) return;
    if (str_empty(interval.fixed)) {
        row.affected_version = (struct str){ 0 };
        row.status = STATUS_AFFECTED;
        row.vendor_status = STR("affected");
    }
    row.severity = feed_severity(json_str(own, "ubuntu_priority"));
    for (size_t i = 0; i < cves.count; i++) {
        row.id = cves.items[i];
        feed_collect(context, &row, (struct str){ 0 });
    }
}

static void put_record(void *context, struct feed_run *run, yyjson_val *record)
{
    if (!str_starts(json_str(record, "id"), "UBUNTU-CVE-")) return; /* USN and LSN bundle the same fixes */
    osv_each_interval(run, record, put_interval, context);
    yyjson_val *first = yyjson_arr_get_first(json_get(record, "affected"));
    osv_put_facts(run, record, STR("ubuntu"),
                  feed_severity(json_str(json_get(first, "ecosystem_specific"), "ubuntu_priority")));
}

static bool osv_ubuntu_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_deb);
    if (!osv_read(run, put_record, &collector, error)) return false;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_ubuntu_osv = {
    .name = "ubuntu-osv", .sources = ubuntu_sources, .facts = "ubuntu", .together = true, .heavy = true, .read = osv_ubuntu_read
};

/* ---- VEX ---- */

/* "pkg:deb/ubuntu/bind9@1:9.18?arch=source&distro=esm-infra-legacy/trusty" → name and series; false for binaries. */
static bool split_purl(struct str purl, struct str *name, struct str *series)
{
    if (!str_starts(purl, "pkg:deb/ubuntu/")) return false;
    struct str rest = str_from(purl, 15), path = str_cut(&rest, '?');
    bool source = false;
    *name = str_cut(&path, '@');
    *series = (struct str){ 0 };
    while (rest.data) {
        struct str value = str_cut(&rest, '&'), key = str_cut(&value, '=');
        if (str_is(key, "arch")) source = str_is(value, "source");
        if (str_is(key, "distro")) *series = value;
    }
    return source && !str_empty(*name) && !str_empty(*series);
}

/* What only VEX says: that a fix will not come, and why nobody knows yet. Everything else is in the OSV records. */
static bool read_state(yyjson_val *statement, struct feed_record *row)
{
    struct str status = json_str(statement, "status"), action = json_str(statement, "action_statement");
    if (str_is(status, "under_investigation")) {
        row->status = STATUS_UNDER_INVESTIGATION;
    } else if (str_is(status, "affected")) {
        bool never = str_contains(action, "will not be fixed") || str_contains(action, "not be fixing") ||
                     str_contains(action, "no longer supported");
        row->status = never ? STATUS_WILL_NOT_FIX : STATUS_AFFECTED;
    } else {
        return false;
    }
    row->vendor_status = status;
    return true;
}

static void put_product(struct feed_run *run, struct arena *arena, struct feed_record row, struct str purl)
{
    struct str series, release;
    enum ubuntu_channel channel;
    if (!split_purl(purl, &row.package, &series) || !ubuntu_series(series, &release, &channel)) return;
    row.bucket = arena_strf(arena, "ubuntu %.*s%s", STR_ARG(release), channel == UBUNTU_ESM ? "-ESM" : "");
    feed_put_record(run, &row);
}

static bool put_vex(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    CLEANUP_ARENA struct arena *arena = arena_new();
    JSON_EACH (statement, json_get(yyjson_doc_get_root(document), "statements")) {
        struct feed_record row = { .id = json_str(json_get(statement, "vulnerability"), "name") };
        if (!feed_is_cve(row.id) || !read_state(statement, &row)) continue;
        JSON_EACH (product, json_get(statement, "products"))
            put_product(run, arena, row, json_str(product, "@id"));
    }
    return true;
}

static bool vex_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], ".json", put_vex, NULL, error)) return false;
    run->current = 0;
    return true;
}

const struct feed_reader feed_ubuntu_vex = { .name = "ubuntu-vex", .sources = ubuntu_sources, .heavy = true, .read = vex_read };
