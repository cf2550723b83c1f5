#include "inventory_helper.h"

#define DEBIAN "etc/debian_version", "12.5\n"
#define STATUS "var/lib/dpkg/status"

static void finish__keeps_two_architectures_of_one_version(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, DEBIAN);
    tree_add(&tree, STATUS,
             "Package: a\nVersion: 1\nArchitecture: i386\nDepends: b\n\nPackage: a\nVersion: 1\nArchitecture: amd64\n\n"
             "Package: b\nVersion: 2\nDepends: a (>= 1) | c, b\n");
    struct inventory inventory = tree_finish(&tree);
    const package_list *packages = &inventory.applications.items[0].packages;
    assert_string_equal(ids_listed(&tree, packages), "a@1 a@1 b@2");
    assert_str(packages->items[0]->arch, "amd64");
    assert_string_equal(joined(&tree, &packages->items[1]->depends_on), "b@2");
    assert_string_equal(joined(&tree, &packages->items[2]->depends_on), "a@1");
    assert_false(str_equal(packages->items[0]->uid, packages->items[1]->uid));
    assert_int_equal(packages->items[0]->uid.size, 16);
    assert_str(packages->items[0]->purl, "pkg:deb/debian/a@1?arch=amd64&distro=debian-12.5");
    tree_free(&tree);
}

static void finish__counts_a_database_reached_twice_once(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "etc/alpine-release", "3.19.1");
    tree_add(&tree, "lib/apk/db/installed", "P:A\nV:1\n");
    tree_add(&tree, "usr/lib/apk/db/installed", "P:A\nV:1\n");
    struct inventory inventory = tree_finish(&tree);
    assert_string_equal(ids_listed(&tree, &inventory.applications.items[0].packages), "A@1");
    assert_str(inventory.applications.items[0].packages.items[0]->purl, "pkg:apk/alpine/a@1?distro=3.19.1");
    tree_free(&tree);
}

static void finish__resolves_apk_through_names_and_provides(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "etc/alpine-release", "3.19.1");
    tree_add(&tree, "lib/apk/db/installed", "P:a\nV:1\nD:so:x.so b so:nobody\np:so:own\n\nP:b\nV:2\np:so:x.so=1\nD:so:own b\n");
    struct inventory inventory = tree_finish(&tree);
    assert_string_equal(joined(&tree, &inventory.applications.items[0].packages.items[0]->depends_on), "b@2");
    assert_string_equal(joined(&tree, &inventory.applications.items[0].packages.items[1]->depends_on), "a@1");
    tree_free(&tree);
}

static void finish__attaches_what_other_files_say(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, DEBIAN);
    tree_add(&tree, STATUS,
             "Package: a\nVersion: 1\nArchitecture: amd64\n\nPackage: t\nVersion: 1\nMaintainer: x@docker.com GitHub\n\n"
             "Package: u\nVersion: 1\nMaintainer: GitHub\n");
    tree_add(&tree, "usr/share/doc/a/copyright", "License: MIT\n");
    tree_add(&tree, "var/lib/dpkg/info/a.md5sums", "0  usr/bin/a\n");
    tree_add(&tree, "var/lib/dpkg/info/u.md5sums", "0  usr/bin/u\n");
    tree_add(&tree, "var/lib/dpkg/available",
             "Package: a\nVersion: 1\nArchitecture: amd64\nSHA256: "
             "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\n"
             "Package: t\nVersion: 1\nSHA256: short\n");
    struct inventory inventory = tree_finish(&tree);
    const package_list *packages = &inventory.applications.items[0].packages;
    assert_string_equal(joined(&tree, &packages->items[0]->licenses), "MIT");
    assert_string_equal(joined(&tree, &packages->items[0]->installed_files), "usr/bin/a");
    assert_str(packages->items[0]->digest, "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    assert_str(packages->items[1]->digest, "");
    assert_int_equal(packages->items[2]->installed_files.count, 0); /* a third party's stay visible to the language formats */
    tree_free(&tree);
}

#define METADATA "usr/lib/python3/x-1.dist-info/METADATA", STR("Name: x\nVersion: 1\n")

static size_t libraries_of(struct tree *tree)
{
    struct inventory inventory = tree_finish(tree);
    size_t count = 0;
    for (size_t i = 0; i < inventory.applications.count; i++)
        if (!inventory.applications.items[i].os_packages) count += inventory.applications.items[i].packages.count;
    return count;
}

static void finish__leaves_out_files_that_packages_own(void **state)
{
    static const struct {
        const char *maintainer;
        size_t owner_layer, file_layer, libraries;
    } rows[] = {
        { "Debian", 0, 0, 0 },
        { "Debian", 1, 0, 0 },
        { "Debian", 0, 1, 1 }, /* written over by an upper layer: no longer the package's */
        { "GitHub", 0, 0, 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, DEBIAN);
        tree_add_str(&tree, rows[i].owner_layer, STATUS,
                     arena_strf(tree.arena, "Package: python3-x\nVersion: 1\nMaintainer: %s\n", rows[i].maintainer));
        tree_add_str(&tree, rows[i].owner_layer, "var/lib/dpkg/info/python3-x.md5sums",
                     STR("0  usr/lib/python3/x-1.dist-info/METADATA\n"));
        tree_add_str(&tree, rows[i].file_layer, METADATA);
        assert_int_equal(libraries_of(&tree), rows[i].libraries);
        tree_free(&tree);
    }
}

static void finish__names_the_layer_that_brought_a_package(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "etc/alpine-release", "3.19.1");
    tree_add_str(&tree, 0, "lib/apk/db/installed", STR("P:a\nV:1\n\nP:b\nV:1\n"));
    tree.placed.items[tree.placed.count - 1].hidden = true;
    tree_add_str(&tree, 2, "lib/apk/db/installed", STR("P:a\nV:1\n\nP:b\nV:2\n"));
    struct inventory inventory = tree_finish(&tree);
    const package_list *packages = &inventory.applications.items[0].packages;
    assert_string_equal(ids_listed(&tree, packages), "a@1 b@2");
    assert_str(packages->items[0]->layer.diff_id, "layer-0");
    assert_str(packages->items[1]->layer.diff_id, "layer-2");
    tree_free(&tree);
}

static void finish__names_the_first_layer_of_a_language_package_too(void **state)
{
    struct tree tree = tree_new();
    tree_add_str(&tree, 0, "a/package.json", STR("{\"name\":\"a\",\"version\":\"1\"}"));
    tree.placed.items[0].hidden = true;
    tree_add_str(&tree, 1, "a/package.json", STR("{\"name\":\"a\",\"version\":\"1\",\"x\":1}"));
    tree_add_str(&tree, 1, "b/package.json", STR("{\"name\":\"a\",\"version\":\"1\"}"));
    struct inventory inventory = tree_finish(&tree);
    const package_list *packages = &inventory.applications.items[0].packages;
    assert_int_equal(packages->count, 2);
    assert_str(packages->items[0]->layer.diff_id, "layer-0");
    assert_str(packages->items[1]->layer.diff_id, "layer-1");
    tree_free(&tree);
}

static void finish__gives_build_information_of_the_right_layer(void **state)
{
    static const struct {
        size_t package, manifest;
        bool wanted;
    } rows[] = { { 0, 0, true }, { 0, 1, true }, { 0, 2, false }, { 2, 1, true }, { 1, 2, false }, { 3, 0, true } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "etc/redhat-release", "Red Hat Enterprise Linux release 8.9 (Ootpa)\n");
        tree_add_str(&tree, rows[i].package, "var/lib/rpmmanifest/container-manifest-2",
                     STR("a\t1-2\t\t\t\t\t\tx\t0\ts-1-2.src.rpm\n"));
        tree_add_str(&tree, rows[i].manifest, "root/buildinfo/content_manifests/a.json", STR("{\"content_sets\":[\"rpms\"]}"));
        struct inventory inventory = tree_finish(&tree);
        assert_int_equal(inventory.applications.items[0].packages.items[0]->content_sets.count, rows[i].wanted);
        tree_free(&tree);
    }
}

static void finish__says_when_packages_have_no_system(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, STATUS, "Package: a\nVersion: 1\n");
    struct inventory inventory = tree_finish(&tree);
    assert_int_equal(inventory.applications.count, 0);
    assert_str(inventory.problems.items[0].message_id, "os-unknown");
    tree_free(&tree);
}

static void finish__lists_a_system_without_packages(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, DEBIAN);
    struct inventory inventory = tree_finish(&tree);
    assert_int_equal(inventory.applications.count, 1);
    assert_true(inventory.applications.items[0].os_packages);
    tree_free(&tree);
}

static void finish__joins_the_packages_of_a_language(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "b/package.json", "{\"name\":\"@S/b\",\"version\":\"1+x\"}");
    tree_add(&tree, "a/package.json", "{\"name\":\"a\",\"version\":\"1\"}");
    tree_add(&tree, "x.dist-info/METADATA", "Name: p\nVersion: 1\n");
    struct inventory inventory = tree_finish(&tree);
    assert_int_equal(inventory.applications.count, 2);
    assert_str(inventory.applications.items[0].type, "node-pkg");
    assert_string_equal(ids_listed(&tree, &inventory.applications.items[0].packages), "@S/b@1+x a@1");
    assert_str(inventory.applications.items[0].packages.items[0]->purl, "pkg:npm/%40s/b@1%2Bx");
    assert_str(inventory.applications.items[1].type, "python-pkg");
    tree_free(&tree);
}

static void finish__takes_the_release_of_the_repositories(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "etc/alpine-release", "3.19.1");
    tree_add(&tree, "etc/apk/repositories", "https://x/alpine/v3.22/main\n");
    assert_str(tree_finish(&tree).repository_release, "3.22");
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finish__keeps_two_architectures_of_one_version),
        cmocka_unit_test(finish__counts_a_database_reached_twice_once),
        cmocka_unit_test(finish__resolves_apk_through_names_and_provides),
        cmocka_unit_test(finish__attaches_what_other_files_say),
        cmocka_unit_test(finish__leaves_out_files_that_packages_own),
        cmocka_unit_test(finish__names_the_layer_that_brought_a_package),
        cmocka_unit_test(finish__names_the_first_layer_of_a_language_package_too),
        cmocka_unit_test(finish__gives_build_information_of_the_right_layer),
        cmocka_unit_test(finish__says_when_packages_have_no_system),
        cmocka_unit_test(finish__lists_a_system_without_packages),
        cmocka_unit_test(finish__joins_the_packages_of_a_language),
        cmocka_unit_test(finish__takes_the_release_of_the_repositories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
