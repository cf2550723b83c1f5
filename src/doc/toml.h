/* Private to `doc`: what the two halves of the TOML reader share. */
#ifndef DOC_TOML_H
#define DOC_TOML_H

#include "doc/doc.h"

struct toml_reader {
    struct arena *arena;
    const char *what;
    struct str text;
    size_t at;
    unsigned depth;
    struct error *error;
};

static inline int toml_peek(const struct toml_reader *reader)
{
    return reader->at < reader->text.size ? (unsigned char)reader->text.data[reader->at] : -1;
}
static inline bool toml_at(const struct toml_reader *reader, const char *word)
{
    return str_starts(str_from(reader->text, reader->at), word);
}

bool toml_refuse(struct toml_reader *reader, const char *why);

/* Strings of all four kinds, the opening quote at the reader's place; `one_line` leaves the multi-line kinds out (keys). */
bool toml_read_string(struct toml_reader *reader, bool one_line, struct str *value);
/* Numbers, booleans and date-times, the latter as strings. */
bool toml_read_word(struct toml_reader *reader, yyjson_mut_doc *document, yyjson_mut_val **value);

#endif
