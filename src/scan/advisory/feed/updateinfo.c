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

/* An attribute that lives as long as the open update. */
static struct str attribute(const struct updating *updating, struct feed_tag tag, const char *name)
{
    return arena_str(updating->arena, feed_attribute(tag, name));
}

static bool open_package(struct updating *updating, struct feed_tag tag)
{
    if (updating->update.packages.count >= PACKAGE_LIMIT)
        return error_set(updating->error, ERROR_LIMIT, "feed-update-size", "an update has more than %d packages",
                         PACKAGE_LIMIT);
    struct update_package package = { .name = attribute(updating, tag, "name"),
                                      .arch = attribute(updating, tag, "arch"),
                                      .module = updating->module };
    package.evr = feed_evr(updating->arena, attribute(updating, tag, "epoch"), attribute(updating, tag, "version"),
                           attribute(updating, tag, "release"));
    if (!str_empty(package.name) && !str_empty(package.evr))
        *vector_push(updating->arena, &updating->update.packages) = package;
    return true;
}

static void open_reference(struct updating *updating, struct feed_tag tag)
{
    struct str id = attribute(updating, tag, "id"), type = attribute(updating, tag, "type");
    if (str_is(type, "cve") || feed_is_cve(id)) {
        if (feed_is_cve(id) && !str_vector_has(&updating->update.cves, id))
            *vector_push(updating->arena, &updating->update.cves) = id;
    } else {
        *vector_push(updating->arena, &updating->update.references) = attribute(updating, tag, "href");
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
        updating->update.type = attribute(updating, (struct feed_tag){ attributes, count }, "type");
        updating->depth = 1;
        return true;
    }
    if (!updating->depth) return true;
    updating->depth++;
    struct feed_tag tag = { attributes, count };
    if (str_is(name, "package")) return open_package(updating, tag);
    if (str_is(name, "reference"))
        open_reference(updating, tag);
    else if (str_is(name, "collection"))
        *vector_push(updating->arena, &updating->update.collections) = attribute(updating, tag, "short"),
                                      updating->module = (struct str){ 0 };
    else if (str_is(name, "module"))
        updating->module = arena_strf(updating->arena, "%.*s:%.*s", STR_ARG(attribute(updating, tag, "name")),
                                      STR_ARG(attribute(updating, tag, "stream")));
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

bool updateinfo_read(struct feed_run *run, void (*put)(void *context, struct feed_run *run, const struct update *update),
                     void *context, struct error *error)
{
    struct updating updating = { .run = run, .put = put, .context = context, .error = error };
    struct xml_handler handler = { &updating, on_open, on_close, on_text };
    bool good = true;
    for (run->current = 0; good && run->current < run->input_count; run->current += good)
        good = feed_read_xml(run, &run->inputs[run->current], &handler, error);
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
