#include "unit.h"
#include "base/base.h"

static void glob__follows_doublestar(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        { "a/*.txt", "a/b.txt", true },
        { "a/*.txt", "a/b/c.txt", false },
        { "**/.git", ".git", true },
        { "**/.git", "x/y/.git", true },
        { "a/**", "a/b/c", true },
        { "a/**", "a", true },
        { "a/**/z", "a/z", true },
        { "a/**/z", "a/b/c/z", true },
        { "{a,b}/c", "b/c", true },
        { "{a,b}/c", "d/c", false },
        { "[a-c]x", "bx", true },
        { "[!a-c]x", "bx", false },
        { "a?c", "abc", true },
        { "a?c", "a/c", false },
        { "\\*", "*", true },
        { "\\*", "x", false },
        { "usr/lib/**/*.so", "usr/lib/a/b.so", true },
        { "", "", true },
        { "[", "[", false },
        { "{a", "a", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_glob(str_of(rows[i].pattern), str_of(rows[i].path)) != rows[i].matches)
            fail_msg("%s against %s should be %d", rows[i].pattern, rows[i].path, rows[i].matches);
}

static void glob__ends_on_patterns_made_to_be_slow(void **state)
{
    char pattern[256] = "", path[256];
    for (int i = 0; i < 40; i++)
        strcat(pattern, "**a");
    memset(path, 'a', 200);
    path[200] = 'b';
    path[201] = 0;
    assert_false(str_glob(str_of(pattern), str_of(path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(glob__follows_doublestar),
                                        cmocka_unit_test(glob__ends_on_patterns_made_to_be_slow) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
