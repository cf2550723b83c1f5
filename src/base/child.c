#include "base/base.h"
#include "base/seccomp_program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_MEMORY ((size_t)2 << 30)
#define ANSWER_STEP ((size_t)64 << 10)

/* How a child ends that could not do its work. */
enum {
    STATUS_LANDLOCK = 120,
    STATUS_SECCOMP = 121,
    STATUS_MEMORY = 122,
};

/* Rights by Landlock ABI (linux/landlock.h of older distributions knows fewer names). */
#define FS_ABI1 ((1ULL << 13) - 1)
#define FS_REFER (1ULL << 13)
#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL (1ULL << 15)
#define NET_BOTH 3ULL

struct ruleset_attributes { /* struct landlock_ruleset_attr as of ABI 6 */
    uint64_t fs, net, scoped;
};

static int landlock_abi(void)
{
    static int abi = -2;
    if (abi == -2) {
        abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
        if (abi < 0) abi = 0;
    }
    return abi;
}

bool child_has_landlock(void) { return landlock_abi() > 0; }

bool child_prepare(struct error *error)
{
    landlock_abi();
    return seccomp_program(SECCOMP_STREAM, error) && seccomp_program(SECCOMP_FOLDER, error);
}

/* Denies all of the file system and network that this kernel can deny, but for reading below `folder`. */
static bool apply_landlock(const char *folder)
{
    int abi = landlock_abi();
    if (abi == 0) return true; /* seccomp alone: the report says so */
    struct ruleset_attributes attributes = { .fs = FS_ABI1 };
    size_t size = sizeof(uint64_t);
    if (abi >= 2) attributes.fs |= FS_REFER;
    if (abi >= 3) attributes.fs |= FS_TRUNCATE;
    if (abi >= 4) attributes.net = NET_BOTH, size = 2 * sizeof(uint64_t);
    if (abi >= 5) attributes.fs |= FS_IOCTL;
    if (abi >= 6) attributes.scoped = 3, size = 3 * sizeof(uint64_t);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0) return false;
    if (folder) {
        int fd = open(folder, O_PATH | O_CLOEXEC);
        struct landlock_path_beneath_attr rule = {
            .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
            .parent_fd = fd,
        };
        if (fd < 0 || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) return false;
        close(fd);
    }
    bool done = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

static int order_int(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* Closes all but the sorted ones. */
static void close_others(int *kept, size_t count)
{
    unsigned from = 0;
    for (size_t i = 0; i <= count; i++) {
        unsigned to = i < count ? (unsigned)kept[i] : ~0U;
        if (to > from && syscall(SYS_close_range, from, to == ~0U ? to : to - 1, 0) != 0) { /* before Linux 5.9 */
            long last = to == ~0U ? sysconf(_SC_OPEN_MAX) : (long)to;
            for (long fd = (long)from; fd < last && fd < 65536; fd++)
                close((int)fd);
        }
        from = to + 1;
    }
}

static void limit(int resource, rlim_t value)
{
    struct rlimit limits = { value, value };
    setrlimit((__rlimit_resource_t)resource, &limits);
}

static void apply_limits(const struct confinement *confinement)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    if (confinement->cpu_seconds) limit(RLIMIT_CPU, confinement->cpu_seconds);
#ifndef __SANITIZE_ADDRESS__ /* the shadow memory alone is larger */
    limit(RLIMIT_AS, confinement->memory_limit ? confinement->memory_limit : DEFAULT_MEMORY);
#endif
}

/* The terminal is the parent's alone: a child that was taken over could steer it, or read what is typed there. */
static void silence(void)
{
#ifndef __SANITIZE_ADDRESS__ /* a sanitizer's report must be seen */
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDERR_FILENO) < 0) close(STDERR_FILENO);
#endif
}

static __attribute__((noreturn)) void run_child(const struct confinement *confinement, const struct sock_fprog *program,
                                                int output, int (*main)(void *, int), void *context)
{
    int kept[64];
    size_t count = 0;
    silence();
    kept[count++] = STDERR_FILENO;
    kept[count++] = output;
    for (size_t i = 0; i < confinement->keep_count && count < 64; i++)
        kept[count++] = confinement->keep[i];
    qsort(kept, count, sizeof *kept, order_int);
    close_others(kept, count);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* the terminal's Ctrl-C goes to the parent, which stops us */
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    memory_set_exit_status(STATUS_MEMORY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    apply_limits(confinement);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !apply_landlock(confinement->folder)) _exit(STATUS_LANDLOCK);
    if (prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, program, 0, 0) != 0) _exit(STATUS_SECCOMP);
    _exit(main(context, output));
}

bool child_start(struct child *child, const struct confinement *confinement, int (*main)(void *context, int output),
                 void *context, struct error *error)
{
    const struct sock_fprog *program = seccomp_program(confinement->folder ? SECCOMP_FOLDER : SECCOMP_STREAM, error);
    if (!program) return false;
    landlock_abi();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return error_system(error, errno, "child-start", "cannot make a pipe");
    pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return error_system(error, errno, "child-start", "cannot start a confined child");
    }
    if (pid == 0) run_child(confinement, program, ends[1], main, context);
    close(ends[1]);
    *child = (struct child){ pid, ends[0] };
    return true;
}

/* A child that has closed its answer is about to end; one that does not within the grace was taken over, and is killed. */
static bool reap(pid_t pid, int *status)
{
    moment patience = clock_monotonic() + 5 * SECOND;
    for (long nanoseconds = 50000;; nanoseconds = nanoseconds < 10000000 ? nanoseconds * 2 : nanoseconds) {
        pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid) return true;
        if (ended < 0 && errno != EINTR) return false;
        if (clock_monotonic() > patience) kill(pid, SIGKILL);
        nanosleep(&(struct timespec){ 0, nanoseconds }, NULL);
    }
}

bool child_wait(struct child *child, struct error *error)
{
    if (child->pid <= 0) return true;
    file_close(&child->output);
    int status;
    if (!reap(child->pid, &status)) return error_system(error, errno, "child-failed", "cannot wait for a confined child");
    child->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (WIFEXITED(status) && (WEXITSTATUS(status) == STATUS_LANDLOCK || WEXITSTATUS(status) == STATUS_SECCOMP))
        return error_set(error, ERROR_UNSUPPORTED, "child-confine", "the %s filter could not be applied to the child",
                         WEXITSTATUS(status) == STATUS_LANDLOCK ? "Landlock" : "seccomp");
    if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_MEMORY)
        return error_set(error, ERROR_LIMIT, "child-memory", "what it holds needs more memory than a confined child may have");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return error_set(error, ERROR_TIMEOUT, "child-time", "the confined child used up its CPU time");
    if (WIFSIGNALED(status))
        return error_set(error, ERROR_INVALID, "child-failed", "the confined child was killed by signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    return error_set(error, ERROR_INVALID, "child-failed", "the confined child ended with status %d", WEXITSTATUS(status));
}

static bool read_answer(struct child *child, size_t limit, moment patience, struct buffer *answer, struct error *error)
{
    for (moment end = clock_monotonic() + patience;;) {
        struct pollfd waiting = { child->output, POLLIN, 0 };
        int ready = poll(&waiting, 1, 1000);
        if (clock_monotonic() > end)
            return error_set(error, ERROR_TIMEOUT, "child-time", "the confined child takes too long to answer");
        if (ready <= 0) continue;
        ssize_t got = read(child->output, buffer_reserve(answer, ANSWER_STEP), ANSWER_STEP);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_system(error, errno, "child-failed", "cannot read the answer of a confined child");
        if (got == 0) return true;
        answer->size += (size_t)got;
        if (answer->size > limit)
            return error_set(error, ERROR_LIMIT, "child-answer", "the answer of a confined child is larger than it may be");
    }
}

bool child_answer(struct child *child, size_t limit, moment patience, struct buffer *answer, struct error *error)
{
    bool good = read_answer(child, limit, patience, answer, error) && child_wait(child, error);
    child_stop(child);
    return good;
}

void child_stop(struct child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        struct error ignored = { 0 };
        child_wait(child, &ignored);
    }
    if (child->output > 0) file_close(&child->output);
}
