/* zip by its central directory (APPNOTE 6.3.10 §4.3): stored and deflate, zip64; inflated by libdeflate, CRC checked. */
#include "pack/pack.h"

#include <libdeflate.h>
#include <stdlib.h>

#define ENTRY_LIMIT 4000000

struct zip {
    struct str bytes;
    struct zip_entry *entries;
    size_t count;
    struct libdeflate_decompressor *inflater;
};

static uint16_t u16(const char *p) { return (uint16_t)((unsigned char)p[0] | (unsigned char)p[1] << 8); }
static uint32_t u32(const char *p) { return u16(p) | (uint32_t)u16(p + 2) << 16; }
static uint64_t u64(const char *p) { return u32(p) | (uint64_t)u32(p + 4) << 32; }

static bool damaged(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "archive-damaged", "damaged zip archive: %s", why);
}

struct directory {
    uint64_t count, size, offset;
};

/* The end record is searched from behind: a comment of up to 64 KiB may follow it. */
static bool find_directory(struct str bytes, struct directory *directory, struct error *error)
{
    if (bytes.size < 22) return damaged(error, "too short");
    size_t last = bytes.size - 22, first = last > 65535 ? last - 65535 : 0;
    for (size_t at = last;; at--) {
        const char *end = bytes.data + at;
        if (u32(end) == 0x06054b50 && at + 22 + u16(end + 20) <= bytes.size) {
            *directory = (struct directory){ u16(end + 10), u32(end + 12), u32(end + 16) };
            bool wide = directory->count == 0xffff || directory->size == 0xffffffff || directory->offset == 0xffffffff;
            if (wide && at >= 20 && u32(end - 20) == 0x07064b50) { /* zip64 locator */
                uint64_t record = u64(end - 20 + 8);
                if (record > bytes.size || bytes.size - record < 56 || u32(bytes.data + record) != 0x06064b50)
                    return damaged(error, "the zip64 record is missing");
                const char *wide_end = bytes.data + record;
                *directory = (struct directory){ u64(wide_end + 32), u64(wide_end + 40), u64(wide_end + 48) };
            }
            if (directory->offset > at || directory->size > at - directory->offset)
                return damaged(error, "the directory lies outside the file");
            return true;
        }
        if (at == first) return damaged(error, "no end record");
    }
}

/* Sizes and offset of 0xffffffff stand in the zip64 extra field, in this order. */
static bool read_wide(struct str extra, struct zip_entry *entry)
{
    while (extra.size >= 4) {
        uint16_t id = u16(extra.data), size = u16(extra.data + 2);
        if (extra.size - 4 < size) return false;
        struct str field = str_slice(extra, 4, 4u + size);
        extra = str_from(extra, 4u + size);
        if (id != 1) continue;
        uint64_t *wide[] = { &entry->size, &entry->packed_size, &entry->offset };
        for (size_t i = 0; i < 3; i++) {
            if (*wide[i] != 0xffffffff) continue;
            if (field.size < 8) return false;
            *wide[i] = u64(field.data);
            field = str_from(field, 8);
        }
    }
    return true;
}

static bool read_directory(struct zip *zip, const struct directory *directory, struct error *error)
{
    if (directory->count > ENTRY_LIMIT)
        return error_set(error, ERROR_LIMIT, "archive-entries", "a zip archive has more than %d entries", ENTRY_LIMIT);
    if (directory->count * 46 > directory->size) return damaged(error, "the directory is too short");
    zip->entries = memory_alloc((size_t)directory->count * sizeof *zip->entries);
    struct str rest = str_slice(zip->bytes, (size_t)directory->offset, (size_t)(directory->offset + directory->size));
    for (uint64_t i = 0; i < directory->count; i++) {
        if (rest.size < 46 || u32(rest.data) != 0x02014b50) return damaged(error, "a directory entry is missing");
        const char *p = rest.data;
        size_t name = u16(p + 28), extra = u16(p + 30), comment = u16(p + 32);
        if (rest.size - 46 < name + extra + comment) return damaged(error, "a directory entry is cut");
        struct zip_entry entry = { str_make(p + 46, name), u32(p + 24), u32(p + 20), u32(p + 42), u16(p + 10), u32(p + 16) };
        if (!read_wide(str_make(p + 46 + name, extra), &entry)) return damaged(error, "a zip64 field is cut");
        zip->entries[zip->count++] = entry;
        rest = str_from(rest, 46 + name + extra + comment);
    }
    return true;
}

struct zip *zip_open(struct str bytes, struct error *error)
{
    struct directory directory = { 0 };
    if (!find_directory(bytes, &directory, error)) return NULL;
    struct zip *zip = memory_alloc(sizeof *zip);
    *zip = (struct zip){ .bytes = bytes, .inflater = libdeflate_alloc_decompressor() };
    if (zip->inflater && read_directory(zip, &directory, error)) return zip;
    zip_close(zip);
    return NULL;
}

void zip_close(struct zip *zip)
{
    if (!zip) return;
    if (zip->inflater) libdeflate_free_decompressor(zip->inflater);
    free(zip->entries);
    free(zip);
}

size_t zip_count(const struct zip *zip) { return zip->count; }
const struct zip_entry *zip_at(const struct zip *zip, size_t index) { return &zip->entries[index]; }

bool zip_read(struct zip *zip, const struct zip_entry *entry, size_t limit, size_t padding, struct buffer *out,
              struct error *error)
{
    if (entry->size > limit)
        return error_set(error, ERROR_LIMIT, "archive-file-too-large", "%.*s has %llu bytes, more than %zu",
                         STR_ARG(entry->name), (unsigned long long)entry->size, limit);
    struct str bytes = zip->bytes;
    if (entry->offset > bytes.size || bytes.size - entry->offset < 30 || u32(bytes.data + entry->offset) != 0x04034b50)
        return damaged(error, "a file header is missing");
    const char *header = bytes.data + entry->offset;
    uint64_t start = entry->offset + 30 + u16(header + 26) + u16(header + 28);
    if (start > bytes.size || bytes.size - start < entry->packed_size) return damaged(error, "a file is cut");
    out->size = 0;
    char *into = buffer_reserve(out, (size_t)entry->size + padding + 1);
    if (entry->method == 0) {
        if (entry->packed_size != entry->size) return damaged(error, "a stored file has two sizes");
        if (entry->size) memcpy(into, bytes.data + start, (size_t)entry->size);
    } else if (entry->method == 8) {
        size_t size;
        if (libdeflate_deflate_decompress(zip->inflater, bytes.data + start, (size_t)entry->packed_size, into,
                                          (size_t)entry->size, &size) != LIBDEFLATE_SUCCESS ||
            size != entry->size)
            return damaged(error, "a file does not inflate to its size");
    } else {
        return error_set(error, ERROR_UNSUPPORTED, "archive-method", "%.*s is compressed by zip method %u",
                         STR_ARG(entry->name), entry->method);
    }
    if (libdeflate_crc32(0, into, (size_t)entry->size) != entry->crc) return damaged(error, "a file's checksum differs");
    memset(into + entry->size, 0, padding + 1);
    out->size = (size_t)entry->size;
    return true;
}
