#include "unit.h"
#include "base/base.h"

static void clock__writes_fractions_as_long_as_needed(void **state)
{
    char text[CLOCK_TEXT];
    assert_string_equal(clock_format(1629894030 * SECOND + 5, text), "2021-08-25T12:20:30.000000005Z");
    assert_string_equal(clock_format(1629894030 * SECOND, text), "2021-08-25T12:20:30Z");
    assert_string_equal(clock_format(0, text), "1970-01-01T00:00:00Z");
}

static void clock__reads_what_feeds_write(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        { "2021-08-25T12:20:30Z", 1629894030 },
        { "2021-08-25T14:20:30+02:00", 1629894030 },
        { "2021-08-25", 1629849600 },
        { "2026-08-16T00:00:00+0000", 1786838400 },
        { "2021-13-01", -1 },
        { "2021-02-30T", -1 },
        { "2021-02-29", -1 },
        { "1900-02-29", -1 },
        { "2024-02-29", 1709164800 },
        { "2000-02-29", 951782400 },
        { "x", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        moment time = 0;
        bool read = clock_parse(str_of(rows[i].text), &time);
        assert_int_equal(read, rows[i].seconds >= 0);
        if (read) assert_true(time == rows[i].seconds * SECOND);
    }
}

static void clock__reads_the_three_http_forms(void **state)
{
    static const char *const forms[] = { "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                         "Sun Nov  6 08:49:37 1994" };
    for (size_t i = 0; i < 3; i++) {
        moment time = 0;
        assert_true(clock_parse_http(str_of(forms[i]), &time));
        assert_true(time == 784111777 * SECOND);
    }
    moment time;
    assert_false(clock_parse_http(STR("tomorrow"), &time));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(clock__writes_fractions_as_long_as_needed),
                                        cmocka_unit_test(clock__reads_what_feeds_write),
                                        cmocka_unit_test(clock__reads_the_three_http_forms) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
