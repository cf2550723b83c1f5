#include "cli/cli.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_terminal(int fd) { return isatty(fd) == 1; }

unsigned cli_width(int fd)
{
    struct winsize size;
    if (!is_terminal(fd)) return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col) return size.ws_col;
    return 80;
}

bool cli_wants_colour(int fd)
{
    const char *force = getenv("CLICOLOR_FORCE"), *none = getenv("NO_COLOR"), *term = getenv("TERM");
    if (none && *none) return false;
    if (force && *force && strcmp(force, "0") != 0) return true;
    return is_terminal(fd) && term && strcmp(term, "dumb") != 0;
}

/* Where nothing is set, as in containers, terminals speak UTF-8; a locale without an encoding is taken for a modern one, but
 * for C and POSIX: they are ASCII. */
bool cli_speaks_utf8(void)
{
    const char *names[] = { getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG") };
    for (size_t i = 0; i < 3; i++) {
        if (!names[i] || !*names[i]) continue;
        if (strcmp(names[i], "C") == 0 || strcmp(names[i], "POSIX") == 0) return false;
        const char *dot = strchr(names[i], '.');
        return !dot || strncasecmp(dot + 1, "utf-8", 5) == 0 || strncasecmp(dot + 1, "utf8", 4) == 0;
    }
    return true;
}

/* ---- progress ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool enabled, drawn;
static moment last_drawn;

/* The lock is held. */
static void clear_line(void)
{
    if (drawn) fputs("\r\033[K", stderr);
    drawn = false;
    interrupt_say(NULL);
}

void cli_progress_clear(void)
{
    pthread_mutex_lock(&lock);
    clear_line();
    pthread_mutex_unlock(&lock);
}

void cli_progress_enable(bool wanted)
{
    enabled = wanted && is_terminal(STDERR_FILENO);
    log_set_hooks(enabled ? cli_progress_clear : NULL, NULL);
}

void cli_progress(const char *what, size_t done, size_t total)
{
    if (!enabled) return;
    pthread_mutex_lock(&lock);
    moment now = clock_monotonic();
    bool last = total && done >= total;
    if (last) {
        clear_line();
    } else if (now - last_drawn >= SECOND / 10) {
        last_drawn = now;
        if (total)
            fprintf(stderr, "\r\033[K%s %zu/%zu", what, done, total);
        else if (done)
            fprintf(stderr, "\r\033[K%s %zu", what, done);
        else
            fprintf(stderr, "\r\033[K%s", what);
        fflush(stderr);
        drawn = true;
        interrupt_say("\n"); /* the shell's prompt goes on a line of its own */
    }
    pthread_mutex_unlock(&lock);
}
