/* What all readers of the room share. */
#include "scan/inventory/catalogue.h"

struct fragment *fragment_add(struct arena *arena, fragment_vector *out, enum fragment_kind kind, struct str path,
                              const struct cataloguer *cataloguer)
{
    struct fragment *fragment = vector_push_moving(arena, out);
    fragment->kind = kind;
    fragment->path = arena_str(arena, path);
    fragment->cataloguer = str_of(cataloguer->name);
    return fragment;
}

bool owned_path_clean(struct str path, struct str *clean)
{
    while (path.size && path.data[0] == '/')
        path = str_from(path, 1);
    if (path.size > LAYER_PATH_LIMIT || !layer_path_valid(path)) return false;
    *clean = path;
    return true;
}

bool path_in(struct str path, const char *folder, size_t parts_between)
{
    if (!str_starts(path, folder)) return false;
    size_t slashes = 0;
    struct str rest = str_from(path, strlen(folder));
    for (size_t i = 0; i < rest.size; i++)
        slashes += rest.data[i] == '/';
    return slashes == parts_between;
}

bool budget_package(struct budget *budget)
{
    if (budget->packages < LAYER_PACKAGE_LIMIT) return ++budget->packages;
    budget->spent = true;
    return false;
}

bool budget_name(struct budget *budget, size_t size)
{
    if (budget->names < BUDGET_NAMES && size <= BUDGET_BYTES - budget->bytes) {
        budget->names++;
        budget->bytes += size;
        return true;
    }
    budget->spent = true;
    return false;
}

bool budget_report(const struct budget *budget, struct error *error)
{
    if (!budget->spent) return true;
    return error_set(error, ERROR_LIMIT, "inventory-limit",
                     "more than %d packages, %zu names of files and dependencies, or %zu bytes of them: the rest was left out",
                     LAYER_PACKAGE_LIMIT, BUDGET_NAMES, BUDGET_BYTES);
}

void omissions_add(struct omissions *omissions, struct str what)
{
    if (!omissions->count++) omissions->first = what;
}

bool omissions_report(const struct omissions *omissions, const char *id, const char *what, struct error *error)
{
    if (!omissions->count) return true;
    return error_set(error, ERROR_INVALID, id, "%zu %s, the first: %.*s", omissions->count, what,
                     STR_ARG(str_to(omissions->first, 200)));
}
