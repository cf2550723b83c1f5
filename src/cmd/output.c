/* Standard output, and a reader of it that has seen enough (`… | head`).
 *
 * The signal for that is ignored, so that a server that hangs up is an error like others. Only where standard output itself is
 * the pipe, the program ends by it after all, without a word, as shells expect; unless it was started to ignore it. */
#include "cmd/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static bool started_ignoring;

void standard_output_prepare(void)
{
    struct sigaction before;
    started_ignoring = sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file larger than allowed (ulimit -f) is an error that says so */
}

static bool reader_is_gone(void)
{
    struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

static void end_by_pipe(void)
{
    if (started_ignoring) return;
    interrupt_clean();
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

bool standard_output_write(struct str text, struct error *error)
{
    if (file_write_all(STDOUT_FILENO, text.data, text.size, error)) return true;
    if (reader_is_gone()) end_by_pipe();
    return error_wrap(error, "standard output");
}

/* What was printed may still lie in a buffer: a full disk is no success. */
bool standard_output_finish(struct error *error)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return true;
    int reason = errno ? errno : EIO;
    if (reader_is_gone()) end_by_pipe();
    return error_system(error, reason, "file-write", "cannot write to standard output");
}
