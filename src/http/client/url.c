#include "http/client/client.h"

#include <arpa/inet.h>

#define URL_LIMIT 8192

static bool invalid(struct error *error, struct str text, const char *why)
{
    /* What stands before an '@' may be a password. */
    ptrdiff_t at = str_find_last(text, '@');
    struct str shown = at >= 0 ? str_from(text, (size_t)at + 1) : text;
    ptrdiff_t query = str_find(shown, '?');
    if (query >= 0) shown = str_to(shown, (size_t)query);
    return error_set(error, ERROR_INVALID, "url-invalid", "%.*s is not an address we can use: %s", STR_ARG(str_to(shown, 200)),
                     why);
}

static bool is_clean(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f || text.data[i] == '\\') return false;
    return true;
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.size; i++) {
        char c = host.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_')) return false;
    }
    return host.size > 0 && host.size <= 253;
}

static bool is_ipv6(struct arena *arena, struct str host)
{
    struct in6_addr address;
    return inet_pton(AF_INET6, arena_cstr(arena, host), &address) == 1;
}

/* "host[:port]" or "[ipv6][:port]". */
static bool read_authority(struct arena *arena, struct str text, struct http_url *url)
{
    struct str port = { 0 };
    if (str_find(text, '@') >= 0) return false;
    char *lower = arena_alloc(arena, text.size + 1);
    str_lower_into(text, lower);
    text = str_make(lower, text.size);
    if (str_starts(text, "[")) {
        ptrdiff_t end = str_find(text, ']');
        if (end < 0) return false;
        url->host = str_slice(text, 1, (size_t)end);
        struct str rest = str_from(text, (size_t)end + 1);
        if (rest.size && rest.data[0] != ':') return false;
        port = str_from(rest, 1);
        if (!is_ipv6(arena, url->host)) return false;
    } else {
        port = text;
        url->host = str_cut(&port, ':');
        if (!is_host(url->host)) return false;
    }
    uint64_t number = url->tls ? 443 : 80;
    if (port.size && (!str_to_u64(port, &number) || number == 0 || number > 65535)) return false;
    url->port = (unsigned)number;
    return true;
}

static void read_path(struct str text, struct http_url *url)
{
    ptrdiff_t fragment = str_find(text, '#');
    if (fragment >= 0) text = str_to(text, (size_t)fragment);
    ptrdiff_t query = str_find(text, '?');
    url->query = query >= 0 ? str_from(text, (size_t)query + 1) : (struct str){ 0 };
    url->path = query >= 0 ? str_to(text, (size_t)query) : text;
    if (!url->path.size) url->path = STR("/");
}

bool http_url_parse(struct arena *arena, struct str text, struct http_url *url, struct error *error)
{
    struct http_url read = { 0 };
    if (text.size > URL_LIMIT) return invalid(error, str_to(text, 100), "it is longer than 8192 characters");
    if (!is_clean(text)) return invalid(error, text, "it has a blank, a control character or a backslash");
    ptrdiff_t colon = str_find_text(text, STR("://"));
    struct str scheme = colon > 0 ? str_to(text, (size_t)colon) : (struct str){ 0 };
    read.tls = str_is_nocase(scheme, "https");
    if (!read.tls && !str_is_nocase(scheme, "http")) return invalid(error, text, "only http and https are spoken");
    struct str rest = arena_str(arena, str_from(text, (size_t)colon + 3));
    size_t end = 0;
    while (end < rest.size && rest.data[end] != '/' && rest.data[end] != '?' && rest.data[end] != '#')
        end++;
    if (!read_authority(arena, str_to(rest, end), &read))
        return invalid(error, text, "the host or port is wrong, or there is a user name");
    read_path(str_from(rest, end), &read);
    *url = read;
    return true;
}

struct str http_url_text(struct arena *arena, const struct http_url *url)
{
    bool ipv6 = str_find(url->host, ':') >= 0, usual = url->port == (url->tls ? 443u : 80u);
    const char *port = usual ? "" : arena_printf(arena, ":%u", url->port);
    return arena_strf(arena, "%s://%s%.*s%s%s%.*s%s%.*s", url->tls ? "https" : "http", ipv6 ? "[" : "", STR_ARG(url->host),
                      ipv6 ? "]" : "", port, STR_ARG(url->path), url->query.data ? "?" : "", STR_ARG(url->query));
}

/* RFC 3986 §5.2.4: "." and ".." are taken out. */
static struct str remove_dots(struct arena *arena, struct str path)
{
    char *out = arena_alloc(arena, path.size + 2);
    size_t size = 0;
    for (struct str rest = str_from(path, 1); rest.data;) {
        struct str part = str_cut(&rest, '/');
        bool last = !rest.data;
        if (str_is(part, ".") || str_is(part, "..")) {
            if (part.size == 2)
                while (size && out[--size] != '/')
                    ;
            if (last) out[size++] = '/';
            continue;
        }
        out[size++] = '/';
        memcpy(out + size, part.data, part.size);
        size += part.size;
    }
    return size ? str_make(out, size) : STR("/");
}

bool http_url_resolve(struct arena *arena, const struct http_url *base, struct str reference, struct http_url *url,
                      struct error *error)
{
    struct http_url read = *base;
    if (str_find_text(reference, STR("://")) > 0 && str_find_text(reference, STR("://")) < 10)
        return http_url_parse(arena, reference, url, error);
    if (str_starts(reference, "//"))
        return http_url_parse(arena, arena_strf(arena, "%s:%.*s", base->tls ? "https" : "http", STR_ARG(reference)), url,
                              error);
    if (reference.size > URL_LIMIT || !is_clean(reference))
        return invalid(error, str_to(reference, 100), "it has a blank or is too long");
    ptrdiff_t colon = str_find(reference, ':'), slash = str_find(reference, '/');
    if (colon > 0 && (slash < 0 || colon < slash) && str_find(reference, '?') < 0)
        return invalid(error, reference, "only http and https are spoken");
    reference = arena_str(arena, reference);
    if (str_starts(reference, "?") || str_starts(reference, "#") || !reference.size) {
        struct http_url only = { 0 };
        read_path(reference, &only);
        if (only.query.data) read.query = only.query;
    } else if (str_starts(reference, "/")) {
        read_path(reference, &read);
    } else {
        struct str folder = str_to(base->path, (size_t)(str_find_last(base->path, '/') + 1));
        read_path(arena_strf(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(reference)), &read);
    }
    read.path = remove_dots(arena, read.path);
    *url = read;
    return true;
}

bool http_url_same_host(const struct http_url *a, const struct http_url *b)
{
    return a->tls == b->tls && a->port == b->port && str_equal(a->host, b->host);
}

static bool ipv4_is_private(uint32_t address)
{
    static const struct {
        uint32_t network;
        unsigned bits;
    } private_networks[] = {
        { 0x00000000, 8 },  /* this network */
        { 0x0a000000, 8 },  /* RFC 1918 */
        { 0x64400000, 10 }, /* carrier-grade NAT, RFC 6598 */
        { 0x7f000000, 8 },  /* loopback */
        { 0xa9fe0000, 16 }, /* link-local: metadata services */
        { 0xac100000, 12 }, /* RFC 1918 */
        { 0xc0a80000, 16 }, /* RFC 1918 */
        { 0xe0000000, 3 },  /* multicast and reserved */
    };
    for (size_t i = 0; i < sizeof private_networks / sizeof *private_networks; i++)
        if ((address ^ private_networks[i].network) >> (32 - private_networks[i].bits) == 0) return true;
    return false;
}

bool http_host_is_private(struct str host)
{
    char text[64];
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (str_is_nocase(host, "localhost") || str_ends(host, ".localhost")) return true;
    if (!host.size || host.size >= sizeof text) return false;
    memcpy(text, host.data, host.size);
    text[host.size] = 0;
    /* inet_aton takes 0x7f.1, 2130706433 and the like, which resolvers take too. */
    if (inet_aton(text, &ipv4)) return ipv4_is_private(ntohl(ipv4.s_addr));
    if (inet_pton(AF_INET6, text, &ipv6) != 1) return false;
    const uint8_t *bytes = ipv6.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&ipv6) || IN6_IS_ADDR_V4COMPAT(&ipv6) || memcmp(bytes, "\0\x64\xff\x9b\0\0\0\0\0\0\0", 12) == 0)
        return ipv4_is_private((uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 | (uint32_t)bytes[14] << 8 | bytes[15]);
    if (IN6_IS_ADDR_LOOPBACK(&ipv6) || IN6_IS_ADDR_UNSPECIFIED(&ipv6)) return true;
    /* unique local fc00::/7, link-local fe80::/10, multicast ff00::/8 */
    return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) || bytes[0] == 0xff;
}

bool http_url_may_lead(const struct http_url *from, const struct http_url *next, bool may_be_private, struct error *error)
{
    if (from->tls && !next->tls)
        return error_set(error, ERROR_NETWORK, "http-redirect-downgrade",
                         "%.*s leads from https to plain http on %.*s, which is refused", STR_ARG(from->host),
                         STR_ARG(next->host));
    if (!may_be_private && http_host_is_private(next->host))
        return error_set(error, ERROR_NETWORK, "http-redirect-private",
                         "%.*s leads to the private address %.*s, which is refused", STR_ARG(from->host), STR_ARG(next->host));
    return true;
}

struct str http_encode(struct arena *arena, struct str text, const char *keep)
{
    char *out = arena_alloc(arena, text.size * 3 + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c);
        if (c && (unreserved || strchr(keep, c))) {
            out[size++] = (char)c;
        } else {
            out[size++] = '%';
            out[size++] = "0123456789ABCDEF"[c >> 4];
            out[size++] = "0123456789ABCDEF"[c & 15];
        }
    }
    return str_make(out, size);
}
