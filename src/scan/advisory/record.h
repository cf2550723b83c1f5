/* Private to `scan/advisory`: records as both databases write them, JSON to structs. The documents live in the arena. */
#ifndef SCAN_ADVISORY_RECORD_H
#define SCAN_ADVISORY_RECORD_H

#include "scan/advisory/advisory.h"

/* One record, `value` being the object of trivy-db schema 2. */
struct advisory record_advisory(struct arena *arena, struct str id, yyjson_val *value);
struct vulnerability *record_vulnerability(struct arena *arena, struct str id, yyjson_val *value);
struct data_source record_source(yyjson_val *value);
/* As the databases number them; what is out of range is unknown. */
enum severity record_severity(int64_t number);
enum status record_status(int64_t number);
void record_strings(struct arena *arena, yyjson_val *array, str_vector *strings);
void record_numbers(struct arena *arena, yyjson_val *array, number_vector *numbers);

/* What a kind of database does; all may fail with an error. */
struct store_kind {
    bool (*get)(struct advisory_store *, struct arena *, struct str bucket, struct str package, advisory_vector *,
                struct error *);
    bool (*has_bucket)(struct advisory_store *, struct str bucket, bool *known, struct error *);
    bool (*source)(struct advisory_store *, struct arena *, struct str bucket, struct data_source *, struct error *);
    bool (*vulnerability)(struct advisory_store *, struct arena *, struct str id, const struct vulnerability **,
                          struct error *);
    bool (*cpes)(struct advisory_store *, struct arena *, const char *kind, struct str key, number_vector *, struct error *);
    bool (*sources)(struct advisory_store *, struct arena *, advisory_source_vector *, struct error *);
    bool (*end_of_life)(struct advisory_store *, struct str family, struct str release, moment *end);
    bool (*ends)(struct advisory_store *, struct arena *, const char *family, advisory_end_vector *, struct error *);
    void (*close)(struct advisory_store *);
};

/* Each kind's struct starts with this. */
struct advisory_store {
    const struct store_kind *kind;
    struct arena *arena; /* of the store's life */
    struct str built_at;
};

struct sqlite3;
/* `path` as SQLite's URI, whatever it holds; `query`: "?immutable=1", or "". */
const char *store_sqlite_uri(struct arena *arena, const char *path, const char *query);
/* Opens a file of our own for reading, without a lock and without trust: it has our tables and nothing else. The caller closes
 * *database, after a failure too. */
bool store_sqlite_file(const char *path, struct sqlite3 **database, struct error *error);
/* What SQLite says of its last failure, as an error of ours. */
bool store_sqlite_failed(struct sqlite3 *database, struct error *error);
#define STORE_ADVICE "fetch or build it again: pratique db update; or take a good one: pratique db import FILE"
/* The largest value: some 30 times what the kernel with the most advisories has. */
#define STORE_VALUE_LIMIT (8 << 20)
/* The CREATE statements of our tables, `meta` first. */
#define STORE_TABLES 10
extern const char *const store_tables[STORE_TABLES];
bool store_schema_check(struct sqlite3 *database, struct error *error);
struct advisory_store *store_sqlite_open(const char *path, struct error *error);
bool store_sqlite_check(struct advisory_store *store, struct error *error);
struct advisory_store *store_trivy_open(const char *path, struct error *error);

#endif
