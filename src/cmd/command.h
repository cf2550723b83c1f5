/* Private to `cmd`: settings, option tables and the table of sub-commands. */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "cli/cli.h"
#include "scan/report/report.h"
#include "scan/scan.h"

/* Every option's value, whichever sub-command it belongs to. */
struct settings {
    struct arena *arena;
    const char *program; /* the name that it was called by */
    /* global */
    const char *cache_dir, *config;
    bool quiet, debug, no_progress, no_color, insecure, generate_default_config;
    bool accepted; /* of options that are taken for the sake of other command lines and change nothing */
    moment timeout;
    /* scanning */
    str_vector scanners, skip_dirs, skip_files, file_patterns, pkg_types, image_sources;
    const char *input, *image, *platform, *detection_priority, *distro, *docker_host, *podman_host, *cacert;
    const char *username, *password, *registry_token;
    bool offline_scan, other_mounts, password_stdin, any_target;
    unsigned scope; /* of enum inventory_scope; 0: the command's own */
    int64_t parallel, max_image_size;
    const char *cache_backend;
    /* database */
    bool skip_db_update, download_db_only, download_java_db_only, offline;
    str_vector db_repository;
    const char *db_file;
    /* report */
    str_vector severity, ignore_status, severity_sources, table_mode;
    bool ignore_unfixed, show_suppressed, list_all_pkgs;
    const char *format, *output, *ignorefile;
    int64_t exit_code, exit_on_eol, exit_on_unjudged;
    /* db build and update */
    const char *feeds, *db_output;
    bool force, all, include_restricted;
    /* clean */
    bool scan_cache, vuln_db, others_cache; /* others_cache: what only Trivy keeps */
    str_vector only, mirrors;
};

extern const struct option options_global[], options_scan[], options_image[], options_database[], options_registry[],
    options_report[], options_json[], options_ignore[];

/* Of other command lines: what comes of options that scans have not. */
extern const struct foreign_option foreign_trivy[];

/* One file a sub-command. */
extern const struct command command_clean, command_completion, command_db, command_doctor, command_explain, command_fs,
    command_image, command_login, command_logout, command_manual, command_registry, command_repo, command_rootfs, command_scan,
    command_version;

const struct command *command_find(const char *name);
/* Sorted by name, without hidden ones. */
size_t command_count(void);
const struct command *command_at(size_t index);
/* The words an option takes, for completion and manual; NULL-terminated. */
const char *const *command_option_words(const struct option *option);

/* All of them, hidden ones too. */
struct program command_program(void);
/* --generate-default-config: writes `path`, which must not be there, with the defaults of a command's options. */
bool default_config_write(struct arena *arena, const struct command *command, const char *path, struct error *error);

/* Prints an error as the program's last word, with what docs/messages.md advises when it says nothing itself; returns the exit
 * status for its kind. */
int command_fail(const struct error *error);
/* Whether there are no more than `most` words behind the command's name. */
bool command_takes(const struct command *command, const struct settings *settings, size_t most, size_t count, char **arguments,
                   struct error *error);
/* The advice of docs/messages.md; NULL for an id that it does not have. */
const char *advice_find(const char *id);

/* --skip-dirs or --skip-files as globs from the root of what is scanned (skip_paths.c); `folder`: NULL for an image. */
const str_vector *skip_paths(struct arena *arena, const str_vector *written, const char *folder);

/* Takes Trivy's own databases out of --db-repository, which a file of its defaults names: they are not ours to pull. */
void database_drop_foreign(struct settings *settings);
/* The database that scans read: --db-file, our own below the cache folder, a trivy.db there. NULL: an error. */
const char *database_path(const struct settings *settings);
struct advisory_store *database_open(const struct settings *settings, struct error *error);
/* A try to fetch failed within the hour. */
bool database_failed_lately(const struct settings *settings);
/* Fetching is allowed: not switched off, and no try failed within the hour. */
bool database_may_refresh(const struct settings *settings);
bool database_is_stale(const struct settings *settings, struct advisory_store *store);
/* Fetches the families' feeds, or pulls. A failure is remembered: scans do not try again within the hour. */
bool database_fetch(struct settings *settings, const str_vector *families, struct error *error);
/* Fetches what the family needs. A failure is an error only when there is no database at all. */
bool database_refresh(struct settings *settings, struct str family, struct error *error);

/* A scan brings an older database up to date, if it may; a report says of one that is older still, or whose newest data on the
 * distribution is, that it is old (docs/database.md). */
#define DATABASE_FRESH (24 * 3600 * SECOND)
#define DATABASE_OLD_DAYS 7
#define SOURCE_OLD_DAYS 14
#define STARTER_FEED "starter"
#define SEVERITY_FEED "nvd"

/* Adds to the report's coverage: nothing was looked for, the database is old or only a selection. */
void coverage_note_judgement(const struct settings *settings, const bool *severities, struct report *report);
/* True when something makes an empty result worthless. */
bool coverage_is_unjudged(const struct report *report);
/* What does, on standard error too. */
void coverage_warn(const struct report *report);

/* Standard output: once at the start; a text at once; and what was printed, at the end. A reader who has gone away ends the
 * process by SIGPIPE. */
void standard_output_prepare(void);
bool standard_output_write(struct str text, struct error *error);
bool standard_output_finish(struct error *error);

/* From now on the process ends with a message when so much time has passed; 0: no longer. */
void command_limit_time(moment limit);

/* What registries are spoken to with. */
struct oci_options registry_options(const struct settings *settings);

/* --ignorefile, or .trivyignore if it is there; ignore->path stays NULL when there is none. */
bool ignore_file_find(const struct settings *settings, moment now, struct ignore_file *ignore, struct error *error);

/* --format is one that this version writes. */
bool report_format_check(const struct settings *settings, struct error *error);

/* The scan as the settings say, up to the unfiltered report. The store is closed by the caller. */
struct scan_request {
    struct scan_options options;
    struct advisory_store *store;
    bool missing; /* there is no database yet */
};
/* What the target is that nobody named the kind of: a folder, or an image's name; of a layout, an archive or a tarball it sets
 * --input. */
enum scan_kind scan_request_guess(struct settings *settings, const char *target);
bool scan_request_wants(const struct settings *settings, const char *scanner);
/* --timeout, or the default of scans. */
moment scan_request_time(const struct settings *settings);
/* The store stays NULL when the database is missing but may be fetched once the target's family is known. */
bool scan_request_fill(const struct settings *settings, enum scan_kind kind, const char *target, struct scan_request *request,
                       struct error *error);
void scan_request_free(struct scan_request *request);
/* scan_run, with the database fetched or refreshed on the way when that is needed and allowed. */
bool scan_request_run(struct settings *settings, struct scan_request *request, struct report *report, struct error *error);

#endif
