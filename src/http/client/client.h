/* The door of room `http/client`: requests over HTTP/1.1 and TLS, with retries, redirects and resumed bodies.
 *
 * libcurl does the wire and is loaded with the first client. A client may be used by several threads at once; a stream
 * belongs to one thread at a time. No credential is ever part of a message. */
#ifndef HTTP_CLIENT_CLIENT_H
#define HTTP_CLIENT_CLIENT_H

#include "base/base.h"

/* ---- addresses ---- */

struct http_url {
    bool tls;         /* https */
    struct str host;  /* lower-case; IPv6 without brackets */
    unsigned port;    /* always set */
    struct str path;  /* begins with '/' */
    struct str query; /* without '?'; data NULL when absent */
};

/* http and https alone; no user names, no blanks or control characters. The fragment is dropped. */
bool http_url_parse(struct arena *arena, struct str text, struct http_url *url, struct error *error);
struct str http_url_text(struct arena *arena, const struct http_url *url);
/* The address a relative or absolute reference leads to (RFC 3986 §5.2). */
bool http_url_resolve(struct arena *arena, const struct http_url *base, struct str reference, struct http_url *url,
                      struct error *error);
bool http_url_same_host(const struct http_url *a, const struct http_url *b); /* scheme, host and port */
/* A literal address nobody outside should send us to: loopback, private, link-local, unspecified; or "localhost". */
bool http_host_is_private(struct str host);
/* Whether a redirect, an index or a list that came from `from` may send us to `next`: never from https to plain http, to a
 * private address only with `may_be_private`. */
bool http_url_may_lead(const struct http_url *from, const struct http_url *next, bool may_be_private, struct error *error);
/* Percent-encodes all but unreserved characters (RFC 3986 §2.3) and those of `keep`. */
struct str http_encode(struct arena *arena, struct str text, const char *keep);

/* ---- header values ---- */

struct http_header {
    struct str name, value;
};

/* Seconds to wait. False: not usable, go by one's own pace. Values beyond a day are cut to it and *capped. */
bool http_retry_after(struct str value, moment now, uint64_t *seconds, bool *capped);
/* The address behind rel="next" of a Link header (RFC 8288) of an answer to `request`. 1 found, 0 none, -1 refused: another
 * host, or from https to http. */
int http_link_next(struct arena *arena, const struct http_url *request, struct str link, struct str *next, struct error *error);

/* ---- clients ---- */

struct http_settings {
    const char *ca_file;           /* PEM, trusted beside the system's; may be NULL */
    struct str ca_pem;             /* the same, as text */
    const char *certificate, *key; /* PEM files of a client certificate; may be NULL */
    bool insecure;                 /* TLS unverified … */
    struct str insecure_host;      /* … of this host alone when not empty: where it redirects to is verified */
    const char *unix_socket;       /* speak over this socket whatever the host; may be NULL */
    moment deadline;               /* clock_monotonic; 0: none */
    unsigned longest_wait;         /* seconds a Retry-After may ask for; 0: 60 */
    unsigned connect;              /* seconds until the request can be sent; 0: 10 */
    unsigned stall;                /* seconds without a byte; 0: 60 */
};

/* Loads libcurl now; the first client does it otherwise. */
bool http_load(struct error *error);
struct http_client;
struct http_client *http_client_new(const struct http_settings *settings, struct error *error);
/* All its streams must be closed. NULL is allowed. */
void http_client_free(struct http_client *client);

/* ---- requests ---- */

struct http_stream;

enum http_flags {
    HTTP_NO_RETRY = 1,    /* one try; also for 429 and 503 */
    HTTP_NO_REDIRECT = 2, /* 3xx is an answer */
    HTTP_NO_PRIVATE = 4,  /* a redirect to another, private address is refused */
};

struct http_request {
    const char *method; /* NULL: GET */
    struct str url;
    const struct http_header *headers;
    size_t header_count;
    struct str body; /* sent when data is not NULL */
    int body_fd;     /* sent from its start when body_size is set and body is not */
    uint64_t body_size;
    unsigned flags;
    uint64_t range_start; /* Range: bytes=N- when not 0 … */
    struct str if_range;  /* … with If-Range when not empty */
    /* Gives the value of the Authorization header, or an empty one. Called before the first try with `challenge` NULL, and
     * once more with the stream of a 401 answer; false then leaves the 401 as the answer (or is an error when *error is
     * filled). The header goes to the request's own host and port alone, never along a redirect elsewhere. */
    bool (*authorize)(void *context, const struct http_stream *challenge, struct arena *arena, struct str *value,
                      struct error *error);
    void *context;
};

/* Sends and waits for the answer's headers: redirects followed (10 at most), failures retried (registry.md §5.5). True for
 * every final answer, whatever its status. */
bool http_open(struct http_client *client, const struct http_request *request, struct http_stream **stream,
               struct error *error);
unsigned http_status(const struct http_stream *stream);
/* The first of that name, any case, or empty. Valid until the stream is closed. */
struct str http_header(const struct http_stream *stream, const char *name);
/* All of that name: start with *position = 0. */
bool http_header_next(const struct http_stream *stream, const char *name, size_t *position, struct str *value);
/* Where the answer came from in the end. */
const struct http_url *http_stream_url(const struct http_stream *stream);
/* The body's announced length, or -1. */
int64_t http_length(const struct http_stream *stream);
/* Up to `size` bytes of the body; 0 at its end; -1 with an error. A GET's body that breaks off is resumed where it stopped
 * (registry.md §7.2). */
ssize_t http_read(struct http_stream *stream, void *buffer, size_t size, struct error *error);
/* NULL is allowed. */
void http_close(struct http_stream *stream);
void http_stream_cleanup(struct http_stream **stream);
#define CLEANUP_HTTP __attribute__((cleanup(http_stream_cleanup)))

/* What is left of the body, into the arena; more than `limit` bytes: ERROR_LIMIT. */
bool http_read_all(struct http_stream *stream, struct arena *arena, size_t limit, struct str *body, struct error *error);
/* Opens and reads all; *stream stays open for its headers. */
bool http_fetch(struct http_client *client, struct arena *arena, const struct http_request *request, size_t limit,
                struct str *body, struct http_stream **stream, struct error *error);

/* ---- files ---- */

struct http_download {
    const char *path;
    mode_t mode;                    /* 0: 0644 */
    uint64_t limit;                 /* bytes; 0: 16 GiB */
    struct str etag, last_modified; /* in: of the file that is there, for a conditional request; out: of the new one (arena) */
    struct str sha256;              /* hex the content must have; may be empty */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* total 0: unknown; may be NULL */
    void *context;
};

/* 1: a new file is in place; 0: the one that is there is still right (304); -1: error, and nothing changed. What came so far
 * of a broken download is kept beside it as PATH.part and continued next time, if the server lets us. */
int http_download(struct http_client *client, struct arena *arena, const struct http_request *request,
                  struct http_download *download, struct error *error);

#endif
