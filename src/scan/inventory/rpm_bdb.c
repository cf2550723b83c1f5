/* rpm: the Berkeley DB hash file "Packages", without libdb (scan.md §6.3).
 *
 * All pages are walked, not the buckets: every hash page that is not on the free list is live. */
#include "scan/inventory/rpm_database.h"

enum {
    MAGIC = 0x00061561,
    PAGE_HASH_UNSORTED = 2,
    PAGE_OVERFLOW = 7,
    PAGE_HASH_META = 8,
    PAGE_HASH = 13
};
enum {
    ITEM_DATA = 1,
    ITEM_OFFPAGE = 3
};
#define PAGE_HEADER 26u
#define PAGE_HEADER_CHECKED 32u /* with two bytes unused and a checksum, when the meta page's flags say so */

struct bdb {
    struct str file;
    bool swapped; /* written on a big-endian host */
    uint32_t page_size, page_header, last_page;
    uint8_t *used; /* one byte a page: an overflow page belongs to one value */
    rpm_visitor *visit;
    void *context;
    struct buffer value;
    uint32_t damaged; /* values that could not be read */
};

static uint32_t u16(const struct bdb *bdb, const char *at) { return bdb->swapped ? bytes_u16be(at) : bytes_u16le(at); }
static uint32_t u32(const struct bdb *bdb, const char *at) { return bdb->swapped ? bytes_u32be(at) : bytes_u32le(at); }

static bool invalid(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "rpm-database-damaged", "Berkeley DB file of RPM: %s", why);
}

/* NULL when the file ends before the page does. */
static const char *page_at(const struct bdb *bdb, uint32_t number)
{
    uint64_t offset = (uint64_t)number * bdb->page_size;
    return number <= bdb->last_page && bytes_fit(bdb->file, offset, bdb->page_size) ? bdb->file.data + offset : NULL;
}

/* ---- values in overflow pages ---- */

/* A chain ends at page 0; a page may be used once, so that a cycle ends too. */
static bool overflow_read(struct bdb *bdb, uint32_t number, uint32_t size)
{
    bdb->value.size = 0;
    if (size > bdb->file.size) return false;
    while (bdb->value.size < size) {
        const char *page = number ? page_at(bdb, number) : NULL;
        if (!page || (unsigned char)page[25] != PAGE_OVERFLOW || bdb->used[number]) return false;
        bdb->used[number] = 1;
        uint32_t length = u16(bdb, page + 22);
        if (!length || length > bdb->page_size - bdb->page_header) return false;
        size_t missing = size - bdb->value.size;
        buffer_append(&bdb->value, page + bdb->page_header, length < missing ? length : missing);
        number = u32(bdb, page + 16);
    }
    return true;
}

/* ---- hash pages ---- */

/* Items lie from the page's end downwards: item i ends where item i-1 begins. */
static bool item_at(const struct bdb *bdb, const char *page, uint32_t index, struct str *item)
{
    uint32_t start = u16(bdb, page + bdb->page_header + index * 2);
    uint32_t end = index ? u16(bdb, page + bdb->page_header + (index - 1) * 2) : bdb->page_size;
    if (start < bdb->page_header || start >= end || end > bdb->page_size) return false;
    *item = str_make(page + start, end - start);
    return true;
}

/* The instance number 0 holds the next free number, not a package. */
static bool is_counter(struct str key)
{
    return key.size == 5 && key.data[0] == ITEM_DATA && memcmp(key.data + 1, "\0\0\0\0", 4) == 0;
}

static bool value_visit(struct bdb *bdb, struct str item)
{
    if (item.data[0] == ITEM_DATA) {
        bdb->visit(bdb->context, str_from(item, 1));
        return true;
    }
    if (item.data[0] != ITEM_OFFPAGE || item.size < 12) return false;
    if (!overflow_read(bdb, u32(bdb, item.data + 4), u32(bdb, item.data + 8))) return false;
    bdb->visit(bdb->context, buffer_view(&bdb->value));
    return true;
}

static void hash_page_read(struct bdb *bdb, const char *page)
{
    uint32_t entries = u16(bdb, page + 20);
    if (bdb->page_header + entries * 2 > bdb->page_size) {
        bdb->damaged++;
        return;
    }
    for (uint32_t i = 0; i + 1 < entries; i += 2) {
        struct str key, value;
        if (!item_at(bdb, page, i, &key) || !item_at(bdb, page, i + 1, &value))
            bdb->damaged++;
        else if (!is_counter(key))
            bdb->damaged += !value_visit(bdb, value);
    }
}

/* ---- the whole ---- */

static bool meta_read(struct bdb *bdb, struct error *error)
{
    if (bdb->file.size < 512) return invalid(error, "shorter than its first page");
    const char *meta = bdb->file.data;
    bdb->swapped = bytes_u32le(meta + 12) != MAGIC;
    if (u32(bdb, meta + 12) != MAGIC) return invalid(error, "wrong magic number");
    bdb->page_size = u32(bdb, meta + 20);
    bdb->page_header = meta[26] & 1 ? PAGE_HEADER_CHECKED : PAGE_HEADER;
    bdb->last_page = u32(bdb, meta + 32);
    if (bdb->page_size < 512 || bdb->page_size > 65536 || bdb->page_size & (bdb->page_size - 1))
        return invalid(error, "impossible page size");
    if ((unsigned char)meta[25] != PAGE_HASH_META) return invalid(error, "no hash table");
    if (meta[24]) return error_set(error, ERROR_UNSUPPORTED, "rpm-database-encrypted", "Berkeley DB file of RPM is encrypted");
    return true;
}

static bool pages_read(struct bdb *bdb, struct error *error)
{
    for (uint32_t number = 1; number <= bdb->last_page; number++) {
        const char *page = page_at(bdb, number);
        if (!page) return invalid(error, "it ends before its last page");
        unsigned char type = (unsigned char)page[25];
        if (type == PAGE_HASH || type == PAGE_HASH_UNSORTED) hash_page_read(bdb, page);
    }
    if (bdb->damaged)
        return error_set(error, ERROR_INVALID, "rpm-database-damaged", "Berkeley DB file of RPM: %u values could not be read",
                         bdb->damaged);
    return true;
}

bool rpm_bdb_each(struct str file, rpm_visitor *visit, void *context, struct error *error)
{
    struct bdb bdb = { .file = file, .visit = visit, .context = context };
    if (!meta_read(&bdb, error)) return false;
    bdb.used = memory_alloc(file.size / bdb.page_size + 1);
    memset(bdb.used, 0, file.size / bdb.page_size + 1);
    bool good = pages_read(&bdb, error);
    memory_cleanup(&bdb.used);
    buffer_free(&bdb.value);
    return good;
}
