#include "unit.h"
#include "scan/advisory/row.h"

static const struct feed_source sources[] = { { "debian ", "debian", "n", "u" },
                                              { "wolfi", "wolfi", "n", "u" },
                                              { NULL, NULL, NULL, NULL } };
static const struct feed_reader reader = { .name = "test", .sources = sources, .facts = "debian nvd" };

static bool reads(const char *line, struct row *row, struct error *error)
{
    yyjson_doc *document = NULL;
    bool good = row_read(str_of(line), &reader, 2, &document, row, error);
    yyjson_doc_free(document);
    return good;
}

static void row__accepts_what_readers_send(void **state)
{
    static const struct {
        const char *line;
        enum row_kind kind;
    } rows[] = {
        { "{\"f\":1,\"bucket\":\"debian 12\",\"package\":\"p\",\"id\":\"CVE-1\",\"record\":{\"FixedVersion\":\"1\",\"Severity\":4,\"VendorIDs\":[\"DSA-1\"]}}",
          ROW_RECORD },
        { "{\"f\":0,\"bucket\":\"wolfi\",\"package\":\"p\",\"id\":\"CVE-1\",\"record\":{\"Entries\":[{\"FixedVersion\":\"1\",\"Affected\":[\"cpe:/o:a\"],\"Cves\":[{\"ID\":\"CVE-1\",\"Severity\":2}],\"Status\":5}]}}",
          ROW_RECORD },
        { "{\"f\":0,\"vulnerability\":\"CVE-1\",\"source\":\"nvd\",\"fact\":{\"Title\":\"t\",\"V3Score\":9.8}}", ROW_FACT },
        { "{\"f\":0,\"kind\":\"repository\",\"key\":\"r\",\"cpes\":[\"cpe:/o:a\"]}", ROW_CPES },
        { "{\"f\":0,\"family\":\"debian\",\"release\":\"12\",\"date\":\"2028-06-30\",\"from\":\"x\"}", ROW_END },
        { "{\"f\":0,\"counts\":[1,2],\"as_of\":\"2026-01-01\",\"skipped\":3}", ROW_FINISHED },
        { "{\"percent\":40}", ROW_PROGRESS },
        { "{\"failure\":\"feed-json\",\"message\":\"m\"}", ROW_FAILURE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct row row;
        struct error error;
        if (!reads(rows[i].line, &row, &error)) fail_msg("%s: %s", rows[i].line, error.message);
        assert_int_equal(row.kind, rows[i].kind);
    }
}

/* What one record of a child has at most; the parent takes all of it. */
static void row__holds_what_a_reader_may_send(void **state)
{
    struct arena *arena = arena_new();
    struct feed_run run = { .reader = &reader, .arena = arena, .input_count = 1, .output = -1 };
    struct feed_record record = { .bucket = STR("wolfi"), .package = STR("p"), .id = STR("CVE-2024-1") };
    for (int i = 0; i < 4001; i++) {
        struct feed_entry *entry = vector_push(arena, &record.entries);
        entry->fixed_version = arena_strf(arena, "%d", i);
    }
    for (int i = 0; i < 4001; i++)
        *vector_push(arena, &record.entries.items[0].cves) = (struct feed_cve){ STR("CVE-2024-1"), SEVERITY_LOW };
    for (int i = 0; i < 10001; i++)
        *vector_push(arena, &record.vendor_ids) = STR("X-1");
    *vector_push(arena, &record.patched) = arena_strf(arena, "%02000d", 1);
    feed_put_record(&run, &record);
    assert_int_equal(run.skipped, 4);
    yyjson_doc *document = NULL;
    struct row row;
    struct error error;
    if (!row_read(str_trim(buffer_view(&run.out)), &reader, 1, &document, &row, &error)) fail_msg("%s", error.message);
    yyjson_val *entries = json_get(row.body, "Entries");
    assert_int_equal(yyjson_arr_size(entries), 4000);
    assert_int_equal(yyjson_arr_size(json_get(yyjson_arr_get_first(entries), "Cves")), 4000);
    assert_int_equal(yyjson_arr_size(json_get(row.body, "VendorIDs")), 10000);
    yyjson_doc_free(document);
    buffer_free(&run.out);
    arena_free(arena);
}

#define RECORD(record) "{\"f\":0,\"bucket\":\"debian 12\",\"package\":\"p\",\"id\":\"CVE-1\",\"record\":" record "}"
#define FACT(fact) "{\"f\":0,\"vulnerability\":\"CVE-1\",\"source\":\"nvd\",\"fact\":" fact "}"

static void row__refuses_everything_else(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"f\":0}",
        "{\"f\":2,\"counts\":[1,2]}",
        "{\"f\":-1,\"counts\":[1,2]}",
        "{\"f\":0,\"counts\":[1]}",
        "{\"f\":0,\"bucket\":\"alpine 3\",\"package\":\"p\",\"id\":\"CVE-1\",\"record\":{}}", /* another reader's bucket */
        "{\"f\":0,\"bucket\":\"debian \",\"package\":\"p\",\"id\":\"CVE-1\",\"record\":{}}",
        "{\"f\":0,\"bucket\":\"wolfi 2\",\"package\":\"p\",\"id\":\"CVE-1\",\"record\":{}}",
        "{\"f\":0,\"bucket\":\"debian 12\",\"id\":\"CVE-1\",\"record\":{}}",
        "{\"f\":0,\"bucket\":\"debian 12\",\"package\":\"p\",\"record\":{}}",
        RECORD("[]"),
        RECORD("null"),
        RECORD("{\"Other\":1}"),
        RECORD("{\"FixedVersion\":1}"),
        RECORD("{\"Severity\":5}"),
        RECORD("{\"Severity\":-1}"),
        RECORD("{\"Status\":8}"),
        RECORD("{\"VendorIDs\":[1]}"),
        RECORD("{\"VendorIDs\":\"x\"}"),
        RECORD("{\"Severity\":1,\"FixedVersion\":\"1\"}"), /* not in the table's order */
        RECORD("{\"FixedVersion\":\"1\",\"FixedVersion\":\"2\"}"),
        RECORD("{\"Entries\":[{\"Cves\":[{\"X\":1}]}]}"),
        RECORD("{\"Entries\":[1]}"),
        "{\"f\":0,\"vulnerability\":\"CVE-1\",\"source\":\"redhat\",\"fact\":{}}", /* another reader's source */
        FACT("{\"V3Score\":11}"),
        FACT("{\"V3Score\":\"9\"}"),
        FACT("{\"Score\":1}x"),
        "{\"f\":0,\"kind\":\"cpe\",\"key\":\"r\",\"cpes\":[]}",
        "{\"f\":0,\"kind\":\"nvr\",\"key\":\"r\",\"cpes\":[1]}",
        "{\"f\":0,\"family\":\"debian\",\"release\":\"12\",\"date\":\"soon\",\"from\":\"x\"}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct row row;
        struct error error = { 0 };
        if (reads(lines[i], &row, &error)) fail_msg("accepted: %s", lines[i]);
        assert_non_null(error.id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(row__accepts_what_readers_send),
                                        cmocka_unit_test(row__holds_what_a_reader_may_send),
                                        cmocka_unit_test(row__refuses_everything_else) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
