/* Which layer brought a package first (scan.md §3.3): the lowest whose list has the same name, version and release, for
 * language packages in the same file. Two architectures of one version are two packages. */
#include "scan/inventory/catalogue.h"

static struct str key_of(struct arena *arena, const struct package *package)
{
    const struct str parts[] = { package->name, package->version, package->release, package->arch, package->file_path };
    str_vector list = { (struct str *)parts, sizeof parts / sizeof *parts, 0 };
    return str_join(arena, &list, "\n");
}

static bool any_hidden(const placed_vector *fragments)
{
    for (size_t i = 0; i < fragments->count; i++)
        if (fragments->items[i].hidden) return true;
    return false;
}

struct map *origins_collect(struct arena *arena, const placed_vector *fragments)
{
    if (!any_hidden(fragments)) return NULL;
    struct map *origins = map_new(arena);
    for (size_t i = 0; i < fragments->count; i++) {
        const struct placed_fragment *placed = &fragments->items[i];
        if (placed->fragment->kind != FRAGMENT_PACKAGES) continue;
        for (size_t j = 0; j < placed->fragment->packages.count; j++) {
            struct str key = key_of(arena, &placed->fragment->packages.items[j]);
            const struct placed_fragment *known = map_get(origins, key);
            if (!known || placed->layer_index < known->layer_index) map_set(origins, key, (void *)placed);
        }
    }
    return origins;
}

const struct placed_fragment *origin_find(struct arena *arena, const struct map *origins, const struct placed_fragment *placed,
                                          const struct package *package)
{
    const struct placed_fragment *found = origins ? map_get(origins, key_of(arena, package)) : NULL;
    return found ? found : placed;
}
