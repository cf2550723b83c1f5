/* bbolt, read only, from a map of the file. Layout: go.etcd.io/bbolt page.go, meta.go, bucket.go; little endian. */
#include "doc/doc.h"

#include <stdlib.h>

#define PAGE_HEADER 16
#define ELEMENT 16
#define FLAG_BRANCH 1
#define FLAG_LEAF 2
#define FLAG_META 4
#define MAGIC 0xED0CDAEDu
#define DEPTH_LIMIT 64

struct bbolt {
    struct mapping map;
    uint64_t page_size, high_water, root;
    const char *path;
};

/* A page with all its overflow, inside the file. */
struct page {
    const uint8_t *data;
    uint64_t size;
    unsigned flags, count;
};

struct element {
    bool bucket;
    struct str key, value;
    uint64_t page;
};

static uint16_t u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static uint32_t u32(const uint8_t *p) { return u16(p) | (uint32_t)u16(p + 2) << 16; }
static uint64_t u64(const uint8_t *p) { return u32(p) | (uint64_t)u32(p + 4) << 32; }

static bool damaged(const char *why, struct error *error)
{
    error_set(error, ERROR_INVALID, "bbolt-damaged", "damaged bbolt database: %s", why);
    return error_hint(error, "fetch the database again");
}

/* FNV-1a 64 over the meta from its magic to the transaction id. */
static uint64_t meta_sum(const uint8_t *meta) { return str_hash(str_make(meta, 56)); }

static bool valid_meta(const struct mapping *map, uint64_t offset)
{
    if (map->size < offset + PAGE_HEADER + 64) return false;
    const uint8_t *meta = map->data + offset + PAGE_HEADER;
    return u32(meta) == MAGIC && u32(meta + 4) == 2 && u64(meta + 56) == meta_sum(meta);
}

/* The second meta lies one page in: its own page size says so. */
static const uint8_t *choose_meta(const struct mapping *map)
{
    const uint8_t *best = valid_meta(map, 0) ? map->data + PAGE_HEADER : NULL;
    for (uint64_t size = 512; size <= 65536; size *= 2) {
        if (!valid_meta(map, size)) continue;
        const uint8_t *meta = map->data + size + PAGE_HEADER;
        if (u32(meta + 8) == size && (!best || u64(meta + 48) > u64(best + 48))) best = meta;
    }
    return best;
}

struct bbolt *bbolt_open(const char *path, struct error *error)
{
    struct mapping map = { 0 };
    if (!file_map(path, &map, error)) return NULL;
    const uint8_t *meta = choose_meta(&map);
    uint64_t page_size = meta ? u32(meta + 8) : 0;
    if (!meta || page_size < 512 || page_size > (1 << 24)) {
        file_unmap(&map);
        damaged("no valid meta page", error);
        error_wrap(error, "%s", path);
        return NULL;
    }
    struct bbolt *file = memory_alloc(sizeof *file);
    *file = (struct bbolt){ map, page_size, u64(meta + 40), u64(meta + 16), path };
    return file;
}

void bbolt_close(struct bbolt *file)
{
    if (!file) return;
    file_unmap(&file->map);
    free(file);
}

struct bbolt_bucket bbolt_root(const struct bbolt *file) { return (struct bbolt_bucket){ file->root, { 0 } }; }

static bool frame_page(const uint8_t *data, uint64_t size, struct page *page, struct error *error)
{
    if (size < PAGE_HEADER) return damaged("a page is cut", error);
    *page = (struct page){ data, size, u16(data + 8), u16(data + 10) };
    if (!(page->flags & (FLAG_BRANCH | FLAG_LEAF))) return damaged("a page of the wrong kind", error);
    if ((uint64_t)page->count * ELEMENT > size - PAGE_HEADER) return damaged("a page's elements pass its end", error);
    return true;
}

static bool load_page(const struct bbolt *file, uint64_t id, struct page *page, struct error *error)
{
    uint64_t pages = file->map.size / file->page_size;
    if (id < 2 || id >= file->high_water || id >= pages) return damaged("a page number out of range", error);
    const uint8_t *data = file->map.data + id * file->page_size;
    uint64_t overflow = u32(data + 12);
    if (overflow >= pages - id) return damaged("a page's overflow passes the file", error);
    return frame_page(data, (overflow + 1) * file->page_size, page, error);
}

static bool bucket_page(const struct bbolt *file, struct bbolt_bucket bucket, struct page *page, struct error *error)
{
    if (bucket.root) return load_page(file, bucket.root, page, error);
    return frame_page((const uint8_t *)bucket.inlined.data, bucket.inlined.size, page, error);
}

static bool page_element(const struct page *page, unsigned index, struct element *element, struct error *error)
{
    uint64_t at = PAGE_HEADER + (uint64_t)index * ELEMENT;
    const uint8_t *p = page->data + at;
    bool leaf = page->flags & FLAG_LEAF;
    uint64_t position = at + (leaf ? u32(p + 4) : u32(p));
    uint64_t key = leaf ? u32(p + 8) : u32(p + 4), value = leaf ? u32(p + 12) : 0;
    if (position > page->size || key > page->size - position || value > page->size - position - key)
        return damaged("an element passes its page", error);
    element->bucket = leaf && (u32(p) & 1);
    element->page = leaf ? 0 : u64(p + 8);
    element->key = str_make(page->data + position, (size_t)key);
    element->value = str_make(page->data + position + key, (size_t)value);
    return true;
}

static bool child_bucket(const struct element *element, struct bbolt_bucket *child, struct error *error)
{
    if (element->value.size < 16) return damaged("a bucket header is cut", error);
    child->root = u64((const uint8_t *)element->value.data);
    child->inlined = child->root ? (struct str){ 0 } : str_from(element->value, 16);
    return true;
}

/* Last element whose key is not above the wanted one: -1 when all are above, -2 when damaged. */
static int search_page(const struct page *page, struct str key, struct element *element, struct error *error)
{
    int low = 0, high = (int)page->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (!page_element(page, (unsigned)middle, element, error)) return -2;
        if (str_compare(element->key, key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return -1;
    return page_element(page, (unsigned)low - 1, element, error) ? low - 1 : -2;
}

static int find(const struct bbolt *file, struct bbolt_bucket bucket, struct str key, struct element *element,
                struct error *error)
{
    struct page page;
    if (!bucket_page(file, bucket, &page, error)) return -1;
    for (unsigned depth = 0;; depth++) {
        if (depth > DEPTH_LIMIT) {
            damaged("pages nest too deeply", error);
            return -1;
        }
        int index = search_page(&page, key, element, error);
        if (index == -2) return -1;
        if (page.flags & FLAG_LEAF) return index >= 0 && str_equal(element->key, key);
        if (index < 0) return 0; /* below the first key of the tree */
        if (!load_page(file, element->page, &page, error)) return -1;
    }
}

int bbolt_get(struct bbolt *file, struct bbolt_bucket bucket, struct str key, struct str *value, struct error *error)
{
    struct element element;
    int found = find(file, bucket, key, &element, error);
    if (found <= 0 || element.bucket) return found < 0 ? -1 : 0;
    *value = element.value;
    return 1;
}

int bbolt_get_bucket(struct bbolt *file, struct bbolt_bucket bucket, struct str key, struct bbolt_bucket *child,
                     struct error *error)
{
    struct element element;
    int found = find(file, bucket, key, &element, error);
    if (found <= 0 || !element.bucket) return found < 0 ? -1 : 0;
    return child_bucket(&element, child, error) ? 1 : -1;
}

struct walk {
    struct bbolt *file;
    bool (*visit)(void *, struct str, bool, struct bbolt_bucket, struct str);
    void *context;
    uint64_t pages_left; /* a tree has no more pages than the file: a cycle ends here */
};

/* 1 go on, 0 stopped by the visitor, -1 damaged. */
static int walk_page(struct walk *walk, const struct page *page, unsigned depth, struct error *error)
{
    if (depth > DEPTH_LIMIT || walk->pages_left-- == 0) return damaged("pages form a cycle", error) - 1;
    for (unsigned i = 0; i < page->count; i++) {
        struct element element;
        if (!page_element(page, i, &element, error)) return -1;
        if (page->flags & FLAG_LEAF) {
            struct bbolt_bucket child = { 0 };
            if (element.bucket && !child_bucket(&element, &child, error)) return -1;
            if (!walk->visit(walk->context, element.key, element.bucket, child, element.value)) return 0;
            continue;
        }
        struct page below;
        if (!load_page(walk->file, element.page, &below, error)) return -1;
        int result = walk_page(walk, &below, depth + 1, error);
        if (result <= 0) return result;
    }
    return 1;
}

bool bbolt_each(struct bbolt *file, struct bbolt_bucket bucket,
                bool (*visit)(void *context, struct str key, bool is_bucket, struct bbolt_bucket child, struct str value),
                void *context, struct error *error)
{
    struct walk walk = { file, visit, context, file->map.size / file->page_size + 1 };
    struct page page;
    if (!bucket_page(file, bucket, &page, error)) return false;
    return walk_page(&walk, &page, 0, error) >= 0;
}
