/* The union of layers, from what their readers say of each. */
#include "unit.h"
#include "scan/layer.h"

struct union_case {
    struct arena *arena;
    struct layer_content *layers[8];
    size_t count;
    placed_vector placed;
    problem_vector problems;
    alias_vector aliases;
    struct error error;
};

static const struct inventory_options wishes = { .scope = SCOPE_OS | SCOPE_INSTALLED };

static void start(struct union_case *one) { *one = (struct union_case){ .arena = arena_new() }; }

static void add(struct union_case *one, const char *json)
{
    struct error error = { 0 };
    struct layer_content *content = arena_alloc(one->arena, sizeof *content);
    if (!layer_content_read(one->arena, str_of(json), content, &error)) fail_msg("%s: %s", json, error.message);
    one->layers[one->count++] = content;
}

static bool merge(struct union_case *one, moment deadline)
{
    static const struct layer_ref references[8];
    struct walk_options options = { .inventory = &wishes };
    return merge_layers(one->arena, one->layers, references, one->count, &options, deadline, &one->placed, &one->problems,
                        &one->aliases, &one->error);
}

/* "path@layer": what is left, without what only tells where packages came from. */
static const char *left(struct union_case *one)
{
    str_vector paths = { 0 };
    for (size_t i = 0; i < one->placed.count; i++)
        if (!one->placed.items[i].hidden)
            *vector_push(one->arena, &paths) = arena_strf(one->arena, "%.*s@%zu", STR_ARG(one->placed.items[i].fragment->path),
                                                          one->placed.items[i].layer_index);
    str_vector_sort(&paths);
    return arena_cstr(one->arena, str_join(one->arena, &paths, " "));
}

static const char *hashes_of(struct arena *arena, const char *path)
{
    uint64_t hash = str_hash(str_of(path));
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(hash >> 8 * i);
    return base64_encode(bytes, sizeof bytes, arena_alloc(arena, 16));
}

#define PACKAGES(path) "{\"Kind\":\"packages\",\"Path\":\"" path "\",\"Cataloguer\":\"node-pkg\"}"
#define LOWER "{\"Fragments\":[" PACKAGES("a/b/c") "," PACKAGES("a/b/d") "," PACKAGES("a/e") "," PACKAGES("f") "]}"

static void union__takes_away_what_marks_name(void **state)
{
    static const struct {
        const char *upper, *left;
    } rows[] = {
        { "{}", "a/b/c@0 a/b/d@0 a/e@0 f@0" },
        { "{\"Whiteouts\":[\"a/b\"]}", "a/e@0 f@0" },
        { "{\"Whiteouts\":[\"a/b/c\",\"g\",\"a/bb\"]}", "a/b/d@0 a/e@0 f@0" },
        { "{\"Opaque\":[\"a\"]}", "f@0" },
        { "{\"Opaque\":[\"f\"]}", "a/b/c@0 a/b/d@0 a/e@0 f@0" },
        { "{\"Opaque\":[\"\"]}", "" },
        { "{\"Replaced\":[\"a\"]}", "f@0" },
        { "{\"Folders\":[\"f\",\"a\"]}", "a/b/c@0 a/b/d@0 a/e@0" },
        { "{\"Opaque\":[\"a\"],\"Fragments\":[" PACKAGES("a/e") "]}", "a/e@1 f@0" },
        { "{\"Links\":[{\"Path\":\"a/e\",\"Target\":\"f\"}]}", "a/b/c@0 a/b/d@0 f@0" },
        { "{\"Problems\":[{\"Path\":\"a/e\",\"ID\":\"x\",\"Message\":\"y\"}]}", "a/b/c@0 a/b/d@0 f@0" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct union_case one;
        start(&one);
        add(&one, LOWER);
        add(&one, rows[i].upper);
        assert_true(merge(&one, 0));
        assert_string_equal(left(&one), rows[i].left);
        arena_free(one.arena);
    }
}

/* Only hashes tell of files that no format wants: of "a/b", which takes a folder's place, and of "f". */
static void union__takes_away_what_files_replace(void **state)
{
    struct union_case one;
    start(&one);
    add(&one, LOWER);
    add(&one,
        arena_printf(one.arena, "{\"NonFolders\":[\"%s\",\"%s\"]}", hashes_of(one.arena, "a/b"), hashes_of(one.arena, "f")));
    add(&one, "{\"Fragments\":[" PACKAGES("a/b/c") "]}");
    assert_true(merge(&one, 0));
    assert_string_equal(left(&one), "a/b/c@2 a/e@0");
    arena_free(one.arena);
}

static void union__drops_problems_of_files_that_are_gone(void **state)
{
    static const char lower[] = "{\"Problems\":[{\"Path\":\"a/b\",\"ID\":\"x\",\"Message\":\"y\"},"
                                "{\"Path\":\"as\",\"Found\":\"real/c\",\"ID\":\"x\",\"Message\":\"y\"}]}";
    static const struct {
        const char *upper;
        size_t left;
    } rows[] = {
        { "{}", 2 },
        { "{\"Whiteouts\":[\"a/b\"]}", 1 },
        { "{\"Whiteouts\":[\"as\"]}", 2 }, /* the file lies elsewhere */
        { "{\"Opaque\":[\"real\"],\"Whiteouts\":[\"a\"]}", 0 },
        { "{\"Fragments\":[" PACKAGES("a/b") "]}", 1 },
        { lower, 2 }, /* once each, not twice */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct union_case one;
        start(&one);
        add(&one, lower);
        add(&one, rows[i].upper);
        assert_true(merge(&one, 0));
        assert_int_equal(one.problems.count, rows[i].left);
        arena_free(one.arena);
    }
}

static void union__minds_the_deadline(void **state)
{
    struct union_case one;
    start(&one);
    add(&one, LOWER);
    assert_false(merge(&one, 1));
    assert_string_equal(one.error.id, "timeout");
    assert_true(merge(&one, clock_monotonic() + 60 * SECOND));
    arena_free(one.arena);
}

/* Four thousand layers that take one file each from ten thousand: by look-up, or this test takes minutes. */
static void union__costs_what_layers_name(void **state)
{
    enum {
        FILES = 10000,
        LAYERS = 4000
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct layer_content **layers = arena_array(arena, LAYERS, sizeof *layers);
    struct layer_ref *references = arena_array(arena, LAYERS, sizeof *references);
    for (size_t i = 0; i < LAYERS; i++) {
        layers[i] = arena_alloc(arena, sizeof *layers[i]);
        if (i) *vector_push(arena, &layers[i]->whiteouts) = arena_strf(arena, "d/f%zu", i);
    }
    for (size_t i = 0; i < FILES; i++) {
        struct fragment *fragment = vector_push(arena, &layers[0]->fragments);
        fragment->path = arena_strf(arena, "d/f%zu", i);
    }
    struct walk_options options = { .inventory = &wishes };
    placed_vector placed = { 0 };
    problem_vector problems = { 0 };
    alias_vector aliases = { 0 };
    struct error error = { 0 };
    assert_true(merge_layers(arena, layers, references, LAYERS, &options, clock_monotonic() + 20 * SECOND, &placed, &problems,
                             &aliases, &error));
    size_t seen = 0;
    for (size_t i = 0; i < placed.count; i++)
        seen += !placed.items[i].hidden;
    assert_int_equal(seen, FILES - LAYERS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(union__takes_away_what_marks_name),
        cmocka_unit_test(union__takes_away_what_files_replace),
        cmocka_unit_test(union__drops_problems_of_files_that_are_gone),
        cmocka_unit_test(union__minds_the_deadline),
        cmocka_unit_test(union__costs_what_layers_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
