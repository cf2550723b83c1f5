/* pratique clean: takes our own files out of the cache folder, and none of another program. */
#include "cmd/command.h"

static bool remove_file_or_folder(const struct settings *settings, const char *name, struct error *error)
{
    const char *path = path_join(settings->arena, settings->cache_dir, name);
    if (!folder_remove(path, error)) return false;
    log_debug("removed %s", path);
    return true;
}

static const struct {
    size_t wanted; /* the option that asks for it */
    const char *names[8];
} parts[] = {
    { offsetof(struct settings, scan_cache), { "pratique/layers" } },
    { offsetof(struct settings, vuln_db),
      { "db/pratique.db", "db/pratique.db.part", "db/pulled", "db/pulled.zst", "db/update-failed", "db/feeds" } },
};

static int run_clean(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    if (count || (!settings->all && !settings->scan_cache && !settings->vuln_db && !settings->others_cache)) {
        error_set(&error, ERROR_USAGE, "clean-what", "%s clean needs to know what to remove", settings->program);
        error_hint(&error, "--scan-cache: analysed layers; --vuln-db: the database; --all: both");
        return command_fail(&error);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        bool wanted = settings->all || *(const bool *)((const char *)settings + parts[i].wanted);
        for (const char *const *name = parts[i].names; wanted && *name; name++)
            if (!remove_file_or_folder(settings, *name, &error)) return command_fail(&error);
    }
    return 0;
}

#define AT(member) offsetof(struct settings, member)

static const struct option options_clean[] = {
    { "all", 'a', OPTION_FLAG, AT(all), NULL, "everything of ours in the cache folder", .config = "clean.all" },
    { "checks-bundle", 0, OPTION_FLAG, AT(others_cache), NULL, "accepted: none is kept", .config = "clean.checks-bundle" },
    { "java-db", 0, OPTION_FLAG, AT(others_cache), NULL, "accepted: there is no second database", .config = "clean.java-db" },
    { "scan-cache", 0, OPTION_FLAG, AT(scan_cache), NULL, "analysed layers", .config = "clean.scan-cache" },
    { "vex-repo", 0, OPTION_FLAG, AT(others_cache), NULL, "accepted: none is kept", .config = "clean.vex-repo" },
    { "vuln-db", 0, OPTION_FLAG, AT(vuln_db), NULL, "the vulnerability database, and the feeds it was built from",
      .config = "clean.vuln-db" },
    { 0 },
};

static const struct option *const groups[] = { options_clean, options_global, NULL };
const struct command command_clean = {
    "clean", NULL,      "Removes what is kept in the cache folder", "  pratique clean --scan-cache\n  pratique clean --all\n",
    groups,  run_clean,
};
