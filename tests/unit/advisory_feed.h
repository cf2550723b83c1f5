/* Runs a feed's reader on bytes in memory, without a child, and gives its rows. */
#ifndef ADVISORY_FEED_H
#define ADVISORY_FEED_H

#include "unit.h"
#include "scan/advisory/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct feed_case {
    struct arena *arena;
    struct feed_input inputs[4];
    size_t count;
    struct feed_run run;
};

static inline void feed_add(struct feed_case *one, const char *feed, const char *path, struct str bytes)
{
    if (!one->arena) one->arena = arena_new();
    int fd = memfd_create("feed", 0);
    assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
    one->inputs[one->count++] = (struct feed_input){ feed, str_of(path), fd, bytes.size };
}

static inline bool feed_try(struct feed_case *one, const struct feed_reader *reader, struct error *error)
{
    one->run = (struct feed_run){ .reader = reader,
                                  .arena = one->arena,
                                  .inputs = one->inputs,
                                  .input_count = one->count,
                                  .counts = arena_array(one->arena, one->count, sizeof(uint64_t)),
                                  .output = -1 };
    return reader->read(&one->run, error);
}

/* Every row must pass the parent's validation. */
static inline void feed_go(struct feed_case *one, const struct feed_reader *reader)
{
    struct error error = { 0 };
    if (!feed_try(one, reader, &error)) fail_msg("%s: %s", error.id, error.message);
    size_t before = one->run.out.size;
    feed_put_end_of_rows(&one->run);
    struct str rest = buffer_view(&one->run.out);
    while (rest.size) {
        struct str line = str_line(&rest);
        yyjson_doc *document = NULL;
        struct row row;
        if (line.size && !row_read(line, reader, one->count, &document, &row, &error))
            fail_msg("%s in %.*s", error.message, STR_ARG(line));
        yyjson_doc_free(document);
    }
    one->run.out.size = before; /* cases look at what the reader wrote */
}

static inline void feed_end(struct feed_case *one)
{
    for (size_t i = 0; i < one->count; i++)
        close(one->inputs[i].fd);
    buffer_free(&one->run.out);
    arena_free(one->arena);
}

/* The one record of (bucket, package, id) as JSON text, or NULL. */
static inline const char *feed_record(struct feed_case *one, const char *bucket, const char *package, const char *id)
{
    struct str rest = buffer_view(&one->run.out);
    const char *found = NULL;
    while (rest.size) {
        struct str line = str_line(&rest);
        struct error error;
        CLEANUP_JSON yyjson_doc *document = line.size ? json_parse(line, 0, "row", &error) : NULL;
        yyjson_val *root = yyjson_doc_get_root(document);
        if (!str_is(json_str(root, "bucket"), bucket) || !str_is(json_str(root, "package"), package) ||
            !str_is(json_str(root, "id"), id))
            continue;
        assert_null(found);
        struct buffer text = { 0 };
        struct json_writer writer = { .out = &text };
        json_put_value(&writer, json_get(root, "record"));
        found = arena_cstr(one->arena, buffer_view(&text));
        buffer_free(&text);
    }
    return found;
}

static inline const char *feed_fact(struct feed_case *one, const char *id, const char *source)
{
    struct str rest = buffer_view(&one->run.out);
    while (rest.size) {
        struct str line = str_line(&rest);
        struct error error;
        CLEANUP_JSON yyjson_doc *document = line.size ? json_parse(line, 0, "row", &error) : NULL;
        yyjson_val *root = yyjson_doc_get_root(document);
        if (!str_is(json_str(root, "vulnerability"), id) || !str_is(json_str(root, "source"), source)) continue;
        struct buffer text = { 0 };
        struct json_writer writer = { .out = &text };
        json_put_value(&writer, json_get(root, "fact"));
        const char *found = arena_cstr(one->arena, buffer_view(&text));
        buffer_free(&text);
        return found;
    }
    return NULL;
}

/* What a case wants of one record: NULL means that there must be none. */
struct feed_want {
    const char *bucket, *package, *id, *record;
};

static inline void feed_expect(struct feed_case *one, const struct feed_want *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = feed_record(one, rows[i].bucket, rows[i].package, rows[i].id);
        if (!got != !rows[i].record || (got && strcmp(got, rows[i].record) != 0))
            fail_msg("%s, %s, %s: %s instead of %s", rows[i].bucket, rows[i].package, rows[i].id, got ? got : "nothing",
                     rows[i].record ? rows[i].record : "nothing");
    }
}
#define FEED_EXPECT(one, rows) feed_expect((one), (rows), sizeof(rows) / sizeof *(rows))

#endif
