/* Private to `scan/advisory`: building the database (docs/database.md).
 *
 *   build_files.c  which files of the folder belong to which feed, and where they come from
 *   build_jobs.c   confined children, two at a time; their rows validated
 *   build_store.c  rows on disk, an index in memory
 *   build_keep.c   what the previous database has, for a feed that is broken now
 *   build_facts.c  what is known of one vulnerability, united over its sources
 *   build_records.c  records: sorted, united, equal ones once
 *   build_write.c  the SQLite file and its other tables
 *   build.c        the story */
#ifndef SCAN_ADVISORY_BUILD_H
#define SCAN_ADVISORY_BUILD_H

#include "scan/advisory/row.h"

/* ---- feeds and their files ---- */

struct feed_file {
    struct str path; /* below the folder of feeds */
    uint64_t size;
    moment changed;
};
typedef VECTOR(struct feed_file) feed_file_vector;

struct feed_state {
    const struct feed *feed;
    feed_file_vector files;
    uint64_t records, skipped;
    struct str as_of, fetched_at, etag, last_modified, sha256;
    bool failed; /* its rows are not used */
    bool kept;   /* the previous database's are */
};

/* ---- rows ---- */

struct stored_record {
    uint64_t offset; /* id, NUL, JSON */
    uint32_t size, bucket, package;
    uint16_t feed;
    bool has_cpes, kept;
};

struct stored_fact {
    uint64_t offset; /* JSON */
    uint32_t size, id;
    uint16_t feed;
    uint8_t source; /* rank: build_facts.c */
    bool kept;
};

struct stored_name {
    struct str text;
    uint32_t index;
    uint32_t rank;                    /* in sorted order, once all are known */
    bool named;                       /* an id: some record is about it */
    uint16_t judged;                  /* an id: 1 + the feed that names all its products without a fix; 0: none */
    const struct feed_source *source; /* a bucket */
};

struct name_table {
    struct map *map;
    VECTOR(struct stored_name *) items;
};

struct stored_cpes {
    struct str kind, key;
    str_vector cpes;
    size_t feed;
};

struct stored_end {
    struct str family, release, date, from;
    size_t feed;
};

struct row_store {
    struct arena *arena;
    int spool;
    uint64_t spooled;
    struct buffer pending;
    struct stored_record *records;
    struct stored_fact *facts;
    size_t record_count, record_capacity, fact_count, fact_capacity;
    struct name_table buckets, packages, ids, cpes;
    VECTOR(struct stored_cpes) cpe_lists;
    VECTOR(struct stored_end) ends;
    bool late; /* facts about ids that no record names are dropped on arrival */
};

bool row_store_open(struct row_store *store, struct arena *arena, const char *folder, struct error *error);
void row_store_close(struct row_store *store);
bool row_store_add(struct row_store *store, const struct row *row, size_t feed, bool kept, struct error *error);
/* The text of a row, valid until the next call with the same buffer. */
bool row_store_text(struct row_store *store, uint64_t offset, uint32_t size, struct buffer *text, struct error *error);
struct stored_name *name_table_add(struct row_store *store, struct name_table *table, struct str text);
/* Gives every name its rank. */
void name_table_rank(struct row_store *store, struct name_table *table);

/* ---- facts ---- */

/* What several sources share in the previous database, and is no single one's: texts, dates, references. */
#define FACT_PREVIOUS "previous"

uint8_t fact_source_rank(struct str source);
const char *fact_source_name(uint8_t rank);

/* Facts of one vulnerability, in order of precedence, to the JSON of docs/database.md. */
void facts_write(struct buffer *out, struct arena *arena, yyjson_val *const *facts, const uint8_t *sources, size_t count);

/* ---- the build ---- */

struct build {
    struct arena *arena;
    const struct build_options *options;
    struct build_summary *summary;
    struct feed_state *states; /* one a row of the feed table */
    size_t state_count;
    struct row_store store;
    struct previous *previous; /* NULL: none */
};

void build_warn(struct build *build, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool build_find_files(struct build *build, struct error *error);
/* Dates and checksums of a feed's files. */
bool build_provenance(struct build *build, struct feed_state *state, struct error *error);

/* Runs all jobs of one stage. Only an error of our own ends the build; a broken feed is marked. */
bool build_run_jobs(struct build *build, bool late, struct error *error);

/* The database of the last build. NULL without one that can be read: that is no error. */
struct previous *previous_open(const char *path);
void previous_close(struct previous *previous);
/* Records the feed had; 0: unknown. */
uint64_t previous_records(struct previous *previous, const char *feed);
/* Adds the previous rows of every feed of the stage that is failed. */
bool previous_keep(struct build *build, bool late, struct error *error);

bool build_write(struct build *build, const char *path, struct error *error);

#endif
