/* The union of the layers (OCI image-spec layer.md, scan.md §3.2): an upper layer's file replaces, a whiteout or a non-folder
 * hides all below its path, an opaque mark hides what lower layers have in a folder. Marks never touch their own layer. */
#include "scan/layer.h"

struct tree {
    struct arena *arena;
    struct map *fragments; /* kind and place -> struct placed_fragment */
    struct map *links;     /* path -> struct link */
    placed_vector hidden;
    struct buffer key; /* to look up with */
};

/* Where a fragment's file lies: marks speak of that, not of the name links give it. */
static struct str place_of(const struct fragment *fragment) { return fragment->found.size ? fragment->found : fragment->path; }

/* True when the path or a folder above it is in the set; `below` asks for folders above only. */
static bool covered(const struct map *set, struct str path, bool below)
{
    if (!map_count(set)) return false;
    uint64_t hash = map_hash_start();
    for (size_t i = 0; i < path.size; i++) {
        if (path.data[i] == '/' && map_get_hashed(set, str_to(path, i), hash)) return true;
        hash = str_hash_add(hash, path.data[i]);
    }
    return below ? map_get(set, STR("")) != NULL /* the root itself is opaque */ : map_get_hashed(set, path, hash) != NULL;
}

static void hide(struct tree *tree, const struct map *removed, const struct map *opaque)
{
    struct str key;
    void *value;
    for (size_t position = 0; map_next(tree->fragments, &position, &key, &value);) {
        struct placed_fragment *placed = value;
        struct str place = place_of(placed->fragment);
        if (!covered(removed, place, false) && !covered(opaque, place, true)) continue;
        map_remove(tree->fragments, key);
        if (placed->fragment->kind != FRAGMENT_PACKAGES) continue;
        *vector_push(tree->arena, &tree->hidden) = *placed;
    }
    for (size_t position = 0; map_next(tree->links, &position, &key, &value);)
        if (covered(removed, key, false) || covered(opaque, key, true)) map_remove(tree->links, key);
}

static struct map *set_of(struct arena *arena, const str_vector *first, const str_vector *second)
{
    struct map *set = map_new(arena);
    for (size_t i = 0; i < first->count; i++)
        map_set(set, first->items[i], set);
    for (size_t i = 0; second && i < second->count; i++)
        map_set(set, second->items[i], set);
    return set;
}

/* A layer's set of non-folders, decoded once it is asked for. */
struct hash_set {
    uint64_t *items;
    size_t count;
};

static struct hash_set decode_non_folders(struct arena *arena, const str_vector *pieces)
{
    struct hash_set set = { 0 };
    size_t size = 0;
    for (size_t i = 0; i < pieces->count; i++)
        size += pieces->items[i].size;
    set.items = arena_array(arena, size / 10 + 1, sizeof *set.items);
    uint8_t *bytes = arena_alloc(arena, 3 * (((size_t)64 << 10) + 8));
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->items[i].size > (size_t)64 << 10) continue;
        ptrdiff_t got = base64_decode(pieces->items[i], bytes);
        for (ptrdiff_t j = 0; j + 8 <= got; j += 8) {
            uint64_t hash = 0;
            for (int k = 7; k >= 0; k--)
                hash = hash << 8 | bytes[j + k];
            set.items[set.count++] = hash;
        }
    }
    return set;
}

static bool has_hash(const struct hash_set *set, uint64_t wanted)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (set->items[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count && set->items[low] == wanted;
}

/* Files that a lower layer had in a folder that is now something else. */
static void hide_below_files(struct tree *tree, const struct layer_content *content)
{
    struct hash_set set = decode_non_folders(tree->arena, &content->non_folders);
    struct str key;
    void *value;
    for (size_t position = 0; map_next(tree->fragments, &position, &key, &value);) {
        struct placed_fragment *placed = value;
        struct str path = place_of(placed->fragment);
        bool hidden = false;
        uint64_t hash = STR_HASH_START;
        for (size_t i = 0; !hidden && i < path.size; i++) {
            hidden = path.data[i] == '/' && has_hash(&set, hash);
            hash = str_hash_add(hash, path.data[i]);
        }
        if (!hidden) continue;
        map_remove(tree->fragments, key);
        if (placed->fragment->kind == FRAGMENT_PACKAGES) *vector_push(tree->arena, &tree->hidden) = *placed;
    }
}

/* A folder takes the place of the file or link of its name, and hides nothing below it. */
static void replace_by_folder(struct tree *tree, struct str path)
{
    map_remove(tree->links, path);
    for (int kind = 0; kind < FRAGMENT_KINDS; kind++) {
        tree->key.size = 0; /* a layer may hold a million such folders: no memory for each */
        buffer_printf(&tree->key, "%d %.*s", kind, STR_ARG(path));
        map_remove(tree->fragments, buffer_view(&tree->key));
    }
}

static void add_layer(struct tree *tree, const struct layer_content *content, struct layer_ref reference, size_t index)
{
    if (content->opaque.count || content->whiteouts.count || content->replaced.count)
        hide(tree, set_of(tree->arena, &content->whiteouts, &content->replaced), set_of(tree->arena, &content->opaque, NULL));
    if (content->non_folders.count && map_count(tree->fragments)) hide_below_files(tree, content);
    for (size_t i = 0; i < content->folders.count && (map_count(tree->fragments) || map_count(tree->links)); i++)
        replace_by_folder(tree, content->folders.items[i]);
    for (size_t i = 0; i < content->links.count; i++)
        map_set(tree->links, content->links.items[i].path, &content->links.items[i]);
    for (size_t i = 0; i < content->fragments.count; i++) {
        const struct fragment *fragment = &content->fragments.items[i];
        struct str place = place_of(fragment), key = arena_strf(tree->arena, "%d %.*s", fragment->kind, STR_ARG(place));
        struct placed_fragment *lower = map_get(tree->fragments, key);
        if (lower && fragment->kind == FRAGMENT_PACKAGES) *vector_push(tree->arena, &tree->hidden) = *lower;
        struct placed_fragment *placed = arena_alloc(tree->arena, sizeof *placed);
        *placed = (struct placed_fragment){ fragment, reference, index, false };
        map_set(tree->fragments, key, placed);
        if (map_get(tree->links, place)) map_remove(tree->links, place); /* a file took the link's place */
    }
}

/* Follows links of the union from the root, as chroot would; empty on a loop. */
static struct str resolve(struct tree *tree, struct str path)
{
    for (int steps = 0; steps < 40; steps++) {
        const struct link *link = map_get(tree->links, path);
        struct str rest = { 0 };
        for (size_t i = 0; !link && i < path.size; i++)
            if (path.data[i] == '/' && (link = map_get(tree->links, str_to(path, i)))) rest = str_from(path, i);
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

static void alias_add(struct tree *tree, const alias_vector *known, struct str as, bool folder, alias_vector *aliases)
{
    struct str real = resolve(tree, as);
    if (!real.size || str_equal(real, as) || is_known(known, real, as) || is_known(aliases, real, as)) return;
    *vector_push(tree->arena, aliases) = (struct alias){ real, as, folder };
}

/* Paths that cataloguers look at and that lead through links to where none looks, and none looked so far. */
static void find_aliases(struct tree *tree, const struct inventory_options *inventory, const alias_vector *known,
                         alias_vector *aliases)
{
    str_vector paths = { 0 }, folders = { 0 };
    struct str path;
    void *value;
    if (!map_count(tree->links)) return;
    inventory_fixed_folders(inventory, tree->arena, &folders);
    for (size_t i = 0; i < folders.count; i++)
        if (!str_vector_has(&folders, resolve(tree, folders.items[i]))) alias_add(tree, known, folders.items[i], true, aliases);
    inventory_fixed_paths(inventory, tree->arena, &paths);
    for (size_t i = 0; i < paths.count; i++)
        if (!inventory_wants(inventory, resolve(tree, paths.items[i]))) alias_add(tree, known, paths.items[i], false, aliases);
    for (size_t position = 0; aliases->count < ALIAS_LIMIT && map_next(tree->links, &position, &path, &value);)
        if (str_vector_has(&folders, path_folder(path)) && inventory_wants(inventory, path) && !is_below(path, aliases) &&
            !inventory_wants(inventory, resolve(tree, path)))
            alias_add(tree, known, path, false, aliases);
}

void merge_layers(struct arena *arena, struct layer_content *const *layers, const struct layer_ref *references, size_t count,
                  const struct walk_options *options, placed_vector *placed, problem_vector *problems, alias_vector *aliases)
{
    struct tree tree = { .arena = arena, .fragments = map_new(arena), .links = map_new(arena) };
    for (size_t i = 0; i < count; i++) {
        if (!layers[i]) continue;
        add_layer(&tree, layers[i], references[i], i);
        for (size_t j = 0; j < layers[i]->problems.count; j++)
            *vector_push(arena, problems) = layers[i]->problems.items[j];
    }
    void *value;
    for (size_t position = 0; map_next(tree.fragments, &position, NULL, &value);) {
        const struct fragment *fragment = ((struct placed_fragment *)value)->fragment;
        if (fragment->found.size && !str_equal(resolve(&tree, fragment->path), fragment->found))
            continue; /* no link leads there */
        *vector_push(arena, placed) = *(struct placed_fragment *)value;
    }
    for (size_t i = 0; i < tree.hidden.count; i++) {
        *vector_push(arena, placed) = tree.hidden.items[i];
        placed->items[placed->count - 1].hidden = true;
    }
    find_aliases(&tree, options->inventory, options->aliases, aliases);
    buffer_free(&tree.key);
}
