#include "inventory_helper.h"
#include "rpm_build.h"
#include "scan/inventory/rpm_database.h"

static const struct tag_text bash[] = {
    TEXT(1000, "bash"),
    TEXT(1001, "5.1.8"),
    TEXT(1002, "6.el9_1"),
    NUMBERS(1003, 1, "\0\0\0\2"),
    TEXT(1011, "Red Hat, Inc."),
    TEXT(1014, "GPLv3+"),
    TEXT(1022, "x86_64"),
    TEXT(1044, "bash-src-5.1.8-6.el9_1.src.rpm"),
    TEXTS(1047, 2, "bash\0config(bash)"),
    TEXTS(1049, 2, "libc.so.6\0config(bash)"),
    NUMBERS(1116, 3, "\0\0\0\0\0\0\0\1\0\0\0\1"),
    TEXTS(1117, 3, "bash\0README\0.."),
    TEXTS(1118, 2, "/usr/bin/\0/usr/share/doc/"),
    TEXT(5096, "m:1:2:3"),
    BYTES(261, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"),
};
#define TAGS(array) array, sizeof(array) / sizeof((array)[0])

static void assert_bash(struct tree *tree)
{
    assert_int_equal(tree->fragments.items[0].packages.count, 1);
    const struct package *package = &tree->fragments.items[0].packages.items[0];
    assert_str(package->id, "bash@5.1.8-6.el9_1.x86_64");
    assert_str(package->release, "6.el9_1");
    assert_int_equal(package->epoch, 2);
    assert_str(package->src_name, "bash-src");
    assert_str(package->src_version, "5.1.8");
    assert_str(package->src_release, "6.el9_1");
    assert_int_equal(package->src_epoch, 2);
    assert_str(package->maintainer, "Red Hat, Inc.");
    assert_str(package->repository_class, "official");
    assert_str(package->modularity_label, "m:1:2:3");
    assert_str(package->digest, "md5:00112233445566778899aabbccddeeff");
    assert_string_equal(joined(tree, &package->licenses), "GPLv3+");
    assert_string_equal(joined(tree, &package->provides), "bash | config(bash)");
    assert_string_equal(joined(tree, &package->installed_files), "usr/bin/bash | usr/share/doc/README");
}

static void rpm__reads_all_containers(void **state)
{
    CLEANUP_BUFFER struct buffer blob = { 0 };
    header_build(&blob, TAGS(bash));
    for (int kind = 0; kind < 4; kind++) {
        CLEANUP_BUFFER struct buffer file = { 0 };
        struct tree tree = tree_new();
        if (kind == 0) ndb_build(&file, buffer_view(&blob));
        if (kind == 1) bdb_build(&file, buffer_view(&blob), false);
        if (kind == 2) bdb_build(&file, buffer_view(&blob), true);
        if (kind == 3) sqlite_build(&file, buffer_view(&blob));
        tree_add_str(&tree, 0, "var/lib/rpm/Packages", buffer_view(&file));
        assert_bash(&tree);
        assert_int_equal(tree.problems.count, 1); /* the file named ".." */
        assert_str(tree.problems.items[0].message_id, "rpm-files-omitted");
        tree_free(&tree);
    }
}

static void count_blob(void *context, struct str blob) { ++*(size_t *)context; }

static void rpm__survives_every_cut_and_every_flipped_byte(void **state)
{
    CLEANUP_BUFFER struct buffer blob = { 0 };
    header_build(&blob, TAGS(bash));
    for (int kind = 0; kind < 4; kind++) {
        CLEANUP_BUFFER struct buffer file = { 0 };
        if (kind == 0) ndb_build(&file, buffer_view(&blob));
        if (kind == 1 || kind == 2) bdb_build(&file, buffer_view(&blob), kind == 2);
        if (kind == 3) sqlite_build(&file, buffer_view(&blob));
        for (size_t i = 0; i < file.size; i++) {
            struct error error = { 0 };
            size_t seen = 0;
            CLEANUP_FREE char *copy = memory_alloc(file.size);
            memcpy(copy, file.data, file.size);
            copy[i] = (char)~copy[i];
            rpm_database_each(str_make(copy, file.size), STR(""), count_blob, &seen, &error);
            assert_true(seen < 100);
            CLEANUP_FREE char *cut = memory_alloc(i ? i : 1);
            memcpy(cut, file.data, i);
            error = (struct error){ 0 };
            assert_false(rpm_database_each(str_make(cut, i), STR(""), count_blob, &seen, &error));
        }
    }
}

static void bdb__stops_at_a_cycle(void **state)
{
    char text[2000];
    memset(text, 'x', sizeof text);
    CLEANUP_BUFFER struct buffer file = { 0 };
    bdb_build(&file, str_make(text, sizeof text), false);
    put_at(&file, 2 * 512 + 16, 2, 4, false); /* page 2 follows itself */
    size_t seen = 0;
    struct error error = { 0 };
    assert_false(rpm_bdb_each(buffer_view(&file), count_blob, &seen, &error));
    assert_string_equal(error.id, "rpm-database-damaged");
    assert_int_equal(seen, 0);
}

/* One byte of a package's vendor: sizes and marks still fit. */
static void ndb__leaves_out_a_package_whose_checksum_differs(void **state)
{
    CLEANUP_BUFFER struct buffer blob = { 0 }, file = { 0 };
    header_build(&blob, TAGS(bash));
    ndb_build(&file, buffer_view(&blob));
    size_t seen = 0;
    struct error error = { 0 };
    assert_true(rpm_ndb_each(buffer_view(&file), count_blob, &seen, &error));
    assert_int_equal(seen, 1);
    ptrdiff_t at = str_find_text(buffer_view(&file), STR("Red Hat"));
    assert_true(at > 0);
    file.data[at]++;
    assert_false(rpm_ndb_each(buffer_view(&file), count_blob, &seen, &error));
    assert_string_equal(error.id, "rpm-database-damaged");
    assert_int_equal(seen, 1);
}

static void sqlite__stops_at_a_cycle(void **state)
{
    static const struct {
        size_t at;
        uint32_t page;
    } rows[] = { { 512 + 8, 2 }, { 512 + 8, 1 }, { 4 * 512 - 512, 4 }, { 4 * 512 - 512, 3 } };
    char text[2000];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP_BUFFER struct buffer file = { 0 };
        sqlite_build(&file, str_make(text, sizeof text));
        put_at(&file, rows[i].at, rows[i].page, 4, true);
        size_t seen = 0;
        struct error error = { 0 };
        assert_false(rpm_sqlite_each(buffer_view(&file), STR(""), count_blob, &seen, &error));
        assert_string_equal(error.id, "rpm-database-damaged");
    }
}

/* Second files say nothing alone, and inventory_read leaves them to inventory_read_companion. */
static void sqlite__takes_its_write_ahead_log_as_a_companion(void **state)
{
    struct tree tree = tree_new();
    struct str path = STR("var/lib/rpm/rpmdb.sqlite-wal");
    uint64_t wanted = inventory_wants(&everything, path);
    char log[64] = { 0 };
    assert_true(inventory_is_paired(wanted));
    assert_str(inventory_first_of(wanted, path), "var/lib/rpm/rpmdb.sqlite");
    assert_str(inventory_first_of(wanted, STR("var/lib/rpm/rpmdb.sqlite")), "");
    tree_add_str(&tree, 0, "var/lib/rpm/rpmdb.sqlite-wal", str_make(log, sizeof log));
    inventory_read_companion(tree.arena, wanted, path, str_make(log, 32), NULL, &tree.fragments, &tree.problems);
    assert_int_equal(tree.problems.count, 0);
    inventory_read_companion(tree.arena, wanted, path, str_make(log, sizeof log), NULL, &tree.fragments, &tree.problems);
    assert_int_equal(tree.fragments.count, 0);
    assert_str(tree.problems.items[0].message_id, "rpm-wal-pending");
    tree_free(&tree);
}

static void header__refuses_sizes_that_lie(void **state)
{
    static const struct {
        struct str blob;
    } rows[] = {
        { STR("") },
        { STR("\0\0\0\1\0\0\0") },
        { STR("\0\0\0\0\0\0\0\0") },
        { STR("\0\0\0\1\0\0\0\1"
              "\0\0\3\350\0\0\0\6\0\0\0\0\0\0\0\1") },
        { STR("\xff\xff\xff\xff\xff\xff\xff\xff"
              "\0\0\3\350\0\0\0\6\0\0\0\0\0\0\0\1x") },
        { STR("\0\0\0\1\0\0\0\1"
              "\0\0\3\350\0\0\0\6\0\0\0\0\0\0\0\1x") }, /* a name without its NUL */
    };
    struct rpm_header header;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(rpm_header_parse(rows[i].blob, &header));
}

/* A region of six entries; what rpm added behind it, for a package installed below another folder, counts instead. */
static void header__takes_what_stands_behind_the_region(void **state)
{
    static const struct tag_text moved[] = {
        BYTES(63, "\0\0\0\x3f\0\0\0\7\xff\xff\xff\xa0\0\0\0\x10"),
        TEXT(1000, "moved"),
        TEXT(1001, "1"),
        TEXT(1011, "Red Hat"),
        TEXTS(1027, 1, "/old/file"),
        TEXT(1022, "noarch"),
        NUMBERS(1116, 1, "\0\0\0\0"),
        TEXTS(1117, 1, "file"),
        TEXTS(1118, 1, "/opt/"),
        TEXT(1022, "x86_64"),
    };
    CLEANUP_BUFFER struct buffer blob = { 0 };
    struct rpm_header header;
    header_build(&blob, TAGS(moved));
    assert_true(rpm_header_parse(buffer_view(&blob), &header));
    assert_str(rpm_header_string(&header, RPM_ARCH), "x86_64");
    assert_str(rpm_header_string(&header, RPM_DIRNAMES), "/opt/");
    assert_str(rpm_header_string(&header, RPM_OLDFILENAMES), "");
    /* Without the region the first of two counts, and both forms of a file list stay. */
    blob.size = 0;
    header_build(&blob, moved + 1, sizeof moved / sizeof moved[0] - 1);
    assert_true(rpm_header_parse(buffer_view(&blob), &header));
    assert_str(rpm_header_string(&header, RPM_ARCH), "noarch");
    assert_str(rpm_header_string(&header, RPM_OLDFILENAMES), "/old/file");
}

static void header__of_a_key_has_no_architecture(void **state)
{
    static const struct tag_text key[] = { TEXT(1000, "gpg-pubkey"), TEXT(1001, "fd431d51"), TEXT(1002, "4ae0493b"),
                                           TEXT(1044, "(none)") };
    CLEANUP_BUFFER struct buffer blob = { 0 }, file = { 0 };
    header_build(&blob, TAGS(key));
    ndb_build(&file, buffer_view(&blob));
    struct tree tree = tree_new();
    tree_add_str(&tree, 0, "var/lib/rpm/Packages.db", buffer_view(&file));
    const struct package *package = &tree.fragments.items[0].packages.items[0];
    assert_str(package->id, "gpg-pubkey@fd431d51-4ae0493b.");
    assert_str(package->arch, "None");
    assert_str(package->src_name, "");
    assert_str(package->repository_class, "third-party");
    tree_free(&tree);
}

static void header__dependencies_go_through_provides(void **state)
{
    CLEANUP_BUFFER struct buffer blob = { 0 }, file = { 0 };
    header_build(&blob, TAGS(bash));
    ndb_build(&file, buffer_view(&blob));
    struct tree tree = tree_new();
    tree_add(&tree, "etc/redhat-release", "Red Hat Enterprise Linux release 9.3 (Plow)\n");
    tree_add_str(&tree, 0, "var/lib/rpm/Packages.db", buffer_view(&file));
    static const struct tag_text libc[] = { TEXT(1000, "glibc"), TEXT(1001, "2"), TEXT(1002, "1"), TEXT(1022, "x86_64"),
                                            TEXTS(1047, 1, "libc.so.6") };
    CLEANUP_BUFFER struct buffer blob2 = { 0 }, file2 = { 0 };
    header_build(&blob2, TAGS(libc));
    ndb_build(&file2, buffer_view(&blob2));
    tree_add_str(&tree, 0, "usr/lib/sysimage/rpm/Packages.db", buffer_view(&file2));
    struct inventory inventory = tree_finish(&tree);
    const package_list *packages = &inventory.applications.items[0].packages;
    assert_string_equal(joined(&tree, &packages->items[0]->depends_on), "glibc@2-1.x86_64");
    assert_str(packages->items[0]->purl,
               "pkg:rpm/redhat/bash@5.1.8-6.el9_1?arch=x86_64&distro=redhat-9.3&epoch=2&modularitylabel=m:1:2:3");
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rpm__reads_all_containers),
        cmocka_unit_test(rpm__survives_every_cut_and_every_flipped_byte),
        cmocka_unit_test(bdb__stops_at_a_cycle),
        cmocka_unit_test(ndb__leaves_out_a_package_whose_checksum_differs),
        cmocka_unit_test(sqlite__stops_at_a_cycle),
        cmocka_unit_test(sqlite__takes_its_write_ahead_log_as_a_companion),
        cmocka_unit_test(header__refuses_sizes_that_lie),
        cmocka_unit_test(header__takes_what_stands_behind_the_region),
        cmocka_unit_test(header__of_a_key_has_no_architecture),
        cmocka_unit_test(header__dependencies_go_through_provides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
