/* Red Hat's repository-to-cpe.json: which products a repository (a content set) belongs to. */
#include "scan/advisory/feed.h"

static bool put_repository(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = json_parse(value, JSON_INSITU, "a repository's products", error);
    if (!document) return false;
    CLEANUP_ARENA struct arena *arena = arena_new();
    str_vector cpes = { 0 };
    JSON_EACH (cpe, json_get(yyjson_doc_get_root(document), "cpes"))
        if (str_starts(json_value_str(cpe), "cpe:")) *vector_push(arena, &cpes) = json_value_str(cpe);
    feed_put_cpes(run, "repository", key, &cpes);
    return true;
}

static bool cpe_read(struct feed_run *run, struct error *error)
{
    return feed_each_member(run, &run->inputs[0], "data", put_repository, NULL, NULL, error);
}

const struct feed_reader feed_redhat_cpe = { .name = "redhat-cpe", .read = cpe_read };
