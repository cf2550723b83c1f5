#include "scan/merge_tree.h"

void merge_tree_start(struct merge_tree *tree, struct arena *arena)
{
    *tree = (struct merge_tree){ .arena = arena, .nodes = map_new(arena) };
}

struct node *merge_tree_find(const struct merge_tree *tree, struct str path) { return map_get(tree->nodes, path); }

/* ---- by fingerprint: what a layer tells of its plain files ---- */

static void fingerprint_add(struct merge_tree *tree, struct node *node)
{
    node->fingerprint = str_fingerprint(node->path);
    map_set(tree->by_fingerprint, str_make(&node->fingerprint, sizeof node->fingerprint), node);
}

static void fingerprints_make(struct merge_tree *tree)
{
    void *node;
    tree->by_fingerprint = map_new(tree->arena);
    for (size_t position = 0; map_next(tree->nodes, &position, NULL, &node);)
        fingerprint_add(tree, node);
}

struct node *merge_tree_known(struct merge_tree *tree, uint64_t fingerprint)
{
    if (!tree->by_fingerprint) fingerprints_make(tree);
    return map_get(tree->by_fingerprint, str_make(&fingerprint, sizeof fingerprint));
}

/* ---- nodes ---- */

static struct node *node_new(struct merge_tree *tree, struct str path)
{
    struct node *node = arena_alloc(tree->arena, sizeof *node);
    node->path = path;
    map_set(tree->nodes, path, node);
    if (tree->by_fingerprint) fingerprint_add(tree, node);
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
