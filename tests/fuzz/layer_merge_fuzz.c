#include "scan/layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines are layers, the lowest first, as children that were taken over may send them: the union, and what is installed in it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str rest = str_make(data, size);
    struct layer_content *layers[16];
    struct layer_ref references[16] = { 0 };
    struct inventory_options wishes = { .scope = SCOPE_OS | SCOPE_INSTALLED };
    struct walk_options options = { .inventory = &wishes };
    struct inventory_finish_options finish = { .os_packages = true, .library_packages = true };
    struct error error = { 0 };
    placed_vector placed = { 0 };
    problem_vector problems = { 0 };
    alias_vector aliases = { 0 };
    struct inventory inventory = { 0 };
    size_t count = 0, all = 0;
    while (rest.data && rest.size && count < sizeof layers / sizeof *layers) {
        struct layer_content *content = arena_alloc(arena, sizeof *content);
        if (!layer_content_read(arena, str_cut(&rest, '\n'), content, &error)) return 0;
        all += content->problems.count;
        layers[count++] = content;
    }
    if (!merge_layers(arena, layers, references, count, &options, 0, &placed, &problems, &aliases, &error)) __builtin_trap();
    if (problems.count > all || aliases.count > ALIAS_LIMIT + 100) __builtin_trap();
    inventory_finish(arena, &placed, &finish, &inventory, &error);
    return 0;
}
