#include "http/client/client.h"

#define LONGEST_RETRY 86400 /* beyond a day it is no number of seconds: one registry sends a Unix time */

bool http_retry_after(struct str value, moment now, uint64_t *seconds, bool *capped)
{
    uint64_t wait;
    moment then;
    value = str_trim(value);
    *capped = false;
    if (!value.size) return false;
    bool digits = true;
    for (size_t i = 0; i < value.size; i++)
        digits = digits && value.data[i] >= '0' && value.data[i] <= '9';
    if (digits) {
        if (!str_to_u64(value, &wait)) wait = UINT64_MAX;
    } else if (clock_parse_http(value, &then)) {
        wait = then > now ? (uint64_t)((then - now - 1) / SECOND + 1) : 0;
    } else {
        return false;
    }
    *capped = wait > LONGEST_RETRY;
    *seconds = *capped ? LONGEST_RETRY : wait;
    return true;
}

static bool has_next(struct str parameters)
{
    while (parameters.data) {
        struct str parameter = str_trim(str_cut(&parameters, ';')), value = parameter;
        struct str name = str_trim(str_cut(&value, '='));
        value = str_trim_set(str_trim(value), "\"");
        if (!str_is_nocase(name, "rel")) continue;
        while (value.size) { /* a list of relation types */
            struct str word = str_word(&value);
            if (!word.size) break;
            if (str_is_nocase(word, "next")) return true;
        }
    }
    return false;
}

/* Parameters end at a comma outside quotes. */
static struct str cut_parameters(struct str *rest)
{
    bool quoted = false;
    for (size_t i = 0; i < rest->size; i++) {
        if (rest->data[i] == '"') quoted = !quoted;
        if (rest->data[i] != ',' || quoted) continue;
        struct str parameters = str_to(*rest, i);
        *rest = str_from(*rest, i + 1);
        return parameters;
    }
    struct str parameters = *rest;
    *rest = (struct str){ 0 };
    return parameters;
}

int http_link_next(struct arena *arena, const struct http_url *request, struct str link, struct str *next, struct error *error)
{
    while (link.size) {
        ptrdiff_t start = str_find(link, '<'), end = str_find(link, '>');
        if (start < 0 || end < start) return 0;
        struct str target = str_slice(link, (size_t)start + 1, (size_t)end);
        link = str_from(link, (size_t)end + 1);
        if (!has_next(cut_parameters(&link))) continue;
        struct http_url url;
        if (!http_url_resolve(arena, request, str_trim(target), &url, error)) return -1;
        if (request->tls && !url.tls)
            return error_set(error, ERROR_NETWORK, "link-downgrade", "the next page is named over plain http"), -1;
        if (!http_url_same_host(request, &url))
            return error_set(error, ERROR_NETWORK, "link-other-host", "the next page is named on another host, %.*s",
                             STR_ARG(url.host)),
                   -1;
        *next = http_url_text(arena, &url);
        if (str_equal(*next, http_url_text(arena, request)))
            return error_set(error, ERROR_NETWORK, "link-loop", "the next page is named as this page itself"), -1;
        return 1;
    }
    return 0;
}
