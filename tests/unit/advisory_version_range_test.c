#include "unit.h"
#include "scan/advisory/version.h"

/* '+' inside, '-' outside, '?' unreadable. */
struct row {
    const char *version;
    char place;
    const char *range;
};

static void ensure_places(const struct version_order *order, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool inside;
        bool read = version_satisfies(order, str_of(rows[i].version), str_of(rows[i].range), &inside);
        char place = !read ? '?' : inside ? '+' : '-';
        if (place != rows[i].place)
            fail_msg("%s: %s in \"%s\": wanted %c, got %c", order->name, rows[i].version, rows[i].range, rows[i].place, place);
    }
}
#define ENSURE_PLACES(order, ...)                                  \
    do {                                                           \
        static const struct row rows[] = { __VA_ARGS__ };          \
        ensure_places(&(order), rows, sizeof rows / sizeof *rows); \
    } while (0)

static void ranges__of_operators_serve_every_order(void **state)
{
    ENSURE_PLACES(version_deb, { "1.0-1", '+', "< 1.0-2" }, { "1.0-1", '-', "<1.0-1" }, { "1.0-1", '+', "<=1.0-1" },
                  { "1.0-1", '+', ">= 1.0, < 1.1 || = 3" }, { "3", '+', ">= 1.0, < 1.1 || = 3" },
                  { "2", '-', ">= 1.0, < 1.1 || = 3" }, { "2", '+', "!= 1" }, { "2", '+', "2" }, { "2", '?', "" },
                  { "2", '?', "<" }, { "2", '?', "<1 ||" }, { "2", '?', "<1 | >2" }, { "2", '?', "< 1,, > 2" },
                  { "2", '?', "= 2 || a1" }, { "2", '?', "^2" }, { "2", '+', "=>1 =<2" }, { "2", '+', ">1<3" });
    ENSURE_PLACES(version_rpm, { "1.0-1", '+', "< 1.0^git1" }, { "1:1.0-1", '-', "< 1.0-2" });
    ENSURE_PLACES(version_apk, { "1.2.3-r0", '+', "<1.2.3-r1" });
}

static void generic__knows_caret_and_tilde(void **state)
{
    ENSURE_PLACES(version_generic, { "1.9", '+', "^1.2.3" }, { "2.0.0", '-', "^1.2.3" }, { "0.2.9", '+', "^0.2.3" },
                  { "0.3.0", '-', "^0.2.3" }, { "0.0.4", '-', "^0.0.3" }, { "0.0.9", '+', "^0.0" }, { "0.1.0", '-', "^0.0" },
                  { "1.2.9", '+', "~1.2.3" }, { "1.3.0", '-', "~1.2.3" }, { "1.9", '+', "~1" }, { "2", '-', "~1" },
                  { "1.9", '+', "~>1.2" }, { "1.3", '-', "~1.2" }, { "2.0.0-rc1", '+', "^1.2" }, { "9.0", '+', "^9.0" },
                  { "9.99", '+', "^9.0" }, { "10.0", '-', "^9.0" }, { "1.0", '?', "*" }, { "1.0", '?', "1.x" });
}

static void npm__reads_the_ranges_of_node_semver(void **state)
{
    ENSURE_PLACES(version_npm, { "1.2.3", '+', "1.x" }, { "1.2.3", '+', "*" }, { "1.2.3", '+', "" },
                  { "1.2.3", '+', "1.2.3 - 1.9.9" }, { "1.9.10", '-', "1.2.3 - 1.9.9" }, { "1.9.10", '+', "1.2 - 1.9" },
                  { "2.0.0-beta.1", '+', "<2.0.0" }, { "1.2.3-beta", '-', "~1.2.3" }, { "1.2.0-beta", '+', "~1.2" },
                  { "2.0.0-beta", '-', "^1" }, { "0.0.3", '+', "^0.0.3" }, { "0.0.4", '-', "^0.0.3" },
                  { "1.5.0", '+', ">= 1.2.0, < 2" }, { "2.0.0", '-', "<=1" }, { "1.9.0", '+', "<=1" }, { "1.9.0", '-', ">1" },
                  { "2.0.0", '+', ">1" }, { "1.0.0", '-', "<*" }, { "1.0.0", '+', "v1.0.0" }, { "1.0.0", '+', ">=1.0.0+build" },
                  { "1.0.0", '?', "==1.0.0" }, { "1.0.0", '?', "foo" }, { "1.0.0", '?', "1.x.3" }, { "1.0", '?', "*" },
                  { "1.0.0", '?', "=1.0.0 || 01" });
}

static void pep440__reads_specifiers_as_packaging(void **state)
{
    ENSURE_PLACES(version_pep440, { "2.0a1", '-', "<2.0" }, { "2.0.post1", '-', ">2.0" }, { "1.4.5", '+', "~=1.4" },
                  { "2.0", '-', "~=1.4" }, { "1.4.5", '+', "==1.4.*" }, { "1.5", '+', "!=1.4.*" },
                  { "2.1.0+cpu", '+', "<=2.1.0" }, { "2.1.0+cpu", '+', "==2.1.0" }, { "2.1.0", '-', "==2.1.0+cpu" },
                  { "1.0", '+', "===1.0" }, { "1.0.0", '-', "===1.0" }, { "1.0", '+', ">= 0.9 , < 2 || == 5" },
                  { "1.0", '+', "" }, { "1.0", '+', "<2," }, { "1.0", '?', "1.0" }, { "1.0", '?', "=1.0" }, { "1.0", '?', "*" },
                  { "1.0", '?', ">=1.0.*" }, { "1.0", '?', "~=1" }, { "1.0", '?', "<1.0+a" }, { "1.0", '?', ">= 1.0 < 2.0" },
                  { "1.0", '?', "==1.0a1.*" });
}

static void pypi__takes_the_plain_order(void **state)
{
    ENSURE_PLACES(version_pypi, { "2.0a1", '+', "<2.0" }, { "2.0.dev1", '+', "<2.0" }, { "2.0.post1", '+', ">2.0" },
                  { "2.0+cpu", '-', ">2.0" }, { "2.0+cpu", '-', "<2.0" }, { "2.0", '-', "<2.0" }, { "1.4.5", '+', "~=1.4" });
}

static void maven__reads_brackets_and_operators(void **state)
{
    ENSURE_PLACES(version_maven, { "1.0", '+', "[1.0,2.0)" }, { "2.0", '-', "[1.0,2.0)" }, { "2.0-SNAPSHOT", '+', "[1.0,2.0)" },
                  { "1.0", '+', "(,1.0]" }, { "1.0", '+', "[1.0]" }, { "1.1", '-', "[1.0]" }, { "9", '+', "[1.2,)" },
                  { "2.1", '+', "[1.0,1.1),[2.0,)" }, { "1.1", '-', "[1.0, 1.1) , [2.0,)" }, { "1.0", '+', ">=1.0, <2.0" },
                  { "1.0", '-', "<1.0 || >=2.0" }, { "1.0", '?', "[1.0,2.0" }, { "1.0", '?', "(1.0)" },
                  { "1.0", '?', "[1,2,3]" }, { "1.0", '?', "[1]x" }, { "1.0", '?', "[1]," }, { "1.0", '?', "[]" });
}

static void rubygems__reads_requirements(void **state)
{
    ENSURE_PLACES(version_rubygems, { "1.2.9", '+', "~> 1.2.3" }, { "1.3.0", '-', "~> 1.2.3" }, { "1.9", '+', "~> 1.2" },
                  { "2.0.0.beta", '-', "~> 1.2" }, { "2.5", '+', "~> 2" }, { "5.2.4.4", '+', "~> 5.2.4, >= 5.2.4.3" },
                  { "2.0.0.beta", '+', "< 2.0" }, { "1.0", '?', "~ 1.0" }, { "1.0", '+', "= 1.0.0" },
                  { "9.9", '+', "~> 9.0.a" }, { "10.0", '-', "~> 9.0" });
}

static void composer__normalises_before_it_compares(void **state)
{
    ENSURE_PLACES(version_composer, { "1.0", '+', ">=1.0.0" }, { "v1.2.3", '+', ">=1.0,<1.2.4" },
                  { "1.2.x-dev", '-', "<1.2.9" }, { "1.2.x-dev", '+', "<1.3" }, { "dev-main", '-', "<9" },
                  { "dev-main", '+', "=dev-main" }, { "1.0.0+build", '+', "=1.0" }, { "1.0-stable", '+', "=1" },
                  { "1.0-RC1", '+', "<1.0.0" }, { "1.0", '?', "^1.0" });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges__of_operators_serve_every_order),
        cmocka_unit_test(generic__knows_caret_and_tilde),
        cmocka_unit_test(npm__reads_the_ranges_of_node_semver),
        cmocka_unit_test(pep440__reads_specifiers_as_packaging),
        cmocka_unit_test(pypi__takes_the_plain_order),
        cmocka_unit_test(maven__reads_brackets_and_operators),
        cmocka_unit_test(rubygems__reads_requirements),
        cmocka_unit_test(composer__normalises_before_it_compares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
