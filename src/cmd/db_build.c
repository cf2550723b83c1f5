/* pratique db build: the database from a folder of feeds. */
#include "cmd/db.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void show_progress(void *context, const char *feed, unsigned percent)
{
    char text[96];
    snprintf(text, sizeof text, "database: %s %u%%", feed, percent);
    cli_progress(text, 0, 0);
}

const char *db_output_path(const struct settings *settings)
{
    return settings->db_output ? settings->db_output : path_join(settings->arena, settings->cache_dir, "db/pratique.db");
}

/* `.part` is a build's: it is written to all the time, and the next build of that file takes its place. */
void db_sweep(const struct settings *settings, const char *path)
{
    struct str folder = path_folder(str_of(path));
    const char *part = arena_printf(settings->arena, "%.*s.part", STR_ARG(str_of(path)));
    struct stat status;
    file_drafts_sweep(folder.size || *path == '/' ? arena_printf(settings->arena, "%.*s/", STR_ARG(folder)) : ".",
                      path_base(str_of(path)));
    if (lstat(part, &status) == 0 && S_ISREG(status.st_mode) && status.st_mtime < time(NULL) - 3600) unlink(part);
}

bool db_build_from(struct settings *settings, const char *feeds, struct error *error)
{
    struct build_summary summary = { 0 };
    struct build_options options = {
        .feeds = feeds,
        .output = db_output_path(settings),
        .now = clock_now() / SECOND * SECOND, /* it is shown to people */
        .force = settings->force,
        .only = &settings->only,
        .progress = show_progress,
    };
    const char *folder = arena_cstr(settings->arena, path_folder(str_of(options.output)));
    if (*folder && !folder_make(folder, 0755, error)) return false;
    db_sweep(settings, options.output);
    bool built = advisory_build(settings->arena, &options, &summary, error);
    cli_progress_clear();
    for (size_t i = 0; i < summary.warnings.count; i++)
        log_warn("%.*s", STR_ARG(summary.warnings.items[i]));
    if (built)
        log_info("%s: %zu feed%s, %zu records, %zu packages, %zu vulnerabilities", options.output, summary.feeds,
                 summary.feeds == 1 ? "" : "s", summary.records, summary.packages, summary.vulnerabilities);
    return built;
}

int db_build(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    if (!settings->feeds) {
        error_set(&error, ERROR_USAGE, "db-feeds", "pratique db build needs a folder of feeds");
        error_hint(&error, "name it: pratique db build --feeds DIR; docs/feeds.md says how it is laid out");
        return command_fail(&error);
    }
    return db_build_from(settings, settings->feeds, &error) ? 0 : command_fail(&error);
}
