/* xz by liblzma: streams concatenated, memory bounded by the dictionary limit. */
#include "pack/decompress.h"

#include <lzma.h>

struct xz {
    struct decompressor base;
    lzma_stream state;
};

static const char *words_for(lzma_ret result)
{
    switch (result) {
    case LZMA_MEMLIMIT_ERROR: return "its dictionary is larger than allowed";
    case LZMA_FORMAT_ERROR: return "not an xz stream";
    case LZMA_OPTIONS_ERROR: return "unsupported options";
    case LZMA_BUF_ERROR: return "it ends too early";
    default: return "corrupt";
    }
}

static bool xz_fill(struct stream *stream, struct error *error)
{
    struct xz *xz = (struct xz *)stream;
    size_t produced = 0;
    while (!produced && !xz->base.ended) {
        bool ended;
        if (!stream_fill(xz->base.source, &ended, error)) return false;
        size_t offered = xz->base.source->size;
        xz->state.next_in = xz->base.source->data;
        xz->state.avail_in = offered;
        xz->state.next_out = xz->base.output;
        xz->state.avail_out = OUTPUT_WINDOW;
        lzma_ret result = lzma_code(&xz->state, ended ? LZMA_FINISH : LZMA_RUN);
        stream_consume(xz->base.source, offered - xz->state.avail_in);
        produced = OUTPUT_WINDOW - xz->state.avail_out;
        if (result == LZMA_STREAM_END)
            xz->base.ended = true;
        else if (result != LZMA_OK)
            return decompressor_damaged("xz", words_for(result), error);
    }
    return decompressor_produced(&xz->base, produced, error);
}

static void xz_close(struct stream *stream)
{
    lzma_end(&((struct xz *)stream)->state);
    decompressor_close((struct decompressor *)stream);
}

struct stream *xz_open(struct stream *source, const struct pack_limits *limits, struct error *error)
{
    static const struct stream_kind kind = { xz_fill, NULL, xz_close };
    struct xz *xz = decompressor_new(sizeof *xz, &kind, source, limits);
    if (lzma_stream_decoder(&xz->state, xz->base.window + ((size_t)8 << 20), LZMA_CONCATENATED) != LZMA_OK) {
        xz_close(&xz->base.stream);
        error_set(error, ERROR_INTERNAL, "archive-damaged", "liblzma cannot be set up");
        return NULL;
    }
    return &xz->base.stream;
}
