/* Private to `pack`: what the four decompressors share. Each is a stream over another one; it keeps its output buffer and
 * counts for the limits. */
#ifndef PACK_DECOMPRESS_H
#define PACK_DECOMPRESS_H

#include "pack/pack.h"

#define OUTPUT_WINDOW ((size_t)256 << 10)

struct decompressor {
    struct stream stream;
    struct stream *source;
    uint64_t source_start, plain, plain_limit;
    unsigned ratio;
    size_t window;
    bool ended;
    uint8_t *output;
};

/* Sets up what is common; `size` is the size of the struct that starts with a decompressor. */
void *decompressor_new(size_t size, const struct stream_kind *kind, struct stream *source, const struct pack_limits *limits);
void decompressor_close(struct decompressor *decompressor);
/* Publishes `produced` bytes of output and checks the limits. */
bool decompressor_produced(struct decompressor *decompressor, size_t produced, struct error *error);
/* The error for damage. */
bool decompressor_damaged(const char *format, const char *why, struct error *error);
/* Makes source bytes available; at the end: damage, since a frame is open. */
bool decompressor_need(struct decompressor *decompressor, const char *format, struct error *error);

struct stream *gzip_open(struct stream *source, const struct pack_limits *limits, struct error *error);
struct stream *zstd_open(struct stream *source, const struct pack_limits *limits, struct error *error);
struct stream *xz_open(struct stream *source, const struct pack_limits *limits, struct error *error);
struct stream *bzip2_open(struct stream *source, const struct pack_limits *limits, struct error *error);

#endif
