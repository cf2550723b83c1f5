/* YAML 1.2, core schema, on libfyaml: the first document as a JSON tree. Aliases are followed by us, with a bound on what they
 * may grow to. */
#include "doc/doc.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>

#define NODE_LIMIT 1000000
#define TEXT_LIMIT ((size_t)16 << 20)
#define ANSWER_LIMIT ((size_t)128 << 20)
#define CPU_SECONDS 10
#define PATIENCE (30 * SECOND)

struct conversion {
    yyjson_mut_doc *out;
    const char *what;
    struct error *error;
    size_t nodes;
    bool texts; /* plain scalars but null stay as they are written */
};

static bool refuse(struct conversion *conversion, enum error_kind kind, const char *why)
{
    return error_set(conversion->error, kind, "yaml-invalid", "%s: %s", conversion->what, why);
}

/* Core schema (YAML 1.2.2 §10.3): null, true/false, integers, floats; everything else is text. */
static yyjson_mut_val *plain_scalar(struct conversion *conversion, struct str text)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const trues[] = { "true", "True", "TRUE" }, *const falses[] = { "false", "False", "FALSE" };
    int64_t number;
    double real;
    for (size_t i = 0; i < 5; i++)
        if (str_is(text, nulls[i])) return yyjson_mut_null(conversion->out);
    if (conversion->texts) return yyjson_mut_strncpy(conversion->out, text.data, text.size);
    for (size_t i = 0; i < 3; i++) {
        if (str_is(text, trues[i])) return yyjson_mut_bool(conversion->out, true);
        if (str_is(text, falses[i])) return yyjson_mut_bool(conversion->out, false);
    }
    if (str_to_i64(str_starts(text, "+") ? str_from(text, 1) : text, &number)) return yyjson_mut_sint(conversion->out, number);
    bool dotted = str_find(text, '.') >= 0 || str_find(text, 'e') >= 0;
    if (dotted && str_find(text, ':') < 0 && str_to_double(text, &real)) return yyjson_mut_real(conversion->out, real);
    return yyjson_mut_strncpy(conversion->out, text.data ? text.data : "", text.size);
}

static yyjson_mut_val *convert(struct conversion *conversion, struct fy_node *node, unsigned depth);

static yyjson_mut_val *convert_sequence(struct conversion *conversion, struct fy_node *node, unsigned depth)
{
    yyjson_mut_val *array = yyjson_mut_arr(conversion->out);
    void *position = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &position));) {
        yyjson_mut_val *value = convert(conversion, item, depth + 1);
        if (!value) return NULL;
        yyjson_mut_arr_append(array, value);
    }
    return array;
}

static yyjson_mut_val *convert_mapping(struct conversion *conversion, struct fy_node *node, unsigned depth)
{
    yyjson_mut_val *object = yyjson_mut_obj(conversion->out);
    void *position = NULL;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(node, &position));) {
        struct fy_node *key = fy_node_pair_key(pair);
        size_t size = 0;
        const char *text = key && fy_node_is_scalar(key) ? fy_node_get_scalar(key, &size) : NULL;
        if (!text) return refuse(conversion, ERROR_INVALID, "a key that is no text"), NULL;
        yyjson_mut_val *value = convert(conversion, fy_node_pair_value(pair), depth + 1);
        if (!value) return NULL;
        yyjson_mut_obj_add(object, yyjson_mut_strncpy(conversion->out, text, size), value);
    }
    return object;
}

static yyjson_mut_val *convert(struct conversion *conversion, struct fy_node *node, unsigned depth)
{
    if (depth >= JSON_DEPTH || ++conversion->nodes > NODE_LIMIT)
        return refuse(conversion, ERROR_LIMIT, depth >= JSON_DEPTH ? "nested too deeply" : "too many values"), NULL;
    if (!node) return yyjson_mut_null(conversion->out);
    if (fy_node_is_alias(node)) {
        struct fy_node *target = fy_node_resolve_alias(node);
        return target ? convert(conversion, target, depth + 1)
                      : (refuse(conversion, ERROR_INVALID, "an alias without its anchor"), NULL);
    }
    if (fy_node_is_sequence(node)) return convert_sequence(conversion, node, depth);
    if (fy_node_is_mapping(node)) return convert_mapping(conversion, node, depth);
    size_t size = 0;
    const char *text = fy_node_get_scalar(node, &size);
    if (fy_node_get_style(node) == FYNS_PLAIN) return plain_scalar(conversion, str_make(text, size));
    return yyjson_mut_strncpy(conversion->out, text ? text : "", size);
}

static yyjson_doc *parse(struct str text, const char *what, bool texts, struct error *error)
{
    struct fy_parse_cfg configuration = { .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 };
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    struct fy_diag *diagnostics = fy_diag_create(&quiet);
    configuration.diag = diagnostics;
    if (diagnostics) fy_diag_set_collect_errors(diagnostics, true);
    struct fy_document *document = fy_document_build_from_string(&configuration, text.data ? text.data : "", text.size);
    yyjson_doc *result = NULL;
    if (!document) {
        void *position = NULL;
        struct fy_diag_error *problem = diagnostics ? fy_diag_errors_iterate(diagnostics, &position) : NULL;
        if (problem && problem->msg)
            error_set(error, ERROR_INVALID, "yaml-invalid", "%s is not valid YAML: %s at line %d, column %d", what,
                      problem->msg, problem->line, problem->column);
        else if (!str_trim(text).size)
            result = yyjson_read("null", 4, 0); /* an empty stream holds no document */
        else
            error_set(error, ERROR_INVALID, "yaml-invalid", "%s is not valid YAML", what);
    } else {
        struct conversion conversion = { yyjson_mut_doc_new(NULL), what, error, 0, texts };
        yyjson_mut_val *root = convert(&conversion, fy_document_root(document), 0);
        if (root) {
            yyjson_mut_doc_set_root(conversion.out, root);
            result = yyjson_mut_doc_imut_copy(conversion.out, NULL);
        }
        yyjson_mut_doc_free(conversion.out);
        fy_document_destroy(document);
    }
    if (diagnostics) fy_diag_destroy(diagnostics);
    return result;
}

/* ---- in a confined child: libfyaml 0.7 writes through wild pointers, or never comes back, for some texts ---- */

struct task {
    struct str text;
    const char *what;
    bool texts;
};

/* The tree as JSON, or "!", the error's kind as a letter, and its words. */
static int parse_and_answer(void *context, int output)
{
    const struct task *task = context;
    struct error error = { 0 }, ignored = { 0 };
    size_t size = 0;
    yyjson_doc *document = parse(task->text, task->what, task->texts, &error);
    char *json = document ? yyjson_write(document, 0, &size) : NULL;
    if (json) return file_write_all(output, json, size, &ignored) ? 0 : 1;
    if (document) error_set(&error, ERROR_INVALID, "yaml-invalid", "%s: a number that is too large", task->what);
    char text[sizeof error.message + 4];
    int used = snprintf(text, sizeof text, "!%c%s", 'A' + (int)error.kind, error.message);
    return file_write_all(output, text, (size_t)used, &ignored) ? 0 : 1;
}

static yyjson_doc *read_tree(struct str answer, const char *what, struct error *error)
{
    if (answer.size > 1 && answer.data[0] == '!') {
        bool limit = answer.data[1] == 'A' + ERROR_LIMIT;
        error_set(error, limit ? ERROR_LIMIT : ERROR_INVALID, "yaml-invalid", "%.*s", STR_ARG(str_from(answer, 2)));
        return NULL;
    }
    return json_parse(answer, 0, what, error);
}

static yyjson_doc *parse_confined(struct str text, const char *what, bool texts, struct error *error)
{
    if (text.size > TEXT_LIMIT) return error_set(error, ERROR_LIMIT, "yaml-too-large", "%s is larger than 16 MiB", what), NULL;
    if (!str_valid_utf8(text)) return error_set(error, ERROR_INVALID, "yaml-invalid", "%s is not UTF-8", what), NULL;
    CLEANUP_BUFFER struct buffer answer = { 0 };
    struct child child = { 0 };
    struct task task = { text, what, texts };
    struct confinement confinement = { .cpu_seconds = CPU_SECONDS };
    struct error ended = { 0 };
    if (!child_start(&child, &confinement, parse_and_answer, &task, error)) return NULL;
    if (child_answer(&child, ANSWER_LIMIT, PATIENCE, &answer, &ended)) return read_tree(buffer_view(&answer), what, error);
    error_set(error, ended.kind, "yaml-invalid", "%s cannot be read as YAML: %s", what, ended.message);
    return NULL;
}

yyjson_doc *yaml_parse(struct str text, const char *what, struct error *error)
{
    return parse_confined(text, what, false, error);
}

yyjson_doc *yaml_parse_texts(struct str text, const char *what, struct error *error)
{
    return parse_confined(text, what, true, error);
}
