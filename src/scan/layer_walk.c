/* In the confined child: one tar walk; what some cataloguer wants stays in memory, everything else is skipped. */
#include "scan/walk_tree.h"

#include <stdlib.h>
#include <unistd.h>

#define SCRATCH_LIMIT ((size_t)24 << 10)   /* within an arena's first block: the same warm pages again and again */
#define PLAIN_DEFAULT ((uint64_t)20 << 30) /* what decompressors allow too */
#define KEPT_LIMIT ((size_t)1 << 30)       /* bytes of wanted files a layer may have in memory */

/* What stood last at a path that matters: an archive may name one twice, and what comes later takes its place. */
struct place {
    uint64_t entry;      /* its number */
    struct str *content; /* of a file that was read; hard links may name it again */
};

/* What the answer lists, and what a later entry of the same archive may take away again. */
enum listed {
    LISTED_FRAGMENTS,
    LISTED_LINKS,
    LISTED_PROBLEMS,
    LISTED_REPLACED,
    LISTED_FOLDERS,
    LISTED_WHITEOUTS,
    LISTED_OPAQUE,
    LISTS
};

struct origin { /* the entry that something came from, and the folder that it put it into */
    const struct walk_node *folder;
    uint64_t entry;
};

struct non_folder {
    struct fingerprint fingerprint;
    struct origin origin;
};

struct layer_walk {
    const struct walk_options *options;
    struct arena *arena;
    struct arena *scratch; /* cleaned names, given back now and then: an archive may hold millions of long ones */
    struct layer_content *content;
    size_t kept;
    struct walk_pairs pairs;
    struct map *places; /* path -> struct place */
    bool repeats;       /* some path came twice */
    struct walk_tree tree;
    const struct walk_node *folder; /* of the entry at hand */
    VECTOR(struct origin) origins[LISTS];
    VECTOR(struct non_folder) non_folders;
};

/* One entry of the archive, and what it means here. */
struct met {
    struct str path;
    const struct wish *wishes; /* until the next entry */
    size_t wanted;             /* their number */
    bool on_the_way;
    enum tar_type type;
    struct str target; /* of a link */
};

static void add_problem(struct layer_walk *walk, struct str path, const struct error *error)
{
    *vector_push(walk->arena, &walk->content->problems) = (struct problem){
        arena_str(walk->arena, path), str_of(error->id), str_of(arena_strdup(walk->arena, error->message)), { 0 }
    };
}

/* ".wh.NAME" removes NAME of lower layers, ".wh..wh..opq" all that its folder had (OCI image-spec, layer.md). */
static bool take_whiteout(struct layer_walk *walk, struct str path)
{
    struct str name = path_base(path);
    if (!str_starts(name, ".wh.")) return false;
    struct str folder = path_folder(path);
    if (str_is(name, ".wh..wh..opq")) {
        *vector_push(walk->arena, &walk->content->opaque) = arena_str(walk->arena, folder);
    } else if (!str_starts(name, ".wh..wh.")) { /* aufs' own bookkeeping */
        struct str removed = str_from(name, 4);
        if (!removed.size || str_is(removed, ".") || str_is(removed, ".."))
            return true; /* names nothing that a layer can have */
        *vector_push(walk->arena, &walk->content->whiteouts) =
            folder.size ? arena_strf(walk->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(removed))
                        : arena_str(walk->arena, removed);
    }
    return true;
}

static void take_link(struct layer_walk *walk, const struct met *met)
{
    *vector_push_moving(walk->arena, &walk->content->links) =
        (struct link){ arena_str(walk->arena, met->path), arena_str(walk->arena, met->target), met->type == TAR_HARD_LINK };
}

static void read_as(struct layer_walk *walk, const struct met *met, const struct wish *wish, struct str content)
{
    struct layer_content *all = walk->content;
    size_t fragments = all->fragments.count, problems = all->problems.count;
    inventory_read(walk->arena, walk->options->inventory, wish->wanted, wish->as, content, &all->fragments, &all->problems);
    struct str found = str_equal(met->path, wish->as) ? (struct str){ 0 } : arena_str(walk->arena, met->path);
    for (size_t i = fragments; i < all->fragments.count; i++)
        all->fragments.items[i].found = found;
    for (size_t i = problems; i < all->problems.count; i++)
        all->problems.items[i].found = found;
    walk_pairs_add(walk->arena, &walk->pairs, wish->wanted, wish->as, found, content);
}

static void read_content(struct layer_walk *walk, const struct met *met, struct str content)
{
    for (size_t i = 0; i < met->wanted; i++)
        read_as(walk, met, &met->wishes[i], content);
}

/* A hard link to a file that was read before it is that file once more. */
static void take_hard_link(struct layer_walk *walk, const struct met *met)
{
    const struct place *target = map_get(walk->places, met->target);
    if (target && target->content) read_content(walk, met, *target->content);
}

static bool take_file(struct layer_walk *walk, struct tar *tar, const struct met *met, struct str **content,
                      struct error *error)
{
    struct str *read = arena_alloc(walk->arena, sizeof *read);
    struct error problem = { 0 };
    size_t left = walk->kept < KEPT_LIMIT ? KEPT_LIMIT - walk->kept : 0;
    if (!tar_read(tar, walk->arena, left < INVENTORY_FILE_LIMIT ? left : INVENTORY_FILE_LIMIT, read, &problem)) {
        if (problem.kind == ERROR_LIMIT) {
            add_problem(walk, met->path, &problem);
            return true;
        }
        *error = problem;
        return false;
    }
    walk->kept += read->size;
    *content = read;
    read_content(walk, met, *read);
    return true;
}

/* What stands at a path where lower layers may have had something else. */
static void note_place(struct layer_walk *walk, const struct met *met)
{
    str_vector *places = NULL;
    if (met->type == TAR_FOLDER && (met->on_the_way || met->wanted)) places = &walk->content->folders;
    if (met->type != TAR_FOLDER && met->on_the_way && (met->type != TAR_FILE || !met->wanted))
        places = &walk->content->replaced;
    if (places) *vector_push(walk->arena, places) = arena_str(walk->arena, met->path);
}

/* Items that came since the last entry came from this one. */
static void note_origins(struct layer_walk *walk)
{
    const struct layer_content *content = walk->content;
    const size_t counts[LISTS] = { content->fragments.count, content->links.count,   content->problems.count,
                                   content->replaced.count,  content->folders.count, content->whiteouts.count,
                                   content->opaque.count };
    for (size_t i = 0; i < LISTS; i++)
        while (walk->origins[i].count < counts[i])
            *vector_push_moving(walk->arena, &walk->origins[i]) = (struct origin){ walk->folder, content->entries };
}

static void note_order(struct layer_walk *walk, const struct met *met, struct str *content)
{
    struct place *place = map_get(walk->places, met->path);
    if (place) {
        walk->repeats = true;
    } else {
        place = arena_alloc(walk->arena, sizeof *place);
        map_set(walk->places, arena_str(walk->arena, met->path), place);
    }
    *place = (struct place){ walk->content->entries, content };
}

static bool is_left(const struct layer_walk *walk, struct str path, const struct origin *origin)
{
    const struct place *place = map_get(walk->places, path);
    return (!place || place->entry == origin->entry) && !walk_tree_lost(origin->folder, origin->entry);
}

/* Unpackers put a node of their own there, which a folder takes away again. */
static bool is_left_whiteout(struct layer_walk *walk, struct str path, const struct origin *origin)
{
    struct fingerprint fingerprint;
    struct walk_node *folder = (struct walk_node *)origin->folder;
    walk_tree_child(&walk->tree, folder, path_base(path), &fingerprint);
    return !walk_tree_became_folder(&walk->tree, &fingerprint, origin->entry) && !walk_tree_lost(folder, origin->entry);
}

static bool is_left_opaque(struct layer_walk *walk, struct str path, const struct origin *origin)
{
    return !walk_tree_lost(origin->folder, origin->entry);
}

/* Items are moved up over those that something later at or above their path took away. */
#define keep_left(walk, which, list, path_of, left)                                                \
    do {                                                                                           \
        size_t kept = 0;                                                                           \
        for (size_t i = 0; i < (list).count; i++)                                                  \
            if (left((walk), path_of((list).items[i]), &(walk)->origins[LISTED_##which].items[i])) \
                (list).items[kept++] = (list).items[i];                                            \
        (list).count = kept;                                                                       \
    } while (0)
#define found_path(item) ((item).found.size ? (item).found : (item).path)
#define link_path(item) ((item).path)
#define own_path(item) (item)

/* True when there were any. */
static bool drop_lost_non_folders(struct layer_walk *walk)
{
    size_t kept = 0, count = walk->non_folders.count;
    for (size_t i = 0; i < count; i++) {
        const struct non_folder *one = &walk->non_folders.items[i];
        if (!walk_tree_became_folder(&walk->tree, &one->fingerprint, one->origin.entry) &&
            !(walk->tree.overwritten && walk_tree_lost(one->origin.folder, one->origin.entry)))
            walk->non_folders.items[kept++] = *one;
    }
    walk->non_folders.count = kept;
    return kept != count;
}

/* What the layer does not have in the end is neither shown nor does it hide anything. */
static void drop_lost(struct layer_walk *walk)
{
    struct layer_content *content = walk->content;
    bool lost = drop_lost_non_folders(walk);
    keep_left(walk, WHITEOUTS, content->whiteouts, own_path, is_left_whiteout);
    if (!lost && !walk->tree.overwritten && !walk->repeats) return;
    keep_left(walk, FRAGMENTS, content->fragments, found_path, is_left);
    keep_left(walk, LINKS, content->links, link_path, is_left);
    keep_left(walk, PROBLEMS, content->problems, found_path, is_left);
    keep_left(walk, REPLACED, content->replaced, own_path, is_left);
    keep_left(walk, FOLDERS, content->folders, own_path, is_left);
    keep_left(walk, OPAQUE, content->opaque, own_path, is_left_opaque);
}

static struct str clean_name(struct layer_walk *walk, struct str name)
{
    if (!walk->scratch || arena_used(walk->scratch) > SCRATCH_LIMIT) {
        arena_free(walk->scratch);
        walk->scratch = arena_new();
    }
    return path_clean(walk->scratch, name);
}

/* No file system holds such a path at once; each folder above it would be looked up in every layer. */
static bool too_deep(struct layer_walk *walk, struct str path)
{
    size_t depth = 0;
    struct wish wishes[WISH_LIMIT];
    for (size_t i = 0; i < path.size; i++)
        depth += path.data[i] == '/';
    if (depth <= WALK_DEPTH_LIMIT && path.size <= LAYER_PATH_LIMIT) return false;
    struct error error = { 0 };
    error_set(&error, ERROR_LIMIT, "folder-too-deep", "%.*s lies deeper than %d folders", STR_ARG(str_to(path, 200)),
              WALK_DEPTH_LIMIT);
    if (walk_wishes(walk->options, path, wishes)) add_problem(walk, path, &error);
    return true;
}

/* A hard link has its target's content, or, to a link, its text: what stood there when the entry came (linkat(2)). */
static bool find_target(struct layer_walk *walk, const struct tar_entry *entry, struct met *met)
{
    met->target = entry->link;
    if (entry->type != TAR_HARD_LINK) return true;
    struct str name = path_clean(walk->scratch, entry->link);
    struct walk_node *folder = walk_tree_folder(&walk->tree, path_folder(name));
    if (!folder || !name.size) return false;
    struct fingerprint fingerprint;
    const struct str *link = walk_tree_link(walk_tree_child(&walk->tree, folder, path_base(name), &fingerprint));
    met->target = link ? *link : arena_str(walk->scratch, walk_tree_path(&walk->tree, folder, name));
    if (link) met->type = TAR_SYMLINK;
    return true;
}

static void put_into_tree(struct layer_walk *walk, struct walk_node *folder, const struct met *met)
{
    struct fingerprint fingerprint;
    struct str name = path_base(met->path);
    struct walk_node *node = walk_tree_child(&walk->tree, folder, name, &fingerprint);
    if (met->type == TAR_FOLDER)
        walk_tree_put_folder(&walk->tree, folder, node, name);
    else if (met->type == TAR_SYMLINK)
        walk_tree_put_link(&walk->tree, folder, node, name, met->target);
    else if (node)
        walk_tree_put_other(&walk->tree, node);
    if (met->type != TAR_FOLDER)
        *vector_push_moving(walk->arena, &walk->non_folders) =
            (struct non_folder){ fingerprint, { folder, walk->content->entries } };
}

static bool take_entry(struct layer_walk *walk, struct tar *tar, struct walk_node *folder, struct str path,
                       const struct tar_entry *entry, struct error *error)
{
    struct wish wishes[WISH_LIMIT];
    struct met met = { .path = path, .wishes = wishes, .type = entry->type };
    struct str *content = NULL;
    if (entry->type == TAR_HARD_LINK) met.path = arena_str(walk->scratch, path);
    if (!find_target(walk, entry, &met)) met.type = TAR_OTHER;
    put_into_tree(walk, folder, &met);
    met.wanted = walk_wishes(walk->options, met.path, wishes);
    met.on_the_way = walk_on_the_way(walk->options, met.path);
    if (!met.wanted && !met.on_the_way) return true;
    note_place(walk, &met);
    if (met.type == TAR_SYMLINK || met.type == TAR_HARD_LINK) take_link(walk, &met);
    if (met.wanted && met.type == TAR_HARD_LINK) take_hard_link(walk, &met);
    if (met.wanted && met.type == TAR_FILE && !take_file(walk, tar, &met, &content, error)) return false;
    note_order(walk, &met, content);
    return true;
}

/* Links of the layer itself are followed on the way to an entry, never at its end. */
static bool place_entry(struct layer_walk *walk, struct tar *tar, struct str name, const struct tar_entry *entry,
                        struct error *error)
{
    walk->folder = walk->tree.root;
    if (!name.size || too_deep(walk, name)) return true;
    struct walk_node *folder = walk_tree_folder(&walk->tree, path_folder(name));
    if (!folder) {
        struct error problem = { 0 };
        error_set(&problem, ERROR_LIMIT, "link-unfollowed", "links on the way to it go round");
        add_problem(walk, name, &problem);
        return true;
    }
    struct str path = walk_tree_path(&walk->tree, folder, name);
    walk->folder = folder;
    if (path.data != name.data && too_deep(walk, path)) return true;
    if (take_whiteout(walk, path)) return true;
    return take_entry(walk, tar, folder, path, entry, error);
}

static bool walk_entries(struct layer_walk *walk, struct tar *tar, struct error *error)
{
    struct tar_entry entry;
    int found;
    walk_tree_start(&walk->tree, walk->arena);
    while ((found = tar_next(tar, &entry, error)) > 0) {
        walk->tree.entry = ++walk->content->entries;
        if (!place_entry(walk, tar, clean_name(walk, entry.name), &entry, error)) return false;
        if (walk_tree_full(&walk->tree, error)) return false;
        note_origins(walk);
    }
    drop_lost(walk);
    return found == 0;
}

/* Pieces that stay below what the answer's reader allows for one text. */
static void pack_non_folders(struct layer_walk *walk)
{
    enum {
        SIZE = sizeof(struct fingerprint),
        PIECE = 2046 /* a multiple of three, so that no piece is padded */
    };
    uint8_t *bytes = arena_alloc(walk->arena, PIECE * SIZE);
    for (size_t i = 0; i < walk->non_folders.count; i += PIECE) {
        size_t count = walk->non_folders.count - i < PIECE ? walk->non_folders.count - i : PIECE;
        for (size_t j = 0; j < count; j++)
            memcpy(bytes + j * SIZE, walk->non_folders.items[i + j].fingerprint.bytes, SIZE);
        char *text = arena_alloc(walk->arena, (count * SIZE + 2) / 3 * 4 + 1);
        *vector_push(walk->arena, &walk->content->non_folders) = str_of(base64_encode(bytes, count * SIZE, text));
    }
}

/* The rest of a stream is read so that its end, its checksum and its limits are checked. */
static bool drain_rest(struct stream *stream, const struct pack_limits *limits, struct error *error)
{
    uint64_t most = limits && limits->plain_bytes ? limits->plain_bytes : PLAIN_DEFAULT;
    for (;;) {
        if (stream->position > most)
            return error_set(error, ERROR_LIMIT, "archive-too-large", "more than %llu plain bytes", (unsigned long long)most);
        bool ended;
        if (!stream_fill(stream, &ended, error)) return false;
        if (ended) return true;
        stream_consume(stream, stream->size);
    }
}

int layer_walk(struct stream *source, uint64_t plain_size, const struct walk_options *options, int output)
{
    struct error error = { 0 };
    struct layer_content content = { 0 };
    struct arena *arena = arena_new(); /* the process ends soon: nothing is freed */
    enum compression compression;
    struct stream *stream = stream_decompress(source, options->limits, &compression, &error);
    if (!stream) return walk_answer(output, NULL, &error);
    struct walk_options indexed = *options;
    indexed.index = walk_index(arena, options->aliases);
    struct layer_walk walk = { .options = &indexed, .arena = arena, .content = &content, .places = map_new(arena) };
    struct tar *tar = tar_open(stream, options->limits);
    if (!walk_entries(&walk, tar, &error)) return walk_answer(output, NULL, &error);
    if ((!plain_size || compression != COMPRESSION_NONE) && !drain_rest(stream, options->limits, &error))
        return walk_answer(output, NULL, &error);
    walk_pairs_read(arena, &walk.pairs, &content);
    pack_non_folders(&walk);
    content.size = plain_size && compression == COMPRESSION_NONE ? plain_size : stream->position;
    return walk_answer(output, &content, NULL);
}

int walk_answer(int output, const struct layer_content *content, const struct error *failure)
{
    struct buffer text = { 0 };
    if (failure) {
        struct json_writer writer = { .out = &text };
        json_open(&writer, '{');
        json_key(&writer, "error");
        json_open(&writer, '{');
        json_key(&writer, "kind");
        json_put_int(&writer, failure->kind);
        json_key(&writer, "id");
        json_put_text(&writer, failure->id);
        json_key(&writer, "message");
        json_put_text(&writer, failure->message);
        json_close(&writer, '}');
        json_close(&writer, '}');
    } else {
        layer_content_write(&text, content, LAYER_ALL);
    }
    struct error ignored = { 0 };
    return file_write_all(output, text.data, text.size, &ignored) ? 0 : 1;
}
