/* The door of room `doc`: structured data, read with limits and positions, written canonically. */
#ifndef DOC_DOC_H
#define DOC_DOC_H

#include <yyjson.h>
#include "base/base.h"

/* ---- JSON (RFC 8259), on yyjson ---- */

#define JSON_DEPTH 64 /* default nesting limit */

enum json_flags {
    JSON_STRICT = 1,   /* refuse duplicate member names (I-JSON, RFC 7493) */
    JSON_COMMENTS = 2, /* allow comments and trailing commas (bun.lock, some feeds) */
    JSON_INSITU = 4,   /* text is writable with YYJSON_PADDING_SIZE spare bytes behind it, and outlives the document */
};

/* NULL with an error that names line and column. Free with yyjson_doc_free. Invalid UTF-8, a second value behind the first
 * and nesting over JSON_DEPTH are refused. `what` names the input in messages. */
yyjson_doc *json_parse(struct str text, unsigned flags, const char *what, struct error *error);

/* The same, not strict, with the document in the arena: not to be freed, values and strings live as long as it. */
yyjson_doc *json_parse_in(struct arena *arena, struct str text, const char *what, struct error *error);
/* As json_parse_in, and strict: duplicate member names are refused. */
yyjson_doc *json_parse_strict_in(struct arena *arena, struct str text, const char *what, struct error *error);

void json_doc_cleanup(yyjson_doc **document);
#define CLEANUP_JSON __attribute__((cleanup(json_doc_cleanup)))

/* Members of an object, forgiving: absent or of another type gives the empty value. Strings are views into the document. */
yyjson_val *json_get(yyjson_val *object, const char *key);
struct str json_str(yyjson_val *object, const char *key);
struct str json_value_str(yyjson_val *value);
int64_t json_int(yyjson_val *object, const char *key, int64_t otherwise);
double json_real(yyjson_val *object, const char *key, double otherwise);
bool json_bool(yyjson_val *object, const char *key);
/* for (size_t i = 0; …) over an array: JSON_EACH(value, array) { … } */
#define JSON_EACH(item, array)                                                                                \
    for (yyjson_arr_iter iter_##item = yyjson_arr_iter_with(array), *once_##item = &iter_##item; once_##item; \
         once_##item = NULL)                                                                                  \
        for (yyjson_val * item; (item = yyjson_arr_iter_next(&iter_##item));)
/* Over an object: JSON_MEMBERS(key, value, object) { … } with key, value of type yyjson_val * */
#define JSON_MEMBERS(key, value, object)                                                                                      \
    for (yyjson_obj_iter iter_##key = yyjson_obj_iter_with(object), *once_##key = &iter_##key; once_##key; once_##key = NULL) \
        for (yyjson_val * key, *value; (key = yyjson_obj_iter_next(&iter_##key)) && (value = yyjson_obj_iter_get_val(key), 1);)

/* Streaming writer: canonical order is the caller's; indent 2 with ": " or none; '<', '>' and '&' as they are; text that is
 * not UTF-8 gets U+FFFD. */
struct json_writer {
    struct buffer *out;
    unsigned indent; /* spaces a level; 0: compact */
    unsigned depth;
    bool comma, after_key;
};
void json_open(struct json_writer *writer, char bracket);  /* '{' or '[' */
void json_close(struct json_writer *writer, char bracket); /* '}' or ']' */
void json_key(struct json_writer *writer, const char *key);
void json_key_str(struct json_writer *writer, struct str key);
void json_put_str(struct json_writer *writer, struct str value);
void json_put_text(struct json_writer *writer, const char *value);
void json_put_int(struct json_writer *writer, int64_t value);
void json_put_real(struct json_writer *writer, double value); /* shortest text that reads back the same */
void json_put_bool(struct json_writer *writer, bool value);
void json_put_null(struct json_writer *writer);
/* A value of a parsed document, members in its order. */
void json_put_value(struct json_writer *writer, yyjson_val *value);
/* Members that are left out when empty, zero or false. */
void json_member_str(struct json_writer *writer, const char *key, struct str value);
void json_member_int(struct json_writer *writer, const char *key, int64_t value);
void json_member_bool(struct json_writer *writer, const char *key, bool value);
void json_member_strings(struct json_writer *writer, const char *key, const str_vector *values);

/* ---- stanzas: "Field: value" paragraphs (deb822) ---- */

struct stanza_field {
    struct str name, value; /* value: first line trimmed; continuation lines follow with their LF and first blank kept */
};
typedef VECTOR(struct stanza_field) stanza;

/* The next paragraph of *text; fields are views. False at the end. Lines that are no field are counted in *malformed
 * (may be NULL) and skipped. */
bool stanza_next(struct arena *arena, struct str *text, stanza *fields, size_t *malformed);
/* By name, any case; empty when absent. */
struct str stanza_get(const stanza *fields, const char *name);

/* ---- XML as events, on libxml2 (SAX2): no entities, no DTD, no network ---- */

struct xml_attribute {
    struct str name, value; /* local name; value with character references resolved */
};

struct xml_handler {
    void *context;
    /* Local names without prefix. Return false to stop with context's own error. */
    bool (*open)(void *context, struct str name, const struct xml_attribute *attributes, size_t count);
    bool (*close)(void *context, struct str name);
    bool (*text)(void *context, struct str text); /* may come in pieces */
};

/* Loads libxml2 now: do so before a child is confined. The first reader does it otherwise. */
bool xml_load(struct error *error);
struct xml_reader;
struct xml_reader *xml_reader_new(const struct xml_handler *handler, const char *what, struct error *error);
bool xml_reader_feed(struct xml_reader *reader, struct str data, bool last, struct error *error);
void xml_reader_free(struct xml_reader *reader);
struct str xml_attribute_get(const struct xml_attribute *attributes, size_t count, const char *name);

/* ---- TOML 1.0, as a tree of JSON values ---- */

/* Date-times become strings. Free with yyjson_doc_free; the error names the line. */
yyjson_doc *toml_parse(struct str text, const char *what, struct error *error);

/* ---- YAML 1.2, on libfyaml, as a tree of JSON values ---- */

/* Core schema; unquoted dates stay strings; anchors resolved with a bound on growth; several documents: the first. */
yyjson_doc *yaml_parse(struct str text, const char *what, struct error *error);
/* The same, but what is neither null nor a list or mapping is a text, letter by letter: 00123 and 1.10 stay what they are. */
yyjson_doc *yaml_parse_texts(struct str text, const char *what, struct error *error);

/* ---- bbolt: the file format of Trivy's and containerd's databases (read only) ---- */

struct bbolt;
struct bbolt_bucket {
    uint64_t root;      /* page; 0: inline */
    struct str inlined; /* page bytes of an inline bucket */
};

/* Maps the file. Takes the valid meta page with the higher transaction; none: ERROR_INVALID. */
struct bbolt *bbolt_open(const char *path, struct error *error);
void bbolt_close(struct bbolt *file);
struct bbolt_bucket bbolt_root(const struct bbolt *file);
/* 1 found, 0 absent, -1 error (damaged). Views into the map. */
int bbolt_get(struct bbolt *file, struct bbolt_bucket bucket, struct str key, struct str *value, struct error *error);
int bbolt_get_bucket(struct bbolt *file, struct bbolt_bucket bucket, struct str key, struct bbolt_bucket *child,
                     struct error *error);
/* Visits keys in order; is_bucket with `child` set, or value. The visitor returns false to stop. */
bool bbolt_each(struct bbolt *file, struct bbolt_bucket bucket,
                bool (*visit)(void *context, struct str key, bool is_bucket, struct bbolt_bucket child, struct str value),
                void *context, struct error *error);

#endif
