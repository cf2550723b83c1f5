#include "scan/merge_tree.h"

void merge_tree_start(struct merge_tree *tree, struct arena *arena)
{
    *tree = (struct merge_tree){ .arena = arena, .nodes = map_new(arena) };
}

struct node *merge_tree_find(const struct merge_tree *tree, struct str path) { return map_get(tree->nodes, path); }

/* ---- by fingerprint: what a layer tells of its plain files ---- */

/* From the first folder above it that has one, downwards. */
static void fingerprint_make(struct node *node)
{
    struct node *below = NULL;
    while (!node->fingerprinted && node->path.size) {
        node->waiting = below;
        below = node;
        node = node->parent;
    }
    for (; below; below = below->waiting) {
        const struct node *folder = below->parent;
        below->fingerprint = fingerprint_below(folder->path.size ? &folder->fingerprint : NULL, path_base(below->path));
        below->fingerprinted = true;
    }
}

struct node *merge_tree_known(struct merge_tree *tree, const struct fingerprint *fingerprint)
{
    void *value;
    if (!tree->by_fingerprint) tree->by_fingerprint = map_new(tree->arena);
    while (map_next(tree->nodes, &tree->fingerprinted, NULL, &value)) {
        struct node *node = value;
        fingerprint_make(node);
        map_set(tree->by_fingerprint, str_make(node->fingerprint.bytes, sizeof node->fingerprint), node);
    }
    return map_get(tree->by_fingerprint, str_make(fingerprint->bytes, sizeof *fingerprint));
}

/* ---- nodes ---- */

static struct node *node_new(struct merge_tree *tree, struct str path)
{
    struct node *node = arena_alloc(tree->arena, sizeof *node);
    node->path = path;
    map_set(tree->nodes, path, node);
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
        if (entry->placed.fragment->kind == FRAGMENT_PACKAGES) *vector_push(tree->arena, &tree->hidden) = entry->placed;
    node->entries = NULL;
    node->notes = node->last_note = NULL;
    tree->links -= node->link != NULL;
    node->link = NULL;
    node->hard = (struct str){ 0 };
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

struct entry *merge_tree_entry(struct merge_tree *tree, struct node *node, const struct fragment *fragment)
{
    enum {
        LIMIT = FRAGMENT_KINDS * WISH_LIMIT /* no honest child sends more of one file */
    };
    struct entry **last = &node->entries;
    for (size_t seen = 1; *last; last = &(*last)->next, seen++) {
        const struct fragment *other = (*last)->placed.fragment;
        if ((other->kind == fragment->kind && str_equal(other->cataloguer, fragment->cataloguer)) || seen == LIMIT)
            return *last;
    }
    return *last = arena_alloc(tree->arena, sizeof **last);
}

void merge_tree_note(struct merge_tree *tree, struct node *node, const struct problem *problem)
{
    struct note *note = arena_alloc(tree->arena, sizeof *note);
    note->problem = problem;
    if (node->last_note)
        node->last_note->next = note;
    else
        node->notes = note;
    node->last_note = note;
}
