/* Our own database (docs/database.md). Opened immutable: it is replaced by rename, never changed in place, so readers need no
 * lock and no journal. */
#include "scan/advisory/record.h"

#include <sqlite3.h>
#include <stdlib.h>

/* What one run may take out of a file: a machine with 3,000 packages takes 20 MB. Rows may share what they lead to, so a small
 * file can say very much. */
#define TOTAL_LIMIT ((size_t)256 << 20)
#define RECORD_LIMIT 1000000
#define SOURCE_LIMIT 1000
#define END_LIMIT 100000
#define TEXT_LIMIT 4096 /* names, addresses, dates */
/* Memory of SQLite itself: a schema of many tables, a sort. */
#define HEAP_LIMIT ((int64_t)256 << 20)

/* For one statement; --timeout ends the run besides (cmd/time_limit.c). Pages may lead in circles. */
#define PATIENCE (10 * SECOND)
#define CHECK_PATIENCE (600 * SECOND) /* reads the whole file */
#define STEPS 2000                    /* of SQLite's machine, between two looks at the clock */

enum statement {
    GET,
    BUCKET,
    SOURCE,
    VULNERABILITY,
    CPE,
    SOURCES,
    END_OF_LIFE,
    ENDS,
    META,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [GET] = "SELECT r.body FROM entry e JOIN record r ON r.id = e.record WHERE e.bucket = ?1 AND e.package = ?2",
    [BUCKET] = "SELECT id FROM bucket WHERE name = ?1",
    [SOURCE] = "SELECT source_id, source_name, source_url, base_id FROM bucket WHERE name = ?1",
    [VULNERABILITY] = "SELECT d.body FROM vulnerability v JOIN detail d ON d.id = v.detail WHERE v.id = ?1",
    [CPE] = "SELECT numbers FROM cpe WHERE kind = ?1 AND key = ?2",
    [SOURCES] = "SELECT id, name, url, as_of, fetched_at, licence, records, redistributable FROM source ORDER BY id",
    [END_OF_LIFE] = "SELECT date FROM eol WHERE family = ?1 AND release = ?2",
    [ENDS] = "SELECT release, date, source FROM eol WHERE family = ?1",
    [META] = "SELECT value FROM meta WHERE key = ?1",
};

struct sqlite_store {
    struct advisory_store store;
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENTS];
    struct str bucket_name; /* the last one looked up: a distribution has one */
    int64_t bucket_id;      /* 0: unknown */
    moment deadline;        /* of the statement at hand */
    size_t taken, records;
};

static struct sqlite_store *own(struct advisory_store *store) { return (struct sqlite_store *)store; }

/* SQLite's words are several lines: "*** in database main ***\nPage 5: btreeInitPage() returns error code 11\n…" */
static bool damaged(struct str why, struct error *error)
{
    struct str first = str_line(&why);
    if (str_starts(first, "***")) first = str_line(&why);
    why = str_trim(first);
    error_set(error, ERROR_INVALID, "db-damaged", "the vulnerability database cannot be read: %.*s", STR_ARG(why));
    return error_hint(error, STORE_ADVICE);
}

bool store_sqlite_failed(sqlite3 *database, struct error *error)
{
    if (sqlite3_errcode(database) != SQLITE_INTERRUPT) return damaged(str_of(sqlite3_errmsg(database)), error);
    error_set(error, ERROR_TIMEOUT, "db-slow", "the vulnerability database does not come to an end of what it was asked");
    return error_hint(error, STORE_ADVICE);
}

static bool failed(struct sqlite_store *store, struct error *error) { return store_sqlite_failed(store->database, error); }

static bool beyond(const char *what, struct error *error)
{
    error_set(error, ERROR_LIMIT, "db-limit", "the vulnerability database has more than it can mean: %s", what);
    return error_hint(error, STORE_ADVICE);
}

static sqlite3_stmt *prepare(struct sqlite_store *store, enum statement which, struct error *error)
{
    sqlite3_stmt **statement = &store->statements[which];
    if (!*statement &&
        sqlite3_prepare_v3(store->database, texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
        failed(store, error);
        return NULL;
    }
    sqlite3_reset(*statement);
    store->deadline = clock_monotonic() + PATIENCE;
    return *statement;
}

static void bind(sqlite3_stmt *statement, int index, struct str text)
{
    sqlite3_bind_text(statement, index, text.data ? text.data : "", (int)text.size, SQLITE_STATIC);
}

static struct str column(struct arena *arena, sqlite3_stmt *statement, int index)
{
    const void *text = sqlite3_column_text(statement, index);
    return text ? arena_str(arena, str_make(text, (size_t)sqlite3_column_bytes(statement, index))) : (struct str){ 0 };
}

/* A JSON column, parsed into the arena. */
static yyjson_val *column_json(struct arena *arena, sqlite3_stmt *statement, int index, struct error *error)
{
    const void *text = sqlite3_column_text(statement, index);
    yyjson_doc *document =
        json_parse_in(arena, str_make(text, (size_t)sqlite3_column_bytes(statement, index)), "a database record", error);
    return document ? yyjson_doc_get_root(document) : NULL;
}

/* What the row at hand holds counts towards what may be taken. */
static bool charge(struct sqlite_store *store, sqlite3_stmt *statement, size_t limit, struct error *error)
{
    for (int i = 0; i < sqlite3_data_count(statement); i++) {
        int type = sqlite3_column_type(statement, i);
        size_t size = type == SQLITE_TEXT || type == SQLITE_BLOB ? (size_t)sqlite3_column_bytes(statement, i) : 0;
        if (size > limit) return beyond("a name, an address or a date of many pages", error);
        store->taken += size;
    }
    return store->taken <= TOTAL_LIMIT || beyond("hundreds of megabytes about one target", error);
}

/* One row: 1 there, 0 none, -1 error. */
static int step_within(struct sqlite_store *store, sqlite3_stmt *statement, size_t limit, struct error *error)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) return charge(store, statement, limit, error) ? 1 : -1;
    if (result == SQLITE_DONE) return 0;
    failed(store, error);
    return -1;
}

static int step(struct sqlite_store *store, sqlite3_stmt *statement, struct error *error)
{
    return step_within(store, statement, STORE_VALUE_LIMIT, error);
}

static int step_small(struct sqlite_store *store, sqlite3_stmt *statement, struct error *error)
{
    return step_within(store, statement, TEXT_LIMIT, error);
}

static bool find_bucket(struct sqlite_store *store, struct str name, int64_t *id, struct error *error)
{
    if (!store->bucket_name.data || !str_equal(store->bucket_name, name)) {
        sqlite3_stmt *statement = prepare(store, BUCKET, error);
        if (!statement) return false;
        bind(statement, 1, name);
        int found = step(store, statement, error);
        if (found < 0) return false;
        store->bucket_id = found ? sqlite3_column_int64(statement, 0) : 0;
        store->bucket_name = arena_str(store->store.arena, name);
        sqlite3_reset(statement);
    }
    *id = store->bucket_id;
    return true;
}

static bool sqlite_get(struct advisory_store *store, struct arena *arena, struct str bucket, struct str package,
                       advisory_vector *advisories, struct error *error)
{
    int64_t id;
    if (!find_bucket(own(store), bucket, &id, error)) return false;
    sqlite3_stmt *statement = id ? prepare(own(store), GET, error) : NULL;
    if (!statement) return id == 0;
    sqlite3_bind_int64(statement, 1, id);
    bind(statement, 2, package);
    int found = step(own(store), statement, error);
    if (found <= 0) return found == 0;
    yyjson_val *records = column_json(arena, statement, 0, error);
    sqlite3_reset(statement);
    if (!records) return false;
    own(store)->records += yyjson_obj_size(records);
    if (own(store)->records > RECORD_LIMIT) return beyond("a million records about one target", error);
    JSON_MEMBERS (key, value, records)
        *vector_push(arena, advisories) = record_advisory(arena, json_value_str(key), value);
    return true;
}

static bool sqlite_has_bucket(struct advisory_store *store, struct str bucket, bool *known, struct error *error)
{
    int64_t id;
    if (!find_bucket(own(store), bucket, &id, error)) return false;
    *known = id != 0;
    return true;
}

static bool sqlite_source(struct advisory_store *store, struct arena *arena, struct str bucket, struct data_source *source,
                          struct error *error)
{
    sqlite3_stmt *statement = prepare(own(store), SOURCE, error);
    if (!statement) return false;
    bind(statement, 1, bucket);
    int found = step_small(own(store), statement, error);
    if (found < 0) return false;
    *source = (struct data_source){ 0 };
    if (found)
        *source = (struct data_source){ column(arena, statement, 0), column(arena, statement, 1), column(arena, statement, 2),
                                        column(arena, statement, 3) };
    sqlite3_reset(statement);
    return true;
}

static bool sqlite_vulnerability(struct advisory_store *store, struct arena *arena, struct str id,
                                 const struct vulnerability **vulnerability, struct error *error)
{
    sqlite3_stmt *statement = prepare(own(store), VULNERABILITY, error);
    if (!statement) return false;
    bind(statement, 1, id);
    int found = step(own(store), statement, error);
    if (found <= 0) return found == 0;
    yyjson_val *value = column_json(arena, statement, 0, error);
    sqlite3_reset(statement);
    if (!value) return false;
    *vulnerability = record_vulnerability(arena, arena_str(arena, id), value);
    return true;
}

static bool sqlite_cpes(struct advisory_store *store, struct arena *arena, const char *kind, struct str key,
                        number_vector *numbers, struct error *error)
{
    sqlite3_stmt *statement = prepare(own(store), CPE, error);
    if (!statement) return false;
    bind(statement, 1, str_of(kind));
    bind(statement, 2, key);
    int found = step(own(store), statement, error);
    if (found <= 0) return found == 0;
    yyjson_val *value = column_json(arena, statement, 0, error);
    sqlite3_reset(statement);
    if (value) record_numbers(arena, value, numbers);
    return value != NULL;
}

static bool sqlite_sources(struct advisory_store *store, struct arena *arena, advisory_source_vector *sources,
                           struct error *error)
{
    sqlite3_stmt *statement = prepare(own(store), SOURCES, error);
    if (!statement) return false;
    int found;
    size_t before = sources->count;
    while ((found = step_small(own(store), statement, error)) > 0) {
        if (sources->count - before == SOURCE_LIMIT) return beyond("a thousand sources", error);
        *vector_push(arena, sources) = (struct advisory_source){
            column(arena, statement, 0),        column(arena, statement, 1),           column(arena, statement, 2),
            column(arena, statement, 3),        column(arena, statement, 4),           column(arena, statement, 5),
            sqlite3_column_int64(statement, 6), sqlite3_column_int(statement, 7) != 0,
        };
    }
    sqlite3_reset(statement);
    return found == 0;
}

static bool sqlite_end_of_life(struct advisory_store *store, struct str family, struct str release, moment *end)
{
    struct error ignored = { 0 };
    sqlite3_stmt *statement = prepare(own(store), END_OF_LIFE, &ignored);
    if (!statement) return false;
    bind(statement, 1, family);
    bind(statement, 2, release);
    bool known = step_small(own(store), statement, &ignored) > 0 &&
                 clock_parse(str_of((const char *)sqlite3_column_text(statement, 0)), end);
    sqlite3_reset(statement);
    return known;
}

static bool sqlite_ends(struct advisory_store *store, struct arena *arena, const char *family, advisory_end_vector *ends,
                        struct error *error)
{
    sqlite3_stmt *statement = prepare(own(store), ENDS, error);
    if (!statement) return false;
    bind(statement, 1, str_of(family));
    int found;
    size_t before = ends->count;
    while ((found = step_small(own(store), statement, error)) > 0) {
        if (ends->count - before == END_LIMIT) return beyond("a hundred thousand ends of support", error);
        *vector_push(arena, ends) =
            (struct advisory_end){ column(arena, statement, 0), column(arena, statement, 1), column(arena, statement, 2) };
    }
    sqlite3_reset(statement);
    return found == 0;
}

static void sqlite_close(struct advisory_store *store)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(own(store)->statements[i]);
    sqlite3_close(own(store)->database);
    arena_free(store->arena);
    free(store);
}

static bool read_meta(struct sqlite_store *store, const char *key, struct str *value, struct error *error)
{
    sqlite3_stmt *statement = prepare(store, META, error);
    if (!statement) return false;
    bind(statement, 1, str_of(key));
    int found = step_small(store, statement, error);
    if (found < 0) return false;
    *value = found ? column(store->store.arena, statement, 0) : (struct str){ 0 };
    sqlite3_reset(statement);
    return true;
}

static const struct store_kind sqlite_kind = {
    sqlite_get,     sqlite_has_bucket,  sqlite_source, sqlite_vulnerability, sqlite_cpes,
    sqlite_sources, sqlite_end_of_life, sqlite_ends,   sqlite_close,
};

/* What a URI's path may not hold is escaped (RFC 3986 §2.1); an absolute one stands behind an empty authority, so that "//x" is
 * none. */
const char *store_sqlite_uri(struct arena *arena, const char *path, const char *query)
{
    CLEANUP_BUFFER struct buffer uri = { 0 };
    buffer_text(&uri, *path == '/' ? "file://" : "file:");
    for (const char *c = path; *c; c++)
        if (strchr("%?#", *c))
            buffer_printf(&uri, "%%%02X", (unsigned char)*c);
        else
            buffer_char(&uri, *c);
    buffer_text(&uri, query);
    return arena_cstr(arena, buffer_view(&uri));
}

/* Our tables and our statements need no more. */
static bool distrust(sqlite3 *database)
{
    static const struct {
        int option, value;
    } options[] = { { SQLITE_DBCONFIG_DEFENSIVE, 1 },
                    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
                    { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
                    { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 } },
      limits[] = { { SQLITE_LIMIT_LENGTH, STORE_VALUE_LIMIT },
                   { SQLITE_LIMIT_SQL_LENGTH, 4096 },
                   { SQLITE_LIMIT_COLUMN, 20 },
                   { SQLITE_LIMIT_EXPR_DEPTH, 20 },
                   { SQLITE_LIMIT_COMPOUND_SELECT, 1 },
                   { SQLITE_LIMIT_ATTACHED, 0 } };
    sqlite3_hard_heap_limit64(HEAP_LIMIT);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(database, limits[i].option, limits[i].value);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (sqlite3_db_config(database, options[i].option, options[i].value, NULL) != SQLITE_OK) return false;
    return sqlite3_exec(database, "PRAGMA cell_size_check=ON", NULL, NULL, NULL) == SQLITE_OK;
}

static int is_over(void *deadline) { return clock_monotonic() > *(const moment *)deadline; }

bool store_sqlite_file(const char *path, sqlite3 **database, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    moment deadline = clock_monotonic() + PATIENCE;
    if (sqlite3_open_v2(store_sqlite_uri(arena, path, "?immutable=1"), database, flags, NULL) != SQLITE_OK)
        return store_sqlite_failed(*database, error);
    sqlite3_progress_handler(*database, STEPS, is_over, &deadline);
    bool good = distrust(*database) ? store_schema_check(*database, error) : store_sqlite_failed(*database, error);
    sqlite3_progress_handler(*database, 0, NULL, NULL);
    return good;
}

struct advisory_store *store_sqlite_open(const char *path, struct error *error)
{
    struct sqlite_store *store = memory_alloc(sizeof *store);
    *store = (struct sqlite_store){ .store = { &sqlite_kind, arena_new(), { 0 } } };
    if (store_sqlite_file(path, &store->database, error)) {
        sqlite3_progress_handler(store->database, STEPS, is_over, &store->deadline);
        if (read_meta(store, "built_at", &store->store.built_at, error)) return &store->store;
    }
    error_wrap(error, "%s", path);
    sqlite_close(&store->store);
    return NULL;
}

bool store_sqlite_check(struct advisory_store *store, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    own(store)->deadline = clock_monotonic() + CHECK_PATIENCE;
    bool read = sqlite3_prepare_v2(own(store)->database, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    struct str verdict = read ? column(store->arena, statement, 0) : (struct str){ 0 };
    if (!read) failed(own(store), error);
    sqlite3_finalize(statement);
    return read && (str_is(verdict, "ok") || damaged(verdict, error));
}
