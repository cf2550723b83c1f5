/* pratique db build: the database from a folder of feeds. */
#include "cmd/db.h"

#include <stdio.h>

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
