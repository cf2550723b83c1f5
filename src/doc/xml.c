/* XML as events: libxml2's push parser with its SAX2 interface, loaded on first use.
 *
 * Entities are never expanded: a document type declaration with an internal subset is refused, so that neither external
 * entities nor the "billion laughs" can occur; the five predefined entities and character references remain. */
#include "doc/doc.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

#define XML_DEPTH 128
#define XML_ATTRIBUTES 64
#define XML_VALUE_LIMIT ((size_t)1 << 20)

static xmlParserCtxtPtr (*create_parser)(xmlSAXHandlerPtr, void *, const char *, int, const char *);
static int (*parse_chunk)(xmlParserCtxtPtr, const char *, int, int);
static void (*free_parser)(xmlParserCtxtPtr);
static void (*stop_parser)(xmlParserCtxtPtr);
static int (*use_options)(xmlParserCtxtPtr, int);
static const xmlError *(*last_error)(void *);
static void (*init_parser)(void);

static struct library xml_library = {
    .soname = "libxml2.so.2",
    .package = "libxml2",
    .purpose = "reading feeds in XML (OVAL, updateinfo)",
    .symbols =
        (const struct library_symbol[]){
            { "xmlCreatePushParserCtxt", (void **)&create_parser },
            { "xmlCtxtGetLastError", (void **)&last_error },
            { "xmlCtxtUseOptions", (void **)&use_options },
            { "xmlFreeParserCtxt", (void **)&free_parser },
            { "xmlInitParser", (void **)&init_parser },
            { "xmlParseChunk", (void **)&parse_chunk },
            { "xmlStopParser", (void **)&stop_parser },
            { NULL, NULL },
        },
};

/* The library compares every attribute of an element with all before it, and tells us of them when that is done: a tag with
 * half a million keeps it busy for minutes. So what may become a value is counted before it sees it: '=' and a quote. A tag
 * holds no second '<', not even in a value, so whatever the library takes for one, also behind an error or in what we would
 * call a comment, its values stand between two of them. Texts may quote some too: hence the room above XML_ATTRIBUTES. */
#define XML_VALUES 2048

struct value_counter {
    bool behind_equals; /* and blanks at most */
    unsigned values;    /* since the last '<' */
};

/* False: more values than one element may have. */
static bool count_values(struct value_counter *counter, struct str data)
{
    for (const char *c = data.data, *end = c + data.size; c < end; c++) {
        if (*c == '<') {
            *counter = (struct value_counter){ 0 };
        } else if (*c == '=') {
            counter->behind_equals = true;
        } else if (counter->behind_equals && *c != ' ' && *c != '\t' && *c != '\n' && *c != '\r') {
            counter->behind_equals = false;
            if ((*c == '"' || *c == '\'') && ++counter->values > XML_VALUES) return false;
        }
    }
    return true;
}

/* ASCII must be what it looks like, or what is counted is not what the library reads: it goes by the first bytes, which are
 * others in UTF-16, UTF-32 and EBCDIC. What the declaration says is not followed (XML_PARSE_IGNORE_ENC): all feeds are UTF-8.
 */
static bool has_ascii(struct str data, bool first)
{
    if (data.size && memchr(data.data, 0, data.size)) return false;
    return !first || !data.size || strchr("<\xef \t\r\n", data.data[0]);
}

struct xml_reader {
    struct xml_handler handler;
    xmlParserCtxtPtr parser;
    char what[200];
    unsigned depth;
    bool stopped; /* the handler gave up */
    bool refused; /* we did: `problem` says why */
    const char *problem_id, *problem;
    bool begun;
    struct value_counter counter;
};

static void refuse(struct xml_reader *reader, const char *id, const char *problem)
{
    if (!reader->refused) reader->problem_id = id, reader->problem = problem;
    reader->refused = true;
    stop_parser(reader->parser);
}

static void stop(struct xml_reader *reader)
{
    reader->stopped = true;
    stop_parser(reader->parser);
}

/* libxml2 hands attributes as (name, prefix, URI, value, end) with entities resolved. */
static void on_open(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
                    const xmlChar **namespaces, int count, int defaulted, const xmlChar **raw)
{
    struct xml_reader *reader = context;
    struct xml_attribute attributes[XML_ATTRIBUTES];
    if (reader->stopped || reader->refused) return;
    if (++reader->depth > XML_DEPTH) return refuse(reader, "xml-depth", "it is nested too deeply");
    if (count > XML_ATTRIBUTES) return refuse(reader, "xml-attributes", "an element has too many attributes");
    for (int i = 0; i < count; i++) {
        const xmlChar **one = raw + (ptrdiff_t)i * 5;
        size_t size = (size_t)(one[4] - one[3]);
        if (size > XML_VALUE_LIMIT) return refuse(reader, "xml-value-size", "an attribute is too long");
        attributes[i] = (struct xml_attribute){ str_of((const char *)one[0]), str_make(one[3], size) };
    }
    if (reader->handler.open &&
        !reader->handler.open(reader->handler.context, str_of((const char *)name), attributes, (size_t)count))
        stop(reader);
}

static void on_close(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml_reader *reader = context;
    if (reader->stopped || reader->refused) return;
    reader->depth--;
    if (reader->handler.close && !reader->handler.close(reader->handler.context, str_of((const char *)name))) stop(reader);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    struct xml_reader *reader = context;
    if (reader->stopped || reader->refused) return;
    if (reader->handler.text && !reader->handler.text(reader->handler.context, str_make(text, (size_t)size))) stop(reader);
}

static void on_subset(void *context, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    refuse(context, "xml-doctype", "it declares a document type, which is never needed and can be abused");
}

static void on_entity(void *context, const xmlChar *name, int type, const xmlChar *public_id, const xmlChar *system_id,
                      xmlChar *content)
{
    refuse(context, "xml-doctype", "it declares an entity, which is never needed and can be abused");
}

/* Messages are read from the parser afterwards; nothing is printed. */
static void on_message(void *context, const xmlError *error) {}

bool xml_load(struct error *error) { return library_load(&xml_library, error); }

struct xml_reader *xml_reader_new(const struct xml_handler *handler, const char *what, struct error *error)
{
    if (!xml_load(error)) return NULL;
    init_parser();
    struct xml_reader *reader = memory_alloc(sizeof *reader);
    *reader = (struct xml_reader){ .handler = *handler };
    snprintf(reader->what, sizeof reader->what, "%s", what);
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_open,
        .endElementNs = on_close,
        .characters = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_subset,
        .externalSubset = on_subset,
        .entityDecl = on_entity,
        .serror = (xmlStructuredErrorFunc)on_message,
    };
    reader->parser = create_parser(&sax, reader, NULL, 0, NULL);
    if (!reader->parser) {
        free(reader);
        error_set(error, ERROR_INTERNAL, "xml-start", "the XML parser cannot be started");
        return NULL;
    }
    use_options(reader->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    return reader;
}

bool xml_reader_feed(struct xml_reader *reader, struct str data, bool last, struct error *error)
{
    while (data.size && !reader->stopped && !reader->refused) {
        size_t size = data.size < ((size_t)1 << 20) ? data.size : (size_t)1 << 20;
        bool ascii = has_ascii(str_to(data, size), !reader->begun);
        reader->begun = true;
        if (!ascii) refuse(reader, "xml-encoding", "it is not in UTF-8");
        if (ascii && !count_values(&reader->counter, str_to(data, size)))
            refuse(reader, "xml-attributes", "an element has too many attributes");
        if (reader->refused) break;
        if (parse_chunk(reader->parser, data.data, (int)size, 0) != 0) break;
        data = str_from(data, size);
    }
    bool stopped = reader->stopped || reader->refused;
    int code = 0;
    if (!stopped && !data.size && last) code = parse_chunk(reader->parser, "", 0, 1);
    if (reader->refused)
        return error_set(error, ERROR_INVALID, reader->problem_id, "%s is refused: %s", reader->what, reader->problem);
    if (reader->stopped) return false; /* the handler has set the error */
    if (!data.size && code == 0) return true;
    const xmlError *problem = last_error(reader->parser);
    struct str message = str_trim(str_of(problem && problem->message ? problem->message : "it ends early"));
    return error_set(error, ERROR_INVALID, "xml-invalid", "%s is not valid XML: %.*s at line %d", reader->what,
                     STR_ARG(message), problem ? problem->line : 0);
}

void xml_reader_free(struct xml_reader *reader)
{
    if (!reader) return;
    free_parser(reader->parser);
    free(reader);
}

struct str xml_attribute_get(const struct xml_attribute *attributes, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(attributes[i].name, name)) return attributes[i].value;
    return (struct str){ 0 };
}
