#include "doc/doc.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk {
    struct bbolt *file;
    struct error *error;
    unsigned depth, visits;
};

static bool visit(void *context, struct str key, bool is_bucket, struct bbolt_bucket child, struct str value)
{
    struct walk *walk = context;
    struct str found;
    if (++walk->visits > 10000) return false;
    if (is_bucket && walk->depth < 8) {
        walk->depth++;
        bbolt_each(walk->file, child, visit, walk, walk->error);
        bbolt_get(walk->file, child, STR("key"), &found, walk->error);
        walk->depth--;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    char path[64];
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0) return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (file_write_all(fd, data, size, &error)) {
        struct bbolt *file = bbolt_open(path, &error);
        struct walk walk = { file, &error, 0, 0 };
        if (file) bbolt_each(file, bbolt_root(file), visit, &walk, &error);
        bbolt_close(file);
    }
    close(fd);
    return 0;
}
