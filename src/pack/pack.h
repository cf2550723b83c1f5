/* The door of room `pack`: compression and archives as streams.
 *
 * A stream is a window of bytes that its reader consumes: no copy between a decompressor and a tar walk. Every layer is
 * bounded (struct pack_limits); damage is an error, never a crash. Not thread safe. */
#ifndef PACK_PACK_H
#define PACK_PACK_H

#include "base/base.h"

struct stream;

struct stream_kind {
    /* Makes at least one byte available in data/size, or size 0 at the end. Called only when size is 0. */
    bool (*fill)(struct stream *stream, struct error *error);
    /* Moves on by `count` bytes without reading them; NULL: read and drop. Called only when size is 0. */
    bool (*skip)(struct stream *stream, uint64_t count, struct error *error);
    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_kind *kind;
    const uint8_t *data; /* the window */
    size_t size;
    uint64_t position; /* bytes consumed so far */
};

/* At least one byte in the window, or *ended. */
bool stream_fill(struct stream *stream, bool *ended, struct error *error);
static inline void stream_consume(struct stream *stream, size_t count)
{
    stream->data += count;
    stream->size -= count;
    stream->position += count;
}
/* Up to `size` bytes, less only at the end; *got says how many. */
bool stream_read(struct stream *stream, void *buffer, size_t size, size_t *got, struct error *error);
/* Passing the end is an error "archive-truncated". */
bool stream_skip(struct stream *stream, uint64_t count, struct error *error);
/* The rest, at most `limit` bytes. */
bool stream_read_all(struct stream *stream, struct buffer *out, size_t limit, struct error *error);
/* Closes this stream and the one it reads from. NULL is allowed. */
void stream_close(struct stream *stream);
void stream_cleanup(struct stream **stream);
#define CLEANUP_STREAM __attribute__((cleanup(stream_cleanup)))

/* The literal of this room's error of that name, NULL for others: a confined child says by name what failed. */
const char *pack_error_id(struct str id);

/* ---- sources ---- */

/* Bytes in memory, which must outlive the stream. */
struct stream *stream_of_memory(struct str bytes);
/* `size` bytes of a seekable file from `offset` on, by pread in small steps (scan-lab.md §2: skipping costs nothing). The
 * descriptor stays the caller's. `window` bytes a read: 4096 to walk archives, more to read through. */
struct stream *stream_of_file(int fd, uint64_t offset, uint64_t size, size_t window);
/* A pipe or socket, read to its end; "timeout" when that has not come by `deadline` (clock_monotonic; 0: waits for ever). The
 * descriptor stays the caller's. */
struct stream *stream_of_pipe(int fd, moment deadline);

/* ---- compression ---- */

enum compression {
    COMPRESSION_NONE,
    COMPRESSION_GZIP,
    COMPRESSION_ZSTD,
    COMPRESSION_XZ,
    COMPRESSION_BZIP2
};

/* By the first bytes (at least 6 wanted; less means none). */
enum compression compression_detect(const uint8_t *data, size_t size);
const char *compression_name(enum compression compression);

struct pack_limits {
    uint64_t plain_bytes; /* decompressed bytes; 0: 20 GiB */
    unsigned ratio;       /* plain to compressed bytes, judged above the first 100 MiB; 0: 200 */
    size_t window;        /* zstd window and xz dictionary; 0: 128 MiB */
    uint64_t entries;     /* tar entries; 0: 2,000,000 */
};

/* Decompresses `source` (owned from now on, also on failure) by its first bytes; gives `source` itself back when it is not
 * compressed. Concatenated members and frames are followed; bytes after the last are ignored only where the format's tool
 * does so. */
struct stream *stream_decompress(struct stream *source, const struct pack_limits *limits, enum compression *found,
                                 struct error *error);

/* One zstd frame with a checksum, written as by file_write_named. */
bool pack_compress_file(const char *input, const char *output, int level, struct error *error);

/* ---- tar (POSIX ustar and pax, GNU) ---- */

enum tar_type {
    TAR_FILE,
    TAR_FOLDER,
    TAR_HARD_LINK,
    TAR_SYMLINK,
    TAR_OTHER
};

struct tar_entry {
    struct str name; /* as stored: not cleaned; valid until the next call */
    struct str link; /* target of links */
    enum tar_type type;
    uint32_t mode;
    uint64_t size;   /* bytes of content */
    uint64_t offset; /* of the content in the stream */
    bool sparse;     /* stored without its holes: tar_read gives it whole, its bytes in the stream are not its content */
};

struct tar;
/* The stream stays the caller's. */
struct tar *tar_open(struct stream *stream, const struct pack_limits *limits);
void tar_close(struct tar *tar);
/* 1: an entry; 0: the end; -1: damaged. Content not read is skipped. An empty stream is an empty archive. */
int tar_next(struct tar *tar, struct tar_entry *entry, struct error *error);
/* Content of the current file, NUL beyond its end; more than `limit` is "archive-file-too-large" and leaves the archive
 * readable. Sparse files are expanded. Call at most once an entry. */
bool tar_read(struct tar *tar, struct arena *arena, size_t limit, struct str *content, struct error *error);

/* ---- zip (APPNOTE 6.3; stored and deflate, zip64) ---- */

struct zip_entry {
    struct str name;
    uint64_t size, packed_size, offset;
    uint16_t method;
    uint32_t crc;
};

struct zip;
/* `bytes` (a mapped file) must outlive it. */
struct zip *zip_open(struct str bytes, struct error *error);
void zip_close(struct zip *zip);
size_t zip_count(const struct zip *zip);
const struct zip_entry *zip_at(const struct zip *zip, size_t index);
/* Into `out` (resized, reused between calls), checked against size and CRC; at most `limit` bytes. `padding` more bytes are
 * reserved behind the content (for JSON read in place). */
bool zip_read(struct zip *zip, const struct zip_entry *entry, size_t limit, size_t padding, struct buffer *out,
              struct error *error);

#endif
