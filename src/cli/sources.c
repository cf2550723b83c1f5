/* Settings from a configuration file (YAML, keys by their dotted path) and from the environment. */
#include "cli/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CONFIG_LIMIT ((size_t)4 << 20)
#define STRANGE_KEYS 10 /* of one file that are named */

static yyjson_val *value_at(yyjson_val *root, const char *key)
{
    struct str rest = str_of(key);
    yyjson_val *value = root;
    while (value && rest.data) {
        struct str part = str_cut(&rest, '.');
        value = yyjson_obj_getn(value, part.data, part.size);
    }
    return value;
}

/* Lists are joined by commas; NULL data: a mapping, or nothing. */
static struct str text_of(struct arena *arena, yyjson_val *value)
{
    if (yyjson_is_str(value)) return json_value_str(value);
    if (!yyjson_is_arr(value)) return (struct str){ 0 };
    str_vector parts = { 0 };
    JSON_EACH (item, value)
        *vector_push(arena, &parts) = text_of(arena, item);
    return parts.count ? str_join(arena, &parts, ",") : STR("");
}

/* An empty text is how a file of all defaults writes "not given". */
static bool says_nothing(yyjson_val *value)
{
    return !value || yyjson_is_null(value) || (yyjson_is_str(value) && !yyjson_get_len(value));
}

static bool set_from_value(struct parsing *parsing, const struct option *option, yyjson_val *value, const char *path)
{
    if (says_nothing(value)) return true;
    option_clear_list(parsing, option);
    if (!yyjson_is_arr(value)) {
        struct str text = text_of(parsing->arena, value);
        return !text.data || option_set(parsing, option, text, path);
    }
    if (option->needed && !yyjson_arr_size(value)) return option_refuse_empty(parsing, option, path);
    JSON_EACH (item, value) {
        struct str text = text_of(parsing->arena, item);
        if (text.data && !option_set(parsing, option, text, path)) return false;
    }
    return true;
}

/* ---- keys that nobody knows ---- */

enum knowledge {
    KEY_STRANGE,
    KEY_ABOVE, /* keys that are known begin so */
    KEY_KNOWN,
};

/* "license." stands for all keys that begin so. */
static enum knowledge compare_key(const char *key, struct str path)
{
    struct str whole = str_of(key), above = str_to(whole, path.size);
    bool all_below = str_ends(whole, ".");
    if (str_equal(whole, path) || (all_below && str_starts(path, key))) return KEY_KNOWN;
    if (!str_equal(above, path) || whole.size == path.size || whole.data[path.size] != '.') return KEY_STRANGE;
    return all_below && whole.size == path.size + 1 ? KEY_KNOWN : KEY_ABOVE;
}

/* Of any command: one file serves them all. */
static enum knowledge knowledge_of(const struct program *program, struct str path)
{
    enum knowledge most = KEY_STRANGE;
    for (size_t i = 0; i < program->command_count; i++) {
        EACH_OPTION (option, program->commands[i])
            if (compare_key(option_key(option), path) > most) most = compare_key(option_key(option), path);
        EACH_FOREIGN (option, program->commands[i])
            if (compare_key(foreign_key(option), path) > most) most = compare_key(foreign_key(option), path);
    }
    return most;
}

static void note_strange_keys(struct parsing *parsing, yyjson_val *object, struct str above, const char *file, size_t *found)
{
    JSON_MEMBERS (key, value, object) {
        struct str name = json_value_str(key);
        struct str path = above.size ? arena_strf(parsing->arena, "%.*s.%.*s", STR_ARG(above), STR_ARG(name)) : name;
        enum knowledge knowledge = knowledge_of(parsing->program, path);
        if (knowledge == KEY_ABOVE && yyjson_is_obj(value)) /* no deeper than the known keys are */
            note_strange_keys(parsing, value, path, file, found);
        else if (knowledge == KEY_STRANGE && ++*found <= STRANGE_KEYS)
            parsing_warn(parsing, "%s: no setting is called %.*s: it has no effect", file, STR_ARG(path));
    }
}

/* ---- the file ---- */

static bool read_config(struct parsing *parsing, const char *path)
{
    struct str text;
    size_t strange = 0;
    if (!file_read(parsing->arena, path, CONFIG_LIMIT, &text, parsing->error)) return false;
    yyjson_doc *document = yaml_parse_texts(text, path, parsing->error);
    if (!document) return false;
    *vector_push(parsing->arena, parsing->read) = arena_str(parsing->arena, str_of(path));
    yyjson_val *root = yyjson_doc_get_root(document);
    bool good = !root || yyjson_is_null(root) || yyjson_is_obj(root);
    if (!good) {
        error_set(parsing->error, ERROR_INVALID, "config-file-invalid", "%s holds no settings: it is not made of keys", path);
        error_hint(parsing->error, "lines such as: severity: [CRITICAL, HIGH]; --generate-default-config writes them all");
    }
    EACH_FOREIGN (option, parsing->command) {
        yyjson_val *value = value_at(root, foreign_key(option));
        struct str said = says_nothing(value) ? (struct str){ 0 } : text_of(parsing->arena, value);
        good = good && (!said.data || foreign_set(parsing, option, said, path));
    }
    EACH_OPTION (option, parsing->command)
        good = good && set_from_value(parsing, option, value_at(root, option_key(option)), path);
    note_strange_keys(parsing, root, (struct str){ 0 }, path, &strange);
    if (strange > STRANGE_KEYS) parsing_warn(parsing, "%s: %zu more such keys", path, strange - STRANGE_KEYS);
    yyjson_doc_free(document);
    return good;
}

bool sources_read_configs(struct parsing *parsing, const char *named)
{
    if (!option_find(parsing->command, STR("config"), 0)) return true;
    if (!named) named = getenv("PRATIQUE_CONFIG");
    if (!named) named = getenv("TRIVY_CONFIG");
    if (named) return !*named || read_config(parsing, named); /* a name that is empty: none, not even the defaults */
    /* Nobody named these: what is no file is not waited for. */
    const char *found = file_is_regular("pratique.yaml") ? "pratique.yaml"
                        : file_is_regular("trivy.yaml")  ? "trivy.yaml"
                                                         : NULL;
    parsing->found = found;
    *parsing->is_found = found != NULL;
    bool good = !found || read_config(parsing, found);
    parsing->found = NULL;
    return good;
}

/* ---- the environment ---- */

#define OWN_PREFIX "PRATIQUE_"

/* "ignore-unfixed" is IGNORE_UNFIXED there. */
static void spell_as_variable(char *name)
{
    for (; *name; name++)
        *name = *name == '-' ? '_' : *name >= 'a' && *name <= 'z' ? (char)(*name - 32) : *name;
}

/* The variable of an option that is set, with its name for messages. */
static const char *variable_of(const char *option, char *name, size_t room)
{
    static const char *const prefixes[] = CLI_PREFIXES;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        snprintf(name, room, "%s%s", prefixes[i], option);
        spell_as_variable(name);
        const char *value = getenv(name);
        if (value && *value) return value;
    }
    return NULL;
}

struct names {
    struct map *known;
    VECTOR(const char *) all;
};

static void add_name(struct arena *arena, struct names *names, const char *option)
{
    char *variable = option ? arena_printf(arena, OWN_PREFIX "%s", option) : NULL;
    if (variable) spell_as_variable(variable);
    if (!variable || map_get(names->known, str_of(variable))) return;
    map_set(names->known, str_of(variable), variable);
    *vector_push(arena, &names->all) = variable + strlen(OWN_PREFIX);
}

/* Variables of any command: one that is set may be meant for another. */
static struct names variable_names(struct arena *arena, const struct program *program)
{
    struct names names = { .known = map_new(arena) };
    for (size_t i = 0; i < program->command_count; i++) {
        EACH_OPTION (option, program->commands[i])
            add_name(arena, &names, option->name);
        EACH_FOREIGN (option, program->commands[i])
            add_name(arena, &names, option->name);
    }
    return names;
}

/* With our own name before it a variable was meant for us. */
static void note_strange_variables(struct parsing *parsing)
{
    struct names names = { 0 };
    for (char **variable = environ; *variable; variable++) {
        struct str value = str_of(*variable), name = str_cut(&value, '=');
        if (!str_starts(name, OWN_PREFIX) || !value.size) continue;
        if (!names.known) names = variable_names(parsing->arena, parsing->program);
        if (map_get(names.known, name)) continue;
        const char *rest = arena_cstr(parsing->arena, str_from(name, strlen(OWN_PREFIX))),
                   *nearest = cli_nearest(rest, names.all.items, names.all.count);
        parsing_warn(parsing, "%.*s has no effect: no option is called so%s%s", STR_ARG(name),
                     nearest ? "; the nearest is " OWN_PREFIX : "", nearest ? nearest : "");
    }
}

bool sources_read_environment(struct parsing *parsing)
{
    note_strange_variables(parsing);
    char name[128];
    EACH_FOREIGN (option, parsing->command) {
        const char *value = option->name ? variable_of(option->name, name, sizeof name) : NULL;
        if (value && !foreign_set(parsing, option, str_of(value), name)) return false;
    }
    EACH_OPTION (option, parsing->command) {
        const char *value = variable_of(option->name, name, sizeof name);
        if (!value) continue;
        option_clear_list(parsing, option);
        if (!option_set(parsing, option, str_of(value), name)) return false;
    }
    return true;
}
