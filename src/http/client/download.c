#include "http/client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT_DEFAULT ((uint64_t)16 << 30)
#define CHUNK ((size_t)128 << 10)
#define VALIDATOR_LIMIT 1024

/* A download under way: PATH.part with what came, PATH.part.tag with what the server called it. */
struct part {
    const char *path, *tag_path;
    int fd;
    uint64_t size;
    struct str tag; /* a strong ETag or a date, for If-Range; empty: start over */
};

static void part_close(struct part *part) { file_close(&part->fd); }

/* Locked, so that two processes never write one part. */
static bool part_open(struct arena *arena, struct part *part, const char *path, mode_t mode, struct error *error)
{
    struct stat status;
    struct error ignored = { 0 };
    *part = (struct part){ arena_printf(arena, "%s.part", path), arena_printf(arena, "%s.part.tag", path), -1, 0, { 0 } };
    part->fd = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
    if (part->fd < 0) return error_system(error, errno, "file-create", "cannot create %s", part->path);
    if (flock(part->fd, LOCK_EX | LOCK_NB) != 0) {
        error_set(error, ERROR_IO, "download-busy", "another process is downloading %s", path);
        return error_hint(error, "wait for it to end");
    }
    if (fstat(part->fd, &status) == 0 && status.st_size > 0 &&
        file_read(arena, part->tag_path, VALIDATOR_LIMIT, &part->tag, &ignored))
        part->size = (uint64_t)status.st_size;
    if (part->size && (!part->tag.size || str_starts(part->tag, "W/"))) part->size = 0;
    return true;
}

/* An inode that was renamed or removed between open and lock is not the part any more. */
static bool part_is_current(const struct part *part)
{
    struct stat opened, named;
    return fstat(part->fd, &opened) == 0 && stat(part->path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static bool part_start(struct part *part, const struct http_stream *stream, struct error *error)
{
    bool resumed = http_status(stream) == 206;
    struct str tag = http_header(stream, "ETag");
    if (!tag.size || str_starts(tag, "W/")) tag = http_header(stream, "Last-Modified");
    if (!resumed) part->size = 0;
    if (ftruncate(part->fd, (off_t)part->size) != 0 || lseek(part->fd, (off_t)part->size, SEEK_SET) < 0)
        return error_system(error, errno, "file-write", "cannot write %s", part->path);
    if (!resumed) unlink(part->tag_path);
    if (!resumed && tag.size) return file_write(part->tag_path, tag, 0600, false, error);
    return true;
}

static bool add_hash_of_part(const struct part *part, struct sha256 *hash, struct error *error)
{
    CLEANUP_FREE char *chunk = memory_alloc(CHUNK);
    for (uint64_t at = 0; at < part->size;) {
        ssize_t got = pread(part->fd, chunk, part->size - at < CHUNK ? (size_t)(part->size - at) : CHUNK, (off_t)at);
        if (got <= 0) return error_system(error, errno, "file-read", "cannot read %s", part->path);
        sha256_add(hash, chunk, (size_t)got);
        at += (uint64_t)got;
    }
    return true;
}

static bool receive(struct http_stream *stream, struct part *part, const struct http_download *download, struct sha256 *hash,
                    struct error *error)
{
    CLEANUP_FREE char *chunk = memory_alloc(CHUNK);
    uint64_t limit = download->limit ? download->limit : LIMIT_DEFAULT;
    int64_t length = http_length(stream);
    uint64_t total = length >= 0 ? part->size + (uint64_t)length : 0;
    if (total > limit)
        return error_set(error, ERROR_LIMIT, "http-too-large", "the content has %llu bytes, more than %llu",
                         (unsigned long long)total, (unsigned long long)limit);
    for (ssize_t got; (got = http_read(stream, chunk, CHUNK, error)) != 0;) {
        if (got < 0) return false;
        part->size += (uint64_t)got;
        if (part->size > limit)
            return error_set(error, ERROR_LIMIT, "http-too-large", "the content has more than %llu bytes",
                             (unsigned long long)limit);
        sha256_add(hash, chunk, (size_t)got);
        if (!file_write_all(part->fd, chunk, (size_t)got, error)) return error_wrap(error, "%s", part->path);
        if (download->progress) download->progress(download->context, part->size, total);
    }
    return true;
}

static bool check_sum(struct sha256 *hash, struct str wanted, struct error *error)
{
    uint8_t sum[32];
    char text[65];
    sha256_finish(hash, sum);
    hex_encode(sum, sizeof sum, text);
    if (!wanted.size || str_is_nocase(wanted, text)) return true;
    return error_set(error, ERROR_INVALID, "checksum-mismatch", "the content's sha256 is %s, but should be %.*s", text,
                     STR_ARG(wanted));
}

static void part_drop(const struct part *part)
{
    unlink(part->path);
    unlink(part->tag_path);
}

static bool finish(struct part *part, const char *path, struct error *error)
{
    if (fsync(part->fd) != 0) return error_system(error, errno, "file-write", "cannot write %s", part->path);
    if (rename(part->path, path) != 0) return error_system(error, errno, "file-rename", "cannot put %s in place", path);
    unlink(part->tag_path);
    return true;
}

static bool refuse_status(const struct http_stream *stream, struct error *error)
{
    unsigned status = http_status(stream);
    enum error_kind kind = status == 404 || status == 410   ? ERROR_NOT_FOUND
                           : status == 401 || status == 403 ? ERROR_DENIED
                                                            : ERROR_NETWORK;
    return error_set(error, kind, "http-status", "%.*s answers %u", STR_ARG(http_stream_url(stream)->host), status);
}

/* Ask with what is known: of the file that is there (304 then), or of the part. */
static bool open_download(struct http_client *client, struct arena *arena, const struct http_request *request,
                          const struct http_download *download, const struct part *part, struct http_stream **stream,
                          struct error *error)
{
    VECTOR(struct http_header) headers = { 0 };
    struct http_request asked = *request;
    for (size_t i = 0; i < request->header_count; i++)
        *vector_push(arena, &headers) = request->headers[i];
    if (file_exists(download->path)) {
        if (download->etag.size) *vector_push(arena, &headers) = (struct http_header){ STR("If-None-Match"), download->etag };
        if (download->last_modified.size)
            *vector_push(arena, &headers) = (struct http_header){ STR("If-Modified-Since"), download->last_modified };
    }
    asked.headers = headers.items;
    asked.header_count = headers.count;
    asked.range_start = part->size;
    asked.if_range = part->tag;
    if (!http_open(client, &asked, stream, error)) return false;
    if (http_status(*stream) != 416) return true;
    http_close(*stream);
    *stream = NULL;
    asked.range_start = 0;
    return http_open(client, &asked, stream, error);
}

static int take(struct http_stream *stream, struct arena *arena, struct part *part, struct http_download *download,
                struct error *error)
{
    struct sha256 hash;
    unsigned status = http_status(stream);
    if (status == 304) return part_drop(part), 0;
    if (status != 200 && status != 206) {
        if (!part->size) part_drop(part);
        return refuse_status(stream, error), -1;
    }
    if (!part_start(part, stream, error)) return -1;
    sha256_start(&hash);
    if (!add_hash_of_part(part, &hash, error)) return -1;
    struct str etag = arena_str(arena, http_header(stream, "ETag")),
               modified = arena_str(arena, http_header(stream, "Last-Modified"));
    if (!receive(stream, part, download, &hash, error)) {
        if (error->kind == ERROR_LIMIT || error->kind == ERROR_IO) part_drop(part); /* a full disk must not stay full of it */
        return -1;
    }
    if (!check_sum(&hash, download->sha256, error)) return part_drop(part), -1;
    if (!finish(part, download->path, error)) return -1;
    download->etag = etag;
    download->last_modified = modified;
    return 1;
}

int http_download(struct http_client *client, struct arena *arena, const struct http_request *request,
                  struct http_download *download, struct error *error)
{
    __attribute__((cleanup(part_close))) struct part part = { .fd = -1 };
    CLEANUP_HTTP struct http_stream *stream = NULL;
    if (!digest_load(error)) return -1;
    bool good = part_open(arena, &part, download->path, download->mode ? download->mode : 0644, error);
    if (good && !part_is_current(&part))
        good = error_set(error, ERROR_IO, "download-busy", "another process is downloading %s", download->path);
    if (!good) return -1;
    if (!open_download(client, arena, request, download, &part, &stream, error)) {
        if (!part.size) part_drop(&part);
        return -1;
    }
    int result = take(stream, arena, &part, download, error);
    return result < 0 ? error_wrap(error, "%s", download->path), -1 : result;
}
