/* What a walk asks of every path: is it left out, does it stand for another, does a cataloguer want it. */
#include "scan/layer.h"

static bool in_list(const str_vector *globs, struct str path)
{
    for (size_t i = 0; globs && i < globs->count; i++)
        if (str_glob(globs->items[i], path)) return true;
    return false;
}

/* A file is skipped when it or any folder above it is named. */
bool walk_skips(const struct walk_options *options, struct str path, bool folder)
{
    if (!folder && in_list(options->skip_files, path)) return true;
    if (!options->skip_folders || !options->skip_folders->count) return false;
    if (folder && in_list(options->skip_folders, path)) return true;
    for (size_t i = 0; i < path.size; i++)
        if (path.data[i] == '/' && in_list(options->skip_folders, str_to(path, i))) return true;
    return false;
}

/* ---- links' targets stand for the places that the links have ---- */

struct file_alias { /* one of those that a real path has */
    const struct alias *alias;
    struct file_alias *next;
};

struct alias_index {
    struct map *files; /* real path -> struct file_alias */
    VECTOR(const struct alias *) folders;
    struct buffer names[WISH_LIMIT];
};

bool alias_covers(struct str folder, struct str path)
{
    return path.size > folder.size && path.data[folder.size] == '/' && str_equal(str_to(path, folder.size), folder);
}

struct alias_index *walk_index(struct arena *arena, const alias_vector *aliases)
{
    if (!aliases || !aliases->count) return NULL;
    struct alias_index *index = arena_alloc(arena, sizeof *index);
    index->files = map_new(arena);
    for (size_t i = 0; i < aliases->count; i++) {
        struct alias *alias = &aliases->items[i];
        if (alias->folder) {
            *vector_push(arena, &index->folders) = alias;
            continue;
        }
        struct file_alias *first = arena_alloc(arena, sizeof *first);
        *first = (struct file_alias){ alias, map_get(index->files, alias->real) };
        map_set(index->files, alias->real, first);
    }
    return index;
}

uint64_t walk_wants(const struct walk_options *options, struct str path)
{
    uint64_t wanted = inventory_wants(options->inventory, path);
    return wanted && !walk_skips(options, path, false) ? wanted : 0;
}

struct wishes {
    const struct walk_options *options;
    struct wish *items;
    size_t count;
    uint64_t all;
};

static void wish_add(struct wishes *wishes, struct str as)
{
    uint64_t wanted = inventory_wants(wishes->options->inventory, as) & ~wishes->all;
    if (!wanted || wishes->count == WISH_LIMIT) return;
    wishes->items[wishes->count++] = (struct wish){ wanted, as };
    wishes->all |= wanted;
}

static void wish_add_below(struct wishes *wishes, const struct alias *folder, struct str path)
{
    if (wishes->count == WISH_LIMIT || !alias_covers(folder->real, path)) return;
    struct buffer *name = &wishes->options->index->names[wishes->count];
    name->size = 0;
    buffer_str(name, folder->as);
    buffer_str(name, str_from(path, folder->real.size));
    if (name->size <= LAYER_PATH_LIMIT) wish_add(wishes, buffer_view(name));
}

size_t walk_wishes(const struct walk_options *options, struct str path, struct wish wishes[WISH_LIMIT])
{
    const struct alias_index *index = options->index;
    struct wishes all = { .options = options, .items = wishes };
    wish_add(&all, path);
    const struct file_alias *file = index ? map_get(index->files, path) : NULL;
    for (; file; file = file->next)
        wish_add(&all, file->alias->as);
    for (size_t i = 0; index && i < index->folders.count; i++)
        wish_add_below(&all, index->folders.items[i], path);
    return all.count && !walk_skips(options, path, false) ? all.count : 0;
}

bool walk_on_the_way(const struct walk_options *options, struct str path)
{
    if (inventory_on_path(options->inventory, path)) return true;
    if (!options->index) return false;
    if (map_get(options->index->files, path)) return true;
    for (size_t i = 0; i < options->index->folders.count; i++)
        if (str_equal(options->index->folders.items[i]->real, path)) return true;
    return false;
}
