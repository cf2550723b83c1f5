/* --generate-default-config: a configuration file that changes nothing, as a start for one that does. */
#include "cmd/command.h"

#include <stdlib.h>

struct entry {
    struct str key;
    const struct option *option;
};

static int compare(const void *a, const void *b)
{
    return str_compare(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

/* What belongs to one run only, and what changes nothing, has no place in a file. */
static bool is_of_one_run(const struct option *option)
{
    static const char *const names[] = { "config", "generate-default-config" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(option->name, names[i]) == 0) return true;
    return option->offset == offsetof(struct settings, accepted);
}

static void put_indent(struct buffer *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        buffer_text(out, "  ");
}

static void put_value(struct buffer *out, const struct option *option, size_t depth)
{
    bool list = option->kind == OPTION_LIST || option->kind == OPTION_TEXTS;
    if (list && !option->initial) buffer_text(out, " []\n");
    if (list && option->initial) {
        buffer_char(out, '\n');
        for (struct str rest = str_of(option->initial); rest.data;) {
            put_indent(out, depth + 1);
            struct str part = str_cut(&rest, ',');
            buffer_printf(out, "- %.*s\n", STR_ARG(part));
        }
    }
    if (list) return;
    const char *nothing = option->kind == OPTION_FLAG ? "false" : option->kind == OPTION_NUMBER ? "0" : "\"\"";
    buffer_printf(out, " %s\n", option->initial ? option->initial : nothing);
}

/* The mappings above a key that the one before it did not open. */
static struct str put_mappings(struct buffer *out, struct str key, struct str before, size_t *depth)
{
    bool same = true;
    *depth = 0;
    while (str_find(key, '.') >= 0) {
        struct str part = str_cut(&key, '.'), other = str_cut(&before, '.');
        same = same && before.data && str_equal(part, other);
        if (!same) {
            put_indent(out, *depth);
            buffer_printf(out, "%.*s:\n", STR_ARG(part));
        }
        ++*depth;
    }
    return key;
}

bool default_config_write(struct arena *arena, const struct command *command, const char *path, struct error *error)
{
    VECTOR(struct entry) entries = { 0 };
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct str before = { 0 };
    if (file_exists(path)) {
        error_set(error, ERROR_USAGE, "file-exists", "%s is there already", path);
        return error_hint(error, "move it away: it may have been changed by hand");
    }
    for (const struct option *const *group = command->groups; *group; group++)
        for (const struct option *option = *group; option->name; option++)
            if (!is_of_one_run(option))
                *vector_push(arena, &entries) =
                    (struct entry){ str_of(option->config ? option->config : option->name), option };
    if (entries.count) qsort(entries.items, entries.count, sizeof *entries.items, compare);
    buffer_printf(&out, "# Defaults of: pratique %s. What is \"\" or [] is not set.\n", command->name);
    for (size_t i = 0; i < entries.count; i++) {
        size_t depth;
        struct str last = put_mappings(&out, entries.items[i].key, before, &depth);
        before = entries.items[i].key;
        put_indent(&out, depth);
        buffer_printf(&out, "# --%s: %s\n", entries.items[i].option->name, entries.items[i].option->help);
        put_indent(&out, depth);
        buffer_printf(&out, "%.*s:", STR_ARG(last));
        put_value(&out, entries.items[i].option, depth);
    }
    return file_write(path, buffer_view(&out), 0644, false, error);
}
