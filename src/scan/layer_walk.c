/* In the confined child: one tar walk; what some cataloguer wants stays in memory, everything else is skipped. */
#include "scan/layer.h"

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

typedef VECTOR(uint32_t) entry_vector;

struct layer_walk {
    const struct walk_options *options;
    struct arena *arena;
    struct arena *scratch; /* cleaned names, given back now and then: an archive may hold millions of long ones */
    struct layer_content *content;
    size_t kept;
    struct walk_pairs pairs;
    struct map *places;                                           /* path -> struct place */
    bool repeats;                                                 /* some path came twice */
    entry_vector fragment_entries, link_entries, problem_entries; /* the entry that each came from */
    VECTOR(uint64_t) non_folders;
};

/* One entry of the archive, and what it means here. */
struct met {
    struct str path;
    const struct wish *wishes; /* until the next entry */
    size_t wanted;             /* their number */
    bool on_the_way;
    const struct tar_entry *entry;
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

/* Where a link leads, from the root; hard links name their target from the root already. */
static struct str link_target(struct arena *arena, struct str path, const struct tar_entry *entry)
{
    if (entry->type == TAR_HARD_LINK || str_starts(entry->link, "/")) return arena_str(arena, path_clean(arena, entry->link));
    struct str folder = path_folder(path);
    return arena_str(arena, path_clean(arena, arena_strf(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(entry->link))));
}

static void take_link(struct layer_walk *walk, const struct met *met)
{
    *vector_push_moving(walk->arena, &walk->content->links) =
        (struct link){ arena_str(walk->arena, met->path), link_target(walk->arena, met->path, met->entry),
                       met->entry->type == TAR_HARD_LINK };
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
    const struct place *target = map_get(walk->places, link_target(walk->arena, met->path, met->entry));
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
    enum tar_type type = met->entry->type;
    if (type == TAR_FOLDER && (met->on_the_way || met->wanted)) places = &walk->content->folders;
    if (type != TAR_FOLDER && met->on_the_way && (type != TAR_FILE || !met->wanted)) places = &walk->content->replaced;
    if (places) *vector_push(walk->arena, places) = arena_str(walk->arena, met->path);
}

/* Items that came since the last entry came from this one. */
static void note_entries(struct layer_walk *walk, entry_vector *numbers, size_t count)
{
    while (numbers->count < count)
        *vector_push_moving(walk->arena, numbers) = (uint32_t)walk->content->entries;
}

static void number_items(struct layer_walk *walk)
{
    note_entries(walk, &walk->fragment_entries, walk->content->fragments.count);
    note_entries(walk, &walk->link_entries, walk->content->links.count);
    note_entries(walk, &walk->problem_entries, walk->content->problems.count);
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
    number_items(walk);
}

static bool is_latest(const struct layer_walk *walk, struct str path, uint32_t entry)
{
    const struct place *place = map_get(walk->places, path);
    return !place || place->entry == entry;
}

/* Items are moved up over those that something later at their path took away. */
#define keep_latest(walk, numbers, list, path_of)                                                                            \
    do {                                                                                                                     \
        size_t kept = 0;                                                                                                     \
        for (size_t i = 0; i < (list).count; i++)                                                                            \
            if (is_latest(walk, path_of((list).items[i]), (walk)->numbers.items[i])) (list).items[kept++] = (list).items[i]; \
        (list).count = kept;                                                                                                 \
    } while (0)
#define found_path(item) ((item).found.size ? (item).found : (item).path)
#define link_path(item) ((item).path)

static void drop_repeats(struct layer_walk *walk)
{
    if (!walk->repeats) return;
    number_items(walk);
    keep_latest(walk, fragment_entries, walk->content->fragments, found_path);
    keep_latest(walk, link_entries, walk->content->links, link_path);
    keep_latest(walk, problem_entries, walk->content->problems, found_path);
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
    if (depth <= WALK_DEPTH_LIMIT) return false;
    struct error error = { 0 };
    error_set(&error, ERROR_LIMIT, "folder-too-deep", "%.*s lies deeper than %d folders", STR_ARG(str_to(path, 200)),
              WALK_DEPTH_LIMIT);
    if (walk_wishes(walk->options, path, wishes)) add_problem(walk, path, &error);
    return true;
}

static bool take_entry(struct layer_walk *walk, struct tar *tar, struct str path, const struct tar_entry *entry,
                       struct error *error)
{
    struct wish wishes[WISH_LIMIT];
    struct met met = { path, wishes, walk_wishes(walk->options, path, wishes), walk_on_the_way(walk->options, path), entry };
    struct str *content = NULL;
    if (entry->type != TAR_FOLDER) *vector_push_moving(walk->arena, &walk->non_folders) = str_fingerprint(path);
    if (!met.wanted && !met.on_the_way) return true;
    note_place(walk, &met);
    if (entry->type == TAR_SYMLINK || entry->type == TAR_HARD_LINK) take_link(walk, &met);
    if (met.wanted && entry->type == TAR_HARD_LINK) take_hard_link(walk, &met);
    if (met.wanted && entry->type == TAR_FILE && !take_file(walk, tar, &met, &content, error)) return false;
    note_order(walk, &met, content);
    return true;
}

static bool walk_entries(struct layer_walk *walk, struct tar *tar, struct error *error)
{
    struct tar_entry entry;
    int found;
    while ((found = tar_next(tar, &entry, error)) > 0) {
        struct str path = clean_name(walk, entry.name);
        walk->content->entries++;
        if (!path.size || too_deep(walk, path) || take_whiteout(walk, path)) continue;
        if (!take_entry(walk, tar, path, &entry, error)) return false;
    }
    drop_repeats(walk);
    return found == 0;
}

static int order_hashes(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Pieces that stay below what the answer's reader allows for one text. */
static void pack_non_folders(struct layer_walk *walk)
{
    enum {
        PIECE = 4092
    }; /* times 8 bytes: a multiple of three, so that no piece is padded */
    uint64_t *hashes = walk->non_folders.items;
    if (walk->non_folders.count) qsort(hashes, walk->non_folders.count, sizeof *hashes, order_hashes);
    for (size_t i = 0; i < walk->non_folders.count; i += PIECE) {
        size_t count = walk->non_folders.count - i < PIECE ? walk->non_folders.count - i : PIECE;
        uint8_t *bytes = arena_alloc(walk->arena, count * 8);
        for (size_t j = 0; j < count * 8; j++)
            bytes[j] = (uint8_t)(hashes[i + j / 8] >> (j % 8 * 8));
        char *text = arena_alloc(walk->arena, (count * 8 + 2) / 3 * 4 + 1);
        *vector_push(walk->arena, &walk->content->non_folders) = str_of(base64_encode(bytes, count * 8, text));
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
