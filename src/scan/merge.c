/* The union of the layers (OCI image-spec layer.md, scan.md §3.2): an upper layer's file replaces, a whiteout or a non-folder
 * hides all below its path, an opaque mark hides what lower layers have in a folder. Marks never touch their own layer. */
#include "scan/merge_tree.h"

/* Where a fragment's file lies: marks speak of that, not of the name links give it. */
static struct str place_of(const struct fragment *fragment) { return fragment->found.size ? fragment->found : fragment->path; }
static struct str place_of_problem(const struct problem *problem)
{
    return problem->found.size ? problem->found : problem->path;
}

/* ---- what a layer takes away from those below
 * -------------------------------------------------------------------------------- */

static void take_at(struct merge_tree *tree, struct str path)
{
    struct node *node = merge_tree_find(tree, path);
    if (node) merge_tree_clear(tree, node);
}

static void take_below(struct merge_tree *tree, struct str path)
{
    struct node *node = merge_tree_find(tree, path);
    if (node) merge_tree_clear_below(tree, node);
}

static void take_all(struct merge_tree *tree, const str_vector *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        take_at(tree, paths->items[i]);
        take_below(tree, paths->items[i]);
    }
}

/* Of a file whose path is only known by its hash. */
static void take_hashed(struct merge_tree *tree, uint64_t hash)
{
    for (struct node *node = NULL; (node = merge_tree_hashed(tree, hash, node));) {
        merge_tree_clear(tree, node);
        merge_tree_clear_below(tree, node);
    }
}

/* A layer's files take the place of whatever stood there: that file, or a folder with all below. */
static void take_replaced(struct merge_tree *tree, const str_vector *pieces)
{
    CLEANUP_FREE uint8_t *bytes = memory_alloc(3 * (LAYER_STRING_LIMIT + 8));
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->items[i].size > LAYER_STRING_LIMIT) continue;
        ptrdiff_t got = base64_decode(pieces->items[i], bytes);
        for (ptrdiff_t j = 0; j + 8 <= got; j += 8) {
            uint64_t hash = 0;
            for (int k = 7; k >= 0; k--)
                hash = hash << 8 | bytes[j + k];
            take_hashed(tree, hash);
        }
    }
}

/* Remembered layers may come without the hashes of their files: what their other members name is there as well. */
static void take_lower(struct merge_tree *tree, const struct layer_content *content)
{
    for (size_t i = 0; i < content->opaque.count; i++)
        take_below(tree, content->opaque.items[i]);
    take_all(tree, &content->whiteouts);
    take_all(tree, &content->replaced);
    take_replaced(tree, &content->non_folders);
    for (size_t i = 0; i < content->fragments.count; i++)
        take_at(tree, place_of(&content->fragments.items[i]));
    for (size_t i = 0; i < content->links.count; i++)
        take_at(tree, content->links.items[i].path);
    for (size_t i = 0; i < content->problems.count; i++)
        take_at(tree, place_of_problem(&content->problems.items[i]));
    for (size_t i = 0; i < content->folders.count; i++) /* a folder takes the place of a file, and hides nothing below it */
        take_at(tree, content->folders.items[i]);
}

/* ---- what it brings --------------------------------------------------------------------------------------------------------
 */

/* A file that stands twice in one archive: the last one counts. */
static struct entry *entry_for(struct merge_tree *tree, struct node *node, enum fragment_kind kind)
{
    for (struct entry *entry = node->entries; entry; entry = entry->next)
        if (entry->placed.fragment && entry->placed.fragment->kind == kind) {
            if (kind == FRAGMENT_PACKAGES) *vector_push(tree->arena, &tree->hidden) = entry->placed;
            return entry;
        }
    return merge_tree_put(tree, node);
}

static void set_link(struct merge_tree *tree, struct node *node, const struct link *link)
{
    tree->links += (link != NULL) - (node->link != NULL);
    node->link = link;
}

static void add_layer(struct merge_tree *tree, struct layer_content *content, struct layer_ref reference, size_t index)
{
    if (tree->node_count) take_lower(tree, content);
    for (size_t i = 0; i < content->links.count; i++)
        set_link(tree, merge_tree_make(tree, content->links.items[i].path), &content->links.items[i]);
    for (size_t i = 0; i < content->fragments.count; i++) {
        struct fragment *fragment = &content->fragments.items[i];
        struct node *node = merge_tree_make(tree, place_of(fragment));
        entry_for(tree, node, fragment->kind)->placed = (struct placed_fragment){ fragment, reference, index, false };
        set_link(tree, node, NULL); /* a file took the link's place */
    }
    for (size_t i = 0; i < content->problems.count; i++) {
        const struct problem *problem = &content->problems.items[i];
        merge_tree_put(tree, merge_tree_make(tree, place_of_problem(problem)))->problem = problem;
    }
}

/* ---- links
 * ------------------------------------------------------------------------------------------------------------------- */

static const struct link *link_at(const struct merge_tree *tree, struct str path)
{
    const struct node *node = merge_tree_find(tree, path);
    return node ? node->link : NULL;
}

/* Follows links of the union from the root, as chroot would; empty on a loop. */
static struct str resolve(struct merge_tree *tree, struct str path)
{
    if (!tree->links) return path;
    for (int steps = 0; steps < 40; steps++) {
        const struct link *link = link_at(tree, path);
        struct str rest = { 0 };
        for (size_t i = 0; !link && i < path.size; i++)
            if (path.data[i] == '/' && (link = link_at(tree, str_to(path, i)))) rest = str_from(path, i);
        if (!link) return path;
        path = arena_strf(tree->arena, "%.*s%.*s", STR_ARG(link->target), STR_ARG(rest));
    }
    return (struct str){ 0 };
}

static bool is_known(const alias_vector *known, struct str real, struct str as)
{
    for (size_t i = 0; known && i < known->count; i++)
        if (str_equal(known->items[i].real, real) && str_equal(known->items[i].as, as)) return true;
    return false;
}

static bool is_below(struct str path, const alias_vector *aliases)
{
    for (size_t i = 0; i < aliases->count; i++)
        if (aliases->items[i].folder && alias_covers(aliases->items[i].as, path)) return true;
    return false;
}

static void alias_add(struct merge_tree *tree, struct arena *arena, const alias_vector *known, struct str as, bool folder,
                      alias_vector *aliases)
{
    struct str real = resolve(tree, as);
    if (!real.size || str_equal(real, as) || is_known(known, real, as) || is_known(aliases, real, as)) return;
    *vector_push(arena, aliases) = (struct alias){ arena_str(arena, real), arena_str(arena, as), folder };
}

/* Paths that cataloguers look at and that lead through links to where none looks, and none looked so far. */
static void find_aliases(struct merge_tree *tree, struct arena *arena, const struct inventory_options *inventory,
                         const alias_vector *known, alias_vector *aliases)
{
    str_vector paths = { 0 }, folders = { 0 };
    struct str path;
    void *value;
    if (!tree->links) return;
    inventory_fixed_folders(inventory, tree->arena, &folders);
    for (size_t i = 0; i < folders.count; i++)
        if (!str_vector_has(&folders, resolve(tree, folders.items[i])))
            alias_add(tree, arena, known, folders.items[i], true, aliases);
    inventory_fixed_paths(inventory, tree->arena, &paths);
    for (size_t i = 0; i < paths.count; i++)
        if (!inventory_wants(inventory, resolve(tree, paths.items[i])))
            alias_add(tree, arena, known, paths.items[i], false, aliases);
    for (size_t position = 0; aliases->count < ALIAS_LIMIT && map_next(tree->nodes, &position, &path, &value);)
        if (((struct node *)value)->link && str_vector_has(&folders, path_folder(path)) && inventory_wants(inventory, path) &&
            !is_below(path, aliases) && !inventory_wants(inventory, resolve(tree, path)))
            alias_add(tree, arena, known, path, false, aliases);
}

/* ---- the whole
 * --------------------------------------------------------------------------------------------------------------- */

static void collect(struct merge_tree *tree, struct arena *arena, placed_vector *placed, problem_vector *problems)
{
    void *value;
    for (size_t position = 0; map_next(tree->nodes, &position, NULL, &value);)
        for (const struct entry *entry = ((struct node *)value)->entries; entry; entry = entry->next) {
            const struct fragment *fragment = entry->placed.fragment;
            if (entry->problem)
                *vector_push_moving(arena, problems) = *entry->problem;
            else if (!fragment->found.size || str_equal(resolve(tree, fragment->path), fragment->found))
                *vector_push_moving(arena, placed) = entry->placed; /* else no link leads there any more */
        }
    for (size_t i = 0; i < tree->hidden.count; i++) {
        *vector_push_moving(arena, placed) = tree->hidden.items[i];
        placed->items[placed->count - 1].hidden = true;
    }
}

bool merge_layers(struct arena *arena, struct layer_content *const *layers, const struct layer_ref *references, size_t count,
                  const struct walk_options *options, moment deadline, placed_vector *placed, problem_vector *problems,
                  alias_vector *aliases, struct error *error)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct merge_tree tree;
    merge_tree_start(&tree, scratch);
    for (size_t i = 0; i < count; i++) {
        if (deadline && clock_monotonic() > deadline) return scan_timed_out(error);
        if (layers[i]) add_layer(&tree, layers[i], references[i], i);
    }
    collect(&tree, arena, placed, problems);
    find_aliases(&tree, arena, options->inventory, options->aliases, aliases);
    return true;
}
