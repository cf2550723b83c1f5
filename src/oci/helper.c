#include "oci/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_LIMIT ((size_t)64 << 10)
#define TIME_LIMIT (30 * SECOND)

extern char **environ;

static bool is_helper_name(struct str name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
            return false;
    }
    return name.size > 0 && name.size <= 64;
}

static pid_t start(const char *program, const char *verb, int input, int output, struct error *error)
{
    pid_t pid;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char *arguments[] = { (char *)(uintptr_t)program, (char *)(uintptr_t)verb, NULL };
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawnp(&pid, program, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (!failed) return pid;
    error_system(error, failed, "helper-start", "cannot run the credential helper %s", program);
    error_hint(error, "install it, or take it out of credsStore and credHelpers in docker's config.json");
    return -1;
}

/* Writes and reads at once, so that neither side waits for the other. */
static bool converse(int *input, int output, struct str text, struct buffer *answer, struct error *error)
{
    moment end = clock_monotonic() + TIME_LIMIT;
    for (;;) {
        if (!text.size) file_close(input);
        struct pollfd wait[] = { { output, POLLIN, 0 }, { *input, POLLOUT, 0 } };
        moment left = end - clock_monotonic();
        if (left <= 0)
            return error_set(error, ERROR_TIMEOUT, "helper-time", "the credential helper did not end within 30 seconds");
        if (poll(wait, 2, (int)(left / (SECOND / 1000)) + 1) < 0 && errno != EINTR)
            return error_system(error, errno, "helper-failed", "the credential helper");
        if (wait[1].revents) {
            ssize_t done = write(*input, text.data, text.size);
            text = done > 0 ? str_from(text, (size_t)done) : (struct str){ 0 };
        }
        if (!wait[0].revents) continue;
        ssize_t got = read(output, buffer_reserve(answer, 4096), 4096);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return true;
        answer->size += (size_t)got;
        if (answer->size > OUTPUT_LIMIT)
            return error_set(error, ERROR_LIMIT, "helper-output", "the credential helper says more than 64 KiB");
    }
}

static bool finish(pid_t pid, bool good, int *status)
{
    int code;
    if (!good) kill(pid, SIGKILL);
    while (waitpid(pid, &code, 0) < 0 && errno == EINTR)
        ;
    *status = WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code);
    return good;
}

bool helper_run(struct arena *arena, struct str name, const char *verb, struct str input, struct str *output, int *status,
                struct error *error)
{
    int to_child[2], from_child[2];
    CLEANUP_BUFFER struct buffer answer = { 0 };
    if (!is_helper_name(name))
        return error_set(error, ERROR_INVALID, "helper-name", "%.*s is no name of a credential helper",
                         STR_ARG(str_to(name, 100)));
    const char *program = arena_printf(arena, "docker-credential-%.*s", STR_ARG(name));
    if (pipe2(to_child, O_CLOEXEC) != 0) return error_system(error, errno, "helper-start", "cannot make a pipe");
    if (pipe2(from_child, O_CLOEXEC) != 0) {
        close(to_child[0]);
        close(to_child[1]);
        return error_system(error, errno, "helper-start", "cannot make a pipe");
    }
    pid_t pid = start(program, verb, to_child[0], from_child[1], error);
    close(to_child[0]);
    close(from_child[1]);
    bool good = pid > 0;
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    sigaction(SIGPIPE, &ignore, &before); /* it may not read what we write */
    if (good) good = finish(pid, converse(&to_child[1], from_child[0], input, &answer, error), status);
    sigaction(SIGPIPE, &before, NULL);
    file_close(&to_child[1]);
    close(from_child[0]);
    if (!good) return error_wrap(error, "%s", program);
    *output = arena_str(arena, buffer_view(&answer));
    return true;
}
