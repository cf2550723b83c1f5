#include "unit.h"
#include "scan/model/model.h"

static void strings_add(struct arena *arena, str_vector *strings, const char *text)
{
    *vector_push(arena, strings) = str_of(text);
}

static struct layer_content example(struct arena *arena)
{
    struct layer_content content = { .diff_id = STR("sha256:00"), .size = 12, .entries = 3 };
    strings_add(arena, &content.opaque, "");
    strings_add(arena, &content.whiteouts, "var/lib");
    strings_add(arena, &content.replaced, "etc");
    *vector_push(arena, &content.links) = (struct link){ STR("lib"), STR("usr/lib"), false };
    *vector_push(arena, &content.problems) = (struct problem){ STR("a"), STR("x-y"), STR("broken \x01") };
    struct fragment *files = vector_push(arena, &content.fragments);
    *files = (struct fragment){ .kind = FRAGMENT_FILES, .path = STR("var/lib/dpkg/info/a.md5sums"), .subject = STR("a") };
    strings_add(arena, &files->strings, "usr/bin/a");
    struct fragment *packages = vector_push(arena, &content.fragments);
    *packages = (struct fragment){ .kind = FRAGMENT_PACKAGES, .path = STR("lib/apk/db/installed"), .cataloguer = STR("apk") };
    struct package *package = vector_push(arena, &packages->packages);
    *package = (struct package){ .id = STR("a@1"),
                                 .name = STR("a"),
                                 .version = STR("1"),
                                 .epoch = -3,
                                 .indirect = true,
                                 .relationship = RELATION_DIRECT,
                                 .digest = STR("md5:0") };
    strings_add(arena, &package->depends_on, "so:x");
    strings_add(arena, &package->installed_files, "bin/a");
    struct fragment *os = vector_push(arena, &content.fragments);
    *os = (struct fragment){ .kind = FRAGMENT_OS,
                             .path = STR("etc/os-release"),
                             .os = { STR("debian"), STR("12"), STR("bookworm"), true } };
    return content;
}

static void assert_example(const struct layer_content *content, bool with_files)
{
    assert_true(str_is(content->diff_id, "sha256:00"));
    assert_int_equal(content->size, 12);
    assert_int_equal(content->links.count, 1);
    assert_true(str_is(content->links.items[0].target, "usr/lib"));
    assert_true(str_is(content->problems.items[0].message, "broken \x01"));
    assert_int_equal(content->opaque.count, 1);
    assert_int_equal(content->fragments.count, with_files ? 3 : 2);
    const struct package *package = &content->fragments.items[0].packages.items[0];
    assert_true(str_is(package->id, "a@1"));
    assert_int_equal(package->epoch, -3);
    assert_int_equal(package->relationship, RELATION_DIRECT);
    assert_true(package->indirect);
    assert_int_equal(package->installed_files.count, with_files);
    assert_true(content->fragments.items[1].os.extended);
    if (with_files) assert_true(str_is(content->fragments.items[2].strings.items[0], "usr/bin/a"));
}

static void content__comes_back_whole(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct layer_content content = example(arena), back = { 0 };
    struct error error = { 0 };
    layer_content_write(&out, &content, LAYER_ALL);
    assert_true(layer_content_read(arena, buffer_view(&out), &back, &error));
    assert_example(&back, true);
}

static void content__comes_back_in_two_halves(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer main = { 0 }, files = { 0 };
    struct layer_content content = example(arena), back = { 0 }, alone = { 0 };
    struct error error = { 0 };
    layer_content_write(&main, &content, LAYER_MAIN);
    layer_content_write(&files, &content, LAYER_FILES);
    assert_false(layer_content_read(arena, buffer_view(&files), &alone, &error)); /* names packages that are not there yet */
    error = (struct error){ 0 };
    assert_true(layer_content_read(arena, buffer_view(&main), &back, &error));
    assert_example(&back, false);
    assert_true(layer_content_read(arena, buffer_view(&files), &back, &error));
    assert_example(&back, true);
}

static void content__refuses_what_it_did_not_write(void **state)
{
    static const char *const rows[] = {
        "",
        "[]",
        "{\"Unknown\":1}",
        "{\"Size\":-1}",
        "{\"Size\":\"1\"}",
        "{\"Size\":1,\"Size\":2}",
        "{\"Whiteouts\":[\"../etc\"]}",
        "{\"Whiteouts\":[\"\"]}",
        "{\"Whiteouts\":[1]}",
        "{\"Whiteouts\":{}}",
        "{\"Fragments\":{}}",
        "{\"Fragments\":[],\"Fragments\":[]}",
        "{\"Fragments\":[{}]}",
        "{\"Fragments\":[{\"Kind\":\"os\"}]}",
        "{\"Fragments\":[{\"Path\":\"a\"}]}",
        "{\"Fragments\":[{\"Kind\":\"files\",\"Path\":\"a\"}]}",
        "{\"Fragments\":[{\"Kind\":\"nonsense\",\"Path\":\"a\"}]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"/a\"}]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[1]}]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[{\"FilePath\":\"../x\"}]}]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[{\"Relationship\":9}]}]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[{\"Name\":\"a\",\"Name\":\"b\"}]}]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[{\"Epoch\":18446744073709551615}]}]}",
        "{\"Fragments\":[{\"Kind\":\"os\",\"Path\":\"a\",\"OS\":[]}]}",
        "{\"InstalledFiles\":[[0,0,[\"a\"]]]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[{\"Name\":\"a\"}]}],\"InstalledFiles\":[[0,1,["
        "\"a\"]]]}",
        "{\"Fragments\":[{\"Kind\":\"packages\",\"Path\":\"a\",\"Packages\":[{\"Name\":\"a\"}]}],\"InstalledFiles\":[[0,0,[\"/"
        "a\"]]]}",
        "{\"Links\":[{\"Target\":\"a\"}]}",
        "{\"Problems\":[{\"Path\":\"a/../..\"}]}",
        "{\"DiffID\":\"\xff\"}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_ARENA struct arena *arena = arena_new();
        struct layer_content content = { 0 };
        struct error error = { 0 };
        if (layer_content_read(arena, str_of(rows[i]), &content, &error)) fail_msg("accepted: %s", rows[i]);
        assert_int_not_equal(error.kind, ERROR_NONE);
        assert_int_equal(content.fragments.count, 0); /* untouched on failure */
    }
}

static void content__cuts_long_texts_so_that_they_can_be_read(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer out = { 0 };
    char *text = arena_alloc(arena, LAYER_STRING_LIMIT + 100);
    memset(text, 'x', LAYER_STRING_LIMIT + 100);
    struct layer_content content = { 0 }, back = { 0 };
    struct error error = { 0 };
    struct fragment *fragment = vector_push(arena, &content.fragments);
    *fragment = (struct fragment){ .kind = FRAGMENT_PACKAGES, .path = STR("a") };
    vector_push(arena, &fragment->packages)->maintainer = str_make(text, LAYER_STRING_LIMIT + 100);
    layer_content_write(&out, &content, LAYER_ALL);
    assert_true(layer_content_read(arena, buffer_view(&out), &back, &error));
    assert_int_equal(back.fragments.items[0].packages.items[0].maintainer.size, LAYER_STRING_LIMIT);
}

static void content__replaces_what_is_not_utf8_and_reads_it(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer out = { 0 };
    char *text = arena_alloc(arena, LAYER_STRING_LIMIT);
    memset(text, 0xff, LAYER_STRING_LIMIT);
    struct layer_content content = { 0 }, back = { 0 };
    struct error error = { 0 };
    struct fragment *fragment = vector_push(arena, &content.fragments);
    *fragment = (struct fragment){ .kind = FRAGMENT_PACKAGES, .path = str_make(text, LAYER_PATH_LIMIT) };
    vector_push(arena, &fragment->packages)->maintainer = str_make(text, LAYER_STRING_LIMIT);
    layer_content_write(&out, &content, LAYER_ALL);
    assert_true(layer_content_read(arena, buffer_view(&out), &back, &error));
    assert_true(str_starts(back.fragments.items[0].path, "\xef\xbf\xbd"));
}

static void package__has_the_members_of_the_report(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out };
    struct package package = { .id = STR("a@1"),
                               .name = STR("a"),
                               .version = STR("1"),
                               .repository_class = STR("official"),
                               .purl = STR("pkg:x"),
                               .uid = STR("01"),
                               .analyzed_by = STR("dpkg"),
                               .nvr = STR("n-1-2"),
                               .layer.diff_id = STR("sha256:1"),
                               .relationship = RELATION_DIRECT };
    strings_add(arena, &package.installed_files, "bin/a");
    package_write(&writer, &package);
    assert_string_equal(buffer_cstr(&out),
                        "{\"ID\":\"a@1\",\"Name\":\"a\",\"Identifier\":{\"PURL\":\"pkg:x\",\"UID\":\"01\"},\"Version\":\"1\","
                        "\"BuildInfo\":{\"Nvr\":\"n-1-2\"},\"Repository\":{\"Class\":\"official\"},\"Relationship\":\"direct\","
                        "\"Layer\":{\"DiffID\":\"sha256:1\"},\"InstalledFiles\":[\"/bin/a\"],\"AnalyzedBy\":\"dpkg\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content__comes_back_whole),
        cmocka_unit_test(content__comes_back_in_two_halves),
        cmocka_unit_test(content__refuses_what_it_did_not_write),
        cmocka_unit_test(content__cuts_long_texts_so_that_they_can_be_read),
        cmocka_unit_test(content__replaces_what_is_not_utf8_and_reads_it),
        cmocka_unit_test(package__has_the_members_of_the_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
