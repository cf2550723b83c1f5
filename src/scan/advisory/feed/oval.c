#include "scan/advisory/feed/oval.h"

#define DEPTH_LIMIT 32
#define NODE_LIMIT 20000000
#define TEXT_SIZE ((size_t)64 << 10)

struct oval_link {
    struct str object, state;
};

struct oval_state {
    struct str evr, operation, arch;
    bool signature;
};

struct reading {
    struct oval *oval;
    struct arena *arena;
    bool (*wanted)(struct str id, struct str class);
    struct error *error;
    struct oval_definition *definition; /* open and wanted */
    bool in_metadata;
    struct oval_node *stack[DEPTH_LIMIT];
    size_t depth, nodes;
    struct oval_link *test;
    struct str object; /* id of the open object */
    struct oval_state *state;
    struct oval_cve *cve;
    struct buffer text;
};

/* The same names, versions and comments come thousands of times. */
static struct str shared(struct reading *reading, struct str text)
{
    struct str *kept = map_get(reading->oval->texts, text);
    if (kept) return *kept;
    kept = arena_alloc(reading->arena, sizeof *kept);
    *kept = arena_str(reading->arena, text);
    map_set(reading->oval->texts, *kept, kept);
    return *kept;
}

/* ---- opening tags ---- */

static void open_definition(struct reading *reading, struct feed_tag tag)
{
    struct str id = feed_attribute(tag, "id"), class = feed_attribute(tag, "class");
    reading->definition = NULL;
    reading->depth = 0;
    if (reading->wanted && !reading->wanted(id, class)) return;
    reading->definition = vector_push(reading->arena, &reading->oval->definitions);
    reading->definition->id = arena_str(reading->arena, id);
    reading->definition->class = shared(reading, class);
}

static struct oval_node *add_node(struct reading *reading)
{
    struct oval_node *node = arena_alloc(reading->arena, sizeof *node),
                     *parent = reading->depth ? reading->stack[reading->depth - 1] : NULL;
    struct oval_node **place = parent ? &parent->children : &reading->definition->criteria;
    node->next = *place; /* newest first: order means nothing here */
    *place = node;
    return node;
}

static bool open_criteria(struct reading *reading, struct feed_tag tag)
{
    if (!reading->definition) return true;
    if (reading->depth == DEPTH_LIMIT)
        return error_set(reading->error, ERROR_LIMIT, "feed-oval-depth", "criteria are nested deeper than %d", DEPTH_LIMIT);
    struct oval_node *node = add_node(reading);
    node->any = str_is_nocase(feed_attribute(tag, "operator"), "or");
    reading->stack[reading->depth++] = node;
    return true;
}

static bool open_criterion(struct reading *reading, struct feed_tag tag)
{
    if (!reading->definition) return true;
    if (++reading->nodes > NODE_LIMIT)
        return error_set(reading->error, ERROR_LIMIT, "feed-oval-size", "more than %d criteria", NODE_LIMIT);
    struct oval_node *node = add_node(reading);
    node->leaf = true;
    node->comment = shared(reading, feed_attribute(tag, "comment"));
    node->test = shared(reading, feed_attribute(tag, "test_ref"));
    return true;
}

static void open_reference(struct reading *reading, struct feed_tag tag)
{
    *vector_push(reading->arena, &reading->definition->references) =
        (struct oval_reference){ shared(reading, feed_attribute(tag, "source")),
                                 arena_str(reading->arena, feed_attribute(tag, "ref_id")),
                                 arena_str(reading->arena, feed_attribute(tag, "ref_url")) };
}

static void open_cve(struct reading *reading, struct feed_tag tag)
{
    reading->cve = vector_push(reading->arena, &reading->definition->cves);
    *reading->cve = (struct oval_cve){ .impact = shared(reading, feed_attribute(tag, "impact")),
                                       .cvss2 = shared(reading, feed_attribute(tag, "cvss2")),
                                       .cvss3 = shared(reading, feed_attribute(tag, "cvss3")),
                                       .cwe = shared(reading, feed_attribute(tag, "cwe")) };
}

static void open_test(struct reading *reading, struct feed_tag tag)
{
    reading->test = arena_alloc(reading->arena, sizeof *reading->test);
    map_set(reading->oval->tests, shared(reading, feed_attribute(tag, "id")), reading->test);
}

static void open_state(struct reading *reading, struct feed_tag tag)
{
    reading->state = arena_alloc(reading->arena, sizeof *reading->state);
    map_set(reading->oval->states, shared(reading, feed_attribute(tag, "id")), reading->state);
}

static bool on_open(void *context, struct str name, const struct xml_attribute *attributes, size_t count)
{
    struct reading *reading = context;
    struct feed_tag tag = { attributes, count };
    reading->text.size = 0;
    if (str_is(name, "criterion")) return open_criterion(reading, tag);
    if (str_is(name, "criteria")) return open_criteria(reading, tag);
    if (str_is(name, "definition"))
        open_definition(reading, tag);
    else if (str_is(name, "metadata"))
        reading->in_metadata = true;
    else if (reading->definition && reading->in_metadata && str_is(name, "reference"))
        open_reference(reading, tag);
    else if (reading->definition && reading->in_metadata && str_is(name, "cve"))
        open_cve(reading, tag);
    else if (reading->definition && reading->in_metadata && str_is(name, "resolution"))
        reading->definition->state = shared(reading, feed_attribute(tag, "state"));
    else if (str_is(name, "rpminfo_test"))
        open_test(reading, tag);
    else if (reading->test && str_is(name, "object"))
        reading->test->object = shared(reading, feed_attribute(tag, "object_ref"));
    else if (reading->test && str_is(name, "state"))
        reading->test->state = shared(reading, feed_attribute(tag, "state_ref"));
    else if (str_is(name, "rpminfo_object"))
        reading->object = shared(reading, feed_attribute(tag, "id"));
    else if (str_is(name, "rpminfo_state"))
        open_state(reading, tag);
    else if (reading->state && (str_is(name, "evr") || str_is(name, "version")))
        reading->state->operation = shared(reading, feed_attribute(tag, "operation"));
    return true;
}

/* ---- texts, at the closing tag ---- */

static bool on_text(void *context, struct str text)
{
    struct reading *reading = context;
    if (reading->text.size + text.size <= TEXT_SIZE) buffer_str(&reading->text, text);
    return true;
}

static void close_metadata_child(struct reading *reading, struct str name, struct str text)
{
    struct oval_definition *definition = reading->definition;
    struct arena *arena = reading->arena;
    if (str_is(name, "title"))
        definition->title = arena_str(arena, text);
    else if (str_is(name, "description"))
        definition->description = arena_str(arena, text);
    else if (str_is(name, "severity"))
        definition->severity = shared(reading, text);
    else if (str_is(name, "patchable"))
        definition->patchable = shared(reading, text);
    else if (str_is(name, "cpe") && text.size)
        *vector_push(arena, &definition->cpes) = shared(reading, text);
    else if (str_is(name, "platform") && text.size)
        *vector_push(arena, &definition->platforms) = shared(reading, text);
    else if (str_is(name, "cve") && reading->cve)
        reading->cve->id = shared(reading, text);
}

static void close_state_child(struct reading *reading, struct str name, struct str text)
{
    if (str_is(name, "evr"))
        reading->state->evr = shared(reading, text);
    else if (str_is(name, "version"))
        reading->state->operation = STR("version"); /* a product's, not a package's */
    else if (str_is(name, "arch"))
        reading->state->arch = shared(reading, text);
    else if (str_is(name, "signature_keyid"))
        reading->state->signature = true;
}

static bool on_close(void *context, struct str name)
{
    struct reading *reading = context;
    struct str text = str_trim(buffer_view(&reading->text));
    if (str_is(name, "definition"))
        reading->definition = NULL;
    else if (str_is(name, "metadata"))
        reading->in_metadata = false;
    else if (str_is(name, "criteria") && reading->depth)
        reading->depth--;
    else if (reading->definition && reading->in_metadata)
        close_metadata_child(reading, name, text);
    else if (str_is(name, "rpminfo_test"))
        reading->test = NULL;
    else if (str_is(name, "rpminfo_object"))
        reading->object = (struct str){ 0 };
    else if (str_is(name, "rpminfo_state"))
        reading->state = NULL;
    else if (reading->state)
        close_state_child(reading, name, text);
    else if (!str_empty(reading->object) && str_is(name, "name"))
        map_set(reading->oval->objects, reading->object, arena_cstr(reading->arena, text));
    else if (str_is(name, "timestamp") && str_empty(reading->oval->timestamp))
        reading->oval->timestamp = arena_str(reading->arena, text);
    reading->text.size = 0;
    return true;
}

/* ---- the story ---- */

/* "2023-07-31T07:13:59", with or without a zone */
static void note_date(struct feed_run *run, struct str timestamp)
{
    if (timestamp.size < 10) return;
    struct str date = arena_str(run->arena, str_to(timestamp, 10));
    if (str_compare(date, run->as_of) > 0) run->as_of = date;
}

bool oval_read(struct feed_run *run, const struct feed_input *input, struct oval *oval,
               bool (*wanted)(struct str id, struct str class), struct error *error)
{
    *oval = (struct oval){ .run = run,
                           .tests = map_new(run->arena),
                           .objects = map_new(run->arena),
                           .states = map_new(run->arena),
                           .texts = map_new(run->arena) };
    struct reading reading = { .oval = oval, .arena = run->arena, .wanted = wanted, .error = error };
    struct xml_handler handler = { &reading, on_open, on_close, on_text };
    bool good = feed_read_xml(run, input, &handler, error);
    buffer_free(&reading.text);
    note_date(run, oval->timestamp);
    return good;
}

static bool read_comment(struct str comment, struct oval_test *resolved)
{
    struct str words[5] = { { 0 } }, earlier[] = { STR("is"), STR("earlier"), STR("than") };
    for (size_t i = 0; i < 5; i++)
        words[i] = str_word(&comment);
    for (size_t i = 0; i < 3; i++)
        if (!str_equal(words[i + 1], earlier[i])) return false;
    *resolved = (struct oval_test){ .name = words[0], .evr = words[4], .operation = STR("less than") };
    return !str_empty(words[4]) && str_empty(str_word(&comment));
}

bool oval_resolve(const struct oval *oval, const struct oval_node *leaf, struct oval_test *resolved)
{
    const struct oval_link *link = map_get(oval->tests, leaf->test);
    if (!link) return read_comment(leaf->comment, resolved);
    const char *name = map_get(oval->objects, link->object);
    if (!name) return false;
    const struct oval_state *state = str_empty(link->state) ? NULL : map_get(oval->states, link->state);
    *resolved = (struct oval_test){ .name = str_of(name) };
    if (!state) return true;
    resolved->evr = state->evr;
    resolved->operation = state->operation;
    resolved->arch = state->arch;
    resolved->signature = state->signature;
    return true;
}

void oval_arches(struct arena *arena, struct str pattern, str_vector *arches)
{
    pattern = str_trim_set(pattern, "()^$");
    while (pattern.data && pattern.size) {
        struct str arch = str_trim(str_cut(&pattern, '|'));
        if (!str_empty(arch)) *vector_push(arena, arches) = arch;
    }
    str_vector_sort_unique(arches);
}

void oval_cvss(struct feed_fact *fact, struct str text)
{
    double score = 0;
    struct str number = str_cut(&text, '/');
    if (str_to_double(number, &score) && !str_empty(text)) feed_fact_cvss(fact, text, score);
}
