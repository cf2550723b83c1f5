/* --timeout for all that waits where no deadline is looked at: a pipe nobody writes to, a file system that hangs. */
#include "cmd/command.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define GRACE (SECOND / 2) /* whoever looks at the deadline himself says more */

static void on_alarm(int signal)
{
    static const char text[] =
        "ERROR\tthe time allowed by --timeout ran out while waiting [timeout]: raise it: --timeout 30m\n";
    interrupt_speak();
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    (void)signal;
    interrupt_clean();
    _exit(1); /* confined children end with this process */
}

void command_limit_time(moment limit)
{
    struct itimerval timer = { 0 };
    if (limit) {
        limit = (limit > 0 ? limit : 0) + GRACE;
        timer.it_value = (struct timeval){ .tv_sec = limit / SECOND, .tv_usec = limit % SECOND / 1000 };
        signal(SIGALRM, on_alarm);
    }
    setitimer(ITIMER_REAL, &timer, NULL);
}
