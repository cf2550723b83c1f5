/* Rocky Linux: the OSV export, where an advisory's entries repeat by architecture (in the purl) with one version, and
 * updateinfo of its repositories, whose records have Entries[] by architecture (scan.md §12.3). */
#include "scan/advisory/feed/osv.h"
#include "scan/advisory/feed/updateinfo.h"

static const struct feed_source sources[] = {
    { "rocky ", "rocky", "Rocky Linux updateinfo", "https://download.rockylinux.org/pub/rocky/" },
    { NULL, NULL, NULL, NULL },
};

struct rocky {
    struct feed_collector collector;
    bool nameless_module; /* a fix of some module stream, but which? */
};

/* "pkg:rpm/rocky-linux/kernel?distro=rocky-linux-9-aarch64&epoch=0": packages of special interest groups
 * ("rocky-linux-8-sig-cloud") are other builds. */
static bool is_sig(struct str purl) { return str_contains(purl, "-sig-"); }

static void put_fix(void *context, struct feed_run *run, yyjson_val *record, yyjson_val *affected, struct osv_interval interval)
{
    struct rocky *rocky = context;
    CLEANUP_ARENA struct arena *arena = arena_new();
    yyjson_val *package = json_get(affected, "package");
    struct str ecosystem = json_str(package, "ecosystem");
    struct feed_record row = { .package = json_str(package, "name"), .fixed_version = feed_evr_text(interval.fixed) };
    if (!str_starts(ecosystem, "Rocky Linux:") || is_sig(json_str(package, "purl")) || str_empty(interval.fixed) ||
        str_empty(row.package))
        return;
    row.bucket = arena_strf(arena, "rocky %.*s", STR_ARG(str_from(ecosystem, 12)));
    if (str_contains(interval.fixed, ".module")) {
        struct str module = feed_module(json_str(record, "summary"));
        if (str_empty(module)) {
            rocky->nameless_module = true;
            return;
        }
        row.package = arena_strf(arena, "%.*s::%.*s", STR_ARG(module), STR_ARG(row.package));
    }
    *vector_push(arena, &row.vendor_ids) = json_str(record, "id");
    str_vector cves = { 0 };
    osv_cves(arena, record, &cves);
    for (size_t i = 0; i < cves.count; i++) {
        row.id = cves.items[i];
        feed_collect(&rocky->collector, &row, (struct str){ 0 });
    }
}

static void put_record(void *context, struct feed_run *run, yyjson_val *record)
{
    struct rocky *rocky = context;
    struct str id = json_str(record, "id"), summary = json_str(record, "summary");
    if (!str_starts(id, "RLSA-")) return;
    rocky->nameless_module = false;
    osv_each_interval(run, record, put_fix, rocky);
    if (rocky->nameless_module) feed_skip(run, "%.*s does not say which module stream its fixes are for", STR_ARG(id));
    osv_put_facts(run, record, STR("rocky"), feed_severity(str_cut(&summary, ':')));
}

static bool rocky_read(struct feed_run *run, struct error *error)
{
    struct rocky rocky = { .collector = feed_collector_new(run, &version_rpm) };
    if (!osv_read(run, put_record, &rocky, error)) return false;
    feed_collector_put(&rocky.collector);
    return true;
}

const struct feed_reader feed_rocky = {
    .name = "rocky", .sources = sources, .facts = "rocky", .together = true, .read = rocky_read
};

/* ---- updateinfo ---- */

static void put_update(void *context, struct feed_run *run, const struct update *update)
{
    struct feed_collector *collector = context;
    struct str rest = update->release; /* "Rocky Linux 9" */
    struct str word = { 0 };
    for (struct str next; !str_empty(next = str_word(&rest));)
        word = next;
    struct str major = str_cut(&word, '.');
    if (!str_starts(update->id, "RLSA-") || str_empty(major)) return;
    CLEANUP_ARENA struct arena *arena = arena_new();
    bool nameless_module = false;
    for (size_t i = 0; i < update->packages.count; i++) {
        const struct update_package *package = &update->packages.items[i];
        if (str_empty(package->module) && str_contains(package->evr, ".module")) {
            nameless_module = true;
            continue;
        }
        struct feed_record row = { .bucket = arena_strf(arena, "rocky %.*s", STR_ARG(major)),
                                   .package = package->name,
                                   .fixed_version = package->evr };
        if (!str_empty(package->module))
            row.package = arena_strf(arena, "%.*s::%.*s", STR_ARG(package->module), STR_ARG(package->name));
        *vector_push(arena, &row.vendor_ids) = update->id;
        for (size_t c = 0; c < update->cves.count; c++) {
            row.id = update->cves.items[c];
            feed_collect_entry(collector, &row, package->arch, (struct str){ 0 });
        }
    }
    if (nameless_module) feed_skip(run, "%.*s does not say which module stream its fixes are for", STR_ARG(update->id));
    updateinfo_put_facts(run, update, STR("rocky"));
}

static bool updateinfo_rocky_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_rpm);
    if (!updateinfo_read(run, put_update, &collector, error)) return false;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_rocky_updateinfo = { .name = "rocky-updateinfo",
                                                   .sources = sources,
                                                   .facts = "rocky",
                                                   .together = true,
                                                   .xml = true,
                                                   .read = updateinfo_rocky_read };
