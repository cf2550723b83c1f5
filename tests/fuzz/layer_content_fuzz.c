#include "scan/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted once must come back from its own JSON, in one piece and in two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer all = { 0 }, main = { 0 }, files = { 0 };
    struct layer_content content = { 0 }, again = { 0 }, halves = { 0 };
    struct error error = { 0 };
    if (!layer_content_read(arena, str_make(data, size), &content, &error)) return 0;
    layer_content_write(&all, &content, LAYER_ALL);
    layer_content_write(&main, &content, LAYER_MAIN);
    layer_content_write(&files, &content, LAYER_FILES);
    if (!layer_content_read(arena, buffer_view(&all), &again, &error)) __builtin_trap();
    if (!layer_content_read(arena, buffer_view(&main), &halves, &error)) __builtin_trap();
    if (!layer_content_read(arena, buffer_view(&files), &halves, &error)) __builtin_trap();
    if (again.fragments.count != content.fragments.count || halves.fragments.count != content.fragments.count) __builtin_trap();
    return 0;
}
