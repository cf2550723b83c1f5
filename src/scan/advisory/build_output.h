/* Private to the builder: the SQLite file while it is written. */
#ifndef SCAN_ADVISORY_BUILD_OUTPUT_H
#define SCAN_ADVISORY_BUILD_OUTPUT_H

#include <sqlite3.h>
#include "scan/advisory/build.h"

struct sum {
    uint8_t bytes[16];
};

struct entry {
    uint32_t bucket, package, record; /* ranks; record id */
};

/* What went beyond a limit. */
struct left_out {
    size_t count;
    struct str first; /* identifier */
};

struct output {
    struct build *build;
    struct row_store *store;
    sqlite3 *database;
    sqlite3_stmt *insert;
    struct entry *entries;
    size_t entry_count, entry_capacity;
    struct sum *sums;      /* bodies written, by hash */
    uint32_t *sum_records; /* their ids */
    size_t sum_slots, sum_count;
    uint32_t next_record;
    bool *present; /* bucket × feed: has rows */
    struct left_out entries_left_out, facts_left_out, records_left_out;
    bool *shares; /* bucket rank × feed: has records in the database */
};

static inline int compare_u64(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

void output_leave_out(struct output *output, struct left_out *left_out, struct str id);
bool output_failed(struct output *output, struct error *error);
/* Makes `sql` the statement that output_bind and output_step work on. */
bool output_prepare(struct output *output, const char *sql, struct error *error);
void output_bind(struct output *output, int index, struct str text);
bool output_step(struct output *output, struct error *error);

/* Names in sorted order, whatever order they came in. */
struct stored_name **output_sorted(struct output *output, const struct name_table *table);
/* A CPE's number, -1 when no record names it. */
int64_t output_cpe_number(void *context, struct str cpe);
void output_write_numbers(struct json_writer *writer, int64_t *numbers, size_t count);

/* Records and their keys. Fills ->shares. */
bool output_put_records(struct output *output, struct error *error);

#endif
