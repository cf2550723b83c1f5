/* pratique login and logout: credentials for registries, kept where docker keeps them. */
#include "cmd/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void wake(int signal_number) {}

static bool read_line(const char *prompt, bool hidden, struct arena *arena, struct str *text, struct error *error)
{
    struct termios before, quiet;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    if (!terminal) {
        error_set(error, ERROR_USAGE, "login-no-terminal", "there is no terminal to ask for the %s",
                  hidden ? "password" : "user name");
        return error_hint(error, "give --username and --password-stdin");
    }
    fputs(prompt, stderr);
    quiet = before;
    if (hidden) quiet.c_lflag &= ~(tcflag_t)ECHO;
    /* Ctrl-C ends the reading, so that the terminal gets its echo back before the program ends. */
    struct sigaction stop = { .sa_handler = wake }, old;
    sigaction(SIGINT, &stop, &old);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size = getline(&line, &capacity, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    sigaction(SIGINT, &old, NULL);
    if (hidden) fputc('\n', stderr);
    bool got = size > 0;
    if (got) *text = arena_str(arena, str_trim(str_make(line, (size_t)size)));
    if (line) explicit_bzero(line, capacity);
    free(line);
    if (!got) return error_set(error, ERROR_INTERRUPTED, "login-aborted", "nothing was entered");
    return true;
}

static bool read_password(struct settings *settings, struct str *password, struct error *error)
{
    if (settings->password) {
        log_warn("--password is visible to other users of this machine: better --password-stdin");
        *password = str_of(settings->password);
        return true;
    }
    if (!settings->password_stdin) return read_line("Password: ", true, settings->arena, password, error);
    if (!file_read(settings->arena, "-", 65536, password, error)) return false;
    *password = str_trim_set(*password, "\r\n");
    return true;
}

static int run_login(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    struct str username = str_of(settings->username), password = { 0 };
    const char *registry = count ? arguments[0] : "docker.io";
    if (!command_takes(command, settings, 1, count, arguments, &error)) return command_fail(&error);
    struct oci_options options = registry_options(settings);
    if ((username.size || read_line("Username: ", false, settings->arena, &username, &error)) &&
        read_password(settings, &password, &error) &&
        oci_login(settings->arena, &options, str_of(registry), username, password, &error)) {
        fprintf(stderr, "Login Succeeded\n");
        return 0;
    }
    return command_fail(&error);
}

static int run_logout(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    bool known;
    if (!command_takes(command, settings, 1, count, arguments, &error)) return command_fail(&error);
    const char *registry = count ? arguments[0] : "docker.io";
    if (!oci_logout(settings->arena, str_of(registry), &known, &error)) return command_fail(&error);
    fprintf(stderr, known ? "Removed login credentials for %s\n" : "Not logged in to %s\n", registry);
    return 0;
}

static const struct option options_login[] = {
    { "password", 'p', OPTION_TEXT, offsetof(struct settings, password), "TEXT",
      "password (visible to others: better --password-stdin)", .trust = TRUST_NAMED },
    { "password-stdin", 0, OPTION_FLAG, offsetof(struct settings, password_stdin), NULL,
      "read the password from standard input", .trust = TRUST_NAMED },
    { "username", 'u', OPTION_TEXT, offsetof(struct settings, username), "NAME", "user name", .trust = TRUST_NAMED },
    { 0 },
};
static const struct option *const login_groups[] = { options_login, options_global, NULL };
static const struct option *const logout_groups[] = { options_global, NULL };

const struct command command_login = {
    "login",      "REGISTRY", "Keep credentials for a registry", "  pratique login registry.example.com --username me\n",
    login_groups, run_login,
};
const struct command command_logout = {
    "logout",      "REGISTRY", "Forget credentials for a registry", "  pratique logout registry.example.com\n",
    logout_groups, run_logout
};

/* Trivy's form: "registry login X". */
static int run_registry(const struct command *command, void *context, size_t count, char **arguments)
{
    static const struct command *const words[] = { &command_login, &command_logout };
    struct error error = { 0 };
    if (!command_takes(command, context, 2, count, arguments, &error)) return command_fail(&error);
    for (size_t i = 0; count && i < sizeof words / sizeof *words; i++)
        if (strcmp(arguments[0], words[i]->name) == 0) return words[i]->run(words[i], context, count - 1, arguments + 1);
    error_set(&error, ERROR_USAGE, "registry-word", "registry needs one of its words");
    error_hint(&error, "login REGISTRY, logout REGISTRY");
    return command_fail(&error);
}

const struct command command_registry = {
    "registry",
    "login|logout REGISTRY",
    "Credentials for registries",
    "  pratique registry login registry.example.com\n",
    login_groups,
    run_registry,
    .words = "  login     keep credentials for a registry\n  logout    forget them\n",
};
