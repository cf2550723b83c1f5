/* The "secdb" of apk distributions: Alpine, Wolfi, Chainguard, MinimOS (feeds.md §3, Alpine).
 * It knows fixes only: an installed origin package older than a version is open to that version's identifiers. */
#include "scan/advisory/feed.h"

static const struct feed_source alpine_sources[] = {
    { "alpine ", "alpine", "Alpine Secdb", "https://secdb.alpinelinux.org/" },
    { NULL, NULL, NULL, NULL },
};
static const struct feed_source wolfi_sources[] = {
    { "wolfi", "wolfi", "Wolfi Secdb", "https://packages.wolfi.dev/os/security.json" },
    { NULL, NULL, NULL, NULL },
};
static const struct feed_source chainguard_sources[] = {
    { "chainguard", "chainguard", "Chainguard Security Data", "https://packages.cgr.dev/chainguard/security.json" },
    { NULL, NULL, NULL, NULL },
};
static const struct feed_source minimos_sources[] = {
    { "minimos", "minimos", "MinimOS Security Data", "https://packages.mini.dev/advisories/secdb/security.json" },
    { NULL, NULL, NULL, NULL },
};

/* One identifier of one package: the newest version that fixes it. */
struct fix {
    struct str id, version;
    str_vector others; /* what else the same line calls it: "XSA-295" */
};

static struct str clean_id(struct arena *arena, struct str word)
{
    word = str_trim_set(word, "(),;");
    if (str_starts(word, "CVE_")) word = arena_strf(arena, "CVE-%.*s", STR_ARG(str_from(word, 4)));
    return feed_is_id(word) ? word : (struct str){ 0 };
}

/* The same vulnerability fixed twice: the first fix was incomplete. "0": a branch that never had it. */
static void add_fix(struct arena *arena, struct map *fixes, struct str id, struct str version, const str_vector *others)
{
    struct fix *fix = map_get(fixes, id);
    int sign;
    if (!fix) {
        fix = arena_alloc(arena, sizeof *fix);
        *fix = (struct fix){ .id = id, .version = version };
        map_set(fixes, id, fix);
    } else if (version_compare(&version_apk, fix->version, version, &sign) && sign < 0) {
        fix->version = version;
    }
    for (size_t i = 0; i < others->count; i++)
        if (!str_vector_has(&fix->others, others->items[i])) *vector_push(arena, &fix->others) = others->items[i];
}

/* "CVE-2019-17349 CVE-2019-17350 XSA-295": every CVE is a vulnerability of its own, the rest are its other names; without
 * a CVE the first identifier is the name. */
static void add_line(struct arena *arena, struct map *fixes, struct str version, struct str line)
{
    str_vector cves = { 0 }, others = { 0 };
    for (struct str word; !str_empty(word = str_word(&line));) {
        struct str id = clean_id(arena, word);
        if (str_empty(id)) continue;
        str_vector *list = feed_is_cve(id) ? &cves : &others;
        if (!str_vector_has(list, id)) *vector_push(arena, list) = id;
    }
    for (size_t i = 0; i < cves.count; i++)
        add_fix(arena, fixes, cves.items[i], version, &others);
    if (cves.count || !others.count) return;
    str_vector rest = { .items = others.items + 1, .count = others.count - 1 };
    add_fix(arena, fixes, others.items[0], version, &rest);
}

static void put_package(struct feed_run *run, struct str bucket, yyjson_val *package)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct map *fixes = map_new(arena);
    JSON_MEMBERS (version, ids, json_get(package, "secfixes"))
        JSON_EACH (id, ids)
            add_line(arena, fixes, json_value_str(version), json_value_str(id));
    size_t position = 0;
    for (void *value; map_next(fixes, &position, NULL, &value);) {
        const struct fix *fix = value;
        if (str_is(fix->version, "0") || str_empty(fix->version)) continue;
        struct feed_record record = { .bucket = bucket,
                                      .package = json_str(package, "name"),
                                      .id = fix->id,
                                      .fixed_version = fix->version,
                                      .vendor_ids = fix->others };
        feed_put_record(run, &record);
    }
}

/* "v3.20" → "alpine 3.20"; a reader with one bucket only has that. */
static struct str bucket_of(struct feed_run *run, yyjson_val *root)
{
    const char *bucket = run->reader->sources[0].bucket;
    if (!str_ends(str_of(bucket), " ")) return str_of(bucket);
    struct str release = json_str(root, "distroversion");
    if (str_starts(release, "v")) release = str_from(release, 1);
    return str_empty(release) ? release : arena_strf(run->arena, "%s%.*s", bucket, STR_ARG(release));
}

static bool put_document(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    yyjson_val *root = yyjson_doc_get_root(document);
    struct str bucket = bucket_of(run, root);
    if (str_empty(bucket) || !yyjson_is_arr(json_get(root, "packages"))) {
        feed_skip(run, "%.*s is not a secdb file", STR_ARG(path));
        return true;
    }
    JSON_EACH (item, json_get(root, "packages"))
        put_package(run, bucket, json_get(item, "pkg"));
    return true;
}

static bool secdb_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], NULL, put_document, NULL, error)) return false;
    run->current = 0;
    return true;
}

const struct feed_reader feed_alpine = { .name = "alpine", .sources = alpine_sources, .read = secdb_read };
const struct feed_reader feed_wolfi = { .name = "wolfi", .sources = wolfi_sources, .read = secdb_read };
const struct feed_reader feed_chainguard = { .name = "chainguard", .sources = chainguard_sources, .read = secdb_read };
const struct feed_reader feed_minimos = { .name = "minimos", .sources = minimos_sources, .read = secdb_read };
