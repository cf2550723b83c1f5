/* TOML 1.0: keys, tables, arrays. The tree is built of nodes that remember how they came to be, since that decides who may
 * add to them. */
#include "doc/toml.h"

#define TEXT_LIMIT ((size_t)16 << 20)
#define MANY 16 /* members from which on a table is searched by a map */

enum node_kind {
    NODE_VALUE,
    NODE_TABLE,
    NODE_ARRAY
};

struct node {
    enum node_kind kind;
    struct str key;
    struct node *next;         /* among its siblings */
    struct node *first, *last; /* members or items */
    size_t count;
    struct map *index;
    yyjson_mut_val *value;
    bool defined; /* by a header of its own */
    bool dotted;  /* by a dotted key */
    bool closed;  /* inline: nothing may be added */
    bool tables;  /* an array of [[tables]] */
};

bool toml_refuse(struct toml_reader *reader, const char *why)
{
    size_t line = 1;
    for (size_t i = 0; i < reader->at && i < reader->text.size; i++)
        line += reader->text.data[i] == '\n';
    return error_set(reader->error, ERROR_INVALID, "toml-invalid", "%s, line %zu: %s", reader->what, line, why);
}

/* ---- the tree ---- */

static struct node *add(struct toml_reader *reader, struct node *parent, struct str key, enum node_kind kind)
{
    struct node *node = arena_alloc(reader->arena, sizeof *node);
    *node = (struct node){ .kind = kind, .key = key };
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    if (++parent->count == MANY && parent->kind == NODE_TABLE) {
        parent->index = map_new(reader->arena);
        for (struct node *member = parent->first; member; member = member->next)
            map_set(parent->index, member->key, member);
    } else if (parent->index) {
        map_set(parent->index, key, node);
    }
    return node;
}

static struct node *find(const struct node *table, struct str key)
{
    if (table->index) return map_get(table->index, key);
    for (struct node *member = table->first; member; member = member->next)
        if (str_equal(member->key, key)) return member;
    return NULL;
}

/* ---- blanks, comments, keys ---- */

static void skip_blanks(struct toml_reader *reader)
{
    while (toml_peek(reader) == ' ' || toml_peek(reader) == '\t')
        reader->at++;
}

static bool skip_comment(struct toml_reader *reader)
{
    if (toml_peek(reader) != '#') return true;
    for (int c; (c = toml_peek(reader)) >= 0 && c != '\n' && !toml_at(reader, "\r\n"); reader->at++)
        if ((c < ' ' && c != '\t') || c == 0x7f) return toml_refuse(reader, "a control character in a comment");
    return true;
}

static bool at_break(struct toml_reader *reader) { return toml_peek(reader) == '\n' || toml_at(reader, "\r\n"); }

/* Blanks, line breaks and comments: inside arrays. */
static bool skip_space(struct toml_reader *reader)
{
    for (;;) {
        skip_blanks(reader);
        if (toml_peek(reader) == '#') {
            if (!skip_comment(reader)) return false;
        } else if (at_break(reader)) {
            reader->at += toml_peek(reader) == '\n' ? 1 : 2;
        } else {
            return true;
        }
    }
}

static bool end_line(struct toml_reader *reader)
{
    skip_blanks(reader);
    if (!skip_comment(reader)) return false;
    return toml_peek(reader) < 0 || at_break(reader) || toml_refuse(reader, "something stands behind the value");
}

static bool is_bare(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

static bool read_simple_key(struct toml_reader *reader, struct str *key)
{
    int c = toml_peek(reader);
    if (c == '"' || c == '\'') return toml_read_string(reader, true, key);
    size_t start = reader->at;
    while (is_bare(toml_peek(reader)))
        reader->at++;
    *key = str_slice(reader->text, start, reader->at);
    return key->size || toml_refuse(reader, "a key is missing");
}

static bool read_key(struct toml_reader *reader, str_vector *parts)
{
    parts->count = 0;
    do {
        skip_blanks(reader);
        if (parts->count >= JSON_DEPTH) return toml_refuse(reader, "a key has too many parts");
        if (!read_simple_key(reader, vector_push(reader->arena, parts))) return false;
        skip_blanks(reader);
    } while (toml_peek(reader) == '.' && ++reader->at);
    return true;
}

/* ---- values ---- */

static bool read_pair(struct toml_reader *reader, yyjson_mut_doc *document, struct node *table);

static bool read_value(struct toml_reader *reader, yyjson_mut_doc *document, struct node *parent, struct str key);

static bool read_array(struct toml_reader *reader, yyjson_mut_doc *document, struct node *array)
{
    for (reader->at++;;) {
        if (!skip_space(reader)) return false;
        if (toml_peek(reader) == ']') break;
        if (!read_value(reader, document, array, (struct str){ 0 }) || !skip_space(reader)) return false;
        if (toml_peek(reader) == ']') break;
        if (toml_peek(reader) != ',') return toml_refuse(reader, "an array's items are parted by commas");
        reader->at++;
    }
    reader->at++;
    array->closed = true;
    return true;
}

static void close_all(struct node *table)
{
    table->closed = true;
    for (struct node *member = table->first; member; member = member->next)
        if (member->kind == NODE_TABLE && !member->closed) close_all(member);
}

static bool read_inline_table(struct toml_reader *reader, yyjson_mut_doc *document, struct node *table)
{
    reader->at++;
    skip_blanks(reader);
    while (toml_peek(reader) != '}' || table->count) {
        if (!read_pair(reader, document, table)) return false;
        skip_blanks(reader);
        if (toml_peek(reader) == '}') break;
        if (toml_peek(reader) != ',') return toml_refuse(reader, "an inline table's pairs are parted by commas");
        reader->at++;
    }
    reader->at++;
    close_all(table);
    return true;
}

static bool read_value(struct toml_reader *reader, yyjson_mut_doc *document, struct node *parent, struct str key)
{
    int c = toml_peek(reader);
    bool good;
    if (reader->depth >= JSON_DEPTH) return toml_refuse(reader, "values are nested too deeply");
    reader->depth++;
    if (c == '[') {
        good = read_array(reader, document, add(reader, parent, key, NODE_ARRAY));
    } else if (c == '{') {
        good = read_inline_table(reader, document, add(reader, parent, key, NODE_TABLE));
    } else {
        struct node *node = add(reader, parent, key, NODE_VALUE);
        struct str text;
        if (c == '"' || c == '\'') {
            good = toml_read_string(reader, false, &text);
            if (good) node->value = yyjson_mut_strn(document, text.data, text.size);
        } else {
            good = toml_read_word(reader, document, &node->value);
        }
    }
    reader->depth--;
    return good;
}

/* Dotted keys make tables, and add to those that dotted keys made; never to a table with a header or an inline one. */
static struct node *enter_dotted(struct toml_reader *reader, struct node *table, struct str key)
{
    struct node *found = find(table, key);
    if (!found) {
        found = add(reader, table, key, NODE_TABLE);
        found->dotted = true;
        return found;
    }
    if (found->kind != NODE_TABLE || found->closed || found->defined || !found->dotted) {
        toml_refuse(reader, "a dotted key adds to something that is complete");
        return NULL;
    }
    return found;
}

static bool read_pair(struct toml_reader *reader, yyjson_mut_doc *document, struct node *table)
{
    str_vector parts = { 0 };
    if (!read_key(reader, &parts)) return false;
    if (toml_peek(reader) != '=') return toml_refuse(reader, "a key has no = behind it");
    reader->at++;
    skip_blanks(reader);
    for (size_t i = 0; i + 1 < parts.count; i++)
        if (!(table = enter_dotted(reader, table, parts.items[i]))) return false;
    struct str key = parts.items[parts.count - 1];
    if (find(table, key)) return toml_refuse(reader, "a key is given twice");
    reader->depth += (unsigned)parts.count - 1;
    bool good = read_value(reader, document, table, key);
    reader->depth -= (unsigned)parts.count - 1;
    return good;
}

/* ---- headers ---- */

/* Headers pass through tables of any making but inline ones, and through the last table of an array of tables. */
static struct node *enter_header(struct toml_reader *reader, struct node *table, struct str key)
{
    struct node *found = find(table, key);
    if (!found) return add(reader, table, key, NODE_TABLE);
    if (found->kind == NODE_ARRAY && found->tables) return found->last;
    if (found->kind == NODE_TABLE && !found->closed) return found;
    toml_refuse(reader, "a table's name goes through something that is no table");
    return NULL;
}

static struct node *open_table(struct toml_reader *reader, struct node *table, struct str key)
{
    struct node *found = find(table, key);
    if (!found) found = add(reader, table, key, NODE_TABLE);
    if (found->kind != NODE_TABLE || found->closed || found->defined || found->dotted) {
        toml_refuse(reader, "a table is given twice");
        return NULL;
    }
    found->defined = true;
    return found;
}

static struct node *open_array_table(struct toml_reader *reader, struct node *table, struct str key)
{
    struct node *found = find(table, key);
    if (!found) {
        found = add(reader, table, key, NODE_ARRAY);
        found->tables = true;
    }
    if (found->kind != NODE_ARRAY || !found->tables) {
        toml_refuse(reader, "an array of tables has the name of something else");
        return NULL;
    }
    struct node *item = add(reader, found, (struct str){ 0 }, NODE_TABLE);
    item->defined = true;
    return item;
}

static struct node *read_header(struct toml_reader *reader, struct node *root)
{
    str_vector parts = { 0 };
    bool array = toml_at(reader, "[[");
    reader->at += array ? 2 : 1;
    if (!read_key(reader, &parts)) return NULL;
    if (!toml_at(reader, array ? "]]" : "]")) {
        toml_refuse(reader, "a table's name does not end with a bracket");
        return NULL;
    }
    reader->at += array ? 2 : 1;
    struct node *table = root;
    reader->depth = (unsigned)parts.count;
    for (size_t i = 0; i + 1 < parts.count; i++)
        if (!(table = enter_header(reader, table, parts.items[i]))) return NULL;
    struct str key = parts.items[parts.count - 1];
    return array ? open_array_table(reader, table, key) : open_table(reader, table, key);
}

static bool read_document(struct toml_reader *reader, yyjson_mut_doc *document, struct node *root)
{
    struct node *table = root;
    if (str_starts(reader->text, "\xef\xbb\xbf")) reader->at = 3;
    for (;;) {
        if (!skip_space(reader)) return false;
        if (toml_peek(reader) < 0) return true;
        if (toml_peek(reader) == '[') {
            if (!(table = read_header(reader, root))) return false;
        } else if (!read_pair(reader, document, table)) {
            return false;
        }
        if (!end_line(reader)) return false;
    }
}

/* As deep as keys and values may be nested together. */
static yyjson_mut_val *build(yyjson_mut_doc *document, const struct node *node)
{
    if (node->kind == NODE_VALUE) return node->value;
    yyjson_mut_val *value = node->kind == NODE_TABLE ? yyjson_mut_obj(document) : yyjson_mut_arr(document);
    for (const struct node *member = node->first; member; member = member->next) {
        yyjson_mut_val *child = build(document, member);
        if (node->kind == NODE_TABLE)
            yyjson_mut_obj_add(value, yyjson_mut_strn(document, member->key.data, member->key.size), child);
        else
            yyjson_mut_arr_append(value, child);
    }
    return value;
}

yyjson_doc *toml_parse(struct str text, const char *what, struct error *error)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct toml_reader reader = { .arena = arena, .what = what, .text = text, .error = error };
    struct node root = { .kind = NODE_TABLE };
    if (text.size > TEXT_LIMIT) return error_set(error, ERROR_LIMIT, "toml-too-large", "%s is larger than 16 MiB", what), NULL;
    if (!str_valid_utf8(text)) return error_set(error, ERROR_INVALID, "toml-invalid", "%s is not UTF-8", what), NULL;
    yyjson_mut_doc *document = yyjson_mut_doc_new(NULL);
    yyjson_doc *result = NULL;
    if (document && read_document(&reader, document, &root)) {
        yyjson_mut_doc_set_root(document, build(document, &root));
        result = yyjson_mut_doc_imut_copy(document, NULL);
        if (!result) error_set(error, ERROR_INTERNAL, "toml-memory", "%s: out of memory", what);
    }
    yyjson_mut_doc_free(document);
    return result;
}
