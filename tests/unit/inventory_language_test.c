#include "inventory_helper.h"

static void node__takes_packages_only(void **state)
{
    static const struct {
        const char *text, *id, *licences;
    } rows[] = {
        { "{\"name\":\"a\",\"version\":\"1.0.0\",\"license\":\"MIT\"}", "a@1.0.0", "MIT" },
        { "\xef\xbb\xbf{\"name\":\"@s/a.b-c_d\",\"version\":\"1\",\"license\":{\"type\":\"ISC\"}}", "@s/a.b-c_d@1", "ISC" },
        { "{\"name\":\"a\",\"version\":\"1\",\"licenses\":[{\"type\":\"MIT\"},\"Apache 2.0\"]}", "a@1", "MIT | Apache-2.0" },
        { "{\"name\":\"a\"}", NULL, NULL },
        { "{\"version\":\"1\"}", NULL, NULL },
        { "{\"name\":\"a b\",\"version\":\"1\"}", NULL, NULL },
        { "{\"name\":\"a/b\",\"version\":\"1\"}", NULL, NULL },
        { "{\"name\":\"@a\",\"version\":\"1\"}", NULL, NULL },
        { "{\"name\":\"@a/b/c\",\"version\":\"1\"}", NULL, NULL },
        { "{\"name\":1,\"version\":2}", NULL, NULL },
        { "[]", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "app/node_modules/a/package.json", rows[i].text);
        assert_int_equal(tree.problems.count, 0);
        assert_int_equal(tree.fragments.count, rows[i].id != NULL);
        if (rows[i].id) {
            assert_str(tree.fragments.items[0].packages.items[0].id, rows[i].id);
            assert_string_equal(joined(&tree, &tree.fragments.items[0].packages.items[0].licenses), rows[i].licences);
        }
        tree_free(&tree);
    }
}

static void python__reads_metadata(void **state)
{
    static const struct {
        const char *text, *licences;
    } rows[] = {
        { "Metadata-Version: 2.1\nName: A_b\nVersion: 1.0\nLicense: MIT\n\nName: not this\n", "MIT" },
        { "Name: A_b\nVersion: 1.0\nLicense: see file\nClassifier: License :: OSI Approved :: BSD License\n"
          "Classifier: License :: OSI Approved\nClassifier: Topic :: X\n",
          "BSD-3-Clause" },
        { "Name: A_b\nVersion: 1.0\nLicense-Expression: Apache-2.0 OR MIT\nClassifier: License :: OSI Approved :: BSD "
          "License\n",
          "Apache-2.0 | MIT" },
        { "Name: A_b\nVersion: 1.0\n", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        tree_add(&tree, "usr/lib/python3/A_b-1.0.dist-info/METADATA", rows[i].text);
        struct inventory inventory = tree_finish(&tree);
        const struct package *package = inventory.applications.items[0].packages.items[0];
        assert_str(package->name, "A_b");
        assert_str(package->version, "1.0");
        assert_str(package->purl, "pkg:pypi/a-b@1.0");
        assert_string_equal(joined(&tree, &package->licenses), rows[i].licences);
        tree_free(&tree);
    }
}

static void python__without_a_name_is_a_problem(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "usr/lib/python3/x.egg-info", "Version: 1\n");
    assert_int_equal(tree.fragments.count, 0);
    assert_str(tree.problems.items[0].message_id, "python-metadata-invalid");
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node__takes_packages_only),
        cmocka_unit_test(python__reads_metadata),
        cmocka_unit_test(python__without_a_name_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
