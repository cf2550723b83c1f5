/* zstd (RFC 8878) by libzstd: frames concatenated, skippable frames passed over, window bounded. */
#include "pack/decompress.h"

#include <zstd.h>

struct zstd {
    struct decompressor base;
    ZSTD_DCtx *context;
    size_t hint; /* 0: between frames */
};

static bool zstd_fill(struct stream *stream, struct error *error)
{
    struct zstd *zstd = (struct zstd *)stream;
    size_t produced = 0;
    while (!produced && !zstd->base.ended) {
        bool ended;
        if (!stream_fill(zstd->base.source, &ended, error)) return false;
        if (ended && zstd->hint == 0) zstd->base.ended = true;
        ZSTD_inBuffer in = { zstd->base.source->data, zstd->base.source->size, 0 };
        ZSTD_outBuffer out = { zstd->base.output, OUTPUT_WINDOW, 0 };
        if (!zstd->base.ended) {
            size_t result = ZSTD_decompressStream(zstd->context, &out, &in);
            if (ZSTD_isError(result)) return decompressor_damaged("zstd", ZSTD_getErrorName(result), error);
            zstd->hint = result;
            stream_consume(zstd->base.source, in.pos);
            if (ended && !out.pos && result) return decompressor_damaged("zstd", "it ends too early", error);
        }
        produced = out.pos;
    }
    return decompressor_produced(&zstd->base, produced, error);
}

static void zstd_close(struct stream *stream)
{
    ZSTD_freeDCtx(((struct zstd *)stream)->context);
    decompressor_close((struct decompressor *)stream);
}

struct stream *zstd_open(struct stream *source, const struct pack_limits *limits, struct error *error)
{
    static const struct stream_kind kind = { zstd_fill, NULL, zstd_close };
    struct zstd *zstd = decompressor_new(sizeof *zstd, &kind, source, limits);
    zstd->context = ZSTD_createDCtx();
    int bits = 10;
    while (((size_t)1 << bits) < zstd->base.window && bits < 31)
        bits++;
    if (!zstd->context || ZSTD_isError(ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax, bits))) {
        zstd_close(&zstd->base.stream);
        error_set(error, ERROR_INTERNAL, "archive-damaged", "libzstd cannot be set up");
        return NULL;
    }
    return &zstd->base.stream;
}
