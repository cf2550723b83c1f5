#include "scan/inventory/rpm_database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Headers that come out are parsed too; together they cannot be larger than the file. */
static void visit(void *context, struct str blob)
{
    struct rpm_header header;
    *(size_t *)context += blob.size;
    rpm_header_parse(blob, &header);
}

static void put_u32le(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* Checksums made right where a slot's blob fits the file, so that mutations reach what lies behind them. */
static void blobs_seal(uint8_t *file, size_t size)
{
    if (size < 32) return;
    uint64_t end = (uint64_t)bytes_u32le(file + 12) * 4096;
    for (uint64_t at = 32; at + 16 <= size && at < end; at += 16) {
        uint64_t offset = (uint64_t)bytes_u32le(file + at + 8) * 16, length = (uint64_t)bytes_u32le(file + at + 12) * 16;
        if (length < 28 || offset > size || length > size - offset || length > 1 << 20) continue;
        uint32_t low = 1, high = 0;
        for (uint64_t i = 0; i < length - 12; i++) {
            low = (low + file[offset + i]) % 65521;
            high = (high + low) % 65521;
        }
        put_u32le(file + offset + length - 12, high << 16 | low);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    size_t total = 0;
    CLEANUP_FREE uint8_t *sealed = memory_alloc(size);
    if (size) memcpy(sealed, data, size);
    rpm_ndb_each(str_make(data, size), visit, &total, &error);
    blobs_seal(sealed, size);
    total = 0;
    rpm_ndb_each(str_make(sealed, size), visit, &total, &error);
    return 0;
}
