#include "unit.h"
#include "doc/doc.h"

static void json__refuses_what_two_parsers_may_read_differently(void **state)
{
    static const struct {
        const char *text;
        const char *id;
    } rows[] = {
        { "{\"a\":1,\"a\":2}", "json-duplicate" }, { "{\"a\":1}x", "json-invalid" }, { "", "json-invalid" },
        { "{\"a\":\"\xff\"}", "json-invalid" },    { "{'a':1}", "json-invalid" },    { "[1,]", "json-invalid" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = { 0 };
        assert_null(json_parse(str_of(rows[i].text), JSON_STRICT, "test", &error));
        assert_string_equal(error.id, rows[i].id);
    }
}

static void json__bounds_nesting(void **state)
{
    char text[300];
    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    struct error error = { 0 };
    assert_null(json_parse(str_make(text, 200), 0, "test", &error));
    assert_string_equal(error.id, "json-depth");
}

static void json__names_line_and_column(void **state)
{
    struct error error = { 0 };
    assert_null(json_parse(STR("{\n  \"a\": }"), 0, "test", &error));
    assert_non_null(strstr(error.message, "line 2"));
}

static void json__writes_canonically(void **state)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out, .indent = 2 };
    json_open(&writer, '{');
    json_key(&writer, "a");
    json_open(&writer, '[');
    json_put_int(&writer, 1);
    json_put_real(&writer, 9.8);
    json_close(&writer, ']');
    json_key(&writer, "e");
    json_open(&writer, '{');
    json_close(&writer, '}');
    json_member_str(&writer, "t", STR("<&>\n\"\xff\x01"));
    json_member_int(&writer, "left out", 0);
    json_close(&writer, '}');
    assert_string_equal(buffer_cstr(&out),
                        "{\n  \"a\": [\n    1,\n    9.8\n  ],\n  \"e\": {},\n  \"t\": \"<&>\\n\\\"\xef\xbf\xbd\\u0001\"\n}");
}

static void json__steers_no_terminal(void **state)
{
    CLEANUP_BUFFER struct buffer people = { 0 }, programs = { 0 };
    struct str text = STR("\x1b[2J\x7f\xc2\x9b"
                          "31m\xc2\xa0\xc3\xa9");
    struct json_writer writer = { .out = &people, .indent = 2 }, compact = { .out = &programs };
    json_put_str(&writer, text);
    json_put_str(&compact, text);
    assert_string_equal(buffer_cstr(&people), "\"\\u001b[2J\\u007f\\u009b31m\xc2\xa0\xc3\xa9\"");
    assert_string_equal(buffer_cstr(&programs), "\"\\u001b[2J\x7f\xc2\x9b"
                                                "31m\xc2\xa0\xc3\xa9\"");
}

static void json__shows_what_readers_would_not_see(void **state)
{
    static const struct {
        const char *text, *shown;
    } rows[] = {
        { "a\xe2\x80\xae"
          "b",
          "\"a\\u202eb\"" },
        { "\xe2\x80\x8b", "\"\\u200b\"" },
        { "\xd8\x9c", "\"\\u061c\"" },
        { "\xe2\x80\xa8", "\"\\u2028\"" },
        { "\xef\xbb\xbf", "\"\\ufeff\"" },
        { "\xf3\xa0\x80\xa0", "\"\\udb40\\udc20\"" },
        { "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
        { "\xe2\x80\xae\xff", "\"\\u202e\xef\xbf\xbd\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_BUFFER struct buffer people = { 0 };
        struct json_writer writer = { .out = &people, .indent = 2 };
        json_put_str(&writer, str_of(rows[i].text));
        assert_string_equal(buffer_cstr(&people), rows[i].shown);
    }
    char text[] = "a\xe2\x80\x8e"
                  "b\xef\xbb\xbf\xc3\xa9";
    text_make_printable(text, sizeof text - 1);
    assert_string_equal(text, "a???b???\xc3\xa9");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(json__refuses_what_two_parsers_may_read_differently),
                                        cmocka_unit_test(json__bounds_nesting),
                                        cmocka_unit_test(json__names_line_and_column),
                                        cmocka_unit_test(json__writes_canonically),
                                        cmocka_unit_test(json__steers_no_terminal),
                                        cmocka_unit_test(json__shows_what_readers_would_not_see) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
