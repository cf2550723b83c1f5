/* repomd.xml, the index of a repository of RPMs: read in a confined child, which answers with two lines, or "!" and what is
 * wrong. */
#include "cmd/db_fetch.h"
#include "doc/doc.h"

#include <stdio.h>

#define ANSWER_LIMIT ((size_t)8 << 10)
#define HREF_LIMIT ((size_t)4 << 10)
#define CPU_SECONDS 10
#define PATIENCE (30 * SECOND)

struct reading {
    struct arena *arena;
    struct str text, href, sha256;
    bool inside, checksum;
};

static bool on_open(void *context, struct str name, const struct xml_attribute *attributes, size_t count)
{
    struct reading *reading = context;
    if (str_is(name, "data")) reading->inside = str_is(xml_attribute_get(attributes, count, "type"), "updateinfo");
    reading->checksum =
        reading->inside && str_is(name, "checksum") && str_is(xml_attribute_get(attributes, count, "type"), "sha256");
    if (reading->inside && str_is(name, "location"))
        reading->href = arena_str(reading->arena, xml_attribute_get(attributes, count, "href"));
    return true;
}

static bool on_close(void *context, struct str name)
{
    struct reading *reading = context;
    reading->checksum = false;
    if (str_is(name, "data")) reading->inside = false;
    return true;
}

static bool on_text(void *context, struct str text)
{
    struct reading *reading = context;
    if (reading->checksum && reading->sha256.size + text.size < ANSWER_LIMIT)
        reading->sha256 = arena_strf(reading->arena, "%.*s%.*s", STR_ARG(reading->sha256), STR_ARG(str_trim(text)));
    return true;
}

static int read_and_answer(void *context, int output)
{
    struct reading *reading = context;
    struct error error = { 0 }, ignored = { 0 };
    struct xml_handler handler = { reading, on_open, on_close, on_text };
    struct xml_reader *reader = xml_reader_new(&handler, "repomd.xml", &error);
    bool good = reader && xml_reader_feed(reader, reading->text, true, &error);
    struct str answer = good ? arena_strf(reading->arena, "%.*s\n%.*s\n", STR_ARG(reading->href), STR_ARG(reading->sha256))
                             : arena_strf(reading->arena, "!%s", error.message);
    return file_write_all(output, answer.data, answer.size, &ignored) ? 0 : 1;
}

/* A path below the repository: nothing that would lead to another place. */
static bool is_href(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~') return false;
    return text.size <= HREF_LIMIT && !str_contains(text, "://") && !str_contains(text, "../");
}

static bool take_answer(struct arena *arena, struct str answer, struct str *href, struct str *sha256, struct error *error)
{
    uint8_t sum[32];
    if (str_starts(answer, "!")) return error_set(error, ERROR_INVALID, "feed-answer", "%.*s", STR_ARG(str_from(answer, 1)));
    struct str path = str_line(&answer), checksum = str_line(&answer);
    if (!path.size) return error_set(error, ERROR_INVALID, "feed-answer", "it names no updateinfo");
    if (answer.size || !is_href(path))
        return error_set(error, ERROR_INVALID, "feed-answer", "what it names is no path in the repository");
    if (checksum.size && !hex_decode(checksum, sum, sizeof sum))
        return error_set(error, ERROR_INVALID, "feed-answer", "its checksum is no SHA-256");
    *href = arena_str(arena, path);
    *sha256 = arena_str(arena, checksum);
    return true;
}

bool db_read_repomd(struct arena *arena, struct str text, struct str *href, struct str *sha256, struct error *error)
{
    struct reading reading = { .arena = arena, .text = text };
    struct confinement confinement = { .cpu_seconds = CPU_SECONDS };
    struct child child = { 0 };
    CLEANUP_BUFFER struct buffer answer = { 0 };
    return xml_load(error) && child_start(&child, &confinement, read_and_answer, &reading, error) &&
           child_answer(&child, ANSWER_LIMIT, PATIENCE, &answer, error) &&
           take_answer(arena, buffer_view(&answer), href, sha256, error);
}
