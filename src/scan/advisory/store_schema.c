/* The tables of our own database (docs/database.md): what the builder makes, and all that a file that is read may have. The
 * file may be anybody's (--db-file, a registry): a generated column, a view or a virtual table is a program, run by every
 * look-up, without an end to its time and memory (sqlite.org/security.html). */
#include "scan/advisory/record.h"

#include <ctype.h>
#include <sqlite3.h>

const char *const store_tables[STORE_TABLES] = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE source(id TEXT PRIMARY KEY, name TEXT NOT NULL, family TEXT NOT NULL, url TEXT NOT NULL, path TEXT NOT NULL, "
    "as_of TEXT NOT NULL,"
    " fetched_at TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL, sha256 TEXT NOT NULL, records INTEGER NOT "
    "NULL,"
    " licence TEXT NOT NULL, redistributable INTEGER NOT NULL, kept INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE bucket(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, source_name TEXT NOT NULL,"
    " source_url TEXT NOT NULL, base_id TEXT NOT NULL) STRICT",
    "CREATE TABLE share(bucket INTEGER NOT NULL, feed TEXT NOT NULL, PRIMARY KEY(bucket, feed)) STRICT, WITHOUT ROWID",
    "CREATE TABLE entry(bucket INTEGER NOT NULL, package TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY(bucket, package)) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE record(id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
    "CREATE TABLE vulnerability(id TEXT PRIMARY KEY, detail INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE detail(id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
    "CREATE TABLE cpe(kind TEXT NOT NULL, key TEXT NOT NULL, numbers TEXT NOT NULL, PRIMARY KEY(kind, key)) STRICT, WITHOUT "
    "ROWID",
    "CREATE TABLE eol(family TEXT NOT NULL, release TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL, feed TEXT NOT "
    "NULL,"
    " PRIMARY KEY(family, release)) STRICT, WITHOUT ROWID",
};

/* SQLite keeps the text of a CREATE as it was written; a run of white space may be another one. */
static bool same_words(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        if (isspace((unsigned char)*a) && isspace((unsigned char)*b)) {
            while (isspace((unsigned char)a[1]))
                a++;
            while (isspace((unsigned char)b[1]))
                b++;
        } else if (*a != *b) {
            return false;
        }
    }
    return *a == *b;
}

/* Which of ours a row of sqlite_schema is; STORE_TABLES: none. */
static size_t table_of(const char *sql)
{
    size_t which = 0;
    while (which < STORE_TABLES && !same_words(store_tables[which], sql))
        which++;
    return which;
}

/* What SQLite makes by itself for UNIQUE has no text. */
static bool is_automatic(const char *type, const char *name, const char *sql)
{
    return !sql && strcmp(type, "index") == 0 && strncmp(name, "sqlite_autoindex_", 17) == 0;
}

/* Bits of ours that are there, and a word on the first that is not ours. */
struct findings {
    unsigned there;
    char odd[96];
};

static bool read_schema(sqlite3 *database, struct findings *findings, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, "SELECT type, name, sql FROM sqlite_schema", -1, &statement, NULL);
    while (result == SQLITE_OK && !findings->odd[0] && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(statement, 0),
                   *name = (const char *)sqlite3_column_text(statement, 1),
                   *sql = (const char *)sqlite3_column_text(statement, 2);
        size_t which = sql ? table_of(sql) : STORE_TABLES;
        result = SQLITE_OK;
        if (which < STORE_TABLES)
            findings->there |= 1u << which;
        else if (!type || !name || !is_automatic(type, name, sql))
            snprintf(findings->odd, sizeof findings->odd, "the %.10s \"%.60s\" is not one that this program makes",
                     type ? type : "thing", name ? name : "");
    }
    bool good = findings->odd[0] || result == SQLITE_DONE || store_sqlite_failed(database, error);
    sqlite3_finalize(statement);
    return good;
}

static bool refuse(const char *why, struct error *error)
{
    error_set(error, ERROR_INVALID, "db-tables", "it is no database that this program made: %s", why);
    return error_hint(error, STORE_ADVICE);
}

/* Of another schema the tables may differ: that is said first, when `meta` is ours. */
static bool check_version(sqlite3 *database, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, "SELECT value FROM meta WHERE key='schema_version'", -1, &statement, NULL);
    if (result == SQLITE_OK) result = sqlite3_step(statement);
    const char *text = result == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    char version[16];
    snprintf(version, sizeof version, "%s", text ? text : "");
    bool read = result == SQLITE_ROW || result == SQLITE_DONE || store_sqlite_failed(database, error);
    sqlite3_finalize(statement);
    uint64_t number;
    if (!read || (str_to_u64(str_of(version), &number) && number == ADVISORY_SCHEMA)) return read;
    error_set(error, ERROR_UNSUPPORTED, "db-schema", "the vulnerability database has schema %s, this program reads %d", version,
              ADVISORY_SCHEMA);
    return error_hint(error, "build or fetch it again with this version: pratique db update");
}

bool store_schema_check(sqlite3 *database, struct error *error)
{
    struct findings findings = { 0 };
    if (!read_schema(database, &findings, error)) return false;
    if ((findings.there & 1u) && !check_version(database, error)) return false;
    if (findings.odd[0]) return refuse(findings.odd, error);
    if (findings.there != (1u << STORE_TABLES) - 1) return refuse("tables are missing", error);
    return true;
}
