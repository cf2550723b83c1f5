/* Images in registries (registry.md §3.1): manifest → platform → configuration at once, layers when they are read. */
#include "oci/session.h"
#include "oci/source.h"
#include "oci/digest.h"

#include <stdlib.h>

#define ACCEPT_ALL OCI_TYPE_MANIFEST ", " OCI_TYPE_INDEX ", " DOCKER_TYPE_MANIFEST ", " DOCKER_TYPE_INDEX
static const struct http_header accept_manifests[] = { { { "Accept", 6 }, { ACCEPT_ALL, sizeof ACCEPT_ALL - 1 } } };

static bool get(struct session *session, struct arena *arena, struct str path, const char *what, struct http_stream **opened,
                struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct session_request request = { .path = path, .actions = ACTIONS_PULL, .headers = accept_manifests, .header_count = 1 };
    if (!session_send(session, &request, &stream, error)) return error_wrap(error, "%s", what);
    if (http_status(stream) != 200) return session_refusal(session, stream, what, error);
    *opened = stream;
    stream = NULL;
    return true;
}

static struct str blob_path(struct arena *arena, const struct session *session, struct str digest)
{
    return arena_strf(arena, "/%.*s/blobs/%.*s", STR_ARG(session->endpoint.repository), STR_ARG(digest));
}

static struct str manifest_path(struct arena *arena, const struct session *session, struct str reference)
{
    return arena_strf(arena, "/%.*s/manifests/%.*s", STR_ARG(session->endpoint.repository), STR_ARG(reference));
}

/* Children of an index, and configurations. */
static bool read_content(struct oci_store *store, struct arena *arena, const struct oci_descriptor *descriptor, size_t limit,
                         struct str *content, struct error *error)
{
    struct session *session = store->state;
    CLEANUP_HTTP struct http_stream *stream = NULL;
    bool manifest = oci_type_is_manifest(descriptor->media_type) || oci_type_is_index(descriptor->media_type);
    struct str path =
        manifest ? manifest_path(arena, session, descriptor->digest) : blob_path(arena, session, descriptor->digest);
    if (!get(session, arena, path, manifest ? "manifest" : "configuration", &stream, error)) return false;
    return http_read_all(stream, arena, limit, content, error);
}

/* The body is the truth about a tag; of a digest it must be what the digest says (registry.md §2). */
bool remote_manifest(struct session *session, struct arena *arena, const struct oci_reference *reference,
                     struct oci_descriptor *start, struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct str wanted = reference->digest.size ? reference->digest : reference->tag.size ? reference->tag : STR("latest"), text;
    char sum[SHA256_TEXT];
    if (!get(session, arena, manifest_path(arena, session, wanted), "manifest", &stream, error)) return false;
    if (!http_read_all(stream, arena, OCI_MANIFEST_LIMIT, &text, error)) return error_wrap(error, "manifest");
    if (!digest_load(error)) return false;
    struct str digest = reference->digest.size ? reference->digest : arena_str(arena, str_of(sha256_text(text, sum)));
    if (!oci_content_check(text, digest, text.size, "the manifest", error)) return false;
    struct str said = http_header(stream, "Docker-Content-Digest");
    if (said.size && !reference->digest.size && str_starts(said, "sha256:") && oci_digest_valid(said) &&
        !str_equal(said, digest))
        log_debug("the registry calls the manifest %.*s, but it is %.*s", STR_ARG(said), STR_ARG(digest));
    struct str type = http_header(stream, "Content-Type");
    *start = (struct oci_descriptor){ .media_type = arena_str(arena, str_trim(str_cut(&type, ';'))),
                                      .digest = digest,
                                      .size = text.size,
                                      .has_data = true,
                                      .data = text };
    return true;
}

/* ---- layers ---- */

struct layer_stream {
    struct session *session;
    struct oci_layer layer;
    struct http_stream *stream;
    uint64_t done;
};

static bool start_layer(struct layer_stream *reading, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct session_request request = { .path = blob_path(arena, reading->session, reading->layer.digest),
                                       .actions = ACTIONS_PULL };
    if (!session_send(reading->session, &request, &reading->stream, error)) return false;
    if (http_status(reading->stream) != 200) return session_refusal(reading->session, reading->stream, "layer", error);
    int64_t length = http_length(reading->stream);
    if (length >= 0 && (uint64_t)length != reading->layer.size)
        return error_set(error, ERROR_INVALID, "size-mismatch", "the layer has %lld bytes, but %llu were announced",
                         (long long)length, (unsigned long long)reading->layer.size);
    return true;
}

/* The connection is made with the first read: many layers may be open, few are read at once. */
static ssize_t read_layer(struct oci_blob *blob, void *buffer, size_t size, struct error *error)
{
    struct layer_stream *reading = blob->state;
    if (!reading->stream && !start_layer(reading, error)) return -1;
    ssize_t got = http_read(reading->stream, buffer, size, error);
    if (got < 0) return -1;
    reading->done += (uint64_t)got;
    if (reading->done > reading->layer.size || (got == 0 && reading->done < reading->layer.size)) {
        error_set(error, ERROR_INVALID, "size-mismatch", "the layer has %s bytes than the %llu announced",
                  got ? "more" : "less", (unsigned long long)reading->layer.size);
        return -1;
    }
    return got;
}

static void close_layer(struct oci_blob *blob)
{
    struct layer_stream *reading = blob->state;
    http_close(reading->stream);
    free(reading);
}

static bool open_layer(struct oci_image *image, size_t index, struct oci_blob *blob, struct error *error)
{
    struct layer_stream *reading = memory_alloc(sizeof *reading);
    *reading = (struct layer_stream){ .session = image->state, .layer = image->layers.items[index] };
    *blob =
        (struct oci_blob){ .fd = -1, .size = reading->layer.size, .read = read_layer, .close = close_layer, .state = reading };
    return true;
}

static void close_remote(struct oci_image *image) { session_close(image->state); }

/* ---- opening ---- */

static bool open_at(struct arena *arena, const struct oci_endpoint *endpoint, const struct oci_options *options,
                    const struct oci_reference *reference, struct oci_image *image, struct error *error)
{
    CLEANUP_SESSION struct session *session = NULL;
    struct oci_descriptor start;
    if (!session_open(&session, endpoint, options, endpoint->repository, error)) return false;
    if (!remote_manifest(session, arena, reference, &start, error)) return false;
    struct oci_store store = { read_content, session };
    struct oci_image filled = { .name = image->name, .open_layer = open_layer, .close = close_remote, .state = session };
    if (!oci_image_resolve(arena, &store, &start, options, &filled, error)) return false;
    struct oci_reference tagged = *reference;
    tagged.digest = (struct str){ 0 };
    if (!tagged.tag.size && !reference->digest.size) tagged.tag = STR("latest");
    filled.reference = oci_reference_canonical(arena, reference);
    if (tagged.tag.size) *vector_push(arena, &filled.repo_tags) = oci_reference_familiar(arena, &tagged);
    tagged.tag = (struct str){ 0 };
    tagged.digest = start.digest;
    *vector_push(arena, &filled.repo_digests) = oci_reference_familiar(arena, &tagged);
    *image = filled;
    session = NULL;
    return true;
}

bool remote_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                 struct error *error)
{
    struct oci_reference reference;
    oci_endpoint_vector endpoints = { 0 };
    CLEANUP_BUFFER struct buffer all = { 0 };
    if (!oci_reference_parse(arena, str_of(name), &reference, error)) return false;
    if (!oci_endpoints_find(arena, &reference, &endpoints, error)) return false;
    for (size_t i = 0; i < endpoints.count; i++) {
        struct error problem = { 0 };
        if (open_at(arena, &endpoints.items[i], options, &reference, image, &problem)) return true;
        *error = problem;
        if (endpoints.count > 1)
            buffer_printf(&all, "%s%.*s: %s", all.size ? "; " : "", STR_ARG(endpoints.items[i].host), problem.message);
    }
    if (all.size) {
        struct error last = *error;
        error_set(error, last.kind, last.id, "%s", buffer_cstr(&all));
        error_hint(error, "%s", last.hint);
    }
    return false;
}
