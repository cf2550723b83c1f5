#include "pack/decompress.h"

#include <stdlib.h>

#define DEFAULT_PLAIN ((uint64_t)20 << 30)
#define DEFAULT_RATIO 200
#define DEFAULT_WINDOW ((size_t)128 << 20)
#define RATIO_FREE ((uint64_t)100 << 20)

static const struct {
    enum compression compression;
    const char *name;
    struct str magic;
    struct stream *(*open)(struct stream *, const struct pack_limits *, struct error *);
} formats[] = {
    { COMPRESSION_BZIP2, "bzip2", { NULL, 0 }, bzip2_open }, /* is_bzip2 */
    { COMPRESSION_GZIP, "gzip", { "\x1f\x8b", 2 }, gzip_open },
    { COMPRESSION_XZ,
      "xz",
      { "\xfd"
        "7zXZ\0",
        6 },
      xz_open },
    { COMPRESSION_ZSTD, "zstd", { "\x28\xb5\x2f\xfd", 4 }, zstd_open },
};

/* Three letters alone may begin a plain tar: the level follows, and a block's or the end's mark. */
static bool is_bzip2(const uint8_t *data, size_t size)
{
    return size >= 6 && memcmp(data, "BZh", 3) == 0 && data[3] >= '1' && data[3] <= '9' &&
           ((data[4] == 0x31 && data[5] == 0x41) || (data[4] == 0x17 && data[5] == 0x72));
}

enum compression compression_detect(const uint8_t *data, size_t size)
{
    if (is_bzip2(data, size)) return COMPRESSION_BZIP2;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].magic.size && size >= formats[i].magic.size &&
            memcmp(data, formats[i].magic.data, formats[i].magic.size) == 0)
            return formats[i].compression;
    /* A skippable frame (0x184D2A5?) may stand before a zstd frame (RFC 8878 §3.1.2). */
    if (size >= 4 && (data[0] & 0xf0) == 0x50 && data[1] == 0x2a && data[2] == 0x4d && data[3] == 0x18) return COMPRESSION_ZSTD;
    return COMPRESSION_NONE;
}

const char *compression_name(enum compression compression)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].compression == compression) return formats[i].name;
    return "none";
}

void *decompressor_new(size_t size, const struct stream_kind *kind, struct stream *source, const struct pack_limits *limits)
{
    struct decompressor *decompressor = memory_alloc(size);
    memset(decompressor, 0, size);
    decompressor->output = memory_alloc(OUTPUT_WINDOW);
    decompressor->stream = (struct stream){ kind, decompressor->output, 0, 0 };
    decompressor->source = source;
    decompressor->source_start = source->position;
    decompressor->plain_limit = limits && limits->plain_bytes ? limits->plain_bytes : DEFAULT_PLAIN;
    decompressor->ratio = limits && limits->ratio ? limits->ratio : DEFAULT_RATIO;
    decompressor->window = limits && limits->window ? limits->window : DEFAULT_WINDOW;
    return decompressor;
}

void decompressor_close(struct decompressor *decompressor)
{
    stream_close(decompressor->source);
    free(decompressor->output);
    free(decompressor);
}

bool decompressor_produced(struct decompressor *decompressor, size_t produced, struct error *error)
{
    decompressor->stream.data = decompressor->output;
    decompressor->stream.size = produced;
    decompressor->plain += produced;
    if (decompressor->plain > decompressor->plain_limit)
        return error_set(error, ERROR_LIMIT, "archive-too-large", "more than %llu decompressed bytes",
                         (unsigned long long)decompressor->plain_limit);
    uint64_t packed = decompressor->source->position - decompressor->source_start;
    if (decompressor->plain > RATIO_FREE && decompressor->plain / decompressor->ratio > packed)
        return error_set(error, ERROR_LIMIT, "archive-ratio", "decompresses to more than %u times its size: taken for a bomb",
                         decompressor->ratio);
    return true;
}

bool decompressor_damaged(const char *format, const char *why, struct error *error)
{
    return error_set(error, ERROR_INVALID, "archive-damaged", "damaged %s data: %s", format, why);
}

bool decompressor_need(struct decompressor *decompressor, const char *format, struct error *error)
{
    bool ended;
    if (!stream_fill(decompressor->source, &ended, error)) return false;
    return !ended || decompressor_damaged(format, "it ends too early", error);
}

/* The window may hold less than a magic: this stream gives the peeked bytes again, then the rest. */
struct peeked_stream {
    struct stream stream;
    struct stream *source;
    uint8_t head[8];
    bool passed;
};

static bool peeked_fill(struct stream *stream, struct error *error)
{
    struct peeked_stream *peeked = (struct peeked_stream *)stream;
    if (peeked->passed) stream_consume(peeked->source, 0);
    peeked->passed = true;
    bool ended;
    if (!stream_fill(peeked->source, &ended, error)) return false;
    stream->data = peeked->source->data;
    stream->size = peeked->source->size;
    stream_consume(peeked->source, peeked->source->size);
    return true;
}

static void peeked_close(struct stream *stream)
{
    stream_close(((struct peeked_stream *)stream)->source);
    free(stream);
}

/* Six bytes in one window, even from a source that gives them one by one. */
static struct stream *peek(struct stream *source, struct error *error)
{
    static const struct stream_kind kind = { peeked_fill, NULL, peeked_close };
    bool ended;
    if (!stream_fill(source, &ended, error)) return NULL;
    if (ended || source->size >= 6) return source;
    struct peeked_stream *peeked = memory_alloc(sizeof *peeked);
    *peeked = (struct peeked_stream){ { &kind, peeked->head, 0, 0 }, source, { 0 }, false };
    if (!stream_read(source, peeked->head, sizeof peeked->head, &peeked->stream.size, error)) {
        free(peeked);
        return NULL;
    }
    return &peeked->stream;
}

struct stream *stream_decompress(struct stream *source, const struct pack_limits *limits, enum compression *found,
                                 struct error *error)
{
    struct stream *start = peek(source, error);
    if (!start) {
        stream_close(source);
        return NULL;
    }
    enum compression compression = compression_detect(start->data, start->size);
    if (found) *found = compression;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].compression == compression) return formats[i].open(start, limits, error);
    return start;
}
