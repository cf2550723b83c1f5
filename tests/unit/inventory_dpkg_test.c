#include "inventory_helper.h"

static void dpkg__keeps_what_is_installed(void **state)
{
    static const struct {
        const char *text, *ids;
        size_t problems;
    } rows[] = {
        { "Package: a\nVersion: 1\n", "a@1", 0 },
        { "Package: a\nVersion: 1\nStatus: hold ok installed\n", "a@1", 0 },
        { "Package: a\nVersion: 1\nStatus: deinstall ok config-files\n", "", 0 },
        { "Package: a\nVersion: 1\nStatus: purge ok not-installed\n", "", 0 },
        { "Package: a\nVersion: 1\nStatus: install ok half-configured\n", "a@1", 0 },
        { "Package: a\n\nVersion: 1\n\nPackage: b\nVersion: 2\n", "b@2", 0 },
        { "package: a\nVERSION: 1\n", "a@1", 0 },
        { "Package: a\nVersion: x1\n", "", 1 },
        { "Package: a\nVersion: 1 2\n", "", 1 },
        { "Package: a\nVersion: z:1\n", "", 1 },
        { "Package: a\nVersion: 1-r_1\n", "", 1 },
        { "Package: a\nVersion: 1\nno colon\n", "", 1 },
        { "Package: a\nVersion: 1\nSource: s (x!y)\n", "", 1 },
        { "", "", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "var/lib/dpkg/status", rows[i].text);
        assert_string_equal(ids_of(&tree, &tree.fragments.items[0].packages), rows[i].ids);
        assert_int_equal(tree.problems.count, rows[i].problems);
        tree_free(&tree);
    }
}

static void dpkg__splits_versions(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "var/lib/dpkg/status", "Package: a\nVersion: 2:1.0-rc1-3+b1\nSource: s (1:9-8)\nArchitecture: amd64\n");
    const struct package *package = &tree.fragments.items[0].packages.items[0];
    assert_str(package->version, "1.0-rc1");
    assert_str(package->release, "3+b1");
    assert_int_equal(package->epoch, 2);
    assert_str(package->src_name, "s");
    assert_str(package->src_version, "9");
    assert_str(package->src_release, "8");
    assert_int_equal(package->src_epoch, 1);
    assert_str(package->arch, "amd64");
    tree_free(&tree);
}

static void dpkg__knows_third_parties(void **state)
{
    static const struct {
        const char *maintainer, *class;
    } rows[] = {
        { "Debian Team <t@lists.debian.org>", "official" },
        { "Docker <support@docker.com>", "third-party" },
        { "GitHub", "third-party" },
        { "GitHub fans <x@y>", "official" },
        { "x <a@microsoft.com>", "third-party" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "var/lib/dpkg/status",
                 arena_printf(tree.arena, "Package: a\nVersion: 1\nMaintainer: %s\n", rows[i].maintainer));
        assert_str(tree.fragments.items[0].packages.items[0].repository_class, rows[i].class);
        tree_free(&tree);
    }
}

static void dpkg_files__are_read_without_hostile_paths(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "var/lib/dpkg/info/libc6:amd64.md5sums", "00  usr/a b\n\n11  /usr/c\n22  ../../etc/passwd\nnonsense\n");
    assert_str(tree.fragments.items[0].subject, "libc6");
    assert_str(tree.fragments.items[0].build_arch, "amd64");
    assert_string_equal(joined(&tree, &tree.fragments.items[0].strings), "usr/a b | usr/c");
    assert_int_equal(tree.problems.count, 1);
    tree_free(&tree);
}

static void dpkg__says_where_a_list_without_end_was_cut(void **state)
{
    struct tree tree = tree_new();
    CLEANUP_BUFFER struct buffer text = { 0 };
    for (int i = 0; i < LAYER_PACKAGE_LIMIT + 5; i++)
        buffer_printf(&text, "Package: p%d\nVersion: 1\n\n", i);
    tree_add_str(&tree, 0, "var/lib/dpkg/status", buffer_view(&text));
    assert_int_equal(tree.fragments.items[0].packages.count, LAYER_PACKAGE_LIMIT);
    assert_int_equal(tree.problems.count, 1);
    assert_str(tree.problems.items[0].message_id, "inventory-limit");
    tree_free(&tree);
}

static void dpkg_copyright__finds_licences(void **state)
{
    static const struct {
        const char *text, *licences;
    } rows[] = {
        { "License: GPL-2+\n", "GPL-2.0-or-later" },
        { "License: GPL-1+ or Artistic, and BSD-4-clause-POWERDOG\nLicense: Zlib,\n",
          "GPL-1.0-or-later | Artistic-2.0 | BSD-4-clause-POWERDOG | Zlib" },
        { "License: MIT\nLicense: Expat\n", "MIT" },
        { "see `/usr/share/common-licenses/LGPL-2.1'.\n", "LGPL-2.1-only" },
        { "/usr/share/common-licenses/GPL-3.\n", "GPL-3.0-only" },
        { "License: Permission is hereby granted\n", "text://Permission is hereby granted" },
        { "The main library\nLicense: The main library is licensed under MIT license (X11)\n", "MIT" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "usr/share/doc/a/copyright", rows[i].text);
        assert_str(tree.fragments.items[0].subject, "a");
        assert_string_equal(joined(&tree, &tree.fragments.items[0].strings), rows[i].licences);
        tree_free(&tree);
    }
}

static void dpkg_copyright__without_a_licence_gives_nothing(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "usr/share/doc/a/copyright", "Copyright 1999\nLicense:\n license text\n");
    assert_int_equal(tree.fragments.count, 0);
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dpkg__keeps_what_is_installed),
        cmocka_unit_test(dpkg__splits_versions),
        cmocka_unit_test(dpkg__knows_third_parties),
        cmocka_unit_test(dpkg_files__are_read_without_hostile_paths),
        cmocka_unit_test(dpkg__says_where_a_list_without_end_was_cut),
        cmocka_unit_test(dpkg_copyright__finds_licences),
        cmocka_unit_test(dpkg_copyright__without_a_licence_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
