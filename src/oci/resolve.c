#include "oci/source.h"
#include "oci/digest.h"

#define DEPTH_LIMIT 3     /* indexes inside indexes (registry.md §6.2) */
#define CANDIDATE_LIMIT 8 /* entries without a platform whose configuration is asked */

struct resolving {
    struct arena *arena;
    struct oci_store *store;
    const struct oci_options *options;
    struct oci_platform platform;
    str_vector visited;
};

struct found {
    struct oci_manifest manifest;
    struct str digest, config;
    struct oci_platform platform; /* as the index said */
};

static bool read_verified(struct resolving *resolving, const struct oci_descriptor *descriptor, size_t limit, const char *what,
                          struct str *content, struct error *error)
{
    if (descriptor->size > limit)
        return error_set(error, ERROR_LIMIT, "manifest-too-large", "%s has %llu bytes, more than %zu", what,
                         (unsigned long long)descriptor->size, limit);
    if (descriptor->has_data)
        *content = descriptor->data;
    else if (!resolving->store->read(resolving->store, resolving->arena, descriptor, (size_t)descriptor->size, content, error))
        return error_wrap(error, "%s", what);
    return oci_content_check(*content, descriptor->digest, descriptor->size, what, error);
}

static bool no_platform(struct resolving *resolving, const struct oci_manifest *index, struct error *error)
{
    str_vector offered = { 0 };
    for (size_t i = 0; i < index->entries.count; i++) {
        const struct oci_descriptor *entry = &index->entries.items[i];
        if (entry->has_platform && !oci_descriptor_is_attestation(entry))
            *vector_push(resolving->arena, &offered) = oci_platform_text(resolving->arena, &entry->platform);
    }
    str_vector_sort_unique(&offered);
    error_set(error, ERROR_NOT_FOUND, "platform-missing", "the image has no variant for %.*s",
              STR_ARG(oci_platform_text(resolving->arena, &resolving->platform)));
    if (offered.count)
        error_hint(error, "choose one of these with --platform: %.*s",
                   STR_ARG(str_to(str_join(resolving->arena, &offered, ", "), 300)));
    return false;
}

static bool resolve(struct resolving *resolving, const struct oci_descriptor *descriptor, unsigned depth, struct found *found,
                    struct error *error);

/* Another entry may be what this one is not: for the platform, or an image at all. */
static bool is_no_candidate(const struct error *error)
{
    return strcmp(error->id, "platform-missing") == 0 || strcmp(error->id, "artifact-not-image") == 0;
}

static bool is_repeated(const struct oci_manifest *index, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_equal(index->entries.items[i].digest, index->entries.items[at].digest)) return true;
    return false;
}

/* Entries without a platform: the child's configuration says it. */
static bool try_unmarked(struct resolving *resolving, const struct oci_manifest *index, unsigned depth, struct found *found,
                         struct error *error)
{
    unsigned tried = 0;
    for (size_t i = 0; i < index->entries.count && tried < CANDIDATE_LIMIT; i++) {
        const struct oci_descriptor *entry = &index->entries.items[i];
        if (entry->has_platform || oci_descriptor_is_attestation(entry)) continue;
        if (!oci_type_is_manifest(entry->media_type) && !oci_type_is_index(entry->media_type)) continue;
        if (is_repeated(index, i)) continue;
        struct oci_image probe = { 0 };
        struct found candidate = { 0 };
        struct error ignored = { 0 };
        tried++;
        if (!resolve(resolving, entry, depth + 1, &candidate, error)) {
            if (is_no_candidate(error)) continue;
            return false;
        }
        yyjson_doc *config = json_parse_in(resolving->arena, candidate.config, "the image's configuration", &ignored);
        probe.os = json_str(yyjson_doc_get_root(config), "os");
        struct oci_platform offered = { probe.os,
                                        json_str(yyjson_doc_get_root(config), "architecture"),
                                        json_str(yyjson_doc_get_root(config), "variant"),
                                        { 0 } };
        oci_platform_normalise(&offered);
        /* A single-platform index without words for it: the only image there is. */
        if (oci_platform_fit(&resolving->platform, &offered) ||
            (index->entries.count == 1 && !resolving->options->platform.size)) {
            *found = candidate;
            return true;
        }
    }
    return no_platform(resolving, index, error);
}

static bool visit_once(struct resolving *resolving, struct str digest, struct error *error)
{
    if (str_vector_has(&resolving->visited, digest))
        return error_set(error, ERROR_INVALID, "index-cycle", "the index names %.*s again inside itself", STR_ARG(digest));
    *vector_push(resolving->arena, &resolving->visited) = digest;
    return true;
}

static bool resolve(struct resolving *resolving, const struct oci_descriptor *descriptor, unsigned depth, struct found *found,
                    struct error *error)
{
    struct str text;
    struct found here = { .digest = descriptor->digest, .platform = descriptor->platform };
    if (depth > DEPTH_LIMIT)
        return error_set(error, ERROR_LIMIT, "index-depth", "indexes are nested deeper than %d", DEPTH_LIMIT);
    if (!visit_once(resolving, descriptor->digest, error)) return false;
    if (!read_verified(resolving, descriptor, OCI_MANIFEST_LIMIT, "the manifest", &text, error)) return false;
    if (!oci_manifest_parse(resolving->arena, text, descriptor->media_type, "the manifest", &here.manifest, error))
        return false;
    if (here.manifest.kind == OCI_INDEX) {
        ptrdiff_t chosen = oci_platform_choose(resolving->arena, &here.manifest, &resolving->platform);
        if (chosen < 0) return try_unmarked(resolving, &here.manifest, depth, found, error);
        return resolve(resolving, &here.manifest.entries.items[chosen], depth + 1, found, error);
    }
    if (!oci_manifest_scannable(&here.manifest))
        return error_set(
            error, ERROR_UNSUPPORTED, "artifact-not-image", "it is an artifact of type %.*s, not an image",
            STR_ARG(
                str_to(here.manifest.artifact_type.size ? here.manifest.artifact_type : here.manifest.config.media_type, 200)));
    if (!read_verified(resolving, &here.manifest.config, OCI_CONFIG_LIMIT, "the image's configuration", &here.config, error))
        return false;
    *found = here;
    return true;
}

static bool list_layers(struct resolving *resolving, const struct oci_manifest *manifest, struct oci_image *image,
                        struct error *error)
{
    image->size = 0;
    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct oci_descriptor *entry = &manifest->entries.items[i];
        struct oci_layer *layer = vector_push(resolving->arena, &image->layers);
        *layer = (struct oci_layer){ .digest = entry->digest, .media_type = entry->media_type, .size = entry->size };
        layer->foreign = oci_layer_kind(entry->media_type) != OCI_LAYER_PLAIN;
        if (layer->foreign) continue;
        if (__builtin_add_overflow(image->size, entry->size, &image->size)) image->size = UINT64_MAX;
    }
    uint64_t most = resolving->options->max_size;
    if (most && image->size > most) {
        error_set(error, ERROR_LIMIT, "image-too-large", "the image's layers have %llu bytes, more than the %llu allowed",
                  (unsigned long long)image->size, (unsigned long long)most);
        return error_hint(error, "raise --max-image-size, or leave it out");
    }
    return true;
}

bool oci_image_resolve(struct arena *arena, struct oci_store *store, const struct oci_descriptor *start,
                       const struct oci_options *options, struct oci_image *image, struct error *error)
{
    struct resolving resolving = { .arena = arena, .store = store, .options = options };
    struct found found = { 0 };
    if (!oci_platform_parse(arena, options->platform, &resolving.platform, error)) return false;
    if (!resolve(&resolving, start, 0, &found, error)) return false;
    struct oci_image filled = *image;
    memset(&filled.layers, 0, sizeof filled.layers);
    if (!list_layers(&resolving, &found.manifest, &filled, error)) return false;
    if (!oci_config_apply(arena, found.config, &found.platform, &filled, error)) return false;
    filled.image_id = found.manifest.config.digest;
    filled.manifest_digest = found.digest;
    *image = filled;
    return true;
}
