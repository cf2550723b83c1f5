/* JSON too large to hold as a tree: one pass over the bytes finds the members of the wanted object or array, and only one of
 * them is in memory at a time. The pieces are then parsed by the real parser; this file only finds their ends. */
#include "scan/advisory/feed.h"

#define MEMBER_LIMIT ((size_t)64 << 20)
#define KEY_LIMIT 1024

struct splitter {
    struct feed_run *run;
    const struct feed_input *input;
    struct stream *stream;
    struct buffer value, key;
};

static bool damaged(struct splitter *splitter, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID, "feed-json", "%.*s is not valid JSON: %s near byte %llu of the plain text",
                     STR_ARG(splitter->input->path), what, (unsigned long long)splitter->stream->position);
}

/* The next byte without consuming it; 0 at the end. */
static bool peek(struct splitter *splitter, char *c, struct error *error)
{
    bool ended = false;
    if (!splitter->stream->size && !stream_fill(splitter->stream, &ended, error)) return false;
    *c = ended ? 0 : (char)*splitter->stream->data;
    return true;
}

/* The next byte that is no blank, not consumed. */
static bool peek_token(struct splitter *splitter, char *c, struct error *error)
{
    for (;;) {
        if (!peek(splitter, c, error)) return false;
        if (*c != ' ' && *c != '\t' && *c != '\n' && *c != '\r') return true;
        stream_consume(splitter->stream, 1);
    }
}

static bool expect(struct splitter *splitter, char wanted, const char *what, struct error *error)
{
    char c;
    if (!peek_token(splitter, &c, error)) return false;
    if (c != wanted) return damaged(splitter, what, error);
    stream_consume(splitter->stream, 1);
    return true;
}

/* Where a value's text stands: in a string, behind a backslash, how many brackets are open. */
struct position {
    unsigned depth;
    bool string, escaped, started;
};

/* Bytes of the window that belong to the value; *ended when it is whole. A number or word ends before its delimiter. */
static size_t scan_value(struct position *position, const uint8_t *data, size_t size, bool *ended)
{
    for (size_t i = 0; i < size; i++) {
        char c = (char)data[i];
        if (position->string) {
            if (position->escaped)
                position->escaped = false;
            else if (c == '\\')
                position->escaped = true;
            else if (c == '"') {
                position->string = false;
                if (!position->depth) return *ended = true, i + 1;
            }
            continue;
        }
        if (c == '"') {
            position->string = true;
        } else if (c == '{' || c == '[') {
            position->depth++;
        } else if (c == '}' || c == ']') {
            if (!position->depth) return *ended = true, i; /* behind a number or word */
            if (--position->depth == 0) return *ended = true, i + 1;
        } else if (!position->depth && (c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
            if (position->started) return *ended = true, i;
        }
        position->started = true;
    }
    return size;
}

/* Reads one value; kept in ->value when wanted. */
static bool read_value(struct splitter *splitter, bool keep, struct error *error)
{
    struct position position = { 0 };
    char c;
    if (!peek_token(splitter, &c, error)) return false;
    splitter->value.size = 0;
    for (bool whole = false; !whole;) {
        if (!peek(splitter, &c, error)) return false;
        if (!c && !splitter->stream->size) {
            if (position.started && !position.depth && !position.string) return true; /* a bare value at the end */
            return damaged(splitter, "it ends inside a value", error);
        }
        size_t size = scan_value(&position, splitter->stream->data, splitter->stream->size, &whole);
        if (keep) {
            if (splitter->value.size + size > MEMBER_LIMIT)
                return error_set(error, ERROR_LIMIT, "feed-member-size", "%.*s has a member larger than %zu bytes",
                                 STR_ARG(splitter->input->path), MEMBER_LIMIT);
            buffer_append(&splitter->value, splitter->stream->data, size);
        }
        stream_consume(splitter->stream, size);
    }
    return true;
}

static bool read_key(struct splitter *splitter, struct error *error)
{
    char c;
    if (!peek_token(splitter, &c, error)) return false;
    if (c != '"') return damaged(splitter, "a member has no name", error);
    if (!read_value(splitter, true, error)) return false;
    if (splitter->value.size > KEY_LIMIT) return damaged(splitter, "a member's name is too long", error);
    splitter->key.size = 0;
    buffer_append(&splitter->key, splitter->value.data + 1, splitter->value.size - 2);
    return expect(splitter, ':', "a member has no value", error);
}

/* After a member: ',' goes on, the closing bracket ends. */
static bool another(struct splitter *splitter, char close, bool *more, struct error *error)
{
    char c;
    if (!peek_token(splitter, &c, error)) return false;
    if (c != ',' && c != close) return damaged(splitter, "a comma is missing", error);
    stream_consume(splitter->stream, 1);
    *more = c == ',';
    return true;
}

static bool visit_members(struct splitter *splitter, feed_member_visit visit, void *context, struct error *error)
{
    char open;
    if (!peek_token(splitter, &open, error)) return false;
    if (open != '{' && open != '[') return damaged(splitter, "an object or a list was expected", error);
    stream_consume(splitter->stream, 1);
    char close = open == '{' ? '}' : ']', c;
    if (!peek_token(splitter, &c, error)) return false;
    if (c == close) {
        stream_consume(splitter->stream, 1);
        return true;
    }
    for (bool more = true; more;) {
        splitter->key.size = 0;
        if (open == '{' && !read_key(splitter, error)) return false;
        if (!read_value(splitter, true, error)) return false;
        memset(buffer_reserve(&splitter->value, YYJSON_PADDING_SIZE), 0, YYJSON_PADDING_SIZE);
        if (!visit(context, splitter->run, buffer_view(&splitter->key), buffer_view(&splitter->value), error)) return false;
        if (!another(splitter, close, &more, error)) return false;
    }
    return true;
}

/* `names` are separated by '|'. */
static bool is_wanted(const char *names, struct str key)
{
    for (struct str rest = str_of(names); rest.data;)
        if (str_equal(str_cut(&rest, '|'), key)) return true;
    return false;
}

/* The top level is an object one of whose members is walked. */
static bool visit_under(struct splitter *splitter, const char *under, feed_member_visit visit, feed_member_visit head,
                        void *context, struct error *error)
{
    bool found = false;
    if (!expect(splitter, '{', "an object was expected", error)) return false;
    for (bool more = true; more;) {
        char c;
        if (!read_key(splitter, error) || !peek_token(splitter, &c, error)) return false;
        if (is_wanted(under, buffer_view(&splitter->key))) {
            found = true;
            if (!visit_members(splitter, visit, context, error)) return false;
        } else {
            bool keep = head && c != '{' && c != '[';
            if (!read_value(splitter, keep, error)) return false;
            if (keep && !head(context, splitter->run, buffer_view(&splitter->key),
                              str_trim_set(buffer_view(&splitter->value), "\""), error))
                return false;
        }
        if (!another(splitter, '}', &more, error)) return false;
    }
    return found || damaged(splitter, "the member with the records is missing", error);
}

bool feed_each_member(struct feed_run *run, const struct feed_input *input, const char *under, feed_member_visit visit,
                      feed_member_visit head, void *context, struct error *error)
{
    CLEANUP_STREAM struct stream *stream = feed_open(run, input, error);
    if (!stream) return false;
    struct splitter splitter = { .run = run, .input = input, .stream = stream };
    bool good =
        under ? visit_under(&splitter, under, visit, head, context, error) : visit_members(&splitter, visit, context, error);
    buffer_free(&splitter.value);
    buffer_free(&splitter.key);
    return good;
}
