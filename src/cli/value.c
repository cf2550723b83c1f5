/* From a text to an option's value. */
#include "cli/parse.h"

#include <stdio.h>

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
        if (str_is_nocase(unit, units[i].unit)) {
            number *= (double)units[i].factor;
            if (number >= 0x1p63) return false;
            *value = (int64_t)number;
            return true;
        }
    return false;
}

static bool parse_bool(struct str text, bool *value)
{
    static const char *const words[] = { "false", "true", "0", "1", "no", "yes", "off", "on" };
    for (size_t i = 0; i < 8; i++)
        if (str_is_nocase(text, words[i])) return *value = i % 2, true;
    return false;
}

/* As the table spells it, whatever the case; false: it is none of them. */
static bool take_choice(const struct option *option, struct str *value)
{
    if (!option->choices) return true;
    for (const char *const *choice = option->choices; *choice; choice++)
        if (str_is_nocase(*value, *choice)) return *value = str_of(*choice), true;
    return false;
}

/* Words that other versions have for the same. */
static struct str present_word(const struct option *option, struct str value)
{
    for (const struct synonym *one = option->synonyms; one && one->old; one++)
        if (str_is_nocase(value, one->old)) return str_of(one->now);
    return value;
}

bool option_hint(struct error *error, const struct option *option)
{
    char text[400] = "";
    static const char *const kinds[] = {
        [OPTION_FLAG] = "true or false",
        [OPTION_NUMBER] = "a whole number, such as 3",
        [OPTION_DURATION] = "a time such as 90s, 5m0s or 1h30m",
        [OPTION_SIZE] = "a size such as 500MB or 2GiB",
        [OPTION_TEXTS] = NULL,
    };
    if (!option->choices) return error_hint(error, "it takes %s", kinds[option->kind] ? kinds[option->kind] : option->argument);
    for (const char *const *choice = option->choices; *choice && strlen(text) < sizeof text - 1; choice++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? ", " : "", *choice);
    return error_hint(error, "it takes %s", text);
}

static bool bad_value(struct parsing *parsing, const struct option *option, struct str value, const char *where)
{
    error_set(parsing->error, ERROR_USAGE, "option-value", "%s%s%s: \"%.*s\" is not a value it takes", where ? where : "--",
              where ? ", option --" : "", option->name, STR_ARG(value));
    return option_hint(parsing->error, option);
}

bool option_refuse_empty(struct parsing *parsing, const struct option *option, const char *where)
{
    error_set(parsing->error, ERROR_USAGE, "option-value", "%s%s%s: the list is empty", where ? where : "--",
              where ? ", option --" : "", option->name);
    return option_hint(parsing->error, option);
}

static bool add_to_list(struct parsing *parsing, const struct option *option, struct str value, const char *where)
{
    str_vector *list = (str_vector *)(parsing->settings + option->offset);
    if (option->kind == OPTION_TEXTS) {
        *vector_push(parsing->arena, list) = arena_str(parsing->arena, value);
        return true;
    }
    size_t before = list->count;
    for (struct str rest = value; rest.data;) {
        struct str part = str_trim(str_cut(&rest, ','));
        if (!part.size) continue;
        part = present_word(option, part);
        if (!take_choice(option, &part)) return bad_value(parsing, option, part, where);
        *vector_push(parsing->arena, list) = arena_str(parsing->arena, part);
    }
    return !option->needed || list->count > before || option_refuse_empty(parsing, option, where);
}

bool option_set(struct parsing *parsing, const struct option *option, struct str value, const char *where)
{
    void *target = parsing->settings + option->offset;
    bool good = true;
    if (!trust_allows(parsing, option, value)) return true;
    switch (option->kind) {
    case OPTION_FLAG: good = parse_bool(value, target); break;
    case OPTION_NUMBER: good = str_to_i64(value, target); break;
    case OPTION_DURATION: good = parse_duration(value, target); break;
    case OPTION_SIZE: good = parse_size(value, target); break;
    case OPTION_TEXT:
        value = present_word(option, value);
        good = take_choice(option, &value);
        if (good) *(char **)target = arena_cstr(parsing->arena, value);
        break;
    case OPTION_LIST:
    case OPTION_TEXTS: return add_to_list(parsing, option, value, where);
    }
    return good || bad_value(parsing, option, value, where);
}

void option_clear_list(struct parsing *parsing, const struct option *option)
{
    if (option->kind == OPTION_LIST || option->kind == OPTION_TEXTS)
        *(str_vector *)(parsing->settings + option->offset) = (str_vector){ 0 };
}
