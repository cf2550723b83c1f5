/* Texts on terminals: printable, cut, wrapped. */
#include "cli/cli.h"

#define WORD_WIDTH 200
#define BYTES_A_COLUMN 8 /* marks that take no column are cut too, if there are that many */

void cli_put_times(struct buffer *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buffer_text(out, text);
}

void cli_put_printable(struct buffer *out, struct str text)
{
    size_t before = out->size;
    buffer_str(out, text);
    if (text.size) text_make_printable(out->data + before, text.size);
}

/* The first character and what belongs to it: bytes of UTF-8 that go on. */
static struct str first_character(struct str text)
{
    size_t size = 1;
    while (size < text.size && ((uint8_t)text.data[size] & 0xc0) == 0x80)
        size++;
    return str_to(text, size);
}

struct str cli_cut(struct arena *arena, struct str text, size_t columns)
{
    size_t size = 0, used = 0;
    if (text.size <= columns) return text;
    while (size < text.size) {
        struct str character = first_character(str_from(text, size));
        used += str_width(character);
        if (used > columns || size + character.size > columns * BYTES_A_COLUMN) break;
        size += character.size;
    }
    return size == text.size ? text : arena_strf(arena, "%.*s…", STR_ARG(str_to(text, size)));
}

/* Longer than a whole line: in pieces, never within a character. */
static void put_pieces(struct buffer *out, struct str word, size_t width)
{
    size_t used = 0;
    for (size_t i = 0; i < word.size;) {
        struct str character = first_character(str_from(word, i));
        size_t columns = str_width(character);
        if (used && used + columns > width) {
            buffer_char(out, '\n');
            used = 0;
        }
        buffer_str(out, character);
        used += columns;
        i += character.size;
    }
}

struct str cli_wrap(struct arena *arena, struct str text, size_t width, bool whole_words)
{
    struct buffer out = { 0 };
    size_t used = 0;
    for (struct str word; (word = str_word(&text)).size;) {
        word = cli_cut(arena, word, WORD_WIDTH);
        size_t size = str_width(word);
        if (used && used + 1 + size > width) {
            buffer_char(&out, '\n');
            used = 0;
        } else if (used) {
            buffer_char(&out, ' ');
            used++;
        }
        if (size <= width || whole_words)
            buffer_str(&out, word);
        else
            put_pieces(&out, word, width);
        used += size > width ? width : size;
    }
    struct str wrapped = arena_str(arena, buffer_view(&out));
    buffer_free(&out);
    return wrapped;
}

void cli_put_paragraph(struct buffer *out, struct arena *arena, size_t width, const char *mark, struct str text)
{
    size_t indent = str_width(str_of(mark));
    struct str rest = width > indent + 20 ? cli_wrap(arena, text, width - indent, false) : text;
    for (bool first = true; rest.data; first = false) {
        if (first)
            buffer_text(out, mark);
        else
            cli_put_times(out, " ", indent);
        cli_put_printable(out, width ? str_cut(&rest, '\n') : rest);
        buffer_char(out, '\n');
        if (!width) return;
    }
}
