/* Private to a layer's walk: the folders and links of the layer as they would lie on disk so far. */
#ifndef SCAN_WALK_TREE_H
#define SCAN_WALK_TREE_H

#include "scan/layer.h"

enum walk_node_kind {
    WALK_FOLDER,
    WALK_LINK,
    WALK_OTHER /* took a folder's or link's place */
};

/* Entries are numbered from one in the order of the archive. */
struct walk_node {
    struct fingerprint fingerprint;
    struct str name;
    struct walk_node *parent; /* of the root: itself */
    enum walk_node_kind kind;
    uint64_t entry;    /* that put it there last */
    uint64_t told;     /* the last folder entry at the path; 0: only entries below it spoke of it */
    uint64_t emptied;  /* the last entry that took away all below it; 0: none */
    struct str target; /* of a link, as the archive has it */
    bool noted;        /* the link stands in the layer's answer */
};

struct walk_tree {
    struct arena *arena;
    struct map *nodes; /* by fingerprint */
    struct walk_node *root, *last;
    struct buffer last_name; /* what led to `last` */
    bool last_real;          /* it is the path of `last` itself */
    struct buffer path, pending[2];
    size_t cost;      /* bytes of all nodes */
    uint64_t entry;   /* the one that is read now */
    bool overwritten; /* something took the place of a folder or a link, or a folder that of a link */
};

void walk_tree_start(struct walk_tree *tree, struct arena *arena);
/* The folder that the clean name leads to through the layer's own links, made when nothing is there; NULL when links go round.
 */
struct walk_node *walk_tree_folder(struct walk_tree *tree, struct str name);
/* The place `name` in the folder. NULL: no folder or link was ever there. */
struct walk_node *walk_tree_child(struct walk_tree *tree, struct walk_node *folder, struct str name,
                                  struct fingerprint *fingerprint);
/* The entry at hand puts a folder, a link or something else there. `node` is what walk_tree_child gave. */
void walk_tree_put_folder(struct walk_tree *tree, struct walk_node *folder, struct walk_node *node, struct str name);
void walk_tree_put_link(struct walk_tree *tree, struct walk_node *folder, struct walk_node *node, struct str name,
                        struct str target);
void walk_tree_put_other(struct walk_tree *tree, struct walk_node *node);
/* Where an entry of that clean name lies, its folder being what walk_tree_folder gave last. Lives until the next question. */
struct str walk_tree_path(struct walk_tree *tree, const struct walk_node *folder, struct str name);
/* More folders and links than any layer has. */
bool walk_tree_full(const struct walk_tree *tree, struct error *error);
/* The text of a link that is there; NULL: none is. */
const struct str *walk_tree_link(const struct walk_node *node);
/* A folder entry came later to where the entry at hand put something else. */
bool walk_tree_became_folder(const struct walk_tree *tree, const struct fingerprint *fingerprint, uint64_t entry);
/* What an entry put into the folder was taken away with it by a later one. */
bool walk_tree_lost(const struct walk_node *folder, uint64_t entry);

#endif
