#include "inventory_helper.h"

struct file {
    const char *path, *content;
};

static void os__is_named_by_a_family(void **state)
{
    static const char *const rows[][2] = {
        { "ID=mariner\n", "cbl-mariner" }, { "NAME=\"openSUSE Leap\"\nID=\"opensuse-leap\"\n", "opensuse-leap" },
        { "ID='sl-micro'", "slem" },       { "NAME=\"CentOS Stream\"\nID=centos\n", "centos-stream" },
        { "ID=nonsense\n", "" },           { "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_str(inventory_os_family(str_of(rows[i][0])), rows[i][1]);
}

static void os__is_found_in_any_file(void **state)
{
    static const struct {
        struct file files[4];
        const char *family, *name;
    } rows[] = {
        { { { "etc/os-release", "ID=\"rhel\"\nVERSION_ID='9.4'\n" } }, "redhat", "9.4" },
        { { { "etc/os-release", "NAME=\"CentOS Stream\"\nID=centos\nVERSION_ID=9\n" } }, "centos-stream", "9" },
        { { { "usr/lib/os-release", "ID=wolfi\nVERSION_ID=20230201\n" } }, "wolfi", "20230201" },
        { { { "etc/os-release", "ID=wolfi\n" } }, "", "" },
        { { { "etc/os-release", "ID=nonsense\nVERSION_ID=1\n" } }, "", "" },
        { { { "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n" } }, "debian", "12" },
        { { { "etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\n" } }, "debian", "trixie/sid" },
        { { { "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n" }, { "etc/debian_version", "12.5\n" } }, "debian", "12.5" },
        { { { "etc/debian_version", "trixie/sid" } }, "debian", "trixie/sid" },
        { { { "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n" }, { "etc/debian_version", "bookworm/sid\n" } },
          "ubuntu",
          "22.04" },
        { { { "etc/os-release", "ID=ubuntu\nVERSION_ID=22.04\n" }, { "etc/debian_version", "bookworm/sid\n" } },
          "ubuntu",
          "22.04" },
        { { { "etc/lsb-release", "DISTRIB_RELEASE=22.04\nDISTRIB_ID=Ubuntu\n" } }, "", "" },
        { { { "etc/os-release", "ID=echo\nVERSION_ID=1\n" }, { "etc/debian_version", "13\n" } }, "echo", "1" },
        { { { "etc/redhat-release", "Red Hat Enterprise Linux release 8.9 (Ootpa)\n" } }, "redhat", "8.9" },
        { { { "etc/redhat-release", "Red Hat x release 7.6 (M)\n" },
            { "etc/oracle-release", "Oracle Linux Server release 7.6\n" } },
          "oracle",
          "7.6" },
        { { { "etc/redhat-release", "AlmaLinux release 8.4 (X)" } }, "alma", "8.4" },
        { { { "etc/centos-release", "Something release 8.4 (X)" } }, "", "" },
        { { { "etc/redhat-release", "no version here\n" } }, "", "" },
        { { { "etc/system-release", "Amazon Linux release 2 (Karoo)\n" } }, "amazon", "2 (Karoo)" },
        { { { "etc/system-release", "Amazon Linux release 2\n" } }, "amazon", "2" },
        { { { "etc/system-release", "Amazon Linux AMI release 2018.03\n" } }, "amazon", "AMI release 2018.03" },
        { { { "usr/lib/system-release", "Amazon Linux release 2023.3.20240131 (Amazon Linux)\n" },
            { "etc/os-release", "ID=amzn\nVERSION_ID=2023\n" } },
          "amazon",
          "2023.3.20240131 (Amazon Linux)" },
        { { { "etc/system-release", "CentOS Linux release 7\n" } }, "", "" },
        { { { "etc/alpine-release", "3.19.1\n" }, { "etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n" } },
          "alpine",
          "3.19.1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree tree = tree_new();
        for (const struct file *file = rows[i].files; file->path; file++)
            tree_add(&tree, file->path, file->content);
        struct inventory inventory = tree_finish(&tree);
        assert_str(inventory.os.family, rows[i].family);
        assert_str(inventory.os.name, rows[i].name);
        tree_free(&tree);
    }
}

static void os__can_be_named_by_the_user(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "etc/alpine-release", "3.19.1\n");
    struct inventory_finish_options options = { .os_packages = true, .distro = STR("debian/12") };
    struct inventory inventory = { 0 };
    struct error error = { 0 };
    assert_true(inventory_finish(tree.arena, &tree.placed, &options, &inventory, &error));
    assert_str(inventory.os.family, "debian");
    assert_str(inventory.os.name, "12");
    tree_free(&tree);
}

static void os__esm_belongs_to_ubuntu(void **state)
{
    static const char pro[] =
        "{\"services\":[{\"name\":\"cis\",\"status\":\"enabled\"},{\"name\":\"esm-infra\",\"status\":\"enabled\"}]}";
    struct tree tree = tree_new();
    tree_add(&tree, "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\n");
    tree_add(&tree, "var/lib/ubuntu-advantage/status.json", pro);
    assert_true(tree_finish(&tree).os.extended);
    tree_free(&tree);
    tree = tree_new();
    tree_add(&tree, "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=18.04\n");
    tree_add(&tree, "var/lib/ubuntu-advantage/status.json",
             "{\"services\":[{\"name\":\"esm-infra\",\"status\":\"disabled\"}]}");
    assert_false(tree_finish(&tree).os.extended);
    tree_free(&tree);
}

static void build_info__reads_labels_and_content_sets(void **state)
{
    struct tree tree = tree_new();
    tree_add(
        &tree, "root/buildinfo/Dockerfile-ubi8-8.3-227",
        "FROM x\n# LABEL architecture=\"no\"\nLABEL com.redhat.component=\"ubi8-container\" \\\n  name='ubi8' \\\n# comment\n"
        "  \"architecture\"=\"x86_64\"\nRUN y\n");
    tree_add(&tree, "root/buildinfo/content_manifests/a.json", "{\"content_sets\":[\"a-rpms\",\"b-rpms\"]}");
    assert_str(tree.fragments.items[0].subject, "ubi8-container-8.3-227");
    assert_str(tree.fragments.items[0].build_arch, "x86_64");
    assert_string_equal(joined(&tree, &tree.fragments.items[1].strings), "a-rpms | b-rpms");
    tree_free(&tree);
}

static void bottlerocket_and_manifest__list_packages(void **state)
{
    struct tree tree = tree_new();
    tree_add(&tree, "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
             "{\"Content\":[{\"Name\":\"k\",\"Version\":\"6.1\",\"Release\":\"1.br1\",\"Epoch\":\"2\"},{\"Name\":\"x\"}]}");
    assert_string_equal(ids_of(&tree, &tree.fragments.items[0].packages), "k@6.1-1.br1");
    assert_int_equal(tree.fragments.items[0].packages.items[0].epoch, 2);
    assert_int_equal(tree.problems.count, 1);
    tree_add(&tree, "var/lib/rpmmanifest/container-manifest-2",
             "a\t1-2.cm2\t1\t2\tV\t(none)\t3\tx86_64\t4\ts-9-8.cm2.src.rpm\n");
    const struct package *package = &tree.fragments.items[1].packages.items[0];
    assert_str(package->release, "2.cm2");
    assert_int_equal(package->epoch, 4);
    assert_str(package->src_name, "s");
    assert_str(package->src_release, "8.cm2");
    tree_add(&tree, "var/lib/rpmmanifest/container-manifest-2", "a\t1-2\n");
    assert_int_equal(tree.problems.count, 2);
    assert_int_equal(tree.fragments.count, 2);
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(os__is_named_by_a_family),
        cmocka_unit_test(os__is_found_in_any_file),
        cmocka_unit_test(os__can_be_named_by_the_user),
        cmocka_unit_test(os__esm_belongs_to_ubuntu),
        cmocka_unit_test(build_info__reads_labels_and_content_sets),
        cmocka_unit_test(bottlerocket_and_manifest__list_packages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
