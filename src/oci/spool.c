#include "oci/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int spool_create(struct error *error)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    /* Some file systems have no O_TMPFILE: a name that lives for an instant. */
    CLEANUP_ARENA struct arena *arena = arena_new();
    char *path = path_join(arena, folder, "pratique-XXXXXX");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        unlink(path);
        return fd;
    }
    error_system(error, errno, "spool-create", "cannot make a temporary file in %s", folder);
    error_hint(error, "set TMPDIR to a folder with room for the whole image");
    return -1;
}
