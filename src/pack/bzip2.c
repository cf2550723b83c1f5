/* bzip2 by libbz2: streams concatenated. */
#include "pack/decompress.h"

#include <bzlib.h>

struct bzip2 {
    struct decompressor base;
    bz_stream state;
    bool open;
};

static bool start_stream(struct bzip2 *bzip2, struct error *error)
{
    memset(&bzip2->state, 0, sizeof bzip2->state);
    bzip2->open = BZ2_bzDecompressInit(&bzip2->state, 0, 0) == BZ_OK;
    return bzip2->open || error_set(error, ERROR_INTERNAL, "archive-damaged", "libbz2 cannot be set up");
}

/* After a stream: another one, or the end; bzip2(1) ignores trailing garbage. */
static bool next_stream(struct bzip2 *bzip2, struct error *error)
{
    BZ2_bzDecompressEnd(&bzip2->state);
    bzip2->open = false;
    bool ended;
    if (!stream_fill(bzip2->base.source, &ended, error)) return false;
    if (!ended && bzip2->base.source->data[0] == 'B') return start_stream(bzip2, error);
    bzip2->base.ended = true;
    return true;
}

static bool bzip2_fill(struct stream *stream, struct error *error)
{
    struct bzip2 *bzip2 = (struct bzip2 *)stream;
    size_t produced = 0;
    while (!produced && !bzip2->base.ended) {
        if (!decompressor_need(&bzip2->base, "bzip2", error)) return false;
        size_t offered = bzip2->base.source->size < (1U << 30) ? bzip2->base.source->size : (1U << 30);
        bzip2->state.next_in = (char *)bzip2->base.source->data;
        bzip2->state.avail_in = (unsigned)offered;
        bzip2->state.next_out = (char *)bzip2->base.output;
        bzip2->state.avail_out = OUTPUT_WINDOW;
        int result = BZ2_bzDecompress(&bzip2->state);
        stream_consume(bzip2->base.source, offered - bzip2->state.avail_in);
        produced = OUTPUT_WINDOW - bzip2->state.avail_out;
        if (result == BZ_STREAM_END) {
            if (!next_stream(bzip2, error)) return false;
        } else if (result != BZ_OK) {
            return decompressor_damaged("bzip2", "corrupt", error);
        }
    }
    return decompressor_produced(&bzip2->base, produced, error);
}

static void bzip2_close(struct stream *stream)
{
    struct bzip2 *bzip2 = (struct bzip2 *)stream;
    if (bzip2->open) BZ2_bzDecompressEnd(&bzip2->state);
    decompressor_close(&bzip2->base);
}

struct stream *bzip2_open(struct stream *source, const struct pack_limits *limits, struct error *error)
{
    static const struct stream_kind kind = { bzip2_fill, NULL, bzip2_close };
    struct bzip2 *bzip2 = decompressor_new(sizeof *bzip2, &kind, source, limits);
    if (start_stream(bzip2, error)) return &bzip2->base.stream;
    bzip2_close(&bzip2->base.stream);
    return NULL;
}
