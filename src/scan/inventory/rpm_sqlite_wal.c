/* rpm: "rpmdb.sqlite-wal", where SQLite keeps the pages of the last transactions until a checkpoint writes them into the
 * database (SQLite "Database File Format" §4, "WAL File Format" and "Checksum Algorithm").
 *
 * Which frames count is SQLite's own rule: in order, as long as salts and the running checksum fit, up to the last one that
 * ends a transaction. */
#include "scan/inventory/rpm_database.h"

#include <stdlib.h>

enum {
    MAGIC_LITTLE = 0x377f0682, /* checksums are over little-endian words */
    MAGIC_BIG = 0x377f0683,
    VERSION = 3007000,
    HEADER_SIZE = 32,
    FRAME_HEADER = 24
};

struct checksum {
    uint32_t first, second;
    bool big;
};

static void checksum_add(struct checksum *sum, const char *bytes, size_t size)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        sum->first += (sum->big ? bytes_u32be(bytes + i) : bytes_u32le(bytes + i)) + sum->second;
        sum->second += (sum->big ? bytes_u32be(bytes + i + 4) : bytes_u32le(bytes + i + 4)) + sum->first;
    }
}

static bool checksum_is(const struct checksum *sum, const char *stored)
{
    return bytes_u32be(stored) == sum->first && bytes_u32be(stored + 4) == sum->second;
}

/* Magic, version, page size, checkpoint, two salts, checksum. */
static bool header_read(struct rpm_wal *wal, struct checksum *sum)
{
    const char *header = wal->log.data;
    uint32_t magic = bytes_u32be(header), size = bytes_u32be(header + 8);
    if ((magic != MAGIC_LITTLE && magic != MAGIC_BIG) || size < 512 || size > 65536 || size & (size - 1)) return false;
    sum->big = magic == MAGIC_BIG;
    checksum_add(sum, header, 24);
    wal->page_size = size;
    return checksum_is(sum, header + 24);
}

/* Page number, pages of the database if the frame ends a transaction, salts, checksum; the page. */
static bool frame_fits(const struct rpm_wal *wal, const char *frame, struct checksum *sum)
{
    if (!bytes_u32be(frame) || memcmp(frame + 8, wal->log.data + 16, 8) != 0) return false;
    checksum_add(sum, frame, 8);
    checksum_add(sum, frame + FRAME_HEADER, wal->page_size);
    return checksum_is(sum, frame + 16);
}

static int order_pages(const void *a, const void *b)
{
    const struct rpm_wal_page *left = a, *right = b;
    if (left->number != right->number) return left->number < right->number ? -1 : 1;
    return (left->frame > right->frame) - (left->frame < right->frame);
}

/* Sorted by number, the newest of each; pages beyond the database's end are gone. */
static void pages_index(struct rpm_wal *wal, uint32_t frames)
{
    uint32_t kept = 0;
    qsort(wal->index, frames, sizeof *wal->index, order_pages);
    for (uint32_t i = 0; i < frames; i++) {
        bool newest = i + 1 == frames || wal->index[i + 1].number != wal->index[i].number;
        if (newest && wal->index[i].number <= wal->pages) wal->index[kept++] = wal->index[i];
    }
    wal->count = kept;
}

void rpm_wal_open(struct str log, struct rpm_wal *wal)
{
    struct checksum sum = { 0 };
    *wal = (struct rpm_wal){ .log = log };
    if (log.size <= HEADER_SIZE) return; /* no frame: what a checkpoint leaves */
    wal->incomplete = !header_read(wal, &sum) || bytes_u32be(log.data + 4) != VERSION;
    if (wal->incomplete) return;
    size_t frame_size = FRAME_HEADER + (size_t)wal->page_size;
    uint32_t all = (uint32_t)((log.size - HEADER_SIZE) / frame_size), fitting = 0, committed = 0;
    wal->index = memory_alloc(all * sizeof *wal->index + 1);
    for (const char *frame = log.data + HEADER_SIZE; fitting < all && frame_fits(wal, frame, &sum); frame += frame_size) {
        wal->index[fitting] = (struct rpm_wal_page){ bytes_u32be(frame), fitting, false };
        fitting++;
        if (!bytes_u32be(frame + 4)) continue;
        wal->pages = bytes_u32be(frame + 4);
        committed = fitting;
    }
    /* A further frame of this log was never finished, or changed later. Other salts are what an earlier use left. */
    wal->incomplete = committed < all && memcmp(log.data + HEADER_SIZE + committed * frame_size + 8, log.data + 16, 8) == 0;
    pages_index(wal, committed);
}

struct rpm_wal_page *rpm_wal_find(const struct rpm_wal *wal, uint32_t number)
{
    struct rpm_wal_page wanted = { .number = number };
    uint32_t low = 0, high = wal->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (wal->index[middle].number < wanted.number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < wal->count && wal->index[low].number == number ? &wal->index[low] : NULL;
}

const char *rpm_wal_content(const struct rpm_wal *wal, const struct rpm_wal_page *page)
{
    return wal->log.data + HEADER_SIZE + page->frame * (FRAME_HEADER + (size_t)wal->page_size) + FRAME_HEADER;
}

void rpm_wal_close(struct rpm_wal *wal) { memory_cleanup(&wal->index); }
