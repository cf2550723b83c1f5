#include "inventory_helper.h"

static void apk__reads_a_record(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "lib/apk/db/installed",
             "C:Q1bTtF5526tETKfL+lnigzIDvm+2o=\nP:musl-utils\nV:1.1.24-r2\nA:x86_64\nL:MIT BSD GPL2+\no:musl\nm:T <t@x>\n"
             "D:scanelf !uclibc so:libc.musl>=1 /bin/sh\np:cmd:ldd=1.1 "
             "libc-utils\nF:\nR:root-file\nF:usr/bin\nR:ldd\na:0:0:755\nR:../x\n");
    const struct package *package = &tree.fragments.items[0].packages.items[0];
    assert_str(package->id, "musl-utils@1.1.24-r2");
    assert_str(package->digest, "sha1:6d3b45e79dbab444ca7cbfa59e2833203be6fb6a");
    assert_str(package->src_name, "musl");
    assert_str(package->src_version, "1.1.24-r2");
    assert_string_equal(joined(&tree, &package->licenses), "MIT | BSD-3-Clause | GPL-2.0-or-later");
    assert_string_equal(joined(&tree, &package->depends_on), "scanelf | so:libc.musl | /bin/sh");
    assert_string_equal(joined(&tree, &package->provides), "cmd:ldd | libc-utils");
    assert_string_equal(joined(&tree, &package->installed_files), "root-file | usr/bin/ldd");
    assert_int_equal(tree.problems.count, 1); /* the path that leaves the root */
    tree_free(&tree);
}

static void apk__takes_checksums_of_all_ages(void **state)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        { "C:Q1qvTGHdzF6KLavt4PO0gs2a6pQ00=", "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d" },
        { "C:Q2LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
          "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" },
        { "C:XUFAKrxLKna5cZ2REBfFkg==", "md5:5d41402abc4b2a76b9719d911017c592" },
        { "C:Q1XUFAKrxLKna5cZ2REBfFkg==", "" }, /* another size than the name says */
        { "C:", "" },
        { "C:!", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "lib/apk/db/installed", arena_printf(tree.arena, "P:a\nV:1\n%s\n", rows[i].text));
        assert_str(tree.fragments.items[0].packages.items[0].digest, rows[i].digest);
        tree_free(&tree);
    }
}

static void apk__keeps_valid_versions_and_first_records(void **state)
{
    static const struct {
        const char *text, *ids;
    } rows[] = {
        { "P:a\nV:1\n\nP:a\nV:2\n\nP:b\nV:3", "a@1 b@3" },
        { "P:a\n\nV:1\n", "" },
        { "P:a\nV:1.2.3_rc1_git20240101-r0\n", "a@1.2.3_rc1_git20240101-r0" },
        { "P:a\nV:1.2b_p1~abc123-r10\n", "a@1.2b_p1~abc123-r10" },
        { "P:a\nV:x\n", "" },
        { "P:a\nV:1.\n", "" },
        { "P:a\nV:1-r\n", "" },
        { "P:a\nV:1_foo\n", "" },
        { "garbage\n\nP:a\nV:1\n", "a@1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "lib/apk/db/installed", rows[i].text);
        assert_string_equal(ids_of(&tree, &tree.fragments.items[0].packages), rows[i].ids);
        tree_free(&tree);
    }
}

static void apk__without_origin_has_no_source(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "lib/apk/db/installed", "P:a\nV:1\n");
    assert_str(tree.fragments.items[0].packages.items[0].src_name, "");
    assert_str(tree.fragments.items[0].packages.items[0].src_version, "");
    tree_free(&tree);
}

static void apk_repositories__give_the_highest_release(void **state)
{
    static const struct {
        const char *text, *release;
        size_t problems;
    } rows[] = {
        { "http://dl-cdn.alpinelinux.org/alpine/v3.9/main\nhttps://x/alpine/v3.22/community\n", "3.22", 0 },
        { "https://x/alpine/edge/main\nhttps://x/alpine/v3.22/main\n", "edge", 0 },
        { "#https://x/alpine/edge/main\nftp://x.y/alpine/v3.19/main\n", "3.19", 0 },
        { "@testing https://x/alpine/edge/testing\n", "edge", 0 },
        { "https://x/alpine/v3.22/main\nhttps://x/other/v1/main\n", NULL, 1 },
        { "https://packages.wolfi.dev/os\nhttps://x/other/v1/main\n", NULL, 0 },
        { "/media/cdrom/apks\n", NULL, 0 },
        { "https://x/alpine/latest-stable/main\n", NULL, 0 },
        { "https://x/alpine/latest-stable/main\nhttps://x/alpine/v3.19/main\n", "3.19", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "etc/apk/repositories", rows[i].text);
        assert_int_equal(tree.fragments.count, rows[i].release != NULL);
        if (rows[i].release) assert_str(tree.fragments.items[0].os.name, rows[i].release);
        assert_int_equal(tree.problems.count, rows[i].problems);
        tree_free(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apk__reads_a_record),
        cmocka_unit_test(apk__takes_checksums_of_all_ages),
        cmocka_unit_test(apk__keeps_valid_versions_and_first_records),
        cmocka_unit_test(apk__without_origin_has_no_source),
        cmocka_unit_test(apk_repositories__give_the_highest_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
