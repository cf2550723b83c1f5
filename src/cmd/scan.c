/* image, rootfs, fs, repo and scan: one scan, filtered and written. */
#include "cmd/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT (300 * SECOND) /* options_global tells it */

static void show_progress(void *context, size_t done, size_t total) { cli_progress("layers", done, total); }

static void fill_sources(const struct settings *settings, struct oci_options *image)
{
    static const char *const names[OCI_SOURCES] = {
        [OCI_DOCKER] = "docker", [OCI_CONTAINERD] = "containerd", [OCI_PODMAN] = "podman", [OCI_REMOTE] = "remote"
    };
    for (size_t i = 0; i < settings->image_sources.count && image->source_count < OCI_SOURCES; i++)
        for (int source = 0; source < OCI_SOURCES; source++)
            if (str_is(settings->image_sources.items[i], names[source]))
                image->sources[image->source_count++] = (enum oci_source)source;
}

static bool fill_patterns(const struct settings *settings, struct inventory_options *inventory, struct error *error)
{
    for (size_t i = 0; i < settings->file_patterns.count; i++) {
        struct str rest = settings->file_patterns.items[i], name = str_cut(&rest, ':');
        bool known = false;
        for (size_t j = 0; j < cataloguer_count(); j++)
            known = known || str_is(name, cataloguer_at(j)->name);
        if (!rest.data || !known) {
            error_set(error, ERROR_USAGE, "file-pattern", "--file-patterns \"%.*s\" names no cataloguer",
                      STR_ARG(settings->file_patterns.items[i]));
            return error_hint(error, "it has the form NAME:REGEX, with NAME such as dpkg, rpm, apk, node-pkg");
        }
        struct regex *regex = regex_compile(rest, error);
        if (!regex) return false;
        struct file_pattern *pattern = vector_push(settings->arena, &inventory->file_patterns);
        *pattern = (struct file_pattern){ name, regex, rest };
    }
    return true;
}

static struct str text_or_empty(const char *text) { return text ? str_of(text) : (struct str){ 0 }; }

struct oci_options registry_options(const struct settings *settings)
{
    return (struct oci_options){
        .insecure = settings->insecure,
        .ca_file = settings->cacert,
        .username = text_or_empty(settings->username),
        .password = text_or_empty(settings->password),
        .token = text_or_empty(settings->registry_token),
    };
}

static bool wants_scanner(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->scanners.count; i++)
        if (str_is_nocase(settings->scanners.items[i], name)) return true;
    return false;
}

static moment time_allowed(const struct settings *settings) { return settings->timeout ? settings->timeout : DEFAULT_TIMEOUT; }

/* The time allowed counts from now. */
static void start_clock(const struct settings *settings, struct scan_options *options)
{
    options->deadline = options->image.deadline = clock_monotonic() + time_allowed(settings);
}

/* Can be read once only: the database must be there before. */
static bool reads_stdin(const struct scan_options *options)
{
    const char *source = options->image.input ? options->image.input : options->target;
    return strcmp(source, "-") == 0;
}

bool scan_request_fill(const struct settings *settings, enum scan_kind kind, const char *target, struct scan_request *request,
                       struct error *error)
{
    struct scan_options *options = &request->options;
    const struct report_format *format = settings->format ? report_format_find(str_of(settings->format)) : NULL;
    *options = (struct scan_options){
        .kind = kind,
        .target = target,
        .or_tarball = settings->any_target,
        .artifact_type = kind == SCAN_IMAGE ? "container_image" : "filesystem",
        .cache = settings->cache_backend && strcmp(settings->cache_backend, "memory") == 0 ? NULL : settings->cache_dir,
        .severity_sources = &settings->severity_sources,
        .skip_folders = &settings->skip_dirs,
        .skip_files = &settings->skip_files,
        .other_mounts = settings->other_mounts,
        .with_files = format && format->needs_files && settings->list_all_pkgs,
        .parallel = settings->parallel > 0 ? (unsigned)settings->parallel : 0,
        .now = clock_now(),
        .progress = show_progress,
    };
    options->image = registry_options(settings);
    options->image.input = settings->input;
    options->image.image = settings->image;
    options->image.platform = text_or_empty(settings->platform);
    options->image.docker_host = settings->docker_host;
    options->image.podman_host = settings->podman_host;
    options->image.max_size = (uint64_t)settings->max_image_size;
    start_clock(settings, options);
    options->finish = (struct inventory_finish_options){
        .comprehensive = settings->detection_priority && str_is_nocase(str_of(settings->detection_priority), "comprehensive"),
        .distro = text_or_empty(settings->distro),
        .os_packages = str_vector_has(&settings->pkg_types, STR("os")),
        .library_packages = str_vector_has(&settings->pkg_types, STR("library")),
    };
    if (settings->severity_sources.count == 1 && str_is(settings->severity_sources.items[0], "auto"))
        options->severity_sources = NULL;
    options->inventory.scope = settings->scope ? settings->scope : SCOPE_OS | SCOPE_INSTALLED;
    if (!options->finish.library_packages) options->inventory.scope &= SCOPE_OS;
    fill_sources(settings, &options->image);
    if (!fill_patterns(settings, &options->inventory, error)) return false;
    if (!wants_scanner(settings, "vuln")) return true;
    if (!file_exists(database_path(settings)) && database_may_refresh(settings) && !reads_stdin(options)) {
        request->missing = true;
        return true;
    }
    request->store = database_open(settings, error);
    options->store = request->store;
    return request->store != NULL;
}

static bool has_note(const struct report *report, const char *kind)
{
    for (size_t i = 0; i < report->coverage.count; i++)
        if (str_is(report->coverage.items[i].kind, kind)) return true;
    return false;
}

static bool scan_within(const struct settings *settings, struct scan_request *request, struct report *report,
                        struct error *error)
{
    command_limit_time(request->options.deadline - clock_monotonic());
    bool good = scan_run(settings->arena, &request->options, report, error);
    command_limit_time(0);
    return good;
}

bool scan_request_run(struct settings *settings, struct scan_request *request, struct report *report, struct error *error)
{
    if (!scan_within(settings, request, report, error)) return false;
    bool lacking = request->store && (database_is_stale(settings, request->store) ||
                                      (has_note(report, "release-unknown") && !advisory_store_is_trivy(request->store)));
    if (!request->missing && !(lacking && database_may_refresh(settings) && !reads_stdin(&request->options))) return true;
    if (!report->os_known && !request->missing) return true; /* nothing there that a database could judge */
    if (!database_refresh(settings, report->os.family, error)) return false;
    advisory_store_close(request->store);
    request->missing = false;
    request->store = request->options.store = database_open(settings, error);
    start_clock(settings, &request->options);
    return request->store && scan_within(settings, request, report, error);
}

void scan_request_free(struct scan_request *request)
{
    advisory_store_close(request->store);
    for (size_t i = 0; i < request->options.inventory.file_patterns.count; i++)
        regex_free(request->options.inventory.file_patterns.items[i].regex);
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
    const char *path = settings->ignorefile ? settings->ignorefile : file_is_regular(".trivyignore") ? ".trivyignore" : NULL;
    if (path && !ignore_file_read(settings->arena, path, now, ignore, error)) return false;
    if (path) filter->ignore = ignore;
    return true;
}

static bool write_report(const struct settings *settings, const struct report *report, const struct filter_options *filter,
                         struct error *error)
{
    const struct report_format *format = report_format_find(str_of(settings->format));
    CLEANUP_BUFFER struct buffer out = { 0 };
    bool to_terminal = !settings->output;
    struct report_options options = {
        .list_packages = settings->list_all_pkgs,
        .show_suppressed = settings->show_suppressed,
        .severities = filter->severities,
        .width = to_terminal ? cli_width(STDOUT_FILENO) : 0,
        .colour = to_terminal && cli_wants_colour(STDOUT_FILENO),
        .ascii = !cli_speaks_utf8(),
    };
    if (!format->write(&out, settings->arena, report, &options, error)) return false;
    cli_progress_clear();
    if (settings->output && strcmp(settings->output, "-") != 0)
        return file_write(settings->output, buffer_view(&out), 0644, true, error);
    return file_write_all(STDOUT_FILENO, out.data, out.size, error);
}

static bool check_format(const struct settings *settings, struct error *error)
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

static void warn_of_scanners(const struct settings *settings)
{
    static const char *const later[] = { "secret", "misconfig", "license" };
    for (size_t i = 0; i < 3; i++)
        if (wants_scanner(settings, later[i]))
            log_warn("--scanners %s comes in a later version: nothing is searched for it", later[i]);
}

static bool run(struct settings *settings, enum scan_kind kind, const char *target, int *status, struct error *error)
{
    struct scan_request request = { 0 };
    struct filter_options filter = { 0 };
    struct ignore_file ignore = { 0 };
    struct report report;
    warn_of_scanners(settings);
    command_limit_time(time_allowed(settings)); /* an ignore file or a database may be a pipe */
    bool good = check_format(settings, error) && check_exit_status(settings->exit_code, "exit-code", error) &&
                check_exit_status(settings->exit_on_eol, "exit-on-eol", error) &&
                fill_filter(settings, clock_now(), &ignore, &filter, error) &&
                scan_request_fill(settings, kind, target, &request, error) &&
                scan_request_run(settings, &request, &report, error);
    if (good) {
        coverage_note_judgement(settings, &report);
        coverage_warn(&report);
        filter_apply(settings->arena, &filter, &report);
        good = write_report(settings, &report, &filter, error);
        *status = filter_exit_status(&report, settings->exit_code, settings->exit_on_eol);
    }
    scan_request_free(&request);
    return good;
}

static const char *the_target(const struct command *command, const struct settings *settings, size_t count, char **arguments,
                              struct error *error)
{
    if (settings->input && count == 0) return settings->input;
    if (count == 1 && !settings->input) return arguments[0];
    error_set(error, ERROR_USAGE, "target-count", "pratique %s takes one target, %zu given", command->name,
              count + (settings->input != NULL));
    error_hint(error, "for example: pratique %s %s", command->name, command->arguments ? command->arguments : "");
    return NULL;
}

static int run_as(const struct command *command, struct settings *settings, size_t count, char **arguments, enum scan_kind kind)
{
    struct error error = { 0 };
    int status = 0;
    command_apply_globals(settings);
    if (settings->download_db_only) {
        settings->all = true; /* no target tells what is needed */
        return db_refresh(settings, &(str_vector){ 0 }, &error) ? 0 : command_fail(&error);
    }
    const char *target = the_target(command, settings, count, arguments, &error);
    if (!target || !run(settings, kind, target, &status, &error)) return command_fail(&error);
    return status;
}

static int run_image(const struct command *command, void *settings, size_t count, char **arguments)
{
    return run_as(command, settings, count, arguments, SCAN_IMAGE);
}

static bool is_layout(struct arena *arena, const char *path) { return file_exists(path_join(arena, path, "oci-layout")); }

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
    ((struct settings *)context)->scope = SCOPE_LOCKFILES;
    log_warn("lock files are read from a later version on: a source tree has nothing else to report");
    return run_rootfs(command, context, count, arguments);
}

/* Finds out by itself what the target is: a layout, an archive with a manifest, a tarball, a folder, else an image's name. */
static int run_scan(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    if (count != 1 || settings->input) return run_as(command, settings, count, arguments, SCAN_IMAGE);
    const char *target = arguments[0];
    if (file_is_folder(target) && !is_layout(settings->arena, target))
        return run_as(command, settings, count, arguments, SCAN_FOLDER);
    if (!file_exists(target) && strcmp(target, "-") != 0) return run_as(command, settings, count, arguments, SCAN_IMAGE);
    settings->input = target;
    settings->any_target = true;
    return run_as(command, settings, 0, arguments, SCAN_IMAGE);
}

static const struct option *const image_groups[] = { options_report,   options_scan,   options_image, options_registry,
                                                     options_database, options_global, NULL };
static const struct option *const folder_groups[] = { options_report, options_scan, options_database, options_global, NULL };

const struct command command_image = {
    "image",
    "IMAGE",
    "Vulnerabilities of a container image",
    "  pratique image --severity CRITICAL,HIGH nginx:latest\n"
    "  pratique image -f json -o report.json nginx:latest\n"
    "  pratique image --input image.tar --exit-code 1\n",
    image_groups,
    run_image,
};
const struct command command_rootfs = {
    "rootfs",
    "DIR",
    "Vulnerabilities of an unpacked root file system, or of a tarball of one",
    "  pratique rootfs /\n  pratique rootfs rootfs.tar.gz\n",
    folder_groups,
    run_rootfs,
};
const struct command command_fs = {
    "fs", "DIR", "Vulnerabilities of a folder", "  pratique fs .\n", folder_groups, run_fs,
};
const struct command command_repo = {
    "repo", "DIR", "Vulnerabilities of a source tree", "  pratique repo .\n", folder_groups, run_repo,
};
const struct command command_scan = {
    "scan",
    "TARGET",
    "Vulnerabilities of anything: finds out by itself what the target is",
    "  pratique scan nginx:latest\n  pratique scan image.tar\n  pratique scan /\n",
    image_groups,
    run_scan,
};
