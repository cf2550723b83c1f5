#include "scan/merge_tree.h"

void merge_tree_start(struct merge_tree *tree, struct arena *arena)
{
    *tree = (struct merge_tree){ .arena = arena, .nodes = map_new(arena) };
}

struct node *merge_tree_find(const struct merge_tree *tree, struct str path) { return map_get(tree->nodes, path); }

/* ---- by hash: what a layer tells of its plain files --------------------------------------------------------------------- */

static struct node **slot_of(const struct merge_tree *tree, uint64_t hash)
{
    return &tree->slots[(hash ^ hash >> 32) & (tree->slot_count - 1)];
}

static void slot_add(struct merge_tree *tree, struct node *node)
{
    struct node **slot = slot_of(tree, node->hash);
    node->same_slot = *slot;
    *slot = node;
}

static void slots_grow(struct merge_tree *tree)
{
    struct node **old = tree->slots;
    size_t count = tree->slot_count;
    tree->slot_count = count * 2;
    tree->slots = arena_array(tree->arena, tree->slot_count, sizeof(struct node *));
    for (size_t i = 0; i < count; i++)
        for (struct node *node = old[i], *next; node; node = next) {
            next = node->same_slot;
            slot_add(tree, node);
        }
}

/* Made when it is first asked for: a single layer never asks. */
static void slots_make(struct merge_tree *tree)
{
    void *node;
    for (tree->slot_count = 64; tree->slot_count < tree->node_count;)
        tree->slot_count *= 2;
    tree->slots = arena_array(tree->arena, tree->slot_count, sizeof(struct node *));
    for (size_t position = 0; map_next(tree->nodes, &position, NULL, &node);)
        slot_add(tree, node);
}

struct node *merge_tree_hashed(struct merge_tree *tree, uint64_t hash, struct node *last)
{
    if (!tree->slots) slots_make(tree);
    struct node *node = last ? last->same_slot : *slot_of(tree, hash);
    while (node && node->hash != hash)
        node = node->same_slot;
    return node;
}

/* ---- nodes -----------------------------------------------------------------------------------------------------------------
 */

static struct node *node_new(struct merge_tree *tree, struct str path)
{
    struct node *node = arena_alloc(tree->arena, sizeof *node);
    node->path = path;
    node->hash = str_hash(path);
    map_set(tree->nodes, path, node);
    tree->node_count++;
    if (!tree->slots) return node;
    if (tree->node_count > tree->slot_count) slots_grow(tree);
    slot_add(tree, node);
    return node;
}

/* From the path upwards, until a folder is met that is attached itself. */
struct node *merge_tree_make(struct merge_tree *tree, struct str path)
{
    struct node *made = NULL, *below = NULL;
    for (;; path = path_folder(path)) {
        struct node *node = merge_tree_find(tree, path);
        if (!node) node = node_new(tree, path);
        if (!made) made = node;
        if (below) {
            below->parent = node;
            below->next = node->children;
            node->children = below;
            below->attached = true;
        }
        if (node->attached || !path.size) return made;
        below = node;
    }
}

void merge_tree_clear(struct merge_tree *tree, struct node *node)
{
    for (struct entry *entry = node->entries; entry; entry = entry->next)
        if (entry->placed.fragment && entry->placed.fragment->kind == FRAGMENT_PACKAGES)
            *vector_push(tree->arena, &tree->hidden) = entry->placed;
    node->entries = NULL;
    tree->links -= node->link != NULL;
    node->link = NULL;
}

/* Without recursion: children of what is taken away wait in the same list. */
void merge_tree_clear_below(struct merge_tree *tree, struct node *node)
{
    struct node *waiting = node->children;
    node->children = NULL;
    while (waiting) {
        struct node *gone = waiting;
        waiting = gone->next;
        merge_tree_clear(tree, gone);
        gone->attached = false;
        gone->next = NULL;
        while (gone->children) {
            struct node *child = gone->children;
            gone->children = child->next;
            child->next = waiting;
            waiting = child;
        }
    }
}

struct entry *merge_tree_put(struct merge_tree *tree, struct node *node)
{
    struct entry **last = &node->entries;
    while (*last)
        last = &(*last)->next;
    return *last = arena_alloc(tree->arena, sizeof **last);
}
