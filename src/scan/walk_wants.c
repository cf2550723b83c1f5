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

struct alias_index {
    struct map *files; /* real path -> struct alias */
    VECTOR(const struct alias *) folders;
    struct buffer name;
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
        if (alias->folder)
            *vector_push(arena, &index->folders) = alias;
        else if (!map_get(index->files, alias->real))
            map_set(index->files, alias->real, alias);
    }
    return index;
}

/* The place that the path stands for: its own, without a link. */
static struct str place_of(struct alias_index *index, struct str path)
{
    if (!index) return path;
    const struct alias *alias = map_get(index->files, path);
    if (alias) return alias->as;
    for (size_t i = 0; i < index->folders.count; i++) {
        alias = index->folders.items[i];
        if (!alias_covers(alias->real, path)) continue;
        index->name.size = 0;
        buffer_str(&index->name, alias->as);
        buffer_str(&index->name, str_from(path, alias->real.size));
        if (buffer_view(&index->name).size <= LAYER_PATH_LIMIT) return buffer_view(&index->name);
    }
    return path;
}

uint64_t walk_wants(const struct walk_options *options, struct str path, struct str *as)
{
    *as = place_of(options->index, path);
    uint64_t wanted = inventory_wants(options->inventory, *as);
    if (!wanted && as->data != path.data) wanted = inventory_wants(options->inventory, *as = path);
    return wanted && !walk_skips(options, path, false) ? wanted : 0;
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
