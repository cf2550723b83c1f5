/* Private to the union of layers: what lies where, as nodes of one tree of paths. */
#ifndef SCAN_MERGE_TREE_H
#define SCAN_MERGE_TREE_H

#include "scan/layer.h"

struct entry { /* one of a node's fragments or problems */
    struct placed_fragment placed;
    const struct problem *problem;
    struct entry *next;
};

struct node {
    struct str path;
    uint64_t hash; /* str_hash of the path */
    struct node *parent, *children, *next, *same_slot;
    bool attached; /* stands among its parent's children */
    struct entry *entries;
    const struct link *link;
};

/* Nodes are never freed, only emptied and detached: what each layer does costs what it names or takes away, not what all
 * layers below hold. */
struct merge_tree {
    struct arena *arena;
    struct map *nodes;   /* by path */
    struct node **slots; /* by hash */
    size_t slot_count, node_count, links;
    placed_vector hidden; /* package lists that upper layers took away */
};

void merge_tree_start(struct merge_tree *tree, struct arena *arena);
/* NULL: nothing was ever there. */
struct node *merge_tree_find(const struct merge_tree *tree, struct str path);
/* Makes what is missing. The path must live as long as the tree. */
struct node *merge_tree_make(struct merge_tree *tree, struct str path);
/* Next node with this hash, from NULL on. */
struct node *merge_tree_hashed(struct merge_tree *tree, uint64_t hash, struct node *last);
void merge_tree_clear(struct merge_tree *tree, struct node *node);       /* what stands at the path itself */
void merge_tree_clear_below(struct merge_tree *tree, struct node *node); /* what stands below it */
struct entry *merge_tree_put(struct merge_tree *tree, struct node *node);

#endif
