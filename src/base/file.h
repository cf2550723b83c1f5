/* Files and paths of the machine we run on. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

void file_close(int *fd);
#define CLEANUP_FD __attribute__((cleanup(file_close)))

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_is_regular(const char *path);

/* Whole content, NUL-terminated beyond its size. More than `limit` bytes: ERROR_LIMIT. "-" is stdin. What is no file is
 * refused, never waited for; but for /dev/null and a pipe that the shell handed over. */
bool file_read(struct arena *arena, const char *path, size_t limit, struct str *content, struct error *error);

/* Written beside the final name, fsynced when `durable`, then renamed over it: readers see the old or the new content,
 * never a part. Whatever has the name is replaced: a link, a pipe that somebody put there. */
bool file_write(const char *path, struct str content, mode_t mode, bool durable, struct error *error);
/* The same for a file that the user named: of a link, what it leads to is replaced; rights that the old file lacked are not
 * given to the new one; devices, pipes and /dev/stdout and its like are written to as they are. */
bool file_write_named(const char *path, struct str content, mode_t mode, bool durable, struct error *error);

/* The same in steps, for what is written as a stream. Start with zero; always end with commit or abandon. */
struct file_draft {
    int fd;
    char *path, *temporary; /* temporary: NULL when written in place */
};
bool file_draft_open(struct file_draft *draft, const char *path, mode_t mode, struct error *error);
bool file_draft_open_named(struct file_draft *draft, const char *path, mode_t mode, struct error *error);
bool file_draft_commit(struct file_draft *draft, bool durable, struct error *error);
/* Harmless after a commit. */
void file_draft_abandon(struct file_draft *draft);
/* Removes drafts in a folder that writers left who were killed: older than an hour, of the file `name`; "": of any. */
void file_drafts_sweep(const char *folder, struct str name);
#define CLEANUP_DRAFT __attribute__((cleanup(file_draft_abandon)))

/* Opens a file for reading below an open folder; links are followed as long as they stay below it, nothing is waited for. -1
 * with errno, EXDEV or ELOOP for a link that leads out. Before Linux 5.6, or where openat2 is forbidden, no link is followed.
 */
int file_open_below(int folder, const char *path);

bool file_write_all(int fd, const void *data, size_t size, struct error *error);

/* mkdir -p; "" is the current folder. */
bool folder_make(const char *path, mode_t mode, struct error *error);
/* No other user but root can rename what lies in it: ours, no link, not writable by others but for a sticky one. */
bool folder_is_own(const char *path);
/* rm -r; a missing folder is fine. Never follows symlinks. */
bool folder_remove(const char *path, struct error *error);

/* Read-only view of a whole file. Zero-size files give data = "". */
struct mapping {
    const uint8_t *data;
    size_t size;
};
bool file_map(const char *path, struct mapping *mapping, struct error *error);
/* The same for a file that no other user but root can have put there: ours, no link, not writable by others. */
bool file_map_own(const char *path, struct mapping *mapping, struct error *error);
void file_unmap(struct mapping *mapping);
#define CLEANUP_MAPPING __attribute__((cleanup(file_unmap)))

char *path_join(struct arena *arena, const char *folder, const char *name);
/* Cleans a path of a foreign tree: no leading '/', no "." or empty parts, ".." resolved and never above the root. "" for
 * the root itself. */
struct str path_clean(struct arena *arena, struct str path);
struct str path_base(struct str path);   /* after the last '/' */
struct str path_folder(struct str path); /* before the last '/', "" without one */

/* $XDG_CACHE_HOME, else ~/.cache, else a folder of the user below /tmp. */
char *path_cache_home(struct arena *arena);
char *path_home(struct arena *arena);

#endif
