#include "text_assert.h"
#include "oci/oci.h"

#define AB "abababababababababababababababababababababababababababababababab"
#define DESCRIPTOR(type) "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" AB "\",\"size\":1}"
#define CONFIG DESCRIPTOR(OCI_TYPE_CONFIG)
#define LAYER DESCRIPTOR("application/vnd.oci.image.layer.v1.tar+gzip")

static bool parse(struct arena *arena, const char *text, const char *content_type, struct oci_manifest *manifest,
                  struct error *error)
{
    return oci_manifest_parse(arena, str_of(text), str_of(content_type), "it", manifest, error);
}

static void manifest__tells_kinds_by_shape_and_word(void **state)
{
    static const struct {
        const char *text, *content_type, *purpose;
    } rows[] = {
        { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" LAYER "]}", "", "image" },
        { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" LAYER "]}", "application/json", "image" },
        { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" LAYER "]}", OCI_TYPE_MANIFEST "; charset=utf-8", "image" },
        { "{\"schemaVersion\":2,\"manifests\":[]}", "", "index" },
        { "{\"schemaVersion\":2,\"config\":" DESCRIPTOR("application/vnd.cncf.helm.config.v1+json") ",\"layers\":[" DESCRIPTOR(
              "a/b") "]}",
          "", "artifact" },
        { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" DESCRIPTOR("application/vnd.in-toto+json") "]}", "",
          "attestation" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct oci_manifest manifest;
        struct error error = { 0 };
        if (!parse(arena, rows[i].text, rows[i].content_type, &manifest, &error)) fail_msg("%zu: %s", i, error.message);
        assert_string_equal(oci_manifest_purpose(&manifest), rows[i].purpose);
    }
}

static void manifest__refuses_what_is_odd(void **state)
{
    static const struct {
        const char *text, *content_type, *id;
    } rows[] = {
        { "[]", "", "manifest-invalid" },
        { "{\"schemaVersion\":2}", "", "manifest-invalid" },
        { "{\"schemaVersion\":\"2\",\"manifests\":[]}", "", "manifest-invalid" },
        { "{\"schemaVersion\":1,\"fsLayers\":[]}", "", "manifest-schema1" },
        { "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "", "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[],\"mediaType\":\"" OCI_TYPE_MANIFEST "\"}", "", "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[]}", OCI_TYPE_MANIFEST, "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[],\"mediaType\":\"application/vnd.oci.artifact.manifest.v1+json\"}", "",
          "manifest-type" },
        { "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}", "", "json-duplicate" },
        { "{\"schemaVersion\":2,\"layers\":[]}", "", "manifest-invalid" },
        { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":{}}", "", "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:" AB "\",\"size\":-1}]}", "",
          "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:" AB "\",\"size\":1.0}]}", "",
          "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:" AB
          "\",\"size\":9223372036854775808}]}",
          "", "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:../x\",\"size\":1}]}", "",
          "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":1}}", "", "manifest-invalid" },
        { "{\"schemaVersion\":2,\"manifests\":[]", "", "json-invalid" },
    };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct oci_manifest manifest;
        struct error error = { 0 };
        if (parse(arena, rows[i].text, rows[i].content_type, &manifest, &error)) fail_msg("row %zu was taken", i);
        if (strcmp(error.id, rows[i].id) != 0) fail_msg("row %zu: %s, not %s", i, error.id, rows[i].id);
    }
}

static void manifest__knows_layer_types(void **state)
{
    static const struct {
        const char *type;
        enum oci_layer_kind kind;
    } rows[] = {
        { "application/vnd.oci.image.layer.v1.tar", OCI_LAYER_PLAIN },
        { "application/vnd.oci.image.layer.v1.tar+zstd", OCI_LAYER_PLAIN },
        { "application/vnd.docker.image.rootfs.diff.tar.gzip", OCI_LAYER_PLAIN },
        { "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", OCI_LAYER_FOREIGN },
        { "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", OCI_LAYER_FOREIGN },
        { "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", OCI_LAYER_ENCRYPTED },
        { "application/vnd.oci.image.layer.v1.tarball", OCI_LAYER_OTHER },
        { "application/spdx+json", OCI_LAYER_OTHER },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (oci_layer_kind(str_of(rows[i].type)) != rows[i].kind) fail_msg("%s", rows[i].type);
}

static unsigned fit(struct arena *arena, const char *wanted, const char *offered)
{
    struct oci_platform wish, offer;
    struct error error = { 0 };
    assert_true(oci_platform_parse(arena, str_of(wanted), &wish, &error));
    assert_true(oci_platform_parse(arena, str_of(offered), &offer, &error));
    return oci_platform_fit(&wish, &offer);
}

static void platform__fits_variants_up_to_the_wish(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    assert_true(fit(arena, "linux/arm/v7", "linux/arm/v6") > 0);
    assert_true(fit(arena, "linux/arm/v7", "linux/arm/v7") > fit(arena, "linux/arm/v7", "linux/arm/v6"));
    assert_int_equal(fit(arena, "linux/arm/v6", "linux/arm/v7"), 0);
    assert_true(fit(arena, "linux/arm64", "linux/aarch64") > 0);
    assert_true(fit(arena, "linux/amd64/v3", "linux/x86_64") > 0);
    assert_int_equal(fit(arena, "linux/amd64", "linux/amd64/v2"), 0);
    assert_int_equal(fit(arena, "linux/amd64", "linux/386"), 0);
    assert_int_equal(fit(arena, "linux/amd64", "windows/amd64"), 0);
    assert_int_equal(fit(arena, "unknown/unknown", "unknown/unknown"), 0);
    assert_true(fit(arena, "windows(10.0.17763)/amd64", "windows(10.0.17763.999)/amd64") > 0);
    assert_int_equal(fit(arena, "windows(10.0.17763)/amd64", "windows(10.0.20348.1)/amd64"), 0);
}

static void platform__refuses_other_text(void **state)
{
    static const char *const rows[] = { "linux/", "/amd64", "a/b/c/d", "linux/am d64", "linux//v8" };
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct oci_platform platform;
        struct error error = { 0 };
        if (oci_platform_parse(arena, str_of(rows[i]), &platform, &error)) fail_msg("%s was taken", rows[i]);
        assert_error(&error, "platform-invalid");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifest__tells_kinds_by_shape_and_word),
        cmocka_unit_test(manifest__refuses_what_is_odd),
        cmocka_unit_test(manifest__knows_layer_types),
        cmocka_unit_test(platform__fits_variants_up_to_the_wish),
        cmocka_unit_test(platform__refuses_other_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
