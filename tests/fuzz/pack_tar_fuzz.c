#include "pack/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Compressed or not, as layers come. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pack_limits limits = { .plain_bytes = 16 << 20, .entries = 2000, .window = 8 << 20 };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    enum compression compression;
    CLEANUP_STREAM struct stream *stream =
        stream_decompress(stream_of_memory(str_make(data, size)), &limits, &compression, &error);
    if (!stream) return 0;
    struct tar *tar = tar_open(stream, &limits);
    struct tar_entry entry;
    struct str content;
    unsigned count = 0;
    while (tar_next(tar, &entry, &error) > 0)
        if (entry.type == TAR_FILE && count++ % 2 == 0) tar_read(tar, arena, 64 << 10, &content, &error);
    tar_close(tar);
    return 0;
}
