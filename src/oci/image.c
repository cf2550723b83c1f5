#include "oci/source.h"
#include "oci/digest.h"

/* ---- --input ---- */

/* "DIR:tag" and "DIR@sha256:…", unless something of that very name is there. */
static const char *split_input(struct arena *arena, const char *input, struct str *selector)
{
    struct str text = str_of(input);
    *selector = (struct str){ 0 };
    if (strcmp(input, "-") == 0 || file_exists(input)) return input;
    ptrdiff_t at = str_find_last(text, '@');
    ptrdiff_t cut = at > 0 && oci_digest_valid(str_from(text, (size_t)at + 1)) ? at : str_find_last(text, ':');
    if (cut <= 0) return input;
    const char *path = arena_cstr(arena, str_to(text, (size_t)cut));
    if (!file_exists(path)) return input;
    *selector = str_from(text, (size_t)cut + 1);
    return path;
}

static bool not_an_image(const char *path, struct error *error)
{
    error_set(error, ERROR_INVALID, "input-not-image", "%s is no image: it has neither manifest.json nor index.json", path);
    return error_hint(error,
                      "give an archive made by `docker save`, or an OCI layout; for a tree of files use `fs` or `rootfs`");
}

static bool has_manifest(struct tree *tree) { return !tree_is_folder(tree) && tree_has(tree, STR("manifest.json")); }

bool oci_is_image(const char *path, moment deadline)
{
    CLEANUP_TREE struct tree *tree = NULL;
    struct error ignored = { 0 };
    return tree_open(path, deadline, &tree, &ignored) && (has_manifest(tree) || tree_has(tree, STR("oci-layout")));
}

/* Docker archives first, then layouts: newer archives are both. */
static bool open_input(struct arena *arena, const struct oci_options *options, struct oci_image *image, struct error *error)
{
    struct str selector;
    const char *path = split_input(arena, options->input, &selector);
    CLEANUP_TREE struct tree *tree = NULL;
    struct error first = { 0 };
    if (!tree_open(path, options->deadline, &tree, error)) return false;
    bool archive = has_manifest(tree), layout = tree_has(tree, STR("index.json"));
    if (!archive && !layout) return not_an_image(path, error);
    struct oci_options chosen = *options;
    if (archive && !chosen.image && selector.size) chosen.image = arena_cstr(arena, selector);
    bool opened = archive && docker_archive_open(arena, tree, &chosen, image, &first);
    if (!opened && layout) opened = layout_open(arena, tree, selector, &chosen, image, error);
    if (!opened && !layout) *error = first;
    if (!opened && layout && archive) error_wrap(error, "as docker archive: %s; as OCI layout", first.message);
    if (!opened) return error_wrap(error, "%s", path);
    tree = NULL; /* the image's now */
    return true;
}

/* ---- by name ---- */

typedef bool source_function(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                             struct error *error);

static const struct {
    const char *name;
    source_function *open;
} sources[OCI_SOURCES] = {
    [OCI_CONTAINERD] = { "containerd", containerd_open },
    [OCI_DOCKER] = { "docker", docker_open },
    [OCI_PODMAN] = { "podman", podman_open },
    [OCI_REMOTE] = { "remote", remote_open },
};

static bool open_by_name(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                         struct error *error)
{
    static const enum oci_source usual[] = { OCI_DOCKER, OCI_CONTAINERD, OCI_PODMAN, OCI_REMOTE };
    const enum oci_source *order = options->source_count ? options->sources : usual;
    size_t count = options->source_count ? options->source_count : OCI_SOURCES;
    CLEANUP_BUFFER struct buffer all = { 0 };
    struct error last = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct error problem = { 0 };
        if (sources[order[i]].open(arena, options, name, image, &problem)) return true;
        buffer_printf(&all, "%s%s: %s", all.size ? "; " : "", sources[order[i]].name, problem.message);
        last = problem;
    }
    *error = last;
    error_set(error, last.kind, last.id, "cannot open the image %s: %s", name, buffer_cstr(&all));
    struct str selector;
    if (file_exists(split_input(arena, name, &selector)))
        return error_hint(error, "a file is called so here: pratique image --input %s", name);
    return last.hint[0] ? error_hint(error, "%s", last.hint) : false;
}

/* Only an index offers a choice: an image that stands alone is taken as it is. */
static bool compare_platform(struct arena *arena, const struct oci_options *options, struct oci_image *image,
                             struct error *error)
{
    struct oci_platform wanted, own = { image->os, image->architecture, image->variant, { 0 } };
    if (!options->platform.size || !own.architecture.size) return true;
    if (!oci_platform_parse(arena, options->platform, &wanted, error)) return false;
    struct str said = oci_platform_text(arena, &own);
    oci_platform_normalise(&own);
    if (!oci_platform_fit(&wanted, &own)) image->other_platform = said;
    return true;
}

bool oci_image_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                    struct error *error)
{
    struct oci_image opened = { .name = arena_str(arena, str_of(options->input ? options->input : name)) };
    bool good =
        options->input ? open_input(arena, options, &opened, error) : open_by_name(arena, options, name, &opened, error);
    if (!good) return false;
    *image = opened;
    if (compare_platform(arena, options, image, error)) return true;
    oci_image_close(image);
    return false;
}

bool oci_layer_open(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error)
{
    const struct oci_layer *layer = &image->layers.items[index];
    if (layer->foreign)
        return error_set(error, ERROR_UNSUPPORTED, "layer-foreign", "the layer's content cannot be read here: its type is %.*s",
                         STR_ARG(str_to(layer->media_type, 200)));
    return image->open_layer(image, index, blob, error) || error_wrap(error, "layer %zu", index + 1);
}

void oci_blob_close(struct oci_blob *blob)
{
    if (blob->close) blob->close(blob);
    *blob = (struct oci_blob){ .fd = -1 };
}

void oci_image_close(struct oci_image *image)
{
    if (image->close) image->close(image);
    image->close = NULL;
}
