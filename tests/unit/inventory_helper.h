/* One file of a made-up tree through the room's door, for the tests of formats. */
#ifndef INVENTORY_HELPER_H
#define INVENTORY_HELPER_H

#include "unit.h"
#include "scan/inventory/inventory.h"

struct tree {
    struct arena *arena;
    fragment_vector fragments;
    problem_vector problems;
    placed_vector placed;
};

static const struct inventory_options everything = { .scope = SCOPE_OS | SCOPE_INSTALLED };

static inline struct tree tree_new(void) { return (struct tree){ .arena = arena_new() }; }

static inline void tree_free(struct tree *tree) { arena_free(tree->arena); }

static inline void tree_add_str(struct tree *tree, size_t layer, const char *path, struct str content)
{
    struct str name = str_of(path);
    uint64_t wanted = inventory_wants(&everything, name);
    assert_true(wanted != 0);
    size_t first = tree->fragments.count;
    inventory_read(tree->arena, &everything, wanted, name, content, &tree->fragments, &tree->problems);
    for (size_t i = first; i < tree->fragments.count; i++) {
        struct fragment *copy = arena_alloc(tree->arena, sizeof *copy);
        *copy = tree->fragments.items[i];
        struct placed_fragment *placed = vector_push(tree->arena, &tree->placed);
        placed->fragment = copy;
        placed->layer_index = layer;
        placed->layer.diff_id = arena_strf(tree->arena, "layer-%zu", layer);
    }
}

static inline void tree_add(struct tree *tree, const char *path, const char *content)
{
    tree_add_str(tree, 0, path, str_of(content));
}

static inline struct inventory tree_finish(struct tree *tree)
{
    struct inventory_finish_options options = { .os_packages = true, .library_packages = true };
    struct inventory inventory = { 0 };
    struct error error = { 0 };
    assert_true(inventory_finish(tree->arena, &tree->placed, &options, &inventory, &error));
    return inventory;
}

static inline void id_add(struct tree *tree, const struct package *package, str_vector *ids)
{
    *vector_push(tree->arena, ids) = package->id.size ? package->id : package->name;
}

/* "a@1 b@2": the IDs, or names without one, of a file's packages. */
static inline const char *ids_of(struct tree *tree, const package_vector *packages)
{
    str_vector ids = { 0 };
    for (size_t i = 0; i < packages->count; i++)
        id_add(tree, &packages->items[i], &ids);
    return arena_cstr(tree->arena, str_join(tree->arena, &ids, " "));
}

/* The same of an application's. */
static inline const char *ids_listed(struct tree *tree, const package_list *packages)
{
    str_vector ids = { 0 };
    for (size_t i = 0; i < packages->count; i++)
        id_add(tree, packages->items[i], &ids);
    return arena_cstr(tree->arena, str_join(tree->arena, &ids, " "));
}

static inline const char *joined(struct tree *tree, const str_vector *strings)
{
    return arena_cstr(tree->arena, str_join(tree->arena, strings, " | "));
}

#define assert_str(value, literal)                                                                               \
    do {                                                                                                         \
        struct str assert_value = (value);                                                                       \
        if (!str_is(assert_value, literal)) fail_msg("wanted '%s', got '%.*s'", literal, STR_ARG(assert_value)); \
    } while (0)

#endif
