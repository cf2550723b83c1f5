#include "oci/source.h"
#include "oci/reference.h"

#define ANNOTATION_NAME "org.opencontainers.image.ref.name"
#define ANNOTATION_CONTAINERD_NAME "io.containerd.image.name"

static struct str entry_name(const struct oci_descriptor *entry)
{
    struct str name = json_str(entry->annotations, ANNOTATION_NAME);
    return name.size ? name : json_str(entry->annotations, ANNOTATION_CONTAINERD_NAME);
}

/* By digest, by name, or by the tag at the end of a full name. */
static bool entry_fits(const struct oci_descriptor *entry, struct str selector)
{
    struct str name = entry_name(entry), full = json_str(entry->annotations, ANNOTATION_CONTAINERD_NAME);
    ptrdiff_t colon = str_find_last(name, ':');
    if (str_starts(selector, "sha256:") || str_starts(selector, "sha512:")) return str_equal(entry->digest, selector);
    return str_equal(name, selector) || str_equal(full, selector) ||
           (colon > str_find_last(name, '/') && str_equal(str_from(name, (size_t)colon + 1), selector));
}

static bool nothing_fits(struct arena *arena, const struct oci_manifest *index, struct str selector, struct error *error)
{
    str_vector names = { 0 };
    for (size_t i = 0; i < index->entries.count; i++) {
        struct str name = entry_name(&index->entries.items[i]);
        *vector_push(arena, &names) = name.size ? name : index->entries.items[i].digest;
    }
    error_set(error, ERROR_NOT_FOUND, "layout-image-missing", "the layout has no image %.*s", STR_ARG(str_to(selector, 200)));
    if (names.count) error_hint(error, "it has these: %.*s", STR_ARG(str_to(str_join(arena, &names, ", "), 300)));
    return false;
}

/* The entry that was named; with a platform among those the one that fits; else the first. */
static const struct oci_descriptor *choose(struct arena *arena, const struct oci_manifest *index, struct str selector,
                                           const struct oci_options *options, size_t *siblings, struct error *error)
{
    struct oci_manifest fitting = { .kind = OCI_INDEX };
    for (size_t i = 0; i < index->entries.count; i++) {
        const struct oci_descriptor *entry = &index->entries.items[i];
        if (oci_descriptor_is_attestation(entry) || (selector.size && !entry_fits(entry, selector))) continue;
        *vector_push(arena, &fitting.entries) = *entry;
    }
    if (!fitting.entries.count && selector.size) return nothing_fits(arena, index, selector, error), NULL;
    if (!fitting.entries.count) return error_set(error, ERROR_INVALID, "layout-empty", "index.json names no image"), NULL;
    struct oci_platform wanted;
    if (!oci_platform_parse(arena, options->platform, &wanted, error)) return NULL;
    ptrdiff_t fit = options->platform.size ? oci_platform_choose(arena, &fitting, &wanted) : -1;
    *siblings = fit >= 0 || selector.size ? 0 : fitting.entries.count - 1;
    return &fitting.entries.items[fit < 0 ? 0 : fit];
}

/* A layout's tag alone is no reference; a full name is. */
static void name_image(struct arena *arena, struct str name, struct oci_image *image)
{
    struct oci_reference reference;
    struct error ignored = { 0 };
    if (str_find(name, '/') < 0 || !oci_reference_parse(arena, name, &reference, &ignored)) return;
    image->reference = oci_reference_canonical(arena, &reference);
    *vector_push(arena, &image->repo_tags) = name;
}

bool layout_open(struct arena *arena, struct tree *tree, struct str selector, const struct oci_options *options,
                 struct oci_image *image, struct error *error)
{
    struct str text;
    struct oci_manifest index;
    struct oci_store store = blobs_store(tree);
    struct oci_image filled = { .name = image->name, .open_layer = blobs_open_layer, .close = blobs_close, .state = tree };
    if (!tree_read(tree, arena, STR("index.json"), OCI_MANIFEST_LIMIT, &text, error)) return false;
    if (!oci_manifest_parse(arena, text, STR(OCI_TYPE_INDEX), "index.json", &index, error)) return false;
    if (options->image) selector = str_of(options->image);
    const struct oci_descriptor *start = choose(arena, &index, selector, options, &filled.siblings, error);
    if (!start) return false;
    if (!oci_image_resolve(arena, &store, start, options, &filled, error)) return false;
    name_image(arena, entry_name(start), &filled);
    *image = filled;
    return true;
}
