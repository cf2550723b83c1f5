/* image, rootfs, fs, repo and scan: one scan, filtered and written. */
#include "cmd/db.h"

#include <unistd.h>

#define DEFAULT_IGNORE_FILE ".trivyignore"
#define YAML_IGNORE_FILE ".trivyignore.yaml" /* Trivy reads it only when it is named, and so do we */

bool ignore_file_find(const struct settings *settings, moment now, struct ignore_file *ignore, struct error *error)
{
    const char *path = settings->ignorefile ? settings->ignorefile : DEFAULT_IGNORE_FILE;
    /* Nobody named the default, even where a file of all defaults has it; a name that is empty asks for none. */
    bool unnamed = strcmp(path, DEFAULT_IGNORE_FILE) == 0;
    if (unnamed && file_is_regular(YAML_IGNORE_FILE))
        log_info("%s is read only when it is named: --ignorefile %s", YAML_IGNORE_FILE, YAML_IGNORE_FILE);
    if (!*path || (unnamed && !file_is_regular(path))) return true;
    return ignore_file_read(settings->arena, path, now, ignore, error);
}

static bool fill_filter(const struct settings *settings, moment now, struct ignore_file *ignore, struct filter_options *filter,
                        struct error *error)
{
    for (size_t i = 0; i < settings->severity.count; i++) {
        enum severity severity;
        if (severity_parse(settings->severity.items[i], &severity)) filter->severities[severity] = true;
    }
    for (size_t i = 0; i < settings->ignore_status.count; i++) {
        enum status status;
        if (status_parse(settings->ignore_status.items[i], &status)) filter->statuses_ignored[status] = true;
    }
    for (int status = 0; settings->ignore_unfixed && status < STATUS_COUNT; status++)
        if (status != STATUS_FIXED) filter->statuses_ignored[status] = true;
    if (!ignore_file_find(settings, now, ignore, error)) return false;
    if (ignore->path) filter->ignore = ignore;
    return true;
}

static bool write_report(const struct settings *settings, const struct report *report, const struct filter_options *filter,
                         struct error *error)
{
    const struct report_format *format = report_format_find(str_of(settings->format));
    CLEANUP_BUFFER struct buffer out = { 0 };
    bool to_terminal = !settings->output || strcmp(settings->output, "-") == 0;
    struct report_options options = {
        .list_packages = settings->list_all_pkgs,
        .show_suppressed = settings->show_suppressed,
        .severities = filter->severities,
        .without_summary = !str_vector_has(&settings->table_mode, STR("summary")),
        .without_details = !str_vector_has(&settings->table_mode, STR("detailed")),
        .width = to_terminal ? cli_width(STDOUT_FILENO) : 0,
        .colour = to_terminal && cli_wants_colour(STDOUT_FILENO),
        .ascii = !cli_speaks_utf8(),
    };
    if (!format->write(&out, settings->arena, report, &options, error)) return false;
    cli_progress_clear();
    return to_terminal ? standard_output_write(buffer_view(&out), error)
                       : file_write_named(settings->output, buffer_view(&out), 0644, true, error);
}

/* The person in front of the terminal reads the notes in the table itself. */
static bool shows_notes(const struct settings *settings)
{
    return strcmp(settings->format, "table") == 0 && !settings->output && isatty(STDOUT_FILENO) == 1 &&
           isatty(STDERR_FILENO) == 1;
}

bool report_format_check(const struct settings *settings, struct error *error)
{
    if (report_format_find(str_of(settings->format))) return true;
    error_set(error, ERROR_USAGE, "format-unknown", "the report format \"%s\" is not available", settings->format);
    return error_hint(
        error,
        "this version writes table and json; sarif, cyclonedx, spdx, gitlab, junit, html and template come in a later version");
}

/* The system keeps eight bits: 256 would say that nothing was found. */
static bool check_exit_status(int64_t status, const char *option, struct error *error)
{
    if (status >= 0 && status <= 255) return true;
    error_set(error, ERROR_USAGE, "option-value", "--%s: \"%lld\" is not a value it takes", option, (long long)status);
    return error_hint(error, "an exit status is a number from 0 to 255");
}

/* A scan that can search for nothing that was asked for must not look like a clean one. */
static bool check_scanners(const struct settings *settings, struct error *error)
{
    if (scan_request_wants(settings, "vuln") || scan_request_wants(settings, "none") || !settings->scanners.count) return true;
    error_set(error, ERROR_UNSUPPORTED, "scanner-later", "--scanners %.*s comes in a later version",
              STR_ARG(str_join(settings->arena, &settings->scanners, ",")));
    return error_hint(error, "--scanners vuln looks for vulnerabilities");
}

/* A variable of the caller's that is empty would have the report go nowhere. */
static bool check_output(const struct settings *settings, struct error *error)
{
    if (!settings->output || *settings->output) return true;
    error_set(error, ERROR_USAGE, "option-value", "--output: \"\" is not a value it takes");
    return error_hint(error, "it takes the name of a file; - is standard output");
}

/* An ignore file may come with what is scanned. */
static void tell_suppressed(const struct settings *settings, const struct report *report)
{
    size_t count = 0;
    struct str source = { 0 };
    for (size_t i = 0; i < report->results.count; i++) {
        const suppressed_vector *suppressed = &report->results.items[i].suppressed;
        if (suppressed->count) source = suppressed->items[0].source;
        count += suppressed->count;
    }
    if (count && !settings->show_suppressed)
        log_info("%.*s leaves out %zu finding%s: --show-suppressed shows %s", STR_ARG(source), count, count == 1 ? "" : "s",
                 count == 1 ? "it" : "them");
}

static bool run(struct settings *settings, enum scan_kind kind, const char *target, int *status, struct error *error)
{
    struct scan_request request = { 0 };
    struct filter_options filter = { 0 };
    struct ignore_file ignore = { 0 };
    struct report report;
    command_limit_time(scan_request_time(settings));
    bool good = check_scanners(settings, error) && report_format_check(settings, error) && check_output(settings, error) &&
                check_exit_status(settings->exit_code, "exit-code", error) &&
                check_exit_status(settings->exit_on_eol, "exit-on-eol", error) &&
                check_exit_status(settings->exit_on_unjudged, "exit-on-unjudged", error) &&
                fill_filter(settings, clock_now(), &ignore, &filter, error) &&
                scan_request_fill(settings, kind, target, &request, error) &&
                scan_request_run(settings, &request, &report, error);
    if (good) {
        coverage_note_judgement(settings, filter.severities, &report);
        if (!shows_notes(settings)) coverage_warn(&report);
        filter_apply(settings->arena, &filter, &report);
        tell_suppressed(settings, &report);
        good = write_report(settings, &report, &filter, error);
        *status = filter_exit_status(&report, settings->exit_code, settings->exit_on_eol);
        if (!*status && coverage_is_unjudged(&report)) *status = (int)settings->exit_on_unjudged;
    }
    scan_request_free(&request);
    return good;
}

static const char *the_target(const struct command *command, const struct settings *settings, size_t count, char **arguments,
                              struct error *error)
{
    if (settings->input && count == 0) return settings->input;
    if (count == 1 && !settings->input) return arguments[0];
    error_set(error, ERROR_USAGE, "target-count", "%s %s takes one target, %zu given", settings->program, command->name,
              count + (settings->input != NULL));
    error_hint(error, "for example: %s %s %s", settings->program, command->name, command->arguments ? command->arguments : "");
    return NULL;
}

/* --password-stdin, where standard input is not the target itself. */
static bool read_password(struct settings *settings, const char *target, struct error *error)
{
    struct str password;
    if (!settings->password_stdin) return true;
    if (strcmp(target, "-") == 0 || !settings->username) {
        error_set(error, ERROR_USAGE, "password-stdin", "--password-stdin needs %s",
                  settings->username ? "standard input for itself" : "a --username");
        return error_hint(error, "or keep the credentials once: %s login REGISTRY",
                          strcmp(settings->program, "pratique") == 0 ? "pratique" : "trivy registry");
    }
    if (!file_read(settings->arena, "-", 65536, &password, error)) return false;
    settings->password = arena_cstr(settings->arena, str_trim_set(password, "\r\n"));
    return true;
}

static int run_as(const struct command *command, struct settings *settings, size_t count, char **arguments, enum scan_kind kind)
{
    struct error error = { 0 };
    int status = 0;
    if (settings->download_java_db_only) {
        log_info("there is no second database for Java: nothing to fetch");
        return 0;
    }
    if (settings->download_db_only) {
        settings->all = true; /* no target tells what is needed */
        return database_fetch(settings, &(str_vector){ 0 }, &error) ? 0 : command_fail(&error);
    }
    const char *target = the_target(command, settings, count, arguments, &error);
    if (!target || !read_password(settings, target, &error) || !run(settings, kind, target, &status, &error))
        return command_fail(&error);
    return status;
}

static int run_image(const struct command *command, void *settings, size_t count, char **arguments)
{
    return run_as(command, settings, count, arguments, SCAN_IMAGE);
}

/* A folder, or the tarball of one. */
static enum scan_kind kind_of_rootfs(const char *target)
{
    return strcmp(target, "-") != 0 && file_is_folder(target) ? SCAN_FOLDER : SCAN_TAR;
}

static int run_rootfs(const struct command *command, void *settings, size_t count, char **arguments)
{
    return run_as(command, settings, count, arguments, count == 1 ? kind_of_rootfs(arguments[0]) : SCAN_FOLDER);
}

/* A folder in development: its operating system, if any, and its lock files (scan.md §4); a source tree: lock files only. */
static int run_fs(const struct command *command, void *context, size_t count, char **arguments)
{
    ((struct settings *)context)->scope = SCOPE_OS | SCOPE_LOCKFILES;
    return run_rootfs(command, context, count, arguments);
}

static int run_repo(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    settings->scope = SCOPE_LOCKFILES;
    if (count == 1 && (strstr(arguments[0], "://") || strncmp(arguments[0], "git@", 4) == 0)) {
        error_set(&error, ERROR_UNSUPPORTED, "repository-address", "%s repo reads no remote repository yet: %s",
                  settings->program, arguments[0]);
        error_hint(&error, "clone it first: git clone --depth 1 %s DIR, then %s repo DIR", arguments[0], settings->program);
        return command_fail(&error);
    }
    return run_rootfs(command, context, count, arguments);
}

/* Finds out by itself what the target is: a layout, an archive with a manifest, a tarball, a folder, else an image's name. */
static int run_scan(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    if (count != 1 || settings->input) return run_as(command, settings, count, arguments, SCAN_IMAGE);
    command_limit_time(scan_request_time(settings)); /* opening a pipe may wait */
    enum scan_kind kind = scan_request_guess(settings, arguments[0]);
    return run_as(command, settings, settings->input ? 0 : 1, arguments, kind);
}

static const struct option *const image_groups[] = { options_report,   options_scan,   options_image, options_registry,
                                                     options_database, options_global, NULL };
static const struct option *const folder_groups[] = { options_report,   options_scan,   options_registry,
                                                      options_database, options_global, NULL };

const struct command command_image = {
    "image",
    "IMAGE",
    "Vulnerabilities of a container image",
    "  pratique image --severity CRITICAL,HIGH nginx:latest\n"
    "  pratique image -f json -o report.json nginx:latest\n"
    "  pratique image --input image.tar --exit-code 1\n",
    image_groups,
    run_image,
    .foreign = foreign_trivy,
};
const struct command command_rootfs = {
    "rootfs",
    "DIR",
    "Vulnerabilities of an unpacked root file system, or of its tarball",
    "  pratique rootfs /\n  pratique rootfs rootfs.tar.gz\n",
    folder_groups,
    run_rootfs,
    .foreign = foreign_trivy,
};
const struct command command_fs = {
    "fs", "DIR", "Vulnerabilities of a folder", "  pratique fs .\n", folder_groups, run_fs, .foreign = foreign_trivy,
};
const struct command command_repo = {
    "repo", "DIR", "Vulnerabilities of a source tree", "  pratique repo .\n", folder_groups, run_repo, .foreign = foreign_trivy,
};
const struct command command_scan = {
    "scan",
    "TARGET",
    "Vulnerabilities of anything: finds out itself what the target is",
    "  pratique scan nginx:latest\n  pratique scan image.tar\n  pratique scan /\n",
    image_groups,
    run_scan,
    .foreign = foreign_trivy,
};
