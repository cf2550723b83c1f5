/* Where a feed's file is: its row's address, through --mirror, or through an index that names it. */
#include "cmd/db_fetch.h"

#define MIRROR_LINES 100

struct str db_expand(struct arena *arena, const char *text, struct str release)
{
    struct str whole = str_of(text);
    ptrdiff_t at = str_find_text(whole, STR("{release}"));
    if (at < 0) return whole;
    struct str tail = str_from(whole, (size_t)at + 9), rest = db_expand(arena, arena_cstr(arena, tail), release);
    return arena_strf(arena, "%.*s%.*s%.*s", STR_ARG(str_to(whole, (size_t)at)), STR_ARG(release), STR_ARG(rest));
}

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

/* Whether a mirror that the user named lies there. */
static bool is_mirror(const struct settings *settings, struct arena *arena, const struct http_url *url)
{
    for (size_t i = 0; i < settings->mirrors.count; i++) {
        struct str to = settings->mirrors.items[i];
        struct http_url mirror;
        struct error ignored = { 0 };
        ptrdiff_t equals = str_find_text(to, STR("=http"));
        if (equals > 0) to = str_from(to, (size_t)equals + 1);
        if (http_url_parse(arena, to, &mirror, &ignored) && http_url_same_host(&mirror, url)) return true;
    }
    return false;
}

/* A public feed has no business inside our network; a mirror may. */
struct http_request db_request(const struct settings *settings, struct arena *arena, struct str url)
{
    struct http_request request = { .url = db_mirrored(settings, arena, url) };
    struct http_url parsed;
    struct error ignored = { 0 };
    bool mirror = http_url_parse(arena, request.url, &parsed, &ignored) && is_mirror(settings, arena, &parsed);
    request.flags = mirror ? 0 : HTTP_NO_PRIVATE;
    return request;
}

/* A small text on the way to the file. */
static bool get_text(struct update *update, struct arena *arena, struct str url, struct str *text, struct error *error)
{
    struct http_stream *stream = NULL;
    struct http_request request = db_request(update->settings, arena, url);
    bool good = http_fetch(update->client, arena, &request, DB_TEXT_LIMIT, text, &stream, error);
    unsigned status = good ? http_status(stream) : 0;
    http_close(stream);
    if (!good) return false;
    return status == 200 || error_set(error, ERROR_NETWORK, "feed-answer", "%.*s answered %u", STR_ARG(request.url), status);
}

static bool find_updateinfo(struct update *update, struct arena *arena, struct str base, struct str *url, struct str *sha256,
                            struct error *error)
{
    struct str text;
    while (str_ends(base, "/"))
        base.size--;
    struct str repomd_url = arena_strf(arena, "%.*s/repodata/repomd.xml", STR_ARG(base));
    if (!get_text(update, arena, repomd_url, &text, error)) return false;
    struct str href;
    if (!db_read_repomd(arena, text, &href, sha256, error)) return error_wrap(error, "%.*s", STR_ARG(repomd_url));
    *url = arena_strf(arena, "%.*s/%.*s", STR_ARG(base), STR_ARG(href));
    return true;
}

/* What a list names is as good as a redirect: it must not lead into our network, nor out of TLS. */
static bool may_follow(struct update *update, struct arena *arena, struct str list, struct str base, struct error *error)
{
    struct http_url from, next;
    if (!http_url_parse(arena, db_mirrored(update->settings, arena, list), &from, error) ||
        !http_url_parse(arena, db_mirrored(update->settings, arena, base), &next, error))
        return false;
    return is_mirror(update->settings, arena, &next) || http_url_may_lead(&from, &next, http_host_is_private(from.host), error);
}

/* The first repository of a mirror list that we may follow; some lists leave the architecture to the reader. */
static bool find_repository(struct update *update, struct arena *arena, struct str list, struct str *base, struct error *error)
{
    struct str mirrors, mark = STR("$basearch");
    struct error refused = { 0 };
    if (!get_text(update, arena, list, &mirrors, error)) return false;
    for (unsigned lines = 0; mirrors.size && lines < MIRROR_LINES; lines++) {
        struct str one = str_trim(str_line(&mirrors));
        ptrdiff_t at = str_find_text(one, mark);
        if (!one.size || str_starts(one, "#")) continue;
        if (at >= 0)
            one = arena_strf(arena, "%.*sx86_64%.*s", STR_ARG(str_to(one, (size_t)at)),
                             STR_ARG(str_from(one, (size_t)at + mark.size)));
        if (may_follow(update, arena, list, one, &refused)) {
            *base = one;
            return true;
        }
    }
    if (refused.kind == ERROR_NONE)
        return error_set(error, ERROR_INVALID, "feed-answer", "%.*s names no repository", STR_ARG(list));
    *error = refused;
    return false;
}

bool db_address(struct update *update, struct arena *arena, const struct fetch *fetch, struct str *url, struct str *sha256,
                struct error *error)
{
    *url = db_expand(arena, fetch->feed->url, fetch->release);
    if (fetch->feed->way == FEED_YUM && !find_repository(update, arena, *url, url, error)) return false;
    if (fetch->feed->way == FEED_YUM || fetch->feed->way == FEED_REPOSITORY)
        return find_updateinfo(update, arena, *url, url, sha256, error);
    if (fetch->feed->way != FEED_POINTER) return true;
    struct str text;
    if (!get_text(update, arena, *url, &text, error)) return false;
    struct str name = str_trim(str_line(&text));
    if (!name.size || str_find(name, '/') >= 0)
        return error_set(error, ERROR_INVALID, "feed-answer", "%.*s names no file", STR_ARG(*url));
    *url = arena_strf(arena, "%.*s/%.*s", STR_ARG(path_folder(*url)), STR_ARG(name));
    return true;
}
