#include "unit.h"
#include "doc/doc.h"

static void stanza__reads_paragraphs_and_continuations(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str text = STR("\n\nPackage: a\nDescription: x\n long\n .\n\ttab\nEmpty:\n\nPackage:b\r\nversion:  1:2-3 \r\n");
    stanza fields = { 0 };
    size_t malformed = 0;
    assert_true(stanza_next(arena, &text, &fields, &malformed));
    assert_int_equal(fields.count, 3);
    assert_true(str_is(stanza_get(&fields, "description"), "x\n long\n .\n\ttab"));
    assert_true(str_is(stanza_get(&fields, "Empty"), ""));
    assert_true(stanza_next(arena, &text, &fields, &malformed));
    assert_true(str_is(stanza_get(&fields, "PACKAGE"), "b"));
    assert_true(str_is(stanza_get(&fields, "Version"), "1:2-3"));
    assert_false(stanza_next(arena, &text, &fields, &malformed));
    assert_int_equal(malformed, 0);
}

static void stanza__counts_lines_that_are_no_field(void **state)
{
    static const struct {
        const char *text;
        size_t fields, malformed;
    } rows[] = {
        { "asdf", 0, 1 },           { ": value", 0, 1 },           { "a b: c\nd: e", 1, 1 },
        { " leading\na: b", 1, 0 }, { "a: b\nc\n d\ne: f", 2, 1 }, { "", 0, 0 },
        { "\n\n", 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_ARENA struct arena *arena = arena_new();
        struct str text = str_of(rows[i].text);
        stanza fields = { 0 };
        size_t malformed = 0;
        stanza_next(arena, &text, &fields, &malformed);
        assert_int_equal(fields.count, rows[i].fields);
        assert_int_equal(malformed, rows[i].malformed);
    }
}

static void stanza__joins_a_value_that_starts_on_the_next_line(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str text = STR("Conffiles:\n /etc/x 12\n /etc/y 34");
    stanza fields = { 0 };
    assert_true(stanza_next(arena, &text, &fields, NULL));
    assert_true(str_contains(stanza_get(&fields, "Conffiles"), "/etc/x 12\n /etc/y 34"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stanza__reads_paragraphs_and_continuations),
        cmocka_unit_test(stanza__counts_lines_that_are_no_field),
        cmocka_unit_test(stanza__joins_a_value_that_starts_on_the_next_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
