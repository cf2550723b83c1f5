/* Unpackers follow links that the layer itself brought before (containerd's fs.RootPath, Podman by the kernel in its chroot),
 * and remove what stood where an entry of another kind comes. */
#include "scan/walk_tree.h"

#define LINK_LIMIT 255 /* as containerd; Linux ends at 40 */
#define COST_LIMIT ((size_t)512 << 20)

static struct str key_of(const struct fingerprint *fingerprint)
{
    return str_make(fingerprint->bytes, sizeof fingerprint->bytes);
}

static void forget_last(struct walk_tree *tree)
{
    tree->last = tree->root;
    tree->last_name.size = 0;
    tree->last_real = true;
}

void walk_tree_start(struct walk_tree *tree, struct arena *arena)
{
    *tree = (struct walk_tree){ .arena = arena, .nodes = map_new(arena) };
    tree->root = arena_alloc(arena, sizeof *tree->root);
    tree->root->parent = tree->root;
    forget_last(tree);
}

static struct walk_node *node_new(struct walk_tree *tree, struct walk_node *folder, struct str name,
                                  const struct fingerprint *fingerprint)
{
    struct walk_node *node = arena_alloc(tree->arena, sizeof *node);
    *node = (struct walk_node){ .fingerprint = *fingerprint, .name = arena_str(tree->arena, name), .parent = folder };
    map_set(tree->nodes, key_of(&node->fingerprint), node);
    tree->cost += sizeof *node + name.size;
    return node;
}

bool walk_tree_full(const struct walk_tree *tree, struct error *error)
{
    if (tree->cost <= COST_LIMIT) return false;
    error_set(error, ERROR_LIMIT, "archive-entries", "its folders and links take more than %zu bytes", COST_LIMIT);
    return true;
}

struct walk_node *walk_tree_child(struct walk_tree *tree, struct walk_node *folder, struct str name,
                                  struct fingerprint *fingerprint)
{
    *fingerprint = fingerprint_below(folder == tree->root ? NULL : &folder->fingerprint, name);
    return map_get(tree->nodes, key_of(fingerprint));
}

/* What was there when the folder above it was taken away is there no more. */
static bool is_stale(const struct walk_node *node) { return node->entry < node->parent->emptied; }

static struct walk_node *make_folder(struct walk_tree *tree, struct walk_node *folder, struct walk_node *node, struct str name,
                                     const struct fingerprint *fingerprint)
{
    if (!node) node = node_new(tree, folder, name, fingerprint);
    if (node->entry && is_stale(node)) node->emptied = tree->entry;
    node->kind = WALK_FOLDER;
    node->entry = tree->entry;
    return node;
}

/* One step down: the folder, or the link's text in *target. */
static struct walk_node *step(struct walk_tree *tree, struct walk_node *folder, struct str name, struct str *target)
{
    struct fingerprint fingerprint;
    struct walk_node *node = walk_tree_child(tree, folder, name, &fingerprint);
    if (!node || is_stale(node) || node->kind == WALK_OTHER) return make_folder(tree, folder, node, name, &fingerprint);
    if (node->kind == WALK_LINK) *target = node->target;
    return node->kind == WALK_LINK ? folder : node;
}

static struct walk_node *descend(struct walk_tree *tree, struct walk_node *folder, struct str rest, bool *real)
{
    unsigned links = 0;
    while (rest.data && rest.size) {
        struct str name = str_cut(&rest, '/'), target = { 0 };
        if (!name.size || str_is(name, ".")) continue;
        if (str_is(name, "..")) {
            folder = folder->parent;
            continue;
        }
        folder = step(tree, folder, name, &target);
        if (!target.data) continue;
        *real = false;
        struct buffer *pending = &tree->pending[links % 2];
        if (++links > LINK_LIMIT || target.size + rest.size >= LAYER_PATH_LIMIT) return NULL;
        pending->size = 0;
        if (str_starts(target, "/")) folder = tree->root;
        buffer_str(pending, target);
        buffer_char(pending, '/');
        buffer_str(pending, rest);
        rest = buffer_view(pending);
    }
    return folder;
}

/* The last folder, or the first above it, that lies on the way of the name; *size: of its path. */
static struct walk_node *begin_of(struct walk_tree *tree, struct str name, size_t *size)
{
    struct str last = buffer_view(&tree->last_name);
    struct walk_node *folder = tree->last_real ? tree->last : tree->root;
    size_t common = 0, most = name.size < last.size ? name.size : last.size;
    while (common < most && name.data[common] == last.data[common])
        common++;
    *size = folder == tree->root ? 0 : last.size;
    while (folder != tree->root && (common < *size || (name.size > *size && name.data[*size] != '/'))) {
        *size -= folder->name.size + (folder->parent != tree->root);
        folder = folder->parent;
    }
    return folder;
}

/* Archives go through a tree in order: most names begin at the last folder, or at one above it. */
struct walk_node *walk_tree_folder(struct walk_tree *tree, struct str name)
{
    size_t size;
    if (str_equal(name, buffer_view(&tree->last_name))) return tree->last;
    struct walk_node *folder = begin_of(tree, name, &size);
    bool real = true;
    folder = descend(tree, folder, str_from(name, size), &real);
    if (!folder) return NULL;
    tree->last = folder;
    tree->last_real = real;
    tree->last_name.size = 0;
    buffer_str(&tree->last_name, name);
    return folder;
}

void walk_tree_put_folder(struct walk_tree *tree, struct walk_node *folder, struct walk_node *node, struct str name)
{
    struct fingerprint fingerprint;
    if (node && node->kind != WALK_FOLDER) {
        tree->overwritten = true;
        forget_last(tree);
    }
    if (!node) walk_tree_child(tree, folder, name, &fingerprint);
    make_folder(tree, folder, node, name, &fingerprint)->told = tree->entry;
}

static void take_place(struct walk_tree *tree, struct walk_node *node, enum walk_node_kind kind)
{
    if (node->kind == WALK_FOLDER) node->emptied = tree->entry;
    node->kind = kind;
    node->entry = tree->entry;
    node->noted = false;
    tree->overwritten = true;
    forget_last(tree);
}

void walk_tree_put_link(struct walk_tree *tree, struct walk_node *folder, struct walk_node *node, struct str name,
                        struct str target)
{
    struct fingerprint fingerprint;
    if (node) {
        take_place(tree, node, WALK_LINK);
    } else {
        walk_tree_child(tree, folder, name, &fingerprint);
        node = node_new(tree, folder, name, &fingerprint);
        node->kind = WALK_LINK;
        node->entry = tree->entry;
    }
    node->target = arena_str(tree->arena, target);
}

void walk_tree_put_other(struct walk_tree *tree, struct walk_node *node) { take_place(tree, node, WALK_OTHER); }

struct str walk_tree_path(struct walk_tree *tree, const struct walk_node *folder, struct str name)
{
    struct buffer *path = &tree->path;
    if (folder == tree->last && tree->last_real) return name;
    struct str base = path_base(name);
    size_t size = base.size;
    for (const struct walk_node *above = folder; above != tree->root; above = above->parent)
        size += above->name.size + 1;
    path->size = 0;
    char *end = (char *)buffer_reserve(path, size) + size;
    path->size = size;
    end = (char *)memcpy(end - base.size, base.data, base.size);
    for (const struct walk_node *above = folder; above != tree->root; above = above->parent) {
        *--end = '/';
        end = (char *)memcpy(end - above->name.size, above->name.data, above->name.size);
    }
    return buffer_view(path);
}

const struct str *walk_tree_link(const struct walk_node *node)
{
    return node && node->kind == WALK_LINK && !is_stale(node) ? &node->target : NULL;
}

bool walk_tree_became_folder(const struct walk_tree *tree, const struct fingerprint *fingerprint, uint64_t entry)
{
    const struct walk_node *node = map_get(tree->nodes, key_of(fingerprint));
    return node && node->told > entry;
}

bool walk_tree_lost(const struct walk_node *folder, uint64_t entry)
{
    for (; folder->parent != folder; folder = folder->parent)
        if (folder->emptied > entry) return true;
    return false;
}
