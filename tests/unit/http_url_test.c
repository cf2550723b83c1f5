#include "text_assert.h"
#include "http/client/client.h"

static void url__reads_and_prints_addresses(void **state)
{
    static const struct {
        const char *input, *want; /* NULL: refused */
    } rows[] = {
        { "https://Registry.Example.COM", "https://registry.example.com/" },
        { "HTTP://h:8080/a?b=c#d", "http://h:8080/a?b=c" },
        { "https://h:443/x", "https://h/x" },
        { "https://[::1]:5000/v2/", "https://[::1]:5000/v2/" },
        { "https://h?x=1", "https://h/?x=1" },
        { "ftp://h/", NULL },
        { "h/path", NULL },
        { "https://user:secret@h/", NULL },
        { "https://h:0/", NULL },
        { "https://h:65536/", NULL },
        { "https://h:1a/", NULL },
        { "https://[::1/", NULL },
        { "https://[::g]/", NULL },
        { "https:///path", NULL },
        { "https://h/a b", NULL },
        { "https://h/a\\b", NULL },
        { "https://h\r\nX: y/", NULL },
        { "https://a%2eb/", NULL },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_url url;
        struct error error = { 0 };
        bool good = http_url_parse(arena, str_of(rows[i].input), &url, &error);
        if (good != (rows[i].want != NULL)) fail_msg("%s: %s", rows[i].input, good ? "taken" : error.message);
        if (good) assert_text(http_url_text(arena, &url), rows[i].want);
        if (!good) assert_null(strstr(error.message, "secret"));
    }
}

static void url__resolves_references(void **state)
{
    static const struct {
        const char *reference, *want;
    } rows[] = {
        { "/v2/x", "https://h:5000/v2/x" },   { "y", "https://h:5000/a/b/y" },        { "../y?q", "https://h:5000/a/y?q" },
        { "../../../y", "https://h:5000/y" }, { "?n=2", "https://h:5000/a/b/c?n=2" }, { "", "https://h:5000/a/b/c?old" },
        { "//other/x", "https://other/x" },   { "http://other/x", "http://other/x" }, { "./", "https://h:5000/a/b/" },
        { "javascript:alert", NULL },         { "file:///etc/passwd", NULL },         { "//user@h/", NULL },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct http_url base, url;
    struct error error = { 0 };
    assert_true(http_url_parse(arena, STR("https://h:5000/a/b/c?old"), &base, &error));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool good = http_url_resolve(arena, &base, str_of(rows[i].reference), &url, &error);
        if (good != (rows[i].want != NULL)) fail_msg("%s: %s", rows[i].reference, good ? "taken" : error.message);
        if (good) assert_text(http_url_text(arena, &url), rows[i].want);
    }
}

static void url__says_where_an_answer_may_lead(void **state)
{
    static const struct {
        const char *from, *next;
        bool may_be_private;
        const char *id; /* NULL: it may */
    } rows[] = {
        { "https://a/", "https://b/", false, NULL },
        { "http://a/", "http://b/", false, NULL },
        { "http://a/", "https://b/", false, NULL },
        { "https://a/", "http://b/", true, "http-redirect-downgrade" },
        { "https://a/", "http://a/", true, "http-redirect-downgrade" },
        { "https://a/", "https://10.0.0.1/", true, NULL },
        { "https://a/", "https://10.0.0.1/", false, "http-redirect-private" },
        { "http://a/", "http://[::1]:8080/", false, "http-redirect-private" },
        { "http://a/", "http://2130706433/", false, "http-redirect-private" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_url from, next;
        struct error error = { 0 };
        assert_true(http_url_parse(arena, str_of(rows[i].from), &from, &error));
        assert_true(http_url_parse(arena, str_of(rows[i].next), &next, &error));
        if (http_url_may_lead(&from, &next, rows[i].may_be_private, &error) != !rows[i].id)
            fail_msg("%s to %s", rows[i].from, rows[i].next);
        if (rows[i].id) assert_string_equal(error.id, rows[i].id);
    }
}

static void url__knows_private_addresses(void **state)
{
    static const char *const private_hosts[] = {
        "localhost", "x.localhost", "127.0.0.1",   "127.1",           "2130706433",      "0x7f.1",
        "10.1.2.3",  "172.16.0.1",  "192.168.1.1", "169.254.169.254", "0.0.0.0",         "100.64.0.1",
        "::1",       "::",          "fe80::1",     "fd00::1",         "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe"
    };
    static const char *const public_hosts[] = { "example.com",          "8.8.8.8",        "172.32.0.1",
                                                "2001:4860:4860::8888", "::ffff:8.8.8.8", "10.example.com" };
    for (size_t i = 0; i < sizeof private_hosts / sizeof *private_hosts; i++)
        if (!http_host_is_private(str_of(private_hosts[i]))) fail_msg("%s", private_hosts[i]);
    for (size_t i = 0; i < sizeof public_hosts / sizeof *public_hosts; i++)
        if (http_host_is_private(str_of(public_hosts[i]))) fail_msg("%s", public_hosts[i]);
}

static void url__encodes(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    assert_text(http_encode(arena, STR("repository:a/b:pull,push x"), ""), "repository%3Aa%2Fb%3Apull%2Cpush%20x");
    assert_text(http_encode(arena, STR("a/b:c"), "/:"), "a/b:c");
    assert_text(http_encode(arena, str_make("\0\xff", 2), ""), "%00%FF");
}

static void values__read_retry_after(void **state)
{
    static const struct {
        const char *value;
        int64_t want; /* -1: ignored */
        bool capped;
    } rows[] = {
        { "120", 120, false },
        { " 7 ", 7, false },
        { "0", 0, false },
        { "-5", -1, false },
        { "soon", -1, false },
        { "1.5", -1, false },
        { "", -1, false },
        { "99999999999999999999", 86400, true },
        { "Thu, 01 Jan 1970 00:00:30 GMT", 20, false },
        { "Thu, 01 Jan 1970 00:00:01 GMT", 0, false },
        { "Fri, 01 Jan 2500 00:00:00 GMT", 86400, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t seconds = 0;
        bool capped = false, good = http_retry_after(str_of(rows[i].value), 10 * SECOND, &seconds, &capped);
        if (good != (rows[i].want >= 0)) fail_msg("%s", rows[i].value);
        if (good) assert_int_equal(seconds, rows[i].want);
        if (good) assert_int_equal(capped, rows[i].capped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url__reads_and_prints_addresses),
        cmocka_unit_test(url__resolves_references),
        cmocka_unit_test(url__says_where_an_answer_may_lead),
        cmocka_unit_test(url__knows_private_addresses),
        cmocka_unit_test(url__encodes),
        cmocka_unit_test(values__read_retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
