/* The entrance: one table of sub-commands. */
#include "cmd/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_db, &command_explain, &command_fs, &command_image, &command_login, &command_logout, &command_repo, &command_rootfs, &command_scan, &command_version,
};

/* Words of the design that belong to a later step answer with one clear line. */
static const char *const later[] = {
    "admit", "attest", "comply", "config", "convert", "copy", "evidence", "harden", "inspect", "k8s", "key", "kubernetes", "lint", "log",
    "module", "netpol", "plugin", "rollout", "rules", "sbom", "serve", "server", "sign", "sign-blob", "tree", "trust", "verify", "vex", "vm", "watch",
};

static const struct {
    const char *other, *name;
} aliases[] = { { "filesystem", "fs" }, { "i", "image" }, { "repository", "repo" } };

size_t command_count(void) { return sizeof commands / sizeof *commands; }
const struct command *command_at(size_t index) { return commands[index]; }

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].other) == 0) name = aliases[i].name;
    for (size_t i = 0; i < command_count(); i++)
        if (strcmp(name, commands[i]->name) == 0) return commands[i];
    return NULL;
}

int command_fail(const struct error *error)
{
    cli_progress_clear();
    log_set_level(log_get_level() > LOG_ERROR ? LOG_ERROR : log_get_level());
    log_failure(LOG_ERROR, error);
    return error->kind == ERROR_INTERRUPTED ? 130 : 1;
}

void command_apply_globals(const struct settings *settings)
{
    log_set_level(settings->quiet ? LOG_ERROR : settings->debug ? LOG_DEBUG : LOG_INFO);
    cli_progress_enable(!settings->quiet && !settings->no_progress);
}

static void print_usage(void)
{
    printf("pratique " PRATIQUE_VERSION ": what is in a container image, and is that known to be bad?\n\nUsage: pratique COMMAND [options]\n\nCommands:\n");
    for (size_t i = 0; i < command_count(); i++)
        printf("  %-12s%s\n", commands[i]->name, commands[i]->summary);
    printf("\npratique COMMAND --help says more. Start here:\n  pratique db update\n  pratique image nginx:latest\n  pratique rootfs /\n");
}

static int unknown_command(const char *word)
{
    struct error error = { 0 };
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (strcmp(word, later[i]) == 0) {
            error_set(&error, ERROR_UNSUPPORTED, "command-later", "pratique %s comes in a later version", word);
            return command_fail(&error);
        }
    const char *names[64];
    for (size_t i = 0; i < command_count(); i++)
        names[i] = commands[i]->name;
    const char *nearest = cli_nearest(word, names, command_count());
    error_set(&error, ERROR_USAGE, "command-unknown", "there is no command \"%s\"", word);
    if (nearest)
        error_hint(&error, "did you mean pratique %s? pratique --help lists them all", nearest);
    else
        error_hint(&error, "pratique --help lists them all");
    return command_fail(&error);
}

static int run_command(const struct command *command, int count, char **arguments)
{
    struct settings settings = { .arena = arena_new() };
    struct error error = { 0 };
    size_t positional;
    bool helped;
    int status;
    if (!cli_parse(settings.arena, command, count, arguments, &settings, &positional, &helped, &error)) {
        status = command_fail(&error);
    } else if (helped) {
        status = 0;
    } else {
        if (!settings.cache_dir) settings.cache_dir = path_join(settings.arena, path_cache_home(settings.arena), "pratique");
        status = command->run(command, &settings, positional, arguments);
    }
    arena_free(settings.arena);
    return status;
}

int main(int count, char **arguments)
{
    signal(SIGPIPE, SIG_IGN);
    interrupt_prepare();
    /* Trivy takes global options before the command too: they move behind it. */
    int word = 1;
    while (word < count && arguments[word][0] == '-' && arguments[word][1]) {
        if (strcmp(arguments[word], "--version") == 0 || strcmp(arguments[word], "-v") == 0) {
            printf("Version: " PRATIQUE_VERSION "\n");
            return 0;
        }
        if (strcmp(arguments[word], "--help") == 0 || strcmp(arguments[word], "-h") == 0) {
            print_usage();
            return 0;
        }
        bool takes_value = !strchr(arguments[word], '=') && (strcmp(arguments[word], "--cache-dir") == 0 || strcmp(arguments[word], "--config") == 0 ||
                                                             strcmp(arguments[word], "-c") == 0 || strcmp(arguments[word], "--timeout") == 0);
        word += takes_value ? 2 : 1;
    }
    if (word >= count) {
        print_usage();
        return count > 1 ? 1 : 0;
    }
    const struct command *command = command_find(arguments[word]);
    if (!command) return unknown_command(arguments[word]);
    for (int i = word; i > 1; i--)
        arguments[i] = arguments[i - 1];
    return run_command(command, count - 2, arguments + 2);
}
