#include "text_assert.h"
#include "oci/oci.h"

#include <stdlib.h>

static void resolve(struct arena *arena, const char *conf, const char *image, oci_endpoint_vector *endpoints,
                    struct error *error)
{
    struct oci_reference reference;
    struct oci_registries *registries = oci_registries_new(arena);
    bool matched;
    assert_true(oci_registries_add(registries, str_of(conf), "registries.conf", error));
    assert_true(oci_reference_parse(arena, str_of(image), &reference, error));
    oci_registries_resolve(arena, registries, &reference, endpoints, &matched, error);
}

static void registries__rewrite_by_the_longest_prefix(void **state)
{
    static const char conf[] =
        "[[registry]]\nprefix='a.example'\nlocation='b.example/all'\n"
        "[[registry]]\nprefix='a.example/team'\nlocation='c.example'\n[[registry.mirror]]\nlocation='m.example/x'\n"
        "[[registry]]\nprefix='*.wild.example'\ninsecure=true\n";
    static const struct {
        const char *image, *host, *repository;
        size_t count;
        bool insecure;
    } rows[] = {
        { "a.example/app:1", "b.example", "all/app", 1, false },
        { "a.example/team/app:1", "m.example", "x/app", 2, false },
        { "a.example/teams/app:1", "b.example", "all/teams/app", 1, false },
        { "x.wild.example/app", "x.wild.example", "app", 1, true },
        { "wild.example/app", "wild.example", "app", 1, false },
        { "a.example.org/app", "a.example.org", "app", 1, false },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        oci_endpoint_vector endpoints = { 0 };
        struct error error = { 0 };
        resolve(arena, conf, rows[i].image, &endpoints, &error);
        if (endpoints.count != rows[i].count) fail_msg("%s: %zu endpoints, %s", rows[i].image, endpoints.count, error.message);
        assert_text(endpoints.items[0].host, rows[i].host);
        assert_text(endpoints.items[0].repository, rows[i].repository);
        assert_int_equal(endpoints.items[0].insecure, rows[i].insecure);
    }
}

static void docker_settings__name_mirrors_of_the_hub_and_insecure_hosts(void **state)
{
    static const char text[] = "{\"registry-mirrors\": [\"https://mirror.example/hub/\", \"http://m.example:5000\"],"
                               " \"insecure-registries\": [\"Reg.example:5000\", \"10.1.0.0/16\", \"fd00::/8\"]}";
    static const struct {
        const char *image, *first;
        size_t count;
        bool insecure; /* the last one */
    } rows[] = {
        { "alpine", "mirror.example", 3, false },
        { "reg.example:5000/app", "reg.example:5000", 1, true },
        { "reg.example/app", "reg.example", 1, false },
        { "10.1.255.255:5000/app", "10.1.255.255:5000", 1, true },
        { "10.2.0.1:5000/app", "10.2.0.1:5000", 1, false },
        { "10.1.0.1.example:5000/app", "10.1.0.1.example:5000", 1, false },
        { "[fd12::1]:5000/app", "[fd12::1]:5000", 1, true },
        { "[fe80::1]:5000/app", "[fe80::1]:5000", 1, false },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        oci_endpoint_vector endpoints = { 0 };
        struct oci_reference reference;
        struct error error = { 0 };
        assert_true(oci_reference_parse(arena, str_of(rows[i].image), &reference, &error));
        *vector_push(arena, &endpoints) = (struct oci_endpoint){ .host = reference.registry };
        assert_true(oci_docker_settings_apply(arena, str_of(text), "daemon.json", &reference, &endpoints, &error));
        assert_int_equal(endpoints.count, rows[i].count);
        assert_text(endpoints.items[0].host, rows[i].first);
        assert_int_equal(endpoints.items[endpoints.count - 1].insecure, rows[i].insecure);
        if (rows[i].count < 3) continue;
        assert_text(endpoints.items[0].prefix, "/hub/");
        assert_true(endpoints.items[1].plain && !endpoints.items[0].plain);
    }
}

static void registries__later_files_replace_tables(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct oci_registries *registries = oci_registries_new(arena);
    struct oci_reference reference;
    oci_endpoint_vector endpoints = { 0 };
    bool matched;
    assert_true(oci_registries_add(registries, STR("[[registry]]\nlocation='a.example'\nblocked=true\n"), "one", &error));
    assert_true(oci_registries_add(registries, STR("[[registry]]\nprefix='a.example'\nlocation='b.example'\n"), "two", &error));
    assert_true(oci_reference_parse(arena, STR("a.example/x"), &reference, &error));
    assert_true(oci_registries_resolve(arena, registries, &reference, &endpoints, &matched, &error));
    assert_text(endpoints.items[0].host, "b.example");
}

static void registries__refuse_odd_files(void **state)
{
    static const char *const rows[] = {
        "[[registry]]\ninsecure=true\n",
        "[[registry]]\nlocation='https://a'\n",
        "[registries.search]\nregistries=['a']\n",
        "[[registry]]\nlocation='a'\n[[registry.mirror]]\n",
        "[[registry]]\nlocation='a'\n[[registry.mirror]]\nlocation='b'\npull-from-mirror='never'\n",
        "[[registry]]\nlocation='a'\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation='b'\npull-from-mirror='all'\n",
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = { 0 };
        if (oci_registries_add(oci_registries_new(arena), str_of(rows[i]), "registries.conf", &error))
            fail_msg("row %zu was taken", i);
        assert_error(&error, "registries-conf-invalid");
    }
}

static void hosts__follow_containerds_file(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct oci_reference reference;
    oci_endpoint_vector endpoints = { 0 };
    char folder[] = "/tmp/pratique-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *host = path_join(arena, folder, "r.example_5000_");
    assert_true(folder_make(host, 0755, &error));
    assert_true(file_write(path_join(arena, host, "hosts.toml"),
                           STR("server = 'https://r.example:5000'\n"
                               "[host.'http://mirror:8080/sub']\n  capabilities = ['pull', 'resolve']\n"
                               "  override_path = true\n"
                               "[host.'https://push.example']\n  capabilities = ['push']\n"
                               "[host.'https://blobs.example']\n  capabilities = ['pull']\n  skip_verify = true\n"),
                           0644, false, &error));
    assert_true(oci_reference_parse(arena, STR("r.example:5000/app:1"), &reference, &error));
    assert_true(oci_hosts_resolve(arena, folder, &reference, &endpoints, &error));
    assert_int_equal(endpoints.count, 2); /* a host without "resolve" is not asked for a tag */
    assert_text(endpoints.items[0].host, "mirror:8080");
    assert_text(endpoints.items[0].prefix, "/sub");
    assert_text(endpoints.items[0].origin, "r.example:5000");
    assert_true(endpoints.items[0].plain && endpoints.items[0].own_path && endpoints.items[0].mirror);
    assert_text(endpoints.items[1].host, "r.example:5000");
    assert_text(endpoints.items[1].origin, "");
    assert_false(endpoints.items[1].mirror);
    assert_true(oci_reference_parse(arena, STR("other.example/app:1"), &reference, &error));
    assert_false(oci_hosts_resolve(arena, folder, &reference, &endpoints, &error));
    assert_int_equal(error.kind, ERROR_NONE);
    assert_true(folder_remove(folder, &error));
}

static void certificates__are_gathered_by_host(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct oci_endpoint endpoint = { .host = STR("r.example") };
    char folder[] = "/tmp/pratique-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *const folders[] = { folder }, *host = path_join(arena, folder, "r.example");
    assert_true(folder_make(host, 0755, &error));
    assert_true(file_write(path_join(arena, host, "a.crt"), STR("AAA"), 0644, false, &error));
    assert_true(file_write(path_join(arena, host, "b.crt"), STR("BBB"), 0644, false, &error));
    assert_true(file_write(path_join(arena, host, "me.cert"), STR("C"), 0644, false, &error));
    assert_false(oci_certificates_add(arena, folders, 1, &endpoint, &error));
    assert_error(&error, "certs-d-key-missing");
    assert_true(file_write(path_join(arena, host, "me.key"), STR("K"), 0600, false, &error));
    endpoint = (struct oci_endpoint){ .host = STR("r.example") };
    assert_true(oci_certificates_add(arena, folders, 1, &endpoint, &error));
    assert_true(str_contains(endpoint.ca_pem, "AAA") && str_contains(endpoint.ca_pem, "BBB"));
    assert_string_equal(endpoint.key, path_join(arena, host, "me.key"));
    assert_true(folder_remove(folder, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(docker_settings__name_mirrors_of_the_hub_and_insecure_hosts),
        cmocka_unit_test(registries__rewrite_by_the_longest_prefix),
        cmocka_unit_test(registries__later_files_replace_tables),
        cmocka_unit_test(registries__refuse_odd_files),
        cmocka_unit_test(hosts__follow_containerds_file),
        cmocka_unit_test(certificates__are_gathered_by_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
