/* In the confined child: a folder of this machine. Other mounts, network and kernel file systems are left out. */
#include "scan/layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ENTRY_LIMIT 20000000

struct folder_walk {
    const struct walk_options *options;
    struct arena *arena;
    struct layer_content *content;
    struct map *done; /* wanted paths that were read */
    struct walk_pairs pairs;
    str_vector folders, links; /* folders whose every file may be wanted, links found in them */
    int root;
    dev_t device;
    ino_t root_inode;
    char path[4096];
    size_t path_size;
};

static void add_problem(struct folder_walk *walk, struct str path, const char *id, const char *words)
{
    *vector_push(walk->arena, &walk->content->problems) =
        (struct problem){ arena_str(walk->arena, path), str_of(id), arena_strf(walk->arena, "%.*s: %s", STR_ARG(path), words) };
}

/* What is open, if it is a regular file. */
static void read_open(struct folder_walk *walk, int fd, struct str path, uint64_t wanted)
{
    struct stat status;
    struct error error = { 0 };
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
    CLEANUP_STREAM struct stream *stream = stream_of_file(fd, 0, (uint64_t)status.st_size, 65536);
    CLEANUP_BUFFER struct buffer buffer = { 0 };
    struct str copy = arena_str(walk->arena, path);
    map_set(walk->done, copy, walk);
    if (!stream_read_all(stream, &buffer, INVENTORY_FILE_LIMIT, &error)) {
        add_problem(walk, path, error.id, error.message);
        return;
    }
    struct str kept = arena_str(walk->arena, buffer_view(&buffer));
    inventory_read(walk->arena, walk->options->inventory, wanted, copy, kept, &walk->content->fragments,
                   &walk->content->problems);
    walk_pairs_add(walk->arena, &walk->pairs, wanted, copy, (struct str){ 0 }, kept);
}

/* By its name in an open folder. Between the listing and this moment somebody may have put a link or a pipe there: neither is
 * followed or waited for. */
static void read_wanted(struct folder_walk *walk, int folder, const char *name, struct str path, uint64_t wanted)
{
    CLEANUP_FD int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        read_open(walk, fd, path, wanted);
    else if (errno != ENOENT && errno != ELOOP)
        add_problem(walk, path, "file-open", strerrordesc_np(errno));
}

/* Numbers of linux/magic.h: file systems that are no part of a machine's own tree. */
static bool is_foreign_filesystem(int fd)
{
    static const unsigned long kinds[] = { 0x6969 /* nfs */,      0xff534d42 /* cifs */,
                                           0xfe534d42 /* smb2 */, 0x65735546 /* fuse */,
                                           0x9fa0 /* proc */,     0x62656572 /* sysfs */,
                                           0x01021997 /* 9p */,   0x64626720 /* debugfs */,
                                           0x27e0eb /* cgroup */, 0x63677270 /* cgroup2 */ };
    struct statfs status;
    if (fstatfs(fd, &status) != 0) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((unsigned long)status.f_type == kinds[i]) return true;
    return false;
}

static bool always_skipped(const struct folder_walk *walk, struct str path, struct str name)
{
    return str_is(name, ".git") || str_is(path, "proc") || str_is(path, "sys") || str_is(path, "dev");
}

static void walk_folder(struct folder_walk *walk, int fd, unsigned depth);

static void enter(struct folder_walk *walk, int folder, const char *name, struct str path, unsigned depth)
{
    if (always_skipped(walk, path, str_of(name)) || walk_skips(walk->options, path, true)) return;
    CLEANUP_FD int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        add_problem(walk, path, "folder-unreadable", strerrordesc_np(errno));
        return;
    }
    struct stat status;
    if (fstat(fd, &status) != 0) return;
    if (status.st_dev != walk->device && (!walk->options->other_mounts || is_foreign_filesystem(fd))) return;
    if (depth >= WALK_DEPTH_LIMIT) {
        add_problem(walk, path, "folder-too-deep", "folders nest too deeply below it");
        return;
    }
    walk_folder(walk, fd, depth);
}

static void visit(struct folder_walk *walk, int folder, const struct dirent *entry, unsigned depth)
{
    size_t name_size = strlen(entry->d_name), before = walk->path_size;
    if (++walk->content->entries > ENTRY_LIMIT) return;
    if (before + name_size + 2 > sizeof walk->path) {
        add_problem(walk, str_make(walk->path, before), "folder-too-deep", "a path below it is longer than 4096 bytes");
        return;
    }
    if (before) walk->path[walk->path_size++] = '/';
    memcpy(walk->path + walk->path_size, entry->d_name, name_size + 1);
    walk->path_size += name_size;
    struct str path = str_make(walk->path, walk->path_size);
    unsigned char type = entry->d_type;
    struct stat status = { 0 };
    if (type == DT_UNKNOWN && fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        type = S_ISDIR(status.st_mode) ? DT_DIR : S_ISREG(status.st_mode) ? DT_REG : DT_LNK;
    if (type == DT_DIR) {
        enter(walk, folder, entry->d_name, path, depth + 1);
    } else if (type == DT_REG) {
        uint64_t wanted = walk_wants(walk->options, path);
        if (wanted) read_wanted(walk, folder, entry->d_name, path, wanted);
    } else if (type == DT_LNK && walk_wants(walk->options, path) && str_vector_has(&walk->folders, path_folder(path))) {
        *vector_push(walk->arena, &walk->links) = arena_str(walk->arena, path);
    }
    walk->path_size = before;
    walk->path[before] = 0;
}

static void walk_folder(struct folder_walk *walk, int fd, unsigned depth)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *folder = own < 0 ? NULL : fdopendir(own);
    if (!folder) {
        if (own >= 0) close(own);
        add_problem(walk, str_make(walk->path, walk->path_size), "folder-unreadable", "cannot be listed");
        return;
    }
    for (struct dirent *entry; errno = 0, (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) visit(walk, dirfd(folder), entry, depth);
    if (errno) add_problem(walk, str_make(walk->path, walk->path_size), "folder-unreadable", strerrordesc_np(errno));
    closedir(folder);
}

/* A path with its links followed inside the root only (openat2, Linux 5.6); without openat2 links are left alone. */
static int open_in_root(struct folder_walk *walk, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                            .resolve = resolve | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
    return (int)syscall(SYS_openat2, walk->root, path, &how, sizeof how);
}

/* As if it lay where the link to it stands. */
static void walk_linked_folder(struct folder_walk *walk, struct str path)
{
    const char *name = arena_cstr(walk->arena, path);
    CLEANUP_FD int plain = open_in_root(walk, name, O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    if (plain >= 0 || errno == ENOENT) return; /* walked already, or not there */
    CLEANUP_FD int fd = open_in_root(walk, name, O_DIRECTORY, 0);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) return;
    if (status.st_dev == walk->device && status.st_ino == walk->root_inode) return; /* all of it once more */
    if (status.st_dev != walk->device && (!walk->options->other_mounts || is_foreign_filesystem(fd))) return;
    if (walk_skips(walk->options, path, true)) return;
    memcpy(walk->path, name, path.size + 1);
    walk->path_size = path.size;
    walk_folder(walk, fd, 0);
    walk->path_size = 0;
}

static void read_through_link(struct folder_walk *walk, struct str path)
{
    if (map_get(walk->done, path)) return;
    uint64_t wanted = walk_wants(walk->options, path);
    CLEANUP_FD int fd = wanted ? open_in_root(walk, arena_cstr(walk->arena, path), 0, 0) : -1;
    if (fd >= 0) read_open(walk, fd, path, wanted);
}

/* Exact paths and folders that the walk did not meet as what they are: behind links. */
static void read_behind_links(struct folder_walk *walk)
{
    str_vector paths = { 0 };
    for (size_t i = 0; i < walk->folders.count; i++)
        walk_linked_folder(walk, walk->folders.items[i]);
    inventory_fixed_paths(walk->options->inventory, walk->arena, &paths);
    for (size_t i = 0; i < paths.count; i++)
        read_through_link(walk, paths.items[i]);
    for (size_t i = 0; i < walk->links.count; i++)
        read_through_link(walk, walk->links.items[i]);
}

int folder_walk(const struct walk_options *options, int output)
{
    struct layer_content content = { 0 };
    struct folder_walk walk = { .options = options, .arena = arena_new(), .content = &content };
    walk.done = map_new(walk.arena);
    struct error error = { 0 };
    walk.root = open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    if (walk.root < 0 || fstat(walk.root, &status) != 0) {
        error_system(&error, errno, "folder-open", "cannot open the folder %s", options->folder);
        return walk_answer(output, NULL, &error);
    }
    walk.device = status.st_dev;
    walk.root_inode = status.st_ino;
    inventory_fixed_folders(options->inventory, walk.arena, &walk.folders);
    walk_folder(&walk, walk.root, 0);
    read_behind_links(&walk);
    walk_pairs_read(walk.arena, &walk.pairs, &content);
    if (content.entries > ENTRY_LIMIT)
        *vector_push(walk.arena, &content.problems) = (struct problem){
            { 0 }, STR("folder-entries"), arena_strf(walk.arena, "more than %d entries: the rest was not read", ENTRY_LIMIT)
        };
    return walk_answer(output, &content, NULL);
}
