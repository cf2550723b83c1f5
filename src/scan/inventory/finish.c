/* From the fragments of a merged tree to the inventory that is matched and reported (scan.md §3.3, §5, §6). */
#include "scan/inventory/catalogue.h"

#include <stdlib.h>

/* FNV-1a over type, name, version, path and what else tells packages apart: stable between runs and machines. */
static uint64_t hash_add(uint64_t hash, struct str text)
{
    for (size_t i = 0; i <= text.size; i++) {
        hash ^= i < text.size ? (unsigned char)text.data[i] : 0xff;
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

static struct str uid_of(struct arena *arena, struct str type, const struct package *package)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const struct str parts[] = { type, package->name, package->version, package->release, package->arch, package->file_path };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        hash = hash_add(hash, parts[i]);
    hash = hash_add(hash, arena_strf(arena, "%lld", (long long)package->epoch));
    return arena_strf(arena, "%016llx", (unsigned long long)hash);
}

static int package_order(const void *a, const void *b)
{
    const struct package *left = *(const struct package *const *)a, *right = *(const struct package *const *)b;
    const struct str pairs[][2] = { { left->name, right->name }, { left->version, right->version },
                                    { left->id, right->id },     { left->file_path, right->file_path },
                                    { left->arch, right->arch }, { left->release, right->release } };
    if (left->relationship != right->relationship) return left->relationship < right->relationship ? -1 : 1;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int order = str_compare(pairs[i][0], pairs[i][1]);
        if (order) return order;
    }
    return 0;
}

static void problem_put(struct arena *arena, struct inventory *inventory, const char *id, struct str message)
{
    struct problem *problem = vector_push(arena, &inventory->problems);
    problem->message_id = str_of(id);
    problem->message = message;
}

static void os_application_add(struct arena *arena, const struct os_packages *found, struct inventory *inventory)
{
    const struct os *os = &inventory->os;
    if (!os->family.size) {
        if (found->packages.count && inventory->stranger.size)
            problem_put(arena, inventory, "family-unsupported",
                        arena_strf(arena,
                                   "%.*s is not known here: its %zu packages were not judged; if its packages are those of a "
                                   "distribution that is, name it with --distro FAMILY/VERSION",
                                   STR_ARG(inventory->stranger), found->packages.count));
        else if (found->packages.count)
            problem_put(
                arena, inventory, "os-unknown",
                arena_strf(arena,
                           "%zu packages of an operating system were found but no file says which one it is: they are not "
                           "judged; name it with --distro FAMILY/VERSION",
                           found->packages.count));
        return;
    }
    if (inventory->stranger.size)
        problem_put(arena, inventory, "family-derived",
                    arena_strf(arena,
                               "%.*s is not known here: judged as %.*s %.*s, whose files it has, so findings may be missing or "
                               "wrong; name the distribution that its packages are of with --distro FAMILY/VERSION",
                               STR_ARG(inventory->stranger), STR_ARG(os->family), STR_ARG(os->name)));
    struct application *application = vector_push(arena, &inventory->applications);
    application->type = os->family;
    application->os_packages = true;
    application->packages = found->packages;
    for (size_t i = 0; i < application->packages.count; i++)
        application->packages.items[i]->purl = purl_of_os_package(arena, os, application->packages.items[i]);
}

static struct str repository_release(const placed_vector *fragments, const struct os *os)
{
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = fragments->items[i].fragment;
        if (!fragments->items[i].hidden && fragment->kind == FRAGMENT_REPOSITORY && str_equal(fragment->os.family, os->family))
            return fragment->os.name;
    }
    return (struct str){ 0 };
}

bool inventory_finish(struct arena *arena, const placed_vector *fragments, const struct inventory_finish_options *options,
                      struct inventory *inventory, struct error *error)
{
    struct os_packages os_packages = { 0 };
    inventory->os = os_resolve(fragments, options->distro);
    if (!options->distro.size) {
        inventory->stranger = os_stranger(fragments);
        inventory->repository_release = repository_release(fragments, &inventory->os);
    }
    CLEANUP_ARENA struct arena *scratch = arena_new();
    const struct map *origins = origins_collect(scratch, fragments);
    os_packages_collect(arena, fragments, origins, &os_packages);
    if (options->os_packages) os_application_add(arena, &os_packages, inventory);
    if (options->library_packages)
        libraries_collect(arena, fragments, origins, &os_packages, options->comprehensive, inventory);
    for (size_t i = 0; i < inventory->applications.count; i++) {
        struct application *application = &inventory->applications.items[i];
        package_list *packages = &application->packages;
        if (packages->count) qsort(packages->items, packages->count, sizeof *packages->items, package_order);
        for (size_t j = 0; j < packages->count; j++)
            packages->items[j]->uid = uid_of(arena, application->type, packages->items[j]);
    }
    return true;
}
