#include "oci/source.h"
#include "oci/digest.h"
#include "oci/reference.h"

#define MANIFEST_NAME "manifest.json"
#define MANIFEST_LIMIT ((size_t)16 << 20)
#define LAYERS_LIMIT 4096
#define LAYER_TYPE "application/vnd.docker.image.rootfs.diff.tar"

struct archive {
    struct tree *tree;
    str_vector paths; /* of the layers */
};

static struct str canonical(struct arena *arena, struct str name)
{
    struct oci_reference reference;
    struct error ignored = { 0 };
    return oci_reference_parse(arena, name, &reference, &ignored) ? oci_reference_canonical(arena, &reference) : name;
}

static struct str tag_of(struct str name)
{
    ptrdiff_t colon = str_find_last(name, ':');
    return colon > str_find_last(name, '/') ? str_from(name, (size_t)colon + 1) : (struct str){ 0 };
}

/* How well an image's name fits what was asked for: 3 as written, 2 the same reference, 1 only its tag. */
static unsigned name_fits(struct arena *arena, struct str name, struct str wanted)
{
    if (str_equal(name, wanted)) return 3;
    if (str_equal(canonical(arena, name), canonical(arena, wanted))) return 2;
    return str_equal(tag_of(name), wanted) ? 1 : 0;
}

static yyjson_val *choose(struct arena *arena, yyjson_val *images, const char *wanted, struct error *error)
{
    yyjson_val *chosen = NULL;
    unsigned best = 0;
    str_vector names = { 0 };
    if (!wanted) return yyjson_arr_get_first(images);
    JSON_EACH (image, images) {
        JSON_EACH (tag, json_get(image, "RepoTags")) {
            unsigned fit = name_fits(arena, json_value_str(tag), str_of(wanted));
            *vector_push(arena, &names) = json_value_str(tag);
            if (fit > best) best = fit, chosen = image;
        }
    }
    if (chosen) return chosen;
    error_set(error, ERROR_NOT_FOUND, "archive-image-missing", "the archive has no image %s", wanted);
    if (names.count) error_hint(error, "it has these: %.*s", STR_ARG(str_to(str_join(arena, &names, ", "), 300)));
    return NULL;
}

static bool invalid(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "docker-archive-invalid", "%s: %s", MANIFEST_NAME, why);
}

static bool list_layers(struct arena *arena, struct archive *archive, yyjson_val *layers, struct oci_image *image,
                        struct error *error)
{
    if (layers && !yyjson_is_null(layers) && !yyjson_is_arr(layers)) return invalid(error, "Layers is not an array");
    if (yyjson_arr_size(layers) > LAYERS_LIMIT)
        return error_set(error, ERROR_LIMIT, "manifest-entries", "the image has more than %d layers", LAYERS_LIMIT);
    JSON_EACH (item, layers) {
        struct oci_blob blob;
        struct str path = json_value_str(item);
        if (!path.size) return invalid(error, "a layer has no path");
        if (!tree_blob(archive->tree, path, &blob, error)) return error_wrap(error, "a layer of the image");
        *vector_push(arena, &archive->paths) = path;
        *vector_push(arena, &image->layers) = (struct oci_layer){ .media_type = STR(LAYER_TYPE), .size = blob.size };
        oci_blob_close(&blob);
        if (__builtin_add_overflow(image->size, blob.size, &image->size)) image->size = UINT64_MAX;
    }
    return true;
}

static bool check_size(const struct oci_options *options, const struct oci_image *image, struct error *error)
{
    if (!options->max_size || image->size <= options->max_size) return true;
    error_set(error, ERROR_LIMIT, "image-too-large", "the image's layers have %llu bytes, more than the %llu allowed",
              (unsigned long long)image->size, (unsigned long long)options->max_size);
    return error_hint(error, "raise --max-image-size, or leave it out");
}

static bool open_layer(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error)
{
    struct archive *archive = image->state;
    return tree_blob(archive->tree, archive->paths.items[index], blob, error);
}

static void close_archive(struct oci_image *image) { tree_close(((struct archive *)image->state)->tree); }

bool docker_archive_open(struct arena *arena, struct tree *tree, const struct oci_options *options, struct oci_image *image,
                         struct error *error)
{
    struct str text, config;
    struct archive *archive = arena_alloc(arena, sizeof *archive);
    struct oci_image filled = { .name = image->name, .open_layer = open_layer, .close = close_archive, .state = archive };
    char image_id[SHA256_TEXT];
    archive->tree = tree;
    if (!tree_read(tree, arena, STR(MANIFEST_NAME), MANIFEST_LIMIT, &text, error)) return false;
    yyjson_doc *document = json_parse_in(arena, text, MANIFEST_NAME, error);
    if (!document) return false;
    yyjson_val *images = yyjson_doc_get_root(document);
    if (!yyjson_is_arr(images) || !yyjson_arr_size(images)) return invalid(error, "it is not a list of images");
    yyjson_val *chosen = choose(arena, images, options->image, error);
    if (!chosen) return false;
    filled.siblings = options->image ? 0 : yyjson_arr_size(images) - 1;
    if (!list_layers(arena, archive, json_get(chosen, "Layers"), &filled, error) || !check_size(options, &filled, error))
        return false;
    if (!json_str(chosen, "Config").size) return invalid(error, "the image has no Config");
    if (!tree_read(tree, arena, json_str(chosen, "Config"), OCI_CONFIG_LIMIT, &config, error))
        return error_wrap(error, "the image's configuration");
    if (!digest_load(error)) return false;
    filled.image_id = arena_str(arena, str_of(sha256_text(config, image_id)));
    JSON_EACH (tag, json_get(chosen, "RepoTags"))
        if (json_value_str(tag).size) *vector_push(arena, &filled.repo_tags) = json_value_str(tag);
    if (filled.repo_tags.count) filled.reference = canonical(arena, filled.repo_tags.items[0]);
    struct oci_platform nothing = { 0 };
    if (!oci_config_apply(arena, config, &nothing, &filled, error)) return false;
    *image = filled;
    return true;
}
