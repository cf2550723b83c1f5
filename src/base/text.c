#include "base/base.h"

#include <stdlib.h>
#include <wchar.h>

bool str_equal(struct str a, struct str b) { return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0); }

bool str_is(struct str a, const char *b) { return str_equal(a, str_of(b)); }

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i])) return false;
    return true;
}

bool str_is_nocase(struct str a, const char *b) { return str_equal_nocase(a, str_of(b)); }

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order) return order < 0 ? -1 : 1;
    return (a.size > b.size) - (a.size < b.size);
}

bool str_starts(struct str s, const char *prefix)
{
    size_t size = strlen(prefix);
    return s.size >= size && (!size || memcmp(s.data, prefix, size) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
    size_t size = strlen(suffix);
    return s.size >= size && (!size || memcmp(s.data + s.size - size, suffix, size) == 0);
}

ptrdiff_t str_find(struct str s, char c)
{
    const char *at = s.size ? memchr(s.data, c, s.size) : NULL;
    return at ? at - s.data : -1;
}

ptrdiff_t str_find_last(struct str s, char c)
{
    const char *at = s.size ? memrchr(s.data, c, s.size) : NULL;
    return at ? at - s.data : -1;
}

ptrdiff_t str_find_text(struct str s, struct str needle)
{
    if (!needle.size) return 0;
    const char *at = s.size ? memmem(s.data, s.size, needle.data, needle.size) : NULL;
    return at ? at - s.data : -1;
}

bool str_contains(struct str s, const char *needle) { return str_find_text(s, str_of(needle)) >= 0; }

struct str str_from(struct str s, size_t from)
{
    if (from > s.size) from = s.size;
    return str_make(s.data ? s.data + from : NULL, s.size - from);
}

struct str str_to(struct str s, size_t to) { return str_make(s.data, to < s.size ? to : s.size); }

struct str str_slice(struct str s, size_t from, size_t to) { return str_from(str_to(s, to), from); }

struct str str_trim(struct str s) { return str_trim_set(s, " \t\r\n\v\f"); }

struct str str_trim_set(struct str s, const char *set)
{
    size_t start = 0, end = s.size;
    while (start < end && s.data[start] && strchr(set, s.data[start]))
        start++;
    while (end > start && s.data[end - 1] && strchr(set, s.data[end - 1]))
        end--;
    return str_slice(s, start, end);
}

struct str str_cut(struct str *rest, char separator)
{
    ptrdiff_t at = str_find(*rest, separator);
    struct str part = *rest;
    if (at < 0) {
        *rest = (struct str){ 0 };
        return part;
    }
    *rest = str_from(*rest, (size_t)at + 1);
    return str_to(part, (size_t)at);
}

struct str str_line(struct str *rest)
{
    struct str line = str_cut(rest, '\n');
    if (line.size && line.data[line.size - 1] == '\r') line.size--;
    return line;
}

struct str str_word(struct str *rest)
{
    size_t start = 0;
    while (start < rest->size && (rest->data[start] == ' ' || rest->data[start] == '\t'))
        start++;
    size_t end = start;
    while (end < rest->size && rest->data[end] != ' ' && rest->data[end] != '\t')
        end++;
    struct str word = str_slice(*rest, start, end);
    *rest = str_from(*rest, end);
    return word;
}

bool str_to_u64(struct str s, uint64_t *value)
{
    if (!s.size) return false;
    uint64_t number = 0;
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') return false;
        if (__builtin_mul_overflow(number, (uint64_t)10, &number)) return false;
        if (__builtin_add_overflow(number, (uint64_t)(s.data[i] - '0'), &number)) return false;
    }
    *value = number;
    return true;
}

bool str_to_i64(struct str s, int64_t *value)
{
    bool negative = s.size && s.data[0] == '-';
    uint64_t number;
    if (!str_to_u64(str_from(s, negative), &number) || number > (uint64_t)INT64_MAX) return false;
    *value = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

bool str_to_double(struct str s, double *value)
{
    char text[64];
    if (!s.size || s.size >= sizeof text) return false;
    memcpy(text, s.data, s.size);
    text[s.size] = 0;
    if (text[0] != '-' && text[0] != '.' && (text[0] < '0' || text[0] > '9')) return false;
    char *end;
    double number = strtod(text, &end);
    if (*end) return false;
    *value = number;
    return true;
}

uint64_t str_hash(struct str s)
{
    uint64_t hash = STR_HASH_START;
    for (size_t i = 0; i < s.size; i++)
        hash = str_hash_add(hash, s.data[i]);
    return hash;
}

/* Decodes one character; 0 bytes when invalid. */
size_t str_decode_utf8(struct str s, uint32_t *character)
{
    const unsigned char *p = (const unsigned char *)s.data;
    if (!s.size) return 0;
    if (p[0] < 0x80) {
        *character = p[0];
        return 1;
    }
    size_t size = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (p[0] < 0xc2 || p[0] > 0xf4 || s.size < size) return 0;
    uint32_t value = p[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
    *character = value;
    return size;
}

bool str_valid_utf8(struct str s)
{
    while (s.size) {
        uint32_t character;
        size_t size = str_decode_utf8(s, &character);
        if (!size) return false;
        s = str_from(s, size);
    }
    return true;
}

bool character_is_printable(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        { 0x0000, 0x001f }, { 0x007f, 0x009f },   /* controls */
        { 0x061c, 0x061c }, { 0x200b, 0x200f },   /* no width; marks of direction */
        { 0x2028, 0x202e }, { 0x2060, 0x206f },   /* separators of lines, embeddings, isolates, invisible operators */
        { 0xfeff, 0xfeff }, { 0xe0000, 0xe007f }, /* the byte order mark, tags */
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i].first && c <= hidden[i].last) return false;
    return true;
}

void text_make_printable(char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t character;
        size_t used = str_decode_utf8(str_make(text + at, size - at), &character);
        if (!used || !character_is_printable(character)) memset(text + at, '?', used ? used : 1);
        at += used ? used : 1;
    }
}

void str_lower_into(struct str s, char *out)
{
    for (size_t i = 0; i < s.size; i++)
        out[i] = lower(s.data[i]);
}

/* Wide: East Asian Wide and Fullwidth blocks and emoji (Unicode 15, UAX #11, by block); zero: combining marks. */
static int character_width(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        int width;
    } ranges[] = {
        { 0x0300, 0x036f, 0 },   { 0x0483, 0x0489, 0 },   { 0x0591, 0x05bd, 0 }, { 0x064b, 0x065f, 0 }, { 0x1100, 0x115f, 2 },
        { 0x1ab0, 0x1aff, 0 },   { 0x1dc0, 0x1dff, 0 },   { 0x200b, 0x200f, 0 }, { 0x20d0, 0x20ff, 0 }, { 0x2e80, 0x303e, 2 },
        { 0x3041, 0xa4cf, 2 },   { 0xa960, 0xa97c, 2 },   { 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfaff, 2 }, { 0xfe00, 0xfe0f, 0 },
        { 0xfe20, 0xfe2f, 0 },   { 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 }, { 0xffe0, 0xffe6, 2 }, { 0x1f300, 0x1f64f, 2 },
        { 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
    };
    if (c < ranges[0].first) return 1;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last) return ranges[i].width;
    return 1;
}

size_t str_width(struct str s)
{
    size_t width = 0;
    while (s.size) {
        uint32_t character;
        size_t size = str_decode_utf8(s, &character);
        width += size ? (size_t)character_width(character) : 1;
        s = str_from(s, size ? size : 1);
    }
    return width;
}
