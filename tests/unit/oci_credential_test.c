#include "text_assert.h"
#include "oci/oci.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void credential__takes_the_most_specific_key(void **state)
{
    static const char config[] =
        "{\"auths\":{"
        "\"https://index.docker.io/v1/\":{\"auth\":\"aHViOmE6Yg==\"}," /* hub:a:b */
        "\"R.example\":{\"username\":\"host\",\"password\":\"1\"},"
        "\"r.example/team\":{\"username\":\"team\",\"password\":\"2\"},"
        "\"https://old.example/v1/\":{\"username\":\"old\",\"password\":\"3\"},"
        "\"acr.example\":{\"auth\":\"MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOg==\",\"identitytoken\":\"it\"},"
        "\"bare.example\":{}}}";
    static const struct {
        const char *registry, *repository, *username, *password;
    } rows[] = {
        { "docker.io", "library/nginx", "hub", "a:b" },
        { "r.example", "other", "host", "1" },
        { "r.example", "team", "team", "2" },
        { "r.example", "team/app/x", "team", "2" },
        { "r.example", "teams/app", "host", "1" },
        { "old.example", "x", "old", "3" },
        { "none.example", "x", NULL, NULL },
        { "bare.example", "x", NULL, NULL },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    yyjson_val *root = yyjson_doc_get_root(json_parse_in(arena, str_of(config), "config", &error));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct oci_credential credential = { 0 };
        struct oci_credential_helper helper;
        int found = oci_credential_lookup(arena, root, str_of(rows[i].registry), str_of(rows[i].repository), &credential,
                                          &helper, &error);
        if (found != (rows[i].username != NULL)) fail_msg("%s/%s: %d", rows[i].registry, rows[i].repository, found);
        if (!found) continue;
        assert_text(credential.username, rows[i].username);
        assert_text(credential.password, rows[i].password);
    }
    struct oci_credential credential = { 0 };
    struct oci_credential_helper helper;
    assert_int_equal(oci_credential_lookup(arena, root, STR("acr.example"), STR("x"), &credential, &helper, &error), 1);
    assert_text(credential.identity_token, "it");
}

static void credential__asks_helpers_first(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct oci_credential credential = { 0 };
    struct oci_credential_helper helper;
    yyjson_val *root = yyjson_doc_get_root(json_parse_in(
        arena, STR("{\"auths\":{\"a\":{\"auth\":\"YTpi\"}},\"credHelpers\":{\"a\":\"one\"},\"credsStore\":\"all\"}"), "config",
        &error));
    assert_int_equal(oci_credential_lookup(arena, root, STR("a"), STR("x"), &credential, &helper, &error), 2);
    assert_text(helper.name, "one");
    assert_text(helper.server, "a");
    assert_int_equal(oci_credential_lookup(arena, root, STR("docker.io"), STR("x"), &credential, &helper, &error), 2);
    assert_text(helper.name, "all");
    assert_text(helper.server, "https://index.docker.io/v1/");
}

static void credential__refuses_damaged_entries(void **state)
{
    static const char *const rows[] = { "{\"auths\":{\"a\":{\"auth\":\"!!!\"}}}",
                                        "{\"auths\":{\"a\":{\"auth\":\"bm8gY29sb24=\"}}}" };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = { 0 };
        struct oci_credential credential = { 0 };
        struct oci_credential_helper helper;
        yyjson_val *root = yyjson_doc_get_root(json_parse_in(arena, str_of(rows[i]), "config", &error));
        assert_int_equal(oci_credential_lookup(arena, root, STR("a"), STR("x"), &credential, &helper, &error), -1);
        assert_error(&error, "credentials-invalid");
    }
}

static void credential__keeps_what_else_is_in_the_file(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct stat status;
    struct str text;
    bool known;
    char folder[] = "/tmp/pratique-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    setenv("DOCKER_CONFIG", folder, 1);
    unsetenv("REGISTRY_AUTH_FILE");
    const char *path = path_join(arena, folder, "config.json");
    assert_true(file_write(path, STR("{\"psFormat\":\"x\",\"auths\":{\"other\":{\"auth\":\"YTpi\"}}}"), 0644, false, &error));
    assert_true(oci_credential_store(arena, STR("https://index.docker.io/v1/"), STR("me"), STR("p:w"), &error));
    assert_true(file_read(arena, path, 4096, &text, &error));
    yyjson_val *root = yyjson_doc_get_root(json_parse_in(arena, text, "config", &error));
    assert_text(json_str(root, "psFormat"), "x");
    assert_text(json_str(json_get(json_get(root, "auths"), "other"), "auth"), "YTpi");
    assert_text(json_str(json_get(json_get(root, "auths"), "https://index.docker.io/v1/"), "auth"), "bWU6cDp3");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    struct oci_credential credential = { 0 };
    assert_int_equal(oci_credential_find(arena, STR("docker.io"), STR("library/x"), &credential, &error), 1);
    assert_text(credential.password, "p:w");
    assert_true(oci_credential_erase(arena, STR("docker.io"), &known, &error) && known);
    assert_true(oci_credential_erase(arena, STR("docker.io"), &known, &error) && !known);
    assert_true(folder_remove(folder, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credential__takes_the_most_specific_key),
        cmocka_unit_test(credential__asks_helpers_first),
        cmocka_unit_test(credential__refuses_damaged_entries),
        cmocka_unit_test(credential__keeps_what_else_is_in_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
