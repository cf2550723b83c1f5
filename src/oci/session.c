#include "oci/session.h"

#include <stdlib.h>

#define REFUSAL_LIMIT ((size_t)64 << 10)
#define HUB_WIRE "registry-1.docker.io"

/* ---- opening ---- */

static bool find_credential(struct session *session, const struct oci_options *options, struct str repository,
                            struct error *error)
{
    struct oci_credential *credential = &session->credential;
    if (!session->endpoint.mirror && options->token.size) {
        credential->registry_token = arena_str(session->arena, options->token);
    } else if (!session->endpoint.mirror && options->username.size) {
        credential->username = arena_str(session->arena, options->username);
        credential->password = arena_str(session->arena, options->password);
        session->has_credential = true;
    } else {
        int found = oci_credential_find(session->arena, session->endpoint.host, repository, credential, error);
        if (found < 0) return false;
        session->has_credential = found && (credential->password.size || credential->identity_token.size);
    }
    return true;
}

static bool probe_tls(struct session *session)
{
    struct error ignored = { 0 };
    CLEANUP_HTTP struct http_stream *stream = NULL;
    struct http_request request = { .url = arena_strf(session->arena, "%.*s/v2/",
                                                      STR_ARG(http_url_text(session->arena, &session->base))),
                                    .flags = HTTP_NO_RETRY | HTTP_NO_REDIRECT };
    return http_open(session->client, &request, &stream, &ignored);
}

/* https, unless the host is named as insecure and does not speak it. */
static bool set_base(struct session *session, struct error *error)
{
    const struct oci_endpoint *endpoint = &session->endpoint;
    struct str host = str_is_nocase(endpoint->host, "docker.io") || str_is_nocase(endpoint->host, "index.docker.io")
                          ? STR(HUB_WIRE)
                          : endpoint->host;
    struct str text = arena_strf(session->arena, "%s://%.*s", endpoint->plain ? "http" : "https", STR_ARG(host));
    if (!http_url_parse(session->arena, text, &session->base, error)) return false;
    session->base.path = (struct str){ 0 };
    if (!endpoint->insecure || endpoint->plain || probe_tls(session)) return true;
    text = arena_strf(session->arena, "http://%.*s", STR_ARG(host));
    if (!http_url_parse(session->arena, text, &session->base, error)) return false;
    session->base.path = (struct str){ 0 };
    return true;
}

bool session_open(struct session **opened, const struct oci_endpoint *endpoint, const struct oci_options *options,
                  struct str repository, struct error *error)
{
    struct arena *arena = arena_new();
    CLEANUP_SESSION struct session *session = arena_alloc(arena, sizeof *session);
    *session = (struct session){ .arena = arena, .endpoint = *endpoint };
    pthread_mutex_init(&session->lock, NULL);
    session->endpoint.insecure |= options->insecure && !endpoint->mirror;
    session->settings = (struct http_settings){
        .ca_file = options->ca_file,
        .ca_pem = endpoint->ca_pem,
        .certificate = endpoint->certificate,
        .key = endpoint->key,
        .insecure = session->endpoint.insecure || endpoint->unverified,
        .deadline = options->deadline,
    };
    struct http_settings outside = { .ca_file = options->ca_file, .deadline = options->deadline };
    struct http_url url;
    if (!http_url_parse(arena, arena_strf(arena, "https://%.*s", STR_ARG(endpoint->host)), &url, error)) return false;
    session->settings.insecure_host = url.host;
    session->client = http_client_new(&session->settings, error);
    session->outside = session->client ? http_client_new(&outside, error) : NULL;
    if (!session->outside || !find_credential(session, options, repository, error) || !set_base(session, error)) return false;
    *opened = session;
    session = NULL;
    return true;
}

void session_close(struct session *session)
{
    if (!session) return;
    http_client_free(session->client);
    http_client_free(session->outside);
    pthread_mutex_destroy(&session->lock);
    arena_free(session->arena);
}

void session_cleanup(struct session **session)
{
    session_close(*session);
    *session = NULL;
}

/* ---- requests ---- */

struct authorization {
    struct session *session;
    struct str scope;
};

static bool authorize(void *context, const struct http_stream *challenge, struct arena *arena, struct str *value,
                      struct error *error)
{
    struct authorization *authorization = context;
    return token_authorize(authorization->session, authorization->scope, challenge, arena, value, error);
}

static struct str base_path(struct arena *arena, const struct oci_endpoint *endpoint)
{
    struct str prefix = endpoint->prefix;
    while (str_ends(prefix, "/"))
        prefix.size--;
    bool complete = endpoint->own_path || str_ends(prefix, "/v2");
    return arena_strf(arena, "%.*s%s", STR_ARG(prefix), complete ? "" : "/v2");
}

/* A place that an answer names may be on any host; credentials are for the registry's own. */
static bool is_own(const struct session *session, struct arena *arena, struct str address)
{
    struct http_url url;
    struct error ignored = { 0 };
    return http_url_parse(arena, address, &url, &ignored) && http_url_same_host(&url, &session->base);
}

bool session_send(struct session *session, const struct session_request *request, struct http_stream **stream,
                  struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str address = request->location;
    if (!address.size) {
        struct str base = http_url_text(arena, &session->base), prefix = base_path(arena, &session->endpoint);
        address = arena_strf(arena, "%.*s%.*s%.*s", STR_ARG(base), STR_ARG(prefix), STR_ARG(request->path));
        if (session->endpoint.origin.size)
            address = arena_strf(arena, "%.*s%sns=%.*s", STR_ARG(address), str_find(address, '?') < 0 ? "?" : "&",
                                 STR_ARG(http_encode(arena, session->endpoint.origin, "")));
    }
    /* Read by the stream as long as it lives: a resumed body is authorized anew. */
    pthread_mutex_lock(&session->lock);
    struct authorization *authorization = arena_alloc(session->arena, sizeof *authorization);
    *authorization = (struct authorization){ .session = session };
    if (request->actions)
        authorization->scope =
            arena_strf(session->arena, "repository:%.*s:%s", STR_ARG(session->endpoint.repository), request->actions);
    struct http_header *headers = arena_array(session->arena, request->header_count + 1, sizeof *headers);
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = (struct http_header){ arena_str(session->arena, request->headers[i].name),
                                           arena_str(session->arena, request->headers[i].value) };
    pthread_mutex_unlock(&session->lock);
    struct http_request sent = {
        .method = request->method,
        .url = address,
        .headers = headers,
        .header_count = request->header_count,
        .body = request->body,
        .body_fd = request->body_fd,
        .body_size = request->body_size,
        .authorize = is_own(session, arena, address) ? authorize : NULL,
        .context = authorization,
    };
    if (!http_open(session->client, &sent, stream, error)) return false;
    struct str encoding = http_header(*stream, "Content-Encoding");
    if (!encoding.size || str_is_nocase(encoding, "identity")) return true;
    error_set(error, ERROR_NETWORK, "http-encoding", "%.*s answers in the encoding %.*s, which was not asked for",
              STR_ARG(session->endpoint.host), STR_ARG(str_to(encoding, 60)));
    http_close(*stream);
    *stream = NULL;
    return false;
}

/* ---- refusals ---- */

/* The registry's own words: {"errors":[{"code","message"}]} and the other forms that are met (registry.md §3.3). */
static struct str refusal_words(struct arena *arena, struct str body)
{
    struct error ignored = { 0 };
    body = str_trim(body);
    if (!body.size || body.data[0] == '<') return (struct str){ 0 };
    yyjson_doc *document = body.data[0] == '{' || body.data[0] == '"' ? json_parse_in(arena, body, "answer", &ignored) : NULL;
    if (!document) return str_valid_utf8(body) && body.data[0] != '{' ? str_to(body, 200) : (struct str){ 0 };
    yyjson_val *root = yyjson_doc_get_root(document), *first = yyjson_arr_get_first(json_get(root, "errors"));
    if (yyjson_is_str(root)) return json_value_str(root);
    struct str code = json_str(first, "code"), message = json_str(first, "message");
    if (code.size && message.size) return arena_strf(arena, "%.*s, %.*s", STR_ARG(code), STR_ARG(message));
    struct str words[] = { code, message, json_str(root, "error"), json_str(root, "details"), json_str(root, "message") };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].size) return words[i];
    return (struct str){ 0 };
}

static const struct {
    unsigned status;
    enum error_kind kind;
    const char *id, *words;
} refusals[] = {
    { 401, ERROR_DENIED, "registry-denied", "access denied" },
    { 403, ERROR_DENIED, "registry-denied", "access denied" },
    { 404, ERROR_NOT_FOUND, "registry-not-found", "not found" },
    { 410, ERROR_NOT_FOUND, "registry-not-found", "gone" },
    { 429, ERROR_NETWORK, "registry-busy", "too many requests" },
    { 451, ERROR_DENIED, "registry-denied", "refused for legal reasons" },
};

static void hint(struct session *session, const struct http_stream *stream, unsigned status, struct error *error)
{
    struct oci_rate_limit rate;
    oci_rate_limit_parse(http_header(stream, "RateLimit-Limit"), http_header(stream, "RateLimit-Remaining"), &rate);
    if (status == 401 || status == 403)
        error_hint(error, "check the name; if it is private, log in: pratique login %.*s", STR_ARG(session->endpoint.host));
    else if (status == 429 && rate.has_limit && rate.has_window)
        error_hint(error, "the registry allows %llu pulls in %llu seconds; log in for more, or use a mirror",
                   (unsigned long long)rate.limit, (unsigned long long)rate.window);
    else if (status == 429)
        error_hint(error, "log in for a higher limit, use a mirror, or wait");
}

bool session_refusal(struct session *session, struct http_stream *stream, const char *what, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_BUFFER struct buffer body = { 0 };
    struct error ignored = { 0 };
    char chunk[4096];
    for (ssize_t got; body.size < REFUSAL_LIMIT && (got = http_read(stream, chunk, sizeof chunk, &ignored)) > 0;)
        buffer_append(&body, chunk, (size_t)got);
    unsigned status = http_status(stream);
    struct str words = refusal_words(arena, buffer_view(&body));
    enum error_kind kind = ERROR_NETWORK;
    const char *id = "http-status", *meaning = "unexpected answer";
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].status == status) kind = refusals[i].kind, id = refusals[i].id, meaning = refusals[i].words;
    error_set(error, kind, id, "%s: %s (%.*s answers %u%s%.*s)", what, meaning, STR_ARG(session->endpoint.host), status,
              words.size ? ": " : "", STR_ARG(str_to(words, 300)));
    hint(session, stream, status, error);
    return false;
}
