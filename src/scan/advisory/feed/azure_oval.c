/* Azure Linux and CBL-Mariner OVAL: one definition a (CVE, package); "less than" is a fix, "less than or equal" says that there
 * is none yet; a second criterion "greater than" gives the first affected version (feeds.md §3). */
#include "scan/advisory/feed/oval.h"

static const struct feed_source sources[] = {
    { "Azure Linux ", "azure", "Azure Linux Vulnerability Data", "https://github.com/microsoft/AzureLinuxVulnerabilityData" },
    { "CBL-Mariner ", "cbl-mariner", "CBL-Mariner Vulnerability Data",
      "https://github.com/microsoft/AzureLinuxVulnerabilityData" },
    { NULL, NULL, NULL, NULL },
};

/* "azurelinux-3.0-oval.xml.zst" → "Azure Linux 3.0" */
static struct str bucket_of(struct arena *arena, struct str path)
{
    static const struct {
        const char *file, *bucket;
    } rows[] = { { "azurelinux-", "Azure Linux" }, { "cbl-mariner-", "CBL-Mariner" } };
    struct str name = path_base(path);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!str_starts(name, rows[i].file)) continue;
        struct str rest = str_from(name, strlen(rows[i].file)), release = str_cut(&rest, '-');
        return arena_strf(arena, "%s %.*s", rows[i].bucket, STR_ARG(release));
    }
    return (struct str){ 0 };
}

static void read_criteria(const struct oval *oval, const struct oval_node *criteria, struct feed_record *record,
                          struct str *bound)
{
    for (const struct oval_node *node = criteria ? criteria->children : NULL; node; node = node->next) {
        struct oval_test test;
        if (!node->leaf) read_criteria(oval, node, record, bound);
        if (!node->leaf || !oval_resolve(oval, node, &test)) continue;
        record->package = test.name;
        if (str_is(test.operation, "greater than"))
            record->affected_version =
                str_starts(feed_evr_text(test.evr), "0.0.0") ? (struct str){ 0 } : feed_evr_text(test.evr);
        else if (str_is(test.operation, "less than"))
            record->fixed_version = test.evr;
        else if (str_is(test.operation, "less than or equal"))
            *bound = test.evr;
    }
}

static void put_definition(struct feed_collector *collector, const struct oval *oval, struct str bucket,
                           const struct oval_definition *definition)
{
    struct feed_record record = { .bucket = bucket };
    struct str bound = { 0 };
    for (size_t i = 0; i < definition->references.count; i++)
        if (str_is(definition->references.items[i].source, "CVE")) record.id = definition->references.items[i].id;
    read_criteria(oval, definition->criteria, &record, &bound);
    if (!feed_is_id(record.id) || str_empty(record.package))
        return feed_skip(oval->run, "%.*s names no CVE or package", STR_ARG(definition->id));
    struct feed_fact fact = { .id = record.id,
                              .source = str_starts(bucket, "Azure") ? STR("azure") : STR("cbl-mariner"),
                              .severity = feed_severity(definition->severity),
                              .title = definition->title };
    if (str_is_nocase(definition->patchable, "Not Applicable")) return;
    if (!str_is_nocase(definition->patchable, "true")) record.fixed_version = (struct str){ 0 };
    if (str_empty(record.fixed_version)) {
        record.status = STATUS_AFFECTED;
        record.vendor_status = STR("not patchable");
        record.affected_version = (struct str){ 0 };
    }
    feed_collect(collector, &record, bound);
    feed_put_fact(oval->run, &fact);
}

static bool azure_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_rpm);
    for (run->current = 0; run->current < run->input_count; run->current++) {
        struct oval oval;
        struct str bucket = bucket_of(run->arena, run->inputs[run->current].path);
        if (!oval_read(run, &run->inputs[run->current], &oval, NULL, error)) return false;
        for (size_t i = 0; i < oval.definitions.count; i++)
            put_definition(&collector, &oval, bucket, &oval.definitions.items[i]);
    }
    run->current = 0;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_azure = {
    .name = "azure", .sources = sources, .facts = "azure cbl-mariner", .xml = true, .read = azure_read
};
