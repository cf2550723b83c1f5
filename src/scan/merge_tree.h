/* Private to the union of layers: what lies where, as nodes of one tree of paths. */
#ifndef SCAN_MERGE_TREE_H
#define SCAN_MERGE_TREE_H

#include "scan/layer.h"

struct entry { /* one of a node's fragments: one a kind and reader */
    struct placed_fragment placed;
    struct entry *next;
};

struct note { /* one of a node's problems: there may be a million */
    const struct problem *problem;
    struct note *next;
};

struct node {
    struct str path;
    uint64_t fingerprint; /* of the path; once somebody asks for it */
    struct node *parent, *children, *next;
    bool attached; /* stands among its parent's children */
    struct entry *entries;
    struct note *notes, *last_note;
    const struct link *link;
};

/* Nodes are never freed, only emptied and detached: what each layer does costs what it names or takes away, not what all
 * layers below hold. */
struct merge_tree {
    struct arena *arena;
    struct map *nodes;          /* by path */
    struct map *by_fingerprint; /* the same, made when it is first asked for: a single layer never asks */
    size_t links;
    placed_vector hidden; /* package lists that upper layers took away */
};

void merge_tree_start(struct merge_tree *tree, struct arena *arena);
/* NULL: nothing was ever there. */
struct node *merge_tree_find(const struct merge_tree *tree, struct str path);
/* Makes what is missing. The path must live as long as the tree. */
struct node *merge_tree_make(struct merge_tree *tree, struct str path);
/* The node whose path has this fingerprint: what a layer tells of its plain files. */
struct node *merge_tree_known(struct merge_tree *tree, uint64_t fingerprint);
void merge_tree_clear(struct merge_tree *tree, struct node *node);       /* what stands at the path itself */
void merge_tree_clear_below(struct merge_tree *tree, struct node *node); /* what stands below it */
/* The node's place for this fragment, of the same kind and by the same reader; what it holds is NULL when there was none. */
struct entry *merge_tree_entry(struct merge_tree *tree, struct node *node, const struct fragment *fragment);
void merge_tree_note(struct merge_tree *tree, struct node *node, const struct problem *problem);

#endif
