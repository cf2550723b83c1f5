/* Files that belong to another beside them, in whatever order a walk meets them. */
#include "scan/layer.h"

struct paired_file {
    struct str as, found, content;
    uint64_t wanted;
};

void walk_pairs_add(struct arena *arena, struct walk_pairs *pairs, uint64_t wanted, struct str as, struct str found,
                    struct str content)
{
    if (!inventory_is_paired(wanted)) return;
    if (!pairs->files) pairs->files = map_new(arena);
    struct paired_file *file = arena_alloc(arena, sizeof *file);
    *file = (struct paired_file){ arena_str(arena, as), found, content, wanted };
    map_set(pairs->files, file->as, file);
}

void walk_pairs_read(struct arena *arena, struct walk_pairs *pairs, struct layer_content *content)
{
    void *value;
    for (size_t position = 0; pairs->files && map_next(pairs->files, &position, NULL, &value);) {
        const struct paired_file *second = value;
        struct str path = inventory_first_of(second->wanted, second->as);
        if (!path.size) continue;
        const struct paired_file *first = map_get(pairs->files, path);
        size_t before = content->fragments.count;
        inventory_read_companion(arena, second->wanted, second->as, second->content, first ? &first->content : NULL,
                                 &content->fragments, &content->problems);
        for (size_t i = before; i < content->fragments.count; i++)
            content->fragments.items[i].found = second->found;
        for (size_t i = 0; i < content->problems.count; i++)
            if (str_equal(content->problems.items[i].path, second->as)) content->problems.items[i].found = second->found;
    }
}
