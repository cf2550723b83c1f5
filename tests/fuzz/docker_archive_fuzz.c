#include "oci/archive.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_image(struct tree *tree, bool layout)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct oci_options options = { .platform = STR("linux/amd64") };
    struct oci_image image = { 0 };
    struct oci_blob blob;
    struct error error = { 0 };
    bool good = layout ? layout_open(arena, tree, (struct str){ 0 }, &options, &image, &error)
                       : docker_archive_open(arena, tree, &options, &image, &error);
    for (size_t i = 0; good && i < image.layers.count; i++)
        if (oci_layer_open(&image, i, &blob, &error)) oci_blob_close(&blob);
}

/* What a confined child does, and what its parent makes of its answer, in one process. */
static struct tree *list(int fd, uint64_t size)
{
    struct error error = { 0 };
    struct archive_task task = { fd, size };
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_FD int answer = memfd_create("answer", MFD_CLOEXEC);
    struct stat status;
    struct map *entries = map_new(arena);
    if (answer < 0 || archive_write_list(&task, answer) != 0 || fstat(answer, &status) != 0) __builtin_trap();
    CLEANUP_STREAM struct stream *stream = stream_of_file(answer, 0, (uint64_t)status.st_size, 4096);
    if (!archive_read_list(arena, stream, size, entries, &error)) {
        if (strcmp(error.id, "archive-answer") == 0) __builtin_trap(); /* one of the two does not keep to the protocol */
        return NULL;
    }
    struct arena *taken = arena;
    arena = NULL;
    return tree_of_list(taken, fd, entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    CLEANUP_FD int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || !file_write_all(fd, data, size, &error)) return 0;
    CLEANUP_TREE struct tree *tree = list(fd, size);
    if (!tree) return 0;
    fd = -1;
    read_image(tree, false);
    read_image(tree, true);
    return 0;
}
