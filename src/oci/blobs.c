/* Blobs named by their digest below blobs/: OCI layouts and containerd's store. */
#include "oci/source.h"
#include "oci/digest.h"

/* Digests are checked before they become paths. */
static struct str blob_path(struct arena *arena, struct str digest)
{
    ptrdiff_t colon = str_find(digest, ':');
    return arena_strf(arena, "blobs/%.*s/%.*s", (int)colon, digest.data, STR_ARG(oci_digest_hex(digest)));
}

static bool read_blob(struct oci_store *store, struct arena *arena, const struct oci_descriptor *descriptor, size_t limit,
                      struct str *content, struct error *error)
{
    return tree_read(store->state, arena, blob_path(arena, descriptor->digest), limit, content, error);
}

struct oci_store blobs_store(struct tree *tree) { return (struct oci_store){ read_blob, tree }; }

bool blobs_open_layer(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    const struct oci_layer *layer = &image->layers.items[index];
    if (!tree_blob(image->state, blob_path(arena, layer->digest), blob, error)) return false;
    if (blob->size == layer->size) return true;
    oci_blob_close(blob);
    return error_set(error, ERROR_INVALID, "size-mismatch", "the layer has %llu bytes, but %llu were announced",
                     (unsigned long long)blob->size, (unsigned long long)layer->size);
}

void blobs_close(struct oci_image *image) { tree_close(image->state); }
