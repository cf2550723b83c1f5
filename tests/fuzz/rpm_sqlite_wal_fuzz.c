#include "scan/inventory/rpm_database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(void *context, struct str blob)
{
    struct rpm_header header;
    *(size_t *)context += blob.size;
    rpm_header_parse(blob, &header);
}

static void put_u32be(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void sum_add(uint32_t sum[2], const uint8_t *bytes, size_t size, bool big)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        sum[0] += (big ? bytes_u32be(bytes + i) : bytes_u32le(bytes + i)) + sum[1];
        sum[1] += (big ? bytes_u32be(bytes + i + 4) : bytes_u32le(bytes + i + 4)) + sum[0];
    }
}

/* Checksums made right, so that mutations reach what lies behind them. */
static void log_seal(uint8_t *log, size_t size)
{
    if (size < 32) return;
    uint32_t sum[2] = { 0 }, page_size = bytes_u32be(log + 8) & 0x1ffff;
    bool big = log[3] & 1;
    sum_add(sum, log, 24, big);
    put_u32be(log + 24, sum[0]);
    put_u32be(log + 28, sum[1]);
    for (size_t at = 32; page_size && at + 24 + page_size <= size; at += 24 + page_size) {
        memcpy(log + at + 8, log + 16, 8);
        sum_add(sum, log + at, 8, big);
        sum_add(sum, log + at + 24, page_size, big);
        put_u32be(log + at + 16, sum[0]);
        put_u32be(log + at + 20, sum[1]);
    }
}

/* Byte 0: whether the log is sealed; two bytes: size of the database; the database; its log. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    size_t total = 0;
    if (size < 3) return 0;
    size_t first = (size_t)data[1] << 8 | data[2];
    if (first > size - 3) first = size - 3;
    size_t log_size = size - 3 - first;
    CLEANUP_FREE uint8_t *log = memory_alloc(log_size + 1);
    memcpy(log, data + 3 + first, log_size);
    if (data[0] & 1) log_seal(log, log_size);
    rpm_sqlite_each(str_make(data + 3, first), str_make(log, log_size), visit, &total, &error);
    return 0;
}
