#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct parsing {
    struct arena *arena;
    const struct command *command;
    char *settings;
    struct map *given; /* options that the command line named: lists start anew there */
    struct error *error;
};

static const struct option *find(const struct command *command, struct str name, char letter)
{
    for (const struct option *const *group = command->groups; *group; group++)
        for (const struct option *option = *group; option->name; option++)
            if (letter ? option->letter == letter : str_is(name, option->name)) return option;
    return NULL;
}

static bool parse_duration(struct str text, moment *value)
{
    static const struct {
        const char *unit;
        moment length;
    } units[] = { { "ms", SECOND / 1000 }, { "h", 3600 * SECOND }, { "m", 60 * SECOND }, { "s", SECOND } };
    moment sum = 0;
    if (str_is(text, "0")) return *value = 0, true;
    while (text.size) {
        size_t digits = 0;
        double number;
        while (digits < text.size && strchr("0123456789.", text.data[digits]))
            digits++;
        if (!str_to_double(str_to(text, digits), &number) || number < 0 || number > 1e6) return false;
        text = str_from(text, digits);
        size_t i = 0;
        while (i < 4 && !str_starts(text, units[i].unit))
            i++;
        if (i == 4) return false;
        if (__builtin_add_overflow(sum, (moment)(number * (double)units[i].length), &sum)) return false;
        text = str_from(text, strlen(units[i].unit));
    }
    *value = sum;
    return sum > 0;
}

static bool parse_size(struct str text, int64_t *value)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = { { "", 1 },           { "b", 1 },           { "k", 1000 },     { "kb", 1000 },
                  { "kib", 1 << 10 },  { "m", 1000000 },     { "mb", 1000000 }, { "mib", 1 << 20 },
                  { "g", 1000000000 }, { "gb", 1000000000 }, { "gib", 1 << 30 } };
    size_t digits = 0;
    double number;
    while (digits < text.size && strchr("0123456789.", text.data[digits]))
        digits++;
    if (!str_to_double(str_to(text, digits), &number) || number < 0) return false;
    struct str unit = str_trim(str_from(text, digits));
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_is_nocase(unit, units[i].unit)) return *value = (int64_t)(number * (double)units[i].factor), true;
    return false;
}

static bool parse_bool(struct str text, bool *value)
{
    static const char *const words[] = { "false", "true", "0", "1", "no", "yes", "off", "on" };
    for (size_t i = 0; i < 8; i++)
        if (str_is_nocase(text, words[i])) return *value = i % 2, true;
    return false;
}

static bool is_choice(const struct option *option, struct str value)
{
    if (!option->choices) return true;
    for (const char *const *choice = option->choices; *choice; choice++)
        if (str_is_nocase(value, *choice)) return true;
    return false;
}

static bool bad_value(struct parsing *parsing, const struct option *option, struct str value, const char *where)
{
    error_set(parsing->error, ERROR_USAGE, "option-value", "%s%s%s: \"%.*s\" is not a value it takes", where ? where : "--",
              where ? ", option --" : "", option->name, STR_ARG(value));
    char text[256] = "";
    if (!option->choices)
        return error_hint(parsing->error, "it takes %s", option->argument ? option->argument : "true or false");
    for (const char *const *choice = option->choices; *choice; choice++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? ", " : "", *choice);
    return error_hint(parsing->error, "it takes %s", text);
}

static bool add_to_list(struct parsing *parsing, const struct option *option, struct str value, const char *where)
{
    str_vector *list = (str_vector *)(parsing->settings + option->offset);
    if (option->kind == OPTION_TEXTS) {
        *vector_push(parsing->arena, list) = arena_str(parsing->arena, value);
        return true;
    }
    for (struct str rest = value; rest.data;) {
        struct str part = str_trim(str_cut(&rest, ','));
        if (!part.size) continue;
        if (!is_choice(option, part)) return bad_value(parsing, option, part, where);
        *vector_push(parsing->arena, list) = arena_str(parsing->arena, part);
    }
    return true;
}

static bool set(struct parsing *parsing, const struct option *option, struct str value, const char *where)
{
    void *target = parsing->settings + option->offset;
    bool good = true;
    switch (option->kind) {
    case OPTION_FLAG: good = parse_bool(value, target); break;
    case OPTION_NUMBER: good = str_to_i64(value, target); break;
    case OPTION_DURATION: good = parse_duration(value, target); break;
    case OPTION_SIZE: good = parse_size(value, target); break;
    case OPTION_TEXT:
        good = is_choice(option, value);
        if (good) *(char **)target = arena_cstr(parsing->arena, value);
        break;
    case OPTION_LIST:
    case OPTION_TEXTS: return add_to_list(parsing, option, value, where);
    }
    return good || bad_value(parsing, option, value, where);
}

/* A source of higher rank starts lists anew. */
static void clear_list(struct parsing *parsing, const struct option *option)
{
    if (option->kind == OPTION_LIST || option->kind == OPTION_TEXTS)
        *(str_vector *)(parsing->settings + option->offset) = (str_vector){ 0 };
}

#define EACH_OPTION(option, command)                                             \
    for (const struct option *const *group = (command)->groups; *group; group++) \
        for (const struct option *option = *group; option->name; option++)

static bool set_defaults(struct parsing *parsing)
{
    EACH_OPTION (option, parsing->command)
        if (option->initial && !set(parsing, option, str_of(option->initial), "default")) return false;
    return true;
}

/* ---- the configuration file: YAML, keys by their dotted path ---- */

static yyjson_val *config_value(yyjson_val *root, const struct option *option)
{
    struct str rest = str_of(option->config ? option->config : option->name);
    yyjson_val *value = root;
    while (value && rest.data) {
        struct str key = str_cut(&rest, '.');
        value = yyjson_obj_getn(value, key.data, key.size);
    }
    return value;
}

static bool set_from_value(struct parsing *parsing, const struct option *option, yyjson_val *value, const char *path)
{
    if (yyjson_is_arr(value)) {
        JSON_EACH (item, value)
            if (!set_from_value(parsing, option, item, path)) return false;
        return true;
    }
    if (yyjson_is_str(value)) return set(parsing, option, json_value_str(value), path);
    if (yyjson_is_bool(value)) return set(parsing, option, yyjson_get_bool(value) ? STR("true") : STR("false"), path);
    if (yyjson_is_int(value))
        return set(parsing, option, arena_strf(parsing->arena, "%lld", (long long)yyjson_get_sint(value)), path);
    return true;
}

static bool read_config(struct parsing *parsing, const char *path, bool named)
{
    struct str text;
    struct error error = { 0 };
    if (!file_read(parsing->arena, path, 4 << 20, &text, &error)) {
        if (!named && error.kind == ERROR_NOT_FOUND) return true;
        *parsing->error = error;
        return false;
    }
    CLEANUP_JSON yyjson_doc *document = yaml_parse(text, path, parsing->error);
    if (!document) return false;
    EACH_OPTION (option, parsing->command) {
        yyjson_val *value = config_value(yyjson_doc_get_root(document), option);
        if (!value || yyjson_is_null(value)) continue;
        clear_list(parsing, option);
        if (!set_from_value(parsing, option, value, path)) return false;
    }
    return true;
}

/* --config must be known before the others are read. */
static const char *named_config(int count, char **arguments)
{
    for (int i = 0; i < count; i++) {
        if (strncmp(arguments[i], "--config=", 9) == 0) return arguments[i] + 9;
        if ((strcmp(arguments[i], "--config") == 0 || strcmp(arguments[i], "-c") == 0) && i + 1 < count)
            return arguments[i + 1];
    }
    const char *own = getenv("PRATIQUE_CONFIG");
    return own ? own : getenv("TRIVY_CONFIG");
}

static bool read_configs(struct parsing *parsing, int count, char **arguments)
{
    if (!find(parsing->command, STR("config"), 0)) return true;
    const char *named = named_config(count, arguments);
    if (named) return read_config(parsing, named, true);
    /* Nobody named these: what is no file is not waited for. */
    const char *found = file_is_regular("pratique.yaml") ? "pratique.yaml"
                        : file_is_regular("trivy.yaml")  ? "trivy.yaml"
                                                         : NULL;
    return !found || read_config(parsing, found, false);
}

static bool read_environment(struct parsing *parsing)
{
    static const char *const prefixes[] = CLI_PREFIXES;
    EACH_OPTION (option, parsing->command)
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
            char name[128];
            int size = snprintf(name, sizeof name, "%s%s", prefixes[i], option->name);
            for (int j = 0; j < size; j++)
                name[j] = name[j] == '-' ? '_' : name[j] >= 'a' && name[j] <= 'z' ? (char)(name[j] - 32) : name[j];
            const char *value = getenv(name);
            if (!value || !*value) continue;
            clear_list(parsing, option);
            if (!set(parsing, option, str_of(value), name)) return false;
            break;
        }
    return true;
}

/* ---- the command line ---- */

static bool unknown_option(struct parsing *parsing, const char *word)
{
    const char *names[256];
    size_t count = 0;
    EACH_OPTION (option, parsing->command)
        if (count < 256) names[count++] = option->name;
    struct str name = str_of(word);
    while (str_starts(name, "-"))
        name = str_from(name, 1);
    name = str_cut(&name, '=');
    error_set(parsing->error, ERROR_USAGE, "option-unknown", "unknown option %s of %s", word, parsing->command->name);
    const char *nearest = cli_nearest(arena_cstr(parsing->arena, name), names, count);
    if (nearest)
        return error_hint(parsing->error, "the nearest is --%s; see pratique %s --help", nearest, parsing->command->name);
    return error_hint(parsing->error, "see pratique %s --help", parsing->command->name);
}

/* Takes arguments[*at] and, where the option wants one, its value behind it. */
static bool take_option(struct parsing *parsing, int count, char **arguments, int *at)
{
    const char *word = arguments[*at];
    bool is_long = word[1] == '-';
    struct str value = str_of(is_long ? word + 2 : word + 1), name;
    bool joined;
    if (is_long) {
        name = str_cut(&value, '=');
        joined = value.data != NULL;
    } else {
        name = str_to(value, 1);
        value = str_from(value, 1);
        joined = value.size != 0;
        if (str_starts(value, "=")) value = str_from(value, 1);
    }
    const struct option *option = find(parsing->command, name, is_long ? 0 : name.data[0]);
    if (!option) return unknown_option(parsing, word);
    if (!joined && option->kind == OPTION_FLAG) value = STR("true");
    if (!joined && option->kind != OPTION_FLAG) {
        if (*at + 1 >= count) {
            error_set(parsing->error, ERROR_USAGE, "option-value", "option %s needs a value", word);
            return error_hint(parsing->error, "it takes %s", option->argument);
        }
        value = str_of(arguments[++*at]);
    }
    struct str key = str_of(option->name);
    if (!map_get(parsing->given, key)) clear_list(parsing, option);
    map_set(parsing->given, key, parsing);
    return set(parsing, option, value, NULL);
}

bool cli_parse(struct arena *arena, const struct command *command, int argument_count, char **arguments, void *settings,
               size_t *count, bool *helped, struct error *error)
{
    struct parsing parsing = { arena, command, settings, map_new(arena), error };
    *count = 0;
    *helped = false;
    for (int i = 0; i < argument_count; i++) {
        if (strcmp(arguments[i], "--") == 0) break;
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0) {
            *helped = true;
            return true;
        }
    }
    if (!set_defaults(&parsing) || !read_configs(&parsing, argument_count, arguments) || !read_environment(&parsing))
        return false;
    bool options_ended = false;
    for (int i = 0; i < argument_count; i++) {
        const char *word = arguments[i];
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (!options_ended && word[0] == '-' && word[1]) {
            if (!take_option(&parsing, argument_count, arguments, &i)) return false;
        } else {
            arguments[(*count)++] = arguments[i];
        }
    }
    return true;
}

/* Edit distance by two rows, words of up to 63 characters. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[2][64], size = strlen(b);
    if (size > 62 || strlen(a) > 62) return 99;
    for (size_t j = 0; j <= size; j++)
        rows[0][j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t *now = rows[i % 2], *before = rows[(i + 1) % 2];
        now[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best) best = before[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            now[j] = best;
        }
    }
    return rows[strlen(a) % 2][size];
}

const char *cli_nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t shortest = strlen(word) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t now = distance(word, names[i]);
        if (now < shortest) shortest = now, best = names[i];
    }
    return best;
}
