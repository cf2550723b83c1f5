#include "doc/doc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void new_line(struct json_writer *writer)
{
    if (!writer->indent) return;
    size_t blanks = (size_t)writer->depth * writer->indent;
    char *at = buffer_reserve(writer->out, blanks + 1);
    at[0] = '\n';
    memset(at + 1, ' ', blanks);
    writer->out->size += blanks + 1;
}

static void before_value(struct json_writer *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (writer->comma) buffer_char(writer->out, ',');
    if (writer->depth) new_line(writer);
}

void json_open(struct json_writer *writer, char bracket)
{
    before_value(writer);
    buffer_char(writer->out, bracket);
    writer->depth++;
    writer->comma = false;
}

void json_close(struct json_writer *writer, char bracket)
{
    writer->depth--;
    if (writer->comma) new_line(writer);
    buffer_char(writer->out, bracket);
    writer->comma = true;
}

static void write_escape(struct buffer *out, unsigned char c)
{
    static const char *const names = "\b\f\n\r\t";
    const char *at = strchr(names, c);
    if (c && at)
        buffer_append(out, (const char[]){ '\\', "bfnrt"[at - names] }, 2);
    else
        buffer_printf(out, "\\u%04x", c);
}

/* JSON lets them stand; what people read on a terminal shows them as escapes. */
static void write_unseen(struct buffer *out, uint32_t character)
{
    if (character >= 0x10000)
        buffer_printf(out, "\\u%04x\\u%04x", 0xd800 + ((character - 0x10000) >> 10), 0xdc00 + ((character - 0x10000) & 0x3ff));
    else
        buffer_printf(out, "\\u%04x", character);
}

static void write_string(struct buffer *out, struct str text, bool for_people)
{
    buffer_char(out, '"');
    const unsigned char *p = (const unsigned char *)text.data;
    size_t start = 0;
    for (size_t i = 0; i < text.size;) {
        unsigned char c = p[i];
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != 0x7f) {
            i++;
            continue;
        }
        uint32_t character = c;
        size_t size = c >= 0x80 ? str_decode_utf8(str_from(text, i), &character) : c == 0x7f;
        if (size && for_people && !character_is_printable(character)) {
            buffer_append(out, p + start, i - start);
            write_unseen(out, character);
            start = i += size;
            continue;
        }
        if (size) {
            i += size;
            continue;
        }
        buffer_append(out, p + start, i - start);
        if (c >= 0x80)
            buffer_text(out, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            buffer_append(out, (const char[]){ '\\', (char)c }, 2);
        else
            write_escape(out, c);
        start = ++i;
    }
    buffer_append(out, p + start, text.size - start);
    buffer_char(out, '"');
}

void json_key_str(struct json_writer *writer, struct str key)
{
    before_value(writer);
    write_string(writer->out, key, writer->indent != 0);
    buffer_text(writer->out, writer->indent ? ": " : ":");
    writer->after_key = true;
    writer->comma = false;
}

void json_key(struct json_writer *writer, const char *key) { json_key_str(writer, str_of(key)); }

void json_put_str(struct json_writer *writer, struct str value)
{
    before_value(writer);
    write_string(writer->out, value, writer->indent != 0);
    writer->comma = true;
}

void json_put_text(struct json_writer *writer, const char *value) { json_put_str(writer, str_of(value)); }

static void put_raw(struct json_writer *writer, const char *text)
{
    before_value(writer);
    buffer_text(writer->out, text);
    writer->comma = true;
}

void json_put_int(struct json_writer *writer, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_raw(writer, text);
}

void json_put_real(struct json_writer *writer, double value)
{
    char text[40] = "0";
    if (isfinite(value) && value == trunc(value) && fabs(value) < 1e15)
        snprintf(text, sizeof text, "%.0f", value); /* 10, not 1e+01 */
    else if (isfinite(value))
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value) break;
        }
    put_raw(writer, text);
}

void json_put_bool(struct json_writer *writer, bool value) { put_raw(writer, value ? "true" : "false"); }
void json_put_null(struct json_writer *writer) { put_raw(writer, "null"); }

void json_put_value(struct json_writer *writer, yyjson_val *value)
{
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_OBJ:
        json_open(writer, '{');
        JSON_MEMBERS (key, member, value) {
            json_key_str(writer, json_value_str(key));
            json_put_value(writer, member);
        }
        json_close(writer, '}');
        break;
    case YYJSON_TYPE_ARR:
        json_open(writer, '[');
        JSON_EACH (item, value)
            json_put_value(writer, item);
        json_close(writer, ']');
        break;
    case YYJSON_TYPE_STR: json_put_str(writer, json_value_str(value)); break;
    case YYJSON_TYPE_BOOL: json_put_bool(writer, yyjson_get_bool(value)); break;
    case YYJSON_TYPE_NUM:
        if (yyjson_is_real(value))
            json_put_real(writer, yyjson_get_real(value));
        else if (yyjson_is_uint(value) && yyjson_get_uint(value) > (uint64_t)INT64_MAX)
            json_put_real(writer, (double)yyjson_get_uint(value));
        else
            json_put_int(writer, yyjson_is_uint(value) ? (int64_t)yyjson_get_uint(value) : yyjson_get_sint(value));
        break;
    default: json_put_null(writer); break;
    }
}

void json_member_str(struct json_writer *writer, const char *key, struct str value)
{
    if (!value.size) return;
    json_key(writer, key);
    json_put_str(writer, value);
}

void json_member_int(struct json_writer *writer, const char *key, int64_t value)
{
    if (!value) return;
    json_key(writer, key);
    json_put_int(writer, value);
}

void json_member_bool(struct json_writer *writer, const char *key, bool value)
{
    if (!value) return;
    json_key(writer, key);
    json_put_bool(writer, true);
}

void json_member_strings(struct json_writer *writer, const char *key, const str_vector *values)
{
    if (!values->count) return;
    json_key(writer, key);
    json_open(writer, '[');
    for (size_t i = 0; i < values->count; i++)
        json_put_str(writer, values->items[i]);
    json_close(writer, ']');
}
