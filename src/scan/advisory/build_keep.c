/* What the previous database has, for feeds that are broken now: their records are put among the new rows, with the lowest
 * precedence. */
#include "scan/advisory/build.h"
#include "scan/advisory/record.h"

#include <sqlite3.h>
#include <stdio.h>

struct previous {
    sqlite3 *database;
    bool shared; /* what no source has alone has been kept */
};

struct previous *previous_open(const char *path)
{
    if (!file_exists(path)) return NULL;
    struct previous previous = { 0 };
    struct error ignored = { 0 };
    if (!store_sqlite_file(path, &previous.database, &ignored)) {
        sqlite3_close(previous.database);
        return NULL;
    }
    struct previous *opened = memory_alloc(sizeof *opened);
    *opened = previous;
    return opened;
}

void previous_close(struct previous *previous)
{
    if (!previous) return;
    sqlite3_close(previous->database);
    memory_cleanup(&previous);
}

static struct str column(sqlite3_stmt *statement, int index)
{
    const void *text = sqlite3_column_text(statement, index);
    return str_make(text ? text : "", (size_t)sqlite3_column_bytes(statement, index));
}

static sqlite3_stmt *ask(struct previous *previous, const char *sql, const char *name)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(previous->database, sql, -1, &statement, NULL) != SQLITE_OK) return NULL;
    if (name) sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    return statement;
}

uint64_t previous_records(struct previous *previous, const char *feed)
{
    sqlite3_stmt *statement = previous ? ask(previous, "SELECT records FROM source WHERE id=?1", feed) : NULL;
    uint64_t records = statement && sqlite3_step(statement) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return records;
}

/* ---- records ---- */

/* CPE numbers of the old database back to names, as rows have them. */
static struct str cpe_name(struct previous *previous, int64_t number, struct arena *arena)
{
    char key[32];
    snprintf(key, sizeof key, "%lld", (long long)number);
    sqlite3_stmt *statement = ask(previous, "SELECT numbers FROM cpe WHERE kind='cpe' AND key=?1", key);
    struct str name = { 0 };
    if (statement && sqlite3_step(statement) == SQLITE_ROW) name = arena_str(arena, column(statement, 0));
    sqlite3_finalize(statement);
    return name;
}

static void rewrite_entry(struct previous *previous, struct json_writer *writer, struct arena *arena, yyjson_val *entry)
{
    json_open(writer, '{');
    JSON_MEMBERS (key, value, entry) {
        json_key_str(writer, json_value_str(key));
        if (!str_is(json_value_str(key), "Affected")) {
            json_put_value(writer, value);
            continue;
        }
        json_open(writer, '[');
        JSON_EACH (number, value)
            json_put_str(writer, cpe_name(previous, yyjson_get_sint(number), arena));
        json_close(writer, ']');
    }
    json_close(writer, '}');
}

static yyjson_doc *rewrite_record(struct previous *previous, struct arena *arena, yyjson_val *record, struct error *error)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    struct json_writer writer = { .out = &text };
    json_open(&writer, '{');
    JSON_MEMBERS (key, value, record) {
        json_key_str(&writer, json_value_str(key));
        if (!str_is(json_value_str(key), "Entries")) {
            json_put_value(&writer, value);
            continue;
        }
        json_open(&writer, '[');
        JSON_EACH (entry, value)
            rewrite_entry(previous, &writer, arena, entry);
        json_close(&writer, ']');
    }
    json_close(&writer, '}');
    return json_parse(buffer_view(&text), 0, "a record of the previous database", error);
}

static bool keep_body(struct build *build, size_t feed, sqlite3_stmt *statement, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_JSON yyjson_doc *body = json_parse(column(statement, 2), 0, "a record of the previous database", error);
    if (!body) return false;
    struct row row = { .kind = ROW_RECORD, .bucket = column(statement, 0), .package = column(statement, 1) };
    row.source = feed_source_of(build->states[feed].feed->reader, row.bucket);
    if (!row.source) return true;
    JSON_MEMBERS (id, record, yyjson_doc_get_root(body)) {
        CLEANUP_JSON yyjson_doc *rewritten = rewrite_record(build->previous, arena, record, error);
        if (!rewritten) return false;
        row.id = json_value_str(id);
        row.body = yyjson_doc_get_root(rewritten);
        if (!row_store_add(&build->store, &row, feed, true, error)) return false;
    }
    return true;
}

static bool keep_records(struct build *build, size_t feed, struct error *error)
{
    sqlite3_stmt *statement =
        ask(build->previous,
            "SELECT bucket.name, entry.package, record.body FROM share JOIN bucket ON bucket.id=share.bucket "
            "JOIN entry ON entry.bucket=bucket.id JOIN record ON record.id=entry.record WHERE share.feed=?1",
            build->states[feed].feed->info.name);
    bool good = true;
    while (good && statement && sqlite3_step(statement) == SQLITE_ROW)
        good = keep_body(build, feed, statement, error);
    sqlite3_finalize(statement);
    return good;
}

/* ---- facts ---- */

static const char *const score_members[] = { "V2Vector", "V2Score", "V3Vector", "V3Score", "V40Vector", "V40Score", NULL };
static const char *const shared_members[] = { "Title",         "Description",      "CweIDs",  "References",
                                              "PublishedDate", "LastModifiedDate", "Aliases", NULL };

/* Those members that are there. */
static void copy_members(struct json_writer *writer, yyjson_val *object, const char *const *names)
{
    for (; *names; names++) {
        if (!json_get(object, *names)) continue;
        json_key(writer, *names);
        json_put_value(writer, json_get(object, *names));
    }
}

/* What an old vulnerability has under a source's own name. */
static void write_own(struct json_writer *writer, yyjson_val *body, struct str source)
{
    const char *name = fact_source_name(fact_source_rank(source));
    json_member_str(writer, "Title", json_str(json_get(body, "AdvisoryTitle"), name));
    json_member_int(writer, "Severity", json_int(json_get(body, "VendorSeverity"), name, 0));
    copy_members(writer, json_get(json_get(body, "CVSS"), name), score_members);
    JSON_MEMBERS (key, value, json_get(body, str_is(source, "kev") ? "KEV" : str_is(source, "epss") ? "EPSS" : "")) {
        json_key_str(writer, json_value_str(key));
        json_put_value(writer, value);
    }
}

/* One fact of an old vulnerability, if there is anything in it. */
static bool keep_fact(struct build *build, size_t feed, struct str id, yyjson_val *body, struct str source, struct error *error)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    struct json_writer writer = { .out = &text };
    json_open(&writer, '{');
    if (str_is(source, FACT_PREVIOUS))
        copy_members(&writer, body, shared_members);
    else
        write_own(&writer, body, source);
    json_close(&writer, '}');
    CLEANUP_JSON yyjson_doc *fact = json_parse(buffer_view(&text), 0, "a fact of the previous database", error);
    if (!fact) return false;
    struct row row = { .kind = ROW_FACT, .id = id, .fact_source = source, .body = yyjson_doc_get_root(fact) };
    return !yyjson_obj_size(row.body) || row_store_add(&build->store, &row, feed, true, error);
}

/* `sources`: separated by blanks. */
static bool keep_vulnerability(struct build *build, size_t feed, struct str sources, sqlite3_stmt *statement,
                               struct error *error)
{
    CLEANUP_JSON yyjson_doc *body = json_parse(column(statement, 1), 0, "a vulnerability of the previous database", error);
    if (!body) return false;
    for (struct str name; !str_empty(name = str_word(&sources));)
        if (!keep_fact(build, feed, column(statement, 0), yyjson_doc_get_root(body), name, error)) return false;
    return true;
}

static bool keep_facts_of(struct build *build, size_t feed, const char *sources, struct error *error)
{
    sqlite3_stmt *statement =
        ask(build->previous,
            "SELECT vulnerability.id, detail.body FROM vulnerability JOIN detail ON detail.id=vulnerability.detail", NULL);
    bool good = true;
    while (good && statement && sqlite3_step(statement) == SQLITE_ROW)
        good = keep_vulnerability(build, feed, str_of(sources), statement, error);
    sqlite3_finalize(statement);
    return good;
}

/* Feeds of one reader speak under the same names; of what all share, nobody knows any more whose it was. */
static bool keep_facts(struct build *build, size_t feed, struct error *error)
{
    const struct feed_reader *reader = build->states[feed].feed->reader;
    bool repeated = false;
    for (size_t i = 0; i < feed; i++)
        repeated |= build->states[i].kept && build->states[i].feed->reader == reader;
    if (!reader->facts || repeated) return true;
    bool shared = !build->previous->shared;
    build->previous->shared = true;
    return keep_facts_of(build, feed, reader->facts, error) && (!shared || keep_facts_of(build, feed, FACT_PREVIOUS, error));
}

/* ---- the rest ---- */

static void keep_ends(struct build *build, size_t feed)
{
    const char *name = build->states[feed].feed->info.name;
    sqlite3_stmt *statement = ask(build->previous, "SELECT family, release, date, source FROM eol WHERE feed=?1", name);
    struct error ignored;
    while (statement && sqlite3_step(statement) == SQLITE_ROW) {
        struct row row = { .kind = ROW_END,
                           .family = column(statement, 0),
                           .release = column(statement, 1),
                           .date = column(statement, 2),
                           .from = column(statement, 3) };
        row_store_add(&build->store, &row, feed, true, &ignored);
    }
    sqlite3_finalize(statement);
}

static bool keep_cpes(struct build *build, size_t feed, struct error *error)
{
    if (strcmp(build->states[feed].feed->reader->name, "redhat-cpe") != 0) return true;
    sqlite3_stmt *statement =
        ask(build->previous, "SELECT kind, key, numbers FROM cpe WHERE kind IN ('repository','nvr')", NULL);
    bool good = true;
    while (good && statement && sqlite3_step(statement) == SQLITE_ROW) {
        CLEANUP_ARENA struct arena *arena = arena_new();
        CLEANUP_BUFFER struct buffer text = { 0 };
        CLEANUP_JSON yyjson_doc *numbers = json_parse(column(statement, 2), 0, "CPE numbers of the previous database", error);
        struct json_writer writer = { .out = &text };
        if (!(good = numbers != NULL)) break;
        json_open(&writer, '[');
        JSON_EACH (number, yyjson_doc_get_root(numbers))
            json_put_str(&writer, cpe_name(build->previous, yyjson_get_sint(number), arena));
        json_close(&writer, ']');
        CLEANUP_JSON yyjson_doc *names = json_parse(buffer_view(&text), 0, "CPE names of the previous database", error);
        if (!(good = names != NULL)) break;
        struct row row = { .kind = ROW_CPES,
                           .cpe_kind = column(statement, 0),
                           .cpe_key = column(statement, 1),
                           .body = yyjson_doc_get_root(names) };
        good = row_store_add(&build->store, &row, feed, true, error);
    }
    sqlite3_finalize(statement);
    return good;
}

static void keep_provenance(struct build *build, struct feed_state *state)
{
    sqlite3_stmt *statement =
        ask(build->previous, "SELECT as_of, fetched_at, etag, last_modified, sha256, records FROM source WHERE id=?1",
            state->feed->info.name);
    struct str *members[] = { &state->as_of, &state->fetched_at, &state->etag, &state->last_modified, &state->sha256 };
    if (statement && sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < 5; i++)
            *members[i] = arena_str(build->arena, column(statement, i));
        state->records = (uint64_t)sqlite3_column_int64(statement, 5);
        state->kept = true;
    }
    sqlite3_finalize(statement);
}

static bool is_kept(const struct feed_state *state, bool late) { return state->kept && state->feed->reader->late == late; }

/* Records first: facts are kept of those vulnerabilities only that some record is about. */
bool previous_keep(struct build *build, bool late, struct error *error)
{
    for (size_t i = 0; build->previous && i < build->state_count; i++) {
        struct feed_state *state = &build->states[i];
        if (!state->failed || state->feed->reader->late != late) continue;
        keep_provenance(build, state);
        if (!state->kept) continue;
        if (!keep_records(build, i, error) || !keep_cpes(build, i, error)) return false;
        keep_ends(build, i);
        build_warn(build, "%s: the records of the previous database are kept", state->feed->info.name);
    }
    build->store.late = true;
    for (size_t i = 0; i < build->state_count; i++)
        if (is_kept(&build->states[i], late) && !keep_facts(build, i, error)) return false;
    return true;
}
