/* Small artifacts in registries: one layer that is a file, such as a database (registry.md §3.2), and logging in. */
#ifndef OCI_ARTIFACT_H
#define OCI_ARTIFACT_H

#include "oci/image.h"

struct oci_artifact {
    struct str artifact_type;   /* push; pull: what it is */
    struct str media_type;      /* of the layer; pull: wanted one, empty: any */
    struct str title;           /* annotation org.opencontainers.image.title of the layer; push */
    struct str known;           /* pull: digest of the layer that is there already, or empty */
    struct str digest;          /* out: the layer's */
    struct str manifest_digest; /* out */
    uint64_t size;              /* out: the layer's */
    uint64_t limit;             /* pull: bytes at most; 0: 16 GiB */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
    void *context;
};

/* Puts the artifact's one layer at `path`, verified, by rename. 1: done; 0: `known` is still right; -1: error. Of several
 * layers the one of the media type is taken. */
int oci_artifact_pull(struct arena *arena, const struct oci_options *options, const char *name, const char *path,
                      struct oci_artifact *artifact, struct error *error);
/* Pushes the file as an artifact under the reference's tag. */
bool oci_artifact_push(struct arena *arena, const struct oci_options *options, const char *name, const char *path,
                       struct oci_artifact *artifact, struct error *error);

/* Tries the credentials at the registry, then keeps them (oci_credential_store). */
bool oci_login(struct arena *arena, const struct oci_options *options, struct str registry, struct str username,
               struct str password, struct error *error);
bool oci_logout(struct arena *arena, struct str registry, bool *known, struct error *error);

#endif
