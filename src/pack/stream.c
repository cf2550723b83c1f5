#include "pack/pack.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

bool stream_fill(struct stream *stream, bool *ended, struct error *error)
{
    if (!stream->size && !stream->kind->fill(stream, error)) return false;
    *ended = stream->size == 0;
    return true;
}

bool stream_read(struct stream *stream, void *buffer, size_t size, size_t *got, struct error *error)
{
    size_t done = 0;
    while (done < size) {
        bool ended;
        if (!stream_fill(stream, &ended, error)) return false;
        if (ended) break;
        size_t step = size - done < stream->size ? size - done : stream->size;
        memcpy((char *)buffer + done, stream->data, step);
        stream_consume(stream, step);
        done += step;
    }
    *got = done;
    return true;
}

bool stream_skip(struct stream *stream, uint64_t count, struct error *error)
{
    while (count) {
        if (!stream->size && stream->kind->skip) {
            if (!stream->kind->skip(stream, count, error)) return false;
            stream->position += count;
            return true;
        }
        bool ended;
        if (!stream_fill(stream, &ended, error)) return false;
        if (ended) return error_set(error, ERROR_INVALID, "archive-truncated", "the archive ends in the middle of an entry");
        size_t step = count < stream->size ? (size_t)count : stream->size;
        stream_consume(stream, step);
        count -= step;
    }
    return true;
}

bool stream_read_all(struct stream *stream, struct buffer *out, size_t limit, struct error *error)
{
    for (;;) {
        bool ended;
        if (!stream_fill(stream, &ended, error)) return false;
        if (ended) return true;
        if (stream->size > limit - (out->size < limit ? out->size : limit))
            return error_set(error, ERROR_LIMIT, "archive-file-too-large", "more than %zu bytes", limit);
        buffer_append(out, stream->data, stream->size);
        stream_consume(stream, stream->size);
    }
}

void stream_close(struct stream *stream)
{
    if (stream) stream->kind->close(stream);
}

void stream_cleanup(struct stream **stream)
{
    stream_close(*stream);
    *stream = NULL;
}

/* ---- memory ---- */

static bool memory_fill(struct stream *stream, struct error *error) { return true; /* one window, used up */ }
static void memory_close(struct stream *stream) { free(stream); }

struct stream *stream_of_memory(struct str bytes)
{
    static const struct stream_kind kind = { memory_fill, NULL, memory_close };
    struct stream *stream = memory_alloc(sizeof *stream);
    *stream = (struct stream){ &kind, (const uint8_t *)bytes.data, bytes.size, 0 };
    return stream;
}

/* ---- a part of a file ---- */

struct file_stream {
    struct stream stream;
    int fd;
    uint64_t offset, left;
    size_t window;
    uint8_t buffer[];
};

static bool file_fill(struct stream *stream, struct error *error)
{
    struct file_stream *file = (struct file_stream *)stream;
    size_t wanted = file->left < file->window ? (size_t)file->left : file->window;
    stream->data = file->buffer;
    if (!wanted) return true;
    ssize_t got;
    do
        got = pread(file->fd, file->buffer, wanted, (off_t)file->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0) return error_system(error, errno, "file-read", "cannot read the archive");
    if (got == 0) return error_set(error, ERROR_INVALID, "archive-truncated", "the file is shorter than it should be");
    stream->size = (size_t)got;
    file->offset += (uint64_t)got;
    file->left -= (uint64_t)got;
    return true;
}

static bool file_skip(struct stream *stream, uint64_t count, struct error *error)
{
    struct file_stream *file = (struct file_stream *)stream;
    if (count > file->left)
        return error_set(error, ERROR_INVALID, "archive-truncated", "the archive ends in the middle of an entry");
    file->offset += count;
    file->left -= count;
    return true;
}

static void file_stream_close(struct stream *stream) { free(stream); }

struct stream *stream_of_file(int fd, uint64_t offset, uint64_t size, size_t window)
{
    static const struct stream_kind kind = { file_fill, file_skip, file_stream_close };
    struct file_stream *file = memory_alloc(sizeof *file + window);
    *file = (struct file_stream){ { &kind, file->buffer, 0, 0 }, fd, offset, size, window };
    return &file->stream;
}

/* ---- a pipe ---- */

#define PIPE_WINDOW ((size_t)256 << 10)

struct pipe_stream {
    struct stream stream;
    int fd;
    moment deadline;
    uint8_t buffer[PIPE_WINDOW];
};

static bool wait_for_bytes(const struct pipe_stream *from, struct error *error)
{
    while (from->deadline) {
        moment left = (from->deadline - clock_monotonic()) / (SECOND / 1000);
        if (left < 0) {
            error_set(error, ERROR_TIMEOUT, "timeout", "the time allowed for the scan ran out");
            return error_hint(error, "allow more with --timeout, for example --timeout 15m");
        }
        struct pollfd waiting = { from->fd, POLLIN, 0 };
        int ready = poll(&waiting, 1, left < INT_MAX ? (int)left + 1 : INT_MAX);
        if (ready > 0) break;
        if (ready < 0 && errno != EINTR) return error_system(error, errno, "file-read", "cannot wait for the stream");
    }
    return true;
}

static bool pipe_fill(struct stream *stream, struct error *error)
{
    struct pipe_stream *from = (struct pipe_stream *)stream;
    ssize_t got;
    if (!wait_for_bytes(from, error)) return false;
    do
        got = read(from->fd, from->buffer, PIPE_WINDOW);
    while (got < 0 && errno == EINTR);
    if (got < 0) return error_system(error, errno, "file-read", "cannot read the stream");
    stream->data = from->buffer;
    stream->size = (size_t)got;
    return true;
}

struct stream *stream_of_pipe(int fd, moment deadline)
{
    static const struct stream_kind kind = { pipe_fill, NULL, file_stream_close };
    struct pipe_stream *from = memory_alloc(sizeof *from);
    from->stream = (struct stream){ &kind, from->buffer, 0, 0 };
    from->fd = fd;
    from->deadline = deadline;
    return &from->stream;
}
