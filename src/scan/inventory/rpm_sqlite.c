/* rpm: "rpmdb.sqlite", read from its pages without SQLite's engine (scan.md §6.3; SQLite "Database File Format").
 *
 * Only what this file needs: the table b-tree of Packages(hnum, blob). Every page is used at most once, so that no link can
 * lead in a circle or make one piece of data count twice. */
#include "scan/inventory/rpm_database.h"

enum {
    PAGE_INTERIOR = 0x05,
    PAGE_LEAF = 0x0d
};
#define DEPTH_LIMIT 32 /* a b-tree over all 2^32 pages with two children each */
#define COLUMN_LIMIT 8

struct sqlite {
    struct str file;
    struct rpm_wal wal; /* its pages stand before the file's */
    uint32_t page_size, usable, pages, file_pages;
    uint8_t *used; /* of the file's pages */
    struct buffer payload;
    uint64_t payload_total, payload_limit; /* no more than the files hold */
    uint32_t damaged;
    bool short_file;
};

typedef void row_function(void *context, const struct str *columns, const uint64_t *types, size_t count);

static bool invalid(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "rpm-database-damaged", "SQLite file of RPM: %s", why);
}

/* Big-endian, seven bits a byte, all eight of a ninth. 0: it does not end. */
static size_t varint(struct str bytes, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < bytes.size && i < 9; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        if (i == 8) {
            *value = *value << 8 | c;
            return 9;
        }
        *value = *value << 7 | (c & 0x7f);
        if (!(c & 0x80)) return i + 1;
    }
    return 0;
}

/* Marks the page as used. Empty: not there, or used before. */
static struct str page_take(struct sqlite *db, uint32_t number)
{
    if (!number || number > db->pages) return (struct str){ 0 };
    struct rpm_wal_page *newer = rpm_wal_find(&db->wal, number);
    if (newer && newer->used) return (struct str){ 0 };
    if (newer) {
        newer->used = true;
        return str_make(rpm_wal_content(&db->wal, newer), db->usable);
    }
    if (number > db->file_pages || db->used[number - 1]) return (struct str){ 0 };
    db->used[number - 1] = 1;
    return str_make(db->file.data + (uint64_t)(number - 1) * db->page_size, db->usable);
}

/* ---- cells of leaf pages ---- */

/* How much of the payload lies in the cell itself. */
static uint64_t local_size(const struct sqlite *db, uint64_t payload)
{
    uint64_t most = db->usable - 35, least = (db->usable - 12) * 32 / 255 - 23;
    if (payload <= most) return payload;
    uint64_t size = least + (payload - least) % (db->usable - 4);
    return size <= most ? size : least;
}

static bool overflow_append(struct sqlite *db, uint32_t number, uint64_t left)
{
    while (left) {
        struct str page = page_take(db, number);
        if (!page.size) return false;
        uint64_t part = left < db->usable - 4 ? left : db->usable - 4;
        buffer_append(&db->payload, page.data + 4, part);
        number = bytes_u32be(page.data);
        left -= part;
    }
    return true;
}

static bool payload_read(struct sqlite *db, struct str cell, struct str *payload)
{
    uint64_t size, rowid;
    size_t used = varint(cell, &size), more = used ? varint(str_from(cell, used), &rowid) : 0;
    if (!more || size > db->payload_limit || (db->payload_total += size) > db->payload_limit) return false;
    struct str rest = str_from(cell, used + more);
    uint64_t local = local_size(db, size);
    if (local == size) {
        *payload = str_to(rest, size);
        return rest.size >= size;
    }
    if (rest.size < local + 4) return false;
    db->payload.size = 0;
    buffer_append(&db->payload, rest.data, local);
    if (!overflow_append(db, bytes_u32be(rest.data + local), size - local)) return false;
    *payload = buffer_view(&db->payload);
    return true;
}

/* Bytes of a value by its serial type (§2.1 of the format). */
static uint64_t type_size(uint64_t type)
{
    static const uint8_t sizes[12] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
    return type < 12 ? sizes[type] : (type - 12) / 2;
}

static bool row_read(struct str payload, row_function *row, void *context)
{
    struct str columns[COLUMN_LIMIT];
    uint64_t types[COLUMN_LIMIT], header_size;
    size_t count = 0, at = varint(payload, &header_size);
    if (!at || header_size > payload.size) return false;
    struct str header = str_to(payload, header_size);
    uint64_t offset = header_size;
    while (at < header.size && count < COLUMN_LIMIT) {
        size_t used = varint(str_from(header, at), &types[count]);
        if (!used || !bytes_fit(payload, offset, type_size(types[count]))) return false;
        columns[count] = str_slice(payload, offset, offset + type_size(types[count]));
        offset += columns[count].size;
        at += used;
        count++;
    }
    row(context, columns, types, count);
    return true;
}

/* ---- the b-tree ---- */

struct node {
    struct str page;
    uint32_t header; /* 100 on page 1 */
    uint32_t cells, next;
};

static bool node_open(struct sqlite *db, uint32_t number, struct node *node)
{
    *node = (struct node){ .page = page_take(db, number), .header = number == 1 ? 100 : 0 };
    if (node->page.size < node->header + 12) return false;
    const char *header = node->page.data + node->header;
    unsigned char type = (unsigned char)header[0];
    if (type != PAGE_INTERIOR && type != PAGE_LEAF) return false;
    node->cells = bytes_u16be(header + 3);
    uint64_t array = node->header + (type == PAGE_INTERIOR ? 12 : 8);
    return bytes_fit(node->page, array, (uint64_t)node->cells * 2);
}

static bool node_is_leaf(const struct node *node) { return (unsigned char)node->page.data[node->header] == PAGE_LEAF; }

static struct str node_cell(const struct node *node, uint32_t index)
{
    uint32_t array = node->header + (node_is_leaf(node) ? 8 : 12);
    return str_from(node->page, bytes_u16be(node->page.data + array + (size_t)index * 2));
}

static void leaf_read(struct sqlite *db, const struct node *node, row_function *row, void *context)
{
    for (uint32_t i = 0; i < node->cells; i++) {
        struct str payload;
        if (!payload_read(db, node_cell(node, i), &payload) || !row_read(payload, row, context)) db->damaged++;
    }
}

/* The child before cell `next`, at last the right-most one. 0: none is left. */
static uint32_t child_next(struct sqlite *db, struct node *node)
{
    uint32_t index = node->next++;
    if (index > node->cells) return 0;
    if (index == node->cells) return bytes_u32be(node->page.data + node->header + 8);
    struct str cell = node_cell(node, index);
    if (cell.size >= 4) return bytes_u32be(cell.data);
    db->damaged++;
    return child_next(db, node);
}

static void tree_read(struct sqlite *db, uint32_t root, row_function *row, void *context)
{
    struct node path[DEPTH_LIMIT];
    int depth = 0;
    if (!node_open(db, root, &path[0])) {
        db->damaged++;
        return;
    }
    while (depth >= 0) {
        struct node *node = &path[depth];
        if (node_is_leaf(node)) {
            leaf_read(db, node, row, context);
            depth--;
            continue;
        }
        uint32_t child = child_next(db, node);
        if (!child)
            depth--;
        else if (depth + 1 < DEPTH_LIMIT && node_open(db, child, &path[depth + 1]))
            depth++;
        else
            db->damaged++;
    }
}

/* ---- schema and packages ---- */

static bool is_text(uint64_t type) { return type >= 13 && type & 1; }
static bool is_blob(uint64_t type) { return type >= 12 && !(type & 1); }

static uint64_t integer_of(struct str value)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value.size && i < 8; i++)
        number = number << 8 | (unsigned char)value.data[i];
    return number;
}

struct schema {
    uint64_t root; /* page of the table; 0: none */
    bool other;    /* something else has its name, or it is another table than RPM makes */
};

/* As RPM makes it, but for blanks, quotes and IF NOT EXISTS, which SQLite does not keep. */
static bool is_packages_table(struct str sql)
{
    static const char table[] = "CREATETABLEPackages(hnumINTEGERPRIMARYKEYAUTOINCREMENT,blobBLOBNOTNULL)";
    size_t at = 0;
    for (size_t i = 0; i < sql.size; i++) {
        if (sql.data[i] && strchr(" \t\n'\"", sql.data[i])) continue;
        if (sql.data[i] != table[at++]) return false; /* its NUL ends it */
    }
    return at == sizeof table - 1;
}

/* sqlite_schema(type, name, tbl_name, rootpage, sql) */
static void schema_row(void *context, const struct str *columns, const uint64_t *types, size_t count)
{
    struct schema *schema = context;
    if (count < 5 || !is_text(types[1]) || !str_is_nocase(columns[1], "Packages")) return;
    bool known = is_text(types[0]) && str_is(columns[0], "table") && is_text(types[4]) && is_packages_table(columns[4]);
    if (!known || schema->root) schema->other = true;
    if (known) schema->root = types[3] == 9 ? 1 : integer_of(columns[3]);
}

struct package_rows {
    rpm_visitor *visit;
    void *context;
    uint32_t damaged;
};

/* Packages(hnum, blob) */
static void package_row(void *context, const struct str *columns, const uint64_t *types, size_t count)
{
    struct package_rows *rows = context;
    if (count >= 2 && is_blob(types[1]))
        rows->visit(rows->context, columns[1]);
    else
        rows->damaged++;
}

/* Of page 1, wherever it stands. */
static bool header_read(struct sqlite *db, struct error *error)
{
    if (db->file.size < 512) return invalid(error, "shorter than its first page");
    const struct rpm_wal_page *newer = rpm_wal_find(&db->wal, 1);
    const char *header = newer ? rpm_wal_content(&db->wal, newer) : db->file.data;
    uint32_t size = bytes_u16be(header + 16), reserved = (unsigned char)header[20];
    db->page_size = size == 1 ? 65536 : size;
    if (db->page_size < 512 || db->page_size & (db->page_size - 1)) return invalid(error, "impossible page size");
    if (db->page_size - reserved < 480) return invalid(error, "impossible page size");
    if (db->wal.count && db->wal.page_size != db->page_size)
        return invalid(error, "the pages of its write-ahead log have another size");
    if (bytes_u32be(header + 56) > 1)
        return error_set(error, ERROR_UNSUPPORTED, "rpm-database-encoding", "SQLite file of RPM: its texts are not UTF-8");
    db->usable = db->page_size - reserved;
    db->file_pages = (uint32_t)(db->file.size / db->page_size);
    db->pages = db->wal.count ? db->wal.pages : db->file_pages;
    db->payload_limit = db->file.size + db->wal.log.size;
    /* Pages that the header counts but the file lacks may have held more. Its number is old when the two change counters
     * differ: writers before SQLite 3.7 did not know it. */
    db->short_file = bytes_u32be(header + 28) > db->pages && memcmp(header + 24, header + 92, 4) == 0;
    return true;
}

static bool packages_read(struct sqlite *db, rpm_visitor *visit, void *context, struct error *error)
{
    struct schema schema = { 0 };
    struct package_rows rows = { visit, context, 0 };
    tree_read(db, 1, schema_row, &schema);
    if (schema.other) return invalid(error, "its table Packages is not the one that RPM makes");
    if (!schema.root || schema.root > db->pages) return invalid(error, "no table Packages in it");
    tree_read(db, (uint32_t)schema.root, package_row, &rows);
    uint32_t damaged = db->damaged + rows.damaged;
    if (damaged)
        return error_set(error, ERROR_INVALID, "rpm-database-damaged", "SQLite file of RPM: %u parts could not be read",
                         damaged);
    if (db->short_file) return invalid(error, "it ends before its last page");
    if (!db->wal.incomplete) return true;
    error_set(error, ERROR_INVALID, "rpm-wal-incomplete",
              "the write-ahead log of RPM's database holds changes that were never finished or are damaged; they are left out, "
              "as RPM does");
    return error_hint(error, "write the log back before the image is built: rpm --rebuilddb");
}

bool rpm_sqlite_each(struct str file, struct str log, rpm_visitor *visit, void *context, struct error *error)
{
    struct sqlite db = { .file = file };
    rpm_wal_open(log, &db.wal);
    bool good = header_read(&db, error);
    if (good) {
        db.used = memory_alloc(db.file_pages + 1);
        memset(db.used, 0, db.file_pages + 1);
        good = packages_read(&db, visit, context, error);
    }
    memory_cleanup(&db.used);
    buffer_free(&db.payload);
    rpm_wal_close(&db.wal);
    return good;
}
