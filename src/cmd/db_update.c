/* pratique db update: fetches what is new of the feeds that are needed, then builds.
 *
 * The feeds lie below <cache>/db/feeds, each under the path of its row (docs/feeds.md), with fetched.json beside them: what
 * each download said. Addresses can be rewritten to a mirror. A feed that cannot be had costs itself: what was fetched before
 * stays. */
#include "cmd/db_fetch.h"
#include "scan/inventory/inventory.h"

#include <stdio.h>
#include <sys/stat.h>

/* ---- what is wanted ---- */

static bool is_wanted(const struct settings *settings, const struct feed_info *feed, const str_vector *families)
{
    if (feed->way == FEED_BY_HAND) return false;
    if (settings->only.count) return str_vector_has(&settings->only, str_of(feed->name));
    if (!feed->redistributable) return false; /* only the user may ask for these */
    if (feed->large && !settings->all) return false;
    if (!feed->family[0] || settings->all) return true;
    for (size_t i = 0; i < families->count; i++)
        if (feed_serves(feed, families->items[i])) return true;
    return false;
}

static void plan(struct update *update, const str_vector *families)
{
    struct arena *arena = update->settings->arena;
    for (size_t i = 0; i < feed_count(); i++) {
        const struct feed_info *feed = feed_at(i);
        if (!is_wanted(update->settings, feed, families)) continue;
        feed_release_vector releases = { 0 };
        feed_releases(feed, arena, clock_now(), &releases);
        if (!releases.count) *vector_push(arena, &update->fetches) = (struct fetch){ .feed = feed, .path = str_of(feed->path) };
        for (size_t r = 0; r < releases.count; r++)
            *vector_push(arena, &update->fetches) = (struct fetch){
                .feed = feed, .release = releases.items[r].text, .path = db_expand(arena, feed->path, releases.items[r].name)
            };
    }
}

/* ---- fetching ---- */

/* What a server that never ends may put on the disk. The largest: some 60 MB, and a few hundred of those called large. */
#define FILE_LIMIT ((uint64_t)1 << 30)
#define LARGE_LIMIT ((uint64_t)4 << 30)

static int fetch_one(struct update *update, struct arena *arena, struct fetch *fetch)
{
    struct str url, sha256 = { 0 };
    if (!db_address(update, arena, fetch, &url, &sha256, &fetch->error)) return -1;
    const char *path = path_join(arena, update->folder, arena_cstr(arena, fetch->path));
    if (!folder_make(arena_cstr(arena, path_folder(str_of(path))), 0755, &fetch->error)) return -1;
    struct http_request request = db_request(update->settings, arena, url);
    struct http_download download = { .path = path,
                                      .etag = fetch->etag,
                                      .last_modified = fetch->last_modified,
                                      .sha256 = sha256,
                                      .limit = fetch->feed->large ? LARGE_LIMIT : FILE_LIMIT };
    int result = http_download(update->client, arena, &request, &download, &fetch->error);
    if (result > 0) {
        fetch->etag = download.etag;
        fetch->last_modified = download.last_modified;
    }
    if (result >= 0) {
        char text[CLOCK_TEXT];
        fetch->fetched_at = str_of(arena_strdup(arena, clock_format(clock_now() / SECOND * SECOND, text)));
    }
    return result;
}

static void *work(void *context)
{
    struct update *update = context;
    pthread_mutex_lock(&update->lock);
    struct arena *arena = update->arenas[update->arena_count++] = arena_new();
    pthread_mutex_unlock(&update->lock);
    for (;;) {
        pthread_mutex_lock(&update->lock);
        size_t index = update->next++;
        pthread_mutex_unlock(&update->lock);
        if (index >= update->fetches.count) return NULL;
        update->fetches.items[index].result = fetch_one(update, arena, &update->fetches.items[index]);
        pthread_mutex_lock(&update->lock);
        cli_progress("feeds", ++update->done, update->fetches.count);
        pthread_mutex_unlock(&update->lock);
    }
}

static bool fetch_all(struct update *update, struct error *error)
{
    struct http_settings settings = { .ca_file = update->settings->cacert, .insecure = update->settings->insecure };
    settings.deadline = update->settings->timeout ? clock_monotonic() + update->settings->timeout : 0;
    if (!child_prepare(error)) return false; /* not by several threads at once */
    update->client = http_client_new(&settings, error);
    if (!update->client) return false;
    pthread_t threads[DB_THREADS];
    unsigned started = 0;
    while (started < DB_THREADS && pthread_create(&threads[started], NULL, work, update) == 0)
        started++;
    if (!started) work(update);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    http_client_free(update->client);
    cli_progress_clear();
    return true;
}

/* ---- what came of it ---- */

/* What helps against a cause that is the same for all feeds. */
static const char *remedy_of(const struct error *error)
{
    static const struct {
        const char *id, *remedy;
    } rows[] = {
        { "checksum-mismatch", "something changes the files on their way, or the source is just being published: try later" },
        { "download-busy", "another update is running: wait for it to end" },
        { "http-connect", "nothing answers there: check the network, and HTTPS_PROXY if a proxy is needed" },
        { "http-resolve", "names cannot be resolved: check the network, and HTTPS_PROXY if a proxy is needed" },
        { "http-redirect", "something else answers in the feed's place: look at the addresses with curl" },
        { "http-stalled", "the network or the server is too slow: try later" },
        { "http-timeout", "the network or the server is too slow: more time with --timeout, or try later" },
        { "http-tls", "something opens the connections on their way: trust its certificate with --cacert FILE" },
        { "http-too-large", "something else answers in the feed's place: look at the addresses with curl" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(error->id, rows[i].id) == 0) return rows[i].remedy;
    if (strncmp(error->id, "file-", 5) == 0 || strncmp(error->id, "folder-", 7) == 0)
        return "feeds cannot be kept there: make room, or name another place with --cache-dir";
    if (error->kind == ERROR_NOT_FOUND || error->kind == ERROR_DENIED)
        return "the servers answer, but not with the feeds: check --mirror, and whether a proxy wants a login";
    if (strcmp(error->id, "http-status") == 0) return "the servers are in trouble or too busy: try later";
    return "look at the addresses with curl";
}

static bool same_cause(const struct fetch *a, const struct fetch *b)
{
    return strcmp(a->error.id, b->error.id) == 0 && a->error.kind == b->error.kind;
}

/* One line a feed and cause, however many files it has. */
static void warn_failed(const struct update *update, const struct fetch *fetch)
{
    size_t alike = 0;
    bool kept = true;
    for (size_t i = 0; i < update->fetches.count; i++) {
        const struct fetch *other = &update->fetches.items[i];
        if (other->result >= 0 || other->feed != fetch->feed || !same_cause(other, fetch)) continue;
        if (!alike && other != fetch) return; /* said there */
        kept = kept && other->fetched_at.size;
        alike++;
    }
    char more[64] = "";
    if (alike > 1) snprintf(more, sizeof more, " (and %zu more of its files)", alike - 1);
    log_warn("%s%s%.*s: %s%s%s%s%s", fetch->feed->name, fetch->release.size ? " " : "", STR_ARG(fetch->release),
             fetch->error.message, more, fetch->error.hint[0] ? "; " : "", fetch->error.hint,
             kept ? "; what was fetched before is used" : "");
}

static bool judge(struct update *update, struct error *error)
{
    size_t fresh = 0, same = 0, failed = 0;
    const struct fetch *first = NULL;
    bool alike = true;
    for (size_t i = 0; i < update->fetches.count; i++) {
        const struct fetch *fetch = &update->fetches.items[i];
        fresh += fetch->result > 0;
        same += fetch->result == 0;
        failed += fetch->result < 0;
        if (fetch->result >= 0) continue;
        if (!first) first = fetch;
        alike = alike && same_cause(first, fetch);
    }
    /* No network: the error below says it for all. */
    bool one_cause = failed == update->fetches.count && alike && first->error.kind == ERROR_NETWORK;
    for (size_t i = 0; i < update->fetches.count && !one_cause; i++)
        if (update->fetches.items[i].result < 0) warn_failed(update, &update->fetches.items[i]);
    log_info("feeds: %zu fetched, %zu unchanged, %zu not to be had", fresh, same, failed);
    if (fresh || same || !first) return true;
    error_set(error, ERROR_NETWORK, "feeds-unreachable", "no feed can be had: %s%s", first->error.message,
              failed == 1 ? ""
              : alike     ? "; the others for the same reason"
                          : "; others for other reasons");
    return error_hint(
        error, "%s; meanwhile: --skip-db-update with the database that is there, pratique db import FILE, or --mirror BASE",
        alike ? remedy_of(&first->error) : "the lines above name each feed's cause");
}

static bool no_feeds(struct str whom, struct error *error)
{
    error_set(error, ERROR_USAGE, "db-no-feeds", "no feed that is fetched serves %.*s", STR_ARG(whom));
    return error_hint(error,
                      "name distributions (debian, ubuntu, alpine, redhat …), feeds with --only, or everything with --all");
}

bool db_refresh(struct settings *settings, const str_vector *families, struct error *error)
{
    if (settings->db_repository.count) return db_pull(settings, error);
    struct update update = {
        .settings = settings,
        .folder = settings->feeds ? settings->feeds : path_join(settings->arena, settings->cache_dir, "db/feeds"),
        .lock = PTHREAD_MUTEX_INITIALIZER,
    };
    plan(&update, families);
    if (!update.fetches.count) return no_feeds(STR("what was asked for"), error);
    if (!folder_make(update.folder, 0755, error)) return false;
    db_fetched_read(&update);
    bool fetched =
        settings->offline || (fetch_all(&update, error) && judge(&update, error) && db_fetched_write(&update, error));
    for (unsigned i = 0; i < update.arena_count; i++)
        arena_free(update.arenas[i]);
    if (!fetched) return false;
    str_vector only = settings->only;
    settings->only = (str_vector){ 0 }; /* the build takes all that lies there */
    bool built = db_build_from(settings, update.folder, error);
    settings->only = only;
    return built;
}

/* Without names: the families the database has, or this machine's own. */
static void default_families(struct settings *settings, str_vector *families)
{
    struct error ignored = { 0 };
    advisory_source_vector sources = { 0 };
    struct advisory_store *store =
        file_exists(db_output_path(settings)) ? advisory_store_open(db_output_path(settings), &ignored) : NULL;
    if (store) advisory_store_sources(store, settings->arena, &sources, &ignored);
    for (size_t i = 0; i < sources.count; i++)
        for (size_t j = 0; j < feed_count(); j++)
            if (str_is(sources.items[i].id, feed_at(j)->name) && feed_at(j)->family[0])
                *vector_push(settings->arena, families) = str_of(feed_at(j)->family);
    advisory_store_close(store);
    static const char *const places[] = { "/etc/os-release", "/usr/lib/os-release" }; /* os-release(5) */
    for (size_t i = 0; i < 2 && !families->count; i++) {
        struct str release, family = { 0 };
        if (file_read(settings->arena, places[i], 65536, &release, &ignored)) family = inventory_os_family(release);
        if (family.size) *vector_push(settings->arena, families) = family;
    }
}

/* Feeds about vulnerabilities in general alone make no database. */
static bool check_served(const struct settings *settings, const str_vector *families, struct error *error)
{
    if (settings->all || settings->only.count || settings->db_repository.count) return true;
    if (!families->count) return no_feeds(STR("this machine's distribution"), error);
    for (size_t i = 0; i < families->count; i++) {
        bool served = false;
        for (size_t j = 0; j < feed_count() && !served; j++)
            served = feed_serves(feed_at(j), families->items[i]) && is_wanted(settings, feed_at(j), families);
        if (!served) return no_feeds(families->items[i], error);
    }
    return true;
}

int db_update(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    str_vector families = { 0 };
    for (size_t i = 0; i < count; i++)
        *vector_push(settings->arena, &families) = str_of(arguments[i]);
    if (!count && !settings->all && !settings->only.count) default_families(settings, &families);
    bool good = check_served(settings, &families, &error) && database_fetch(settings, &families, &error);
    return good ? 0 : command_fail(&error);
}
