/* manifest: {"path": FILE, "blobs": FOLDER} -> what it is and whether it may be used. platform: {"path", "request"} -> the
 * entry of an index that fits. */
#include "probe.h"
#include "oci/oci.h"
#include "pack/pack.h"

/* Blobs of the vectors lie beside: file name = digest with '-' for ':'. */
static bool read_blob(struct arena *arena, yyjson_val *request, const struct oci_descriptor *descriptor, struct str *content)
{
    struct error error = { 0 };
    char *name = arena_cstr(arena, descriptor->digest);
    *strchr(name, ':') = '-';
    const char *path = path_join(arena, arena_cstr(arena, json_str(request, "blobs")), name);
    return file_read(arena, path, 1 << 20, content, &error) &&
           oci_content_check(*content, descriptor->digest, descriptor->size, name, &error);
}

static void put_image(struct arena *arena, yyjson_val *request, const struct oci_manifest *manifest, struct json_writer *answer)
{
    struct str config, layer;
    struct error error = { 0 };
    json_member_int(answer, "layers", (int64_t)manifest->entries.count);
    if (read_blob(arena, request, &manifest->config, &config)) {
        yyjson_val *root = yyjson_doc_get_root(json_parse_in(arena, config, "config", &error));
        struct oci_platform platform = {
            json_str(root, "os"), json_str(root, "architecture"), json_str(root, "variant"), { 0 }
        };
        json_member_str(answer, "platform", oci_platform_text(arena, &platform));
    }
    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct oci_descriptor *entry = &manifest->entries.items[i];
        json_member_bool(answer, "estargz", json_str(entry->annotations, "containerd.io/snapshot/stargz/toc.digest").size > 0);
        if (i == 0 && read_blob(arena, request, entry, &layer))
            json_member_str(answer, "compression",
                            str_of(compression_name(compression_detect((const uint8_t *)layer.data, layer.size))));
    }
}

static void put_index(struct arena *arena, const struct oci_manifest *index, struct json_writer *answer)
{
    str_vector platforms = { 0 };
    int64_t attestations = 0;
    for (size_t i = 0; i < index->entries.count; i++) {
        const struct oci_descriptor *entry = &index->entries.items[i];
        if (oci_descriptor_is_attestation(entry))
            attestations++;
        else if (entry->has_platform)
            *vector_push(arena, &platforms) = oci_platform_text(arena, &entry->platform);
    }
    json_member_strings(answer, "platforms", &platforms);
    json_member_int(answer, "attestations", attestations);
}

void probe_manifest(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct str text;
    struct oci_manifest manifest;
    char sum[SHA256_TEXT];
    json_open(answer, '{');
    bool valid = file_read(arena, arena_cstr(arena, json_str(request, "path")), OCI_MANIFEST_LIMIT, &text, &error) &&
                 digest_load(&error);
    if (valid) {
        json_member_str(answer, "digest", str_of(sha256_text(text, sum)));
        json_key(answer, "size");
        json_put_int(answer, (int64_t)text.size);
        valid = oci_manifest_parse(arena, text, (struct str){ 0 }, "the manifest", &manifest, &error);
    }
    json_key(answer, "valid");
    json_put_bool(answer, valid);
    if (valid) {
        json_member_str(answer, "kind", str_of(oci_manifest_purpose(&manifest)));
        json_key(answer, "scannable");
        json_put_bool(answer, manifest.kind == OCI_INDEX || oci_manifest_scannable(&manifest));
        json_member_str(answer, "artifactType", oci_manifest_artifact_type(&manifest));
        if (manifest.has_subject) json_member_str(answer, "subject", manifest.subject.digest);
        if (manifest.kind == OCI_INDEX)
            put_index(arena, &manifest, answer);
        else
            put_image(arena, request, &manifest, answer);
    } else {
        json_member_str(answer, "error", str_of(error.message));
    }
    json_close(answer, '}');
}

void probe_platform(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct str text;
    struct oci_manifest index;
    struct oci_platform wanted;
    ptrdiff_t chosen = -1;
    bool good = file_read(arena, arena_cstr(arena, json_str(request, "path")), OCI_MANIFEST_LIMIT, &text, &error) &&
                oci_manifest_parse(arena, text, (struct str){ 0 }, "the index", &index, &error) &&
                oci_platform_parse(arena, json_str(request, "request"), &wanted, &error);
    if (good) chosen = oci_platform_choose(arena, &index, &wanted);
    json_open(answer, '{');
    json_key(answer, "digest");
    if (chosen >= 0)
        json_put_str(answer, index.entries.items[chosen].digest);
    else
        json_put_null(answer);
    if (!good) json_member_str(answer, "error", str_of(error.message));
    json_close(answer, '}');
}
