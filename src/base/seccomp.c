#include "base/base.h"
#include "base/seccomp_program.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a child needs once everything is open. Everything else answers EPERM: no files, no network, no new processes or threads,
 * no signals to others. */
static const int stream_calls[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(fstat),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(lseek),
    SCMP_SYS(madvise),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pread64),
    SCMP_SYS(read),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(write),
    SCMP_SYS(writev),
#ifdef __SANITIZE_ADDRESS__ /* stack bounds and the sanitizer's report */
    SCMP_SYS(arch_prctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(getppid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getuid),
    SCMP_SYS(ioctl),
    SCMP_SYS(kill),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill),
    SCMP_SYS(uname),
#endif
};

/* Looking at a folder: what it opens is bounded by Landlock where the kernel has it. */
static const int folder_calls[] = {
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(fstatfs),    SCMP_SYS(getdents64), SCMP_SYS(newfstatat),
    SCMP_SYS(openat),    SCMP_SYS(openat2),    SCMP_SYS(readlinkat), SCMP_SYS(statx),
};

/* Not F_SETOWN and F_SETSIG: with those a pipe's news become any signal to any process of the user. */
static const int fcntl_commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD };

static struct sock_fprog programs[SECCOMP_PROFILES];

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (calls[i] >= 0 && seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0) return false;
    return true;
}

static bool allow_fcntl(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof fcntl_commands / sizeof *fcntl_commands; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)fcntl_commands[i])) != 0)
            return false;
    return true;
}

/* libseccomp before 2.6 exports to a descriptor only. */
static bool export_program(scmp_filter_ctx filter, struct sock_fprog *program)
{
    CLEANUP_FD int fd = memfd_create("seccomp", MFD_CLOEXEC);
    struct stat status;
    if (fd < 0 || seccomp_export_bpf(filter, fd) != 0 || fstat(fd, &status) != 0) return false;
    size_t size = (size_t)status.st_size;
    if (!size || size % sizeof(struct sock_filter) || size / sizeof(struct sock_filter) > BPF_MAXINSNS) return false;
    struct sock_filter *code = memory_alloc(size);
    if (pread(fd, code, size, 0) != (ssize_t)size) {
        free(code);
        return false;
    }
    *program = (struct sock_fprog){ (unsigned short)(size / sizeof *code), code };
    return true;
}

const struct sock_fprog *seccomp_program(enum seccomp_profile profile, struct error *error)
{
    struct sock_fprog *program = &programs[profile];
    if (program->len) return program;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool built = filter && allow(filter, stream_calls, sizeof stream_calls / sizeof *stream_calls) && allow_fcntl(filter);
    if (built && profile == SECCOMP_FOLDER) built = allow(filter, folder_calls, sizeof folder_calls / sizeof *folder_calls);
    if (built) built = export_program(filter, program);
    if (filter) seccomp_release(filter);
    if (built) return program;
    error_set(error, ERROR_UNSUPPORTED, "seccomp-build", "the seccomp filter for confined children cannot be built");
    return NULL;
}
