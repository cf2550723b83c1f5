#include "scan/inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Through the room's door to a finished inventory, and through the layer's JSON as a scan goes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer json = { 0 };
    struct inventory_options options = { .scope = SCOPE_OS };
    struct layer_content content = { 0 }, back = { 0 };
    struct error error = { 0 };
    struct str path = STR("var/lib/dpkg/status");
    inventory_read(arena, &options, inventory_wants(&options, path), path, str_make(data, size), &content.fragments,
                   &content.problems);
    layer_content_write(&json, &content, LAYER_ALL);
    if (!layer_content_read(arena, buffer_view(&json), &back, &error)) __builtin_trap();
    placed_vector placed = { 0 };
    for (size_t i = 0; i < back.fragments.count; i++)
        vector_push(arena, &placed)->fragment = &back.fragments.items[i];
    struct inventory_finish_options finish = { .os_packages = true, .distro = STR("debian/12") };
    struct inventory inventory = { 0 };
    if (!inventory_finish(arena, &placed, &finish, &inventory, &error)) __builtin_trap();
    return 0;
}
