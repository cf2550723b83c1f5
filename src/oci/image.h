/* Images, wherever they come from: one door for OCI layouts, docker archives, registries, daemons and containerd's store. */
#ifndef OCI_IMAGE_H
#define OCI_IMAGE_H

#include "base/base.h"

struct oci_image;

struct oci_layer {
    struct str digest;  /* of the blob as stored, "sha256:…"; empty when nothing names it (docker archives, daemons) */
    struct str diff_id; /* of the plain tar, from the configuration; may be empty */
    struct str media_type;
    uint64_t size;         /* of the blob as stored */
    struct str created_by; /* the history entry that made it, without shell prefixes (scan.md §2) */
    bool foreign;          /* content lies elsewhere or is encrypted: not scannable; why in media_type */
};

/* A blob being read: either a part of a seekable file, or a stream. */
struct oci_blob {
    int fd; /* >= 0: `size` bytes from `offset` on, pread at will */
    uint64_t offset, size;
    /* When fd < 0: up to `size` bytes into `buffer`; 0 at the end, -1 with an error. */
    ssize_t (*read)(struct oci_blob *blob, void *buffer, size_t size, struct error *error);
    void (*close)(struct oci_blob *blob); /* may be NULL */
    void *state;
};

struct oci_image {
    struct str name;      /* as the user wrote it */
    struct str reference; /* "host/path:tag" or "host/path@sha256:…" when there is one */
    struct str image_id;  /* digest of the configuration blob */
    struct str manifest_digest;
    str_vector repo_tags, repo_digests;
    struct str config; /* JSON text of the configuration, already verified and parsed once */
    struct str os, architecture, variant;
    VECTOR(struct oci_layer) layers;
    uint64_t size;             /* sum of the layers as stored */
    struct str other_platform; /* its own, when it is not the one that was asked for; empty otherwise */
    size_t siblings; /* images beside it in its archive or layout, when nothing said that it is this one that is wanted */
    /* The source's own. */
    bool (*open_layer)(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error);
    void (*close)(struct oci_image *image);
    void *state;
};

enum oci_source {
    OCI_DOCKER,
    OCI_CONTAINERD,
    OCI_PODMAN,
    OCI_REMOTE,
    OCI_SOURCES
};

struct oci_options {
    const char *input; /* --input: an archive, a layout folder, "DIR:tag", "DIR@sha256:…", "-"; NULL: by name */
    const char *image; /* which image of an archive with several: a name or tag; NULL: the first */
    enum oci_source sources[OCI_SOURCES];
    size_t source_count; /* 0: docker, containerd, podman, remote */
    struct str platform; /* "os/arch[/variant]"; empty: linux and this machine's */
    bool insecure;       /* --insecure: plain http and unverified TLS for the named registry */
    const char *ca_file; /* --cacert */
    struct str username, password, token;
    const char *docker_host, *podman_host;
    uint64_t max_size; /* --max-image-size; 0: none */
    moment deadline;   /* clock_monotonic; 0: none */
};

/* Opens without reading layers. The strings live in the arena, which must outlive the image. All errors of all sources tried
 * are joined in the message. */
bool oci_image_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                    struct error *error);
/* Whether a file or folder is an image, archive or layout: what `input` takes. */
bool oci_is_image(const char *path, moment deadline);
/* From 0 on; errors name the layer. The blob is closed with oci_blob_close, before the image. */
bool oci_layer_open(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error);
void oci_blob_close(struct oci_blob *blob);
void oci_image_close(struct oci_image *image);

/* containerd's file of names: what must be readable for its images. CONTAINERD_ROOT moves it. */
const char *oci_containerd_names(struct arena *arena);

#endif
