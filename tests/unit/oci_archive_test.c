#include "unit.h"
#include "oci/archive.h"

#include <sys/mman.h>
#include <unistd.h>

#define SIZE 10000 /* of the archive that the answers speak of */

static void put_message(struct buffer *out, uint32_t kind, struct str content)
{
    uint32_t head[2] = { kind, (uint32_t)content.size };
    buffer_append(out, head, sizeof head);
    buffer_append(out, content.data, content.size);
}

static void put_entry(struct buffer *out, uint64_t offset, uint64_t size, uint64_t name_size, uint64_t link_size,
                      struct str text)
{
    CLEANUP_BUFFER struct buffer content = { 0 };
    uint64_t numbers[] = { offset, size, name_size, link_size };
    buffer_append(&content, numbers, sizeof numbers);
    buffer_append(&content, text.data, text.size);
    put_message(out, MESSAGE_ENTRY, buffer_view(&content));
}

static bool read_list(struct arena *arena, const struct buffer *answer, struct map *entries, struct error *error)
{
    CLEANUP_STREAM struct stream *stream = stream_of_memory(buffer_view(answer));
    return archive_read_list(arena, stream, SIZE, entries, error);
}

static void archive_answer__files_and_links_are_listed(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer answer = { 0 };
    struct map *entries = map_new(arena);
    struct error error = { 0 };
    put_entry(&answer, 512, 9488, 1, ARCHIVE_NO_LINK, STR("a"));
    put_entry(&answer, 0, 0, 1, 3, STR("bd/a"));
    put_message(&answer, MESSAGE_END, STR(""));
    assert_true(read_list(arena, &answer, entries, &error));
    const struct archive_entry *file = map_get(entries, STR("a")), *link = map_get(entries, STR("b"));
    assert_true(file->offset == 512 && file->size == 9488 && !file->link.data);
    assert_true(str_equal(link->link, STR("d/a")));
}

static void archive_answer__a_child_that_lies_is_refused(void **state)
{
    static const struct {
        uint64_t offset, size, name, link;
        const char *text;
    } lies[] = {
        { 512, 9489, 1, ARCHIVE_NO_LINK, "a" },         /* ends behind the archive */
        { 10001, 0, 1, ARCHIVE_NO_LINK, "a" },          /* begins behind it */
        { 8, UINT64_MAX - 4, 1, ARCHIVE_NO_LINK, "a" }, /* wraps round */
        { 0, 0, 2, ARCHIVE_NO_LINK, "a" },              /* a name longer than the message */
        { 0, 0, UINT64_MAX, 2, "a" },                   /* lengths whose sum wraps round */
        { 0, 0, 0, ARCHIVE_NO_LINK, "a" },              /* bytes that belong to nothing */
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        CLEANUP_ARENA struct arena *arena = arena_new();
        CLEANUP_BUFFER struct buffer answer = { 0 };
        struct error error = { 0 };
        put_entry(&answer, lies[i].offset, lies[i].size, lies[i].name, lies[i].link, str_of(lies[i].text));
        put_message(&answer, MESSAGE_END, STR(""));
        assert_false(read_list(arena, &answer, map_new(arena), &error));
        assert_string_equal(error.id, "archive-answer");
    }
}

static void archive_answer__one_that_breaks_off_is_refused(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer answer = { 0 };
    struct error error = { 0 };
    put_entry(&answer, 512, 1, 1, ARCHIVE_NO_LINK, STR("a"));
    for (; answer.size; answer.size--) {
        error = (struct error){ 0 };
        assert_false(read_list(arena, &answer, map_new(arena), &error));
        assert_string_equal(error.id, ARCHIVE_BROKE_OFF);
    }
    put_message(&answer, 99, STR(""));
    assert_false(read_list(arena, &answer, map_new(arena), &error));
}

static void archive_answer__a_failure_keeps_its_name_and_words(void **state)
{
    static const struct {
        const char *sent;
        size_t size;
        const char *id, *message, *hint;
    } rows[] = {
#define SENT(text) text, sizeof text - 1
        { SENT("\x05"
               "archive-ratio\0too good\0look"),
          "archive-ratio", "too good", "look" },
        { SENT("\x05"
               "made-up\0words"),
          "archive-answer", "words", "" },
        { SENT("\x05"), "archive-answer", "", "" },
#undef SENT
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_ARENA struct arena *arena = arena_new();
        CLEANUP_BUFFER struct buffer answer = { 0 };
        struct error error = { 0 };
        put_message(&answer, MESSAGE_ERROR, str_make(rows[i].sent, rows[i].size));
        assert_false(read_list(arena, &answer, map_new(arena), &error));
        assert_string_equal(error.id, rows[i].id);
        assert_string_equal(error.message, rows[i].message);
        assert_string_equal(error.hint, rows[i].hint);
    }
}

static void archive_answer__plain_bytes_are_copied(void **state)
{
    CLEANUP_BUFFER struct buffer answer = { 0 };
    CLEANUP_FD int copy = memfd_create("copy", MFD_CLOEXEC);
    struct error error = { 0 };
    uint64_t size = 0;
    char text[8] = "";
    put_message(&answer, MESSAGE_BYTES, STR("abc"));
    put_message(&answer, MESSAGE_BYTES, STR("de"));
    put_message(&answer, MESSAGE_END, STR(""));
    CLEANUP_STREAM struct stream *stream = stream_of_memory(buffer_view(&answer));
    assert_true(archive_read_bytes(stream, copy, &size, &error));
    assert_int_equal(pread(copy, text, sizeof text, 0), 5);
    assert_string_equal(text, "abcde");
    assert_true(size == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archive_answer__files_and_links_are_listed),
        cmocka_unit_test(archive_answer__a_child_that_lies_is_refused),
        cmocka_unit_test(archive_answer__one_that_breaks_off_is_refused),
        cmocka_unit_test(archive_answer__a_failure_keeps_its_name_and_words),
        cmocka_unit_test(archive_answer__plain_bytes_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
