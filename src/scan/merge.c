/* The union of the layers (OCI image-spec layer.md, scan.md §3.2): an upper layer's file replaces, a whiteout or a non-folder
 * hides all below its path, an opaque mark hides what lower layers have in a folder. Marks never touch their own layer. */
#include "scan/merge_tree.h"

/* Where a fragment's file lies: marks speak of that, not of the name links give it. */
static struct str place_of(const struct fragment *fragment) { return fragment->found.size ? fragment->found : fragment->path; }
static struct str place_of_problem(const struct problem *problem)
{
    return problem->found.size ? problem->found : problem->path;
}

/* ---- what a layer takes away from those below ---- */

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

/* Of a file whose path is only known by its fingerprint. */
static void take_fingerprint(struct merge_tree *tree, uint64_t fingerprint)
{
    struct node *node = merge_tree_known(tree, fingerprint);
    if (!node) return;
    merge_tree_clear(tree, node);
    merge_tree_clear_below(tree, node);
}

/* A layer's files take the place of whatever stood there: that file, or a folder with all below. */
static void take_replaced(struct merge_tree *tree, const str_vector *pieces)
{
    CLEANUP_FREE uint8_t *bytes = memory_alloc(3 * (LAYER_STRING_LIMIT + 8));
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->items[i].size > LAYER_STRING_LIMIT) continue;
        ptrdiff_t got = base64_decode(pieces->items[i], bytes);
        for (ptrdiff_t j = 0; j + 8 <= got; j += 8) {
            uint64_t fingerprint = 0;
            for (int k = 7; k >= 0; k--)
                fingerprint = fingerprint << 8 | bytes[j + k];
            take_fingerprint(tree, fingerprint);
        }
    }
}

/* overlayfs, which Podman and containerd unpack to, passes over an opaque mark on a layer's root. */
static bool has_opaque_root(const struct layer_content *content)
{
    for (size_t i = 0; i < content->opaque.count; i++)
        if (!content->opaque.items[i].size) return true;
    return false;
}

/* Remembered layers may come without the fingerprints of their files: what their other members name is there as well. */
static void take_lower(struct merge_tree *tree, const struct layer_content *content)
{
    for (size_t i = 0; i < content->opaque.count; i++)
        if (content->opaque.items[i].size) take_below(tree, content->opaque.items[i]);
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

/* ---- what it brings ---- */

/* A file that stands twice in one archive: the last one counts. */
static void place(struct merge_tree *tree, struct node *node, struct placed_fragment placed)
{
    struct entry *entry = merge_tree_entry(tree, node, placed.fragment);
    if (entry->placed.fragment && placed.fragment->kind == FRAGMENT_PACKAGES)
        *vector_push(tree->arena, &tree->hidden) = entry->placed;
    entry->placed = placed;
}

static void set_link(struct merge_tree *tree, struct node *node, const struct link *link)
{
    tree->links += (link != NULL) - (node->link != NULL);
    node->link = link;
}

static void add_layer(struct merge_tree *tree, struct layer_content *content, struct layer_ref reference, size_t index)
{
    if (map_count(tree->nodes)) take_lower(tree, content);
    for (size_t i = 0; i < content->links.count; i++)
        set_link(tree, merge_tree_make(tree, content->links.items[i].path), &content->links.items[i]);
    for (size_t i = 0; i < content->fragments.count; i++) {
        struct fragment *fragment = &content->fragments.items[i];
        struct node *node = merge_tree_make(tree, place_of(fragment));
        place(tree, node, (struct placed_fragment){ fragment, reference, index, false });
        set_link(tree, node, NULL); /* a file took the link's place */
    }
    for (size_t i = 0; i < content->problems.count; i++) {
        const struct problem *problem = &content->problems.items[i];
        merge_tree_note(tree, merge_tree_make(tree, place_of_problem(problem)), problem);
    }
}

/* ---- links ---- */

#define PATH_LIMIT ((size_t)4096) /* PATH_MAX: no system follows a longer one */
#define LINK_LIMIT 40             /* as Linux: MAXSYMLINKS */

/* Links lead where a hostile image wants: what is on the way stands in two buffers that are written in turn. */
struct follower {
    struct merge_tree *tree;
    moment deadline;
    unsigned asked;
    char paths[2][PATH_LIMIT];
};

static bool in_time(struct follower *follower, struct error *error)
{
    if (!follower->deadline || ++follower->asked % 1024 || clock_monotonic() <= follower->deadline) return true;
    return scan_timed_out(error);
}

static const struct link *link_at(const struct merge_tree *tree, struct str path, uint64_t hash)
{
    const struct node *node = map_get_hashed(tree->nodes, path, hash);
    return node ? node->link : NULL;
}

/* The link at the path, else at the first folder on the way to it; `rest` is what follows that. */
static const struct link *first_link(const struct merge_tree *tree, struct str path, struct str *rest)
{
    const struct link *above = NULL, *whole;
    uint64_t hash = map_hash_start();
    *rest = (struct str){ 0 };
    for (size_t i = 0; i < path.size; i++) {
        if (path.data[i] == '/' && !above && (above = link_at(tree, str_to(path, i), hash))) *rest = str_from(path, i);
        hash = str_hash_add(hash, path.data[i]);
    }
    if (!(whole = link_at(tree, path, hash))) return above;
    *rest = (struct str){ 0 };
    return whole;
}

static bool is_walkable(struct str path)
{
    size_t depth = 0;
    for (size_t i = 0; i < path.size && i < PATH_LIMIT; i++)
        depth += path.data[i] == '/';
    return path.size <= PATH_LIMIT && depth <= WALK_DEPTH_LIMIT;
}

/* Follows links of the union from the root, as chroot would; empty on a loop and where no walk comes. Lives until the next
 * question. */
static struct str resolve(struct follower *follower, struct str path)
{
    if (!follower->tree->links) return path;
    for (int steps = 0; steps < LINK_LIMIT && is_walkable(path); steps++) {
        struct str rest;
        const struct link *link = first_link(follower->tree, path, &rest);
        if (!link) return path;
        if (!link->target.size) rest = str_from(rest, 1); /* the root: what follows is the path */
        if (link->target.size + rest.size > PATH_LIMIT) break;
        char *to = follower->paths[steps % 2];
        path = str_make(to, link->target.size + rest.size);
        if (link->target.size) to = mempcpy(to, link->target.data, link->target.size);
        if (rest.size) memcpy(to, rest.data, rest.size);
    }
    return (struct str){ 0 };
}

/* ---- links' targets to read for the cataloguers that look at the links ---- */

struct alias_search {
    struct follower *follower;
    struct arena *arena;
    const struct inventory_options *inventory;
    const alias_vector *known;
    alias_vector *found;
    struct map *readers; /* real path -> uint64_t: the cataloguers that read it by another name */
};

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

static uint64_t *readers_at(struct alias_search *search, struct str real)
{
    uint64_t *readers = map_get(search->readers, real);
    if (readers) return readers;
    readers = arena_alloc(search->follower->tree->arena, sizeof *readers);
    map_set(search->readers, real, readers);
    return readers;
}

/* Links that were followed in an earlier pass, and still lead there. */
static void take_known(struct alias_search *search)
{
    for (size_t i = 0; search->known && i < search->known->count; i++) {
        const struct alias *alias = &search->known->items[i];
        if (!alias->folder && str_equal(resolve(search->follower, alias->as), alias->real))
            *readers_at(search, alias->real) |= inventory_wants(search->inventory, alias->as);
    }
}

static void alias_add(struct alias_search *search, struct str real, struct str as, bool folder)
{
    *vector_push(search->arena, search->found) =
        (struct alias){ arena_str(search->arena, real), arena_str(search->arena, as), folder };
}

/* A file is read once by each cataloguer, whatever names lead to it. */
static void find_file(struct alias_search *search, struct str path)
{
    struct str real = resolve(search->follower, path);
    uint64_t missing = inventory_wants(search->inventory, path) & ~inventory_wants(search->inventory, real);
    if (!real.size || !missing || str_equal(real, path)) return;
    uint64_t *readers = map_get(search->readers, real);
    if (readers && !(missing & ~*readers)) return;
    alias_add(search, real, path, false);
    *readers_at(search, search->found->items[search->found->count - 1].real) |= missing;
}

static bool list_has(const char *const *list, struct str folder)
{
    for (; list && *list; list++)
        if (str_equal(str_trim_set(str_of(*list), "/"), folder)) return true;
    return false;
}

/* The cataloguers that look into the folder. */
static uint64_t folder_readers(const struct inventory_options *inventory, struct str folder)
{
    uint64_t readers = 0;
    for (size_t i = 0; i < cataloguer_count(); i++) {
        const struct cataloguer *cataloguer = cataloguer_at(i);
        bool looks = list_has(cataloguer->under, folder) || list_has(cataloguer->roots, folder);
        if (looks && cataloguer->scope & inventory->scope) readers |= (uint64_t)1 << i;
    }
    return readers;
}

static void find_folder(struct alias_search *search, struct str folder)
{
    struct str real = resolve(search->follower, folder);
    if (!real.size || str_equal(real, folder) || is_known(search->known, real, folder)) return;
    if (folder_readers(search->inventory, folder) & ~folder_readers(search->inventory, real))
        alias_add(search, real, folder, true);
}

/* Paths that cataloguers look at and that lead through links to where they do not look, and did not so far. */
static bool find_aliases(struct alias_search *search, struct error *error)
{
    str_vector paths = { 0 }, folders = { 0 };
    struct str path;
    void *value;
    struct merge_tree *tree = search->follower->tree;
    if (!tree->links) return true;
    search->readers = map_new(tree->arena);
    take_known(search);
    inventory_fixed_folders(search->inventory, tree->arena, &folders);
    for (size_t i = 0; i < folders.count; i++)
        find_folder(search, folders.items[i]);
    inventory_fixed_paths(search->inventory, tree->arena, &paths);
    for (size_t i = 0; i < paths.count; i++)
        find_file(search, paths.items[i]);
    for (size_t position = 0; search->found->count < ALIAS_LIMIT && map_next(tree->nodes, &position, &path, &value);) {
        if (!in_time(search->follower, error)) return false;
        if (((struct node *)value)->link && str_vector_has(&folders, path_folder(path)) && !is_below(path, search->found))
            find_file(search, path);
    }
    return true;
}

/* ---- the whole ---- */

static void collect_node(struct follower *follower, struct arena *arena, const struct node *node, struct layer_union *all)
{
    for (const struct entry *entry = node->entries; entry; entry = entry->next) {
        const struct fragment *fragment = entry->placed.fragment;
        if (!fragment->found.size || str_equal(resolve(follower, fragment->path), fragment->found))
            *vector_push_moving(arena, &all->placed) = entry->placed; /* else no link leads there any more */
    }
    for (const struct note *note = node->notes; note; note = note->next)
        *vector_push_moving(arena, &all->problems) = *note->problem;
}

static bool collect(struct follower *follower, struct arena *arena, struct layer_union *all, struct error *error)
{
    struct merge_tree *tree = follower->tree;
    void *value;
    for (size_t position = 0; map_next(tree->nodes, &position, NULL, &value);) {
        if (!in_time(follower, error)) return false;
        collect_node(follower, arena, value, all);
    }
    for (size_t i = 0; i < tree->hidden.count; i++) {
        struct placed_fragment *placed = vector_push_moving(arena, &all->placed);
        *placed = tree->hidden.items[i];
        placed->hidden = true;
    }
    return true;
}

static void note_opaque_root(struct arena *arena, struct layer_ref reference, struct layer_union *all)
{
    struct str name = reference.digest.size ? reference.digest : reference.diff_id;
    *vector_push_moving(arena, &all->problems) = (struct problem){
        { 0 },
        STR("opaque-root"),
        arena_strf(arena,
                   "layer %.*s says that it hides all layers below: Podman and containerd show them, and so does this report",
                   STR_ARG(name)),
        { 0 },
    };
}

bool merge_layers(struct arena *arena, struct layer_content *const *layers, const struct layer_ref *references, size_t count,
                  const struct walk_options *options, moment deadline, struct layer_union *all, struct error *error)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct merge_tree tree;
    struct follower follower = { .tree = &tree, .deadline = deadline };
    merge_tree_start(&tree, scratch);
    for (size_t i = 0; i < count; i++) {
        if (deadline && clock_monotonic() > deadline) return scan_timed_out(error);
        if (!layers[i]) continue;
        if (map_count(tree.nodes) && has_opaque_root(layers[i])) note_opaque_root(arena, references[i], all);
        add_layer(&tree, layers[i], references[i], i);
    }
    struct alias_search search = { &follower, arena, options->inventory, options->aliases, &all->aliases, NULL };
    bool good = collect(&follower, arena, all, error) && find_aliases(&search, error);
    all->scratch = arena_used(scratch);
    return good;
}
