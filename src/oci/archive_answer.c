/* The parent's reader of what a child says of an archive. */
#include "oci/archive.h"

#define NAME_LIMIT ((size_t)16 << 10) /* more than pack lets names have */
#define ERROR_SIZE_LIMIT ((size_t)4 << 10)

struct head {
    uint32_t kind, size;
};

static bool strange(struct error *error, const char *why)
{
    error_set(error, ERROR_INVALID, "archive-answer", "the confined child that reads the archive %s", why);
    return error_hint(error, "report it with the archive: it is a bug or an attack");
}

static bool broke_off(struct error *error)
{
    return error_set(error, ERROR_INVALID, ARCHIVE_BROKE_OFF, "the confined child that reads the archive ended too early");
}

static bool take(struct stream *answer, void *into, size_t size, struct error *error)
{
    size_t got = 0;
    if (!stream_read(answer, into, size, &got, error)) return false;
    return got == size || broke_off(error);
}

static struct str next_text(struct str *rest)
{
    ptrdiff_t end = str_find(*rest, '\0');
    struct str text = end < 0 ? *rest : str_to(*rest, (size_t)end);
    *rest = str_from(*rest, end < 0 ? rest->size : (size_t)end + 1);
    return text;
}

/* The child's own failure, which becomes ours. */
static bool take_error(struct stream *answer, size_t size, struct error *error)
{
    char text[ERROR_SIZE_LIMIT];
    if (size < 1 || size > sizeof text) return strange(error, "sent a strange error");
    if (!take(answer, text, size, error)) return false;
    struct str rest = str_make(text + 1, size - 1);
    struct str id = next_text(&rest), message = next_text(&rest), hint = next_text(&rest);
    int kind = (unsigned char)text[0];
    if (kind <= ERROR_NONE || kind > ERROR_INTERNAL) kind = ERROR_INVALID;
    const char *known = pack_error_id(id);
    error_set(error, (enum error_kind)kind, known ? known : "archive-answer", "%.*s", STR_ARG(message));
    return hint.size ? error_hint(error, "%.*s", STR_ARG(hint)) : false;
}

static bool take_entry(struct arena *arena, struct stream *answer, size_t all, uint64_t size, struct map *entries,
                       struct error *error)
{
    uint64_t numbers[4];
    if (all < sizeof numbers) return strange(error, "sent a short entry");
    if (!take(answer, numbers, sizeof numbers, error)) return false;
    bool is_link = numbers[3] != ARCHIVE_NO_LINK;
    uint64_t name_size = numbers[2], link_size = is_link ? numbers[3] : 0;
    if (name_size > NAME_LIMIT || link_size > NAME_LIMIT || name_size + link_size != all - sizeof numbers)
        return strange(error, "sent a name that does not fit");
    if (!is_link && (numbers[0] > size || numbers[1] > size - numbers[0])) return strange(error, "names bytes outside it");
    char *text = arena_alloc(arena, (size_t)(name_size + link_size));
    if (!take(answer, text, (size_t)(name_size + link_size), error)) return false;
    struct archive_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct archive_entry){ .offset = numbers[0], .size = numbers[1] };
    if (is_link) entry->link = str_make(text + name_size, (size_t)link_size);
    map_set(entries, str_make(text, (size_t)name_size), entry);
    return true;
}

bool archive_read_list(struct arena *arena, struct stream *answer, uint64_t size, struct map *entries, struct error *error)
{
    for (size_t count = 0; count <= ARCHIVE_ENTRIES_LIMIT; count++) {
        struct head head;
        if (!take(answer, &head, sizeof head, error)) return false;
        if (head.kind == MESSAGE_ERROR) return take_error(answer, head.size, error);
        if (head.kind == MESSAGE_END) return true;
        if (head.kind != MESSAGE_ENTRY) return strange(error, "sent an unknown message");
        if (!take_entry(arena, answer, head.size, size, entries, error)) return false;
    }
    return strange(error, "sent too many entries");
}

static bool take_bytes(struct stream *answer, size_t size, int copy, struct error *error)
{
    for (bool ended; size;) {
        if (!stream_fill(answer, &ended, error)) return false;
        if (ended) return broke_off(error);
        size_t step = size < answer->size ? size : answer->size;
        if (!file_write_all(copy, answer->data, step, error))
            return error_hint(error, "set TMPDIR to a folder with room for the whole image");
        stream_consume(answer, step);
        size -= step;
    }
    return true;
}

bool archive_read_bytes(struct stream *answer, int copy, uint64_t *size, struct error *error)
{
    for (uint64_t all = 0;;) {
        struct head head;
        if (!take(answer, &head, sizeof head, error)) return false;
        if (head.kind == MESSAGE_ERROR) return take_error(answer, head.size, error);
        if (head.kind == MESSAGE_END) {
            *size = all;
            return true;
        }
        if (head.kind != MESSAGE_BYTES) return strange(error, "sent an unknown message");
        if (head.size > ARCHIVE_PLAIN_LIMIT - all)
            return error_set(error, ERROR_LIMIT, "archive-too-large", "more than %llu plain bytes",
                             (unsigned long long)ARCHIVE_PLAIN_LIMIT);
        if (!take_bytes(answer, head.size, copy, error)) return false;
        all += head.size;
    }
}
