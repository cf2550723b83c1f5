/* The union of layers, from what their readers say of each. */
#include "unit.h"
#include "text_assert.h"
#include "scan/layer.h"

struct union_case {
    struct arena *arena;
    struct layer_content *layers[8];
    size_t count;
    struct layer_union all;
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
    return merge_layers(one->arena, one->layers, references, one->count, &options, deadline, &one->all, &one->error);
}

/* "path@layer": what is left, without what only tells where packages came from. */
static const char *left(struct union_case *one)
{
    str_vector paths = { 0 };
    for (size_t i = 0; i < one->all.placed.count; i++)
        if (!one->all.placed.items[i].hidden)
            *vector_push(one->arena, &paths) = arena_strf(
                one->arena, "%.*s@%zu", STR_ARG(one->all.placed.items[i].fragment->path), one->all.placed.items[i].layer_index);
    str_vector_sort(&paths);
    return arena_cstr(one->arena, str_join(one->arena, &paths, " "));
}

static const char *fingerprint_of(struct arena *arena, const char *path)
{
    uint64_t fingerprint = str_fingerprint(str_of(path));
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(fingerprint >> 8 * i);
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
        { "{\"Opaque\":[\"\"]}", "a/b/c@0 a/b/d@0 a/e@0 f@0" }, /* overlayfs passes over it */
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

/* Only fingerprints tell of files that no format wants: of "a/b", which takes a folder's place, and of "f". */
static void union__takes_away_what_files_replace(void **state)
{
    struct union_case one;
    start(&one);
    add(&one, LOWER);
    add(&one, arena_printf(one.arena, "{\"NonFolders\":[\"%s\",\"%s\"]}", fingerprint_of(one.arena, "a/b"),
                           fingerprint_of(one.arena, "f")));
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
        assert_int_equal(one.all.problems.count, rows[i].left);
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
    struct layer_union all = { 0 };
    struct error error = { 0 };
    assert_true(merge_layers(arena, layers, references, LAYERS, &options, clock_monotonic() + 20 * SECOND, &all, &error));
    size_t seen = 0;
    for (size_t i = 0; i < all.placed.count; i++)
        seen += !all.placed.items[i].hidden;
    assert_int_equal(seen, FILES - LAYERS + 1);
}

/* Links into a chain whose paths grow with every link: no step may keep what it made. */
static void union__follows_links_in_bounded_memory(void **state)
{
    enum {
        CHAIN = 39,
        INTO = 5000
    };
    struct union_case one;
    start(&one);
    struct layer_content *content = one.layers[one.count++] = arena_alloc(one.arena, sizeof *content);
    struct buffer rest = { 0 };
    while (buffer_view(&rest).size < 3800)
        buffer_str(&rest, STR("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    for (size_t i = 0; i < CHAIN + INTO; i++) {
        struct link *link = vector_push(one.arena, &content->links);
        const char *name = i < CHAIN ? "c" : "into";
        link->path = arena_strf(one.arena, "var/lib/dpkg/status.d/%s%zu", name, i);
        link->target =
            arena_strf(one.arena, "var/lib/dpkg/status.d/c%zu%.*s", i < CHAIN ? i + 1 : 0, STR_ARG(buffer_view(&rest)));
    }
    buffer_free(&rest);
    moment began = clock_monotonic();
    assert_true(merge(&one, 0));
    assert_true(clock_monotonic() - began < 20 * SECOND);
    assert_int_equal(one.all.aliases.count, 1); /* the last of the chain leads to a path that can be */
    assert_true(one.all.scratch < (size_t)8 << 20);
    arena_free(one.arena);
}

#define LINK(path, target) "{\"Path\":\"" path "\",\"Target\":\"" target "\"}"

static void union__follows_links_as_chroot_does(void **state)
{
    static const struct {
        const char *links, *real; /* where var/lib/dpkg/status leads; empty: nowhere else */
    } rows[] = {
        { LINK("opt", "data"), "" },
        { LINK("var/lib/dpkg/status", "data"), "data" },
        { LINK("var/lib/dpkg/status", "x") "," LINK("x", "y/z") "," LINK("y", "q"), "q/z" },
        { LINK("var/lib/dpkg/status", "x/s") "," LINK("x", "x/x"), "" },
        { LINK("var/lib/dpkg/status", "x/s") "," LINK("x", "var/lib/dpkg/status"), "" },
        { LINK("var/lib/dpkg/status", "var/lib/dpkg/status"), "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct union_case one;
        struct str real = { 0 };
        start(&one);
        add(&one, arena_printf(one.arena, "{\"Links\":[%s]}", rows[i].links));
        assert_true(merge(&one, 0));
        for (size_t j = 0; j < one.all.aliases.count; j++)
            if (str_is(one.all.aliases.items[j].as, "var/lib/dpkg/status")) real = one.all.aliases.items[j].real;
        assert_text(real, rows[i].real);
        arena_free(one.arena);
    }
}

/* One path with very many problems: each is put behind the last, not behind all. */
static void union__keeps_many_problems_of_one_path(void **state)
{
    enum {
        PROBLEMS = 300000
    };
    struct union_case one;
    start(&one);
    struct layer_content *content = one.layers[one.count++] = arena_alloc(one.arena, sizeof *content);
    for (size_t i = 0; i < PROBLEMS; i++)
        *vector_push(one.arena, &content->problems) =
            (struct problem){ STR("a"), STR("x"), arena_strf(one.arena, "%zu", i), { 0 } };
    moment began = clock_monotonic();
    assert_true(merge(&one, 0));
    assert_true(clock_monotonic() - began < 5 * SECOND);
    assert_int_equal(one.all.problems.count, PROBLEMS);
    assert_text(one.all.problems.items[1].message, "1");
    arena_free(one.arena);
}

/* Two names with one FNV-1a hash: a file hides what has its name, not what was made up to look like it. */
static void union__knows_names_made_to_collide(void **state)
{
    static const char lower[] = "8yn0iYCKYHlIj4-BwPqk", upper[] = "GReLUrM4wMqfg9yzV3KQ";
    struct union_case one;
    start(&one);
    assert_int_equal(str_hash(str_of(lower)), str_hash(str_of(upper)));
    add(&one, "{\"Fragments\":[" PACKAGES("8yn0iYCKYHlIj4-BwPqk") "]}");
    add(&one, arena_printf(one.arena, "{\"NonFolders\":[\"%s\"]}", fingerprint_of(one.arena, upper)));
    assert_true(merge(&one, 0));
    assert_string_equal(left(&one), "8yn0iYCKYHlIj4-BwPqk@0");
    arena_free(one.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(union__takes_away_what_marks_name),
        cmocka_unit_test(union__takes_away_what_files_replace),
        cmocka_unit_test(union__drops_problems_of_files_that_are_gone),
        cmocka_unit_test(union__minds_the_deadline),
        cmocka_unit_test(union__costs_what_layers_name),
        cmocka_unit_test(union__knows_names_made_to_collide),
        cmocka_unit_test(union__follows_links_in_bounded_memory),
        cmocka_unit_test(union__follows_links_as_chroot_does),
        cmocka_unit_test(union__keeps_many_problems_of_one_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
