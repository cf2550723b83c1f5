/* Private to `oci`: what the sources of images share. */
#ifndef OCI_SOURCE_H
#define OCI_SOURCE_H

#include "oci/image.h"
#include "oci/manifest.h"

/* ---- from a manifest to an image ---- */

/* Where manifests and configurations are read. */
struct oci_store {
    /* At most `limit` bytes; not yet verified. */
    bool (*read)(struct oci_store *store, struct arena *arena, const struct oci_descriptor *descriptor, size_t limit,
                 struct str *content, struct error *error);
    void *state;
};

/* Follows `start` (index → platform → manifest → configuration), verifies each by its digest, and fills the image: identity,
 * configuration, layers. What only the source knows (name, tags, how to open layers) stays as it is. */
bool oci_image_resolve(struct arena *arena, struct oci_store *store, const struct oci_descriptor *start,
                       const struct oci_options *options, struct oci_image *image, struct error *error);

/* Reads a configuration into an image whose layers are listed already: platform, diff ids, history. `platform` is what the
 * index said, for configurations that do not say it. */
bool oci_config_apply(struct arena *arena, struct str config, const struct oci_platform *platform, struct oci_image *image,
                      struct error *error);

/* ---- files in a folder or an archive ---- */

struct tree;

/* A folder, a tar archive, a compressed tar archive, "-". What cannot be read by seeking is spooled once into a file without
 * a name. Archives are decompressed and walked by confined children (archive.h); `deadline` as in struct oci_options. */
bool tree_open(const char *path, moment deadline, struct tree **tree, struct error *error);
/* Takes the descriptor, a tar archive. */
bool tree_of_descriptor(int fd, moment deadline, struct tree **tree, struct error *error);
void tree_close(struct tree *tree);
void tree_cleanup(struct tree **tree);
#define CLEANUP_TREE __attribute__((cleanup(tree_cleanup)))
bool tree_is_folder(const struct tree *tree);
bool tree_has(struct tree *tree, struct str name);
bool tree_read(struct tree *tree, struct arena *arena, struct str name, size_t limit, struct str *content, struct error *error);
/* Follows links inside the tree. Size and place of the content; a folder's blob owns its descriptor, an archive's lives as
 * long as the tree. */
bool tree_blob(struct tree *tree, struct str name, struct oci_blob *blob, struct error *error);

/* Blobs named by their digest below the tree's blobs/. The image's state is the tree, which it closes. */
struct oci_store blobs_store(struct tree *tree);
bool blobs_open_layer(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error);
void blobs_close(struct oci_image *image);

/* A file without a name, gone with its last descriptor. -1 with an error. */
int spool_create(struct error *error);

/* ---- the sources ---- */

/* Take the tree over on success. */
bool docker_archive_open(struct arena *arena, struct tree *tree, const struct oci_options *options, struct oci_image *image,
                         struct error *error);
bool layout_open(struct arena *arena, struct tree *tree, struct str selector, const struct oci_options *options,
                 struct oci_image *image, struct error *error);
bool docker_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                 struct error *error);
bool podman_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                 struct error *error);
bool containerd_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                     struct error *error);
bool remote_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                 struct error *error);

/* The manifest or index behind a reference, verified, its bytes in start->data. */
struct session;
struct oci_reference;
bool remote_manifest(struct session *session, struct arena *arena, const struct oci_reference *reference,
                     struct oci_descriptor *start, struct error *error);

#endif
