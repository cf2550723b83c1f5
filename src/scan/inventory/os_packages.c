/* The packages of the operating system, gathered from all databases of the tree (scan.md §3.3, §6). */
#include "scan/inventory/catalogue.h"

static bool lists_os_packages(const struct placed_fragment *placed)
{
    const struct cataloguer *cataloguer = cataloguer_find(placed->fragment->cataloguer);
    return placed->fragment->kind == FRAGMENT_PACKAGES && cataloguer && cataloguer->scope == SCOPE_OS;
}

/* ---- gathering ---- */

/* One database reached by two paths must not count twice. A second one that says another source does: it is judged by that. */
static bool is_repeat(struct arena *arena, struct map *seen, const struct package *package)
{
    struct str key = arena_strf(arena, "%.*s\n%.*s\n%.*s\n%lld\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%lld", STR_ARG(package->name),
                                STR_ARG(package->version), STR_ARG(package->release), (long long)package->epoch,
                                STR_ARG(package->arch), STR_ARG(package->analyzed_by), STR_ARG(package->src_name),
                                STR_ARG(package->src_version), STR_ARG(package->src_release), (long long)package->src_epoch);
    if (map_get(seen, key)) return true;
    map_set(seen, key, seen);
    return false;
}

/* What a file and its companion say together counts instead of what the file says alone, if both came with one layer. Any
 * other companion speaks of another state of the file. */
static bool is_superseded(struct arena *arena, const struct map *by_path, const struct placed_fragment *placed)
{
    const struct cataloguer *cataloguer = cataloguer_find(placed->fragment->cataloguer);
    if (!cataloguer->companion) return false;
    struct str path = placed->fragment->path;
    bool second = str_ends(path, cataloguer->companion);
    struct str partner = second ? str_to(path, path.size - strlen(cataloguer->companion))
                                : arena_strf(arena, "%.*s%s", STR_ARG(path), cataloguer->companion);
    const struct placed_fragment *other = map_get(by_path, partner);
    bool together = other && other->layer_index == placed->layer_index;
    return second ? !together : together;
}

static struct map *databases_by_path(struct arena *arena, const placed_vector *fragments)
{
    struct map *by_path = map_new(arena);
    for (size_t i = 0; i < fragments->count; i++)
        if (!fragments->items[i].hidden && lists_os_packages(&fragments->items[i]))
            map_set(by_path, fragments->items[i].fragment->path, &fragments->items[i]);
    return by_path;
}

static void packages_gather(struct arena *arena, const placed_vector *fragments, const struct map *origins,
                            struct os_packages *result)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct map *seen = map_new(scratch), *by_path = databases_by_path(scratch, fragments);
    VECTOR(size_t) layers = { 0 };
    for (size_t i = 0; i < fragments->count; i++) {
        const struct placed_fragment *placed = &fragments->items[i];
        if (placed->hidden || !lists_os_packages(placed) || is_superseded(scratch, by_path, placed)) continue;
        for (size_t j = 0; j < placed->fragment->packages.count; j++) {
            struct package *package = &placed->fragment->packages.items[j];
            if (is_repeat(scratch, seen, package)) continue;
            const struct placed_fragment *origin = origin_find(scratch, origins, placed, package);
            *vector_push_moving(arena, &result->packages) = package;
            if (!package->layer.diff_id.size && !package->layer.digest.size) package->layer = origin->layer;
            *vector_push_moving(arena, &layers) = origin->layer_index;
        }
    }
    result->layer_index = layers.items;
}

/* ---- what other files say of a package ---- */

/* Fragments of one kind by their subject; the newest layer's wins. */
static struct map *subjects(struct arena *arena, const placed_vector *fragments, enum fragment_kind kind)
{
    struct map *map = map_new(arena);
    for (size_t i = 0; i < fragments->count; i++) {
        const struct placed_fragment *placed = &fragments->items[i];
        if (placed->hidden || placed->fragment->kind != kind) continue;
        const struct fragment *fragment = placed->fragment;
        struct str key = fragment->build_arch.size
                             ? arena_strf(arena, "%.*s:%.*s", STR_ARG(fragment->subject), STR_ARG(fragment->build_arch))
                             : fragment->subject;
        const struct placed_fragment *known = map_get(map, key);
        if (!known || placed->layer_index >= known->layer_index) map_set(map, key, (void *)placed);
    }
    return map;
}

static const struct placed_fragment *subject_find(struct arena *arena, const struct map *map, const struct package *package)
{
    const struct placed_fragment *found = NULL;
    if (package->arch.size)
        found = map_get(map, arena_strf(arena, "%.*s:%.*s", STR_ARG(package->name), STR_ARG(package->arch)));
    return found ? found : map_get(map, package->name);
}

/* Licences and files of dpkg lie in files of their own. Files of third parties stay visible to the language formats. */
static void dpkg_complete(struct arena *arena, const placed_vector *fragments, struct os_packages *result)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct map *licences = subjects(scratch, fragments, FRAGMENT_LICENSES),
               *files = subjects(scratch, fragments, FRAGMENT_FILES);
    for (size_t i = 0; i < result->packages.count; i++) {
        struct package *package = result->packages.items[i];
        if (!str_is(package->analyzed_by, "dpkg")) continue;
        const struct placed_fragment *found = subject_find(scratch, licences, package);
        if (found && !package->licenses.count) package->licenses = found->fragment->strings;
        found = str_is(package->repository_class, "third-party") ? NULL : subject_find(scratch, files, package);
        if (found) {
            package->installed_files = found->fragment->strings;
            result->layer_index[i] = found->layer_index; /* a reinstall writes the list anew */
        }
    }
}

static void digests_add(const placed_vector *fragments, struct os_packages *result)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct map *digests = map_new(scratch);
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = fragments->items[i].fragment;
        if (fragments->items[i].hidden || fragment->kind != FRAGMENT_DIGESTS) continue;
        for (size_t j = 0; j < fragment->packages.count; j++)
            map_set(digests, fragment->packages.items[j].id, &fragment->packages.items[j]);
    }
    for (size_t i = 0; i < result->packages.count && map_count(digests); i++) {
        struct package *package = result->packages.items[i];
        const struct package *known = map_get(digests, package->id);
        if (known && !package->digest.size && (!known->arch.size || str_equal(known->arch, package->arch)))
            package->digest = known->digest;
    }
}

/* ---- Red Hat's build information: of the package's layer, for the first layer that of the second, else the nearest below ----
 */

static bool is_build_info(const struct placed_fragment *placed)
{
    return !placed->hidden && placed->fragment->kind == FRAGMENT_BUILD_INFO;
}

/* The layer whose build information counts for `layer`. False: none has any. */
static bool build_layer(const placed_vector *fragments, size_t layer, size_t *chosen)
{
    bool found = false;
    for (size_t i = 0; i < fragments->count; i++) {
        size_t index = fragments->items[i].layer_index;
        if (!is_build_info(&fragments->items[i]) || (index > layer && !(layer == 0 && index == 1))) continue;
        bool better = !found || (*chosen > layer ? index <= layer : index <= layer && index > *chosen);
        if (better) *chosen = index;
        found = true;
    }
    return found;
}

static void build_info_apply(struct arena *arena, const placed_vector *fragments, size_t layer, struct package *package)
{
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = fragments->items[i].fragment;
        if (!is_build_info(&fragments->items[i]) || fragments->items[i].layer_index != layer) continue;
        for (size_t j = 0; j < fragment->strings.count; j++)
            *vector_push(arena, &package->content_sets) = fragment->strings.items[j];
        if (fragment->subject.size) {
            package->nvr = fragment->subject;
            package->build_arch = fragment->build_arch;
        }
    }
}

static void build_info_copy(const struct package *from, struct package *to)
{
    to->content_sets = from->content_sets;
    to->nvr = from->nvr;
    to->build_arch = from->build_arch;
}

static void build_info_add(struct arena *arena, const placed_vector *fragments, struct os_packages *result)
{
    bool any = false;
    for (size_t i = 0; i < fragments->count; i++)
        any |= is_build_info(&fragments->items[i]);
    if (!any) return;
    /* One answer a layer, however its packages lie among the others. */
    CLEANUP_ARENA struct arena *scratch = arena_new();
    VECTOR(struct answer {
        size_t layer;
        const struct package *package;
    })
    answers = { 0 };
    for (size_t i = 0; i < result->packages.count; i++) {
        struct package *package = result->packages.items[i];
        size_t layer = result->layer_index[i], chosen = 0, known = 0;
        while (known < answers.count && answers.items[known].layer != layer)
            known++;
        if (known < answers.count) {
            build_info_copy(answers.items[known].package, package);
            continue;
        }
        if (build_layer(fragments, layer, &chosen)) build_info_apply(arena, fragments, chosen, package);
        *vector_push(scratch, &answers) = (struct answer){ layer, package };
    }
}

void os_packages_collect(struct arena *arena, const placed_vector *fragments, const struct map *origins,
                         struct os_packages *result)
{
    packages_gather(arena, fragments, origins, result);
    build_info_add(arena, fragments, result);
    dpkg_complete(arena, fragments, result);
    digests_add(fragments, result);
    dependencies_resolve(arena, &result->packages);
}
