/* Red Hat's CVE API documents: severity, vectors, title and text of one CVE each. */
#include "scan/advisory/feed.h"

/* "CVE-2022-0778 openssl: Infinite loop in BN_mod_sqrt()" → without the identifier */
static struct str title_of(struct str title, struct str id)
{
    title = str_trim(title);
    if (title.size > id.size && memcmp(title.data, id.data, id.size) == 0) title = str_trim(str_from(title, id.size));
    return title;
}

static struct str join_texts(struct arena *arena, yyjson_val *texts)
{
    str_vector parts = { 0 };
    JSON_EACH (text, texts) {
        struct str part = str_trim(json_value_str(text));
        if (!str_empty(part) && !str_vector_has(&parts, part)) *vector_push(arena, &parts) = part;
    }
    return str_join(arena, &parts, "\n");
}

/* "CWE-835", "(CWE-119|CWE-787)", "CWE-400->CWE-770" */
static void read_cwes(struct arena *arena, struct str text, str_vector *cwes)
{
    for (ptrdiff_t at; (at = str_find_text(text, STR("CWE-"))) >= 0;) {
        text = str_from(text, (size_t)at);
        size_t size = 4;
        while (size < text.size && text.data[size] >= '0' && text.data[size] <= '9')
            size++;
        struct str cwe = str_to(text, size);
        if (size > 4 && !str_vector_has(cwes, cwe)) *vector_push(arena, cwes) = cwe;
        text = str_from(text, size);
    }
}

static void read_score(struct feed_fact *fact, yyjson_val *cvss, const char *vector, const char *score)
{
    double value = 0;
    str_to_double(json_str(cvss, score), &value);
    feed_fact_cvss(fact, json_str(cvss, vector), value);
}

static bool put_document(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    CLEANUP_ARENA struct arena *arena = arena_new();
    yyjson_val *root = yyjson_doc_get_root(document);
    struct feed_fact fact = { .id = json_str(root, "name"),
                              .source = STR("redhat"),
                              .severity = feed_severity(json_str(root, "threat_severity")) };
    if (!feed_is_cve(fact.id)) {
        feed_skip(run, "%.*s names no CVE", STR_ARG(path));
        return true;
    }
    fact.title = title_of(json_str(json_get(root, "bugzilla"), "description"), fact.id);
    fact.description = join_texts(arena, json_get(root, "details"));
    read_score(&fact, json_get(root, "cvss3"), "cvss3_scoring_vector", "cvss3_base_score");
    read_score(&fact, json_get(root, "cvss"), "cvss_scoring_vector", "cvss_base_score");
    read_cwes(arena, json_str(root, "cwe"), &fact.cwe_ids);
    *vector_push(arena, &fact.references) = arena_strf(arena, "https://access.redhat.com/security/cve/%.*s", STR_ARG(fact.id));
    feed_put_fact(run, &fact);
    return true;
}

static bool cve_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], ".json", put_document, NULL, error)) return false;
    run->current = 0;
    return true;
}

const struct feed_reader feed_redhat_cve = {
    .name = "redhat-cve", .facts = "redhat", .late = true, .heavy = true, .read = cve_read
};
