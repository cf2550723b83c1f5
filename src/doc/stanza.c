/* Paragraphs of "Field: value" (deb-control(5)): dpkg's databases, APKINDEX-like files, Python metadata. */
#include "doc/doc.h"

#define FIELD_LIMIT 10000 /* of one paragraph; more are malformed lines */

/* The next line without its LF; *rest goes behind it, NULL at the end. */
static struct str line_next(struct str *rest)
{
    const char *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    size_t size = end ? (size_t)(end - rest->data) : rest->size;
    struct str line = str_to(*rest, size);
    *rest = end ? str_from(*rest, size + 1) : (struct str){ NULL, 0 };
    if (line.size && line.data[line.size - 1] == '\r') line.size--;
    return line;
}

static bool is_continuation(struct str line) { return line.size && (line.data[0] == ' ' || line.data[0] == '\t'); }

/* "Name: value" with a name of printable characters and no blank (deb-control(5)). */
static bool field_split(struct str line, struct stanza_field *field)
{
    ptrdiff_t colon = str_find(line, ':');
    if (colon <= 0) return false;
    for (ptrdiff_t i = 0; i < colon; i++)
        if ((unsigned char)line.data[i] <= ' ' || (unsigned char)line.data[i] == 127) return false;
    field->name = str_to(line, (size_t)colon);
    field->value = str_trim(str_from(line, (size_t)colon + 1));
    if (!field->value.size) /* keeps a place in the text, so that continuation lines can be joined */
        field->value = str_make(line.data + line.size, 0);
    return true;
}

bool stanza_next(struct arena *arena, struct str *text, stanza *fields, size_t *malformed)
{
    struct stanza_field *open = NULL;
    bool any = false;
    fields->count = 0;
    while (text->data) {
        struct str line = line_next(text);
        if (!line.size) {
            if (any) return true;
            continue;
        }
        any = true;
        if (is_continuation(line)) {
            if (open) open->value.size = (size_t)(line.data + line.size - open->value.data);
            continue;
        }
        struct stanza_field field;
        open = NULL;
        if (fields->count < FIELD_LIMIT && field_split(line, &field)) {
            open = vector_push(arena, fields);
            *open = field;
        } else if (malformed) {
            (*malformed)++;
        }
    }
    return any;
}

struct str stanza_get(const stanza *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (str_is_nocase(fields->items[i].name, name)) return fields->items[i].value;
    return (struct str){ NULL, 0 };
}
