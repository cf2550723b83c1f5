#include "text_assert.h"
#include "doc/doc.h"

/* As this JSON; NULL: not at all. */
static void assert_reads(const char *text, const char *json)
{
    struct error error = { 0 };
    CLEANUP_JSON yyjson_doc *document = toml_parse(str_of(text), "text", &error);
    if (!document != !json) fail_msg("%s: %s", text, document ? "taken" : error.message);
    if (!document) return;
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out };
    json_put_value(&writer, yyjson_doc_get_root(document));
    assert_text(buffer_view(&out), json);
}

static void toml__reads_all_kinds_of_values(void **state)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        { "", "{}" },
        { "a = 1_000\nb = -0xf # no", NULL },
        { "a = +99\nb = 0xdead_beef\nc = 0o17\nd = 0b101", "{\"a\":99,\"b\":3735928559,\"c\":15,\"d\":5}" },
        { "a = -9223372036854775808", "{\"a\":-9223372036854775808}" },
        { "a = 9223372036854775808", NULL },
        { "a = 1.5\nb = -2e-1", "{\"a\":1.5,\"b\":-0.2}" },
        { "a = 1.", NULL },
        { "a = 01", NULL },
        { "a = 1__0", NULL },
        { "a = true\nb = False", NULL },
        { "a = 1979-05-27T07:32:00.999-07:00\nb = 1979-05-27 07:32:00Z\nc = 07:32:00\nd = 1979-05-27",
          "{\"a\":\"1979-05-27T07:32:00.999-07:00\",\"b\":\"1979-05-27 07:32:00Z\",\"c\":\"07:32:00\",\"d\":\"1979-05-27\"}" },
        { "a = 1979-02-30", NULL },
        { "a = 'C:\\x'\nb = \"\\u00e9\\t\\\\\"", "{\"a\":\"C:\\\\x\",\"b\":\"\xc3\xa9\\t\\\\\"}" },
        { "a = \"\\ud800\"", NULL },
        { "a = \"\\x\"", NULL },
        { "a = \"\"\"\nx \\\n   y\"\"\"\"", "{\"a\":\"x y\\\"\"}" },
        { "a = '''\nx\ny'''", "{\"a\":\"x\\ny\"}" },
        { "a = \"x\ny\"", NULL },
        { "a = [1, [\"x\"], # c\n {b = 2,c.d = 3},]", "{\"a\":[1,[\"x\"],{\"b\":2,\"c\":{\"d\":3}}]}" },
        { "a = {b = 1,}", NULL },
        { "a = [1 2]", NULL },
        { "a = 1 b = 2", NULL },
        { "= 1", NULL },
        { "a", NULL },
        { "a b = 1", NULL },
        { "\"\" = 1\n'x y' = 2\n1.2 = 3", "{\"\":1,\"x y\":2,\"1\":{\"2\":3}}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_reads(rows[i].text, rows[i].json);
}

static void toml__builds_tables_once(void **state)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        { "[a.b]\nx=1\n[a]\ny=2", "{\"a\":{\"b\":{\"x\":1},\"y\":2}}" },
        { "[[a]]\nx=1\n[a.b]\ny=2\n[[a]]", "{\"a\":[{\"x\":1,\"b\":{\"y\":2}},{}]}" },
        { "a.b.c=1\na.b.d=2", "{\"a\":{\"b\":{\"c\":1,\"d\":2}}}" },
        { "[f]\na.c=1\n[f.a.t]\nx=1", "{\"f\":{\"a\":{\"c\":1,\"t\":{\"x\":1}}}}" },
        { "[a]\n[a]", NULL },
        { "a=1\na=2", NULL },
        { "a=1\n[a]", NULL },
        { "a={}\n[a.b]", NULL },
        { "a={b=1}\na.c=2", NULL },
        { "a=[]\n[[a]]", NULL },
        { "[[a]]\n[a]", NULL },
        { "[a.b]\n[a]\nb.c=1", NULL },
        { "[f]\na.c=1\n[f.a]", NULL },
        { "[a]]", NULL },
        { "[[a]", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_reads(rows[i].text, rows[i].json);
}

static void toml__names_the_line(void **state)
{
    struct error error = { 0 };
    assert_null(toml_parse(STR("a = 1\n\nb = ?\n"), "my.toml", &error));
    assert_error(&error, "toml-invalid");
    assert_non_null(strstr(error.message, "my.toml, line 3"));
}

static void toml__bounds_nesting(void **state)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    struct error error = { 0 };
    buffer_text(&text, "a = ");
    for (int i = 0; i < 100000; i++)
        buffer_char(&text, '[');
    assert_null(toml_parse(buffer_view(&text), "deep", &error));
    assert_error(&error, "toml-invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toml__reads_all_kinds_of_values),
        cmocka_unit_test(toml__builds_tables_once),
        cmocka_unit_test(toml__names_the_line),
        cmocka_unit_test(toml__bounds_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
