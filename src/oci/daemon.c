/* The Docker and Podman sockets: one API, asked for an archive of the image (scan.md §2). */
#include "oci/source.h"
#include "oci/reference.h"
#include "http/client/client.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_LIMIT ((size_t)16 << 20)
#define CHUNK ((size_t)256 << 10)

struct daemon {
    const char *name;
    const char *socket;  /* path, or NULL when it is spoken to by TCP */
    struct str base;     /* "http://localhost" or "http://host:port" */
    const char *archive; /* path of the archive, %s the image */
};

/* "unix:///path", "tcp://host:port", or a plain path. */
static bool read_address(struct arena *arena, const char *address, struct daemon *daemon, struct error *error)
{
    struct str text = str_of(address);
    daemon->base = STR("http://localhost");
    if (str_starts(text, "unix://")) {
        daemon->socket = arena_cstr(arena, str_from(text, 7));
    } else if (str_starts(text, "/")) {
        daemon->socket = address;
    } else if (str_starts(text, "tcp://") || str_starts(text, "http://")) {
        daemon->base = arena_strf(arena, "http://%.*s", STR_ARG(str_from(text, (size_t)str_find_text(text, STR("://")) + 3)));
    } else {
        error_set(error, ERROR_USAGE, "daemon-address", "%s is no address of the %s daemon", address, daemon->name);
        return error_hint(error, "write unix:///path/to/socket or tcp://host:port");
    }
    return true;
}

/* Asked before curl is loaded: most machines have one of the sources. */
static bool check_socket(const struct daemon *daemon, struct error *error)
{
    struct stat status;
    if (!daemon->socket) return true;
    if (stat(daemon->socket, &status) != 0 || !S_ISSOCK(status.st_mode))
        return error_set(error, ERROR_NOT_FOUND, "daemon-missing", "there is no %s socket at %s", daemon->name, daemon->socket);
    if (access(daemon->socket, R_OK | W_OK) == 0) return true;
    error_set(error, ERROR_DENIED, "daemon-denied", "the %s socket %s may not be used by this user", daemon->name,
              daemon->socket);
    return error_hint(error, "add the user to the socket's group, or run with its owner's rights");
}

static bool refused(const struct daemon *daemon, struct arena *arena, struct http_stream *stream, struct str body,
                    const char *name, struct error *error)
{
    struct error ignored = { 0 };
    unsigned status = http_status(stream);
    yyjson_doc *document = json_parse_in(arena, body, "answer", &ignored);
    struct str words = document ? json_str(yyjson_doc_get_root(document), "message") : (struct str){ 0 };
    if (status == 404)
        return error_set(error, ERROR_NOT_FOUND, "daemon-image-missing", "%s has no image %s", daemon->name, name);
    return error_set(error, ERROR_NETWORK, "http-status", "%s answers %u%s%.*s", daemon->name, status, words.size ? ": " : "",
                     STR_ARG(str_to(words, 200)));
}

/* Id and names as the daemon keeps them. */
static bool inspect(const struct daemon *daemon, struct http_client *client, struct arena *arena, const char *name,
                    yyjson_val **found, struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct str body, encoded = http_encode(arena, str_of(name), "/:@");
    struct http_request request = { .url =
                                        arena_strf(arena, "%.*s/images/%.*s/json", STR_ARG(daemon->base), STR_ARG(encoded)) };
    if (!http_fetch(client, arena, &request, ANSWER_LIMIT, &body, &stream, error)) return error_wrap(error, "%s", daemon->name);
    if (http_status(stream) != 200) return refused(daemon, arena, stream, body, name, error);
    yyjson_doc *document = json_parse_in(arena, body, "the daemon's answer", error);
    *found = document ? yyjson_doc_get_root(document) : NULL;
    return document;
}

/* Streamed into a file without a name: layers come in no useful order, and manifest.json last. */
static int fetch_archive(const struct daemon *daemon, struct http_client *client, struct arena *arena, const char *name,
                         uint64_t limit, struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    CLEANUP_FREE char *chunk = memory_alloc(CHUNK);
    uint64_t total = 0;
    struct str encoded = http_encode(arena, str_of(name), "/:@");
    struct http_request request = { .url = arena_strf(
                                        arena, "%.*s%.*s", STR_ARG(daemon->base),
                                        STR_ARG(str_of(arena_printf(arena, daemon->archive, arena_cstr(arena, encoded))))),
                                    .flags = HTTP_NO_RETRY };
    if (!http_open(client, &request, &stream, error)) return error_wrap(error, "%s", daemon->name), -1;
    if (http_status(stream) != 200) return refused(daemon, arena, stream, (struct str){ 0 }, name, error), -1;
    CLEANUP_FD int file = spool_create(error);
    if (file < 0) return -1;
    for (ssize_t got; (got = http_read(stream, chunk, CHUNK, error)) != 0;) {
        if (got < 0) return error_wrap(error, "%s", daemon->name), -1;
        total += (uint64_t)got;
        if (limit && total > limit) {
            error_set(error, ERROR_LIMIT, "image-too-large", "the image has more than the %llu bytes allowed",
                      (unsigned long long)limit);
            return error_hint(error, "raise --max-image-size, or leave it out"), -1;
        }
        if (!file_write_all(file, chunk, (size_t)got, error))
            return error_hint(error, "set TMPDIR to a folder with room for the whole image"), -1;
    }
    int result = file;
    file = -1;
    return result;
}

static void keep_names(struct arena *arena, yyjson_val *found, struct oci_image *image)
{
    memset(&image->repo_tags, 0, sizeof image->repo_tags);
    JSON_EACH (tag, json_get(found, "RepoTags"))
        *vector_push(arena, &image->repo_tags) = json_value_str(tag);
    JSON_EACH (digest, json_get(found, "RepoDigests"))
        *vector_push(arena, &image->repo_digests) = json_value_str(digest);
}

/* "sha256:" before what may be the beginning of an id. */
static const char *id_prefix(struct arena *arena, const char *name)
{
    return str_starts(str_of(name), "sha256:") ? name : arena_printf(arena, "sha256:%s", name);
}

static bool open_daemon(struct arena *arena, struct daemon *daemon, const char *address, const struct oci_options *options,
                        const char *name, struct oci_image *image, struct error *error)
{
    yyjson_val *found = NULL;
    struct oci_reference reference;
    struct error ignored = { 0 };
    struct oci_options inside = *options;
    if (!read_address(arena, address, daemon, error) || !check_socket(daemon, error)) return false;
    struct http_settings settings = { .unix_socket = daemon->socket, .deadline = options->deadline };
    struct http_client *client = http_client_new(&settings, error);
    if (!client) return false;
    int file = inspect(daemon, client, arena, name, &found, error)
                   ? fetch_archive(daemon, client, arena, name, options->max_size, error)
                   : -1;
    http_client_free(client);
    CLEANUP_TREE struct tree *tree = NULL;
    if (file < 0 || !tree_of_descriptor(file, options->deadline, &tree, error)) return false;
    inside.image = NULL; /* the archive has this one image */
    if (!docker_archive_open(arena, tree, &inside, image, error)) return error_wrap(error, "%s", daemon->name);
    tree = NULL;
    keep_names(arena, found, image);
    /* An id reads like a name, but is none: an image asked for by it goes by its first tag. */
    bool by_id = str_starts(image->image_id, id_prefix(arena, name));
    struct str known = !by_id ? str_of(name) : image->repo_tags.count ? image->repo_tags.items[0] : (struct str){ 0 };
    if (known.size && oci_reference_parse(arena, known, &reference, &ignored))
        image->reference = oci_reference_canonical(arena, &reference);
    return true;
}

bool docker_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                 struct error *error)
{
    struct daemon daemon = { .name = "docker", .archive = "/images/get?names=%s" };
    const char *set = getenv("DOCKER_HOST");
    const char *address = options->docker_host ? options->docker_host : set && *set ? set : "unix:///var/run/docker.sock";
    return open_daemon(arena, &daemon, address, options, name, image, error);
}

bool podman_open(struct arena *arena, const struct oci_options *options, const char *name, struct oci_image *image,
                 struct error *error)
{
    struct daemon daemon = { .name = "podman", .archive = "/images/%s/get" };
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *own = runtime && *runtime ? path_join(arena, runtime, "podman/podman.sock") : NULL;
    const char *address = options->podman_host      ? options->podman_host
                          : own && file_exists(own) ? own
                                                    : "/run/podman/podman.sock";
    return open_daemon(arena, &daemon, address, options, name, image, error);
}
