/* gzip (RFC 1952) by ISA-L, CRC and length checked, members concatenated. */
#include "pack/decompress.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

struct gzip {
    struct decompressor base;
    struct inflate_state state;
};

/* Bytes after a finished member: another member, padding zeros, or nothing. */
static bool next_member(struct gzip *gzip, struct error *error)
{
    for (;;) {
        bool ended;
        if (!stream_fill(gzip->base.source, &ended, error)) return false;
        if (ended) {
            gzip->base.ended = true;
            return true;
        }
        if (gzip->base.source->data[0] == 0x1f) break;
        if (gzip->base.source->data[0] != 0) { /* gzip(1) ignores trailing garbage with a warning */
            gzip->base.ended = true;
            return true;
        }
        stream_consume(gzip->base.source, 1);
    }
    isal_inflate_reset(&gzip->state);
    gzip->state.crc_flag = ISAL_GZIP;
    return true;
}

static bool gzip_fill(struct stream *stream, struct error *error)
{
    struct gzip *gzip = (struct gzip *)stream;
    size_t produced = 0;
    while (!produced && !gzip->base.ended) {
        struct stream *source = gzip->base.source;
        bool ended = false;
        if (!stream_fill(source, &ended, error)) return false;
        gzip->state.next_in = (uint8_t *)source->data;
        gzip->state.avail_in = (uint32_t)(source->size > UINT32_MAX ? UINT32_MAX : source->size);
        gzip->state.next_out = gzip->base.output;
        gzip->state.avail_out = OUTPUT_WINDOW;
        uint32_t offered = gzip->state.avail_in;
        int result = isal_inflate(&gzip->state);
        stream_consume(source, offered - gzip->state.avail_in);
        if (result != ISAL_DECOMP_OK)
            return decompressor_damaged(
                "gzip", result == ISAL_INCORRECT_CHECKSUM ? "the checksum differs" : "not a deflate stream", error);
        produced = OUTPUT_WINDOW - gzip->state.avail_out;
        if (gzip->state.block_state == ISAL_BLOCK_FINISH) {
            if (!next_member(gzip, error)) return false;
        } else if (!produced && offered == gzip->state.avail_in) {
            return decompressor_damaged("gzip", ended ? "it ends too early" : "no progress", error);
        }
    }
    return decompressor_produced(&gzip->base, produced, error);
}

static void gzip_close(struct stream *stream) { decompressor_close((struct decompressor *)stream); }

struct stream *gzip_open(struct stream *source, const struct pack_limits *limits, struct error *error)
{
    static const struct stream_kind kind = { gzip_fill, NULL, gzip_close };
    struct gzip *gzip = decompressor_new(sizeof *gzip, &kind, source, limits);
    isal_inflate_init(&gzip->state);
    gzip->state.crc_flag = ISAL_GZIP;
    return &gzip->base.stream;
}
