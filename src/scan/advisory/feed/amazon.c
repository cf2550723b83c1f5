/* Amazon Linux: updateinfo of the core repositories of 1, 2 and 2023 (feeds.md §3, Amazon). Advisories of extras topics
 * (ALAS2NGINX1-…, ALASRUBY3.0-…) hold only for packages from that topic: the same package name there is another line of
 * versions, so they are not mixed with the core's. Live patches are packages of their own names. */
#include "scan/advisory/feed/updateinfo.h"

static const struct feed_source sources[] = {
    { "amazon linux ", "amazon", "Amazon Linux Security Center", "https://alas.aws.amazon.com/" },
    { NULL, NULL, NULL, NULL },
};

/* "ALAS-2011-1" → 1, "ALAS2-2018-939" → 2; "ALAS2023-2023-001" and 2023's further repositories, whose packages have names of
 * their own ("ALAS2023LIVEPATCH-…", "ALAS2023NVIDIA-…") → 2023 */
static const char *release_of(struct str id)
{
    static const struct {
        const char *prefix, *release;
    } rows[] = {
        { "ALAS-", "1" }, { "ALAS2-", "2" }, { "ALAS2022", "2022" }, { "ALAS2023", "2023" }, { "ALAS2LIVEPATCH-", "2" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_starts(id, rows[i].prefix)) return rows[i].release;
    return NULL;
}

static void put_update(void *context, struct feed_run *run, const struct update *update)
{
    struct feed_collector *collector = context;
    const char *release = release_of(update->id);
    if (!release)
        return feed_skip(run, "%.*s belongs to an extras topic, whose packages are not judged yet", STR_ARG(update->id));
    CLEANUP_ARENA struct arena *arena = arena_new();
    str_vector ids = update->cves;
    if (!ids.count) *vector_push(arena, &ids) = update->id;
    for (size_t i = 0; i < update->packages.count; i++) {
        const struct update_package *package = &update->packages.items[i];
        struct feed_record row = { .bucket = arena_strf(arena, "amazon linux %s", release),
                                   .package = package->name,
                                   .fixed_version = package->evr };
        *vector_push(arena, &row.vendor_ids) = update->id;
        for (size_t c = 0; c < ids.count; c++) {
            row.id = ids.items[c];
            feed_collect(collector, &row, (struct str){ 0 });
        }
    }
    updateinfo_put_facts(run, update, STR("amazon"));
}

static bool amazon_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_rpm);
    if (!updateinfo_read(run, put_update, &collector, error)) return false;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_amazon = {
    .name = "amazon", .sources = sources, .facts = "amazon", .together = true, .xml = true, .read = amazon_read
};
