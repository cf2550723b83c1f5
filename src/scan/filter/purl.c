#include "scan/filter/filter.h"

struct purl_parts {
    struct str type_and_name, version, qualifiers, subpath;
};

static struct purl_parts split(struct str purl)
{
    struct purl_parts parts = { 0 };
    if (str_starts(purl, "pkg:")) purl = str_from(purl, 4);
    struct str rest = purl;
    purl = str_cut(&rest, '#');
    parts.subpath = rest;
    rest = purl;
    purl = str_cut(&rest, '?');
    parts.qualifiers = rest;
    ptrdiff_t at = str_find_last(purl, '@');
    parts.type_and_name = at < 0 ? purl : str_to(purl, (size_t)at);
    if (at >= 0) parts.version = str_from(purl, (size_t)at + 1);
    return parts;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The next character, percent-decoded. */
static int next_character(struct str *text)
{
    if (!text->size) return -1;
    unsigned char c = (unsigned char)text->data[0];
    size_t used = 1;
    if (c == '%' && text->size >= 3 && hex_value(text->data[1]) >= 0 && hex_value(text->data[2]) >= 0) {
        c = (unsigned char)(hex_value(text->data[1]) << 4 | hex_value(text->data[2]));
        used = 3;
    }
    *text = str_from(*text, used);
    return c;
}

static bool same_decoded(struct str a, struct str b)
{
    for (;;) {
        int left = next_character(&a), right = next_character(&b);
        if (left != right) return false;
        if (left < 0) return true;
    }
}

static bool has_qualifier(struct str qualifiers, struct str wanted)
{
    for (struct str rest = qualifiers; rest.data;)
        if (same_decoded(str_cut(&rest, '&'), wanted)) return true;
    return false;
}

bool purl_matches(struct str pattern, struct str purl)
{
    struct purl_parts want = split(pattern), have = split(purl);
    if (!same_decoded(want.type_and_name, have.type_and_name)) return false;
    if (want.version.size && !same_decoded(want.version, have.version)) return false;
    if (want.subpath.size && !same_decoded(want.subpath, have.subpath)) return false;
    for (struct str rest = want.qualifiers; rest.data;) {
        struct str one = str_cut(&rest, '&');
        if (one.size && !has_qualifier(have.qualifiers, one)) return false;
    }
    return true;
}
