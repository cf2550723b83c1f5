/* Trivy's own database: bbolt, schema 2 (scan.md §12). */
#include "scan/advisory/record.h"

#include <stdlib.h>

struct trivy_store {
    struct advisory_store store;
    struct bbolt *file;
};

static struct bbolt *file_of(struct advisory_store *store) { return ((struct trivy_store *)store)->file; }

/* The bucket `name` below `parent`: 1 found, 0 absent, -1 damaged. */
static int open_bucket(struct advisory_store *store, struct str name, struct bbolt_bucket *bucket, struct error *error)
{
    return bbolt_get_bucket(file_of(store), bbolt_root(file_of(store)), name, bucket, error);
}

/* A value of a top-level bucket, parsed; NULL in *document when absent. */
static bool get_json(struct advisory_store *store, struct arena *arena, struct str bucket_name, struct str key,
                     yyjson_doc **document, struct error *error)
{
    struct bbolt_bucket bucket;
    struct str value;
    *document = NULL;
    int found = open_bucket(store, bucket_name, &bucket, error);
    if (found > 0) found = bbolt_get(file_of(store), bucket, key, &value, error);
    if (found <= 0) return found == 0;
    *document = json_parse_in(arena, value, "a record of trivy.db", error);
    return *document != NULL;
}

struct collecting {
    struct arena *arena;
    advisory_vector *advisories;
    struct error *error;
    bool failed;
};

static bool collect(void *context, struct str key, bool is_bucket, struct bbolt_bucket child, struct str value)
{
    struct collecting *collecting = context;
    if (is_bucket) return true;
    yyjson_doc *document = json_parse_in(collecting->arena, value, "a record of trivy.db", collecting->error);
    if (!document) {
        collecting->failed = true;
        return false;
    }
    *vector_push(collecting->arena, collecting->advisories) =
        record_advisory(collecting->arena, key, yyjson_doc_get_root(document));
    return true;
}

static bool trivy_get(struct advisory_store *store, struct arena *arena, struct str bucket_name, struct str package,
                      advisory_vector *advisories, struct error *error)
{
    struct bbolt_bucket bucket, packages;
    int found = open_bucket(store, bucket_name, &packages, error);
    if (found > 0) found = bbolt_get_bucket(file_of(store), packages, package, &bucket, error);
    if (found <= 0) return found == 0;
    struct collecting collecting = { arena, advisories, error, false };
    return bbolt_each(file_of(store), bucket, collect, &collecting, error) && !collecting.failed;
}

static bool trivy_has_bucket(struct advisory_store *store, struct str name, bool *known, struct error *error)
{
    struct bbolt_bucket bucket;
    int found = open_bucket(store, name, &bucket, error);
    *known = found > 0;
    return found >= 0;
}

static bool trivy_source(struct advisory_store *store, struct arena *arena, struct str bucket, struct data_source *source,
                         struct error *error)
{
    yyjson_doc *document;
    if (!get_json(store, arena, STR("data-source"), bucket, &document, error)) return false;
    *source = document ? record_source(yyjson_doc_get_root(document)) : (struct data_source){ 0 };
    return true;
}

static bool trivy_vulnerability(struct advisory_store *store, struct arena *arena, struct str id,
                                const struct vulnerability **vulnerability, struct error *error)
{
    yyjson_doc *document;
    if (!get_json(store, arena, STR("vulnerability"), id, &document, error)) return false;
    if (document && yyjson_is_obj(yyjson_doc_get_root(document)))
        *vulnerability = record_vulnerability(arena, arena_str(arena, id), yyjson_doc_get_root(document));
    return true;
}

static bool trivy_cpes(struct advisory_store *store, struct arena *arena, const char *kind, struct str key,
                       number_vector *numbers, struct error *error)
{
    struct bbolt_bucket all, bucket;
    struct str value;
    int found = open_bucket(store, STR("Red Hat CPE"), &all, error);
    if (found > 0) found = bbolt_get_bucket(file_of(store), all, str_of(kind), &bucket, error);
    if (found > 0) found = bbolt_get(file_of(store), bucket, key, &value, error);
    if (found <= 0) return found == 0;
    yyjson_doc *document = json_parse_in(arena, value, "a record of trivy.db", error);
    if (document) record_numbers(arena, yyjson_doc_get_root(document), numbers);
    return document != NULL;
}

struct listing {
    struct arena *arena;
    advisory_source_vector *sources;
    struct str as_of;
};

static bool list_source(void *context, struct str key, bool is_bucket, struct bbolt_bucket child, struct str value)
{
    struct listing *listing = context;
    struct error ignored = { 0 };
    if (is_bucket) return true;
    yyjson_doc *document = json_parse_in(listing->arena, value, "a data source", &ignored);
    if (!document) return true;
    struct data_source source = record_source(yyjson_doc_get_root(document));
    for (size_t i = 0; i < listing->sources->count; i++)
        if (str_equal(listing->sources->items[i].id, source.id)) return true;
    *vector_push(listing->arena, listing->sources) = (struct advisory_source){
        .id = source.id, .name = source.name, .url = source.url, .as_of = listing->as_of, .redistributable = true
    };
    return true;
}

static bool trivy_sources(struct advisory_store *store, struct arena *arena, advisory_source_vector *sources,
                          struct error *error)
{
    struct bbolt_bucket bucket;
    int found = open_bucket(store, STR("data-source"), &bucket, error);
    if (found <= 0) return found == 0;
    struct listing listing = { arena, sources, store->built_at };
    return bbolt_each(file_of(store), bucket, list_source, &listing, error);
}

static bool trivy_end_of_life(struct advisory_store *store, struct str family, struct str release, moment *end)
{
    return false;
}

static bool trivy_ends(struct advisory_store *store, struct arena *arena, const char *family, advisory_end_vector *ends,
                       struct error *error)
{
    return true;
}

static void trivy_close(struct advisory_store *store)
{
    bbolt_close(file_of(store));
    arena_free(store->arena);
    free(store);
}

/* metadata.json beside the file says when it was made (scan.md §12.1). */
static struct str read_updated_at(struct arena *arena, const char *path)
{
    struct str folder = path_folder(str_of(path)), content;
    struct error ignored = { 0 };
    const char *metadata = path_join(arena, folder.size ? arena_cstr(arena, folder) : ".", "metadata.json");
    if (!file_read(arena, metadata, 1 << 20, &content, &ignored)) return (struct str){ 0 };
    yyjson_doc *document = json_parse_in(arena, content, metadata, &ignored);
    return document ? json_str(yyjson_doc_get_root(document), "UpdatedAt") : (struct str){ 0 };
}

static const struct store_kind trivy_kind = {
    trivy_get,     trivy_has_bucket,  trivy_source, trivy_vulnerability, trivy_cpes,
    trivy_sources, trivy_end_of_life, trivy_ends,   trivy_close,
};

struct advisory_store *store_trivy_open(const char *path, struct error *error)
{
    struct bbolt *file = bbolt_open(path, error);
    if (!file) return NULL;
    struct trivy_store *store = memory_alloc(sizeof *store);
    *store = (struct trivy_store){ { &trivy_kind, arena_new(), { 0 } }, file };
    store->store.built_at = read_updated_at(store->store.arena, path);
    return &store->store;
}

bool advisory_store_is_trivy(const struct advisory_store *store) { return store->kind == &trivy_kind; }
