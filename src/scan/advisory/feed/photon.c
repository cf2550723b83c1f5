/* Photon OS: cve_data_photon<release>.json, one object a (CVE, package) (feeds.md §3). */
#include "scan/advisory/feed.h"

static const struct feed_source sources[] = {
    { "Photon OS ", "photon", "Photon OS CVE metadata", "https://packages.broadcom.com/photon/photon_cve_metadata/" },
    { NULL, NULL, NULL, NULL },
};

struct photon {
    struct feed_collector collector;
    struct str bucket;
};

static bool is_version(struct str text) { return text.size && text.data[0] >= '0' && text.data[0] <= '9'; }

static bool put_entry(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    struct photon *photon = context;
    CLEANUP_JSON yyjson_doc *document = json_parse(value, JSON_INSITU, "a record of Photon OS", error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    struct feed_record record = { .bucket = photon->bucket, .package = json_str(root, "pkg"), .id = json_str(root, "cve_id") };
    struct str status = json_str(root, "status"), fixed = json_str(root, "res_ver");
    if (str_is_nocase(status, "Not Affected") || str_empty(record.package)) return true;
    if (!feed_is_id(record.id)) {
        feed_skip(run, "not an identifier: %.*s", STR_ARG(record.id));
        return true;
    }
    if (is_version(fixed)) {
        record.fixed_version = fixed;
    } else {
        record.status = STATUS_AFFECTED;
        record.vendor_status = status;
    }
    feed_collect(&photon->collector, &record, (struct str){ 0 });
    /* The score has no vector: only the word it stands for can be kept. */
    struct feed_fact fact = { .id = record.id,
                              .source = STR("photon"),
                              .severity = cvss_severity(CVSS_3_1, json_real(root, "cve_score", 0)) };
    if (fact.severity) feed_put_fact(run, &fact);
    return true;
}

static bool photon_read(struct feed_run *run, struct error *error)
{
    struct photon photon = { .collector = feed_collector_new(run, &version_rpm) };
    for (run->current = 0; run->current < run->input_count; run->current++) {
        struct str name = path_base(run->inputs[run->current].path); /* cve_data_photon5.0.json */
        struct str release = str_from(name, strlen("cve_data_photon"));
        ptrdiff_t end = str_find_text(release, STR(".json"));
        photon.bucket =
            arena_strf(run->arena, "Photon OS %.*s", STR_ARG(str_to(release, end < 0 ? release.size : (size_t)end)));
        if (!feed_each_member(run, &run->inputs[run->current], NULL, put_entry, NULL, &photon, error)) return false;
    }
    run->current = 0;
    feed_collector_put(&photon.collector);
    return true;
}

const struct feed_reader feed_photon = {
    .name = "photon", .sources = sources, .facts = "photon", .together = true, .read = photon_read
};
