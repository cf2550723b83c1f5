/* CVE records (CVE JSON 5.x) with CISA's additions: for many CVEs since 2024 the only source of a score (feeds.md §1.3). */
#include "scan/advisory/feed.h"

static const char *const members[] = { "cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0" };

static void read_metrics(struct feed_fact *fact, yyjson_val *container)
{
    JSON_EACH (metric, json_get(container, "metrics"))
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            yyjson_val *data = json_get(metric, members[i]);
            if (!data) continue;
            struct feed_fact one = { 0 };
            feed_fact_cvss(&one, json_str(data, "vectorString"), json_real(data, "baseScore", 0));
            if (str_empty(fact->v40.vector)) fact->v40 = one.v40;
            if (str_empty(fact->v3.vector)) fact->v3 = one.v3;
            if (str_empty(fact->v2.vector)) fact->v2 = one.v2;
        }
}

static void read_cwes(struct arena *arena, struct feed_fact *fact, yyjson_val *container)
{
    JSON_EACH (type, json_get(container, "problemTypes"))
        JSON_EACH (description, json_get(type, "descriptions")) {
            struct str cwe = json_str(description, "cweId");
            if (str_starts(cwe, "CWE-") && !str_vector_has(&fact->cwe_ids, cwe)) *vector_push(arena, &fact->cwe_ids) = cwe;
        }
}

static void put_container(struct feed_run *run, yyjson_val *container, struct feed_fact fact)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    read_metrics(&fact, container);
    read_cwes(arena, &fact, container);
    JSON_EACH (description, json_get(container, "descriptions"))
        if (str_starts(json_str(description, "lang"), "en") && str_empty(fact.description))
            fact.description = json_str(description, "value");
    if (fact.title.size || fact.description.size || fact.cwe_ids.count || fact.v3.vector.size || fact.v40.vector.size ||
        fact.v2.vector.size)
        feed_put_fact(run, &fact);
}

static bool put_document(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    yyjson_val *root = yyjson_doc_get_root(document), *head = json_get(root, "cveMetadata"),
               *containers = json_get(root, "containers");
    struct feed_fact fact = { .id = json_str(head, "cveId") };
    if (!feed_is_cve(fact.id)) {
        feed_skip(run, "%.*s names no CVE", STR_ARG(path));
        return true;
    }
    if (str_is(json_str(head, "state"), "REJECTED")) return true;
    fact.source = STR("cna");
    fact.title = json_str(json_get(containers, "cna"), "title");
    put_container(run, json_get(containers, "cna"), fact);
    fact.source = STR("cisa-adp");
    fact.title = (struct str){ 0 };
    JSON_EACH (container, json_get(containers, "adp"))
        if (str_is(json_str(json_get(container, "providerMetadata"), "shortName"), "CISA-ADP"))
            put_container(run, container, fact);
    return true;
}

static bool vulnrichment_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], ".json", put_document, NULL, error)) return false;
    run->current = 0;
    return true;
}

const struct feed_reader feed_vulnrichment = {
    .name = "vulnrichment", .facts = "cna cisa-adp", .late = true, .heavy = true, .read = vulnrichment_read
};
