#include "unit.h"
#include "scan/model/model.h"

static void severity__words_and_numbers_agree(void **state)
{
    enum severity severity;
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        assert_true(severity_parse(str_of(severity_word((enum severity)i)), &severity));
        assert_int_equal(severity, i);
    }
    assert_true(severity_parse(STR("cRiTiCaL"), &severity));
    assert_int_equal(severity, SEVERITY_CRITICAL);
    assert_false(severity_parse(STR("NONE"), &severity));
    assert_string_equal(severity_word((enum severity)99), "UNKNOWN");
}

static void status__words_and_numbers_agree(void **state)
{
    enum status status;
    for (int i = 0; i < STATUS_COUNT; i++) {
        assert_true(status_parse(str_of(status_word((enum status)i)), &status));
        assert_int_equal(status, i);
    }
    assert_int_equal(STATUS_END_OF_LIFE, 7); /* numbers of the trivy.db format (scan.md §12.3) */
    assert_false(status_parse(STR(""), &status));
}

static void path__must_be_clean(void **state)
{
    static const struct {
        struct str path;
        bool valid;
    } rows[] = {
        { STR("a"), true },       { STR("a/b.c"), true },  { STR("..a/b.."), true }, { STR("a b/\xff"), true },
        { STR(""), false },       { STR("/a"), false },    { STR("a/"), false },     { STR("a//b"), false },
        { STR("."), false },      { STR("a/./b"), false }, { STR(".."), false },     { STR("a/.."), false },
        { STR("a/../b"), false }, { STR("a\0b"), false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(layer_path_valid(rows[i].path), rows[i].valid);
}

/* By the kind, or by the id below a wider kind; what is not known here says nothing. */
static void coverage__knows_what_an_empty_result_is_worth(void **state)
{
    static const struct {
        const char *kind, *id;
        bool unjudged, worthless;
    } rows[] = {
        { "products-unknown", NULL, true, true },
        { "release-unknown", NULL, true, true },
        { "type-unsupported", NULL, true, true },
        { "third-party", NULL, false, false },
        { "file-unread", "rpm-header-damaged", false, false },
        { "file-unread", "rpm-database-damaged", false, true },
        { "file-unread", "rpm-journal-pending", false, true },
        { "file-unread", "link-unfollowed", false, true },
        { "link-unfollowed", NULL, false, true },
        { "new-kind", "new-id", false, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct coverage_note note = { .kind = str_of(rows[i].kind), .id = str_of(rows[i].id) };
        assert_int_equal(coverage_result_unjudged(&note), rows[i].unjudged);
        assert_int_equal(coverage_is_worthless(&note), rows[i].worthless);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(severity__words_and_numbers_agree),
        cmocka_unit_test(status__words_and_numbers_agree),
        cmocka_unit_test(path__must_be_clean),
        cmocka_unit_test(coverage__knows_what_an_empty_result_is_worth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
