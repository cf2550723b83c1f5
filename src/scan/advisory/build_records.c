/* Records: sorted by bucket, package and identifier, united where several rows speak of one, equal bodies written once. */
#include "scan/advisory/build_output.h"
#include "scan/advisory/record.h"

#include <stdlib.h>

static int by_key(const void *a, const void *b, void *context)
{
    const struct stored_record *x = a, *y = b;
    const struct row_store *store = context;
    int order = compare_u64(store->buckets.items.items[x->bucket]->rank, store->buckets.items.items[y->bucket]->rank);
    if (!order)
        order = compare_u64(store->packages.items.items[x->package]->rank, store->packages.items.items[y->package]->rank);
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

/* Entries of equal content but their CPEs, which become one: a fix for several streams is one fix. */
struct united_entry {
    yyjson_val *first;
    VECTOR(int64_t) numbers;
};
typedef VECTOR(struct united_entry *) united_entry_vector;

/* All that an entry says but its CPEs; members come in one order (row.c). */
static struct str without_cpes(struct arena *arena, yyjson_val *entry)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    struct json_writer writer = { .out = &text };
    json_open(&writer, '{');
    JSON_MEMBERS (key, value, entry) {
        if (str_is(json_value_str(key), "Affected")) continue;
        json_key_str(&writer, json_value_str(key));
        json_put_value(&writer, value);
    }
    return arena_str(arena, buffer_view(&text));
}

static void unite_entries(struct output *output, struct arena *arena, yyjson_val *const *entries, size_t count,
                          united_entry_vector *united)
{
    struct map *known = map_new(arena);
    for (size_t i = 0; i < count; i++) {
        struct str key = without_cpes(arena, entries[i]);
        struct united_entry *one = map_get(known, key);
        if (!one) {
            *vector_push(arena, united) = one = arena_alloc(arena, sizeof *one);
            one->first = entries[i];
            map_set(known, key, one);
        }
        JSON_EACH (cpe, json_get(entries[i], "Affected"))
            *vector_push(arena, &one->numbers) = output_cpe_number(output, json_value_str(cpe));
    }
}

static void write_entries(struct output *output, struct json_writer *writer, struct arena *arena, yyjson_val *const *entries,
                          size_t count)
{
    united_entry_vector united = { 0 };
    unite_entries(output, arena, entries, count, &united);
    json_key(writer, "Entries");
    json_open(writer, '[');
    for (size_t i = 0; i < united.count; i++) {
        struct united_entry *one = united.items[i];
        json_open(writer, '{');
        JSON_MEMBERS (key, value, one->first) {
            json_key_str(writer, json_value_str(key));
            if (str_is(json_value_str(key), "Affected"))
                output_write_numbers(writer, one->numbers.items, one->numbers.count);
            else
                json_put_value(writer, value);
        }
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

/* Where the first row only says "affected", a later one's reason says more: Ubuntu's VEX beside its OSV records. */
static yyjson_val *state_of(yyjson_doc *const *documents, size_t count)
{
    yyjson_val *first = yyjson_doc_get_root(documents[0]);
    if (json_get(first, "FixedVersion") || json_int(first, "Status", 0) != STATUS_AFFECTED) return first;
    for (size_t i = 1; i < count; i++)
        if (json_int(yyjson_doc_get_root(documents[i]), "Status", 0) > STATUS_FIXED) return yyjson_doc_get_root(documents[i]);
    return first;
}

/* The state's own word; where its row has none, that of the first row that says the same. */
static yyjson_val *word_of(yyjson_doc *const *documents, size_t count, yyjson_val *state)
{
    yyjson_val *word = json_get(state, "VendorStatus");
    for (size_t i = 0; !word && i < count; i++) {
        yyjson_val *row = yyjson_doc_get_root(documents[i]);
        if (json_int(row, "Status", 0) == json_int(state, "Status", 0)) word = json_get(row, "VendorStatus");
    }
    return word;
}

static void put_member(struct json_writer *writer, const char *name, yyjson_val *value)
{
    if (!value) return;
    json_key(writer, name);
    json_put_value(writer, value);
}

/* The first row's members; status and word may be a later one's, and stand where row.c wants them. */
static void write_members(struct json_writer *writer, yyjson_doc *const *documents, size_t count)
{
    static const char *const before[] = { "FixedVersion", "AffectedVersion", "VulnerableVersions", "PatchedVersions",
                                          "Severity" };
    yyjson_val *first = yyjson_doc_get_root(documents[0]), *state = state_of(documents, count);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        put_member(writer, before[i], json_get(first, before[i]));
    put_member(writer, "Status", json_get(state, "Status"));
    put_member(writer, "VendorStatus", word_of(documents, count, state));
    put_member(writer, "VendorIDs", json_get(first, "VendorIDs"));
}

/* Rows of one identifier: the first one's members; Entries of all. */
static bool write_merged(struct output *output, struct json_writer *writer, const struct item *items, size_t count,
                         struct error *error)
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
        JSON_EACH (entry, json_get(yyjson_doc_get_root(document), "Entries"))
            if (entries.count < FEED_ENTRY_LIMIT)
                *vector_push(arena, &entries) = entry;
            else
                output_leave_out(output, &output->entries_left_out, items[i].id);
    }
    if (good) {
        json_open(writer, '{');
        write_members(writer, documents.items, documents.count);
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
        const struct json_writer before = writer;
        size_t size = body->size;
        json_key_str(&writer, items->items[i].id);
        bool plain =
            next == i + 1 && !items->items[i].stored->has_cpes && str_find_text(items->items[i].json, STR("\"Entries\"")) < 0;
        if (plain) {
            writer.after_key = false;
            writer.comma = true;
            buffer_str(body, items->items[i].json);
        } else if (!write_merged(output, &writer, &items->items[i], next - i, error)) {
            return false;
        }
        if (body->size < STORE_VALUE_LIMIT) continue;
        writer = before; /* nobody could read it */
        body->size = size;
        output_leave_out(output, &output->records_left_out, items->items[i].id);
    }
    json_close(&writer, '}');
    output->build->summary->records += items->count;
    return true;
}

/* ---- equal bodies once ---- */

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
    output_bind(output, 2, body);
    return output_step(output, error);
}

/* Of two feeds of one distribution the newer form stands alone in every bucket it fills: what it does not name any more is
 * no longer true. */
static bool is_superseded(const struct output *output, const struct stored_record *record)
{
    const struct build *build = output->build;
    const char *by = build->states[record->feed].feed->superseded_by;
    for (size_t i = 0; by && i < build->state_count; i++)
        if (strcmp(build->states[i].feed->info.name, by) == 0) return output->present[record->bucket * build->state_count + i];
    return false;
}

/* What a feed says of a vulnerability without a fix, when another one, newer, has named all its products. */
static bool is_outdated(const struct output *output, const struct stored_record *record, struct str id)
{
    const struct build *build = output->build;
    const char *by = build->states[record->feed].feed->outdated_by;
    const struct stored_name *name = by ? map_get(output->store->ids.map, id) : NULL;
    if (!name || !name->judged) return false;
    const struct feed_state *state = &build->states[name->judged - 1];
    return strcmp(state->feed->info.name, by) == 0 && (!state->failed || state->kept);
}

static bool is_used(const struct output *output, const struct stored_record *record)
{
    return (record->kept || !output->build->states[record->feed].failed) && !is_superseded(output, record);
}

static void note_presence(struct output *output)
{
    const struct row_store *store = output->store;
    size_t feeds = output->build->state_count;
    output->present = arena_array(output->build->arena, store->buckets.items.count * feeds, sizeof(bool));
    for (size_t i = 0; i < store->record_count; i++)
        output->present[store->records[i].bucket * feeds + store->records[i].feed] = true;
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
        if (is_outdated(output, &records[i], id)) continue;
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
    if (store->record_count) qsort_r(store->records, store->record_count, sizeof *store->records, by_key, store);
    if (!output_prepare(output, "INSERT INTO record(id,body) VALUES(?1,?2)", error)) return false;
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
    struct stored_name **by_rank = output_sorted(output, &output->store->packages);
    if (!output_prepare(output, "INSERT INTO entry(bucket,package,record) VALUES(?1,?2,?3)", error)) return false;
    for (size_t i = 0; i < output->entry_count; i++) {
        const struct entry *entry = &output->entries[i];
        sqlite3_bind_int64(output->insert, 1, (int64_t)entry->bucket + 1);
        output_bind(output, 2, by_rank[entry->package]->text);
        sqlite3_bind_int64(output->insert, 3, entry->record);
        if (!output_step(output, error)) return false;
    }
    output->build->summary->packages = output->entry_count;
    return true;
}

bool output_put_records(struct output *output, struct error *error)
{
    const struct left_out *entries = &output->entries_left_out;
    note_presence(output);
    if (!put_records(output, error) || !put_entries(output, error)) return false;
    if (entries->count)
        build_warn(output->build, "%zu entries of records that have more than %d were left out, the first of %.*s",
                   entries->count, FEED_ENTRY_LIMIT, STR_ARG(entries->first));
    if (output->records_left_out.count)
        build_warn(output->build, "%zu records of packages that have more than %d MB of them were left out, the first of %.*s",
                   output->records_left_out.count, STORE_VALUE_LIMIT >> 20, STR_ARG(output->records_left_out.first));
    return true;
}
