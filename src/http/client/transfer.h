/* Private to `http/client`: one exchange over one connection, and the pool of connections. */
#ifndef HTTP_CLIENT_TRANSFER_H
#define HTTP_CLIENT_TRANSFER_H

#include "http/client/client.h"
#include "http/client/curl.h"

#include <pthread.h>

struct connection {
    CURLM *multi;
    CURL *easy;
    struct connection *next;
};

struct http_client {
    struct http_settings settings; /* strings are the client's own */
    struct arena *arena;
    pthread_mutex_t lock;
    struct connection *idle;
};

struct transfer_request {
    const char *method;
    struct http_url url;
    const struct http_header *headers; /* all that are sent, Authorization too */
    size_t header_count;
    struct str body;
    int body_fd;
    uint64_t body_size;
    bool has_body;
};

struct transfer {
    struct http_client *client;
    struct connection *connection;
    struct arena *arena; /* of this exchange */
    struct transfer_request request;
    struct curl_slist *lines;
    char problem[CURL_ERROR_SIZE];
    /* the answer */
    unsigned status;
    VECTOR(struct http_header) headers;
    size_t header_bytes;
    bool headers_done, ended, header_flood;
    CURLcode result;
    /* the body: straight into the reader's buffer, what does not fit behind */
    char *target;
    size_t target_size, target_used;
    struct buffer waiting;
    size_t waiting_at;
    bool paused;
    uint64_t body_sent;
    /* time spent waiting since the last sign of life, and what came since */
    moment started, waited, window_waited;
    uint64_t received, window_received;
};

/* Sends; waits until the headers are there. The error's kind says what went wrong; `retriable` whether a fresh try may help. */
bool transfer_open(struct http_client *client, const struct transfer_request *request, struct transfer **transfer,
                   bool *retriable, struct error *error);
/* As read(2). An answer that breaks off is -1 with *broken. */
ssize_t transfer_read(struct transfer *transfer, void *buffer, size_t size, bool *broken, struct error *error);
void transfer_close(struct transfer *transfer);

struct str transfer_header(const struct transfer *transfer, const char *name);

#endif
