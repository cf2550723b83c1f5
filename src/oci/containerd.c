/* containerd's store, read as files (scan.md §2): names in a bbolt file, blobs named by their digest. */
#include "oci/source.h"
#include "oci/digest.h"
#include "oci/reference.h"

#include <stdlib.h>

#define ROOT "/var/lib/containerd"
#define NAMES "io.containerd.metadata.v1.bolt/meta.db"
#define BLOBS "io.containerd.content.v1.content"

/* The kubelet's images and Docker's lie in their own namespaces. */
static const char *const namespaces[] = { "default", "k8s.io", "moby" };

/* Go's binary.PutVarint: zigzag, seven bits a byte. */
static bool read_varint(struct str bytes, int64_t *value)
{
    uint64_t raw = 0;
    for (size_t i = 0; i < bytes.size && i < 10; i++) {
        raw |= (uint64_t)((uint8_t)bytes.data[i] & 0x7f) << (7 * i);
        if ((uint8_t)bytes.data[i] & 0x80) continue;
        *value = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
        return true;
    }
    return false;
}

/* Bucket by bucket down a path. 1, 0 or -1. */
static int descend(struct bbolt *file, const struct str *path, size_t count, struct bbolt_bucket *bucket, struct error *error)
{
    *bucket = bbolt_root(file);
    for (size_t i = 0; i < count; i++) {
        int found = bbolt_get_bucket(file, *bucket, path[i], bucket, error);
        if (found <= 0) return found;
    }
    return 1;
}

static int find_target(struct arena *arena, struct bbolt *file, const char *space, struct str name,
                       struct oci_descriptor *target, struct error *error)
{
    struct bbolt_bucket bucket;
    struct str path[] = { STR("v1"), str_of(space), STR("images"), name, STR("target") }, digest, type, size;
    int64_t number;
    int found = descend(file, path, sizeof path / sizeof *path, &bucket, error);
    if (found <= 0) return found;
    if ((found = bbolt_get(file, bucket, STR("digest"), &digest, error)) <= 0 ||
        (found = bbolt_get(file, bucket, STR("mediatype"), &type, error)) <= 0 ||
        (found = bbolt_get(file, bucket, STR("size"), &size, error)) <= 0)
        return found;
    if (!oci_digest_valid(digest) || !read_varint(size, &number) || number < 0)
        return error_set(error, ERROR_INVALID, "containerd-invalid", "containerd's entry of %.*s cannot be read",
                         STR_ARG(name)),
               -1;
    *target = (struct oci_descriptor){ .digest = arena_str(arena, digest),
                                       .media_type = arena_str(arena, type),
                                       .size = (uint64_t)number };
    return 1;
}

static bool open_layer(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error)
{
    if (blobs_open_layer(image, index, blob, error)) return true;
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_set(error, ERROR_NOT_FOUND, "containerd-layer-missing",
              "containerd keeps the layer unpacked only, not as it was pulled");
    return error_hint(error, "scan the image from its registry: --image-src remote");
}

static bool find_image(struct arena *arena, const char *root, struct str name, struct oci_descriptor *target,
                       struct error *error)
{
    const char *chosen = getenv("CONTAINERD_NAMESPACE"), *path = path_join(arena, root, NAMES);
    if (!file_exists(path))
        return error_set(error, ERROR_NOT_FOUND, "containerd-missing", "there is no containerd store at %s", root);
    struct bbolt *file = bbolt_open(path, error);
    if (!file) return false;
    int found = 0;
    if (chosen && *chosen) found = find_target(arena, file, chosen, name, target, error);
    for (size_t i = 0; !(chosen && *chosen) && found == 0 && i < sizeof namespaces / sizeof *namespaces; i++)
        found = find_target(arena, file, namespaces[i], name, target, error);
    bbolt_close(file);
    return found > 0 ||
           (found == 0 && error_set(error, ERROR_NOT_FOUND, "containerd-image-missing", "containerd has no image %.*s%s%s",
                                    STR_ARG(name), chosen && *chosen ? " in the namespace " : "", chosen ? chosen : ""));
}

static const char *root_folder(void)
{
    const char *set = getenv("CONTAINERD_ROOT");
    return set && *set ? set : ROOT;
}

const char *oci_containerd_names(struct arena *arena) { return path_join(arena, root_folder(), NAMES); }

bool containerd_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                     struct error *error)
{
    struct oci_reference reference, digested;
    struct oci_descriptor target;
    const char *root = root_folder();
    if (!oci_reference_parse(arena, str_of(name), &reference, error)) return false;
    struct str canonical = oci_reference_canonical(arena, &reference);
    if (!find_image(arena, root, canonical, &target, error)) return false;
    CLEANUP_TREE struct tree *tree = NULL;
    if (!tree_open(path_join(arena, root, BLOBS), options->deadline, &tree, error)) return false;
    struct oci_store store = blobs_store(tree);
    struct oci_image filled = { .name = image->name, .open_layer = open_layer, .close = blobs_close, .state = tree };
    if (!oci_image_resolve(arena, &store, &target, options, &filled, error)) return error_wrap(error, "containerd");
    filled.reference = canonical;
    *vector_push(arena, &filled.repo_tags) = oci_reference_familiar(arena, &reference);
    digested = (struct oci_reference){ reference.registry, reference.repository, { 0 }, target.digest };
    *vector_push(arena, &filled.repo_digests) = oci_reference_familiar(arena, &digested);
    *image = filled;
    tree = NULL;
    return true;
}
