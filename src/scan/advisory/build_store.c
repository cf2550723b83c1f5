/* Rows wait on disk, in a file without a name beside the database; memory holds 24 bytes a row. */
#include "scan/advisory/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PENDING_SIZE ((size_t)1 << 20)

bool row_store_open(struct row_store *store, struct arena *arena, const char *folder, struct error *error)
{
    *store = (struct row_store){ .arena = arena };
    store->spool = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (store->spool < 0) { /* file systems without unnamed files */
        char *path = arena_printf(arena, "%s/.pratique-rows-XXXXXX", folder);
        store->spool = mkostemp(path, O_CLOEXEC);
        if (store->spool < 0) return error_system(error, errno, "build-spool", "cannot make a temporary file in %s", folder);
        unlink(path);
    }
    struct name_table *tables[] = { &store->buckets, &store->packages, &store->ids, &store->cpes };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        tables[i]->map = map_new(arena);
    return true;
}

void row_store_close(struct row_store *store)
{
    file_close(&store->spool);
    buffer_free(&store->pending);
    free(store->records);
    free(store->facts);
    store->records = NULL;
    store->facts = NULL;
}

struct stored_name *name_table_add(struct row_store *store, struct name_table *table, struct str text)
{
    struct stored_name *name = map_get(table->map, text);
    if (name) return name;
    name = arena_alloc(store->arena, sizeof *name);
    name->text = arena_str(store->arena, text);
    name->index = (uint32_t)table->items.count;
    *vector_push(store->arena, &table->items) = name;
    map_set(table->map, name->text, name);
    return name;
}

static int by_text(const void *a, const void *b)
{
    return str_compare((*(struct stored_name *const *)a)->text, (*(struct stored_name *const *)b)->text);
}

void name_table_rank(struct row_store *store, struct name_table *table)
{
    if (!table->items.count) return;
    struct stored_name **sorted = memory_alloc(table->items.count * sizeof *sorted);
    memcpy(sorted, table->items.items, table->items.count * sizeof *sorted);
    qsort(sorted, table->items.count, sizeof *sorted, by_text);
    for (size_t i = 0; i < table->items.count; i++)
        sorted[i]->rank = (uint32_t)i;
    free(sorted);
}

static bool flush(struct row_store *store, struct error *error)
{
    if (!file_write_all(store->spool, store->pending.data, store->pending.size, error)) return false;
    store->spooled += store->pending.size;
    store->pending.size = 0;
    return true;
}

bool row_store_text(struct row_store *store, uint64_t offset, uint32_t size, struct buffer *text, struct error *error)
{
    if (store->pending.size && !flush(store, error)) return false;
    text->size = 0;
    char *at = buffer_reserve(text, size + YYJSON_PADDING_SIZE);
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(store->spool, at + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return error_system(error, got < 0 ? errno : EIO, "build-spool", "cannot read the temporary file back");
        done += (size_t)got;
    }
    memset(at + size, 0, YYJSON_PADDING_SIZE);
    text->size = size;
    return true;
}

/* Starts a row's text; end_text gives its place. */
static uint64_t here(const struct row_store *store) { return store->spooled + store->pending.size; }

static bool end_text(struct row_store *store, uint64_t start, uint32_t *size, struct error *error)
{
    *size = (uint32_t)(here(store) - start);
    return store->pending.size < PENDING_SIZE || flush(store, error);
}

/* Grown by realloc: an arena would keep every earlier size. */
static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity + *capacity / 2 : 4096;
    return memory_resize(items, *capacity * size);
}

/* CPE names of Red Hat's entries become numbers when all are known. */
static bool note_cpes(struct row_store *store, yyjson_val *record)
{
    bool found = false;
    JSON_EACH (entry, json_get(record, "Entries"))
        JSON_EACH (cpe, json_get(entry, "Affected")) {
            name_table_add(store, &store->cpes, json_value_str(cpe));
            found = true;
        }
    return found;
}

/* Identifiers that the record is about: facts about others are of no use. */
static void note_ids(struct row_store *store, const struct row *row, size_t feed, bool kept)
{
    struct stored_name *name = name_table_add(store, &store->ids, row->id);
    name->named = true;
    if (kept && feed_table[feed].whole) name->judged = (uint16_t)(feed + 1); /* its own facts are not told from others' there */
    JSON_EACH (entry, json_get(row->body, "Entries"))
        JSON_EACH (cve, json_get(entry, "Cves")) {
            struct str id = json_str(cve, "ID");
            if (!str_empty(id)) name_table_add(store, &store->ids, id)->named = true;
        }
}

static bool add_record(struct row_store *store, const struct row *row, size_t feed, bool kept, struct error *error)
{
    struct stored_name *bucket = name_table_add(store, &store->buckets, row->bucket);
    bucket->source = row->source;
    note_ids(store, row, feed, kept);
    struct stored_record record = { .offset = here(store),
                                    .bucket = bucket->index,
                                    .feed = (uint16_t)feed,
                                    .kept = kept,
                                    .package = name_table_add(store, &store->packages, row->package)->index,
                                    .has_cpes = note_cpes(store, row->body) };
    buffer_str(&store->pending, row->id);
    buffer_char(&store->pending, 0);
    struct json_writer writer = { .out = &store->pending };
    json_put_value(&writer, row->body);
    if (!end_text(store, record.offset, &record.size, error)) return false;
    store->records = grow(store->records, store->record_count, &store->record_capacity, sizeof record);
    store->records[store->record_count++] = record;
    return true;
}

static bool add_fact(struct row_store *store, const struct row *row, size_t feed, bool kept, struct error *error)
{
    struct stored_name *id = store->late ? map_get(store->ids.map, row->id) : name_table_add(store, &store->ids, row->id);
    if (!id) return true;
    if (!kept && feed_table[feed].whole) id->judged = (uint16_t)(feed + 1);
    struct stored_fact fact = { .offset = here(store),
                                .id = id->index,
                                .feed = (uint16_t)feed,
                                .kept = kept,
                                .source = fact_source_rank(row->fact_source) };
    struct json_writer writer = { .out = &store->pending };
    json_put_value(&writer, row->body);
    if (!end_text(store, fact.offset, &fact.size, error)) return false;
    store->facts = grow(store->facts, store->fact_count, &store->fact_capacity, sizeof fact);
    store->facts[store->fact_count++] = fact;
    return true;
}

static void add_cpes(struct row_store *store, const struct row *row, size_t feed)
{
    struct stored_cpes *list = vector_push(store->arena, &store->cpe_lists);
    *list = (struct stored_cpes){ .kind = arena_str(store->arena, row->cpe_kind),
                                  .key = arena_str(store->arena, row->cpe_key),
                                  .feed = feed };
    JSON_EACH (cpe, row->body)
        *vector_push(store->arena, &list->cpes) = name_table_add(store, &store->cpes, json_value_str(cpe))->text;
}

static void add_end(struct row_store *store, const struct row *row, size_t feed)
{
    struct arena *arena = store->arena;
    *vector_push(arena, &store->ends) = (struct stored_end){ .family = arena_str(arena, row->family),
                                                             .release = arena_str(arena, row->release),
                                                             .date = arena_str(arena, row->date),
                                                             .from = arena_str(arena, row->from),
                                                             .feed = feed };
}

bool row_store_add(struct row_store *store, const struct row *row, size_t feed, bool kept, struct error *error)
{
    switch (row->kind) {
    case ROW_RECORD: return add_record(store, row, feed, kept, error);
    case ROW_FACT: return add_fact(store, row, feed, kept, error);
    case ROW_CPES: add_cpes(store, row, feed); return true;
    case ROW_END: add_end(store, row, feed); return true;
    default: return true;
    }
}
