#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

void file_close(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool file_is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool file_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool read_whole(struct arena *arena, int fd, const char *path, size_t limit, struct str *content, struct error *error)
{
    CLEANUP_BUFFER struct buffer buffer = { 0 };
    struct stat status;
    size_t guess = 64 << 10;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 && (uint64_t)status.st_size < limit)
        guess = (size_t)status.st_size + 1;
    for (;;) {
        char *at = buffer_reserve(&buffer, guess);
        ssize_t got = read(fd, at, guess);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_system(error, errno, "file-read", "cannot read %s", path);
        if (got == 0) break;
        buffer.size += (size_t)got;
        if (buffer.size > limit)
            return error_set(error, ERROR_LIMIT, "file-too-large", "%s is larger than %zu bytes", path, limit);
        guess = 64 << 10;
    }
    *content = arena_str(arena, buffer_view(&buffer));
    return true;
}

/* What a shell hands over as <(command): a pipe whose other end is held, so that reading it ends. */
static bool is_handed_over(const char *path)
{
    static const char *const places[] = { "/dev/fd/", "/dev/stdin", "/proc/self/fd/" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0) return true;
    return false;
}

/* Opening a named pipe waits for somebody to write, perhaps for ever; /dev/zero never ends. -1 with *error. */
static int open_to_read(const char *path, struct error *error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return error_system(error, errno, "file-open", "cannot open %s", path), -1;
    bool known = fstat(fd, &status) == 0;
    bool nothing = known && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3); /* /dev/null */
    if (known && (S_ISREG(status.st_mode) || nothing)) return fd;
    if (known && S_ISFIFO(status.st_mode) && is_handed_over(path) && fcntl(fd, F_SETFL, 0) == 0) return fd;
    close(fd);
    error_set(error, ERROR_USAGE, "file-not-regular", "%s is no file: it is a folder, a pipe or a device", path);
    error_hint(error, "name a file");
    return -1;
}

bool file_read(struct arena *arena, const char *path, size_t limit, struct str *content, struct error *error)
{
    if (strcmp(path, "-") == 0) return read_whole(arena, STDIN_FILENO, "standard input", limit, content, error);
    CLEANUP_FD int fd = open_to_read(path, error);
    return fd >= 0 && read_whole(arena, fd, path, limit, content, error);
}

/* Part by part, no links. */
static int open_below_plainly(int folder, const char *path, int flags)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    CLEANUP_FD int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    struct str rest = path_clean(arena, str_of(path)); /* knows no ".." any more */
    while (at >= 0) {
        const char *part = arena_cstr(arena, str_cut(&rest, '/'));
        int next = openat(at, *part ? part : ".", flags | O_NOFOLLOW | (rest.data ? O_DIRECTORY : 0));
        if (next < 0 || !rest.data) return next;
        close(at);
        at = next;
    }
    return -1;
}

int file_open_below(int folder, const char *path)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct open_how how = { .flags = (uint64_t)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
    int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
    return fd >= 0 || (errno != ENOSYS && errno != EPERM) ? fd : open_below_plainly(folder, path, flags);
}

bool file_write_all(int fd, const void *data, size_t size, struct error *error)
{
    for (const char *at = data; size;) {
        ssize_t done = write(fd, at, size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return error_system(error, errno, "file-write", "cannot write");
        at += done;
        size -= (size_t)done;
    }
    return true;
}

/* The descriptor that a name like /dev/stdout stands for; -1: none. */
static int named_descriptor(const char *path)
{
    uint64_t number;
    if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
    return strncmp(path, "/dev/fd/", 8) == 0 && str_to_u64(str_of(path + 8), &number) && number < INT_MAX ? (int)number : -1;
}

/* A device, a pipe or a socket is written as it is: a rename would put a file in its place. An open descriptor goes on where it
 * is: what was written to it before stays. */
static bool open_special(struct file_draft *draft, const char *path, int descriptor, struct error *error)
{
    int fd = descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 3) : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return error_system(error, errno, "file-create", "cannot write to %s", path);
    *draft = (struct file_draft){ fd, memory_text(path), NULL };
    return true;
}

bool file_draft_open(struct file_draft *draft, const char *path, mode_t mode, struct error *error)
{
    unsigned char random[6];
    random_bytes(random, sizeof random);
    char suffix[16];
    hex_encode(random, sizeof random, suffix);
    size_t size = strlen(path) + sizeof suffix + 8;
    char *temporary = memory_alloc(size);
    snprintf(temporary, size, "%s.%s.new", path, suffix);
    interrupt_remember(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        error_system(error, errno, "file-create", "cannot create %s", path);
        interrupt_forget(temporary);
        free(temporary);
        return false;
    }
    *draft = (struct file_draft){ fd, memory_text(path), temporary };
    return true;
}

/* Where a link leads that leads to nothing yet; NULL: it is no link. */
static char *link_target(const char *path)
{
    char target[PATH_MAX];
    ssize_t size = readlink(path, target, sizeof target - 1);
    if (size <= 0) return NULL;
    target[size] = 0;
    if (target[0] == '/') return memory_text(target);
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str folder = path_folder(str_of(path));
    return memory_text(folder.size || path[0] == '/' ? arena_printf(arena, "%.*s/%s", STR_ARG(folder), target) : target);
}

bool file_draft_open_named(struct file_draft *draft, const char *path, mode_t mode, struct error *error)
{
    struct stat status;
    bool there = stat(path, &status) == 0;
    int descriptor = named_descriptor(path);
    if (descriptor >= 0 || (there && !S_ISREG(status.st_mode))) return open_special(draft, path, descriptor, error);
    CLEANUP_FREE char *resolved = there ? realpath(path, NULL) : link_target(path);
    return file_draft_open(draft, resolved ? resolved : path, there ? mode & status.st_mode : mode, error);
}

static void sync_folder_of(const char *path)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str folder = path_folder(str_of(path));
    CLEANUP_FD int fd = open(folder.size ? arena_cstr(arena, folder) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) fsync(fd);
}

bool file_draft_commit(struct file_draft *draft, bool durable, struct error *error)
{
    bool done = true;
    if (!draft->temporary) {
        file_draft_abandon(draft);
        return true;
    }
    if (durable && fsync(draft->fd) != 0) done = error_system(error, errno, "file-write", "cannot write %s", draft->path);
    if (done && rename(draft->temporary, draft->path) != 0)
        done = error_system(error, errno, "file-rename", "cannot put %s in place", draft->path);
    if (done && durable) sync_folder_of(draft->path);
    if (done) {
        interrupt_forget(draft->temporary);
        free(draft->temporary);
        draft->temporary = NULL;
    }
    file_draft_abandon(draft);
    return done;
}

void file_draft_abandon(struct file_draft *draft)
{
    if (draft->path) {
        if (draft->fd >= 0) close(draft->fd);
        if (draft->temporary) {
            unlink(draft->temporary);
            interrupt_forget(draft->temporary);
        }
    }
    free(draft->temporary);
    free(draft->path);
    *draft = (struct file_draft){ -1, NULL, NULL };
}

/* NAME.<12 hexadecimal digits>.new, as file_draft_open has it. */
static bool is_draft_of(struct str entry, struct str name)
{
    static const char digits[] = "0123456789abcdef";
    if (entry.size <= 17 || !str_ends(entry, ".new")) return false;
    struct str file = str_to(entry, entry.size - 17), suffix = str_to(str_from(entry, file.size), 13);
    if (suffix.data[0] != '.' || (name.size && !str_equal(file, name))) return false;
    for (size_t i = 1; i < suffix.size; i++)
        if (!memchr(digits, suffix.data[i], sizeof digits - 1)) return false;
    return true;
}

/* Not all of a folder that something else filled: the next writer goes on. */
void file_drafts_sweep(const char *path, struct str name)
{
    enum {
        ENTRIES = 10000,
        OLD = 60 * 60 /* no write takes an hour */
    };
    DIR *folder = opendir(path);
    struct stat status;
    time_t now = time(NULL);
    struct dirent *entry;
    for (int seen = 0; folder && seen < ENTRIES && (entry = readdir(folder)); seen++)
        if (is_draft_of(str_of(entry->d_name), name) &&
            fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
            status.st_mtime < now - OLD)
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder) closedir(folder);
}

typedef bool draft_function(struct file_draft *draft, const char *path, mode_t mode, struct error *error);

static bool write_through(draft_function *open_draft, const char *path, struct str content, mode_t mode, bool durable,
                          struct error *error)
{
    CLEANUP_DRAFT struct file_draft draft = { -1, NULL, NULL };
    if (!open_draft(&draft, path, mode, error)) return false;
    if (!file_write_all(draft.fd, content.data, content.size, error)) return error_wrap(error, "%s", path);
    return file_draft_commit(&draft, durable, error);
}

bool file_write(const char *path, struct str content, mode_t mode, bool durable, struct error *error)
{
    return write_through(file_draft_open, path, content, mode, durable, error);
}

bool file_write_named(const char *path, struct str content, mode_t mode, bool durable, struct error *error)
{
    return write_through(file_draft_open_named, path, content, mode, durable, error);
}

bool folder_make(const char *path, mode_t mode, struct error *error)
{
    if (!*path || file_is_folder(path)) return true;
    CLEANUP_FREE char *copy = memory_text(path);
    for (char *slash = copy + 1;; slash++) {
        slash = strchrnul(slash, '/');
        char kept = *slash;
        *slash = 0;
        if (mkdir(copy, mode) != 0 && errno != EEXIST)
            return error_system(error, errno, "folder-create", "cannot make folder %s", copy);
        *slash = kept;
        if (!kept) break;
    }
    if (!file_is_folder(path)) return error_set(error, ERROR_IO, "folder-create", "%s is not a folder", path);
    return true;
}

static bool remove_at(int parent, const char *name, unsigned depth, struct error *error)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR && errno != EPERM && errno != ENOTEMPTY)
        return error_system(error, errno, "file-remove", "cannot remove %s", name);
    if (depth > 64) return error_set(error, ERROR_LIMIT, "file-remove", "folders nested too deeply at %s", name);
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return error_system(error, errno, "file-remove", "cannot remove %s", name);
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return error_system(error, errno, "file-remove", "cannot remove %s", name);
    }
    bool done = true;
    for (struct dirent *entry; done && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            done = remove_at(dirfd(folder), entry->d_name, depth + 1, error);
    closedir(folder);
    if (done && unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return error_system(error, errno, "file-remove", "cannot remove %s", name);
    return done;
}

bool folder_remove(const char *path, struct error *error) { return remove_at(AT_FDCWD, path, 0, error); }

static bool map_open(int fd, const char *path, bool own, struct mapping *mapping, struct error *error)
{
    struct stat status;
    if (fd < 0) return error_system(error, errno, "file-open", "cannot open %s", path);
    if (fstat(fd, &status) != 0) return error_system(error, errno, "file-read", "cannot read %s", path);
    if (!S_ISREG(status.st_mode)) return error_set(error, ERROR_INVALID, "file-not-regular", "%s is not a regular file", path);
    if (own && ((status.st_uid != geteuid() && status.st_uid != 0) || (status.st_mode & (S_IWGRP | S_IWOTH))))
        return error_set(error, ERROR_DENIED, "file-foreign", "%s may be somebody else's work", path);
    if (status.st_size == 0) {
        *mapping = (struct mapping){ (const uint8_t *)"", 0 };
        return true;
    }
    void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) return error_system(error, errno, "file-read", "cannot map %s", path);
    *mapping = (struct mapping){ data, (size_t)status.st_size };
    return true;
}

/* O_NONBLOCK: never waits for whoever might write into a pipe of that name. */
bool file_map(const char *path, struct mapping *mapping, struct error *error)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return map_open(fd, path, false, mapping, error);
}

bool file_map_own(const char *path, struct mapping *mapping, struct error *error)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    return map_open(fd, path, true, mapping, error);
}

void file_unmap(struct mapping *mapping)
{
    if (mapping->size) munmap((void *)mapping->data, mapping->size);
    *mapping = (struct mapping){ 0 };
}

bool folder_is_own(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode)) return false;
    bool shared = status.st_mode & S_IWOTH && !(status.st_mode & S_ISVTX);
    return (status.st_uid == geteuid() || status.st_uid == 0) && !shared;
}
