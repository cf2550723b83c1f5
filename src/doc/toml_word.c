/* TOML 1.0: strings, numbers, booleans, date-times. */
#include "doc/toml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static void put_utf8(struct buffer *out, uint32_t code)
{
    if (code < 0x80) {
        buffer_char(out, (char)code);
    } else if (code < 0x800) {
        buffer_char(out, (char)(0xc0 | code >> 6));
        buffer_char(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        buffer_char(out, (char)(0xe0 | code >> 12));
        buffer_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buffer_char(out, (char)(0x80 | (code & 0x3f)));
    } else {
        buffer_char(out, (char)(0xf0 | code >> 18));
        buffer_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
        buffer_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
        buffer_char(out, (char)(0x80 | (code & 0x3f)));
    }
}

static bool read_code(struct toml_reader *reader, unsigned digits, struct buffer *out)
{
    uint32_t code = 0;
    for (unsigned i = 0; i < digits; i++) {
        int c = toml_peek(reader);
        int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (value < 0) return toml_refuse(reader, "an escape has too few hex digits");
        code = code << 4 | (uint32_t)value;
        reader->at++;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return toml_refuse(reader, "an escape names no character");
    put_utf8(out, code);
    return true;
}

/* A backslash at a line's end takes the break and all blanks that follow. */
static bool skip_folded(struct toml_reader *reader)
{
    size_t at = reader->at;
    while (at < reader->text.size && (reader->text.data[at] == ' ' || reader->text.data[at] == '\t'))
        at++;
    if (at >= reader->text.size || (reader->text.data[at] != '\n' && reader->text.data[at] != '\r')) return false;
    while (at < reader->text.size && strchr(" \t\r\n", reader->text.data[at]))
        at++;
    reader->at = at;
    return true;
}

static bool read_escape(struct toml_reader *reader, bool multi_line, struct buffer *out)
{
    static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    int c = toml_peek(reader);
    const char *found = c > 0 ? strchr(names, c) : NULL;
    if (found) {
        reader->at++;
        buffer_char(out, values[found - names]);
        return true;
    }
    if (c == 'u' || c == 'U') {
        reader->at++;
        return read_code(reader, c == 'u' ? 4 : 8, out);
    }
    return (multi_line && skip_folded(reader)) || toml_refuse(reader, "an unknown escape");
}

static size_t count_quotes(const struct toml_reader *reader, char quote)
{
    size_t count = 0;
    while (reader->at + count < reader->text.size && reader->text.data[reader->at + count] == quote)
        count++;
    return count;
}

bool toml_read_string(struct toml_reader *reader, bool one_line, struct str *value)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    char quote = (char)toml_peek(reader);
    bool multi_line = count_quotes(reader, quote) >= 3;
    if (multi_line && one_line) return toml_refuse(reader, "a multi-line string cannot be a key");
    reader->at += multi_line ? 3 : 1;
    if (multi_line && toml_at(reader, "\r\n"))
        reader->at += 2;
    else if (multi_line && toml_peek(reader) == '\n')
        reader->at++;
    for (;;) {
        int c = toml_peek(reader);
        size_t quotes = c == quote ? count_quotes(reader, quote) : 0;
        if (c < 0) return toml_refuse(reader, "a string does not end");
        if (quotes && (!multi_line || quotes >= 3)) {
            /* up to two quotes may stand right before the closing three */
            size_t inside = multi_line ? quotes - 3 : 0;
            if (inside > 2) return toml_refuse(reader, "too many quotes");
            for (size_t i = 0; i < inside; i++)
                buffer_char(&out, quote);
            reader->at += multi_line ? quotes : 1;
            *value = arena_str(reader->arena, buffer_view(&out));
            if (!value->data) *value = STR("");
            return true;
        }
        bool line_break = c == '\n' || (c == '\r' && toml_at(reader, "\r\n"));
        if (line_break && !multi_line) return toml_refuse(reader, "a string does not end on its line");
        if (!line_break && ((c < ' ' && c != '\t') || c == 0x7f)) return toml_refuse(reader, "a control character in a string");
        reader->at++;
        if (c == '\\' && quote == '"') {
            if (!read_escape(reader, multi_line, &out)) return false;
        } else {
            buffer_char(&out, (char)c);
        }
    }
}

/* ---- words ---- */

static bool is_word_character(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.' ||
           c == '_' || c == ':';
}

static bool two_digits(struct str text, size_t at, unsigned least, unsigned most)
{
    if (at + 2 > text.size || text.data[at] < '0' || text.data[at] > '9' || text.data[at + 1] < '0' || text.data[at + 1] > '9')
        return false;
    unsigned value = (unsigned)(text.data[at] - '0') * 10 + (unsigned)(text.data[at + 1] - '0');
    return value >= least && value <= most;
}

/* hh:mm:ss[.fraction] from `at`; returns the end, or 0. */
static size_t time_end(struct str text, size_t at)
{
    if (!two_digits(text, at, 0, 23) || !two_digits(text, at + 3, 0, 59) || !two_digits(text, at + 6, 0, 60)) return 0;
    if (text.data[at + 2] != ':' || text.data[at + 5] != ':') return 0;
    at += 8;
    if (at < text.size && text.data[at] == '.') {
        size_t start = ++at;
        while (at < text.size && text.data[at] >= '0' && text.data[at] <= '9')
            at++;
        if (at == start) return 0;
    }
    return at;
}

static bool is_date(struct str text)
{
    static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    uint64_t year, month, day;
    if (text.size < 10 || text.data[4] != '-' || text.data[7] != '-') return false;
    if (!str_to_u64(str_to(text, 4), &year) || !str_to_u64(str_slice(text, 5, 7), &month) ||
        !str_to_u64(str_slice(text, 8, 10), &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1]) return false;
    return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static bool is_date_time(struct str text)
{
    if (!is_date(text)) return text.size >= 8 && time_end(text, 0) == text.size;
    if (text.size == 10) return true;
    if (text.data[10] != 'T' && text.data[10] != 't' && text.data[10] != ' ') return false;
    size_t end = time_end(text, 11);
    if (!end) return false;
    if (end == text.size) return true;
    if (text.data[end] == 'Z' || text.data[end] == 'z') return end + 1 == text.size;
    return (text.data[end] == '+' || text.data[end] == '-') && end + 6 == text.size && two_digits(text, end + 1, 0, 23) &&
           text.data[end + 3] == ':' && two_digits(text, end + 4, 0, 59);
}

static bool is_digit_of(char c, unsigned base)
{
    if (c >= '0' && c <= '9') return (unsigned)(c - '0') < base;
    return base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
}

/* Digits with single underscores between them, copied without. Returns how many digits, 0 when malformed. */
static size_t take_digits(struct str *text, unsigned base, struct buffer *out)
{
    size_t count = 0, i = 0;
    for (; i < text->size; i++) {
        char c = text->data[i];
        if (c == '_') {
            if (!i || i + 1 == text->size || !is_digit_of(text->data[i - 1], base) || !is_digit_of(text->data[i + 1], base))
                return 0;
            continue;
        }
        if (!is_digit_of(c, base)) break;
        buffer_char(out, c);
        count++;
    }
    *text = str_from(*text, i);
    return count;
}

static bool read_integer(struct str word, int64_t *value)
{
    CLEANUP_BUFFER struct buffer digits = { 0 };
    bool negative = str_starts(word, "-");
    unsigned base = 10;
    struct str rest = negative || str_starts(word, "+") ? str_from(word, 1) : word;
    bool sign = rest.size != word.size;
    if (rest.size > 2 && rest.data[0] == '0' && strchr("xob", rest.data[1])) {
        base = rest.data[1] == 'x' ? 16 : rest.data[1] == 'o' ? 8 : 2;
        rest = str_from(rest, 2);
        if (sign) return false;
    } else if (rest.size > 1 && rest.data[0] == '0') {
        return false;
    }
    if (!take_digits(&rest, base, &digits) || rest.size) return false;
    errno = 0;
    unsigned long long number = strtoull(buffer_cstr(&digits), NULL, (int)base);
    if (errno || number > (unsigned long long)INT64_MAX + (negative ? 1 : 0)) return false;
    *value = negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

static bool read_float(struct str word, double *value)
{
    CLEANUP_BUFFER struct buffer plain = { 0 };
    bool negative = str_starts(word, "-");
    struct str rest = negative || str_starts(word, "+") ? str_from(word, 1) : word;
    if (str_is(rest, "inf") || str_is(rest, "nan")) {
        *value = str_is(rest, "nan") ? NAN : negative ? -INFINITY : INFINITY;
        return true;
    }
    bool zero = rest.size > 1 && rest.data[0] == '0' && rest.data[1] >= '0' && rest.data[1] <= '9', special = false;
    if (negative) buffer_char(&plain, '-');
    if (zero || !take_digits(&rest, 10, &plain)) return false;
    if (str_starts(rest, ".")) {
        special = true;
        buffer_char(&plain, '.');
        rest = str_from(rest, 1);
        if (!take_digits(&rest, 10, &plain)) return false;
    }
    if (rest.size && (rest.data[0] == 'e' || rest.data[0] == 'E')) {
        special = true;
        buffer_char(&plain, 'e');
        rest = str_from(rest, 1);
        if (rest.size && (rest.data[0] == '+' || rest.data[0] == '-')) {
            buffer_char(&plain, rest.data[0]);
            rest = str_from(rest, 1);
        }
        if (!take_digits(&rest, 10, &plain)) return false;
    }
    return special && !rest.size && str_to_double(buffer_view(&plain), value);
}

bool toml_read_word(struct toml_reader *reader, yyjson_mut_doc *document, yyjson_mut_val **value)
{
    size_t end = reader->at;
    while (end < reader->text.size && is_word_character((unsigned char)reader->text.data[end]))
        end++;
    struct str word = str_slice(reader->text, reader->at, end);
    /* A blank may part date and time. */
    if (word.size == 10 && is_date(word) && end + 3 < reader->text.size && reader->text.data[end] == ' ' &&
        two_digits(reader->text, end + 1, 0, 23)) {
        for (end++; end < reader->text.size && is_word_character((unsigned char)reader->text.data[end]);)
            end++;
        word = str_slice(reader->text, reader->at, end);
    }
    int64_t integer;
    double real;
    if (str_is(word, "true") || str_is(word, "false"))
        *value = yyjson_mut_bool(document, str_is(word, "true"));
    else if (is_date_time(word))
        *value = yyjson_mut_strncpy(document, word.data, word.size);
    else if (read_integer(word, &integer))
        *value = yyjson_mut_sint(document, integer);
    else if (read_float(word, &real))
        *value = yyjson_mut_real(document, real);
    else
        return toml_refuse(reader, "a value is neither string, number, boolean, date, array nor table");
    reader->at = end;
    return true;
}
