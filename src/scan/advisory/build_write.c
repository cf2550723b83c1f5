/* The SQLite file (docs/database.md): sorted inserts, no journal, equal inputs give equal bytes. */
#include "scan/advisory/build_output.h"
#include "scan/advisory/record.h"

#include <stdio.h>
#include <stdlib.h>

static const char settings[] =
    "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA "
    "cache_size=-8192;";

#define FACTS_LIMIT 512 /* of one vulnerability */

bool output_failed(struct output *output, struct error *error)
{
    return error_set(error, ERROR_IO, "build-write", "the database cannot be written: %s", sqlite3_errmsg(output->database));
}

bool output_prepare(struct output *output, const char *sql, struct error *error)
{
    sqlite3_finalize(output->insert);
    output->insert = NULL;
    return sqlite3_prepare_v2(output->database, sql, -1, &output->insert, NULL) == SQLITE_OK || output_failed(output, error);
}

void output_bind(struct output *output, int index, struct str text)
{
    sqlite3_bind_text64(output->insert, index, text.data ? text.data : "", text.size, SQLITE_STATIC, SQLITE_UTF8);
}

bool output_step(struct output *output, struct error *error)
{
    bool good = sqlite3_step(output->insert) == SQLITE_DONE;
    sqlite3_reset(output->insert);
    return good || output_failed(output, error);
}

int64_t output_cpe_number(void *context, struct str cpe)
{
    struct output *output = context;
    struct stored_name *name = map_get(output->store->cpes.map, cpe);
    return name ? (int64_t)name->rank : -1;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

void output_write_numbers(struct json_writer *writer, int64_t *numbers, size_t count)
{
    if (count) qsort(numbers, count, sizeof *numbers, by_number);
    json_open(writer, '[');
    for (size_t i = 0; i < count; i++)
        if (!i || numbers[i] != numbers[i - 1]) json_put_int(writer, numbers[i]);
    json_close(writer, ']');
}

struct stored_name **output_sorted(struct output *output, const struct name_table *table)
{
    struct stored_name **sorted = arena_array(output->build->arena, table->items.count, sizeof *sorted);
    for (size_t i = 0; i < table->items.count; i++)
        sorted[table->items.items[i]->rank] = table->items.items[i];
    return sorted;
}

void output_leave_out(struct output *output, struct left_out *left_out, struct str id)
{
    if (!left_out->count++) left_out->first = arena_str(output->build->arena, id);
}

static bool put_buckets(struct output *output, struct error *error)
{
    struct name_table *buckets = &output->store->buckets;
    struct stored_name **sorted = output_sorted(output, buckets);
    if (!output_prepare(output, "INSERT INTO bucket VALUES(?1,?2,?3,?4,?5,'')", error)) return false;
    for (size_t i = 0; i < buckets->items.count; i++) {
        const struct stored_name *bucket = sorted[i];
        sqlite3_bind_int64(output->insert, 1, (int64_t)bucket->rank + 1);
        output_bind(output, 2, bucket->text);
        output_bind(output, 3, str_of(bucket->source->id));
        output_bind(output, 4, str_of(bucket->source->name));
        output_bind(output, 5, str_of(bucket->source->url));
        if (!output_step(output, error)) return false;
    }
    if (!output_prepare(output, "INSERT INTO share VALUES(?1,?2)", error)) return false;
    size_t feeds = output->build->state_count;
    for (size_t i = 0; i < buckets->items.count * feeds; i++) {
        if (!output->shares[i]) continue;
        sqlite3_bind_int64(output->insert, 1, (int64_t)(i / feeds) + 1);
        output_bind(output, 2, str_of(feed_at(i % feeds)->name));
        if (!output_step(output, error)) return false;
    }
    return true;
}

/* ---- facts ---- */

static int by_vulnerability(const void *a, const void *b, void *context)
{
    const struct stored_fact *x = a, *y = b;
    const struct row_store *store = context;
    return compare_u64(store->ids.items.items[x->id]->rank, store->ids.items.items[y->id]->rank);
}

struct fact_item {
    const struct stored_fact *stored;
    struct str json;
};

/* Precedence: new facts before kept ones, sources in their order, feeds in the table's; text last, as with records. */
static int by_precedence(const void *a, const void *b)
{
    const struct fact_item *x = a, *y = b;
    int order = (int)x->stored->kept - (int)y->stored->kept;
    if (!order) order = (int)x->stored->source - (int)y->stored->source;
    if (!order) order = (int)x->stored->feed - (int)y->stored->feed;
    return order ? order : str_compare(x->json, y->json);
}

static bool read_facts(struct output *output, struct arena *arena, const struct stored_fact *facts, size_t count,
                       struct fact_item *items, size_t *used, struct error *error)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    for (size_t i = 0; i < count; i++) {
        if (!facts[i].kept && output->build->states[facts[i].feed].failed) continue;
        if (*used == FACTS_LIMIT) {
            output_leave_out(output, &output->facts_left_out, output->store->ids.items.items[facts[i].id]->text);
            continue;
        }
        if (!row_store_text(output->store, facts[i].offset, facts[i].size, &text, error)) return false;
        items[(*used)++] = (struct fact_item){ &facts[i], arena_str(arena, buffer_view(&text)) };
    }
    qsort(items, *used, sizeof *items, by_precedence);
    return true;
}

static bool put_detail(struct output *output, sqlite3_stmt *key, const struct stored_fact *fact, struct str body, int64_t id,
                       struct error *error)
{
    struct str name = output->store->ids.items.items[fact->id]->text;
    sqlite3_bind_int64(output->insert, 1, id);
    output_bind(output, 2, body);
    sqlite3_bind_text64(key, 1, name.data, name.size, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(key, 2, id);
    bool good = output_step(output, error) && (sqlite3_step(key) == SQLITE_DONE || output_failed(output, error));
    sqlite3_reset(key);
    output->build->summary->vulnerabilities++;
    return good;
}

static bool put_vulnerability(struct output *output, sqlite3_stmt *key, const struct stored_fact *facts, size_t count,
                              int64_t id, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer body = { 0 };
    struct fact_item items[FACTS_LIMIT];
    yyjson_doc *documents[FACTS_LIMIT];
    yyjson_val *values[FACTS_LIMIT];
    uint8_t sources[FACTS_LIMIT];
    size_t used = 0, parsed = 0;
    bool good = read_facts(output, arena, facts, count, items, &used, error);
    for (; good && parsed < used; parsed += good) {
        good = (documents[parsed] = json_parse(items[parsed].json, 0, "a stored fact", error)) != NULL;
        if (!good) break;
        values[parsed] = yyjson_doc_get_root(documents[parsed]);
        sources[parsed] = items[parsed].stored->source;
    }
    if (good && used) {
        facts_write(&body, arena, values, sources, used);
        good = put_detail(output, key, facts, buffer_view(&body), id, error);
    }
    for (size_t i = 0; i < parsed; i++)
        yyjson_doc_free(documents[i]);
    return good;
}

static bool put_facts(struct output *output, struct error *error)
{
    struct row_store *store = output->store;
    sqlite3_stmt *key = NULL;
    if (store->fact_count) qsort_r(store->facts, store->fact_count, sizeof *store->facts, by_vulnerability, store);
    if (!output_prepare(output, "INSERT INTO detail(id,body) VALUES(?1,?2)", error)) return false;
    if (sqlite3_prepare_v2(output->database, "INSERT INTO vulnerability(id,detail) VALUES(?1,?2)", -1, &key, NULL) != SQLITE_OK)
        return output_failed(output, error);
    bool good = true;
    int64_t id = 0;
    for (size_t i = 0, next; good && i < store->fact_count; i = next) {
        for (next = i + 1; next < store->fact_count && store->facts[next].id == store->facts[i].id;)
            next++;
        if (store->ids.items.items[store->facts[i].id]->named)
            good = put_vulnerability(output, key, &store->facts[i], next - i, ++id, error);
    }
    sqlite3_finalize(key);
    const struct left_out *facts = &output->facts_left_out;
    if (facts->count)
        build_warn(output->build,
                   "%zu statements about vulnerabilities that have more than %d were left out, the first about %.*s",
                   facts->count, FACTS_LIMIT, STR_ARG(facts->first));
    return good;
}

/* ---- the small tables ---- */

static bool put_numbers(struct output *output, const struct stored_cpes *list, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer text = { 0 };
    VECTOR(int64_t) numbers = { 0 };
    for (size_t i = 0; i < list->cpes.count; i++)
        *vector_push(arena, &numbers) = output_cpe_number(output, list->cpes.items[i]);
    struct json_writer writer = { .out = &text };
    output_write_numbers(&writer, numbers.items, numbers.count);
    output_bind(output, 1, list->kind);
    output_bind(output, 2, list->key);
    output_bind(output, 3, buffer_view(&text));
    return output_step(output, error);
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
    struct stored_name **sorted = output_sorted(output, &store->cpes);
    if (!output_prepare(output, "INSERT OR IGNORE INTO cpe VALUES(?1,?2,?3)", error)) return false;
    for (size_t i = 0; i < store->cpes.items.count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", sorted[i]->rank);
        output_bind(output, 1, STR("cpe"));
        output_bind(output, 2, str_of(number));
        output_bind(output, 3, sorted[i]->text);
        if (!output_step(output, error)) return false;
    }
    if (store->cpe_lists.count)
        qsort(store->cpe_lists.items, store->cpe_lists.count, sizeof *store->cpe_lists.items, by_cpe_key);
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
    if (!output_prepare(output, "INSERT OR IGNORE INTO eol VALUES(?1,?2,?3,?4,?5)", error)) return false;
    for (size_t i = 0; i < store->ends.count; i++) {
        const struct stored_end *end = &store->ends.items[i];
        output_bind(output, 1, end->family);
        output_bind(output, 2, end->release);
        output_bind(output, 3, end->date);
        output_bind(output, 4, end->from);
        output_bind(output, 5, str_of(feed_at(end->feed)->name));
        if (!output_step(output, error)) return false;
    }
    return true;
}

/* An upstream that states no date: when its file was last changed there, if it said so. */
static struct str date_of(struct output *output, const struct feed_state *state)
{
    moment changed;
    char text[CLOCK_TEXT];
    if (!str_empty(state->as_of)) return state->as_of;
    if (!clock_parse_http(state->last_modified, &changed)) return (struct str){ 0 };
    return arena_str(output->build->arena, str_of(clock_format(changed, text)));
}

static bool put_source(struct output *output, const struct feed_state *state, struct error *error)
{
    const struct feed_info *info = &state->feed->info;
    const struct str values[] = { str_of(info->name),         str_of(info->title),    str_of(info->family), str_of(info->url),
                                  state->files.items[0].path, date_of(output, state), state->fetched_at,    state->etag,
                                  state->last_modified,       state->sha256 };
    for (int i = 0; i < 10; i++)
        output_bind(output, i + 1, values[i]);
    sqlite3_bind_int64(output->insert, 11, (int64_t)state->records);
    output_bind(output, 12, str_of(info->licence));
    sqlite3_bind_int(output->insert, 13, info->redistributable);
    sqlite3_bind_int(output->insert, 14, state->kept);
    return output_step(output, error);
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
    if (!output_prepare(output, "INSERT INTO meta VALUES(?1,?2)", error)) return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        output_bind(output, 1, rows[i][0]);
        output_bind(output, 2, rows[i][1]);
        if (!output_step(output, error)) return false;
    }
    if (!output_prepare(output, "INSERT INTO source VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)", error))
        return false;
    for (size_t i = 0; i < output->build->state_count; i++) {
        const struct feed_state *state = &output->build->states[i];
        if (!state->files.count || (state->failed && !state->kept)) continue;
        output->build->summary->feeds++;
        if (!put_source(output, state, error)) return false;
    }
    return true;
}

static bool run(struct output *output, const char *sql, struct error *error)
{
    return sqlite3_exec(output->database, sql, NULL, NULL, NULL) == SQLITE_OK || output_failed(output, error);
}

static bool make_tables(struct output *output, struct error *error)
{
    bool good = run(output, settings, error);
    for (size_t i = 0; good && i < STORE_TABLES; i++)
        good = run(output, store_tables[i], error);
    return good && run(output, "BEGIN", error);
}

static bool write_tables(struct output *output, struct error *error)
{
    if (!make_tables(output, error)) return false;
    bool good = output_put_records(output, error) && put_buckets(output, error) && put_facts(output, error) &&
                put_cpes(output, error) && put_ends(output, error) && put_meta(output, error);
    sqlite3_finalize(output->insert);
    output->insert = NULL;
    return good && run(output, "COMMIT", error);
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
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI; /* some builds of SQLite read "file:x" as one anyway */
    int code = sqlite3_open_v2(store_sqlite_uri(build->arena, path, ""), &output.database, flags, NULL);
    bool good = code == SQLITE_OK ? write_tables(&output, error) : output_failed(&output, error);
    if (sqlite3_close(output.database) != SQLITE_OK && good) good = output_failed(&output, error);
    free(output.entries);
    free(output.sums);
    free(output.sum_records);
    return good;
}
