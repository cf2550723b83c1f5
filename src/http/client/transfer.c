#include "http/client/transfer.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_SECONDS 10
#define TLS_SECONDS 10
#define SLOWEST_BYTES 1024 /* a second, over the whole of STALL_SECONDS */
#define STALL_SECONDS 60   /* also for the first byte */
#define WAITING_LIMIT ((size_t)512 << 10)
#define RECEIVE_BUFFER (128L << 10)
#define HEADER_LIMIT ((size_t)256 << 10)
#define STEP_MILLISECONDS 1000

/* ---- the pool ---- */

static struct connection *take_connection(struct http_client *client, struct error *error)
{
    pthread_mutex_lock(&client->lock);
    struct connection *connection = client->idle;
    if (connection) client->idle = connection->next;
    pthread_mutex_unlock(&client->lock);
    if (connection) return connection;
    connection = memory_alloc(sizeof *connection);
    *connection = (struct connection){ curl_call.multi_init(), curl_call.easy_init(), NULL };
    if (connection->multi && connection->easy) return connection;
    error_set(error, ERROR_INTERNAL, "http-start", "libcurl cannot be started");
    if (connection->easy) curl_call.easy_cleanup(connection->easy);
    if (connection->multi) curl_call.multi_cleanup(connection->multi);
    free(connection);
    return NULL;
}

/* Kept with its open sockets for the next request. */
static void give_back(struct http_client *client, struct connection *connection)
{
    pthread_mutex_lock(&client->lock);
    connection->next = client->idle;
    client->idle = connection;
    pthread_mutex_unlock(&client->lock);
}

/* ---- what curl calls ---- */

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct str line = str_trim(str_make(data, size * count));
    transfer->header_bytes += size * count;
    if (transfer->header_bytes > HEADER_LIMIT) {
        transfer->header_flood = true;
        return 0;
    }
    if (str_starts(line, "HTTP/")) { /* a new answer: those before were interim ones */
        uint64_t status = 0;
        str_cut(&line, ' ');
        str_to_u64(str_to(str_trim(line), 3), &status);
        transfer->status = (unsigned)status;
        transfer->headers.count = 0;
    } else if (!line.size) {
        transfer->headers_done = transfer->status >= 200;
    } else if (!transfer->headers_done) { /* not trailers */
        struct str value = line, name = str_cut(&value, ':');
        *vector_push(transfer->arena, &transfer->headers) =
            (struct http_header){ arena_str(transfer->arena, str_trim(name)), arena_str(transfer->arena, str_trim(value)) };
    }
    return size * count;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t total = size * count;
    size_t fits = transfer->target_size - transfer->target_used;
    if (transfer->waiting.size > transfer->waiting_at) fits = 0; /* order */
    if (total > fits && transfer->waiting.size - transfer->waiting_at >= WAITING_LIMIT) {
        transfer->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (fits > total) fits = total;
    if (fits) memcpy(transfer->target + transfer->target_used, data, fits);
    transfer->target_used += fits;
    if (total > fits) buffer_append(&transfer->waiting, data + fits, total - fits);
    transfer->received += total;
    return total;
}

static size_t on_send(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    const struct transfer_request *request = &transfer->request;
    uint64_t left = request->body_size - transfer->body_sent;
    size_t step = size * count < left ? size * count : (size_t)left;
    if (request->body.data) {
        memcpy(data, request->body.data + transfer->body_sent, step);
    } else if (step) {
        ssize_t got = pread(request->body_fd, data, step, (off_t)transfer->body_sent);
        if (got <= 0) return CURL_READFUNC_ABORT;
        step = (size_t)got;
    }
    transfer->body_sent += step;
    transfer->received += step; /* a sign of life, too */
    return step;
}

static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct transfer *transfer = context;
    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > transfer->request.body_size) return CURL_SEEKFUNC_CANTSEEK;
    transfer->body_sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* ---- setting up ---- */

#define SET(option, value) curl_call.easy_setopt(easy, option, value)

static bool set_tls(const struct transfer *transfer, CURL *easy, struct error *error)
{
    const struct http_settings *settings = &transfer->client->settings;
    bool insecure = settings->insecure &&
                    (!settings->insecure_host.size || str_equal_nocase(settings->insecure_host, transfer->request.url.host));
    const char *bundle = getenv("SSL_CERT_FILE"), *folder = getenv("SSL_CERT_DIR");
    if (bundle && *bundle) SET(CURLOPT_CAINFO, bundle);
    if (folder && *folder) SET(CURLOPT_CAPATH, folder);
    if (settings->ca_pem.size) {
        struct curl_blob blob = { (void *)(uintptr_t)settings->ca_pem.data, settings->ca_pem.size, CURL_BLOB_NOCOPY };
        if (SET(CURLOPT_CAINFO_BLOB, &blob) != CURLE_OK)
            return error_set(error, ERROR_UNSUPPORTED, "library-too-old",
                             "this libcurl cannot take a CA file of ours beside the system's");
    }
    if (settings->certificate) {
        SET(CURLOPT_SSLCERT, settings->certificate);
        SET(CURLOPT_SSLKEY, settings->key);
    }
    SET(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, insecure ? 0L : 2L);
    return true;
}

/* libcurl reads HTTPS_PROXY, https_proxy, http_proxy and NO_PROXY itself, but not HTTP_PROXY: a web server's child gets that
 * from a request's Proxy header. We are no such child unless REQUEST_METHOD is set. */
static void set_proxy(const struct transfer *transfer, CURL *easy)
{
    const char *proxy = getenv("HTTP_PROXY");
    if (transfer->client->settings.unix_socket)
        SET(CURLOPT_PROXY, "");
    else if (!transfer->request.url.tls && proxy && *proxy && !getenv("http_proxy") && !getenv("REQUEST_METHOD"))
        SET(CURLOPT_PROXY, proxy);
}

static void set_method(struct transfer *transfer, CURL *easy)
{
    const struct transfer_request *request = &transfer->request;
    if (strcmp(request->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (request->has_body) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_size);
        SET(CURLOPT_READFUNCTION, on_send);
        SET(CURLOPT_READDATA, transfer);
        SET(CURLOPT_SEEKFUNCTION, on_seek);
        SET(CURLOPT_SEEKDATA, transfer);
        SET(CURLOPT_CUSTOMREQUEST, request->method);
    } else if (strcmp(request->method, "GET") != 0) {
        SET(CURLOPT_CUSTOMREQUEST, request->method);
    }
}

static bool add_line(struct transfer *transfer, const char *line)
{
    struct curl_slist *longer = curl_call.slist_append(transfer->lines, line);
    if (longer) transfer->lines = longer;
    return longer;
}

static bool is_one_line(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f) return false;
    return true;
}

static bool set_headers(struct transfer *transfer, CURL *easy, struct error *error)
{
    bool good = add_line(transfer, "Expect:") && add_line(transfer, "Accept-Encoding: identity");
    for (size_t i = 0; good && i < transfer->request.header_count; i++) {
        const struct http_header *header = &transfer->request.headers[i];
        if (!is_one_line(header->name) || !is_one_line(header->value))
            return error_set(error, ERROR_INVALID, "http-header-invalid", "the value of %.*s has control characters",
                             STR_ARG(header->name));
        good = add_line(transfer, arena_printf(transfer->arena, header->value.size ? "%.*s: %.*s" : "%.*s;%.*s",
                                               STR_ARG(header->name), STR_ARG(header->value)));
    }
    SET(CURLOPT_HTTPHEADER, transfer->lines);
    return good || error_set(error, ERROR_INTERNAL, "http-start", "libcurl cannot take the request");
}

static bool set_up(struct transfer *transfer, struct error *error)
{
    CURL *easy = transfer->connection->easy;
    const struct http_settings *settings = &transfer->client->settings;
    curl_call.easy_reset(easy);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_URL, arena_cstr(transfer->arena, http_url_text(transfer->arena, &transfer->request.url)));
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_USERAGENT, "pratique/" PRATIQUE_VERSION);
    SET(CURLOPT_CONNECTTIMEOUT, (long)(CONNECT_SECONDS + TLS_SECONDS));
    SET(CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
    SET(CURLOPT_ERRORBUFFER, transfer->problem);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    if (settings->unix_socket) SET(CURLOPT_UNIX_SOCKET_PATH, settings->unix_socket);
    set_proxy(transfer, easy);
    set_method(transfer, easy);
    return set_tls(transfer, easy, error) && set_headers(transfer, easy, error);
}

/* ---- running ---- */

/* A peer that closed while OpenSSL writes would raise SIGPIPE: held back for the call, and dropped. */
static CURLMcode perform_quietly(CURLM *multi, int *running)
{
    sigset_t pipe_signal, before, pending;
    struct timespec now = { 0, 0 };
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    CURLMcode code = curl_call.multi_perform(multi, running);
    if (!was_pending)
        while (sigtimedwait(&pipe_signal, NULL, &now) == SIGPIPE)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static void wait_for_more(struct transfer *transfer)
{
    int ready = 0;
    moment before = clock_monotonic();
    curl_call.multi_wait(transfer->connection->multi, NULL, 0, STEP_MILLISECONDS, &ready);
    /* Names are resolved by a thread of curl's: nothing to wait on meanwhile. */
    if (ready == 0 && clock_monotonic() - before < SECOND / 1000) nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    transfer->waited += clock_monotonic() - before;
}

/* The limits in time (registry.md §5.5). Only time we waited counts: a slow reader of ours is nobody's fault. */
static bool check_time(struct transfer *transfer, struct error *error)
{
    const struct http_settings *settings = &transfer->client->settings;
    struct str host = transfer->request.url.host;
    unsigned connect = settings->connect ? settings->connect : CONNECT_SECONDS;
    unsigned stall = settings->stall ? settings->stall : STALL_SECONDS;
    if (settings->deadline && clock_monotonic() > settings->deadline) {
        error_set(error, ERROR_TIMEOUT, "timeout", "the time allowed ran out while waiting for %.*s", STR_ARG(host));
        return error_hint(error, "raise --timeout");
    }
    /* The time to connect that curl tells is 0 on a connection that was kept, too. */
    long sent = 0;
    curl_call.easy_getinfo(transfer->connection->easy, CURLINFO_REQUEST_SIZE, &sent);
    if (!transfer->headers_done && !sent && clock_monotonic() - transfer->started > (moment)connect * SECOND)
        return error_set(error, ERROR_TIMEOUT, "http-connect", "%.*s does not answer: no connection after %u seconds",
                         STR_ARG(host), connect);
    if (!transfer->headers_done && !transfer->body_sent && transfer->waited > (moment)stall * SECOND)
        return error_set(error, ERROR_TIMEOUT, "http-timeout", "%.*s took the request and sent nothing for %u seconds",
                         STR_ARG(host), stall);
    if (transfer->waited - transfer->window_waited < (moment)stall * SECOND) return true;
    if ((transfer->headers_done || transfer->body_sent) &&
        transfer->received - transfer->window_received < (uint64_t)SLOWEST_BYTES * stall)
        return error_set(error, ERROR_TIMEOUT, "http-stalled", "%.*s sends less than %d bytes a second", STR_ARG(host),
                         SLOWEST_BYTES);
    transfer->window_waited = transfer->waited;
    transfer->window_received = transfer->received;
    return true;
}

static bool step(struct transfer *transfer, bool wait, struct error *error)
{
    int running = 0, left;
    if (wait) wait_for_more(transfer);
    perform_quietly(transfer->connection->multi, &running);
    for (CURLMsg *message; (message = curl_call.multi_info_read(transfer->connection->multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        transfer->ended = true;
        transfer->result = message->data.result;
    }
    return transfer->ended || check_time(transfer, error);
}

/* ---- the end of it ---- */

static const struct {
    CURLcode code;
    enum error_kind kind;
    const char *id, *words, *hint;
    bool retriable;
} failures[] = {
    { CURLE_COULDNT_CONNECT, ERROR_NETWORK, "http-connect", "no connection",
      "check the host and port, and HTTPS_PROXY and NO_PROXY", true },
    { CURLE_COULDNT_RESOLVE_HOST, ERROR_NETWORK, "http-resolve", "no such host", "check the name, and HTTPS_PROXY and NO_PROXY",
      false },
    { CURLE_COULDNT_RESOLVE_PROXY, ERROR_NETWORK, "http-resolve", "no such proxy", "check HTTPS_PROXY and HTTP_PROXY", false },
    { CURLE_GOT_NOTHING, ERROR_NETWORK, "http-closed", "the connection was closed without an answer", "", true },
    { CURLE_OPERATION_TIMEDOUT, ERROR_TIMEOUT, "http-timeout", "no answer in time", "", true },
    { CURLE_PARTIAL_FILE, ERROR_NETWORK, "http-cut", "the answer broke off", "", true },
    { CURLE_PEER_FAILED_VERIFICATION, ERROR_NETWORK, "http-tls", "its certificate is not trusted",
      "name its CA with --cacert, or accept anything with --insecure", false },
    { CURLE_RECV_ERROR, ERROR_NETWORK, "http-cut", "the connection broke off", "", true },
    { CURLE_SEND_ERROR, ERROR_NETWORK, "http-cut", "the connection broke off", "", true },
    { CURLE_SSL_CACERT_BADFILE, ERROR_USAGE, "http-tls", "the CA file cannot be read", "check --cacert", false },
    { CURLE_SSL_CERTPROBLEM, ERROR_USAGE, "http-tls", "the client certificate cannot be used", "check the files in certs.d",
      false },
    { CURLE_SSL_CONNECT_ERROR, ERROR_NETWORK, "http-tls", "no TLS connection", "if it speaks plain http, say --insecure",
      false },
};

static bool explain(const struct transfer *transfer, bool *retriable, struct error *error)
{
    struct str host = transfer->request.url.host;
    unsigned port = transfer->request.url.port;
    const char *detail = transfer->problem[0] ? transfer->problem : curl_call.easy_strerror(transfer->result);
    *retriable = false;
    if (transfer->header_flood)
        return error_set(error, ERROR_LIMIT, "http-headers", "%.*s sends more than %zu bytes of headers", STR_ARG(host),
                         HEADER_LIMIT);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (failures[i].code != transfer->result) continue;
        *retriable = failures[i].retriable;
        error_set(error, failures[i].kind, failures[i].id, "%.*s:%u: %s (%s)", STR_ARG(host), port, failures[i].words, detail);
        return error_hint(error, "%s", failures[i].hint);
    }
    return error_set(error, ERROR_NETWORK, "http-transfer", "%.*s:%u: %s", STR_ARG(host), port, detail);
}

void transfer_close(struct transfer *transfer)
{
    if (!transfer) return;
    curl_call.multi_remove_handle(transfer->connection->multi, transfer->connection->easy);
    curl_call.slist_free_all(transfer->lines);
    give_back(transfer->client, transfer->connection);
    buffer_free(&transfer->waiting);
    arena_free(transfer->arena);
}

bool transfer_open(struct http_client *client, const struct transfer_request *request, struct transfer **opened,
                   bool *retriable, struct error *error)
{
    *retriable = false;
    struct connection *connection = take_connection(client, error);
    if (!connection) return false;
    struct arena *arena = arena_new();
    struct transfer *transfer = arena_alloc(arena, sizeof *transfer);
    *transfer = (struct transfer){
        .client = client, .connection = connection, .arena = arena, .request = *request, .started = clock_monotonic()
    };
    bool good = set_up(transfer, error);
    if (good) {
        curl_call.multi_add_handle(connection->multi, connection->easy);
        good = step(transfer, false, error);
        while (good && !transfer->headers_done && !transfer->ended)
            good = step(transfer, true, error);
        if (!good) *retriable = error->kind == ERROR_TIMEOUT && strcmp(error->id, "timeout") != 0;
        if (good && !transfer->headers_done) good = explain(transfer, retriable, error);
    }
    if (good)
        *opened = transfer;
    else
        transfer_close(transfer);
    return good;
}

static size_t take_waiting(struct transfer *transfer, char *buffer, size_t size)
{
    size_t left = transfer->waiting.size - transfer->waiting_at, step_size = left < size ? left : size;
    if (!step_size) return 0;
    memcpy(buffer, transfer->waiting.data + transfer->waiting_at, step_size);
    transfer->waiting_at += step_size;
    if (transfer->waiting_at == transfer->waiting.size) transfer->waiting.size = transfer->waiting_at = 0;
    return step_size;
}

ssize_t transfer_read(struct transfer *transfer, void *buffer, size_t size, bool *broken, struct error *error)
{
    *broken = false;
    size_t got = take_waiting(transfer, buffer, size);
    if (got) return (ssize_t)got;
    transfer->target = buffer;
    transfer->target_size = size;
    transfer->target_used = 0;
    bool good = true;
    if (transfer->paused && !transfer->ended) {
        transfer->paused = false;
        curl_call.easy_pause(transfer->connection->easy, CURLPAUSE_CONT);
    }
    if (!transfer->ended) good = step(transfer, false, error);
    while (good && !transfer->target_used && !transfer->ended)
        good = step(transfer, true, error);
    got = transfer->target_used;
    transfer->target = NULL;
    transfer->target_size = transfer->target_used = 0;
    if (got) return (ssize_t)got;
    if (!good) {
        *broken = error->kind == ERROR_TIMEOUT && strcmp(error->id, "timeout") != 0;
        return -1;
    }
    /* Everything that came was taken; only now does a failure count. */
    if (transfer->result == CURLE_OK) return 0;
    explain(transfer, broken, error);
    return -1;
}

struct str transfer_header(const struct transfer *transfer, const char *name)
{
    for (size_t i = 0; i < transfer->headers.count; i++)
        if (str_is_nocase(transfer->headers.items[i].name, name)) return transfer->headers.items[i].value;
    return (struct str){ 0 };
}
