#include "oci/manifest.h"
#include "oci/digest.h"

#define ENTRIES_LIMIT 4096

enum type_role {
    ROLE_NONE,
    ROLE_MANIFEST,
    ROLE_INDEX,
    ROLE_CONFIG,
    ROLE_OLD
};

static const struct {
    const char *name;
    enum type_role role;
} types[] = {
    { OCI_TYPE_MANIFEST, ROLE_MANIFEST },
    { OCI_TYPE_INDEX, ROLE_INDEX },
    { OCI_TYPE_CONFIG, ROLE_CONFIG },
    { DOCKER_TYPE_MANIFEST, ROLE_MANIFEST },
    { DOCKER_TYPE_INDEX, ROLE_INDEX },
    { DOCKER_TYPE_CONFIG, ROLE_CONFIG },
    { "application/vnd.docker.distribution.manifest.v1+json", ROLE_OLD },
    { "application/vnd.docker.distribution.manifest.v1+prettyjws", ROLE_OLD },
};

/* Beginnings of file system layer types; what follows is the compression, and "+encrypted". */
static const struct {
    const char *name;
    bool foreign;
} layer_types[] = {
    { "application/vnd.oci.image.layer.v1.tar", false },
    { "application/vnd.oci.image.layer.nondistributable.v1.tar", true },
    { "application/vnd.docker.image.rootfs.diff.tar", false },
    { "application/vnd.docker.image.rootfs.foreign.diff.tar", true },
};

static enum type_role role_of(struct str media_type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_is(media_type, types[i].name)) return types[i].role;
    return ROLE_NONE;
}

bool oci_type_is_manifest(struct str media_type) { return role_of(media_type) == ROLE_MANIFEST; }
bool oci_type_is_index(struct str media_type) { return role_of(media_type) == ROLE_INDEX; }
bool oci_type_is_config(struct str media_type) { return role_of(media_type) == ROLE_CONFIG; }

enum oci_layer_kind oci_layer_kind(struct str media_type)
{
    for (size_t i = 0; i < sizeof layer_types / sizeof *layer_types; i++) {
        if (!str_starts(media_type, layer_types[i].name)) continue;
        struct str rest = str_from(media_type, strlen(layer_types[i].name));
        if (rest.size && rest.data[0] != '+' && rest.data[0] != '.') continue;
        if (str_ends(rest, "+encrypted")) return OCI_LAYER_ENCRYPTED;
        return layer_types[i].foreign ? OCI_LAYER_FOREIGN : OCI_LAYER_PLAIN;
    }
    return OCI_LAYER_OTHER;
}

bool oci_manifest_scannable(const struct oci_manifest *manifest)
{
    if (manifest->kind != OCI_MANIFEST || !oci_type_is_config(manifest->config.media_type)) return false;
    for (size_t i = 0; i < manifest->entries.count; i++)
        if (oci_layer_kind(manifest->entries.items[i].media_type) != OCI_LAYER_OTHER) return true;
    return manifest->entries.count == 0; /* "FROM scratch" with nothing in it */
}

const char *oci_manifest_purpose(const struct oci_manifest *manifest)
{
    static const struct {
        const char *layer_type, *purpose;
    } purposes[] = {
        { "application/vnd.dev.cosign.simplesigning.v1+json", "signature" },
        { "application/vnd.in-toto+json", "attestation" },
        { "application/vnd.dsse.envelope.v1+json", "attestation" },
    };
    if (manifest->kind == OCI_INDEX) return "index";
    if (oci_manifest_scannable(manifest)) return "image";
    for (size_t i = 0; manifest->entries.count && i < sizeof purposes / sizeof *purposes; i++)
        if (str_is(manifest->entries.items[0].media_type, purposes[i].layer_type)) return purposes[i].purpose;
    return "artifact";
}

struct str oci_manifest_artifact_type(const struct oci_manifest *manifest)
{
    if (manifest->artifact_type.size || manifest->kind == OCI_INDEX) return manifest->artifact_type;
    return oci_type_is_config(manifest->config.media_type) ? (struct str){ 0 } : manifest->config.media_type;
}

bool oci_descriptor_is_attestation(const struct oci_descriptor *descriptor)
{
    return str_is(json_str(descriptor->annotations, "vnd.docker.reference.type"), "attestation-manifest") ||
           (str_is(descriptor->platform.os, "unknown") && str_is(descriptor->platform.architecture, "unknown"));
}

/* ---- reading ---- */

struct reading {
    struct arena *arena;
    const char *what;
    struct error *error;
};

static bool refuse(struct reading *reading, const char *why)
{
    return error_set(reading->error, ERROR_INVALID, "manifest-invalid", "%s is not a valid manifest: %s", reading->what, why);
}

/* Absent is fine; another type than a string is not. */
static bool read_text(struct reading *reading, yyjson_val *object, const char *name, struct str *text)
{
    yyjson_val *value = json_get(object, name);
    if (value && !yyjson_is_str(value)) return refuse(reading, arena_printf(reading->arena, "%s is not a string", name));
    *text = json_value_str(value);
    return true;
}

static bool read_annotations(struct reading *reading, yyjson_val *object, yyjson_val **annotations)
{
    yyjson_val *value = json_get(object, "annotations");
    *annotations = NULL;
    if (!value || yyjson_is_null(value)) return true;
    if (!yyjson_is_obj(value)) return refuse(reading, "annotations is not an object");
    JSON_MEMBERS (key, text, value)
        if (!yyjson_is_str(text)) return refuse(reading, "an annotation is not a string");
    *annotations = value;
    return true;
}

static bool read_platform(struct reading *reading, yyjson_val *object, struct oci_descriptor *descriptor)
{
    yyjson_val *value = json_get(object, "platform");
    if (!value || yyjson_is_null(value)) return true;
    if (!yyjson_is_obj(value)) return refuse(reading, "platform is not an object");
    struct oci_platform *platform = &descriptor->platform;
    if (!read_text(reading, value, "os", &platform->os) ||
        !read_text(reading, value, "architecture", &platform->architecture) ||
        !read_text(reading, value, "variant", &platform->variant) ||
        !read_text(reading, value, "os.version", &platform->os_version))
        return false;
    descriptor->has_platform = platform->os.size || platform->architecture.size;
    return true;
}

static bool read_size(struct reading *reading, yyjson_val *object, uint64_t *size)
{
    yyjson_val *value = json_get(object, "size");
    if (!yyjson_is_uint(value)) return refuse(reading, "a size is not a whole number from 0 on");
    *size = yyjson_get_uint(value);
    return *size <= (uint64_t)INT64_MAX || refuse(reading, "a size is larger than 2^63");
}

/* Content that came along: it must be what the descriptor says. */
static bool read_data(struct reading *reading, yyjson_val *object, struct oci_descriptor *descriptor)
{
    struct str encoded;
    if (!read_text(reading, object, "data", &encoded)) return false;
    if (!encoded.data) return true;
    uint8_t *data = arena_alloc(reading->arena, encoded.size / 4 * 3 + 6);
    ptrdiff_t size = base64_decode(encoded, data);
    if (size < 0) return refuse(reading, "data is not base64");
    struct error problem = { 0 };
    descriptor->data = str_make(data, (size_t)size);
    if (!oci_content_check(descriptor->data, descriptor->digest, descriptor->size, "data", &problem))
        return refuse(reading, problem.message);
    descriptor->has_data = true;
    return true;
}

static bool read_descriptor(struct reading *reading, yyjson_val *object, struct oci_descriptor *descriptor)
{
    if (!yyjson_is_obj(object)) return refuse(reading, "a descriptor is not an object");
    if (!read_text(reading, object, "mediaType", &descriptor->media_type) ||
        !read_text(reading, object, "digest", &descriptor->digest) ||
        !read_text(reading, object, "artifactType", &descriptor->artifact_type) ||
        !read_size(reading, object, &descriptor->size) || !read_annotations(reading, object, &descriptor->annotations) ||
        !read_platform(reading, object, descriptor))
        return false;
    if (!descriptor->media_type.size) return refuse(reading, "a descriptor has no mediaType");
    enum oci_digest_fault fault = oci_digest_check(descriptor->digest);
    if (fault == OCI_DIGEST_FORMAT) return refuse(reading, "a digest is not lower-case hex behind its algorithm");
    if (fault == OCI_DIGEST_LENGTH) return refuse(reading, "a digest has too few or too many digits");
    if (fault == OCI_DIGEST_UNSUPPORTED) return refuse(reading, "a digest's algorithm is none of sha256, sha384, sha512");
    return read_data(reading, object, descriptor);
}

static bool read_entries(struct reading *reading, yyjson_val *root, const char *name, oci_descriptor_vector *entries)
{
    yyjson_val *list = json_get(root, name);
    if (!yyjson_is_arr(list)) return refuse(reading, arena_printf(reading->arena, "%s is not an array", name));
    if (yyjson_arr_size(list) > ENTRIES_LIMIT)
        return error_set(reading->error, ERROR_LIMIT, "manifest-entries", "%s names more than %d parts", reading->what,
                         ENTRIES_LIMIT);
    JSON_EACH (item, list)
        if (!read_descriptor(reading, item, vector_push(reading->arena, entries))) return false;
    return true;
}

/* The body's own word first, then its shape; both must agree with each other and with the header. */
static bool judge_type(struct reading *reading, yyjson_val *root, struct str content_type, struct oci_manifest *manifest)
{
    struct str said;
    content_type = str_trim(str_cut(&content_type, ';'));
    if (!read_text(reading, root, "mediaType", &said)) return false;
    bool index_shape = json_get(root, "manifests"), manifest_shape = json_get(root, "config") || json_get(root, "layers");
    if (index_shape && manifest_shape)
        return refuse(reading, "it has the members of a manifest and of an index (CVE-2021-41190)");
    if (!index_shape && !manifest_shape) return refuse(reading, "it has neither layers nor manifests");
    enum type_role body = role_of(said), header = role_of(content_type), shape = index_shape ? ROLE_INDEX : ROLE_MANIFEST;
    if (said.size && body != ROLE_MANIFEST && body != ROLE_INDEX)
        return error_set(reading->error, ERROR_UNSUPPORTED, "manifest-type",
                         "%s is of type %.*s, which is neither image nor index", reading->what, STR_ARG(str_to(said, 200)));
    if (said.size && body != shape) return refuse(reading, "its mediaType is not what it contains (CVE-2021-41190)");
    if ((header == ROLE_MANIFEST || header == ROLE_INDEX) && (header != shape || (said.size && !str_equal(said, content_type))))
        return refuse(reading, "the answer's Content-Type and the content's mediaType differ");
    manifest->kind = index_shape ? OCI_INDEX : OCI_MANIFEST;
    manifest->media_type = said.size         ? said
                           : header == shape ? arena_str(reading->arena, content_type)
                           : index_shape     ? STR(OCI_TYPE_INDEX)
                                             : STR(OCI_TYPE_MANIFEST);
    return true;
}

static bool read_version(struct reading *reading, yyjson_val *root, struct str content_type)
{
    yyjson_val *version = json_get(root, "schemaVersion");
    if (role_of(json_str(root, "mediaType")) == ROLE_OLD || role_of(content_type) == ROLE_OLD ||
        (yyjson_is_uint(version) && yyjson_get_uint(version) == 1)) {
        error_set(reading->error, ERROR_UNSUPPORTED, "manifest-schema1",
                  "%s has the first, unverifiable manifest schema, given up in 2019", reading->what);
        return error_hint(reading->error, "push the image again with a current client");
    }
    if (!yyjson_is_uint(version) || yyjson_get_uint(version) != 2) return refuse(reading, "schemaVersion is not the number 2");
    return true;
}

bool oci_manifest_parse(struct arena *arena, struct str text, struct str content_type, const char *what,
                        struct oci_manifest *manifest, struct error *error)
{
    struct reading reading = { arena, what, error };
    struct oci_manifest read = { 0 };
    if (text.size > OCI_MANIFEST_LIMIT)
        return error_set(error, ERROR_LIMIT, "manifest-too-large", "%s is larger than %zu bytes", what, OCI_MANIFEST_LIMIT);
    yyjson_doc *document = json_parse_strict_in(arena, text, what, error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    if (!yyjson_is_obj(root)) return refuse(&reading, "it is not an object");
    if (!read_version(&reading, root, content_type) || !judge_type(&reading, root, content_type, &read)) return false;
    if (!read_text(&reading, root, "artifactType", &read.artifact_type) || !read_annotations(&reading, root, &read.annotations))
        return false;
    yyjson_val *subject = json_get(root, "subject");
    read.has_subject = subject && !yyjson_is_null(subject);
    if (read.has_subject && !read_descriptor(&reading, subject, &read.subject)) return false;
    if (read.kind == OCI_INDEX) {
        if (!read_entries(&reading, root, "manifests", &read.entries)) return false;
    } else {
        if (!json_get(root, "config")) return refuse(&reading, "it has no config");
        if (!read_descriptor(&reading, json_get(root, "config"), &read.config)) return false;
        if (!read_entries(&reading, root, "layers", &read.entries)) return false;
    }
    *manifest = read;
    return true;
}
