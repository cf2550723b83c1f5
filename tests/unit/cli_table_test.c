#include "unit.h"
#include "cli/cli.h"

static struct str written(struct arena *arena, struct table *table, const char *const *texts, size_t count)
{
    struct buffer out = { 0 };
    for (size_t i = 0; i < count; i++)
        vector_push(arena, &table->cells)->text = str_of(texts[i]);
    table_write(&out, arena, table);
    struct str text = arena_str(arena, buffer_view(&out));
    buffer_free(&out);
    return text;
}

static const char *const headings[] = { "A", "Bee" };

static void table__merges_equal_neighbours_and_pads_lines(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct table table = { .columns = 2, .headings = headings, .merged = 1, .ascii = true };
    const char *const texts[] = { "x", "one\ntwo", "x", "three", "", "" };
    struct str text = written(arena, &table, texts, 6);
    assert_string_equal(arena_cstr(arena, text), "+---+-------+\n"
                                                 "| A |  Bee  |\n"
                                                 "+---+-------+\n"
                                                 "| x | one   |\n"
                                                 "|   | two   |\n"
                                                 "|   +-------+\n"
                                                 "|   | three |\n"
                                                 "+---+-------+\n"
                                                 "|   |       |\n"
                                                 "+---+-------+\n");
}

static void table__keeps_a_last_line_that_is_empty(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct table table = { .columns = 2, .headings = headings, .ascii = true };
    const char *const texts[] = { "x\n", "\n\ny" };
    struct str text = written(arena, &table, texts, 2);
    size_t lines = 0;
    for (struct str rest = text; rest.data && rest.size; lines++)
        str_line(&rest);
    assert_int_equal(lines, 4 + 3);
}

/* Twice the lines cost twice the time; by looking for each line from the first one, a hundred thousand took minutes. */
static void table__is_linear_in_the_lines_of_a_cell(void **state)
{
    enum {
        LINES = 200000
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct table table = { .columns = 2, .headings = headings };
    char *lines = arena_alloc(arena, LINES + 1);
    memset(lines, '\n', LINES);
    const char *const texts[] = { lines, "x" };
    moment start = clock_monotonic();
    struct str text = written(arena, &table, texts, 2);
    assert_true(text.size > LINES);
    assert_true(clock_monotonic() - start < 10 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__is_linear_in_the_lines_of_a_cell),
        cmocka_unit_test(table__keeps_a_last_line_that_is_empty),
        cmocka_unit_test(table__merges_equal_neighbours_and_pads_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
