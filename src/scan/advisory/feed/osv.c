#include "scan/advisory/feed/osv.h"

struct osv_reading {
    void (*put)(void *context, struct feed_run *run, yyjson_val *record);
    void *context;
};

static bool put_document(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    const struct osv_reading *reading = context;
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    yyjson_val *root = yyjson_doc_get_root(document);
    struct str modified = json_str(root, "modified");
    if (!feed_is_id(json_str(root, "id"))) {
        feed_skip(run, "%.*s is no OSV record", STR_ARG(path));
        return true;
    }
    if (str_compare(modified, run->as_of) > 0) run->as_of = arena_str(run->arena, modified);
    if (str_empty(json_str(root, "withdrawn"))) reading->put(reading->context, run, root);
    run->counts[run->current]++;
    return true;
}

bool osv_read(struct feed_run *run, void (*put)(void *context, struct feed_run *run, yyjson_val *record), void *context,
              struct error *error)
{
    struct osv_reading reading = { put, context };
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], ".json", put_document, &reading, error)) return false;
    run->current = 0;
    return true;
}

/* Events in document order: schema and practice write them sorted. Each `introduced` opens an interval. */
static void walk_events(struct feed_run *run, yyjson_val *record, yyjson_val *affected, yyjson_val *range,
                        void (*put)(void *, struct feed_run *, yyjson_val *, yyjson_val *, struct osv_interval), void *context)
{
    struct osv_interval interval = { 0 };
    bool open = false;
    JSON_EACH (event, json_get(range, "events")) {
        struct str introduced = json_str(event, "introduced"), fixed = json_str(event, "fixed"),
                   last = json_str(event, "last_affected");
        if (!str_empty(introduced)) {
            if (open) put(context, run, record, affected, interval);
            interval = (struct osv_interval){ .introduced = str_is(introduced, "0") ? (struct str){ 0 } : introduced };
            open = true;
        } else if (!str_empty(fixed) || !str_empty(last)) {
            interval.fixed = fixed;
            interval.last_affected = last;
            if (open) put(context, run, record, affected, interval);
            open = false;
        }
    }
    if (open) put(context, run, record, affected, interval);
}

void osv_each_interval(struct feed_run *run, yyjson_val *record,
                       void (*put)(void *context, struct feed_run *run, yyjson_val *record, yyjson_val *affected,
                                   struct osv_interval interval),
                       void *context)
{
    JSON_EACH (affected, json_get(record, "affected")) {
        yyjson_val *ranges = json_get(affected, "ranges");
        if (!yyjson_arr_size(ranges) && !yyjson_arr_size(json_get(affected, "versions")))
            put(context, run, record, affected, (struct osv_interval){ 0 });
        JSON_EACH (range, ranges)
            if (!str_is(json_str(range, "type"), "GIT")) walk_events(run, record, affected, range, put, context);
    }
}

static void add_cve(struct arena *arena, str_vector *cves, struct str id)
{
    if (feed_is_cve(id) && !str_vector_has(cves, id)) *vector_push(arena, cves) = id;
}

void osv_cves(struct arena *arena, yyjson_val *record, str_vector *cves)
{
    static const char *const lists[] = { "aliases", "upstream", "related" };
    add_cve(arena, cves, json_str(record, "id"));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        JSON_EACH (id, json_get(record, lists[i]))
            add_cve(arena, cves, json_value_str(id));
}

void osv_put_facts(struct feed_run *run, yyjson_val *record, struct str source, enum severity severity)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    str_vector cves = { 0 };
    osv_cves(arena, record, &cves);
    struct feed_fact fact = { .source = source, .severity = severity };
    JSON_EACH (score, json_get(record, "severity"))
        if (str_starts(json_str(score, "type"), "CVSS") && cves.count == 1) feed_fact_cvss(&fact, json_str(score, "score"), 0);
    JSON_EACH (reference, json_get(record, "references"))
        *vector_push(arena, &fact.references) = json_str(reference, "url");
    if (cves.count <= 1) {
        fact.title = json_str(record, "summary");
        fact.description = json_str(record, "details");
    }
    if (!cves.count) *vector_push(arena, &cves) = json_str(record, "id");
    for (size_t i = 0; i < cves.count; i++) {
        fact.id = cves.items[i];
        feed_put_fact(run, &fact);
    }
}
