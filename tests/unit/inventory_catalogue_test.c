#include "inventory_helper.h"

static const char *names_of(struct arena *arena, uint64_t wanted)
{
    str_vector names = { 0 };
    for (size_t i = 0; i < cataloguer_count(); i++)
        if (wanted >> i & 1) *vector_push(arena, &names) = str_of(cataloguer_at(i)->name);
    return arena_cstr(arena, str_join(arena, &names, " "));
}

static void wants__the_files_of_the_table(void **state)
{
    static const struct {
        const char *path, *cataloguers;
    } rows[] = {
        { "var/lib/dpkg/status", "dpkg" },
        { "x/var/lib/dpkg/status", "" },
        { "var/lib/dpkg/status.d/base", "dpkg" },
        { "var/lib/dpkg/status.d/base.md5sums", "dpkg-files" },
        { "var/lib/dpkg/status.d/x/y", "" },
        { "var/lib/dpkg/info/a.md5sums", "dpkg-files" },
        { "var/lib/dpkg/info/a.list", "" },
        { "var/lib/dpkg/info/.md5sums", "" },
        { "usr/share/doc/a/copyright", "dpkg-license" },
        { "usr/share/doc/a/b/copyright", "" },
        { "usr/share/copyright", "" },
        { "copyright", "" },
        { "lib/apk/db/installed", "apk" },
        { "usr/lib/apk/db/installed", "apk" },
        { "etc/os-release", "os-release" },
        { "var/lib/rpm/Packages", "rpm" },
        { "usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm" },
        { "var/lib/rpm/rpmdb.sqlite-shm", "" },
        { "package.json", "node-pkg" },
        { "a/b/package.json", "node-pkg" },
        { "a/b/my-package.json", "" },
        { "usr/lib/python3/x-1.dist-info/METADATA", "python-pkg" },
        { "usr/lib/python3/x-1.egg-info", "python-pkg" },
        { "usr/lib/python3/x.egg/EGG-INFO/PKG-INFO", "python-pkg" },
        { "usr/lib/METADATA", "" },
        { "root/buildinfo/Dockerfile-ubi8-8.3-227", "redhat-dockerfile" },
        { "root/buildinfo/content_manifests/ubi8.json", "redhat-content-manifest" },
        { "root/buildinfo/content_manifests/readme", "" },
        { "", "" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(names_of(arena, inventory_wants(&everything, str_of(rows[i].path))), rows[i].cataloguers);
}

static void wants__every_listed_path_and_name(void **state)
{
    for (size_t i = 0; i < cataloguer_count(); i++) {
        const struct cataloguer *cataloguer = cataloguer_at(i);
        struct inventory_options options = { .scope = cataloguer->scope };
        for (const char *const *path = cataloguer->paths; path && *path; path++) {
            assert_true(inventory_wants(&options, str_of(*path)) >> i & 1);
            assert_true(inventory_on_path(&options, str_of(*path)));
        }
        assert_non_null(cataloguer->read);
    }
}

static void wants__only_the_scope_that_is_on(void **state)
{
    struct inventory_options os = { .scope = SCOPE_OS }, installed = { .scope = SCOPE_INSTALLED };
    assert_true(inventory_wants(&os, STR("etc/os-release")) && !inventory_wants(&installed, STR("etc/os-release")));
    assert_true(!inventory_wants(&os, STR("a/package.json")) && inventory_wants(&installed, STR("a/package.json")));
}

static void wants__what_a_file_pattern_names(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct inventory_options options = { .scope = SCOPE_OS | SCOPE_INSTALLED };
    struct regex *regex = regex_compile(STR("pkg-.*\\.js$"), &error);
    *vector_push(arena, &options.file_patterns) = (struct file_pattern){ .cataloguer = STR("node-pkg"), .regex = regex };
    assert_string_equal(names_of(arena, inventory_wants(&options, STR("a/pkg-1.js"))), "node-pkg");
    assert_string_equal(names_of(arena, inventory_wants(&options, STR("a/pkg-1.jsx"))), "");
    regex_free(regex);
}

static void on_path__folders_above_what_is_wanted(void **state)
{
    static const struct {
        const char *path;
        bool on;
    } rows[] = {
        { "lib", true },
        { "lib/apk", true },
        { "lib/apk/db/installed", true },
        { "var/lib/dpkg/status.d", true },
        { "lib/x", false },
        { "li", false },
        { "usr/share", true },
        { "home", false },
        { "usr/bin", false },
        { "etc", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(inventory_on_path(&everything, str_of(rows[i].path)), rows[i].on);
}

static void fixed_paths__are_listed_once(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    str_vector paths = { 0 };
    inventory_fixed_paths(&everything, arena, &paths);
    size_t count = paths.count;
    assert_true(str_vector_has(&paths, STR("var/lib/dpkg/status")));
    str_vector_sort_unique(&paths);
    assert_int_equal(paths.count, count);
}

static void read__turns_a_failure_into_a_problem(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "var/lib/rpm/Packages", "nonsense");
    tree_add(&tree, "var/lib/ubuntu-advantage/status.json", "{");
    assert_int_equal(tree.problems.count, 2);
    assert_str(tree.problems.items[0].message_id, "rpm-database-unknown");
    assert_str(tree.problems.items[0].path, "var/lib/rpm/Packages");
    assert_str(tree.problems.items[1].message_id, "json-invalid");
    tree_free(&tree);
}

static void read__refuses_files_beyond_the_limit(void **state)
{
    struct tree tree = tree_new();
    char *text = arena_alloc(tree.arena, (size_t)2 << 20);
    tree_add_str(&tree, 0, "etc/os-release", str_make(text, (size_t)2 << 20));
    assert_int_equal(tree.problems.count, 1);
    assert_str(tree.problems.items[0].message_id, "inventory-file-large");
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wants__the_files_of_the_table),         cmocka_unit_test(wants__every_listed_path_and_name),
        cmocka_unit_test(wants__only_the_scope_that_is_on),      cmocka_unit_test(wants__what_a_file_pattern_names),
        cmocka_unit_test(on_path__folders_above_what_is_wanted), cmocka_unit_test(fixed_paths__are_listed_once),
        cmocka_unit_test(read__turns_a_failure_into_a_problem),  cmocka_unit_test(read__refuses_files_beyond_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
