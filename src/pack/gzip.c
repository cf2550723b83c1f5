/* gzip (RFC 1952): headers here, the data and its trailer with CRC and length by ISA-L, members concatenated.
 *
 * ISA-L reads headers too, but refuses a good one with a checksum that does not lie in one window. */
#include "pack/decompress.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>

struct gzip {
    struct decompressor base;
    struct inflate_state state;
    bool in_member;
};

/* ---- headers (RFC 1952 §2.3) ---- */

enum {
    HAS_CHECKSUM = 2,
    HAS_EXTRA = 4,
    HAS_NAME = 8,
    HAS_COMMENT = 16,
    RESERVED = 0xe0
};

struct header {
    struct stream *source;
    uint32_t crc;
};

static bool header_bytes(struct header *header, uint8_t *bytes, size_t size, struct error *error)
{
    size_t got;
    if (!stream_read(header->source, bytes, size, &got, error)) return false;
    if (got < size) return decompressor_damaged("gzip", "it ends too early", error);
    header->crc = lzma_crc32(bytes, size, header->crc);
    return true;
}

static bool header_extra(struct header *header, struct error *error)
{
    uint8_t bytes[256];
    if (!header_bytes(header, bytes, 2, error)) return false;
    for (size_t left = (size_t)bytes[1] << 8 | bytes[0], step; left; left -= step) {
        step = left < sizeof bytes ? left : sizeof bytes;
        if (!header_bytes(header, bytes, step, error)) return false;
    }
    return true;
}

static bool header_text(struct header *header, struct error *error)
{
    uint8_t byte;
    do
        if (!header_bytes(header, &byte, 1, error)) return false;
    while (byte);
    return true;
}

static bool header_checksum(struct header *header, struct error *error)
{
    uint8_t bytes[2];
    uint32_t crc = header->crc & 0xffff;
    if (!header_bytes(header, bytes, 2, error)) return false;
    return ((uint32_t)bytes[1] << 8 | bytes[0]) == crc || decompressor_damaged("gzip", "the header's checksum differs", error);
}

static bool header_read(struct stream *source, struct error *error)
{
    static const struct {
        uint8_t flag;
        bool (*read)(struct header *header, struct error *error);
    } parts[] = {
        { HAS_EXTRA, header_extra }, { HAS_NAME, header_text }, { HAS_COMMENT, header_text }, { HAS_CHECKSUM, header_checksum }
    };
    struct header header = { source, 0 };
    uint8_t fixed[10]; /* magic, method, flags, time, extra flags, system */
    if (!header_bytes(&header, fixed, sizeof fixed, error)) return false;
    if (fixed[0] != 0x1f || fixed[1] != 0x8b || fixed[2] != 8 || fixed[3] & RESERVED)
        return decompressor_damaged("gzip", "a member's header is none", error);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (fixed[3] & parts[i].flag && !parts[i].read(&header, error)) return false;
    return true;
}

/* ---- members ---- */

static bool member_start(struct gzip *gzip, struct error *error)
{
    if (!header_read(gzip->base.source, error)) return false;
    isal_inflate_reset(&gzip->state);
    gzip->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    gzip->in_member = true;
    return true;
}

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
        if (gzip->base.source->data[0] == 0x1f) return member_start(gzip, error);
        if (gzip->base.source->data[0] != 0) { /* gzip(1) ignores trailing garbage with a warning */
            gzip->base.ended = true;
            return true;
        }
        stream_consume(gzip->base.source, 1);
    }
}

static bool gzip_fill(struct stream *stream, struct error *error)
{
    struct gzip *gzip = (struct gzip *)stream;
    size_t produced = 0;
    if (!gzip->in_member && !member_start(gzip, error)) return false;
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
        /* ISA-L may count below zero at the end of a cut trailer, and say that all is well. */
        if (gzip->state.avail_in > offered) return decompressor_damaged("gzip", "it ends too early", error);
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
    return &gzip->base.stream;
}
