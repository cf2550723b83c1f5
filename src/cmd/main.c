/* The entrance: which command line, which command, then its options. */
#include "cmd/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int command_fail(const struct error *error)
{
    struct error advised = *error;
    const char *advice = error->hint[0] ? NULL : advice_find(error->id);
    if (advice) error_hint(&advised, "%s", advice);
    cli_progress_clear();
    log_set_level(log_get_level() > LOG_ERROR ? LOG_ERROR : log_get_level());
    log_failure(LOG_ERROR, &advised);
    return error->kind == ERROR_INTERRUPTED ? 130 : 1;
}

bool command_takes(const struct command *command, const struct settings *settings, size_t most, size_t count, char **arguments,
                   struct error *error)
{
    const char *words = command->arguments ? command->arguments : "";
    if (count <= most) return true;
    error_set(error, ERROR_USAGE, "words-extra", "%s %s does not take \"%s\"", settings->program, command->name,
              arguments[most]);
    return error_hint(error, "it is: %s %s%s%s", settings->program, command->name, *words ? " " : "", words);
}

static void apply_globals(const struct settings *settings, const struct cli_parsed *parsed)
{
    log_set_level(settings->quiet ? LOG_ERROR : settings->debug ? LOG_DEBUG : LOG_INFO);
    cli_progress_enable(!settings->quiet && !settings->no_progress);
    if (settings->no_color) setenv("NO_COLOR", "1", 1);
    for (size_t i = 0; i < parsed->warnings.count; i++)
        log_warn("%.*s", STR_ARG(parsed->warnings.items[i]));
    for (size_t i = 0; i < parsed->read.count; i++)
        (parsed->found ? log_info : log_debug)("settings from %.*s", STR_ARG(parsed->read.items[i]));
}

static void print_usage(const struct command_line *line)
{
    const char *program = line->program;
    printf("pratique " PRATIQUE_VERSION
           ": what is in a container image, and is that known to be bad?\n\nUsage: %s COMMAND [options]\n\nCommands:\n",
           program);
    const char *before = "";
    for (size_t i = 0; i < command_count(); before = command_at(i++)->name) {
        if (strcmp(before, "help") < 0 && strcmp(command_at(i)->name, "help") > 0) /* no command of its own */
            printf("  %-12s%s\n", "help", "The options of a command, with examples");
        if (command_line_has(line, command_at(i))) printf("  %-12s%s\n", command_at(i)->name, command_at(i)->summary);
    }
    printf("\n%s help COMMAND says more. Start here:\n  %s image nginx:latest\n  %s rootfs /\n", program, program, program);
}

/* A link to a program that is not built yet: not even its help is ours to print. */
static int nothing_yet(const struct command_line *line)
{
    struct error error = { 0 };
    error_set(&error, ERROR_UNSUPPORTED, "command-later", "%s comes in a later version of pratique", line->program);
    error_hint(&error, "until then take %s itself; what is here already: pratique --help", line->program);
    return command_fail(&error);
}

static int unknown_command(const struct command_line *line, const char *word)
{
    struct error error = { 0 };
    if (command_line_promises(line, word)) {
        error_set(&error, ERROR_UNSUPPORTED, "command-later", "%s %s comes in a later version", line->program, word);
        return command_fail(&error);
    }
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < command_count() && count < 64; i++)
        if (command_line_has(line, command_at(i))) names[count++] = command_at(i)->name;
    const char *nearest = cli_nearest(word, names, count), *moved = command_line_moved(line, word);
    error_set(&error, ERROR_USAGE, "command-unknown", "there is no command \"%s\"", word);
    if (moved)
        error_hint(&error, "it is: %s %s", line->program, moved);
    else if (nearest)
        error_hint(&error, "did you mean %s %s? %s --help lists them all", line->program, nearest, line->program);
    else
        error_hint(&error, "%s --help lists them all", line->program);
    return command_fail(&error);
}

static int help_extra(const struct command_line *line, const char *word)
{
    struct error error = { 0 };
    error_set(&error, ERROR_USAGE, "words-extra", "%s help does not take \"%s\"", line->program, word);
    error_hint(&error, "it is: %s help COMMAND", line->program);
    return command_fail(&error);
}

static int finish(int status)
{
    struct error error = { 0 };
    return standard_output_finish(&error) ? status : command_fail(&error);
}

static int write_default_config(const struct command_line *line, const struct command *command, struct arena *arena)
{
    struct error error = { 0 };
    const char *path = arena_printf(arena, "%s-default.yaml", line->program);
    if (!default_config_write(arena, command, path, &error)) return command_fail(&error);
    log_info("%s written: it is read under the name %s.yaml, or with --config", path, line->program);
    return 0;
}

static int run_command(const struct command_line *line, const struct command *command, int count, char **arguments)
{
    struct settings settings = { .arena = arena_new(), .program = line->program };
    struct error error = { 0 };
    struct cli_parsed parsed = { 0 };
    struct program program = command_program();
    program.name = line->program;
    int status = 0;
    if (!cli_parse(settings.arena, &program, command, count, arguments, &settings, &parsed, &error)) {
        status = command_fail(&error);
    } else if (parsed.helped) {
        cli_help(command, line->program);
    } else {
        apply_globals(&settings, &parsed);
        if (!settings.cache_dir) settings.cache_dir = path_join(settings.arena, path_cache_home(settings.arena), "pratique");
        database_drop_foreign(&settings);
        status = settings.generate_default_config ? write_default_config(line, command, settings.arena)
                                                  : command->run(command, &settings, parsed.count, arguments);
    }
    arena_free(settings.arena);
    return finish(status);
}

static bool is_word(const char *word, const char *long_form, const char *short_form)
{
    return strcmp(word, long_form) == 0 || strcmp(word, short_form) == 0;
}

/* NULL: it belongs to single commands. */
static const struct option *global_option(const char *word)
{
    size_t size = word[1] == '-' ? strcspn(word + 2, "=") : 0;
    for (const struct option *option = options_global; option->name; option++)
        if (size ? strlen(option->name) == size && strncmp(word + 2, option->name, size) == 0 : word[1] == option->letter)
            return option;
    return NULL;
}

static bool takes_value(const char *word)
{
    const struct option *option = global_option(word);
    return option && option->kind != OPTION_FLAG && !strchr(word, '=') && (word[1] == '-' || !word[2]);
}

/* "trivy --severity HIGH nginx": the next word is a value, no command. */
static const char *misplaced_option(int count, char **arguments)
{
    for (int i = 1; i < count && arguments[i][0] == '-' && arguments[i][1]; i += takes_value(arguments[i]) ? 2 : 1)
        if (!global_option(arguments[i]) && !is_word(arguments[i], "--version", "-v") && !is_word(arguments[i], "--help", "-h"))
            return arguments[i];
    return NULL;
}

static int command_missing(const struct command_line *line, const char *option)
{
    struct error error = { 0 };
    error_set(&error, ERROR_USAGE, "command-unknown", "%s stands before the command, where only options of all commands may",
              option);
    error_hint(&error, "name the command first: %s image %s …", line->program, option);
    return command_fail(&error);
}

/* Trivy takes global options before the command too: the command's place is found behind them. */
static int find_command(int count, char **arguments)
{
    int at = 1;
    while (at < count && arguments[at][0] == '-' && arguments[at][1] && !is_word(arguments[at], "--version", "-v") &&
           !is_word(arguments[at], "--help", "-h"))
        at += takes_value(arguments[at]) ? 2 : 1;
    return at;
}

/* Started with a standard stream closed, the next file opened would take its place, and be written into by messages. Opened for
 * reading, so that writing still fails. */
static void fill_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) _exit(1);
}

int main(int count, char **arguments)
{
    fill_standard_streams();
    standard_output_prepare();
    interrupt_prepare();
    const struct command_line *line = command_line_of(count ? arguments[0] : "");
    int at = find_command(count, arguments);
    bool version = at < count && is_word(arguments[at], "--version", "-v");
    bool named = count > 1 && arguments[1][0] != '-' && strcmp(arguments[1], "help") != 0;
    if (command_line_is_empty(line) && !version && !named) return nothing_yet(line);
    const char *misplaced = misplaced_option(count, arguments);
    if (misplaced) return command_missing(line, misplaced);
    if (at >= count || is_word(arguments[at], "--help", "-h") || (strcmp(arguments[at], "help") == 0 && at + 1 >= count)) {
        print_usage(line);
        return finish(at >= count && count > 1 ? 1 : 0);
    }
    if (version) {
        printf("Version: " PRATIQUE_VERSION "\n");
        return finish(0);
    }
    static char help[] = "--help";
    if (strcmp(arguments[at], "help") == 0 && at + 2 < count && arguments[at + 2][0] != '-')
        return help_extra(line, arguments[at + 2]);
    if (strcmp(arguments[at], "help") == 0) { /* "help X" is "X --help" */
        arguments[at] = arguments[at + 1];
        arguments[at + 1] = help;
    }
    const struct command *command = command_find(arguments[at]);
    if (!command || !command_line_has(line, command)) return unknown_command(line, arguments[at]);
    for (int i = at; i > 1; i--)
        arguments[i] = arguments[i - 1];
    return run_command(line, command, count - 2, arguments + 2);
}
