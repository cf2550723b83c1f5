/* The door of room `scan/inventory`: what is installed.
 *
 * One file a package format, one row a format in catalogue.c's table. A cataloguer is given one file of the tree, its path
 * and its bytes, and answers with fragments; it knows no registry, no layer, no disk. All input is hostile. */
#ifndef SCAN_INVENTORY_INVENTORY_H
#define SCAN_INVENTORY_INVENTORY_H

#include "scan/model/model.h"

#define INVENTORY_VERSION 9 /* raised when what a cataloguer finds changes: cached layers of another version are read anew */

/* Which cataloguers of a run are active. */
enum inventory_scope {
    SCOPE_OS = 1,        /* operating system, OS package databases */
    SCOPE_INSTALLED = 2, /* installed language packages: image, rootfs */
    SCOPE_LOCKFILES = 4, /* lock files: fs, repo */
};

struct cataloguer {
    const char *name;  /* "dpkg": stands in AnalyzedBy and in --file-patterns */
    unsigned scope;    /* one of enum inventory_scope */
    size_t size_limit; /* a larger file is a problem, not read; 0: INVENTORY_FILE_LIMIT */
    /* Which files: NULL-terminated lists, any may be NULL. */
    const char *const *paths;         /* exact, no leading '/' */
    const char *const *names;         /* file names in any folder */
    const char *const *suffixes;      /* end of the path in any folder, such as ".dist-info/METADATA" */
    const char *const *under;         /* "var/lib/dpkg/status.d/": every file directly in this folder */
    const char *const *roots;         /* "usr/share/doc": where `accepts` looks; says only that links to it matter */
    bool (*accepts)(struct str path); /* the last word on a path that a list names; NULL: yes */
    bool aggregated;                  /* language packages: one result for all files of the type */
    /* Adds fragments. False with an error: this file becomes a problem, nothing else is lost. */
    bool (*read)(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error);
    /* The ending of a second file that holds what is newest of the first ("-wal"); both names stand in the lists above. */
    const char *companion;
    /* Adds a fragment with the second file's path that says what both say together; `first` NULL: it is not there. */
    bool (*read_companion)(struct arena *arena, struct str path, struct str content, const struct str *first,
                           fragment_vector *out, struct error *error);
};

#define INVENTORY_FILE_LIMIT ((size_t)512 << 20)

size_t cataloguer_count(void);
const struct cataloguer *cataloguer_at(size_t index);

/* Extra file names for a cataloguer: --file-patterns "name:regex". */
struct inventory_options {
    unsigned scope;
    VECTOR(struct file_pattern {
        struct str cataloguer;
        struct regex *regex;
        struct str text; /* the expression */
    })
    file_patterns;
};

/* Bit i set: cataloguer i wants the file. The path is clean. Fast: called for every entry of every layer. */
uint64_t inventory_wants(const struct inventory_options *options, struct str path);

/* True when `path` is one of the cataloguers' exact paths or folders, or a folder above one: links there must be known. */
bool inventory_on_path(const struct inventory_options *options, struct str path);

/* All exact paths of active cataloguers, for resolving links: paths[] of each. */
void inventory_fixed_paths(const struct inventory_options *options, struct arena *arena, str_vector *paths);

/* The same for folders: under[] and roots[] of each, without '/' at the end. */
void inventory_fixed_folders(const struct inventory_options *options, struct arena *arena, str_vector *paths);

/* Runs the wanted cataloguers over one file. A failing one adds a problem. */
void inventory_read(struct arena *arena, const struct inventory_options *options, uint64_t wanted, struct str path,
                    struct str content, fragment_vector *fragments, problem_vector *problems);

/* The family that the content of an os-release file names ("ol" → "oracle"); empty: none that we know. */
struct str inventory_os_family(struct str os_release);

/* Files that belong together come in any order: a walk keeps those that inventory_is_paired names, and reads the second ones
 * when it has met all. inventory_read passes over them. */
bool inventory_is_paired(uint64_t wanted);
/* The path of the first file when `path` is a second one; else empty. */
struct str inventory_first_of(uint64_t wanted, struct str path);
/* What the first alone seemed to lack is no problem any more once both are read together. */
void inventory_read_companion(struct arena *arena, uint64_t wanted, struct str path, struct str content,
                              const struct str *first, fragment_vector *fragments, problem_vector *problems);

/* A fragment of the merged tree with the layer it came from. Package lists of lower layers that an upper one replaced or
 * removed may stand among them as `hidden`: they only tell which layer brought a package first (scan.md §3.3). */
struct placed_fragment {
    struct fragment *fragment;
    struct layer_ref layer;
    size_t layer_index;
    bool hidden;
};
typedef VECTOR(struct placed_fragment) placed_vector;

/* Joins the fragments of the merged tree, whose packages it completes in place, into one inventory (scan.md §3.3, §5, §6): one
 * OS, OS packages with sources, licences, files and dependencies resolved to IDs, language packages without those that OS
 * packages own (unless `comprehensive`), purls and UIDs. */
struct inventory_finish_options {
    bool comprehensive;                 /* --detection-priority comprehensive */
    struct str distro;                  /* --distro family/version, overrides detection */
    bool os_packages, library_packages; /* --pkg-types */
};
bool inventory_finish(struct arena *arena, const placed_vector *fragments, const struct inventory_finish_options *options,
                      struct inventory *inventory, struct error *error);

#endif
