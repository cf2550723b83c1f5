#include "oci/archive.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARCHIVE_SIZE 1000000

/* What a child that was taken over may send. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_STREAM struct stream *listing = stream_of_memory(str_make(data, size));
    CLEANUP_STREAM struct stream *bytes = stream_of_memory(str_make(data, size));
    CLEANUP_FD int copy = memfd_create("copy", MFD_CLOEXEC);
    struct map *entries = map_new(arena);
    struct error error = { 0 };
    struct str name;
    void *value;
    uint64_t plain = 0;
    archive_read_list(arena, listing, ARCHIVE_SIZE, entries, &error);
    for (size_t position = 0; map_next(entries, &position, &name, &value);) {
        const struct archive_entry *entry = value;
        if (!entry->link.data && entry->offset + entry->size > ARCHIVE_SIZE) __builtin_trap();
    }
    if (archive_read_bytes(bytes, copy, &plain, &error) && plain > size) __builtin_trap();
    return 0;
}
