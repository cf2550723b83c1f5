/* The SQLite file (docs/database.md): sorted inserts, no journal, equal inputs give equal bytes. */
#include "scan/advisory/build.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static const char schema[] =
    "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-8192;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE source(id TEXT PRIMARY KEY, name TEXT NOT NULL, family TEXT NOT NULL, url TEXT NOT NULL, path TEXT NOT NULL, as_of TEXT NOT NULL,"
    " fetched_at TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL, sha256 TEXT NOT NULL, records INTEGER NOT NULL,"
    " licence TEXT NOT NULL, redistributable INTEGER NOT NULL, kept INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE bucket(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, source_name TEXT NOT NULL,"
    " source_url TEXT NOT NULL, base_id TEXT NOT NULL) STRICT;"
    "CREATE TABLE share(bucket INTEGER NOT NULL, feed TEXT NOT NULL, PRIMARY KEY(bucket, feed)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE entry(bucket INTEGER NOT NULL, package TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY(bucket, package)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE record(id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;"
    "CREATE TABLE vulnerability(id TEXT PRIMARY KEY, detail INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE detail(id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;"
    "CREATE TABLE cpe(kind TEXT NOT NULL, key TEXT NOT NULL, numbers TEXT NOT NULL, PRIMARY KEY(kind, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE eol(family TEXT NOT NULL, release TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL, feed TEXT NOT NULL,"
    " PRIMARY KEY(family, release)) STRICT, WITHOUT ROWID;"
    "BEGIN;";

struct sum {
    uint8_t bytes[16];
};

struct entry {
    uint32_t bucket, package, record; /* ranks; record id */
};

struct output {
    struct build *build;
    struct row_store *store;
    sqlite3 *database;
    sqlite3_stmt *insert;
    VECTOR(struct stored_name *) by_rank; /* packages */
    struct entry *entries;
    size_t entry_count, entry_capacity;
    struct sum *sums;      /* bodies written, by hash */
    uint32_t *sum_records; /* their ids */
    size_t sum_slots, sum_count;
    uint32_t next_record;
    bool *shares;          /* bucket rank × feed */
};

static bool failed(struct output *output, struct error *error)
{
    return error_set(error, ERROR_IO, "build-write", "the database cannot be written: %s", sqlite3_errmsg(output->database));
}

static bool prepare(struct output *output, const char *sql, struct error *error)
{
    sqlite3_finalize(output->insert);
    output->insert = NULL;
    return sqlite3_prepare_v2(output->database, sql, -1, &output->insert, NULL) == SQLITE_OK || failed(output, error);
}

static void bind(struct output *output, int index, struct str text)
{
    sqlite3_bind_text64(output->insert, index, text.data ? text.data : "", text.size, SQLITE_STATIC, SQLITE_UTF8);
}

static bool step(struct output *output, struct error *error)
{
    bool good = sqlite3_step(output->insert) == SQLITE_DONE;
    sqlite3_reset(output->insert);
    return good || failed(output, error);
}

/* ---- records ------------------------------------------------------------------------------------------------------------------- */

static struct build *sorting; /* qsort has no context; a build is single-threaded */

static int compare_u64(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

static int by_key(const void *a, const void *b)
{
    const struct stored_record *x = a, *y = b;
    const struct row_store *store = &sorting->store;
    int order = compare_u64(store->buckets.items.items[x->bucket]->rank, store->buckets.items.items[y->bucket]->rank);
    if (!order) order = compare_u64(store->packages.items.items[x->package]->rank, store->packages.items.items[y->package]->rank);
    if (!order) order = compare_u64(x->offset, y->offset);
    return order;
}

struct item {
    struct str id, json;
    const struct stored_record *stored;
};
typedef VECTOR(struct item) item_vector;

/* By identifier, then precedence: new rows before kept ones, feeds in the table's order; text last, so that the order in
 * which children answered does not matter. */
static int by_id(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = str_compare(x->id, y->id);
    if (!order) order = (int)x->stored->kept - (int)y->stored->kept;
    if (!order) order = (int)x->stored->feed - (int)y->stored->feed;
    return order ? order : str_compare(x->json, y->json);
}

static int64_t cpe_number(void *context, struct str cpe)
{
    struct output *output = context;
    struct stored_name *name = map_get(output->store->cpes.map, cpe);
    return name ? (int64_t)name->rank : -1;
}

/* Entries of equal content but their CPEs become one: a fix for several streams is one fix. */
static bool same_entry(yyjson_val *a, yyjson_val *b)
{
    static const char *const members[] = { "FixedVersion", "Arches", "VendorIDs", "Cves", "Status", "VendorStatus" };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        yyjson_val *x = json_get(a, members[i]), *y = json_get(b, members[i]);
        if ((x != NULL) != (y != NULL) || (x && !yyjson_equals(x, y))) return false;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void write_numbers(struct output *output, struct json_writer *writer, struct arena *arena, yyjson_val *const *entries, size_t count,
                          size_t first)
{
    VECTOR(int64_t) numbers = { 0 };
    for (size_t i = first; i < count; i++) {
        if (i != first && !same_entry(entries[first], entries[i])) continue;
        JSON_EACH(cpe, json_get(entries[i], "Affected"))
            *vector_push(arena, &numbers) = cpe_number(output, json_value_str(cpe));
    }
    if (numbers.count) qsort(numbers.items, numbers.count, sizeof *numbers.items, by_number);
    json_open(writer, '[');
    for (size_t i = 0; i < numbers.count; i++)
        if (!i || numbers.items[i] != numbers.items[i - 1]) json_put_int(writer, numbers.items[i]);
    json_close(writer, ']');
}

static void write_entries(struct output *output, struct json_writer *writer, struct arena *arena, yyjson_val *const *entries, size_t count)
{
    json_key(writer, "Entries");
    json_open(writer, '[');
    for (size_t i = 0; i < count; i++) {
        bool repeated = false;
        for (size_t j = 0; j < i && !repeated; j++)
            repeated = same_entry(entries[j], entries[i]);
        if (repeated) continue;
        json_open(writer, '{');
        JSON_MEMBERS(key, value, entries[i])
        {
            json_key_str(writer, json_value_str(key));
            if (str_is(json_value_str(key), "Affected"))
                write_numbers(output, writer, arena, entries, count, i);
            else
                json_put_value(writer, value);
        }
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

/* Rows of one identifier: the first one's members; Entries of all. */
static bool write_merged(struct output *output, struct json_writer *writer, const struct item *items, size_t count, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    VECTOR(yyjson_doc *) documents = { 0 };
    VECTOR(yyjson_val *) entries = { 0 };
    bool good = true;
    for (size_t i = 0; good && i < count && items[i].stored->kept == items[0].stored->kept; i++) {
        if (i && str_equal(items[i].json, items[i - 1].json)) continue;
        yyjson_doc *document = json_parse(items[i].json, 0, "a stored row", error);
        if (!(good = document != NULL)) break;
        *vector_push(arena, &documents) = document;
        JSON_EACH(entry, json_get(yyjson_doc_get_root(document), "Entries"))
            *vector_push(arena, &entries) = entry;
    }
    if (good) {
        json_open(writer, '{');
        JSON_MEMBERS(key, value, yyjson_doc_get_root(documents.items[0]))
        {
            if (str_is(json_value_str(key), "Entries")) continue;
            json_key_str(writer, json_value_str(key));
            json_put_value(writer, value);
        }
        if (entries.count) write_entries(output, writer, arena, entries.items, entries.count);
        json_close(writer, '}');
    }
    for (size_t i = 0; i < documents.count; i++)
        yyjson_doc_free(documents.items[i]);
    return good;
}

static bool write_group(struct output *output, const item_vector *items, struct buffer *body, struct error *error)
{
    struct json_writer writer = { .out = body };
    body->size = 0;
    json_open(&writer, '{');
    for (size_t i = 0, next; i < items->count; i = next) {
        for (next = i + 1; next < items->count && str_equal(items->items[next].id, items->items[i].id);)
            next++;
        json_key_str(&writer, items->items[i].id);
        bool plain = next == i + 1 && !items->items[i].stored->has_cpes && str_find_text(items->items[i].json, STR("\"Entries\"")) < 0;
        if (plain) {
            writer.after_key = false;
            writer.comma = true;
            buffer_str(body, items->items[i].json);
        } else if (!write_merged(output, &writer, &items->items[i], next - i, error)) {
            return false;
        }
    }
    json_close(&writer, '}');
    output->build->summary->records += items->count;
    return true;
}

/* ---- equal bodies once ------------------------------------------------------------------------------------------------------------ */

static struct sum sum_of(struct str body)
{
    struct sha256 state;
    uint8_t full[32];
    struct sum sum;
    sha256_start(&state);
    sha256_add(&state, body.data, body.size);
    sha256_finish(&state, full);
    memcpy(sum.bytes, full, sizeof sum.bytes);
    return sum;
}

static size_t sum_slot(const struct output *output, const struct sum *sum)
{
    uint64_t hash;
    memcpy(&hash, sum->bytes, sizeof hash);
    size_t slot = hash & (output->sum_slots - 1);
    while (output->sum_records[slot] && memcmp(&output->sums[slot], sum, sizeof *sum) != 0)
        slot = (slot + 1) & (output->sum_slots - 1);
    return slot;
}

static void grow_sums(struct output *output)
{
    struct output old = *output;
    output->sum_slots = old.sum_slots ? old.sum_slots * 2 : 4096;
    output->sums = memory_alloc(output->sum_slots * sizeof *output->sums);
    output->sum_records = memory_alloc(output->sum_slots * sizeof *output->sum_records);
    memset(output->sum_records, 0, output->sum_slots * sizeof *output->sum_records);
    for (size_t i = 0; i < old.sum_slots; i++) {
        if (!old.sum_records[i]) continue;
        size_t slot = sum_slot(output, &old.sums[i]);
        output->sums[slot] = old.sums[i];
        output->sum_records[slot] = old.sum_records[i];
    }
    free(old.sums);
    free(old.sum_records);
}

static bool put_body(struct output *output, struct str body, uint32_t *record, struct error *error)
{
    if ((output->sum_count + 1) * 2 > output->sum_slots) grow_sums(output);
    struct sum sum = sum_of(body);
    size_t slot = sum_slot(output, &sum);
    if (output->sum_records[slot]) {
        *record = output->sum_records[slot];
        return true;
    }
    *record = ++output->next_record;
    output->sums[slot] = sum;
    output->sum_records[slot] = *record;
    output->sum_count++;
    sqlite3_bind_int64(output->insert, 1, *record);
    bind(output, 2, body);
    return step(output, error);
}

static bool is_used(const struct output *output, const struct stored_record *record)
{
    return record->kept || !output->build->states[record->feed].failed;
}

/* One (bucket, package): reads its rows, unites them, writes the body. */
static bool put_group(struct output *output, const struct stored_record *records, size_t count, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer text = { 0 }, body = { 0 };
    item_vector items = { 0 };
    size_t feeds = output->build->state_count;
    uint32_t bucket = output->store->buckets.items.items[records[0].bucket]->rank;
    for (size_t i = 0; i < count; i++) {
        if (!is_used(output, &records[i])) continue;
        if (!row_store_text(output->store, records[i].offset, records[i].size, &text, error)) return false;
        struct str all = arena_str(arena, buffer_view(&text)), id = str_of(all.data);
        *vector_push(arena, &items) = (struct item){ id, str_from(all, id.size + 1), &records[i] };
        output->shares[bucket * feeds + records[i].feed] = true;
    }
    if (!items.count) return true;
    qsort(items.items, items.count, sizeof *items.items, by_id);
    uint32_t record;
    if (!write_group(output, &items, &body, error) || !put_body(output, buffer_view(&body), &record, error)) return false;
    if (output->entry_count == output->entry_capacity) {
        output->entry_capacity = output->entry_capacity ? output->entry_capacity * 2 : 4096;
        output->entries = memory_resize(output->entries, output->entry_capacity * sizeof *output->entries);
    }
    uint32_t package = output->store->packages.items.items[records[0].package]->rank;
    output->entries[output->entry_count++] = (struct entry){ bucket, package, record };
    return true;
}

static bool put_records(struct output *output, struct error *error)
{
    struct row_store *store = output->store;
    sorting = output->build;
    if (store->record_count) qsort(store->records, store->record_count, sizeof *store->records, by_key);
    if (!prepare(output, "INSERT INTO record(id,body) VALUES(?1,?2)", error)) return false;
    for (size_t i = 0, next; i < store->record_count; i = next) {
        const struct stored_record *first = &store->records[i];
        for (next = i + 1; next < store->record_count && store->records[next].bucket == first->bucket &&
                           store->records[next].package == first->package;)
            next++;
        if (!put_group(output, first, next - i, error)) return false;
    }
    return true;
}

static bool put_entries(struct output *output, struct error *error)
{
    struct name_table *packages = &output->store->packages;
    struct stored_name **by_rank = arena_array(output->build->arena, packages->items.count, sizeof *by_rank);
    for (size_t i = 0; i < packages->items.count; i++)
        by_rank[packages->items.items[i]->rank] = packages->items.items[i];
    if (!prepare(output, "INSERT INTO entry(bucket,package,record) VALUES(?1,?2,?3)", error)) return false;
    for (size_t i = 0; i < output->entry_count; i++) {
        const struct entry *entry = &output->entries[i];
        sqlite3_bind_int64(output->insert, 1, (int64_t)entry->bucket + 1);
        bind(output, 2, by_rank[entry->package]->text);
        sqlite3_bind_int64(output->insert, 3, entry->record);
        if (!step(output, error)) return false;
    }
    output->build->summary->packages = output->entry_count;
    return true;
}

static bool put_buckets(struct output *output, struct error *error)
{
    struct name_table *buckets = &output->store->buckets;
    if (!prepare(output, "INSERT INTO bucket VALUES(?1,?2,?3,?4,?5,'')", error)) return false;
    for (size_t i = 0; i < buckets->items.count; i++) {
        const struct stored_name *bucket = buckets->items.items[i];
        sqlite3_bind_int64(output->insert, 1, (int64_t)bucket->rank + 1);
        bind(output, 2, bucket->text);
        bind(output, 3, str_of(bucket->source->id));
        bind(output, 4, str_of(bucket->source->name));
        bind(output, 5, str_of(bucket->source->url));
        if (!step(output, error)) return false;
    }
    if (!prepare(output, "INSERT INTO share VALUES(?1,?2)", error)) return false;
    size_t feeds = output->build->state_count;
    for (size_t i = 0; i < buckets->items.count * feeds; i++) {
        if (!output->shares[i]) continue;
        sqlite3_bind_int64(output->insert, 1, (int64_t)(i / feeds) + 1);
        bind(output, 2, str_of(feed_at(i % feeds)->name));
        if (!step(output, error)) return false;
    }
    return true;
}

/* ---- facts ------------------------------------------------------------------------------------------------------------------------ */

static int by_vulnerability(const void *a, const void *b)
{
    const struct stored_fact *x = a, *y = b;
    int order = compare_u64(sorting->store.ids.items.items[x->id]->rank, sorting->store.ids.items.items[y->id]->rank);
    if (!order) order = (int)x->kept - (int)y->kept;
    if (!order) order = (int)x->source - (int)y->source;
    if (!order) order = (int)x->feed - (int)y->feed;
    return order ? order : compare_u64(x->offset, y->offset);
}

#define FACTS_LIMIT 512

static bool put_vulnerability(struct output *output, sqlite3_stmt *key, const struct stored_fact *facts, size_t count, int64_t id,
                              struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer text = { 0 }, body = { 0 };
    yyjson_doc *documents[FACTS_LIMIT];
    yyjson_val *values[FACTS_LIMIT];
    uint8_t sources[FACTS_LIMIT];
    size_t used = 0;
    bool good = true;
    for (size_t i = 0; good && i < count && used < FACTS_LIMIT; i++) {
        if (!facts[i].kept && output->build->states[facts[i].feed].failed) continue;
        good = row_store_text(output->store, facts[i].offset, facts[i].size, &text, error) &&
               (documents[used] = json_parse(buffer_view(&text), 0, "a stored fact", error));
        if (!good) break;
        values[used] = yyjson_doc_get_root(documents[used]);
        sources[used++] = facts[i].source;
    }
    if (good && used) {
        facts_write(&body, arena, values, sources, used);
        sqlite3_bind_int64(output->insert, 1, id);
        bind(output, 2, buffer_view(&body));
        struct str name = output->store->ids.items.items[facts[0].id]->text;
        sqlite3_bind_text64(key, 1, name.data, name.size, SQLITE_STATIC, SQLITE_UTF8);
        sqlite3_bind_int64(key, 2, id);
        good = step(output, error) && (sqlite3_step(key) == SQLITE_DONE || failed(output, error));
        sqlite3_reset(key);
        output->build->summary->vulnerabilities++;
    }
    for (size_t i = 0; i < used; i++)
        yyjson_doc_free(documents[i]);
    return good;
}

static bool put_facts(struct output *output, struct error *error)
{
    struct row_store *store = output->store;
    sqlite3_stmt *key = NULL;
    if (store->fact_count) qsort(store->facts, store->fact_count, sizeof *store->facts, by_vulnerability);
    if (!prepare(output, "INSERT INTO detail(id,body) VALUES(?1,?2)", error)) return false;
    if (sqlite3_prepare_v2(output->database, "INSERT INTO vulnerability(id,detail) VALUES(?1,?2)", -1, &key, NULL) != SQLITE_OK)
        return failed(output, error);
    bool good = true;
    int64_t id = 0;
    for (size_t i = 0, next; good && i < store->fact_count; i = next) {
        for (next = i + 1; next < store->fact_count && store->facts[next].id == store->facts[i].id;)
            next++;
        if (store->ids.items.items[store->facts[i].id]->named)
            good = put_vulnerability(output, key, &store->facts[i], next - i, ++id, error);
    }
    sqlite3_finalize(key);
    return good;
}

/* ---- the small tables --------------------------------------------------------------------------------------------------------------- */

static bool put_numbers(struct output *output, const struct stored_cpes *list, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer text = { 0 };
    VECTOR(int64_t) numbers = { 0 };
    for (size_t i = 0; i < list->cpes.count; i++)
        *vector_push(arena, &numbers) = cpe_number(output, list->cpes.items[i]);
    if (numbers.count) qsort(numbers.items, numbers.count, sizeof *numbers.items, by_number);
    struct json_writer writer = { .out = &text };
    json_open(&writer, '[');
    for (size_t i = 0; i < numbers.count; i++)
        if (!i || numbers.items[i] != numbers.items[i - 1]) json_put_int(&writer, numbers.items[i]);
    json_close(&writer, ']');
    bind(output, 1, list->kind);
    bind(output, 2, list->key);
    bind(output, 3, buffer_view(&text));
    return step(output, error);
}

static int by_cpe_key(const void *a, const void *b)
{
    const struct stored_cpes *x = a, *y = b;
    int order = str_compare(x->kind, y->kind);
    return order ? order : str_compare(x->key, y->key);
}

static bool put_cpes(struct output *output, struct error *error)
{
    struct row_store *store = output->store;
    if (!prepare(output, "INSERT OR IGNORE INTO cpe VALUES(?1,?2,?3)", error)) return false;
    for (size_t i = 0; i < store->cpes.items.count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", store->cpes.items.items[i]->rank);
        bind(output, 1, STR("cpe"));
        bind(output, 2, str_of(number));
        bind(output, 3, store->cpes.items.items[i]->text);
        if (!step(output, error)) return false;
    }
    if (store->cpe_lists.count) qsort(store->cpe_lists.items, store->cpe_lists.count, sizeof *store->cpe_lists.items, by_cpe_key);
    for (size_t i = 0; i < store->cpe_lists.count; i++)
        if (!put_numbers(output, &store->cpe_lists.items[i], error)) return false;
    return true;
}

static int by_release(const void *a, const void *b)
{
    const struct stored_end *x = a, *y = b;
    int order = str_compare(x->family, y->family);
    if (!order) order = str_compare(x->release, y->release);
    return order ? order : compare_u64(x->feed, y->feed);
}

static bool put_ends(struct output *output, struct error *error)
{
    struct row_store *store = output->store;
    if (store->ends.count) qsort(store->ends.items, store->ends.count, sizeof *store->ends.items, by_release);
    if (!prepare(output, "INSERT OR IGNORE INTO eol VALUES(?1,?2,?3,?4,?5)", error)) return false;
    for (size_t i = 0; i < store->ends.count; i++) {
        const struct stored_end *end = &store->ends.items[i];
        bind(output, 1, end->family);
        bind(output, 2, end->release);
        bind(output, 3, end->date);
        bind(output, 4, end->from);
        bind(output, 5, str_of(feed_at(end->feed)->name));
        if (!step(output, error)) return false;
    }
    return true;
}

static bool put_source(struct output *output, const struct feed_state *state, struct error *error)
{
    const struct feed_info *info = &state->feed->info;
    const struct str values[] = { str_of(info->name), str_of(info->title), str_of(info->family), str_of(info->url),
                                  state->files.items[0].path, state->as_of, state->fetched_at, state->etag, state->last_modified,
                                  state->sha256 };
    for (int i = 0; i < 10; i++)
        bind(output, i + 1, values[i]);
    sqlite3_bind_int64(output->insert, 11, (int64_t)state->records);
    bind(output, 12, str_of(info->licence));
    sqlite3_bind_int(output->insert, 13, info->redistributable);
    sqlite3_bind_int(output->insert, 14, state->kept);
    return step(output, error);
}

static bool put_meta(struct output *output, struct error *error)
{
    char built[CLOCK_TEXT], version[16];
    snprintf(version, sizeof version, "%d", ADVISORY_SCHEMA);
    const struct str rows[][2] = {
        { STR("built_at"), str_of(clock_format(output->build->options->now, built)) },
        { STR("built_by"), STR("pratique " PRATIQUE_VERSION) },
        { STR("schema_version"), str_of(version) },
    };
    if (!prepare(output, "INSERT INTO meta VALUES(?1,?2)", error)) return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bind(output, 1, rows[i][0]);
        bind(output, 2, rows[i][1]);
        if (!step(output, error)) return false;
    }
    if (!prepare(output, "INSERT INTO source VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)", error)) return false;
    for (size_t i = 0; i < output->build->state_count; i++) {
        const struct feed_state *state = &output->build->states[i];
        if (!state->files.count || (state->failed && !state->kept)) continue;
        output->build->summary->feeds++;
        if (!put_source(output, state, error)) return false;
    }
    return true;
}

static bool write_tables(struct output *output, struct error *error)
{
    if (sqlite3_exec(output->database, schema, NULL, NULL, NULL) != SQLITE_OK) return failed(output, error);
    bool good = put_records(output, error) && put_entries(output, error) && put_buckets(output, error) && put_facts(output, error) &&
                put_cpes(output, error) && put_ends(output, error) && put_meta(output, error);
    sqlite3_finalize(output->insert);
    output->insert = NULL;
    return good && (sqlite3_exec(output->database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || failed(output, error));
}

bool build_write(struct build *build, const char *path, struct error *error)
{
    struct row_store *store = &build->store;
    struct output output = { .build = build, .store = store };
    name_table_rank(store, &store->buckets);
    name_table_rank(store, &store->packages);
    name_table_rank(store, &store->ids);
    name_table_rank(store, &store->cpes);
    output.shares = arena_array(build->arena, store->buckets.items.count * build->state_count, sizeof(bool));
    int code = sqlite3_open_v2(path, &output.database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    bool good = code == SQLITE_OK ? write_tables(&output, error) : failed(&output, error);
    if (sqlite3_close(output.database) != SQLITE_OK && good) good = failed(&output, error);
    free(output.entries);
    free(output.sums);
    free(output.sum_records);
    return good;
}
