#include "text_assert.h"
#include "oci/oci.h"

static void challenge__reads_several_in_one_value(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    oci_challenge_vector list = { 0 };
    assert_true(oci_challenge_parse(
        arena, STR("Negotiate abc==, Basic realm=\"x, \\\"y\\\"\", BEARER Realm = https://a/t , service=s,"), &list, &error));
    assert_int_equal(list.count, 3);
    assert_text(list.items[0].scheme, "negotiate");
    assert_text(oci_challenge_get(&list.items[1], "realm"), "x, \"y\"");
    assert_text(list.items[2].scheme, "bearer");
    assert_text(oci_challenge_get(&list.items[2], "realm"), "https://a/t");
    assert_text(oci_challenge_get(&list.items[2], "service"), "s");
    assert_text(oci_challenge_get(&list.items[2], "scope"), "");
}

static void challenge__refuses_what_has_no_end(void **state)
{
    static const char *const rows[] = { "", " , ", "Bearer realm=\"https://a", "=x", "Bearer realm=\"a\\" };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = { 0 };
        oci_challenge_vector list = { 0 };
        if (oci_challenge_parse(arena, str_of(rows[i]), &list, &error)) fail_msg("%s was taken", rows[i]);
        assert_error(&error, "challenge-invalid");
    }
}

static void realm__comes_from_the_network(void **state)
{
    static const struct {
        const char *registry, *realm;
        bool good;
    } rows[] = {
        { "https://r.example", "https://auth.example/token", true },
        { "https://r.example", "http://auth.example/token", false },
        { "http://r.example", "http://auth.example/token", true },
        { "https://r.example", "https://10.0.0.5/token", false },
        { "https://10.0.0.5", "https://10.0.0.5:8443/token", true },
        { "https://r.example", "https://169.254.169.254/", false },
        { "https://r.example", "https://[::ffff:169.254.169.254]/", false },
        { "https://r.example", "https://2852039166/", false },
        { "https://r.example", "ftp://auth.example/", false },
        { "https://r.example", "", false },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_url registry, url;
        struct error error = { 0 };
        assert_true(http_url_parse(arena, str_of(rows[i].registry), &registry, &error));
        if (oci_realm_check(arena, str_of(rows[i].realm), &registry, &url, &error) != rows[i].good)
            fail_msg("%s from %s", rows[i].realm, rows[i].registry);
    }
}

static void link__leads_to_the_next_page_of_the_same_host(void **state)
{
    static const struct {
        const char *link, *next, *id;
    } rows[] = {
        { "</v2/x?n=5&last=a,b>; rel=\"next\"", "https://r.example/v2/x?n=5&last=a,b", NULL },
        { "<?n=2>; rel=next", "https://r.example/v2/_catalog?n=2", NULL },
        { "</p>; rel=\"prev\", </n>; title=\"a, b\"; rel=\"last next\"", "https://r.example/n", NULL },
        { "</p>; rel=\"prev\"", NULL, NULL },
        { "next", NULL, NULL },
        { "<https://evil.example/>; rel=\"next\"", NULL, "link-other-host" },
        { "<http://r.example/v2/>; rel=\"next\"", NULL, "link-downgrade" },
        { "</v2/_catalog>; rel=\"next\"", NULL, "link-loop" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct http_url page;
    struct error error = { 0 };
    assert_true(http_url_parse(arena, STR("https://r.example/v2/_catalog"), &page, &error));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str next;
        int found = http_link_next(arena, &page, str_of(rows[i].link), &next, &error);
        if (found != (rows[i].next ? 1 : rows[i].id ? -1 : 0)) fail_msg("%s: %d", rows[i].link, found);
        if (found > 0) assert_text(next, rows[i].next);
        if (found < 0) assert_error(&error, rows[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenge__reads_several_in_one_value),
        cmocka_unit_test(challenge__refuses_what_has_no_end),
        cmocka_unit_test(realm__comes_from_the_network),
        cmocka_unit_test(link__leads_to_the_next_page_of_the_same_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
