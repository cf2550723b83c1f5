/* The words of the command lines: ours, and those of programs whose links lead here. */
#include "cmd/words.h"

#include <stdio.h>

static const struct command *const commands[] = {
    &command_clean,
    &command_completion,
    &command_db,
    &command_doctor,
    &command_explain,
    &command_fs,
    &command_image,
    &command_login,
    &command_logout,
    &command_registry,
    &command_repo,
    &command_rootfs,
    &command_scan,
    &command_version,
    /* hidden */
    &command_manual,
};
#define COMMANDS (sizeof commands / sizeof *commands)

static const struct {
    const char *other, *name;
} aliases[] = { { "filesystem", "fs" }, { "i", "image" }, { "repository", "repo" } };

/* Words of the design that belong to a later step answer with one clear line. */
static const char *const later[] = {
    "admit",      "attest",    "comply", "config", "convert", "copy",   "evidence", "harden", "inspect", "k8s",   "key",
    "kubernetes", "lint",      "log",    "module", "netpol",  "plugin", "rollout",  "rules",  "sbom",    "serve", "server",
    "sign",       "sign-blob", "tree",   "trust",  "verify",  "vex",    "vm",       "watch",  NULL,
};

static const char *const trivy_words[] = {
    "clean", "completion", "fs", "image", "registry", "repo", "rootfs", "version", NULL
};
static const char *const trivy_later[] = { "auth",   "c", "client", "cloud", "conf", "config", "convert", "k8s", "kubernetes",
                                           "module", "p", "plugin", "s",     "sbom", "server", "vex",     "vm",  NULL };
static const struct synonym trivy_moved[] = { { "login", "registry login" }, { "logout", "registry logout" }, { 0 } };
static const char *const none[] = { NULL };

static const struct command_line lines[] = {
    { "cosign", none, NULL },
    { "falco", none, NULL },
    { "pratique", NULL, later },
    { "trivy", trivy_words, trivy_later, trivy_moved },
};
#define OWN_LINE 2

const struct command_line *command_line_of(const char *program)
{
    struct str name = path_base(str_of(program));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (str_is(name, lines[i].program)) return &lines[i];
    return &lines[OWN_LINE];
}

static bool is_listed(const char *const *words, const char *word)
{
    for (; words && *words; words++)
        if (strcmp(*words, word) == 0) return true;
    return false;
}

bool command_line_has(const struct command_line *line, const struct command *command)
{
    return !line->words || is_listed(line->words, command->name);
}
bool command_line_is_empty(const struct command_line *line) { return line->words && !*line->words; }

const char *command_line_moved(const struct command_line *line, const char *word)
{
    for (const struct synonym *one = line->moved; one && one->old; one++)
        if (strcmp(one->old, word) == 0) return one->now;
    return NULL;
}

bool command_line_promises(const struct command_line *line, const char *word)
{
    return !line->later || is_listed(line->later, word);
}

struct program command_program(void) { return (struct program){ "pratique", commands, COMMANDS }; }

size_t command_count(void)
{
    size_t count = 0;
    while (count < COMMANDS && !commands[count]->hidden)
        count++;
    return count;
}

const struct command *command_at(size_t index) { return commands[index]; }

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].other) == 0) name = aliases[i].name;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0) return commands[i];
    return NULL;
}

const char *const *command_option_words(const struct option *option)
{
    static const char *formats[16];
    if (option->choices || strcmp(option->name, "format") != 0) return option->choices;
    for (size_t i = 0; i < report_format_count() && i < 15; i++)
        formats[i] = report_format_at(i)->name;
    return formats;
}
