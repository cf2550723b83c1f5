#include "oci/source.h"
#include "oci/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINK_LIMIT 40
#define WALK_WINDOW 4096

struct tree {
    struct arena *arena;
    int fd;
    struct map *entries; /* of an archive: clean path → struct archive_entry; NULL: a folder */
};

/* ---- opening ---- */

/* What comes by a pipe, as it is, into a file that can be read by seeking. */
static bool spool_pipe(int *fd, moment deadline, struct error *error)
{
    CLEANUP_FD int copy = spool_create(error);
    CLEANUP_STREAM struct stream *source = stream_of_pipe(*fd, deadline);
    if (copy < 0) return false;
    for (;;) {
        bool ended;
        if (!stream_fill(source, &ended, error)) return false;
        if (ended) break;
        if (source->position > ARCHIVE_PLAIN_LIMIT)
            return error_set(error, ERROR_LIMIT, "archive-too-large", "more than %llu bytes",
                             (unsigned long long)ARCHIVE_PLAIN_LIMIT);
        if (!file_write_all(copy, source->data, source->size, error))
            return error_hint(error, "set TMPDIR to a folder with room for the whole image");
        stream_consume(source, source->size);
    }
    close(*fd);
    *fd = copy;
    copy = -1;
    return true;
}

static bool is_compressed(int fd)
{
    uint8_t first[6];
    ssize_t got = pread(fd, first, sizeof first, 0);
    return got > 0 && compression_detect(first, (size_t)got) != COMPRESSION_NONE;
}

/* Gives a seekable plain tar: the file itself when it is one. */
static bool make_seekable(int *fd, uint64_t *size, moment deadline, struct error *error)
{
    struct stat status;
    if (fstat(*fd, &status) != 0) return error_system(error, errno, "file-read", "cannot read the archive");
    bool regular = S_ISREG(status.st_mode);
    if (!regular && !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))
        return error_set(error, ERROR_USAGE, "input-not-file", "it is neither a file, nor a folder, nor a pipe");
    if (!regular && !spool_pipe(fd, deadline, error)) return false;
    if (fstat(*fd, &status) != 0) return error_system(error, errno, "file-read", "cannot read the archive");
    *size = (uint64_t)status.st_size;
    if (!is_compressed(*fd)) return true;
    int plain;
    if (!archive_unpack(*fd, *size, deadline, &plain, size, error)) return false;
    close(*fd);
    *fd = plain;
    return true;
}

struct tree *tree_of_list(struct arena *arena, int fd, struct map *entries)
{
    struct tree *tree = arena_alloc(arena, sizeof *tree);
    *tree = (struct tree){ .arena = arena, .fd = fd, .entries = entries };
    return tree;
}

bool tree_of_descriptor(int fd, moment deadline, struct tree **opened, struct error *error)
{
    uint64_t size = 0;
    CLEANUP_FD int owned = fd;
    if (!make_seekable(&owned, &size, deadline, error)) return false;
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct map *entries = map_new(arena);
    if (!archive_list(arena, owned, size, deadline, entries, error)) return false;
    *opened = tree_of_list(arena, owned, entries);
    owned = -1;
    arena = NULL;
    return true;
}

/* Whoever finds that it is no image reads standard input once more: from now on it is the file that it was put into. */
static bool keep_standard_input(int *fd, moment deadline, struct error *error)
{
    struct stat status;
    if (fstat(*fd, &status) != 0 || (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))) return true;
    if (!spool_pipe(fd, deadline, error)) return false;
    lseek(*fd, 0, SEEK_SET);
    return dup2(*fd, STDIN_FILENO) >= 0 || error_system(error, errno, "file-read", "cannot keep standard input");
}

bool tree_open(const char *path, moment deadline, struct tree **opened, struct error *error)
{
    bool standard_input = strcmp(path, "-") == 0;
    CLEANUP_FD int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return error_system(error, errno, "input-open", "cannot open %s", path);
    if (standard_input && !keep_standard_input(&fd, deadline, error)) return error_wrap(error, "standard input");
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        *opened = tree_of_list(arena_new(), fd, NULL);
        fd = -1;
        return true;
    }
    int taken = fd;
    fd = -1;
    return tree_of_descriptor(taken, deadline, opened, error) ||
           error_wrap(error, "%s", standard_input ? "standard input" : path);
}

void tree_close(struct tree *tree)
{
    if (!tree) return;
    if (tree->fd >= 0) close(tree->fd);
    arena_free(tree->arena);
}

void tree_cleanup(struct tree **tree)
{
    tree_close(*tree);
    *tree = NULL;
}

bool tree_is_folder(const struct tree *tree) { return !tree->entries; }

/* ---- reading ---- */

static bool missing(struct str name, struct error *error)
{
    return error_set(error, ERROR_NOT_FOUND, "input-file-missing", "%.*s is not in it", STR_ARG(str_to(name, 300)));
}

static const struct archive_entry *archive_find(struct tree *tree, struct str name, struct error *error)
{
    for (int hops = 0; hops <= LINK_LIMIT; hops++) {
        const struct archive_entry *file = map_get(tree->entries, name);
        if (!file) {
            missing(name, error);
            return NULL;
        }
        if (!file->link.data) return file;
        name = file->link;
    }
    error_set(error, ERROR_INVALID, "input-link-loop", "%.*s is a link that leads nowhere", STR_ARG(str_to(name, 300)));
    return NULL;
}

/* A regular file below the folder; never waits for a pipe that somebody put there. */
static int folder_find(struct tree *tree, struct str name, uint64_t *size, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    const char *path = arena_cstr(arena, path_clean(arena, name));
    struct stat status;
    CLEANUP_FD int fd = file_open_below(tree->fd, path);
    if (fd < 0 && errno == ENOENT) missing(name, error);
    if (fd < 0 && (errno == EXDEV || errno == ELOOP)) {
        error_set(error, ERROR_DENIED, "input-link-outside", "%s is a link that leaves the layout", path);
        error_hint(error, "put the file itself there");
        return -1;
    }
    if (fd < 0) {
        if (errno != ENOENT) error_system(error, errno, "file-open", "cannot open %s", path);
        return -1;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        error_set(error, ERROR_INVALID, "file-not-regular", "%s is not a regular file", path);
        return -1;
    }
    *size = (uint64_t)status.st_size;
    int found = fd;
    fd = -1;
    return found;
}

static void close_descriptor(struct oci_blob *blob) { close(blob->fd); }

bool tree_blob(struct tree *tree, struct str name, struct oci_blob *blob, struct error *error)
{
    if (tree_is_folder(tree)) {
        uint64_t size;
        int fd = folder_find(tree, name, &size, error);
        if (fd < 0) return false;
        *blob = (struct oci_blob){ .fd = fd, .size = size, .close = close_descriptor };
        return true;
    }
    CLEANUP_ARENA struct arena *arena = arena_new();
    const struct archive_entry *file = archive_find(tree, path_clean(arena, name), error);
    if (!file) return false;
    *blob = (struct oci_blob){ .fd = tree->fd, .offset = file->offset, .size = file->size };
    return true;
}

bool tree_has(struct tree *tree, struct str name)
{
    struct error ignored = { 0 };
    struct oci_blob blob;
    if (!tree_blob(tree, name, &blob, &ignored)) return false;
    oci_blob_close(&blob);
    return true;
}

bool tree_read(struct tree *tree, struct arena *arena, struct str name, size_t limit, struct str *content, struct error *error)
{
    struct oci_blob blob;
    if (!tree_blob(tree, name, &blob, error)) return false;
    bool good = blob.size <= limit;
    if (!good)
        error_set(error, ERROR_LIMIT, "file-too-large", "%.*s is larger than %zu bytes", STR_ARG(str_to(name, 300)), limit);
    if (good) {
        char *data = arena_alloc(arena, (size_t)blob.size + 1);
        size_t got = 0;
        CLEANUP_STREAM struct stream *stream = stream_of_file(blob.fd, blob.offset, blob.size, WALK_WINDOW);
        good = stream_read(stream, data, (size_t)blob.size, &got, error);
        *content = good ? str_make(data, got) : *content;
    }
    oci_blob_close(&blob);
    return good;
}
