#include "base/base.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_join(struct arena *arena, const char *folder, const char *name)
{
    size_t size = strlen(folder);
    return arena_printf(arena, "%s%s%s", folder, size && folder[size - 1] == '/' ? "" : "/", name);
}

struct str path_clean(struct arena *arena, struct str path)
{
    /* Most paths are clean but for a leading "./" or "/": no copy then. */
    while (str_starts(path, "/") || str_starts(path, "./"))
        path = str_from(path, path.data[0] == '/' ? 1 : 2);
    while (path.size && path.data[path.size - 1] == '/')
        path.size--;
    bool clean = !str_is(path, ".") && !str_is(path, "..");
    for (size_t i = 0; clean && i + 1 < path.size; i++)
        if (path.data[i] == '/' && (path.data[i + 1] == '/' || path.data[i + 1] == '.')) clean = false;
    if (clean && !str_starts(path, "../")) return path;

    char *out = arena_alloc(arena, path.size + 1);
    size_t size = 0;
    for (struct str rest = path; rest.data;) {
        struct str part = str_cut(&rest, '/');
        if (!part.size || str_is(part, ".")) continue;
        if (str_is(part, "..")) {
            ptrdiff_t slash = str_find_last(str_make(out, size), '/');
            size = slash < 0 ? 0 : (size_t)slash;
            continue;
        }
        if (size) out[size++] = '/';
        memcpy(out + size, part.data, part.size);
        size += part.size;
    }
    return str_make(out, size);
}

struct str path_base(struct str path)
{
    ptrdiff_t slash = str_find_last(path, '/');
    return slash < 0 ? path : str_from(path, (size_t)slash + 1);
}

struct str path_folder(struct str path)
{
    ptrdiff_t slash = str_find_last(path, '/');
    return slash < 0 ? str_to(path, 0) : str_to(path, (size_t)slash);
}

char *path_home(struct arena *arena)
{
    const char *home = getenv("HOME");
    if (home && home[0] == '/') return arena_strdup(arena, home);
    struct passwd *user = getpwuid(getuid());
    return arena_strdup(arena, user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : "/");
}

/* Below /tmp anybody may have made the folder of that name first, or a link: then it is a new one, used this once. */
static char *temporary_home(struct arena *arena)
{
    char *path = arena_printf(arena, "/tmp/pratique-%u", (unsigned)geteuid());
    struct stat status;
    mkdir(path, 0700);
    if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
        !(status.st_mode & (S_IWGRP | S_IWOTH)))
        return path;
    path = arena_printf(arena, "/tmp/pratique-%u-XXXXXX", (unsigned)geteuid());
    return mkdtemp(path) ? path : arena_strdup(arena, "/nonexistent");
}

char *path_cache_home(struct arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    if (cache && cache[0] == '/') return arena_strdup(arena, cache);
    char *home = path_home(arena);
    if (strcmp(home, "/") == 0) return temporary_home(arena);
    return path_join(arena, home, ".cache");
}
