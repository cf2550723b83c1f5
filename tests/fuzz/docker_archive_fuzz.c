#include "oci/source.h"

#include <sys/mman.h>
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    CLEANUP_TREE struct tree *tree = NULL;
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || !file_write_all(fd, data, size, &error) || !tree_of_descriptor(fd, &tree, &error)) return 0;
    read_image(tree, false);
    read_image(tree, true);
    return 0;
}
