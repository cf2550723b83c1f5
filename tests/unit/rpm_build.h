/* Small databases of RPM, made byte by byte: what rpm writes, and what an attacker may. */
#ifndef RPM_BUILD_H
#define RPM_BUILD_H

#include "base/base.h"

static inline void put(struct buffer *out, uint64_t value, unsigned size, bool big)
{
    for (unsigned i = 0; i < size; i++)
        buffer_char(out, (char)(value >> 8 * (big ? size - 1 - i : i)));
}

static inline void put_at(struct buffer *out, size_t at, uint64_t value, unsigned size, bool big)
{
    for (unsigned i = 0; i < size; i++)
        out->data[at + i] = (char)(value >> 8 * (big ? size - 1 - i : i));
}

static inline void fill(struct buffer *out, size_t to)
{
    while (out->size < to)
        buffer_char(out, 0);
}

/* ---- header blobs ---- */

struct tag_text {
    uint32_t tag, type, count;
    const char *data;
    size_t size;
};
#define TEXT(tag, text)               \
    {                                 \
        tag, 6, 1, text, sizeof(text) \
    }
#define TEXTS(tag, count, text)           \
    {                                     \
        tag, 8, count, text, sizeof(text) \
    }
#define NUMBERS(tag, count, bytes)              \
    {                                           \
        tag, 4, count, bytes, sizeof(bytes) - 1 \
    }
#define BYTES(tag, bytes)                                   \
    {                                                       \
        tag, 7, sizeof(bytes) - 1, bytes, sizeof(bytes) - 1 \
    }

static inline void header_build(struct buffer *out, const struct tag_text *tags, size_t count)
{
    uint32_t size = 0, offset = 0;
    for (size_t i = 0; i < count; i++)
        size += (uint32_t)tags[i].size;
    put(out, count, 4, true);
    put(out, size, 4, true);
    for (size_t i = 0; i < count; i++) {
        put(out, tags[i].tag, 4, true);
        put(out, tags[i].type, 4, true);
        put(out, offset, 4, true);
        put(out, tags[i].count, 4, true);
        offset += (uint32_t)tags[i].size;
    }
    for (size_t i = 0; i < count; i++)
        buffer_append(out, tags[i].data, tags[i].size);
}

static inline uint32_t adler32_of(const char *bytes, size_t size)
{
    uint32_t low = 1, high = 0;
    for (size_t i = 0; i < size; i++) {
        low = (low + (unsigned char)bytes[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

/* ---- NDB: one package ---- */

static inline void ndb_build(struct buffer *out, struct str blob)
{
    uint32_t blocks = (uint32_t)((16 + blob.size + 12 + 15) / 16);
    buffer_text(out, "RpmP");
    put(out, 0, 4, false);
    put(out, 1, 4, false);
    put(out, 1, 4, false); /* pages of slots */
    put(out, 2, 4, false);
    fill(out, 32);
    while (out->size < 4096) {
        bool first = out->size == 32;
        buffer_text(out, "Slot");
        put(out, first ? 1 : 0, 4, false);
        put(out, first ? 256 : 0, 4, false);
        put(out, first ? blocks : 0, 4, false);
    }
    buffer_text(out, "BlbS");
    put(out, 1, 4, false);
    put(out, 1, 4, false);
    put(out, blob.size, 4, false);
    buffer_str(out, blob);
    fill(out, 4096 + (size_t)blocks * 16 - 12);
    put(out, adler32_of(out->data + 4096, out->size - 4096), 4, false);
    put(out, blob.size, 4, false);
    buffer_text(out, "BlbE");
}

/* ---- Berkeley DB: pages of 512 bytes; one value inline, one in overflow pages ---- */

static inline void bdb_page(struct buffer *out, uint32_t number, uint32_t next, uint32_t entries, uint32_t length,
                            uint32_t type, bool big)
{
    fill(out, (size_t)number * 512);
    fill(out, out->size + 8);
    put(out, number, 4, big);
    put(out, 0, 4, big);
    put(out, next, 4, big);
    put(out, entries, 2, big);
    put(out, length, 2, big);
    put(out, 1, 1, big);
    put(out, type, 1, big);
}

static inline void bdb_build(struct buffer *out, struct str blob, bool big)
{
    uint32_t pages = (uint32_t)((blob.size + 485) / 486);
    fill(out, 8);
    put(out, 0, 4, big);
    put(out, 0x061561, 4, big);
    put(out, 9, 4, big);
    put(out, 512, 4, big);
    put(out, 0, 1, big);
    put(out, 8, 1, big);
    fill(out, 32);
    put(out, 1 + pages, 4, big);
    /* Page 1: the counter (key 0), and key 1 with its value in pages 2… */
    bdb_page(out, 1, 0, 4, 0, 13, big);
    static const uint32_t offsets[] = { 507, 502, 497, 485 };
    for (int i = 0; i < 4; i++)
        put(out, offsets[i], 2, big);
    fill(out, 512 + 485);
    put(out, 3, 4, false);
    put(out, 2, 4, big);
    put(out, blob.size, 4, big);
    buffer_append(out, "\1\1\0\0\0", 5);
    buffer_append(out, "\1\2\0\0\0", 5);
    buffer_append(out, "\1\0\0\0\0", 5);
    for (uint32_t i = 0; i < pages; i++) {
        struct str part = str_slice(blob, (size_t)i * 486, (size_t)(i + 1) * 486);
        bdb_page(out, 2 + i, i + 1 < pages ? 3 + i : 0, 1, (uint32_t)part.size, 7, big);
        buffer_str(out, part);
    }
    fill(out, (size_t)(2 + pages) * 512);
}

/* ---- SQLite: pages of 512 bytes; schema, an interior page over one leaf, overflow pages from page 4 ---- */

static inline size_t put_varint(struct buffer *out, uint64_t value)
{
    unsigned bytes = value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : 3;
    for (unsigned i = bytes; i-- > 0;)
        buffer_char(out, (char)((value >> 7 * i & 0x7f) | (i ? 0x80 : 0)));
    return bytes;
}

static inline void sqlite_build(struct buffer *out, struct str blob)
{
    static const char schema[] = "tablePackagesPackages";
    static const char sql[] = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)";
    CLEANUP_BUFFER struct buffer first = { 0 }, record = { 0 }, cell = { 0 };
    buffer_append(&first, "\7\x17\x1d\x1d\1", 5); /* a header of 7 bytes; types text 5, text 8, text 8, int8, text */
    put_varint(&first, 13 + 2 * (sizeof sql - 1));
    buffer_append(&first, schema, sizeof schema - 1);
    put(&first, 2, 1, true); /* root page */
    buffer_append(&first, sql, sizeof sql - 1);
    buffer_append(out, "SQLite format 3", 16);
    put(out, 512, 2, true);
    fill(out, 56);
    put(out, 1, 4, true);
    fill(out, 100);
    put(out, 13, 1, true);
    put(out, 0, 2, true);
    put(out, 1, 2, true);
    put(out, 0, 3, true);
    put(out, 512 - 2 - first.size, 2, true);
    fill(out, 512 - 2 - first.size);
    put_varint(out, first.size);
    put_varint(out, 1); /* row 1 */
    buffer_str(out, buffer_view(&first));
    fill(out, 512);
    put(out, 5, 1, true); /* interior without cells: the right-most child alone */
    fill(out, 512 + 8);
    put(out, 3, 4, true);
    fill(out, 1024);
    /* Page 3: one leaf cell. */
    uint64_t type = blob.size * 2 + 12;
    put_varint(&record, 1 + 1 + (type < 1 << 7 ? 1 : type < 1 << 14 ? 2 : 3));
    put_varint(&record, 0);
    put_varint(&record, type);
    buffer_str(&record, blob);
    uint64_t most = 512 - 35, least = (512 - 12) * 32 / 255 - 23, local = record.size;
    if (local > most) {
        local = least + (record.size - least) % (512 - 4);
        if (local > most) local = least;
    }
    put_varint(&cell, record.size);
    put_varint(&cell, 1);
    buffer_append(&cell, record.data, local);
    if (local < record.size) put(&cell, 4, 4, true);
    put(out, 13, 1, true);
    put(out, 0, 2, true);
    put(out, 1, 2, true);
    put(out, 0, 3, true);
    put(out, 512 - cell.size, 2, true);
    fill(out, 1536 - cell.size);
    buffer_str(out, buffer_view(&cell));
    for (size_t at = local, page = 4; at < record.size; at += 508, page++) {
        put(out, at + 508 < record.size ? page + 1 : 0, 4, true);
        buffer_str(out, str_slice(buffer_view(&record), at, at + 508));
        fill(out, page * 512);
    }
    put_at(out, 28, out->size / 512, 4, true);
}

#endif
