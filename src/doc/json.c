#include "doc/doc.h"

void json_doc_cleanup(yyjson_doc **document)
{
    if (*document) yyjson_doc_free(*document);
    *document = NULL;
}

static void line_and_column(struct str text, size_t offset, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset && i < text.size; i++) {
        ++*column;
        if (text.data[i] == '\n') ++*line, *column = 1;
    }
}

/* Duplicate names of one object: by a small map when there are many. */
static bool has_duplicates(yyjson_val *object)
{
    size_t count = yyjson_obj_size(object);
    if (count < 2) return false;
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct map *seen = map_new(arena);
    JSON_MEMBERS (key, value, object) {
        struct str name = json_value_str(key);
        if (map_get(seen, name)) return true;
        map_set(seen, name, value);
    }
    return false;
}

static bool check_tree(yyjson_val *value, unsigned depth, bool unique, const char *what, struct error *error)
{
    if (!yyjson_is_ctn(value)) return true;
    if (depth >= JSON_DEPTH) return error_set(error, ERROR_LIMIT, "json-depth", "%s: nested deeper than %d", what, JSON_DEPTH);
    if (yyjson_is_arr(value)) {
        JSON_EACH (item, value)
            if (!check_tree(item, depth + 1, unique, what, error)) return false;
        return true;
    }
    if (unique && has_duplicates(value))
        return error_set(error, ERROR_INVALID, "json-duplicate", "%s: an object has the same member twice", what);
    JSON_MEMBERS (key, member, value)
        if (!check_tree(member, depth + 1, unique, what, error)) return false;
    return true;
}

static yyjson_doc *parse(struct str text, unsigned flags, const yyjson_alc *allocator, const char *what, struct error *error)
{
    yyjson_read_flag reading = YYJSON_READ_NOFLAG;
    if (flags & JSON_COMMENTS) reading |= YYJSON_READ_ALLOW_COMMENTS | YYJSON_READ_ALLOW_TRAILING_COMMAS;
    if (flags & JSON_INSITU) reading |= YYJSON_READ_INSITU;
    yyjson_read_err problem = { 0 };
    /* yyjson reads without recursion, so that nesting is judged afterwards. */
    yyjson_doc *document = yyjson_read_opts((char *)(text.data ? text.data : ""), text.size, reading, allocator, &problem);
    if (!document) {
        size_t line, column;
        line_and_column(text, problem.pos, &line, &column);
        error_set(error, ERROR_INVALID, "json-invalid", "%s is not valid JSON: %s at line %zu, column %zu", what, problem.msg,
                  line, column);
        return NULL;
    }
    if (!check_tree(yyjson_doc_get_root(document), 0, flags & JSON_STRICT, what, error)) {
        yyjson_doc_free(document);
        return NULL;
    }
    return document;
}

yyjson_doc *json_parse(struct str text, unsigned flags, const char *what, struct error *error)
{
    return parse(text, flags, NULL, what, error);
}

static void *allocate_in_arena(void *arena, size_t size) { return arena_alloc(arena, size); }

static void *grow_in_arena(void *arena, void *old, size_t old_size, size_t size)
{
    if (size <= old_size) return old;
    void *grown = arena_alloc(arena, size);
    if (old_size) memcpy(grown, old, old_size);
    return grown;
}

static void keep_in_arena(void *arena, void *memory) {}

static yyjson_doc *parse_in(struct arena *arena, struct str text, unsigned flags, const char *what, struct error *error)
{
    yyjson_alc allocator = { allocate_in_arena, grow_in_arena, keep_in_arena, arena };
    return parse(text, flags, &allocator, what, error);
}

yyjson_doc *json_parse_in(struct arena *arena, struct str text, const char *what, struct error *error)
{
    return parse_in(arena, text, 0, what, error);
}

yyjson_doc *json_parse_strict_in(struct arena *arena, struct str text, const char *what, struct error *error)
{
    return parse_in(arena, text, JSON_STRICT, what, error);
}

yyjson_val *json_get(yyjson_val *object, const char *key) { return yyjson_obj_get(object, key); }

struct str json_value_str(yyjson_val *value)
{
    return yyjson_is_str(value) ? str_make(yyjson_get_str(value), yyjson_get_len(value)) : (struct str){ 0 };
}

struct str json_str(yyjson_val *object, const char *key) { return json_value_str(json_get(object, key)); }

int64_t json_int(yyjson_val *object, const char *key, int64_t otherwise)
{
    yyjson_val *value = json_get(object, key);
    if (yyjson_is_sint(value)) return yyjson_get_sint(value);
    if (yyjson_is_uint(value) && yyjson_get_uint(value) <= (uint64_t)INT64_MAX) return (int64_t)yyjson_get_uint(value);
    return otherwise;
}

double json_real(yyjson_val *object, const char *key, double otherwise)
{
    yyjson_val *value = json_get(object, key);
    return yyjson_is_num(value) ? yyjson_get_num(value) : otherwise;
}

bool json_bool(yyjson_val *object, const char *key) { return yyjson_is_true(json_get(object, key)); }
