#include "http/client/transfer.h"

#include <stdlib.h>
#include <time.h>

#define REDIRECTS 10
#define BUSY_TRIES 5   /* waits after 429 and 503 */
#define FAILED_TRIES 3 /* tries in all after a failure */
#define RESUMES 5      /* in a row without RESUME_PROGRESS bytes each */
#define RESUME_PROGRESS ((uint64_t)1 << 20)
#define FIRST_PAUSE (SECOND / 5)
#define BUSY_PAUSE (2 * SECOND)
#define LONGEST_WAIT 60

struct http_stream {
    struct http_client *client;
    struct arena *arena;
    struct http_request request;
    const char *method;
    struct http_url url, at;
    struct transfer *transfer;
    struct str authorization;
    bool authorized, challenged;
    /* for resuming */
    uint64_t delivered, mark, discard;
    unsigned resumes;
    bool started_over;
    struct str etag;
    int64_t whole; /* the whole content's size, or -1 */
};

/* ---- one answer: authorization and redirects ---- */

static bool is_redirect(unsigned status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void log_answer(const struct http_stream *stream, const char *method)
{
    /* Queries may carry tokens. */
    log_debug("%s %s://%.*s:%u%.*s: %u", method, stream->at.tls ? "https" : "http", STR_ARG(stream->at.host), stream->at.port,
              STR_ARG(stream->at.path), stream->transfer->status);
}

static bool send_to(struct http_stream *stream, const struct http_url *url, const char *method, bool with_body, uint64_t from,
                    bool *retriable, struct error *error)
{
    const struct http_request *request = &stream->request;
    VECTOR(struct http_header) headers = { 0 };
    for (size_t i = 0; i < request->header_count; i++)
        *vector_push(stream->arena, &headers) = request->headers[i];
    if (stream->authorization.size && http_url_same_host(url, &stream->url))
        *vector_push(stream->arena, &headers) = (struct http_header){ STR("Authorization"), stream->authorization };
    if (from) {
        struct str validator = stream->etag.size ? stream->etag : request->if_range;
        *vector_push(stream->arena, &headers) =
            (struct http_header){ STR("Range"), arena_strf(stream->arena, "bytes=%llu-", (unsigned long long)from) };
        if (validator.size && !str_starts(validator, "W/"))
            *vector_push(stream->arena, &headers) = (struct http_header){ STR("If-Range"), validator };
    }
    bool has_body = with_body && (request->body.data || request->body_size);
    struct transfer_request sent = {
        .method = method, .url = *url, .headers = headers.items, .header_count = headers.count, .has_body = has_body
    };
    if (has_body) {
        sent.body = request->body;
        sent.body_fd = request->body_fd;
        sent.body_size = request->body.data ? request->body.size : request->body_size;
    }
    transfer_close(stream->transfer);
    stream->transfer = NULL;
    if (!transfer_open(stream->client, &sent, &stream->transfer, retriable, error)) return false;
    stream->at = *url;
    log_answer(stream, method);
    return true;
}

static bool redirect(struct http_stream *stream, struct http_url *url, struct error *error)
{
    struct http_url next;
    struct str location = transfer_header(stream->transfer, "Location");
    if (!location.size)
        return error_set(error, ERROR_NETWORK, "http-redirect", "%.*s redirects to nowhere", STR_ARG(url->host));
    if (!http_url_resolve(stream->arena, url, location, &next, error))
        return error_wrap(error, "%.*s redirects", STR_ARG(url->host));
    bool may_be_private = !(stream->request.flags & HTTP_NO_PRIVATE) || http_url_same_host(&next, &stream->url);
    if (!http_url_may_lead(url, &next, may_be_private, error)) return false;
    *url = next;
    return true;
}

static bool follow(struct http_stream *stream, uint64_t from, bool *retriable, struct error *error)
{
    struct http_url url = stream->url;
    const char *method = stream->method;
    bool with_body = true;
    for (unsigned hops = 0; hops <= REDIRECTS; hops++) {
        if (!send_to(stream, &url, method, with_body, from, retriable, error)) return false;
        unsigned status = stream->transfer->status;
        if (!is_redirect(status) || (stream->request.flags & HTTP_NO_REDIRECT)) return true;
        if (!redirect(stream, &url, error)) return false;
        if (status <= 303 && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
            method = "GET";
            with_body = false;
        }
    }
    return error_set(error, ERROR_NETWORK, "http-redirect", "%.*s redirects more than %d times", STR_ARG(stream->url.host),
                     REDIRECTS);
}

/* A 401 of the host itself is answered with a new authorization, once a request. */
static bool ask(struct http_stream *stream, uint64_t from, bool *retriable, struct error *error)
{
    const struct http_request *request = &stream->request;
    *retriable = false;
    if (request->authorize && !stream->authorized) {
        if (!request->authorize(request->context, NULL, stream->arena, &stream->authorization, error)) return false;
        stream->authorized = true;
    }
    if (!follow(stream, from, retriable, error)) return false;
    if (stream->transfer->status != 401 || !request->authorize || stream->challenged ||
        !http_url_same_host(&stream->at, &stream->url))
        return true;
    struct error problem = { 0 };
    stream->challenged = true;
    if (!request->authorize(request->context, stream, stream->arena, &stream->authorization, &problem)) {
        if (problem.kind == ERROR_NONE) return true;
        *error = problem;
        return false;
    }
    return follow(stream, from, retriable, error);
}

/* ---- trying again ---- */

static bool time_left(const struct http_client *client, moment pause)
{
    return !client->settings.deadline || clock_monotonic() + pause < client->settings.deadline;
}

static void rest(moment pause)
{
    struct timespec left = { pause / SECOND, pause % SECOND };
    while (nanosleep(&left, &left) != 0)
        ;
}

/* Doubled with each try; up to a fifth more or less, so that many do not come back together. */
static moment pause_of(moment first, unsigned tries)
{
    uint8_t random;
    random_bytes(&random, 1);
    moment pause = first << (tries < 8 ? tries : 8);
    return pause - pause / 5 + pause * 2 / 5 * random / 255;
}

static moment busy_pause(const struct http_stream *stream, unsigned tries)
{
    uint64_t seconds, most = stream->client->settings.longest_wait ? stream->client->settings.longest_wait : LONGEST_WAIT;
    bool capped;
    if (!http_retry_after(transfer_header(stream->transfer, "Retry-After"), clock_now(), &seconds, &capped))
        return pause_of(BUSY_PAUSE, tries);
    return (moment)(seconds < most ? seconds : most) * SECOND;
}

static bool answer(struct http_stream *stream, uint64_t from, struct error *error)
{
    bool safe = strcmp(stream->method, "GET") == 0 || strcmp(stream->method, "HEAD") == 0,
         once = stream->request.flags & HTTP_NO_RETRY;
    for (unsigned busy = 0, failed = 0;;) {
        struct error problem = { 0 };
        bool retriable = false, answered = ask(stream, from, &retriable, &problem);
        unsigned status = answered ? stream->transfer->status : 0;
        bool too_busy = status == 429 || (status == 503 && transfer_header(stream->transfer, "Retry-After").size);
        bool broken = status == 500 || status == 502 || status == 503 || status == 504 || (!answered && retriable);
        moment pause = 0;
        bool again = false;
        if (too_busy) {
            again = busy < BUSY_TRIES;
            pause = again ? busy_pause(stream, busy++) : 0;
        } else if (broken && safe) {
            again = ++failed < FAILED_TRIES;
            pause = pause_of(FIRST_PAUSE, failed - 1);
        }
        if (!again || once || !time_left(stream->client, pause)) {
            if (!answered) *error = problem;
            return answered;
        }
        log_debug("%.*s: trying again in %.1f s", STR_ARG(stream->url.host), (double)pause / SECOND);
        rest(pause);
    }
}

/* ---- the door ---- */

static bool read_content_range(struct str value, uint64_t *start, int64_t *whole)
{
    uint64_t size, end;
    value = str_trim(value);
    if (!str_starts(value, "bytes ")) return false;
    struct str rest = str_from(value, 6), range = str_cut(&rest, '/'), last = range, first = str_cut(&last, '-');
    if (!str_to_u64(first, start) || !str_to_u64(last, &end) || end < *start) return false;
    *whole = -1;
    if (str_is(rest, "*")) return true;
    if (!str_to_u64(rest, &size) || size > (uint64_t)INT64_MAX || end >= size) return false;
    *whole = (int64_t)size;
    return true;
}

static int64_t length_of(const struct transfer *transfer)
{
    uint64_t length;
    struct str value = transfer_header(transfer, "Content-Length");
    return str_to_u64(value, &length) && length <= (uint64_t)INT64_MAX ? (int64_t)length : -1;
}

/* All comes again: what we have is passed over, if it can be the same. */
static bool start_over(struct http_stream *stream, uint64_t from, struct error *error)
{
    int64_t length = length_of(stream->transfer);
    if (from && stream->whole >= 0 && length >= 0 && length != stream->whole)
        return error_set(error, ERROR_NETWORK, "http-changed", "%.*s changed the content while it was read",
                         STR_ARG(stream->at.host));
    stream->discard = from;
    return true;
}

static bool note_range(struct http_stream *stream, uint64_t from, struct error *error)
{
    uint64_t start;
    int64_t whole;
    unsigned status = stream->transfer->status;
    if (status != 206) return start_over(stream, status == 200 ? from : 0, error);
    if (!from || !read_content_range(transfer_header(stream->transfer, "Content-Range"), &start, &whole) || start != from ||
        (stream->whole >= 0 && whole >= 0 && whole != stream->whole))
        return error_set(error, ERROR_NETWORK, "http-range", "%.*s answers with another part than was asked for",
                         STR_ARG(stream->at.host));
    if (stream->whole < 0) stream->whole = whole;
    stream->discard = 0;
    return true;
}

bool http_open(struct http_client *client, const struct http_request *request, struct http_stream **opened, struct error *error)
{
    struct arena *arena = arena_new();
    CLEANUP_HTTP struct http_stream *stream = arena_alloc(arena, sizeof *stream);
    *stream = (struct http_stream){ .client = client, .arena = arena, .request = *request, .whole = -1 };
    stream->method = request->method ? request->method : "GET";
    if (!http_url_parse(arena, request->url, &stream->url, error)) return false;
    if (!answer(stream, request->range_start, error)) return false;
    if (stream->transfer->status == 206 && !note_range(stream, request->range_start, error)) return false;
    stream->etag = arena_str(arena, transfer_header(stream->transfer, "ETag"));
    if (stream->transfer->status == 200) stream->whole = length_of(stream->transfer);
    if (stream->transfer->status == 200) stream->request.range_start = 0; /* all of it comes, whatever was asked */
    *opened = stream;
    stream = NULL;
    return true;
}

unsigned http_status(const struct http_stream *stream) { return stream->transfer->status; }
struct str http_header(const struct http_stream *stream, const char *name) { return transfer_header(stream->transfer, name); }
const struct http_url *http_stream_url(const struct http_stream *stream) { return &stream->at; }
int64_t http_length(const struct http_stream *stream) { return length_of(stream->transfer); }

bool http_header_next(const struct http_stream *stream, const char *name, size_t *position, struct str *value)
{
    for (; *position < stream->transfer->headers.count; ++*position) {
        const struct http_header *header = &stream->transfer->headers.items[*position];
        if (!str_is_nocase(header->name, name)) continue;
        *value = header->value;
        ++*position;
        return true;
    }
    return false;
}

static bool may_resume(const struct http_stream *stream)
{
    return strcmp(stream->method, "GET") == 0 && !(stream->request.flags & HTTP_NO_RETRY) &&
           (!stream->transfer || stream->transfer->status == 200 || stream->transfer->status == 206);
}

/* Asks for the rest. A server without ranges sends all again: what we have is passed over. */
static bool resume(struct http_stream *stream, struct error *error)
{
    uint64_t from = stream->request.range_start + stream->delivered;
    if (stream->delivered - stream->mark >= RESUME_PROGRESS) stream->resumes = 0;
    stream->mark = stream->delivered;
    if (stream->resumes >= RESUMES) return error_wrap(error, "gave up after %d tries", RESUMES);
    moment pause = pause_of(FIRST_PAUSE, stream->resumes++);
    if (!time_left(stream->client, pause)) return false;
    log_debug("%.*s: resuming at byte %llu", STR_ARG(stream->at.host), (unsigned long long)from);
    rest(pause);
    stream->challenged = false;
    struct error problem = { 0 };
    bool good = answer(stream, from, &problem);
    if (good && stream->transfer->status == 416 && !stream->started_over) {
        stream->started_over = true;
        stream->etag = (struct str){ 0 };
        good = answer(stream, 0, &problem);
        if (good && stream->transfer->status == 200) good = start_over(stream, from, &problem);
    } else if (good) {
        good = note_range(stream, from, &problem);
    }
    if (good && stream->transfer->status != 200 && stream->transfer->status != 206)
        good = error_set(&problem, ERROR_NETWORK, "http-status", "%.*s answers %u to a request for the rest",
                         STR_ARG(stream->at.host), stream->transfer->status);
    struct str etag = good ? transfer_header(stream->transfer, "ETag") : (struct str){ 0 };
    if (good && stream->etag.size && etag.size && !str_equal(etag, stream->etag))
        good = error_set(&problem, ERROR_NETWORK, "http-changed", "%.*s changed the content while it was read",
                         STR_ARG(stream->at.host));
    if (!good) *error = problem;
    return good;
}

ssize_t http_read(struct http_stream *stream, void *buffer, size_t size, struct error *error)
{
    for (;;) {
        bool broken = false;
        struct error problem = { 0 };
        ssize_t got = stream->transfer ? transfer_read(stream->transfer, buffer, size, &broken, &problem) : -1;
        if (got < 0) {
            if (!broken || !may_resume(stream) || !resume(stream, &problem)) {
                *error = problem;
                return -1;
            }
            continue;
        }
        if (got > 0 && stream->discard) {
            size_t drop = stream->discard < (uint64_t)got ? (size_t)stream->discard : (size_t)got;
            stream->discard -= drop;
            memmove(buffer, (char *)buffer + drop, (size_t)got - drop);
            got -= (ssize_t)drop;
            if (!got) continue;
        }
        stream->delivered += (uint64_t)got;
        return got;
    }
}

void http_close(struct http_stream *stream)
{
    if (!stream) return;
    transfer_close(stream->transfer);
    arena_free(stream->arena);
}

void http_stream_cleanup(struct http_stream **stream)
{
    http_close(*stream);
    *stream = NULL;
}

bool http_read_all(struct http_stream *stream, struct arena *arena, size_t limit, struct str *body, struct error *error)
{
    CLEANUP_BUFFER struct buffer whole = { 0 };
    for (;;) {
        char *at = buffer_reserve(&whole, 16 << 10);
        ssize_t got = http_read(stream, at, 16 << 10, error);
        if (got < 0) return false;
        if (got == 0) break;
        whole.size += (size_t)got;
        if (whole.size > limit)
            return error_set(error, ERROR_LIMIT, "http-too-large", "%.*s sends more than %zu bytes", STR_ARG(stream->at.host),
                             limit);
    }
    *body = arena_str(arena, buffer_view(&whole));
    return true;
}

bool http_fetch(struct http_client *client, struct arena *arena, const struct http_request *request, size_t limit,
                struct str *body, struct http_stream **opened, struct error *error)
{
    CLEANUP_HTTP struct http_stream *stream = NULL;
    if (!http_open(client, request, &stream, error) || !http_read_all(stream, arena, limit, body, error)) return false;
    *opened = stream;
    stream = NULL;
    return true;
}
