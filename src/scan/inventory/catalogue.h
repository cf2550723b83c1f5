/* Inside the room: one extern a format file, and what their readers share. */
#ifndef SCAN_INVENTORY_CATALOGUE_H
#define SCAN_INVENTORY_CATALOGUE_H

#include "scan/inventory/inventory.h"

extern const struct cataloguer cataloguer_alpine_release;
extern const struct cataloguer cataloguer_amazon_release;
extern const struct cataloguer cataloguer_apk;
extern const struct cataloguer cataloguer_apk_repositories;
extern const struct cataloguer cataloguer_bottlerocket;
extern const struct cataloguer cataloguer_content_manifest;
extern const struct cataloguer cataloguer_debian_version;
extern const struct cataloguer cataloguer_dpkg;
extern const struct cataloguer cataloguer_dpkg_available;
extern const struct cataloguer cataloguer_dpkg_copyright;
extern const struct cataloguer cataloguer_dpkg_files;
extern const struct cataloguer cataloguer_lock_file;
extern const struct cataloguer cataloguer_lsb_release;
extern const struct cataloguer cataloguer_node_package;
extern const struct cataloguer cataloguer_os_release;
extern const struct cataloguer cataloguer_python_package;
extern const struct cataloguer cataloguer_redhat_dockerfile;
extern const struct cataloguer cataloguer_redhat_release;
extern const struct cataloguer cataloguer_rpm;
extern const struct cataloguer cataloguer_rpm_manifest;
extern const struct cataloguer cataloguer_ubuntu_advantage;

/* NULL when no format has this name. */
const struct cataloguer *cataloguer_find(struct str name);

/* A new fragment of `out`; path and cataloguer are set. */
struct fragment *fragment_add(struct arena *arena, fragment_vector *out, enum fragment_kind kind, struct str path,
                              const struct cataloguer *cataloguer);

/* A path that a database names, as the model wants it: no leading '/'. False when it is not clean; *clean is a view. */
bool owned_path_clean(struct str path, struct str *clean);

/* Folder parts: path_in("usr/share/doc/x/copyright", "usr/share/doc/", 1) is true: one part lies between. */
bool path_in(struct str path, const char *folder, size_t parts_between);

/* Counts what a reader had to leave out, for one message at the end. */
struct omissions {
    size_t count;
    struct str first; /* view; printed by omissions_report */
};
void omissions_add(struct omissions *omissions, struct str what);
/* True when nothing was left out; else fills the error: "N WHAT, the first: FIRST". */
bool omissions_report(const struct omissions *omissions, const char *id, const char *what, struct error *error);

/* "openssl-3.0.7-1.el9.src.rpm" into src_name, src_version, src_release; src_epoch is the binary's (rpm.c). */
void rpm_source_set(struct arena *arena, struct str source_rpm, struct package *package);

/* What one file may fill: a byte of hostile input must not become a hundred of memory. */
#define BUDGET_NAMES ((size_t)2 << 20)
#define BUDGET_BYTES ((size_t)64 << 20)
struct budget {
    size_t packages, names, bytes;
    bool spent;
};
/* False when the budget has no room: the item is left out. */
bool budget_package(struct budget *budget);
bool budget_name(struct budget *budget, size_t size);
/* True when there was room for all. */
bool budget_report(const struct budget *budget, struct error *error);

/* ---- licences (licence.c) ---- */

#define LICENCE_LIMIT 200 /* of one package: hostile metadata could list a million */

/* The SPDX identifier of a known spelling, else the name itself, trimmed. In the arena. */
struct str licence_normalize(struct arena *arena, struct str name);
/* "A or B and C, D" into normalised names, each once (scan.md §6.1). */
void licence_split(struct arena *arena, struct str text, str_vector *licences);
/* Adds a name once. */
void licence_add(struct arena *arena, struct str name, str_vector *licences);

/* ---- finishing ---- */

/* One OS out of all that files say (os_resolve.c, scan.md §5.1). */
struct os os_resolve(const placed_vector *fragments, struct str distro);
/* How os-release calls the system when no os-release names one that is known here; empty otherwise. Other files may name one
 * all the same: those that derived distributions keep of what they come from. */
struct str os_stranger(const placed_vector *fragments);

/* The package URL (purl.c, scan.md §17); empty when the type has none. */
struct str purl_of_os_package(struct arena *arena, const struct os *os, const struct package *package);
struct str purl_of_library(struct arena *arena, struct str type, const struct package *package);

/* Where each package was first (origins.c); NULL when nothing lies hidden below. */
struct map *origins_collect(struct arena *arena, const placed_vector *fragments);
/* `placed` itself when nothing lower has the package. */
const struct placed_fragment *origin_find(struct arena *arena, const struct map *origins, const struct placed_fragment *placed,
                                          const struct package *package);

/* All OS packages with layers, licences, files, digests, build information (os_packages.c). */
struct os_packages {
    package_list packages;
    size_t *layer_index; /* of each: the layer that brought it first */
};
void os_packages_collect(struct arena *arena, const placed_vector *fragments, const struct map *origins,
                         struct os_packages *result);

/* depends_on of each from raw names to IDs (dependencies.c). */
void dependencies_resolve(struct arena *arena, package_list *packages);

/* Applications of language packages, without files that OS packages own (libraries.c). */
void libraries_collect(struct arena *arena, const placed_vector *fragments, const struct map *origins,
                       const struct os_packages *os_packages, bool comprehensive, struct inventory *inventory);

#endif
