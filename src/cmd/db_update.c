/* pratique db update: fetches what is new of the feeds that are needed, then builds.
 *
 * The feeds lie below <cache>/db/feeds, each under the path of its row (docs/feeds.md), with fetched.json beside them: what
 * each download said. Addresses can be rewritten to a mirror. A feed that cannot be had costs itself: what was fetched before
 * stays. */
#include "cmd/db.h"
#include "http/client/client.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#define THREADS 4
#define SMALL_LIMIT ((size_t)8 << 20)

struct fetch {
    const struct feed_info *feed;
    struct str release; /* empty: the feed is one file */
    struct str path;    /* below the folder of feeds */
    struct str etag, last_modified, fetched_at;
    int result; /* 1 new, 0 unchanged, -1 failed */
    struct error error;
};

struct update {
    struct settings *settings;
    struct http_client *client;
    const char *folder;
    VECTOR(struct fetch) fetches;
    size_t next, done;
    struct arena *arenas[THREADS]; /* one a thread: what the fetches learn lies in them */
    unsigned arena_count;
    pthread_mutex_t lock;
};

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

/* TEXT with "{release}" replaced. */
static struct str expand(struct arena *arena, const char *text, struct str release)
{
    struct str whole = str_of(text);
    ptrdiff_t at = str_find_text(whole, STR("{release}"));
    if (at < 0) return whole;
    struct str tail = str_from(whole, (size_t)at + 9), rest = expand(arena, arena_cstr(arena, tail), release);
    return arena_strf(arena, "%.*s%.*s%.*s", STR_ARG(str_to(whole, (size_t)at)), STR_ARG(release), STR_ARG(rest));
}

static void plan(struct update *update, const str_vector *families)
{
    struct arena *arena = update->settings->arena;
    for (size_t i = 0; i < feed_count(); i++) {
        const struct feed_info *feed = feed_at(i);
        if (!is_wanted(update->settings, feed, families)) continue;
        struct str releases = str_of(feed->releases ? feed->releases : "");
        if (!releases.size) *vector_push(arena, &update->fetches) = (struct fetch){ .feed = feed, .path = str_of(feed->path) };
        for (struct str release; (release = str_word(&releases)).size;) {
            struct str name = str_cut(&release, '='), text = release.data ? release : name;
            *vector_push(arena, &update->fetches) =
                (struct fetch){ .feed = feed, .release = text, .path = expand(arena, feed->path, name) };
        }
    }
}

/* ---- what was fetched before: fetched.json ---- */

static void read_state(struct update *update)
{
    struct arena *arena = update->settings->arena;
    struct str text;
    struct error ignored = { 0 };
    if (!file_read(arena, path_join(arena, update->folder, "fetched.json"), SMALL_LIMIT, &text, &ignored)) return;
    yyjson_doc *document = json_parse_in(arena, text, "fetched.json", &ignored);
    for (size_t i = 0; document && i < update->fetches.count; i++) {
        struct fetch *fetch = &update->fetches.items[i];
        yyjson_val *entry = json_get(yyjson_doc_get_root(document), arena_cstr(arena, fetch->path));
        if (!entry || !file_exists(path_join(arena, update->folder, arena_cstr(arena, fetch->path)))) continue;
        fetch->etag = json_str(entry, "etag");
        fetch->last_modified = json_str(entry, "last_modified");
        fetch->fetched_at = json_str(entry, "fetched_at");
    }
}

static bool write_state(struct update *update, struct error *error)
{
    struct arena *arena = update->settings->arena;
    const char *path = path_join(arena, update->folder, "fetched.json");
    struct str text;
    struct error ignored = { 0 };
    yyjson_doc *old =
        file_read(arena, path, SMALL_LIMIT, &text, &ignored) ? json_parse_in(arena, text, "fetched.json", &ignored) : NULL;
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out, .indent = 2 };
    struct map *written = map_new(arena);
    json_open(&writer, '{');
    for (size_t i = 0; i < update->fetches.count; i++) {
        const struct fetch *fetch = &update->fetches.items[i];
        if (fetch->result < 0 && !fetch->fetched_at.size) continue;
        map_set(written, fetch->path, update);
        json_key_str(&writer, fetch->path);
        json_open(&writer, '{');
        json_member_str(&writer, "etag", fetch->etag);
        json_member_str(&writer, "last_modified", fetch->last_modified);
        json_member_str(&writer, "fetched_at", fetch->fetched_at);
        json_close(&writer, '}');
    }
    if (old) {
        JSON_MEMBERS (key, value, yyjson_doc_get_root(old)) {
            if (map_get(written, json_value_str(key))) continue;
            json_key_str(&writer, json_value_str(key));
            json_put_value(&writer, value);
        }
    }
    json_close(&writer, '}');
    buffer_char(&out, '\n');
    return file_write(path, buffer_view(&out), 0644, true, error);
}

/* ---- addresses ---- */

/* "FROM=TO" rewrites addresses that start with FROM; a bare base stands for all hosts: BASE/HOST/PATH. */
struct str db_mirrored(const struct settings *settings, struct arena *arena, struct str url)
{
    for (size_t i = 0; i < settings->mirrors.count; i++) {
        struct str to = settings->mirrors.items[i];
        ptrdiff_t equals = str_find_text(to, STR("=http"));
        if (equals > 0) {
            struct str from = str_to(to, (size_t)equals);
            to = str_from(to, (size_t)equals + 1);
            if (!str_starts(url, arena_cstr(arena, from))) continue;
            return arena_strf(arena, "%.*s%.*s", STR_ARG(to), STR_ARG(str_from(url, from.size)));
        }
        ptrdiff_t scheme = str_find_text(url, STR("://"));
        if (scheme < 0) continue;
        while (str_ends(to, "/"))
            to.size--;
        return arena_strf(arena, "%.*s/%.*s", STR_ARG(to), STR_ARG(str_from(url, (size_t)scheme + 3)));
    }
    return url;
}

/* A small text on the way to the file. */
static bool get_text(struct update *update, struct arena *arena, struct str url, struct str *text, struct error *error)
{
    struct http_stream *stream = NULL;
    struct http_request request = { .url = db_mirrored(update->settings, arena, url) };
    bool good = http_fetch(update->client, arena, &request, SMALL_LIMIT, text, &stream, error);
    unsigned status = good ? http_status(stream) : 0;
    http_close(stream);
    if (!good) return false;
    return status == 200 || error_set(error, ERROR_NETWORK, "feed-answer", "%.*s answered %u", STR_ARG(request.url), status);
}

/* The href and sha256 that repomd.xml gives for updateinfo. */
struct repomd {
    struct arena *arena;
    struct str href, sha256;
    bool inside, checksum;
};

static bool repomd_open(void *context, struct str name, const struct xml_attribute *attributes, size_t count)
{
    struct repomd *repomd = context;
    if (str_is(name, "data")) repomd->inside = str_is(xml_attribute_get(attributes, count, "type"), "updateinfo");
    repomd->checksum =
        repomd->inside && str_is(name, "checksum") && str_is(xml_attribute_get(attributes, count, "type"), "sha256");
    if (repomd->inside && str_is(name, "location"))
        repomd->href = arena_str(repomd->arena, xml_attribute_get(attributes, count, "href"));
    return true;
}

static bool repomd_close(void *context, struct str name)
{
    struct repomd *repomd = context;
    repomd->checksum = false;
    if (str_is(name, "data")) repomd->inside = false;
    return true;
}

static bool repomd_text(void *context, struct str text)
{
    struct repomd *repomd = context;
    if (repomd->checksum)
        repomd->sha256 = arena_strf(repomd->arena, "%.*s%.*s", STR_ARG(repomd->sha256), STR_ARG(str_trim(text)));
    return true;
}

static bool find_updateinfo(struct update *update, struct arena *arena, struct str list, struct str *url, struct str *sha256,
                            struct error *error)
{
    struct str mirrors, text;
    if (!get_text(update, arena, list, &mirrors, error)) return false;
    struct str base = str_trim(str_line(&mirrors));
    while (str_ends(base, "/"))
        base.size--;
    struct str repomd_url = arena_strf(arena, "%.*s/repodata/repomd.xml", STR_ARG(base));
    if (!get_text(update, arena, repomd_url, &text, error)) return false;
    struct repomd repomd = { .arena = arena };
    struct xml_handler handler = { &repomd, repomd_open, repomd_close, repomd_text };
    struct xml_reader *reader = xml_reader_new(&handler, "repomd.xml", error);
    bool good = reader && xml_reader_feed(reader, text, true, error);
    xml_reader_free(reader);
    if (!good) return false;
    if (!repomd.href.size)
        return error_set(error, ERROR_INVALID, "feed-answer", "%.*s names no updateinfo", STR_ARG(repomd_url));
    *url = arena_strf(arena, "%.*s/%.*s", STR_ARG(base), STR_ARG(repomd.href));
    *sha256 = repomd.sha256;
    return true;
}

/* The file's own address, and its checksum where the source publishes one. */
static bool find_address(struct update *update, struct arena *arena, const struct fetch *fetch, struct str *url,
                         struct str *sha256, struct error *error)
{
    *url = expand(arena, fetch->feed->url, fetch->release);
    if (fetch->feed->way == FEED_YUM) return find_updateinfo(update, arena, *url, url, sha256, error);
    if (fetch->feed->way != FEED_POINTER) return true;
    struct str text;
    if (!get_text(update, arena, *url, &text, error)) return false;
    struct str name = str_trim(str_line(&text));
    if (!name.size || str_find(name, '/') >= 0)
        return error_set(error, ERROR_INVALID, "feed-answer", "%.*s names no file", STR_ARG(*url));
    *url = arena_strf(arena, "%.*s/%.*s", STR_ARG(path_folder(*url)), STR_ARG(name));
    return true;
}

/* ---- fetching ---- */

static int fetch_one(struct update *update, struct arena *arena, struct fetch *fetch)
{
    struct str url, sha256 = { 0 };
    if (!find_address(update, arena, fetch, &url, &sha256, &fetch->error)) return -1;
    const char *path = path_join(arena, update->folder, arena_cstr(arena, fetch->path));
    if (!folder_make(arena_cstr(arena, path_folder(str_of(path))), 0755, &fetch->error)) return -1;
    struct http_request request = { .url = db_mirrored(update->settings, arena, url) };
    struct http_download download = {
        .path = path, .etag = fetch->etag, .last_modified = fetch->last_modified, .sha256 = sha256
    };
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
    update->client = http_client_new(&settings, error);
    if (!update->client) return false;
    pthread_t threads[THREADS];
    unsigned started = 0;
    while (started < THREADS && pthread_create(&threads[started], NULL, work, update) == 0)
        started++;
    if (!started) work(update);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    http_client_free(update->client);
    cli_progress_clear();
    return true;
}

static bool judge(struct update *update, struct error *error)
{
    size_t fresh = 0, same = 0, failed = 0;
    for (size_t i = 0; i < update->fetches.count; i++) {
        fresh += update->fetches.items[i].result > 0;
        same += update->fetches.items[i].result == 0;
        failed += update->fetches.items[i].result < 0;
    }
    for (size_t i = 0; i < update->fetches.count && (fresh || same); i++) { /* when none answers, one line says it */
        struct fetch *fetch = &update->fetches.items[i];
        if (fetch->result >= 0) continue;
        log_warn("%s%s%.*s: %s%s", fetch->feed->name, fetch->release.size ? " " : "", STR_ARG(fetch->release),
                 fetch->error.message, fetch->fetched_at.size ? "; what was fetched before is used" : "");
    }
    log_info("feeds: %zu fetched, %zu unchanged, %zu not to be had", fresh, same, failed);
    if (fresh || same) return true;
    const struct error first = update->fetches.count ? update->fetches.items[0].error : (struct error){ 0 };
    error_set(error, ERROR_NETWORK, "feeds-unreachable", "no feed can be reached: %s", first.message);
    return error_hint(
        error,
        "without a network: --skip-db-update with the database that is there, pratique db import FILE, or --mirror BASE");
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
    if (!update.fetches.count) {
        error_set(error, ERROR_USAGE, "db-no-feeds", "no feed serves what was asked for");
        return error_hint(error,
                          "name distributions (debian, ubuntu, alpine, redhat …), feeds with --only, or everything with --all");
    }
    if (!folder_make(update.folder, 0755, error)) return false;
    read_state(&update);
    bool fetched = settings->offline || (fetch_all(&update, error) && judge(&update, error) && write_state(&update, error));
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
    struct str release;
    if (families->count || !file_read(settings->arena, "/etc/os-release", 65536, &release, &ignored)) return;
    while (release.data) {
        struct str line = str_line(&release);
        if (!str_starts(line, "ID=")) continue;
        struct str id = str_trim_set(str_from(line, 3), "\"'");
        *vector_push(settings->arena, families) = str_is(id, "rhel")        ? STR("redhat")
                                                  : str_is(id, "ol")        ? STR("oracle")
                                                  : str_is(id, "almalinux") ? STR("alma")
                                                  : str_is(id, "amzn")      ? STR("amazon")
                                                                            : id;
    }
}

int db_update(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    str_vector families = { 0 };
    for (size_t i = 0; i < count; i++)
        *vector_push(settings->arena, &families) = str_of(arguments[i]);
    if (!count && !settings->all && !settings->only.count) default_families(settings, &families);
    return db_refresh(settings, &families, &error) ? 0 : command_fail(&error);
}
