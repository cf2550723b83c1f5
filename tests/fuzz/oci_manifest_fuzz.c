#include "oci/oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct oci_manifest manifest;
    struct oci_platform wanted = { STR("linux"), STR("arm"), STR("v7"), { 0 } };
    if (!oci_manifest_parse(arena, str_make(data, size), (struct str){ 0 }, "input", &manifest, &error)) return 0;
    if (manifest.kind == OCI_INDEX) oci_platform_choose(arena, &manifest, &wanted);
    oci_manifest_purpose(&manifest);
    oci_manifest_artifact_type(&manifest);
    return 0;
}
