/* The door of the pillar `scan`: source → layers → inventory → matches → findings.
 *
 * Every layer is decompressed and parsed in a confined child of its own; the parent reads, hashes and checks the blob, and
 * believes nothing the child says beyond the layer it was given. What a verified layer holds is remembered under its digest
 * (docs/layer-cache.md). */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "oci/oci.h"
#include "scan/advisory/advisory.h"
#include "scan/inventory/inventory.h"
#include "pack/pack.h"
#include "scan/model/model.h"

enum scan_kind {
    SCAN_IMAGE,  /* an image by name, or options.image.input */
    SCAN_FOLDER, /* a folder, or / */
    SCAN_TAR,    /* a tarball of a root file system; "-" is stdin */
};

/* Layers that were read, of how many, and bytes so far; no layers: a folder is being read. */
typedef void scan_progress(void *context, size_t done, size_t total, uint64_t bytes);

struct scan_options {
    enum scan_kind kind;
    const char *target;
    bool or_tarball;           /* images: an input file that is no image is taken as a root file system's tarball */
    const char *artifact_type; /* "container_image", "filesystem" */
    struct oci_options image;
    const char *cache;            /* the cache folder; NULL: remember nothing */
    struct advisory_store *store; /* NULL: list packages only */
    struct inventory_options inventory;
    struct inventory_finish_options finish;
    const str_vector *severity_sources;
    const str_vector *skip_folders, *skip_files; /* globs (str_glob) */
    bool other_mounts;                           /* folders: cross into other file systems */
    bool with_files;                             /* the report needs the packages' files */
    struct pack_limits *limits;                  /* NULL: defaults */
    unsigned parallel;                           /* layers at once; 0: CPUs */
    moment now;
    moment deadline;    /* clock_monotonic; 0: none */
    struct str explain; /* an id whose comparisons are kept in `explanations` */
    explanation_vector *explanations;
    scan_progress *progress; /* may be NULL */
    void *context;
};

/* Fills *report (results with all findings, unfiltered). Its strings live in the arena. */
bool scan_run(struct arena *arena, const struct scan_options *options, struct report *report, struct error *error);

#endif
