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
static void take_fingerprint(struct merge_tree *tree, const struct fingerprint *fingerprint)
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
        for (ptrdiff_t j = 0; j + (ptrdiff_t)sizeof(struct fingerprint) <= got; j += sizeof(struct fingerprint)) {
            struct fingerprint fingerprint;
            memcpy(&fingerprint, bytes + j, sizeof fingerprint);
            take_fingerprint(tree, &fingerprint);
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

struct union_run {
    struct merge_tree *tree;
    struct arena *arena; /* of the result */
    const struct walk_options *options;
};

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

static bool is_read_in(const struct node *node, size_t layer)
{
    for (const struct entry *entry = node->entries; entry; entry = entry->next)
        if (entry->placed.layer_index == layer) return true;
    return false;
}

/* What stood at a hard link's other name before its layer took anything away. */
struct hard_source {
    const struct entry *entries;
    const struct link *link;
    struct str hard;
};

static struct hard_source hard_source_at(const struct merge_tree *tree, struct str path)
{
    const struct node *node = merge_tree_find(tree, path);
    return node ? (struct hard_source){ node->entries, node->link, node->hard } : (struct hard_source){ 0 };
}

static struct hard_source *hard_sources(struct merge_tree *tree, const struct layer_content *content)
{
    struct hard_source *sources = NULL;
    for (size_t i = 0; i < content->links.count; i++) {
        const struct link *link = &content->links.items[i];
        if (link->hard && !sources) sources = arena_array(tree->arena, content->links.count, sizeof *sources);
        if (link->hard) sources[i] = hard_source_at(tree, link->target);
    }
    return sources;
}

/* A hard link is a file of its own: what becomes of the other name later says nothing of it. */
static void copy_file(struct union_run *run, struct node *node, const struct entry *entries, const struct placed_fragment *as)
{
    enum {
        LIMIT = 16 /* fragments of one file */
    };
    size_t copied = 0;
    uint64_t wanted = inventory_wants(run->options->inventory, node->path);
    for (const struct entry *entry = entries; entry && copied < LIMIT; entry = entry->next, copied++) {
        struct fragment *fragment = arena_alloc(run->arena, sizeof *fragment);
        *fragment = *entry->placed.fragment;
        bool own = inventory_wants(run->options->inventory, fragment->path) & wanted;
        if (own) fragment->path = node->path;
        fragment->found = own ? (struct str){ 0 } : node->path;
        place(run->tree, node, (struct placed_fragment){ fragment, as->layer, as->layer_index, false });
    }
}

static void add_hard_link(struct union_run *run, const struct link *link, const struct hard_source *before,
                          const struct placed_fragment *as)
{
    struct merge_tree *tree = run->tree;
    struct node *node = merge_tree_make(tree, link->path);
    struct hard_source now = hard_source_at(tree, link->target);
    bool read = is_read_in(node, as->layer_index);
    if (!now.entries && !now.link && !now.hard.size) now = *before;
    node->hard = now.hard.size ? now.hard : link->target;
    tree->hard_links++;
    if (read || str_equal(link->path, link->target)) return;
    set_link(tree, node, now.link);
    copy_file(run, node, now.entries, as);
}

static void add_layer(struct union_run *run, struct layer_content *content, struct layer_ref reference, size_t index)
{
    struct merge_tree *tree = run->tree;
    const struct hard_source *sources = hard_sources(tree, content);
    if (map_count(tree->nodes)) take_lower(tree, content);
    for (size_t i = 0; i < content->links.count; i++)
        if (!content->links.items[i].hard)
            set_link(tree, merge_tree_make(tree, content->links.items[i].path), &content->links.items[i]);
    for (size_t i = 0; i < content->fragments.count; i++) {
        struct fragment *fragment = &content->fragments.items[i];
        struct node *node = merge_tree_make(tree, place_of(fragment));
        place(tree, node, (struct placed_fragment){ fragment, reference, index, false });
        set_link(tree, node, NULL); /* a file took the link's place */
    }
    for (size_t i = 0; i < content->links.count; i++)
        if (content->links.items[i].hard)
            add_hard_link(run, &content->links.items[i], &sources[i],
                          &(struct placed_fragment){ NULL, reference, index, false });
    for (size_t i = 0; i < content->problems.count; i++) {
        const struct problem *problem = &content->problems.items[i];
        merge_tree_note(tree, merge_tree_make(tree, place_of_problem(problem)), problem);
    }
}

/* ---- links ---- */

#define PATH_LIMIT ((size_t)4096) /* PATH_MAX: no system follows a longer one */
#define LINK_LIMIT 40             /* as Linux: MAXSYMLINKS */

/* Links lead where a hostile image wants: the way so far and what is still to come stand in buffers that are written again and
 * again. */
struct follower {
    struct merge_tree *tree;
    moment deadline;
    unsigned asked;
    void (*visit)(void *context, struct str path); /* each place behind a link that decides where it leads; NULL: nobody asks */
    void *context;
    size_t depth;
    struct {
        size_t size;
        uint64_t hash;
    } folders[WALK_DEPTH_LIMIT + 2]; /* of the way, from the root down */
    char way[PATH_LIMIT], rest[2][PATH_LIMIT];
};

static bool in_time(struct follower *follower, struct error *error)
{
    if (!follower->deadline || ++follower->asked % 1024 || clock_monotonic() <= follower->deadline) return true;
    return scan_timed_out(error);
}

static struct str way_of(const struct follower *follower)
{
    return str_make(follower->way, follower->folders[follower->depth].size);
}

/* One step down; false where no walk comes. */
static bool step_down(struct follower *follower, struct str name)
{
    size_t size = follower->folders[follower->depth].size;
    uint64_t hash = follower->folders[follower->depth].hash;
    if (follower->depth > WALK_DEPTH_LIMIT || size + name.size + 1 > PATH_LIMIT) return false;
    if (size) {
        hash = str_hash_add(hash, '/');
        follower->way[size++] = '/';
    }
    for (size_t i = 0; i < name.size; i++)
        hash = str_hash_add(hash, name.data[i]);
    memcpy(follower->way + size, name.data, name.size);
    follower->depth++;
    follower->folders[follower->depth].size = size + name.size;
    follower->folders[follower->depth].hash = hash;
    return true;
}

static const struct link *link_here(const struct follower *follower)
{
    const struct node *node = map_get_hashed(follower->tree->nodes, way_of(follower), follower->folders[follower->depth].hash);
    return node ? node->link : NULL;
}

/* Follows links of the union from the root, part by part as chroot would; empty on a loop and where no walk comes. Lives until
 * the next question. */
static struct str resolve(struct follower *follower, struct str path)
{
    unsigned links = 0;
    if (!follower->tree->links) return path;
    follower->depth = 0;
    follower->folders[0].size = 0;
    follower->folders[0].hash = map_hash_start();
    while (path.data && path.size) {
        struct str name = str_cut(&path, '/');
        if (!name.size || str_is(name, ".")) continue;
        if (str_is(name, "..")) {
            follower->depth -= follower->depth != 0;
            continue;
        }
        if (!step_down(follower, name)) return (struct str){ 0 };
        if (links && follower->visit) follower->visit(follower->context, way_of(follower));
        const struct link *link = link_here(follower);
        if (!link) continue;
        if (++links > LINK_LIMIT || link->target.size + 1 + path.size > PATH_LIMIT) return (struct str){ 0 };
        follower->depth = str_starts(link->target, "/") ? 0 : follower->depth - 1;
        char *start = follower->rest[links % 2], *to = start;
        if (link->target.size) to = mempcpy(to, link->target.data, link->target.size);
        *to++ = '/';
        if (path.size) to = mempcpy(to, path.data, path.size);
        path = str_make(start, (size_t)(to - start));
    }
    return way_of(follower);
}

/* ---- links' targets to read for the cataloguers that look at the links ---- */

struct alias_search {
    struct follower *follower;
    struct arena *arena;
    const struct inventory_options *inventory;
    const alias_vector *known;
    alias_vector *found;
    struct map *readers; /* real path -> uint64_t: the cataloguers that read it by another name */
    struct map *asked;   /* places of which layers say whether they are links */
    struct str as;       /* the link that is followed */
    struct buffer visited;
};

static bool is_known_folder(const alias_vector *known, struct str real, struct str as)
{
    for (size_t i = 0; known && i < known->count; i++)
        if (known->items[i].folder && str_equal(known->items[i].real, real) && str_equal(known->items[i].as, as)) return true;
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

static void alias_add(struct alias_search *search, struct alias alias)
{
    if (search->found->count >= ALIAS_LIMIT) return; /* the rest is for the next pass */
    struct alias *added = vector_push(search->arena, search->found);
    *added = alias;
    added->real = arena_str(search->arena, alias.real);
    added->as = arena_str(search->arena, alias.as);
    map_set(search->asked, added->real, added);
}

/* What was visited last: the place where a link leads to is asked for as such, not as one on the way. */
static void ask_way(struct alias_search *search)
{
    struct str way = buffer_view(&search->visited);
    if (way.size && !inventory_on_path(search->inventory, way) && !inventory_wants(search->inventory, way) &&
        !map_get(search->asked, way))
        alias_add(search, (struct alias){ .real = way, .as = search->as, .way = true });
    search->visited.size = 0;
}

static void visit(void *context, struct str path)
{
    struct alias_search *search = context;
    ask_way(search);
    buffer_str(&search->visited, path);
}

static struct str follow(struct alias_search *search, struct str path)
{
    struct follower *follower = search->follower;
    follower->visit = visit;
    follower->context = search;
    search->as = path;
    search->visited.size = 0;
    struct str real = resolve(follower, path);
    follower->visit = NULL;
    if (!str_equal(real, buffer_view(&search->visited))) ask_way(search);
    const struct node *node = real.size ? merge_tree_find(follower->tree, real) : NULL;
    return node && node->hard.size ? node->hard : real;
}

/* Links that were followed in an earlier pass, and still lead there. */
static void take_known(struct alias_search *search)
{
    for (size_t i = 0; search->known && i < search->known->count; i++) {
        struct alias *alias = &search->known->items[i];
        map_set(search->asked, alias->real, alias);
    }
    for (size_t i = 0; search->known && i < search->known->count; i++) {
        const struct alias *alias = &search->known->items[i];
        if (!alias->folder && !alias->way && str_equal(follow(search, alias->as), alias->real))
            *readers_at(search, alias->real) |= inventory_wants(search->inventory, alias->as);
    }
}

/* A file is read once by each cataloguer, whatever names lead to it. */
static void find_file(struct alias_search *search, struct str path)
{
    struct str real = follow(search, path);
    uint64_t missing = inventory_wants(search->inventory, path) & ~inventory_wants(search->inventory, real);
    if (!real.size || !missing || str_equal(real, path) || search->found->count >= ALIAS_LIMIT) return;
    uint64_t *readers = map_get(search->readers, real);
    if (readers && !(missing & ~*readers)) return;
    alias_add(search, (struct alias){ .real = real, .as = path });
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
    struct str real = follow(search, folder);
    if (!real.size || str_equal(real, folder) || is_known_folder(search->known, real, folder)) return;
    if (folder_readers(search->inventory, folder) & ~folder_readers(search->inventory, real))
        alias_add(search, (struct alias){ .real = real, .as = folder, .folder = true });
}

/* Paths that cataloguers look at and that lead through links to where they do not look, and did not so far. */
static bool find_aliases(struct alias_search *search, struct error *error)
{
    str_vector paths = { 0 }, folders = { 0 };
    struct str path;
    void *value;
    struct merge_tree *tree = search->follower->tree;
    if (!tree->links && !tree->hard_links) return true;
    search->readers = map_new(tree->arena);
    search->asked = map_new(tree->arena);
    take_known(search);
    inventory_fixed_folders(search->inventory, tree->arena, &folders);
    for (size_t i = 0; i < folders.count; i++)
        find_folder(search, folders.items[i]);
    inventory_fixed_paths(search->inventory, tree->arena, &paths);
    for (size_t i = 0; i < paths.count; i++)
        find_file(search, paths.items[i]);
    for (size_t position = 0; search->found->count < ALIAS_LIMIT && map_next(tree->nodes, &position, &path, &value);) {
        if (!in_time(search->follower, error)) return false;
        const struct node *node = value;
        if ((node->link || node->hard.size) && str_vector_has(&folders, path_folder(path)) && !is_below(path, search->found))
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
    struct union_run run = { &tree, arena, options };
    merge_tree_start(&tree, scratch);
    for (size_t i = 0; i < count; i++) {
        if (deadline && clock_monotonic() > deadline) return scan_timed_out(error);
        if (!layers[i]) continue;
        if (map_count(tree.nodes) && has_opaque_root(layers[i])) note_opaque_root(arena, references[i], all);
        add_layer(&run, layers[i], references[i], i);
    }
    struct alias_search search = {
        .follower = &follower,
        .arena = arena,
        .inventory = options->inventory,
        .known = options->aliases,
        .found = &all->aliases,
    };
    bool good = collect(&follower, arena, all, error) && find_aliases(&search, error);
    buffer_free(&search.visited);
    all->scratch = arena_used(scratch);
    return good;
}
