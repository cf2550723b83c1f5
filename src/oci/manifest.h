/* Manifests, indexes, configurations, and the choice of a platform (registry.md §6). */
#ifndef OCI_MANIFEST_H
#define OCI_MANIFEST_H

#include "doc/doc.h"

#define OCI_MANIFEST_LIMIT ((size_t)4 << 20)
#define OCI_CONFIG_LIMIT ((size_t)8 << 20)

#define OCI_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define OCI_TYPE_EMPTY "application/vnd.oci.empty.v1+json"
#define DOCKER_TYPE_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_TYPE_INDEX "application/vnd.docker.distribution.manifest.list.v2+json"
#define DOCKER_TYPE_CONFIG "application/vnd.docker.container.image.v1+json"

struct oci_platform {
    struct str os, architecture, variant, os_version;
};

struct oci_descriptor {
    struct str media_type, digest, artifact_type;
    uint64_t size;
    bool has_platform, has_data;
    struct oci_platform platform; /* as written */
    struct str data;              /* decoded and checked against digest and size */
    yyjson_val *annotations;      /* NULL when absent */
};
typedef VECTOR(struct oci_descriptor) oci_descriptor_vector;

enum oci_manifest_kind {
    OCI_MANIFEST,
    OCI_INDEX
};

struct oci_manifest {
    enum oci_manifest_kind kind;
    struct str media_type, artifact_type; /* media_type: what it is, also when the body does not say */
    struct oci_descriptor config, subject;
    oci_descriptor_vector entries; /* layers, or manifests of an index */
    yyjson_val *annotations;
    bool has_subject;
};

/* Strict: anything odd is refused before it is used. `content_type` is the answer's header, or empty. Everything lives in
 * the arena. `what` names it in messages. */
bool oci_manifest_parse(struct arena *arena, struct str text, struct str content_type, const char *what,
                        struct oci_manifest *manifest, struct error *error);

enum oci_layer_kind {
    OCI_LAYER_PLAIN,
    OCI_LAYER_FOREIGN,
    OCI_LAYER_ENCRYPTED,
    OCI_LAYER_OTHER
};
/* OTHER is no file system layer. */
enum oci_layer_kind oci_layer_kind(struct str media_type);
bool oci_type_is_manifest(struct str media_type);
bool oci_type_is_index(struct str media_type);
bool oci_type_is_config(struct str media_type);
/* An image configuration and at least one file system layer. */
bool oci_manifest_scannable(const struct oci_manifest *manifest);
/* "index", "image", or what other tools keep beside images (registry.md §6.6): "attestation", "signature", "artifact". */
const char *oci_manifest_purpose(const struct oci_manifest *manifest);
/* artifactType, else the configuration's type when that is no image's; empty for images. */
struct str oci_manifest_artifact_type(const struct oci_manifest *manifest);
/* BuildKit's attestations inside an index. */
bool oci_descriptor_is_attestation(const struct oci_descriptor *descriptor);

/* "os/arch[/variant]" or "arch"; lower-cased, spellings normalised. Empty: linux and this machine's. */
bool oci_platform_parse(struct arena *arena, struct str text, struct oci_platform *platform, struct error *error);
/* Other spellings to the usual ones, arm64's default variant dropped and arm's filled in. */
void oci_platform_normalise(struct oci_platform *platform);
/* 0: does not fit; else the higher the better. Both normalised. */
unsigned oci_platform_fit(const struct oci_platform *wanted, const struct oci_platform *offered);
struct str oci_platform_text(struct arena *arena, const struct oci_platform *platform);
/* The entry of an index to use, or -1. Entries without a platform are passed over. */
ptrdiff_t oci_platform_choose(struct arena *arena, const struct oci_manifest *index, const struct oci_platform *wanted);

#endif
