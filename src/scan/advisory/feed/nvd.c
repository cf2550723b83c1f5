/* NVD 2.0: the API's pages and the yearly files have one shape. Scores that NVD only passes on are kept under the names of
 * those who gave them: CISA ("cisa-adp"), else the CVE's own authority ("cna") (feeds.md §4). */
#include "scan/advisory/feed.h"

#define CISA "134c704f-9b21-4f2e-91b3-4a467353bcc0"

enum giver {
    GIVER_NVD,
    GIVER_CISA,
    GIVER_CNA,
    GIVERS
};
static const char *const giver_names[GIVERS] = { "nvd", "cisa-adp", "cna" };

static enum giver giver_of(yyjson_val *metric)
{
    struct str source = json_str(metric, "source");
    if (str_is(source, "nvd@nist.gov")) return GIVER_NVD;
    return str_is(source, CISA) ? GIVER_CISA : GIVER_CNA;
}

/* Newest first: a later row does not replace what an earlier one set, and the first one's word is the severity. */
static const char *const metrics[] = { "cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2" };

static void read_metric(struct feed_fact *facts, yyjson_val *metric)
{
    struct feed_fact *fact = &facts[giver_of(metric)];
    yyjson_val *data = json_get(metric, "cvssData");
    struct feed_fact one = { 0 };
    feed_fact_cvss(&one, json_str(data, "vectorString"), json_real(data, "baseScore", 0));
    if (str_empty(fact->v40.vector)) fact->v40 = one.v40;
    if (str_empty(fact->v3.vector)) fact->v3 = one.v3;
    if (str_empty(fact->v2.vector)) fact->v2 = one.v2;
    struct str word = json_str(data, "baseSeverity");
    if (str_empty(word)) word = json_str(metric, "baseSeverity"); /* v2 has it outside */
    if (!fact->severity) fact->severity = feed_severity(word);
}

static struct str english(yyjson_val *values)
{
    JSON_EACH (item, values)
        if (str_is(json_str(item, "lang"), "en")) return json_str(item, "value");
    return json_str(yyjson_arr_get_first(values), "value");
}

/* "2004-11-23T05:00:00.000" → RFC 3339 in UTC */
static struct str date_of(struct arena *arena, struct str text)
{
    if (text.size < 19) return (struct str){ 0 };
    return arena_strf(arena, "%.*sZ", STR_ARG(str_to(text, 19)));
}

static void read_details(struct arena *arena, struct feed_fact *fact, yyjson_val *cve)
{
    fact->description = english(json_get(cve, "descriptions"));
    fact->published = date_of(arena, json_str(cve, "published"));
    fact->modified = date_of(arena, json_str(cve, "lastModified"));
    JSON_EACH (weakness, json_get(cve, "weaknesses"))
        JSON_EACH (description, json_get(weakness, "description")) {
            struct str cwe = json_str(description, "value");
            if (str_starts(cwe, "CWE-") && !str_vector_has(&fact->cwe_ids, cwe)) *vector_push(arena, &fact->cwe_ids) = cwe;
        }
    JSON_EACH (reference, json_get(cve, "references"))
        *vector_push(arena, &fact->references) = json_str(reference, "url");
}

static bool is_rejected(yyjson_val *cve, struct str description)
{
    return str_is_nocase(json_str(cve, "vulnStatus"), "rejected") || str_starts(description, "Rejected reason:") ||
           str_contains(description, "** REJECT **");
}

static void put_cve(struct feed_run *run, yyjson_val *cve)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct feed_fact facts[GIVERS] = { 0 };
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        JSON_EACH (metric, json_get(json_get(cve, "metrics"), metrics[i]))
            read_metric(facts, metric);
    read_details(arena, &facts[GIVER_NVD], cve);
    if (is_rejected(cve, facts[GIVER_NVD].description)) return;
    for (size_t i = 0; i < GIVERS; i++) {
        facts[i].id = json_str(cve, "id");
        facts[i].source = str_of(giver_names[i]);
        if (i == GIVER_NVD || facts[i].severity || facts[i].v3.vector.size || facts[i].v40.vector.size)
            feed_put_fact(run, &facts[i]);
    }
}

static bool put_item(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = json_parse(value, JSON_INSITU, "an NVD record", error);
    if (!document) return false;
    yyjson_val *cve = json_get(yyjson_doc_get_root(document), "cve");
    if (feed_is_cve(json_str(cve, "id")))
        put_cve(run, cve);
    else
        feed_skip(run, "a record without a CVE identifier");
    return true;
}

static bool note_head(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    if (!str_is(key, "timestamp")) return true;
    struct str date = date_of(run->arena, value);
    if (str_compare(date, run->as_of) > 0) run->as_of = date;
    return true;
}

static bool nvd_read(struct feed_run *run, struct error *error)
{
    for (size_t i = 0; i < run->input_count; i++) {
        run->current = i;
        if (!feed_each_member(run, &run->inputs[i], "vulnerabilities", put_item, note_head, NULL, error)) return false;
    }
    return true;
}

const struct feed_reader feed_nvd = { .name = "nvd", .facts = "nvd cisa-adp cna", .late = true, .read = nvd_read };
