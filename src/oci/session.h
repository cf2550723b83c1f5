/* Private to `oci`: one registry host being spoken to, with its credentials and tokens. Used by several threads at once. */
#ifndef OCI_SESSION_H
#define OCI_SESSION_H

#include <pthread.h>
#include "http/client/client.h"
#include "oci/challenge.h"
#include "oci/credential.h"
#include "oci/image.h"
#include "oci/registries.h"

struct token {
    struct str key;   /* realm, service and scopes it is good for */
    struct str scope; /* what was needed when it was got */
    struct str text;
    moment good_until; /* clock_now */
};

struct session {
    struct arena *arena;
    struct oci_endpoint endpoint;
    struct http_client *client;
    struct http_client *outside; /* for other hosts: always verified */
    struct http_settings settings;
    struct http_url base; /* scheme, host, port; path without the last '/' */
    struct oci_credential credential;
    bool has_credential, basic; /* basic: the host asked for it */
    pthread_mutex_t lock;       /* of all below and of the arena */
    VECTOR(struct token) tokens;
};

bool session_open(struct session **session, const struct oci_endpoint *endpoint, const struct oci_options *options,
                  struct str repository, struct error *error);
void session_close(struct session *session);
void session_cleanup(struct session **session);
#define CLEANUP_SESSION __attribute__((cleanup(session_cleanup)))

/* What a request may do: the words behind the repository in a scope. */
#define ACTIONS_PULL "pull"
#define ACTIONS_PUSH "pull,push"

/* One request below the registry's base, or to `location` (an upload's) when that is not empty. Answers of any status. */
struct session_request {
    const char *method;
    struct str path;     /* below "/v2", beginning with '/' */
    struct str location; /* absolute address instead */
    const char *actions; /* NULL: none */
    const struct http_header *headers;
    size_t header_count;
    struct str body;
    int body_fd;
    uint64_t body_size;
};
bool session_send(struct session *session, const struct session_request *request, struct http_stream **stream,
                  struct error *error);

/* Reads an answer that is no success, and says what it means. Always false. */
bool session_refusal(struct session *session, struct http_stream *stream, const char *what, struct error *error);

/* The Authorization header for a scope; `challenge` as http_request.authorize has it. */
bool token_authorize(struct session *session, struct str scope, const struct http_stream *challenge, struct arena *arena,
                     struct str *value, struct error *error);

#endif
