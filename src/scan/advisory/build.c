/* The story of a build: find the files, read them in confined children, compare with the previous database, write beside it,
 * rename. Killed at any moment, the old database is whole (docs/database.md). */
#include "scan/advisory/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

void build_warn(struct build *build, const char *format, ...)
{
    char text[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    *vector_push(build->arena, &build->summary->warnings) = arena_str(build->arena, str_of(text));
}

/* One build a database at a time. The lock file stays: removing it would let two builds lock two files of one name. */
static bool lock_output(struct arena *arena, const char *output, int *fd, struct error *error)
{
    const char *path = arena_printf(arena, "%s.lock", output);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) return error_system(error, errno, "build-lock", "cannot make %s", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return true;
    file_close(fd);
    error_set(error, ERROR_IO, "build-busy", "another process is building %s", output);
    return error_hint(error, "wait for it to end");
}

/* A feed that lost more than half of its records is more likely broken than true. */
static void check_losses(struct build *build, bool late)
{
    for (size_t i = 0; i < build->state_count; i++) {
        struct feed_state *state = &build->states[i];
        if (!state->files.count || state->failed || state->feed->reader->late != late || build->options->force) continue;
        uint64_t before = previous_records(build->previous, state->feed->info.name);
        if (state->records * 2 >= before) continue;
        state->failed = true;
        build_warn(build, "%s is refused: it has %llu records, the previous database %llu; --force accepts it",
                   state->feed->info.name, (unsigned long long)state->records, (unsigned long long)before);
    }
}

static bool any_used(const struct build *build)
{
    for (size_t i = 0; i < build->state_count; i++)
        if (build->states[i].files.count && (!build->states[i].failed || build->states[i].kept)) return true;
    return false;
}

/* What is kept must be there before the late feeds are read: they tell of the vulnerabilities that are known by then. */
static bool read_stage(struct build *build, bool late, struct error *error)
{
    if (!build_run_jobs(build, late, error)) return false;
    check_losses(build, late);
    return previous_keep(build, late, error);
}

static bool read_feeds(struct build *build, struct error *error)
{
    if (!build_find_files(build, error)) return false;
    for (size_t i = 0; i < build->state_count; i++)
        if (!build_provenance(build, &build->states[i], error)) return false;
    if (!read_stage(build, false, error) || !read_stage(build, true, error)) return false;
    if (any_used(build)) return true;
    return error_set(error, ERROR_INVALID, "feeds-all-broken", "none of the feeds could be read: %.*s",
                     STR_ARG(build->summary->warnings.items[0]));
}

static bool sync_path(const char *path, int flags, struct error *error)
{
    CLEANUP_FD int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) return error_system(error, errno, "build-write", "cannot write %s to the disk", path);
    return true;
}

static bool replace(struct arena *arena, const char *temporary, const char *output, struct error *error)
{
    if (!sync_path(temporary, O_RDONLY, error)) return false;
    if (rename(temporary, output) != 0) return error_system(error, errno, "build-write", "cannot rename %s", temporary);
    struct str folder = path_folder(str_of(output));
    return sync_path(str_empty(folder) ? "." : arena_cstr(arena, folder), O_RDONLY | O_DIRECTORY, error);
}

static bool build_beside(struct build *build, struct error *error)
{
    const char *output = build->options->output, *temporary = arena_printf(build->arena, "%s.part", output);
    if (!read_feeds(build, error)) return false;
    unlink(temporary); /* of a build that was killed */
    interrupt_remember(temporary);
    bool good = build_write(build, temporary, error) && replace(build->arena, temporary, output, error);
    interrupt_forget(temporary);
    if (good) return true;
    unlink(temporary);
    return false;
}

bool advisory_build(struct arena *arena, const struct build_options *options, struct build_summary *summary,
                    struct error *error)
{
    struct build build = { .arena = arena, .options = options, .summary = summary, .state_count = feed_count() };
    struct str folder = path_folder(str_of(options->output));
    const char *folder_path = str_empty(folder) ? "." : arena_cstr(arena, folder);
    CLEANUP_FD int lock = -1;
    *summary = (struct build_summary){ 0 };
    if (!folder_make(folder_path, 0755, error) || !lock_output(arena, options->output, &lock, error)) return false;
    build.states = arena_array(arena, build.state_count, sizeof *build.states);
    for (size_t i = 0; i < build.state_count; i++)
        build.states[i].feed = &feed_table[i];
    if (!row_store_open(&build.store, arena, folder_path, error)) return false;
    build.previous = previous_open(options->output);
    bool good = build_beside(&build, error);
    previous_close(build.previous);
    row_store_close(&build.store);
    return good;
}
