/* Debian's package debian-security-support: packages whose support ended before their release's, or is limited (feeds.md §3).
 *
 * They become ends of the family "debian-support" under "<release> <source package>"; what is only limited ends never. */
#include "scan/advisory/feed.h"

#define TEXT_LIMIT 200

/* "ckeditor3  non-supported  3.6.6.1+dfsg-7  2025-04-04  Only present as …", "binutils  limited  Only suitable for …" */
static void put_line(struct feed_run *run, struct str release, struct str line)
{
    if (str_starts(line, "#")) return;
    struct str package = str_word(&line), kind = str_word(&line), date = STR(SUPPORT_LIMITED);
    if (str_empty(package)) return;
    if (str_is(kind, "non-supported")) {
        str_word(&line); /* the last version with support */
        date = str_word(&line);
    } else if (str_is(kind, "supported")) { /* though a pattern says something else */
        date = STR(SUPPORT_OPEN);
    } else if (!str_is(kind, "limited")) {
        return feed_skip(run, "%.*s: a kind of support that is not known: %.*s", STR_ARG(package), STR_ARG(kind));
    }
    struct str text = str_trim(line), rest = text;
    text = str_trim(str_cut(&rest, '\t'));
    size_t size = text.size < TEXT_LIMIT ? text.size : TEXT_LIMIT;
    while (size && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80) /* not inside a character */
        size--;
    text = size ? str_to(text, size) : STR("debian-security-support");
    feed_put_end(run, STR("debian-support"), arena_strf(run->arena, "%.*s %.*s", STR_ARG(release), STR_ARG(package)), date,
                 text);
}

/* "security-support.deb12" */
static bool put_file(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    struct str name = path_base(path), rest = buffer_view(content), start = STR("security-support.deb");
    if (!str_starts(name, start.data)) return true;
    while (rest.data)
        put_line(run, str_from(name, start.size), str_trim(str_line(&rest)));
    return true;
}

static bool support_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], NULL, put_file, NULL, error)) return false;
    run->current = 0;
    return true;
}

const struct feed_reader feed_debian_support = { .name = "debian-support", .read = support_read };
