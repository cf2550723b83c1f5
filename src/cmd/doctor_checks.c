/* What `pratique doctor` looks at: one function a subject, one row a function. */
#include "cmd/doctor.h"
#include "cmd/db.h"
#include "http/client/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PATIENCE (4 * SECOND)
#define ROOM_WANTED ((uint64_t)2 << 30)

static int64_t days_since(const struct doctor *doctor, struct str time)
{
    int64_t days;
    return clock_days_since(time, doctor->now, &days) ? days : -1;
}

/* ---- the machine ---- */

static void check_clock(struct doctor *doctor)
{
    char text[CLOCK_TEXT];
    clock_format(doctor->now / SECOND * SECOND, text);
    if (days_since(doctor, STR("2024-01-01")) < 0)
        doctor_say(doctor, "clock", VERDICT_FAILURE, "set it: ages, ends of support and TLS certificates are judged by it",
                   "it is %s here: that is in the past", text);
    else
        doctor_say(doctor, "clock", VERDICT_OK, NULL, "%s", text);
}

static int run_nothing(void *context, int output) { return 0; }

static void check_confinement(struct doctor *doctor)
{
    struct error error = { 0 };
    struct child child = { 0 };
    const struct confinement confinement = { 0 };
    if (!child_prepare(&error) || !child_start(&child, &confinement, run_nothing, NULL, &error) ||
        !child_wait(&child, &error)) {
        doctor_say(doctor, "confinement", VERDICT_FAILURE,
                   "allow seccomp (and Landlock) to this program: nothing hostile is read without it", "%s [%s]", error.message,
                   error.id);
        return;
    }
    if (child_has_landlock())
        doctor_say(doctor, "confinement", VERDICT_OK, NULL, "hostile input is read behind Landlock and seccomp");
    else
        doctor_say(doctor, "confinement", VERDICT_NOTE,
                   "for Landlock: Linux 5.13 or newer, with landlock among the kernel's lsm=; containers often lack it",
                   "hostile input is read behind seccomp alone; reports say so");
}

/* Whether they can be loaded, and have what is called. */
static void check_libraries(struct doctor *doctor)
{
    static const struct {
        const char *name, *purpose;
        bool (*load)(struct error *error);
    } libraries[] = {
        { "libcrypto", "checking digests", digest_load },
        { "libcurl", "anything over the network", http_load },
        { "libxml2", "reading feeds in XML (OVAL, updateinfo)", xml_load },
    };
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        struct error error = { 0 };
        if (libraries[i].load(&error))
            doctor_say(doctor, "libraries", VERDICT_OK, NULL, "%s (%s)", libraries[i].name, libraries[i].purpose);
        else
            doctor_say(doctor, "libraries", VERDICT_FAILURE, arena_strdup(doctor->arena, error.hint), "%s", error.message);
    }
}

/* ---- folders and the database ---- */

static bool may_write(struct doctor *doctor, const char *folder)
{
    const char *probe = arena_printf(doctor->arena, "%s/.doctor-%ld", folder, (long)getpid());
    struct error error = { 0 };
    bool good = file_write(probe, STR(""), 0600, false, &error);
    unlink(probe);
    return good;
}

static uint64_t room_in(const char *folder)
{
    struct statvfs status;
    return statvfs(folder, &status) == 0 ? (uint64_t)status.f_bavail * status.f_frsize : 0;
}

static void check_cache(struct doctor *doctor)
{
    const char *cache = doctor->settings->cache_dir;
    struct error error = { 0 };
    if (!folder_make(cache, 0755, &error))
        doctor_say(doctor, "cache", VERDICT_WARNING, "name another: --cache-dir DIR, or PRATIQUE_CACHE_DIR", "%s",
                   error.message);
    else if (!may_write(doctor, cache))
        doctor_say(doctor, "cache", VERDICT_WARNING, "scans work, but remember nothing; for more name another: --cache-dir DIR",
                   "%s cannot be written", cache);
    else
        doctor_say(doctor, "cache", VERDICT_OK, NULL, "%s can be written, %llu MB are free", cache,
                   (unsigned long long)(room_in(cache) >> 20));
}

static void check_temporary(struct doctor *doctor)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder) folder = "/tmp";
    uint64_t room = room_in(folder);
    if (!may_write(doctor, folder))
        doctor_say(doctor, "temporary", VERDICT_WARNING, "set TMPDIR: compressed archives and standard input are put there",
                   "%s cannot be written", folder);
    else if (room < ROOM_WANTED)
        doctor_say(doctor, "temporary", VERDICT_NOTE, "set TMPDIR to a folder with room for the largest compressed archive",
                   "%s has %llu MB free", folder, (unsigned long long)(room >> 20));
    else
        doctor_say(doctor, "temporary", VERDICT_OK, NULL, "%s has %llu MB free", folder, (unsigned long long)(room >> 20));
}

static void check_sources(struct doctor *doctor, struct advisory_store *store)
{
    advisory_source_vector sources = { 0 };
    struct error error = { 0 };
    size_t old = 0;
    if (!advisory_store_sources(store, doctor->arena, &sources, &error)) {
        doctor_say(doctor, "sources", VERDICT_FAILURE, "fetch the database again: pratique db update", "%s", error.message);
        return;
    }
    bool has_severities = false;
    for (size_t i = 0; i < sources.count; i++) {
        has_severities = has_severities || str_is(sources.items[i].id, SEVERITY_FEED);
        int64_t days = days_since(doctor, sources.items[i].as_of.size ? sources.items[i].as_of : sources.items[i].fetched_at);
        if (days <= SOURCE_OLD_DAYS) continue;
        old++;
        doctor_say(doctor, "sources", VERDICT_WARNING, NULL, "%.*s is %lld days old", STR_ARG(sources.items[i].id),
                   (long long)days);
    }
    if (sources.count && !has_severities)
        doctor_say(doctor, "sources", VERDICT_WARNING, "pratique db update",
                   "no data of NVD: most findings will have no severity, and --severity hides them");
    if (sources.count)
        doctor_say(doctor, "sources", old ? VERDICT_NOTE : VERDICT_OK, old ? "bring them up to date: pratique db update" : NULL,
                   "%zu, %zu of them older than %d days", sources.count, old, SOURCE_OLD_DAYS);
}

static void check_database(struct doctor *doctor)
{
    struct error error = { 0 };
    struct advisory_store *store = database_open(doctor->settings, &error);
    if (!store) {
        bool missing = strcmp(error.id, "db-missing") == 0;
        doctor_say(doctor, "database", VERDICT_FAILURE,
                   missing ? "pratique db update; without a network: pratique db import FILE, or pratique db build --feeds DIR"
                           : "fetch it again: pratique db update",
                   "%s [%s]", error.message, error.id);
        return;
    }
    char text[CLOCK_TEXT];
    struct str built = str_of(clock_in_seconds(advisory_store_built_at(store), text));
    int64_t days = days_since(doctor, built);
    const char *path = database_path(doctor->settings);
    doctor->has_database = true;
    if (built.size && days < 0 && days_since(doctor, STR("2024-01-01")) >= 0)
        doctor_say(doctor, "database", VERDICT_WARNING, "set the clock, or build the database again",
                   "%s was built in the future (%.*s)", path, STR_ARG(built));
    else if (days > DATABASE_FRESH / SECOND / 86400)
        doctor_say(doctor, "database", VERDICT_WARNING, "pratique db update", "%s was built %lld days ago", path,
                   (long long)days);
    else if (!built.size)
        doctor_say(doctor, "database", VERDICT_WARNING, "pratique db update, or put its metadata.json beside a trivy.db",
                   "%s does not say when it was built", path);
    else
        doctor_say(doctor, "database", VERDICT_OK, NULL, "%s, built %.*s", path, STR_ARG(built));
    check_sources(doctor, store);
    advisory_store_close(store);
}

/* ---- the network ---- */

struct probe {
    const char *url;
    struct str host;
    char why[256];
    bool reached;
};
typedef VECTOR(struct probe) probe_vector;

static void *run_probe(void *context)
{
    struct probe *probe = context;
    struct error error = { 0 };
    struct http_settings settings = { .deadline = clock_monotonic() + PATIENCE };
    struct http_client *client = http_client_new(&settings, &error);
    struct http_request request = { .method = "HEAD", .url = str_of(probe->url), .flags = HTTP_NO_RETRY | HTTP_NO_REDIRECT };
    struct http_stream *stream = NULL;
    probe->reached = client && http_open(client, &request, &stream, &error); /* any answer shows that the way is open */
    snprintf(probe->why, sizeof probe->why, "%s", error.message);
    http_close(stream);
    http_client_free(client);
    return NULL;
}

/* One address a host; the small ones only, as a scan fetches them. */
static void collect_probes(struct doctor *doctor, probe_vector *probes)
{
    for (size_t i = 0; i < feed_count(); i++) {
        const struct feed_info *feed = feed_at(i);
        struct http_url url;
        struct error error = { 0 };
        if (feed->way == FEED_BY_HAND || !feed->redistributable || !*feed->url || strchr(feed->url, '{')) continue;
        struct str address = db_mirrored(doctor->settings, doctor->arena, str_of(feed->url));
        if (!http_url_parse(doctor->arena, address, &url, &error)) continue;
        bool known = false;
        for (size_t j = 0; j < probes->count; j++)
            known = known || str_equal(probes->items[j].host, url.host);
        if (!known) *vector_push(doctor->arena, probes) = (struct probe){ arena_cstr(doctor->arena, address), url.host };
    }
}

static void run_probes(probe_vector *probes)
{
    pthread_t threads[64];
    size_t started = 0;
    while (started < probes->count && started < 64 &&
           pthread_create(&threads[started], NULL, run_probe, &probes->items[started]) == 0)
        started++;
    for (size_t i = started; i < probes->count; i++)
        run_probe(&probes->items[i]);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static void check_network(struct doctor *doctor)
{
    probe_vector probes = { 0 };
    size_t reached = 0;
    if (doctor->settings->offline) {
        doctor_say(doctor, "network", VERDICT_NOTE, NULL, "not tried (--offline)");
        return;
    }
    collect_probes(doctor, &probes);
    run_probes(&probes);
    for (size_t i = 0; i < probes.count; i++)
        reached += probes.items[i].reached;
    if (!reached && probes.count) {
        doctor_say(doctor, "network", doctor->has_database ? VERDICT_WARNING : VERDICT_FAILURE,
                   "a proxy: set https_proxy; a mirror inside: --mirror https://mirror.example; none: --skip-db-update with "
                   "the database that is there, and pratique db "
                   "import FILE from a machine that has a network (docs/troubleshooting.md)",
                   "no feed answers within %lld seconds: the network is blocked (%s)", (long long)(PATIENCE / SECOND),
                   probes.items[0].why);
        return;
    }
    for (size_t i = 0; i < probes.count; i++)
        if (!probes.items[i].reached)
            doctor_say(doctor, "network", VERDICT_WARNING, "let it through, or name a mirror: --mirror FROM=TO",
                       "%.*s does not answer: %s", STR_ARG(probes.items[i].host), probes.items[i].why);
    doctor_say(doctor, "network", VERDICT_OK, NULL, "%zu of %zu hosts of feeds answer", reached, probes.count);
}

/* "http://me:secret@proxy:3128" without what is secret. */
static const char *without_secret(struct doctor *doctor, const char *address)
{
    const char *at = strrchr(address, '@'), *scheme = strstr(address, "://");
    if (!at) return address;
    return arena_printf(doctor->arena, "%.*s***@%s", scheme ? (int)(scheme + 3 - address) : 0, address, at + 1);
}

static void check_proxies(struct doctor *doctor)
{
    static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY",
                                         "all_proxy",   "ALL_PROXY",   "no_proxy",   "NO_PROXY" };
    const char *lower = getenv("http_proxy"), *upper = getenv("HTTP_PROXY");
    bool unread = upper && *upper && !lower && getenv("REQUEST_METHOD"); /* as http/client has it */
    size_t set = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value) continue;
        set++;
        bool ignored = value == upper && unread;
        doctor_say(doctor, "proxies", ignored ? VERDICT_WARNING : VERDICT_NOTE,
                   ignored ? "set http_proxy: with REQUEST_METHOD set, HTTP_PROXY may come from a web server's client" : NULL,
                   "%s is %s%s", names[i], without_secret(doctor, value), ignored ? ", and not read" : "");
    }
    if (!set) doctor_say(doctor, "proxies", VERDICT_OK, NULL, "none");
}

/* ---- where images may come from ---- */

static void check_socket(struct doctor *doctor, const char *name, const char *address, const char *fallback)
{
    const char *path = address && *address ? address : fallback;
    struct stat status;
    if (strncmp(path, "unix://", 7) == 0) path += 7;
    if (strstr(path, "://")) {
        doctor_say(doctor, name, VERDICT_NOTE, NULL, "at %s", path);
    } else if (stat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        doctor_say(doctor, name, VERDICT_NOTE, NULL, "not here (%s); images come from registries and archives", path);
    } else if (access(path, R_OK | W_OK) != 0) {
        doctor_say(doctor, name, VERDICT_WARNING, "add this user to the socket's group, or scan with --input",
                   "%s may not be used by this user", path);
    } else {
        doctor_say(doctor, name, VERDICT_OK, NULL, "%s", path);
    }
}

/* Its store is read as files, without the daemon. */
static void check_containerd(struct doctor *doctor)
{
    const char *names = oci_containerd_names(doctor->arena);
    if (access(names, R_OK) == 0)
        doctor_say(doctor, "containerd", VERDICT_OK, NULL, "%s", names);
    else if (errno == EACCES || errno == EPERM)
        doctor_say(doctor, "containerd", VERDICT_WARNING, "scan as root, or from the registry: --image-src remote",
                   "%s may not be read by this user", names);
    else
        doctor_say(doctor, "containerd", VERDICT_NOTE, NULL,
                   "not here (%s; CONTAINERD_ROOT names another folder); images come from registries and archives", names);
}

static void check_daemons(struct doctor *doctor)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *docker = doctor->settings->docker_host ? doctor->settings->docker_host : getenv("DOCKER_HOST");
    check_socket(doctor, "docker", docker, "/var/run/docker.sock");
    check_socket(doctor, "podman", doctor->settings->podman_host,
                 runtime && *runtime ? arena_printf(doctor->arena, "%s/podman/podman.sock", runtime)
                                     : "/run/podman/podman.sock");
    check_containerd(doctor);
}

void (*const doctor_checks[])(struct doctor *) = {
    check_clock,    check_confinement, check_libraries, check_cache,   check_temporary,
    check_database, check_network,     check_proxies,   check_daemons,
};
const size_t doctor_check_count = sizeof doctor_checks / sizeof *doctor_checks;
