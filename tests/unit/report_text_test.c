#include "text_assert.h"
#include "scan/report/writers.h"

static void cut__counts_columns_not_bytes(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
        const char *want;
    } rows[] = {
        { "abc", 3, "abc" },
        { "abcd", 3, "abc…" },
        { "éèêë", 4, "éèêë" },
        { "éèêëa", 4, "éèêë…" },
        { "漏洞", 4, "漏洞" },
        { "漏洞说明", 5, "漏洞…" }, /* a character of two columns does not fit into one */
        { "e\u0301e\u0301e", 2, "e\u0301e\u0301…" },
        { "\xff\xfe\xfd", 2, "\xff\xfe…" },
        { "a\u0301\u0301\u0301\u0301\u0301", 1, "a\u0301\u0301\u0301…" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_text(cli_cut(arena, str_of(rows[i].text), rows[i].columns), rows[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cut__counts_columns_not_bytes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
