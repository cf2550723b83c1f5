#include "oci/artifact.h"
#include "oci/digest.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "oci/session.h"
#include "oci/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10)
#define LIMIT_DEFAULT ((uint64_t)16 << 30)
#define EMPTY_DIGEST "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" /* of "{}" */

static struct str repository_path(struct arena *arena, const struct session *session, const char *kind, struct str what)
{
    return arena_strf(arena, "/%.*s/%s/%.*s", STR_ARG(session->endpoint.repository), kind, STR_ARG(what));
}

/* ---- pulling ---- */

static bool choose_layer(const struct oci_manifest *manifest, struct str media_type, struct oci_descriptor *layer,
                         struct error *error)
{
    size_t fitting = 0;
    if (manifest->kind != OCI_MANIFEST)
        return error_set(error, ERROR_INVALID, "artifact-layers", "it is an index, not an artifact of one file");
    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct oci_descriptor *entry = &manifest->entries.items[i];
        if (media_type.size && !str_equal(entry->media_type, media_type)) continue;
        if (!fitting++) *layer = *entry;
    }
    if (fitting == 1) return true;
    return error_set(error, ERROR_INVALID, "artifact-layers", "it has %zu layers%s%.*s, not one", fitting,
                     media_type.size ? " of type " : "", STR_ARG(media_type));
}

static bool receive(struct session *session, struct arena *arena, const struct oci_descriptor *layer,
                    const struct oci_artifact *artifact, int file, struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    CLEANUP_FREE char *chunk = memory_alloc(CHUNK);
    struct oci_hash hash;
    uint64_t done = 0;
    struct session_request request = { .path = repository_path(arena, session, "blobs", layer->digest),
                                       .actions = ACTIONS_PULL };
    if (!oci_hash_start(&hash, layer->digest, error) || !session_send(session, &request, &stream, error)) return false;
    if (http_status(stream) != 200) return session_refusal(session, stream, "layer", error);
    for (ssize_t got; (got = http_read(stream, chunk, CHUNK, error)) != 0;) {
        if (got < 0) return false;
        done += (uint64_t)got;
        if (done > layer->size) break;
        oci_hash_add(&hash, chunk, (size_t)got);
        if (!file_write_all(file, chunk, (size_t)got, error)) return false;
        if (artifact->progress) artifact->progress(artifact->context, done, layer->size);
    }
    if (done != layer->size)
        return error_set(error, ERROR_INVALID, "size-mismatch", "the layer has %s bytes than the %llu announced",
                         done > layer->size ? "more" : "less", (unsigned long long)layer->size);
    return oci_hash_check(&hash, "the layer", error);
}

static int pull_from(struct arena *arena, const struct oci_endpoint *endpoint, const struct oci_options *options,
                     const struct oci_reference *reference, const char *path, struct oci_artifact *artifact,
                     struct error *error)
{
    CLEANUP_SESSION struct session *session = NULL;
    CLEANUP_DRAFT struct file_draft draft = { -1, NULL, NULL };
    struct oci_descriptor start, layer = { 0 };
    struct oci_manifest manifest;
    uint64_t limit = artifact->limit ? artifact->limit : LIMIT_DEFAULT;
    if (!session_open(&session, endpoint, options, endpoint->repository, error) ||
        !remote_manifest(session, arena, reference, &start, error))
        return -1;
    if (!oci_manifest_parse(arena, start.data, start.media_type, "the manifest", &manifest, error)) return -1;
    if (!choose_layer(&manifest, artifact->media_type, &layer, error)) return -1;
    artifact->digest = layer.digest;
    artifact->size = layer.size;
    artifact->manifest_digest = start.digest;
    artifact->artifact_type = oci_manifest_artifact_type(&manifest);
    if (artifact->known.size && str_equal(artifact->known, layer.digest)) return 0;
    if (layer.size > limit)
        return error_set(error, ERROR_LIMIT, "http-too-large", "the layer has %llu bytes, more than %llu",
                         (unsigned long long)layer.size, (unsigned long long)limit),
               -1;
    if (!file_draft_open(&draft, path, 0644, error) || !receive(session, arena, &layer, artifact, draft.fd, error)) return -1;
    return file_draft_commit(&draft, true, error) ? 1 : -1;
}

int oci_artifact_pull(struct arena *arena, const struct oci_options *options, const char *name, const char *path,
                      struct oci_artifact *artifact, struct error *error)
{
    struct oci_reference reference;
    oci_endpoint_vector endpoints = { 0 };
    if (!oci_reference_parse(arena, str_of(name), &reference, error) ||
        !oci_endpoints_find(arena, &reference, &endpoints, error))
        return -1;
    for (size_t i = 0; i < endpoints.count; i++) {
        struct error problem = { 0 };
        int result = pull_from(arena, &endpoints.items[i], options, &reference, path, artifact, &problem);
        if (result >= 0) return result;
        *error = problem;
    }
    return error_wrap(error, "%s", name), -1;
}

/* ---- pushing ---- */

struct content {
    struct str digest, bytes; /* bytes, or … */
    int fd;                   /* … a file of `size` */
    uint64_t size;
};

static bool hash_file(struct arena *arena, const char *path, struct content *content, struct error *error)
{
    CLEANUP_FREE char *chunk = memory_alloc(CHUNK);
    struct sha256 hash;
    uint8_t sum[32];
    char text[65];
    struct stat status;
    content->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (content->fd < 0) return error_system(error, errno, "file-open", "cannot open %s", path);
    if (fstat(content->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return error_set(error, ERROR_USAGE, "file-not-regular", "%s is not a regular file", path);
    if (!digest_load(error)) return false;
    sha256_start(&hash);
    for (ssize_t got; (got = read(content->fd, chunk, CHUNK)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_system(error, errno, "file-read", "cannot read %s", path);
        sha256_add(&hash, chunk, (size_t)got);
        content->size += (uint64_t)got;
    }
    sha256_finish(&hash, sum);
    content->digest = arena_strf(arena, "sha256:%s", hex_encode(sum, sizeof sum, text));
    return true;
}

static bool is_there(struct session *session, struct arena *arena, struct str digest, bool *there, struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct session_request request = { .method = "HEAD",
                                       .path = repository_path(arena, session, "blobs", digest),
                                       .actions = ACTIONS_PUSH };
    if (!session_send(session, &request, &stream, error)) return false;
    *there = http_status(stream) == 200;
    return true;
}

/* Where the server wants the bytes: relative or absolute, its query kept, the digest behind it. */
static bool start_upload(struct session *session, struct arena *arena, struct str digest, struct str *location,
                         struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct http_url url;
    struct session_request request = { .method = "POST",
                                       .path = repository_path(arena, session, "blobs", STR("uploads/")),
                                       .actions = ACTIONS_PUSH,
                                       .body = STR("") };
    if (!session_send(session, &request, &stream, error)) return false;
    if (http_status(stream) != 202) return session_refusal(session, stream, "upload", error);
    struct str given = http_header(stream, "Location");
    if (!given.size) return error_set(error, ERROR_NETWORK, "upload-location", "the registry does not say where to upload");
    if (!http_url_resolve(arena, http_stream_url(stream), given, &url, error)) return false;
    if (session->base.tls && !url.tls)
        return error_set(error, ERROR_NETWORK, "http-redirect-downgrade",
                         "the registry wants the upload over plain http, which is refused");
    url.query = arena_strf(arena, "%.*s%sdigest=%.*s", STR_ARG(url.query), url.query.size ? "&" : "",
                           STR_ARG(http_encode(arena, digest, "")));
    *location = http_url_text(arena, &url);
    return true;
}

static bool put_blob(struct session *session, struct arena *arena, const struct content *content, struct error *error)
{
    static const struct http_header headers[] = { { { "Content-Type", 12 }, { "application/octet-stream", 24 } } };
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct str location;
    bool there;
    if (!is_there(session, arena, content->digest, &there, error)) return false;
    if (there) return true;
    if (!start_upload(session, arena, content->digest, &location, error)) return false;
    struct session_request request = { .method = "PUT",
                                       .location = location,
                                       .actions = ACTIONS_PUSH,
                                       .headers = headers,
                                       .header_count = 1,
                                       .body = content->size ? content->bytes : STR(""),
                                       .body_fd = content->fd,
                                       .body_size = content->size };
    if (!session_send(session, &request, &stream, error)) return false;
    return http_status(stream) == 201 || session_refusal(session, stream, "upload", error);
}

static void put_descriptor(struct json_writer *writer, const char *type, struct str digest, uint64_t size)
{
    json_member_str(writer, "mediaType", str_of(type));
    json_member_str(writer, "digest", digest);
    json_key(writer, "size");
    json_put_int(writer, (int64_t)size);
}

static void write_manifest(struct arena *arena, const struct oci_artifact *artifact, const struct content *layer,
                           struct buffer *out)
{
    struct json_writer writer = { .out = out };
    json_open(&writer, '{');
    json_key(&writer, "schemaVersion");
    json_put_int(&writer, 2);
    json_member_str(&writer, "mediaType", STR(OCI_TYPE_MANIFEST));
    json_member_str(&writer, "artifactType", artifact->artifact_type);
    json_key(&writer, "config");
    json_open(&writer, '{');
    put_descriptor(&writer, OCI_TYPE_EMPTY, STR(EMPTY_DIGEST), 2);
    json_close(&writer, '}');
    json_key(&writer, "layers");
    json_open(&writer, '[');
    json_open(&writer, '{');
    put_descriptor(&writer, arena_cstr(arena, artifact->media_type), layer->digest, layer->size);
    if (artifact->title.size) {
        json_key(&writer, "annotations");
        json_open(&writer, '{');
        json_member_str(&writer, "org.opencontainers.image.title", artifact->title);
        json_close(&writer, '}');
    }
    json_close(&writer, '}');
    json_close(&writer, ']');
    json_close(&writer, '}');
}

static bool put_manifest(struct session *session, struct arena *arena, struct str tag, struct str manifest, struct error *error)
{
    static const struct http_header headers[] = { { { "Content-Type", 12 },
                                                    { OCI_TYPE_MANIFEST, sizeof OCI_TYPE_MANIFEST - 1 } } };
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct session_request request = { .method = "PUT",
                                       .path = repository_path(arena, session, "manifests", tag),
                                       .actions = ACTIONS_PUSH,
                                       .headers = headers,
                                       .header_count = 1,
                                       .body = manifest };
    if (!session_send(session, &request, &stream, error)) return false;
    return http_status(stream) == 201 || session_refusal(session, stream, "manifest", error);
}

/* Pushes go to the registry itself, never to a mirror. */
static bool find_target(struct arena *arena, const struct oci_reference *reference, struct oci_endpoint *endpoint,
                        struct error *error)
{
    oci_endpoint_vector endpoints = { 0 };
    if (!oci_endpoints_find(arena, reference, &endpoints, error)) return false;
    for (size_t i = 0; i < endpoints.count; i++)
        if (!endpoints.items[i].mirror) return *endpoint = endpoints.items[i], true;
    return error_set(error, ERROR_USAGE, "registry-mirrors-only", "%.*s has mirrors alone, which take no pushes",
                     STR_ARG(reference->registry));
}

static bool push(struct arena *arena, const struct oci_options *options, const struct oci_reference *reference,
                 struct content *layer, struct oci_artifact *artifact, struct error *error)
{
    CLEANUP_SESSION struct session *session = NULL;
    CLEANUP_BUFFER struct buffer manifest = { 0 };
    struct oci_endpoint endpoint;
    struct content empty = { STR(EMPTY_DIGEST), STR("{}"), -1, 2 };
    char sum[SHA256_TEXT];
    if (!find_target(arena, reference, &endpoint, error) ||
        !session_open(&session, &endpoint, options, endpoint.repository, error))
        return false;
    if (!put_blob(session, arena, layer, error) || !put_blob(session, arena, &empty, error)) return false;
    write_manifest(arena, artifact, layer, &manifest);
    if (!put_manifest(session, arena, reference->tag.size ? reference->tag : STR("latest"), buffer_view(&manifest), error))
        return false;
    artifact->digest = layer->digest;
    artifact->size = layer->size;
    artifact->manifest_digest = arena_str(arena, str_of(sha256_text(buffer_view(&manifest), sum)));
    return true;
}

bool oci_artifact_push(struct arena *arena, const struct oci_options *options, const char *name, const char *path,
                       struct oci_artifact *artifact, struct error *error)
{
    struct oci_reference reference;
    struct content layer = { .fd = -1 };
    if (!oci_reference_parse(arena, str_of(name), &reference, error)) return false;
    if (reference.digest.size)
        return error_set(error, ERROR_USAGE, "push-digest", "%s names a digest; a push needs a tag", name);
    bool good = hash_file(arena, path, &layer, error) && push(arena, options, &reference, &layer, artifact, error);
    file_close(&layer.fd);
    return good || error_wrap(error, "%s", name);
}

/* ---- login ---- */

bool oci_login(struct arena *arena, const struct oci_options *options, struct str registry, struct str username,
               struct str password, struct error *error)
{
    CLEANUP_SESSION struct session *session = NULL;
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct oci_options tried = *options;
    struct oci_reference reference;
    struct oci_endpoint endpoint;
    struct str host =
        str_from(registry, (size_t)(str_find_text(registry, STR("://")) < 0 ? 0 : str_find_text(registry, STR("://")) + 3));
    host = str_cut(&host, '/');
    if (!host.size) host = STR("docker.io");
    const char *name = arena_printf(arena, "%.*s/login", STR_ARG(host));
    if (!oci_reference_parse(arena, str_of(name), &reference, error)) return false;
    reference.registry = host;
    reference.repository = STR("login");
    tried.username = username;
    tried.password = password;
    tried.token = (struct str){ 0 };
    if (!find_target(arena, &reference, &endpoint, error) ||
        !session_open(&session, &endpoint, &tried, endpoint.repository, error))
        return false;
    struct session_request request = { .path = STR("/") };
    if (!session_send(session, &request, &stream, error)) return error_wrap(error, "%.*s", STR_ARG(host));
    if (http_status(stream) != 200) {
        session_refusal(session, stream, "login", error);
        if (http_status(stream) == 401)
            error_hint(error, "check the user name and password; registries often want an access token as password");
        return false;
    }
    return oci_credential_store(arena, host, username, password, error);
}

bool oci_logout(struct arena *arena, struct str registry, bool *known, struct error *error)
{
    return oci_credential_erase(arena, registry, known, error);
}
