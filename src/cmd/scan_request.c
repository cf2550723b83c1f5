/* From settings to a scan: what is asked of scan_run, and the database fetched on the way when that is needed and allowed. */
#include "cmd/db.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT (300 * SECOND) /* options_global tells it */

static void show_progress(void *context, size_t done, size_t total, uint64_t bytes)
{
    char what[64] = "reading files";
    if (total && bytes)
        snprintf(what, sizeof what, "%.1f MB, layers", (double)bytes / 1e6);
    else if (total)
        snprintf(what, sizeof what, "layers");
    cli_progress(what, done, total);
}

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

/* Without a version there is no release to judge by. */
static bool check_distro(const char *distro, struct error *error)
{
    struct str version = text_or_empty(distro), family = str_cut(&version, '/');
    if (!distro || !*distro || (family.size && version.size)) return true;
    error_set(error, ERROR_USAGE, "option-value", "--distro: \"%s\" is not a value it takes", distro);
    return error_hint(error, "it takes a family and a version, such as debian/12 or alpine/3.20");
}

bool scan_request_wants(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->scanners.count; i++)
        if (str_is_nocase(settings->scanners.items[i], name)) return true;
    return false;
}

moment scan_request_time(const struct settings *settings) { return settings->timeout ? settings->timeout : DEFAULT_TIMEOUT; }

/* A pipe is gone when it was read; standard input is kept for whoever reads it again. */
static const char *as_standard_input(const char *target)
{
    if (strcmp(target, "-") == 0) return target;
    CLEANUP_FD int fd = open(target, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    bool pipe = fd >= 0 && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
    return pipe && dup2(fd, STDIN_FILENO) >= 0 ? "-" : target;
}

enum scan_kind scan_request_guess(struct settings *settings, const char *target)
{
    if (file_is_folder(target) && !file_exists(path_join(settings->arena, target, "oci-layout"))) return SCAN_FOLDER;
    if (!file_exists(target) && strcmp(target, "-") != 0) return SCAN_IMAGE;
    if (!file_is_regular(target) && !file_is_folder(target)) target = as_standard_input(target);
    settings->input = target;
    settings->any_target = true;
    return SCAN_IMAGE;
}

/* The time allowed counts from now. */
static void start_clock(const struct settings *settings, struct scan_options *options)
{
    options->deadline = options->image.deadline = clock_monotonic() + scan_request_time(settings);
}

/* Can be read once only: the database must be there before. */
static bool reads_stdin(const struct scan_options *options)
{
    const char *source = options->image.input ? options->image.input : options->target;
    return strcmp(source, "-") == 0;
}

/* The image, and where it comes from. */
static struct oci_options image_options(const struct settings *settings)
{
    struct oci_options image = registry_options(settings);
    image.input = settings->input;
    image.image = settings->image;
    image.platform = text_or_empty(settings->platform);
    image.docker_host = settings->docker_host;
    image.podman_host = settings->podman_host;
    image.max_size = (uint64_t)settings->max_image_size;
    fill_sources(settings, &image);
    return image;
}

/* Which packages are looked for, and what is made of them. */
static struct inventory_finish_options finish_options(const struct settings *settings)
{
    return (struct inventory_finish_options){
        .comprehensive = settings->detection_priority && str_is_nocase(str_of(settings->detection_priority), "comprehensive"),
        .distro = text_or_empty(settings->distro),
        .os_packages = str_vector_has(&settings->pkg_types, STR("os")),
        .library_packages = str_vector_has(&settings->pkg_types, STR("library")),
    };
}

/* NULL: the order of Trivy's own choice ("auto"). */
static const str_vector *severity_sources(const struct settings *settings)
{
    bool automatic = settings->severity_sources.count == 1 && str_is(settings->severity_sources.items[0], "auto");
    return automatic ? NULL : &settings->severity_sources;
}

static struct scan_options scan_options(const struct settings *settings, enum scan_kind kind, const char *target)
{
    const struct report_format *format = settings->format ? report_format_find(str_of(settings->format)) : NULL;
    bool in_memory = settings->cache_backend && strcmp(settings->cache_backend, "memory") == 0;
    struct scan_options options = {
        .kind = kind,
        .target = target,
        .or_tarball = settings->any_target,
        .artifact_type = kind == SCAN_IMAGE ? "container_image" : "filesystem",
        .image = image_options(settings),
        .finish = finish_options(settings),
        .cache = in_memory ? NULL : settings->cache_dir,
        .severity_sources = severity_sources(settings),
        .skip_folders = skip_paths(settings->arena, &settings->skip_dirs, kind == SCAN_FOLDER ? target : NULL),
        .skip_files = skip_paths(settings->arena, &settings->skip_files, kind == SCAN_FOLDER ? target : NULL),
        .other_mounts = settings->other_mounts,
        .with_files = format && format->needs_files && settings->list_all_pkgs,
        .parallel = settings->parallel > 0 ? (unsigned)settings->parallel : 0,
        .now = clock_now(),
        .progress = show_progress,
    };
    options.inventory.scope = settings->scope ? settings->scope : SCOPE_OS | SCOPE_INSTALLED;
    if (!options.finish.library_packages) options.inventory.scope &= SCOPE_OS;
    start_clock(settings, &options);
    return options;
}

/* The database; when there is none and one may be fetched, the scan comes first: it tells which feeds are needed. */
static bool open_store(const struct settings *settings, struct scan_request *request, struct error *error)
{
    if (!file_exists(database_path(settings)) && database_may_refresh(settings) && !reads_stdin(&request->options)) {
        request->missing = true;
        return true;
    }
    request->store = request->options.store = database_open(settings, error);
    if (!request->store && error->kind == ERROR_NOT_FOUND && database_failed_lately(settings))
        error_hint(error, "fetching it failed less than an hour ago: pratique db update tries again now; without a network: "
                          "pratique db import FILE, or --db-file FILE");
    return request->store != NULL;
}

bool scan_request_fill(const struct settings *settings, enum scan_kind kind, const char *target, struct scan_request *request,
                       struct error *error)
{
    request->options = scan_options(settings, kind, target);
    if (!check_distro(settings->distro, error) || !fill_patterns(settings, &request->options.inventory, error)) return false;
    return !scan_request_wants(settings, "vuln") || open_store(settings, request, error);
}

static bool has_note(const struct report *report, const char *kind)
{
    for (size_t i = 0; i < report->coverage.count; i++)
        if (str_is(report->coverage.items[i].kind, kind)) return true;
    return false;
}

/* A feed of the distribution is in the database: fetching it again would bring no further release. */
static bool has_feed(const struct report *report)
{
    for (size_t i = 0; i < report->sources.count; i++)
        if (report->sources.items[i].serves) return true;
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
    bool unknown = request->store && !advisory_store_is_trivy(request->store) && has_note(report, "release-unknown");
    bool lacking = request->store && (database_is_stale(settings, request->store) || (unknown && !has_feed(report)));
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
