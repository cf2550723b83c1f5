/* What installed OS packages need, as IDs of others (scan.md §6): dpkg by name, rpm by what packages provide, apk by both. */
#include "scan/inventory/catalogue.h"

static const struct {
    const char *cataloguer;
    bool by_name, by_provides;
} kinds[] = {
    { "apk", true, true },
    { "dpkg", true, false },
    { "rpm", false, true },
};

static void names_collect(const package_list *packages, size_t kind, struct map *names)
{
    for (size_t i = 0; i < packages->count; i++) {
        struct package *package = packages->items[i];
        if (!str_is(package->analyzed_by, kinds[kind].cataloguer)) continue;
        if (kinds[kind].by_name) map_set(names, package->name, package);
        for (size_t j = 0; kinds[kind].by_provides && j < package->provides.count; j++)
            map_set(names, package->provides.items[j], package);
    }
}

/* In place: the list of IDs is never longer than that of names. */
static void resolve(struct package *package, const struct map *names)
{
    str_vector *needs = &package->depends_on;
    size_t kept = 0;
    for (size_t i = 0; i < needs->count; i++) {
        const struct package *other = map_get(names, needs->items[i]);
        if (other && !str_equal(other->id, package->id)) needs->items[kept++] = other->id;
    }
    needs->count = kept;
    str_vector_sort_unique(needs);
}

void dependencies_resolve(struct arena *arena, package_list *packages)
{
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        struct map *names = map_new(arena);
        names_collect(packages, kind, names);
        for (size_t i = 0; i < packages->count; i++)
            if (str_is(packages->items[i]->analyzed_by, kinds[kind].cataloguer)) resolve(packages->items[i], names);
    }
}
