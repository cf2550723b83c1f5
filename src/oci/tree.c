#include "oci/source.h"
#include "pack/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_LIMIT 1000000
#define LINK_LIMIT 40
#define WALK_WINDOW 4096
#define SPOOL_LIMIT ((uint64_t)20 << 30) /* what decompressors allow too */
#define COPY_WINDOW ((size_t)256 << 10)

struct tree_file {
    uint64_t offset, size;
    struct str link; /* of links: the target, from the root on */
};

struct tree {
    struct arena *arena;
    int fd;
    bool folder;
    struct map *files; /* of an archive: clean path → struct tree_file */
};

/* ---- opening ---- */

static struct str link_target(struct arena *arena, const struct tar_entry *entry)
{
    if (entry->type == TAR_HARD_LINK || str_starts(entry->link, "/")) return arena_str(arena, path_clean(arena, entry->link));
    struct str folder = path_folder(entry->name);
    return path_clean(arena, arena_strf(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(entry->link)));
}

/* One walk over the headers; content is passed over by seeking. Of two entries with one name the later one counts, as it
 * does when the archive is unpacked. */
static bool list_archive(struct tree *tree, uint64_t size, struct error *error)
{
    static const struct pack_limits limits = { .entries = ENTRIES_LIMIT };
    CLEANUP_STREAM struct stream *stream = stream_of_file(tree->fd, 0, size, WALK_WINDOW);
    struct tar *tar = tar_open(stream, &limits);
    struct tar_entry entry;
    int found;
    tree->files = map_new(tree->arena);
    while ((found = tar_next(tar, &entry, error)) > 0) {
        if (entry.type != TAR_FILE && entry.type != TAR_SYMLINK && entry.type != TAR_HARD_LINK) continue;
        struct tree_file *file = arena_alloc(tree->arena, sizeof *file);
        *file = (struct tree_file){ .offset = entry.offset, .size = entry.size };
        if (entry.type != TAR_FILE) file->link = link_target(tree->arena, &entry);
        map_set(tree->files, arena_str(tree->arena, path_clean(tree->arena, entry.name)), file);
    }
    tar_close(tar);
    return found == 0;
}

/* Decompressed, or copied from a pipe, into a file that can be read by seeking. */
static bool spool(struct stream *source, int *fd, uint64_t *size, struct error *error)
{
    CLEANUP_FD int copy = spool_create(error);
    if (copy < 0) return false;
    for (;;) {
        bool ended;
        if (!stream_fill(source, &ended, error)) return false;
        if (ended) break;
        if (source->position > SPOOL_LIMIT)
            return error_set(error, ERROR_LIMIT, "archive-too-large", "more than %llu plain bytes",
                             (unsigned long long)SPOOL_LIMIT);
        if (!file_write_all(copy, source->data, source->size, error))
            return error_hint(error, "set TMPDIR to a folder with room for the whole image");
        stream_consume(source, source->size);
    }
    *size = source->position;
    *fd = copy;
    copy = -1;
    return true;
}

/* Gives a seekable plain tar: the file itself when it is one. */
static bool make_seekable(int *fd, uint64_t *size, struct error *error)
{
    struct stat status;
    if (fstat(*fd, &status) != 0) return error_system(error, errno, "file-read", "cannot read the archive");
    bool regular = S_ISREG(status.st_mode);
    if (!regular && !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))
        return error_set(error, ERROR_USAGE, "input-not-file", "it is neither a file, nor a folder, nor a pipe");
    struct stream *raw = regular ? stream_of_file(*fd, 0, (uint64_t)status.st_size, COPY_WINDOW) : stream_of_pipe(*fd);
    enum compression compression;
    CLEANUP_STREAM struct stream *plain = stream_decompress(raw, NULL, &compression, error);
    if (!plain) return false;
    *size = (uint64_t)status.st_size;
    if (regular && compression == COMPRESSION_NONE) return true;
    int copy = -1;
    if (!spool(plain, &copy, size, error)) return false;
    close(*fd);
    *fd = copy;
    return true;
}

static struct tree *tree_new(int fd, bool folder)
{
    struct arena *arena = arena_new();
    struct tree *tree = arena_alloc(arena, sizeof *tree);
    *tree = (struct tree){ .arena = arena, .fd = fd, .folder = folder };
    return tree;
}

bool tree_of_descriptor(int fd, struct tree **opened, struct error *error)
{
    uint64_t size = 0;
    CLEANUP_FD int owned = fd;
    if (!make_seekable(&owned, &size, error)) return false;
    CLEANUP_TREE struct tree *tree = tree_new(owned, false);
    owned = -1;
    if (!list_archive(tree, size, error)) return false;
    *opened = tree;
    tree = NULL;
    return true;
}

bool tree_open(const char *path, struct tree **opened, struct error *error)
{
    bool standard_input = strcmp(path, "-") == 0;
    CLEANUP_FD int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return error_system(error, errno, "input-open", "cannot open %s", path);
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        *opened = tree_new(fd, true);
        fd = -1;
        return true;
    }
    int taken = fd;
    fd = -1;
    return tree_of_descriptor(taken, opened, error) || error_wrap(error, "%s", standard_input ? "standard input" : path);
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

bool tree_is_folder(const struct tree *tree) { return tree->folder; }

/* ---- reading ---- */

static bool missing(struct str name, struct error *error)
{
    return error_set(error, ERROR_NOT_FOUND, "input-file-missing", "%.*s is not in it", STR_ARG(str_to(name, 300)));
}

static const struct tree_file *archive_find(struct tree *tree, struct str name, struct error *error)
{
    for (int hops = 0; hops <= LINK_LIMIT; hops++) {
        const struct tree_file *file = map_get(tree->files, name);
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
    if (tree->folder) {
        uint64_t size;
        int fd = folder_find(tree, name, &size, error);
        if (fd < 0) return false;
        *blob = (struct oci_blob){ .fd = fd, .size = size, .close = close_descriptor };
        return true;
    }
    CLEANUP_ARENA struct arena *arena = arena_new();
    const struct tree_file *file = archive_find(tree, path_clean(arena, name), error);
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
