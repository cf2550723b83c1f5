/* Inside the room: the three containers of RPM headers, and the header itself (scan.md §6.3). Every reader takes the whole
 * file as bytes and trusts none of them. */
#ifndef SCAN_INVENTORY_RPM_DATABASE_H
#define SCAN_INVENTORY_RPM_DATABASE_H

#include "base/base.h"

/* Called once a header blob; the view ends with the call. */
typedef void rpm_visitor(void *context, struct str blob);

/* Each visits what can be read, then returns false with an error when something could not be. */
bool rpm_bdb_each(struct str file, rpm_visitor *visit, void *context, struct error *error);
bool rpm_ndb_each(struct str file, rpm_visitor *visit, void *context, struct error *error);
/* `log`: the write-ahead log beside the file; empty when there is none. */
bool rpm_sqlite_each(struct str file, struct str log, rpm_visitor *visit, void *context, struct error *error);
/* By content: BDB magic at 12, "RpmP", "SQLite format 3". */
bool rpm_database_each(struct str file, struct str log, rpm_visitor *visit, void *context, struct error *error);

/* ---- cursors ---- */

static inline bool bytes_fit(struct str bytes, uint64_t offset, uint64_t size)
{
    return offset <= bytes.size && size <= bytes.size - offset;
}
static inline uint32_t bytes_u16be(const void *at)
{
    const uint8_t *p = at;
    return (uint32_t)p[0] << 8 | p[1];
}
static inline uint32_t bytes_u32be(const void *at)
{
    const uint8_t *p = at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint32_t bytes_u16le(const void *at)
{
    const uint8_t *p = at;
    return (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t bytes_u32le(const void *at)
{
    const uint8_t *p = at;
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* ---- SQLite's write-ahead log ---- */

struct rpm_wal_page {
    uint32_t number, frame;
    bool used;
};

struct rpm_wal {
    struct str log;
    uint32_t page_size;
    uint32_t pages;             /* of the database after the last transaction in it */
    struct rpm_wal_page *index; /* the newest of each page, by number */
    uint32_t count;             /* 0: no whole transaction in it, the database stands alone */
    bool incomplete;            /* something of it had to be left out, as SQLite does */
};

/* Takes the transactions that are whole. The log must outlive it. */
void rpm_wal_open(struct str log, struct rpm_wal *wal);
struct rpm_wal_page *rpm_wal_find(const struct rpm_wal *wal, uint32_t number);
/* page_size bytes. */
const char *rpm_wal_content(const struct rpm_wal *wal, const struct rpm_wal_page *page);
void rpm_wal_close(struct rpm_wal *wal);

/* ---- one header ---- */

/* The tags that are read; the order is that of tags in rpm_header.c. */
enum rpm_tag {
    RPM_SIGMD5,
    RPM_NAME,
    RPM_VERSION,
    RPM_RELEASE,
    RPM_EPOCH,
    RPM_INSTALLTIME,
    RPM_SIZE,
    RPM_VENDOR,
    RPM_LICENSE,
    RPM_ARCH,
    RPM_OLDFILENAMES,
    RPM_SOURCERPM,
    RPM_PROVIDENAME,
    RPM_REQUIRENAME,
    RPM_DIRINDEXES,
    RPM_BASENAMES,
    RPM_DIRNAMES,
    RPM_MODULARITYLABEL,
    RPM_TAGS,
};

struct rpm_value {
    uint32_t type, count; /* type 0: absent */
    struct str data;      /* from the value's first byte to the end of the header's data */
};

struct rpm_header {
    struct rpm_value values[RPM_TAGS];
};

#define RPM_INDEX_LIMIT 65536
#define RPM_DATA_LIMIT ((uint32_t)256 << 20)

/* False: sizes do not fit the blob, or it has no name and version. */
bool rpm_header_parse(struct str blob, struct rpm_header *header);
/* First string of a string, i18n string or string array; empty when absent or not terminated. */
struct str rpm_header_string(const struct rpm_header *header, enum rpm_tag tag);
/* False when absent, of another type, or `index` is out of range. */
bool rpm_header_int(const struct rpm_header *header, enum rpm_tag tag, uint32_t index, uint32_t *number);
struct str rpm_header_binary(const struct rpm_header *header, enum rpm_tag tag);

/* for (struct rpm_strings list = rpm_header_strings(header, RPM_BASENAMES); rpm_strings_next(&list, &text);) */
struct rpm_strings {
    struct str rest;
    uint32_t left;
};
struct rpm_strings rpm_header_strings(const struct rpm_header *header, enum rpm_tag tag);
bool rpm_strings_next(struct rpm_strings *list, struct str *text);

#endif
