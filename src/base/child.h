/* Confined children: hostile bytes are parsed in a process that can do nothing else.
 *
 * The child is forked (small parent, early), gets its input by file descriptors that are already open, and answers through
 * one pipe. Before its main function runs it drops everything: all other descriptors are closed, Landlock denies the file
 * system (but for one folder to read, if asked), a seccomp filter allows only what reading and memory need (no threads, no
 * processes), and resource limits bound memory and time. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/clock.h"
#include "base/error.h"

struct confinement {
    const char *folder; /* may be opened read-only, everything below it too; NULL: no file at all */
    const int *keep;    /* descriptors the child needs, besides stderr and its pipe; 62 at most */
    size_t keep_count;
    size_t memory_limit;  /* bytes of address space, what the parent had mapped included; 0: 2 GiB */
    unsigned cpu_seconds; /* 0: no limit */
};

struct child {
    pid_t pid;
    int output; /* read end of the child's pipe; the parent reads it to the end */
};

/* What `main` returns is the exit status; it writes its answer to `output`. */
bool child_start(struct child *child, const struct confinement *confinement, int (*main)(void *context, int output),
                 void *context, struct error *error);

/* Waits. True when it exited with 0; else an error that says how it ended ("killed by signal 31 (forbidden system call)",
 * "ended with 3"). Closes output. */
bool child_wait(struct child *child, struct error *error);

/* Reads what it answers to its end, then waits. More than `limit` bytes, or no end within `patience`: it is stopped. */
struct buffer;
bool child_answer(struct child *child, size_t limit, moment patience, struct buffer *answer, struct error *error);

/* Kills and reaps; harmless when not running. */
void child_stop(struct child *child);

/* Builds the seccomp programs now; otherwise the first child_start does. */
bool child_prepare(struct error *error);

/* True when Landlock is enforced here; false: seccomp alone (older kernels, most CI containers). */
bool child_has_landlock(void);

#endif
