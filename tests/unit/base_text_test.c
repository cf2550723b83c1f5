#include "unit.h"
#include "base/base.h"

static void assert_str(struct str got, const char *want)
{
    assert_int_equal(got.size, strlen(want));
    assert_memory_equal(got.data, want, got.size);
}

static void text__cuts_at_separators(void **state)
{
    struct str rest = STR("a,,b");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "b");
    assert_null(rest.data);
}

static void text__reads_numbers_that_fit_only(void **state)
{
    uint64_t value;
    assert_true(str_to_u64(STR("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_false(str_to_u64(STR("18446744073709551616"), &value));
    assert_false(str_to_u64(STR(""), &value));
    assert_false(str_to_u64(STR("1a"), &value));
    int64_t number;
    assert_true(str_to_i64(STR("-12"), &number));
    assert_int_equal(number, -12);
}

static void text__knows_valid_utf8(void **state)
{
    assert_true(str_valid_utf8(STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    static const char *const bad[] = { "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff", "\x80" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_valid_utf8(str_of(bad[i])));
}

static void text__measures_columns(void **state)
{
    assert_int_equal(str_width(STR("abc")), 3);
    assert_int_equal(str_width(STR("\xe6\xbc\xa2\xe5\xad\x97")), 4);
    assert_int_equal(str_width(STR("e\xcc\x81")), 1);
}

static void text__decodes_base64(void **state)
{
    uint8_t out[16];
    assert_int_equal(base64_decode(STR("dXNlcjpwYXNz"), out), 9);
    assert_memory_equal(out, "user:pass", 9);
    assert_int_equal(base64_decode(STR("YQ=="), out), 1);
    assert_int_equal(base64_decode(STR("YQ"), out), 1);
    assert_int_equal(base64_decode(STR("Y"), out), -1);
    assert_int_equal(base64_decode(STR("Y*=="), out), -1);
}

static void text__cleans_paths(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    static const struct {
        const char *path, *clean;
    } rows[] = {
        { "./etc/passwd", "etc/passwd" },
        { "/etc//passwd", "etc/passwd" },
        { "a/../../b", "b" },
        { "../../etc", "etc" },
        { "a/./b/", "a/b" },
        { ".", "" },
        { "..", "" },
        { ".hidden/x", ".hidden/x" },
        { "a/..b", "a/..b" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_str(path_clean(arena, str_of(rows[i].path)), rows[i].clean);
}

static void text__hashes_with_sha256(void **state)
{
    char text[SHA256_TEXT];
    assert_string_equal(sha256_text(STR("abc"), text),
                        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void text__takes_fingerprints_of_paths(void **state)
{
    struct fingerprint folder = fingerprint_below(NULL, STR("usr")), file = fingerprint_below(&folder, STR("lib"));
    char text[33];
    assert_string_equal(hex_encode(folder.bytes, sizeof folder.bytes, text), "1bb2f618393107cdaa2d321f3bc7ae6e");
    assert_string_equal(hex_encode(file.bytes, sizeof file.bytes, text), "8c65640a7c1fbad5672d9cf53927a12d");
}

static void error__keeps_control_characters_out(void **state)
{
    struct error error = { 0 };
    assert_false(error_set(&error, ERROR_INVALID, "x", "bad \x1b[31m name"));
    assert_string_equal(error.message, "bad ?[31m name");
    error_wrap(&error, "layer %d", 3);
    assert_string_equal(error.message, "layer 3: bad ?[31m name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__cuts_at_separators),
        cmocka_unit_test(text__reads_numbers_that_fit_only),
        cmocka_unit_test(text__knows_valid_utf8),
        cmocka_unit_test(text__measures_columns),
        cmocka_unit_test(text__decodes_base64),
        cmocka_unit_test(text__cleans_paths),
        cmocka_unit_test(text__hashes_with_sha256),
        cmocka_unit_test(text__takes_fingerprints_of_paths),
        cmocka_unit_test(error__keeps_control_characters_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
