#include "http/client/transfer.h"

#include <stdlib.h>

#define PEM_LIMIT ((size_t)8 << 20)

/* Where distributions keep the system's CAs, for curls that know no folder of them. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

/* One text of our CAs and the system's: curl takes one text, which replaces its own. */
static bool gather_authorities(struct http_client *client, struct error *error)
{
    struct http_settings *settings = &client->settings;
    CLEANUP_BUFFER struct buffer all = { 0 };
    struct str text;
    if (!settings->ca_file && !settings->ca_pem.size) return true;
    if (settings->ca_file) {
        if (!file_read(client->arena, settings->ca_file, PEM_LIMIT, &text, error)) return error_wrap(error, "the CA file");
        if (!str_contains(text, "-----BEGIN")) {
            error_set(error, ERROR_USAGE, "http-ca-invalid", "%s holds no certificate in PEM form", settings->ca_file);
            return error_hint(error, "convert it: openssl x509 -inform der -in FILE -out FILE.pem");
        }
        buffer_str(&all, text);
        buffer_char(&all, '\n');
    }
    buffer_str(&all, settings->ca_pem);
    buffer_char(&all, '\n');
    const char *chosen = getenv("SSL_CERT_FILE");
    struct error ignored = { 0 };
    if (chosen && *chosen && file_read(client->arena, chosen, PEM_LIMIT, &text, &ignored))
        buffer_str(&all, text);
    else
        for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
            if (file_read(client->arena, bundles[i], PEM_LIMIT, &text, &ignored)) {
                buffer_str(&all, text);
                break;
            }
    settings->ca_pem = arena_str(client->arena, buffer_view(&all));
    return true;
}

static const char *copy(struct arena *arena, const char *text) { return text ? arena_strdup(arena, text) : NULL; }

struct http_client *http_client_new(const struct http_settings *settings, struct error *error)
{
    if (!http_load(error)) return NULL;
    struct arena *arena = arena_new();
    struct http_client *client = arena_alloc(arena, sizeof *client);
    *client = (struct http_client){ .settings = *settings, .arena = arena };
    client->settings.ca_file = copy(arena, settings->ca_file);
    client->settings.certificate = copy(arena, settings->certificate);
    client->settings.key = copy(arena, settings->key);
    client->settings.insecure_host = arena_str(arena, settings->insecure_host);
    client->settings.unix_socket = copy(arena, settings->unix_socket);
    pthread_mutex_init(&client->lock, NULL);
    if (gather_authorities(client, error)) return client;
    http_client_free(client);
    return NULL;
}

void http_client_free(struct http_client *client)
{
    if (!client) return;
    for (struct connection *next, *connection = client->idle; connection; connection = next) {
        next = connection->next;
        curl_call.easy_cleanup(connection->easy);
        curl_call.multi_cleanup(connection->multi);
        free(connection);
    }
    pthread_mutex_destroy(&client->lock);
    arena_free(client->arena);
}
