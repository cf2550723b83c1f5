/* Where a feed's file is: its row's address, through --mirror, or through an index that names it. */
#include "cmd/db_fetch.h"

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

/* A public feed has no business inside our network; a mirror may. */
unsigned db_flags(const struct settings *settings) { return settings->mirrors.count ? 0 : HTTP_NO_PRIVATE; }

/* A small text on the way to the file. */
static bool get_text(struct update *update, struct arena *arena, struct str url, struct str *text, struct error *error)
{
    struct http_stream *stream = NULL;
    struct http_request request = { .url = db_mirrored(update->settings, arena, url), .flags = db_flags(update->settings) };
    bool good = http_fetch(update->client, arena, &request, DB_TEXT_LIMIT, text, &stream, error);
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

static bool find_updateinfo(struct update *update, struct arena *arena, struct str base, struct str *url, struct str *sha256,
                            struct error *error)
{
    struct str text;
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

/* The first repository of a mirror list; some lists leave the architecture to the reader. */
static bool find_repository(struct update *update, struct arena *arena, struct str list, struct str *base, struct error *error)
{
    struct str mirrors, mark = STR("$basearch");
    if (!get_text(update, arena, list, &mirrors, error)) return false;
    struct str first = str_trim(str_line(&mirrors));
    ptrdiff_t at = str_find_text(first, mark);
    *base = at < 0 ? first
                   : arena_strf(arena, "%.*sx86_64%.*s", STR_ARG(str_to(first, (size_t)at)),
                                STR_ARG(str_from(first, (size_t)at + mark.size)));
    return true;
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
