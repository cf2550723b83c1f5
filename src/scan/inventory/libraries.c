/* Language packages: one application a file, or one a type where the format is aggregated (scan.md §3.3, §4). */
#include "scan/inventory/catalogue.h"

#include <stdlib.h>

/* Python 2.7's own metadata, which no package of the distributions lists. */
static const char *const always_owned[] = {
    "usr/lib/python2.7/argparse.egg-info",
    "usr/lib/python2.7/lib-dynload/Python-2.7.egg-info",
    "usr/lib/python2.7/wsgiref.egg-info",
};

static const struct cataloguer *language_format(const struct placed_fragment *placed)
{
    const struct cataloguer *cataloguer = cataloguer_find(placed->fragment->cataloguer);
    bool language = placed->fragment->kind == FRAGMENT_PACKAGES && cataloguer && cataloguer->scope != SCOPE_OS;
    return language && !placed->hidden ? cataloguer : NULL;
}

/* ---- files that OS packages own ---- */

struct candidate {
    size_t layer_index;
    bool owned;
};

/* There are few language files and many owned ones: so the language files lie in the map. */
static struct map *candidates_collect(struct arena *arena, const placed_vector *fragments)
{
    struct map *candidates = map_new(arena);
    for (size_t i = 0; i < fragments->count; i++) {
        if (!language_format(&fragments->items[i])) continue;
        struct candidate *candidate = arena_alloc(arena, sizeof *candidate);
        candidate->layer_index = fragments->items[i].layer_index;
        map_set(candidates, fragments->items[i].fragment->path, candidate);
    }
    return candidates;
}

/* A file written by a layer above the one that brought the package is no longer the package's. */
static void own(struct map *candidates, struct str path, size_t layer_index)
{
    struct candidate *candidate = map_get(candidates, path);
    if (candidate && candidate->layer_index <= layer_index) candidate->owned = true;
}

static void owned_mark(struct map *candidates, const struct os_packages *os_packages)
{
    if (!map_count(candidates)) return;
    for (size_t i = 0; i < sizeof always_owned / sizeof *always_owned; i++)
        own(candidates, str_of(always_owned[i]), SIZE_MAX);
    for (size_t i = 0; i < os_packages->packages.count; i++) {
        const struct package *package = os_packages->packages.items[i];
        if (str_is(package->repository_class, "third-party")) continue;
        for (size_t j = 0; j < package->installed_files.count; j++)
            own(candidates, package->installed_files.items[j], os_packages->layer_index[i]);
    }
}

/* ---- applications ---- */

static struct application *application_for(struct arena *arena, struct inventory *inventory, struct map *aggregated,
                                           const struct cataloguer *cataloguer, const struct fragment *fragment)
{
    struct str type = str_of(cataloguer->name);
    /* The vector moves when it grows: the map keeps places, counted from one. */
    size_t place = cataloguer->aggregated ? (size_t)map_get(aggregated, type) : 0;
    if (place) return &inventory->applications.items[place - 1];
    struct application *application = vector_push(arena, &inventory->applications);
    application->type = type;
    if (!cataloguer->aggregated) application->file_path = fragment->path;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): a number in a map of pointers */
    if (cataloguer->aggregated) map_set(aggregated, type, (void *)inventory->applications.count);
    return application;
}

static void packages_add(struct arena *arena, const struct map *origins, const struct placed_fragment *placed,
                         struct application *application)
{
    for (size_t i = 0; i < placed->fragment->packages.count; i++) {
        struct package *package = &placed->fragment->packages.items[i];
        *vector_push_moving(arena, &application->packages) = package;
        if (!package->layer.diff_id.size && !package->layer.digest.size)
            package->layer = origin_find(arena, origins, placed, package)->layer;
        package->purl = purl_of_library(arena, application->type, package);
    }
}

static int application_order(const void *a, const void *b)
{
    const struct application *left = a, *right = b;
    int order = str_compare(left->type, right->type);
    return order ? order : str_compare(left->file_path, right->file_path);
}

void libraries_collect(struct arena *arena, const placed_vector *fragments, const struct map *origins,
                       const struct os_packages *os_packages, bool comprehensive, struct inventory *inventory)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct map *candidates = candidates_collect(scratch, fragments), *aggregated = map_new(scratch);
    if (!comprehensive) owned_mark(candidates, os_packages);
    size_t first = inventory->applications.count;
    for (size_t i = 0; i < fragments->count; i++) {
        const struct placed_fragment *placed = &fragments->items[i];
        const struct cataloguer *cataloguer = language_format(placed);
        if (!cataloguer || !placed->fragment->packages.count) continue;
        const struct candidate *candidate = map_get(candidates, placed->fragment->path);
        if (candidate->owned) continue;
        packages_add(arena, origins, placed, application_for(arena, inventory, aggregated, cataloguer, placed->fragment));
    }
    size_t added = inventory->applications.count - first;
    if (added) qsort(inventory->applications.items + first, added, sizeof(struct application), application_order);
}
