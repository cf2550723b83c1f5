#include "scan/advisory/feed/updateinfo.h"

#define TEXT_SIZE ((size_t)256 << 10)
#define PACKAGE_LIMIT 200000

struct updating {
    struct feed_run *run;
    void (*put)(void *context, struct feed_run *run, const struct update *update);
    void *context;
    struct error *error;
    struct arena *arena; /* of the open update */
    struct update update;
    struct str module;
    unsigned depth; /* below <update> */
    struct buffer text;
};

struct tag {
    const struct xml_attribute *attributes;
    size_t count;
    struct arena *arena;
};

static struct str attribute(struct tag tag, const char *name)
{
    return arena_str(tag.arena, str_trim(xml_attribute_get(tag.attributes, tag.count, name)));
}

static bool open_package(struct updating *updating, struct tag tag)
{
    if (updating->update.packages.count >= PACKAGE_LIMIT)
        return error_set(updating->error, ERROR_LIMIT, "feed-update-size", "an update has more than %d packages",
                         PACKAGE_LIMIT);
    struct update_package package = { .name = attribute(tag, "name"),
                                      .arch = attribute(tag, "arch"),
                                      .module = updating->module };
    package.evr = feed_evr(tag.arena, attribute(tag, "epoch"), attribute(tag, "version"), attribute(tag, "release"));
    if (!str_empty(package.name) && !str_empty(package.evr)) *vector_push(tag.arena, &updating->update.packages) = package;
    return true;
}

static void open_reference(struct updating *updating, struct tag tag)
{
    struct str id = attribute(tag, "id"), type = attribute(tag, "type");
    if (str_is(type, "cve") || feed_is_cve(id)) {
        if (feed_is_cve(id) && !str_vector_has(&updating->update.cves, id))
            *vector_push(tag.arena, &updating->update.cves) = id;
    } else {
        *vector_push(tag.arena, &updating->update.references) = attribute(tag, "href");
    }
}

static bool on_open(void *context, struct str name, const struct xml_attribute *attributes, size_t count)
{
    struct updating *updating = context;
    updating->text.size = 0;
    if (str_is(name, "update")) {
        arena_free(updating->arena);
        updating->arena = arena_new();
        updating->update = (struct update){ 0 };
        updating->update.type = attribute((struct tag){ attributes, count, updating->arena }, "type");
        updating->depth = 1;
        return true;
    }
    if (!updating->depth) return true;
    updating->depth++;
    struct tag tag = { attributes, count, updating->arena };
    if (str_is(name, "package")) return open_package(updating, tag);
    if (str_is(name, "reference"))
        open_reference(updating, tag);
    else if (str_is(name, "collection"))
        *vector_push(tag.arena, &updating->update.collections) = attribute(tag, "short"), updating->module = (struct str){ 0 };
    else if (str_is(name, "module"))
        updating->module =
            arena_strf(tag.arena, "%.*s:%.*s", STR_ARG(attribute(tag, "name")), STR_ARG(attribute(tag, "stream")));
    return true;
}

static bool on_text(void *context, struct str text)
{
    struct updating *updating = context;
    if (updating->depth && updating->text.size + text.size <= TEXT_SIZE) buffer_str(&updating->text, text);
    return true;
}

/* Children of <update> with text. */
static void close_child(struct updating *updating, struct str name, struct str text)
{
    const struct {
        const char *name;
        struct str *member;
    } rows[] = {
        { "description", &updating->update.description },
        { "id", &updating->update.id },
        { "release", &updating->update.release },
        { "severity", &updating->update.severity },
        { "title", &updating->update.title },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(name, rows[i].name)) *rows[i].member = arena_str(updating->arena, text);
}

static bool on_close(void *context, struct str name)
{
    struct updating *updating = context;
    if (!updating->depth) return true;
    if (--updating->depth == 1) close_child(updating, name, str_trim(buffer_view(&updating->text)));
    updating->text.size = 0;
    if (updating->depth) return true;
    updating->run->counts[updating->run->current]++;
    if (feed_is_id(updating->update.id))
        updating->put(updating->context, updating->run, &updating->update);
    else
        feed_skip(updating->run, "an update without an identifier");
    return true;
}

static bool read_input(struct updating *updating, const struct feed_input *input, struct error *error)
{
    CLEANUP_STREAM struct stream *stream = feed_open(updating->run, input, error);
    if (!stream) return false;
    struct xml_handler handler = { updating, on_open, on_close, on_text };
    struct xml_reader *reader = xml_reader_new(&handler, arena_cstr(updating->run->arena, input->path), error);
    bool good = reader != NULL;
    for (bool ended = false; good && !ended;) {
        good =
            stream_fill(stream, &ended, error) && xml_reader_feed(reader, str_make(stream->data, stream->size), ended, error);
        stream_consume(stream, stream->size);
    }
    xml_reader_free(reader);
    return good;
}

bool updateinfo_read(struct feed_run *run, void (*put)(void *context, struct feed_run *run, const struct update *update),
                     void *context, struct error *error)
{
    struct updating updating = { .run = run, .put = put, .context = context, .error = error };
    bool good = true;
    for (run->current = 0; good && run->current < run->input_count; run->current += good)
        good = read_input(&updating, &run->inputs[run->current], error);
    if (good) run->current = 0;
    arena_free(updating.arena);
    buffer_free(&updating.text);
    return good;
}

void updateinfo_put_facts(struct feed_run *run, const struct update *update, struct str source)
{
    struct feed_fact fact = { .source = source, .severity = feed_severity(update->severity), .references = update->references };
    if (update->cves.count == 1) fact.description = update->description;
    for (size_t i = 0; i < update->cves.count; i++) {
        fact.id = update->cves.items[i];
        feed_put_fact(run, &fact);
    }
}
