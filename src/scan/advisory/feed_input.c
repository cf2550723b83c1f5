/* Reading a feed's files inside the child: decompression, archives, lines, and JSON too large to hold as a whole. */
#include "scan/advisory/feed.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FILE_WINDOW ((size_t)256 << 10)
#define DOCUMENT_LIMIT ((size_t)64 << 20) /* one member of an archive, one member of a split document, one line */

/* ---- plain bytes ---- */

/* Upstream archives of text compress up to a hundredfold; memory does not depend on the plain size. */
static const struct pack_limits limits = { .plain_bytes = (uint64_t)16 << 30, .ratio = 1000, .window = (size_t)128 << 20 };

/* Counts what is consumed of the file, for progress. */
struct counted {
    struct stream stream;
    struct stream *file;
    struct feed_run *run;
};

static bool counted_fill(struct stream *stream, struct error *error)
{
    struct counted *counted = (struct counted *)stream;
    bool ended;
    if (!stream_fill(counted->file, &ended, error)) return false;
    counted->stream.data = counted->file->data;
    counted->stream.size = counted->file->size;
    counted->run->read += counted->file->size;
    stream_consume(counted->file, counted->file->size);
    return true;
}

static void counted_close(struct stream *stream)
{
    stream_close(((struct counted *)stream)->file);
    free(stream);
}

static const struct stream_kind counted_kind = { .fill = counted_fill, .close = counted_close };

struct stream *feed_open(struct feed_run *run, const struct feed_input *input, struct error *error)
{
    struct counted *counted = memory_alloc(sizeof *counted);
    *counted = (struct counted){ .stream = { .kind = &counted_kind },
                                 .file = stream_of_file(input->fd, 0, input->size, FILE_WINDOW),
                                 .run = run };
    enum compression found;
    struct stream *stream = stream_decompress(&counted->stream, &limits, &found, error);
    if (!stream) error_wrap(error, "%.*s", STR_ARG(input->path));
    return stream;
}

static void pad(struct buffer *text) { memset(buffer_reserve(text, YYJSON_PADDING_SIZE), 0, YYJSON_PADDING_SIZE); }

/* ---- archives ---- */

static bool name_wanted(struct str name, const char *suffix)
{
    return (!suffix || str_ends(name, suffix)) && !str_starts(path_base(name), ".");
}

static bool each_of_zip(struct feed_run *run, const struct feed_input *input, const char *suffix, feed_visit visit,
                        void *context, struct error *error)
{
    void *bytes = mmap(NULL, input->size, PROT_READ, MAP_PRIVATE, input->fd, 0);
    if (bytes == MAP_FAILED) return error_set(error, ERROR_IO, "feed-read", "%.*s cannot be mapped", STR_ARG(input->path));
    struct zip *zip = zip_open(str_make(bytes, input->size), error);
    CLEANUP_BUFFER struct buffer content = { 0 };
    bool good = zip != NULL;
    for (size_t i = 0; good && i < zip_count(zip); i++) {
        const struct zip_entry *entry = zip_at(zip, i);
        run->read += entry->packed_size;
        if (!name_wanted(entry->name, suffix)) continue;
        struct error broken;
        content.size = 0;
        if (!zip_read(zip, entry, DOCUMENT_LIMIT, YYJSON_PADDING_SIZE, &content, &broken)) {
            feed_skip(run, "%s", broken.message);
            continue;
        }
        pad(&content);
        good = visit(context, run, entry->name, &content, error);
    }
    if (zip) zip_close(zip);
    munmap(bytes, input->size);
    return good || error_wrap(error, "%.*s", STR_ARG(input->path));
}

static bool each_of_tar(struct feed_run *run, struct stream *stream, const char *suffix, feed_visit visit, void *context,
                        struct error *error)
{
    struct tar *tar = tar_open(stream, &limits);
    CLEANUP_BUFFER struct buffer content = { 0 };
    struct tar_entry entry;
    int next;
    while ((next = tar_next(tar, &entry, error)) == 1) {
        if (entry.type != TAR_FILE || !name_wanted(entry.name, suffix)) continue;
        if (entry.size > DOCUMENT_LIMIT) {
            feed_skip(run, "%.*s is larger than %zu bytes", STR_ARG(entry.name), DOCUMENT_LIMIT);
            continue;
        }
        CLEANUP_ARENA struct arena *arena = arena_new();
        struct str text;
        if (!tar_read(tar, arena, DOCUMENT_LIMIT, &text, error)) {
            next = -1;
            break;
        }
        content.size = 0;
        buffer_str(&content, text);
        pad(&content);
        if (!visit(context, run, entry.name, &content, error)) {
            next = -1;
            break;
        }
    }
    tar_close(tar);
    return next == 0;
}

/* A tar header has "ustar" at 257. */
static bool is_tar(const struct stream *stream) { return stream->size >= 512 && memcmp(stream->data + 257, "ustar", 5) == 0; }

bool feed_each_file(struct feed_run *run, const struct feed_input *input, const char *suffix, feed_visit visit, void *context,
                    struct error *error)
{
    CLEANUP_STREAM struct stream *stream = feed_open(run, input, error);
    bool ended;
    if (!stream || !stream_fill(stream, &ended, error)) return false;
    if (stream->size >= 4 && memcmp(stream->data, "PK\3\4", 4) == 0)
        return each_of_zip(run, input, suffix, visit, context, error);
    if (is_tar(stream))
        return each_of_tar(run, stream, suffix, visit, context, error) || error_wrap(error, "%.*s", STR_ARG(input->path));
    CLEANUP_BUFFER struct buffer content = { 0 };
    if (!stream_read_all(stream, &content, DOCUMENT_LIMIT, error)) return error_wrap(error, "%.*s", STR_ARG(input->path));
    pad(&content);
    return visit(context, run, input->path, &content, error);
}

yyjson_doc *feed_parse(struct feed_run *run, struct buffer *content, struct str path)
{
    char what[200];
    struct error error;
    snprintf(what, sizeof what, "%.*s", STR_ARG(path));
    yyjson_doc *document = json_parse(buffer_view(content), JSON_INSITU, what, &error);
    if (!document) feed_skip(run, "%s", error.message);
    return document;
}

/* ---- lines ---- */

bool feed_each_line(struct feed_run *run, const struct feed_input *input,
                    bool (*line)(void *context, struct feed_run *run, struct str line, struct error *error), void *context,
                    struct error *error)
{
    CLEANUP_STREAM struct stream *stream = feed_open(run, input, error);
    CLEANUP_BUFFER struct buffer carry = { 0 }; /* a line that began in an earlier window */
    if (!stream) return false;
    for (bool ended = false;;) {
        if (!stream_fill(stream, &ended, error)) return error_wrap(error, "%.*s", STR_ARG(input->path));
        if (ended) break;
        const uint8_t *end = memchr(stream->data, '\n', stream->size);
        size_t size = end ? (size_t)(end - stream->data) : stream->size;
        struct str text = str_make(stream->data, size);
        if (carry.size || !end) {
            if (carry.size + size > DOCUMENT_LIMIT)
                return error_set(error, ERROR_LIMIT, "feed-line-size", "%.*s has a line longer than %zu bytes",
                                 STR_ARG(input->path), DOCUMENT_LIMIT);
            buffer_str(&carry, text);
            text = buffer_view(&carry);
        }
        if (end) {
            if (str_ends(text, "\r")) text.size--;
            if (!line(context, run, text, error)) return false;
            carry.size = 0;
        }
        stream_consume(stream, size + (end ? 1 : 0));
    }
    return !carry.size || line(context, run, buffer_view(&carry), error);
}

/* ---- XML ---- */

static bool feed_parser(struct xml_reader *reader, struct stream *stream, struct error *error)
{
    for (bool ended = false; !ended;) {
        if (!stream_fill(stream, &ended, error) || !xml_reader_feed(reader, str_make(stream->data, stream->size), ended, error))
            return false;
        stream_consume(stream, stream->size);
    }
    return true;
}

bool feed_read_xml(struct feed_run *run, const struct feed_input *input, const struct xml_handler *handler, struct error *error)
{
    CLEANUP_STREAM struct stream *stream = feed_open(run, input, error);
    if (!stream) return false;
    struct xml_reader *reader = xml_reader_new(handler, arena_cstr(run->arena, input->path), error);
    bool good = reader && feed_parser(reader, stream, error);
    xml_reader_free(reader);
    return good;
}

struct str feed_attribute(struct feed_tag tag, const char *name)
{
    return str_trim(xml_attribute_get(tag.attributes, tag.count, name));
}
