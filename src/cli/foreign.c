/* Options of other programs, and of their older versions, that a command has not: each row says what comes of it. */
#include "cli/parse.h"

#include <stdarg.h>
#include <stdio.h>

const struct foreign_option *foreign_find(const struct command *command, struct str name, char letter)
{
    EACH_FOREIGN (option, command)
        if (letter ? option->letter == letter : option->name && str_is(name, option->name)) return option;
    return NULL;
}

const char *foreign_key(const struct foreign_option *option) { return option->config ? option->config : option->name; }

void parsing_warn(struct parsing *parsing, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    *vector_push(parsing->arena, parsing->warnings) = str_of(arena_strdup(parsing->arena, text));
}

/* What the other program does without being asked needs nothing here either. */
static bool asks_for_nothing(const struct foreign_option *option, struct str value)
{
    return !value.size || str_is_nocase(value, "false") || str_is(value, "0") ||
           (option->initial && str_is_nocase(value, option->initial));
}

static bool refuse(struct parsing *parsing, const struct foreign_option *option)
{
    if (option->verdict == FOREIGN_LATER)
        error_set(parsing->error, ERROR_UNSUPPORTED, "option-later", "--%s comes in a later version", option->name);
    else
        error_set(parsing->error, ERROR_USAGE, "option-absent", "there is no --%s here", option->name);
    return error_hint(parsing->error, "%s", option->text);
}

bool foreign_set(struct parsing *parsing, const struct foreign_option *option, struct str value, const char *where)
{
    if (option->verdict == FOREIGN_NOTHING) return true;
    if (option->verdict == FOREIGN_ALIAS) {
        const struct option *present = option_find(parsing->command, str_of(option->text), 0);
        if (!present || (option->flag && asks_for_nothing(option, value))) return true;
        if (where && option->config && !option->name)
            parsing_warn(parsing, "%s: the key %s is now called %s", where, option->config, option_key(present));
        else
            parsing_warn(parsing, "%s%s--%s is an older name of --%s%s%s", where ? where : "", where ? ": " : "", option->name,
                         present->name, option->value ? "=" : "", option->value ? option->value : "");
        if (where || !map_get(parsing->given, str_of(present->name))) option_clear_list(parsing, present);
        if (!where) map_set(parsing->given, str_of(present->name), parsing);
        return option_set(parsing, present, option->value ? str_of(option->value) : value, where);
    }
    if (asks_for_nothing(option, value)) return true;
    if (option->verdict != FOREIGN_WARNING && !where) return refuse(parsing, option);
    /* What stands in the environment or a file may be meant for another command or program. */
    if (option->name)
        parsing_warn(parsing, "%s%s--%s has no effect: %s", where ? where : "", where ? ": " : "", option->name, option->text);
    else
        parsing_warn(parsing, "%s: %s has no effect: %s", where, option->config, option->text);
    return true;
}
