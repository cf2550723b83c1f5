#include "text_assert.h"
#include "oci/oci.h"

#define AB "abababababababababababababababababababababababababababababababab"

static void reference__reads_what_people_type(void **state)
{
    static const struct {
        const char *input, *canonical, *familiar;
    } rows[] = {
        { "nginx", "docker.io/library/nginx:latest", "nginx" },
        { "index.docker.io/grafana/grafana:1", "docker.io/grafana/grafana:1", "grafana/grafana:1" },
        { "localhost/app", "localhost/app:latest", "localhost/app" },
        { "localhost:5000", "docker.io/library/localhost:5000", "localhost:5000" },
        { "FOO/bar:Tag", "FOO/bar:Tag", "FOO/bar:Tag" },
        { "a:1@sha256:" AB, "docker.io/library/a@sha256:" AB, "a:1@sha256:" AB },
        { "[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct oci_reference reference;
        struct error error = { 0 };
        if (!oci_reference_parse(arena, str_of(rows[i].input), &reference, &error))
            fail_msg("%s: %s", rows[i].input, error.message);
        assert_text(oci_reference_canonical(arena, &reference), rows[i].canonical);
        assert_text(oci_reference_familiar(arena, &reference), rows[i].familiar);
    }
}

static void reference__says_which_rule_was_broken(void **state)
{
    static const struct {
        const char *input, *id;
    } rows[] = {
        { "", "reference-format" },
        { "https://x/y", "reference-format" },
        { "a/../b", "reference-format" },
        { "foo_bar.com/baz", "reference-format" },
        { "foo/Bar", "reference-uppercase" },
        { AB, "reference-looks-like-id" },
        { "a@sha256:abcd", "reference-format" },
        { "a@sha256:" AB "ab", "reference-digest-length" },
        { "a@md5:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "reference-digest-unsupported" },
        { "a:b:c", "reference-format" },
        { "a b", "reference-format" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct oci_reference reference;
        struct error error = { 0 };
        if (oci_reference_parse(arena, str_of(rows[i].input), &reference, &error)) fail_msg("%s was taken", rows[i].input);
        assert_error(&error, rows[i].id);
    }
}

static void digest__verifies_content(void **state)
{
    struct error error = { 0 };
    struct str empty_object = STR("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    assert_true(oci_content_check(STR("{}"), empty_object, 2, "content", &error));
    assert_false(oci_content_check(STR("{ }"), empty_object, 2, "content", &error));
    assert_error(&error, "size-mismatch");
    assert_false(oci_content_check(STR("[]"), empty_object, 2, "content", &error));
    assert_error(&error, "digest-mismatch");
    assert_true(oci_content_check(
        STR("{}"),
        STR("sha512:27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9a33c2046ef60fd2a7878d378e29fec85"
            "1806bbd9a67878f3a9f1cda4830763fd"),
        2, "content", &error));
}

static void digest__refuses_what_cannot_be_computed(void **state)
{
    struct error error = { 0 };
    struct oci_hash hash;
    assert_false(oci_hash_start(&hash, STR("sha384:" AB "abababababababababababababababab"), &error));
    assert_error(&error, "digest-unsupported");
    assert_false(oci_hash_start(&hash, STR("sha256:../../etc/passwd"), &error));
    assert_error(&error, "digest-invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference__reads_what_people_type),
        cmocka_unit_test(reference__says_which_rule_was_broken),
        cmocka_unit_test(digest__verifies_content),
        cmocka_unit_test(digest__refuses_what_cannot_be_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
