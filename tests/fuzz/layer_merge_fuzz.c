#include "scan/layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the union may cost: nodes are larger than the letters that name them, and each alias has two paths. */
#define COST_BASE ((size_t)64 << 10)
#define COST_BYTE 1500

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
    struct layer_union whole = { 0 };
    struct inventory inventory = { 0 };
    size_t count = 0, all = 0;
    while (rest.data && rest.size && count < sizeof layers / sizeof *layers) {
        struct layer_content *content = arena_alloc(arena, sizeof *content);
        if (!layer_content_read(arena, str_cut(&rest, '\n'), content, &error)) return 0;
        all += content->problems.count;
        layers[count++] = content;
    }
    size_t before = arena_used(arena), most = COST_BASE + COST_BYTE * size;
    if (!merge_layers(arena, layers, references, count, &options, 0, &whole, &error)) __builtin_trap();
    if (whole.problems.count > all + count /* opaque roots */ || whole.aliases.count > ALIAS_LIMIT + 100) __builtin_trap();
    if (whole.scratch > most || arena_used(arena) - before > most) __builtin_trap();
    inventory_finish(arena, &whole.placed, &finish, &inventory, &error);
    return 0;
}
