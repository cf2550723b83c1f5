/* Red Hat's repository-to-cpe.json: which products a repository (a content set) belongs to. */
#include "scan/advisory/feed.h"

/* The repositories that an image is judged by when it names none (match_redhat.c): known even where the file is older than the
 * release. */
static const struct {
    const char *repository, *cpe;
} defaults[] = {
    { "rhel-8-for-x86_64-appstream-rpms", "cpe:/a:redhat:enterprise_linux:8::appstream" },
    { "rhel-8-for-x86_64-baseos-rpms", "cpe:/o:redhat:enterprise_linux:8::baseos" },
    { "rhel-9-for-x86_64-appstream-rpms", "cpe:/a:redhat:enterprise_linux:9::appstream" },
    { "rhel-9-for-x86_64-baseos-rpms", "cpe:/o:redhat:enterprise_linux:9::baseos" },
    { "rhel-10-for-x86_64-appstream-rpms", "cpe:/a:redhat:enterprise_linux:10::appstream" },
    { "rhel-10-for-x86_64-baseos-rpms", "cpe:/o:redhat:enterprise_linux:10::baseos" },
};
#define DEFAULTS (sizeof defaults / sizeof *defaults)

static bool put_repository(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    bool *named = context;
    for (size_t i = 0; i < DEFAULTS; i++)
        if (str_is(key, defaults[i].repository)) named[i] = true;
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
    bool named[DEFAULTS] = { false };
    if (!feed_each_member(run, &run->inputs[0], "data", put_repository, NULL, named, error)) return false;
    for (size_t i = 0; i < DEFAULTS; i++) {
        str_vector cpes = { 0 };
        *vector_push(run->arena, &cpes) = str_of(defaults[i].cpe);
        if (!named[i]) feed_put_cpes(run, "repository", str_of(defaults[i].repository), &cpes);
    }
    return true;
}

const struct feed_reader feed_redhat_cpe = { .name = "redhat-cpe", .read = cpe_read };
