/* The child's side, and the starting and waiting around it. */
#include "oci/archive.h"

#define CPU_SECONDS 3600
#define WALK_WINDOW 4096
#define COPY_WINDOW ((size_t)256 << 10)

/* ---- in the child ---- */

static void put_head(struct buffer *out, enum archive_message kind, size_t size)
{
    uint32_t head[2] = { (uint32_t)kind, (uint32_t)size };
    buffer_append(out, head, sizeof head);
}

/* The last message, by what became of the work. */
static int finish(int output, struct buffer *out, bool good, const struct error *problem)
{
    struct error ignored = { 0 };
    if (good) {
        put_head(out, MESSAGE_END, 0);
    } else {
        size_t id = strlen(problem->id) + 1, message = strlen(problem->message) + 1;
        char kind = (char)problem->kind;
        put_head(out, MESSAGE_ERROR, 1 + id + message + strlen(problem->hint));
        buffer_append(out, &kind, 1);
        buffer_append(out, problem->id, id);
        buffer_append(out, problem->message, message);
        buffer_append(out, problem->hint, strlen(problem->hint));
    }
    return file_write_all(output, out->data, out->size, &ignored) ? 0 : 1;
}

static struct str link_target(struct arena *arena, const struct tar_entry *entry)
{
    if (entry->type == TAR_HARD_LINK || str_starts(entry->link, "/")) return path_clean(arena, entry->link);
    struct str folder = path_folder(entry->name);
    return path_clean(arena, arena_strf(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(entry->link)));
}

static bool put_entry(struct arena *arena, struct buffer *out, const struct archive_task *task, const struct tar_entry *entry,
                      struct error *problem)
{
    if (entry->type != TAR_FILE && entry->type != TAR_SYMLINK && entry->type != TAR_HARD_LINK) return true;
    if (entry->sparse) {
        error_set(problem, ERROR_UNSUPPORTED, "archive-sparse", "%.*s is stored as a sparse file", STR_ARG(entry->name));
        return error_hint(problem, "make the archive again without tar's --sparse");
    }
    if (entry->type == TAR_FILE && entry->size > task->size - entry->offset)
        return error_set(problem, ERROR_INVALID, "archive-truncated", "the archive ends in the middle of %.*s",
                         STR_ARG(entry->name));
    bool is_link = entry->type != TAR_FILE;
    struct str name = path_clean(arena, entry->name), link = is_link ? link_target(arena, entry) : (struct str){ 0 };
    uint64_t numbers[] = { entry->offset, entry->size, name.size, is_link ? link.size : ARCHIVE_NO_LINK };
    put_head(out, MESSAGE_ENTRY, sizeof numbers + name.size + link.size);
    buffer_append(out, numbers, sizeof numbers);
    buffer_append(out, name.data, name.size);
    buffer_append(out, link.data, link.size);
    return true;
}

/* One walk over the headers; content is passed over by seeking. */
int archive_write_list(void *context, int output)
{
    static const struct pack_limits limits = { .entries = ARCHIVE_ENTRIES_LIMIT };
    const struct archive_task *task = context;
    CLEANUP_ARENA struct arena *arena = arena_new(); /* of the names that had to be cleaned */
    CLEANUP_BUFFER struct buffer out = { 0 };
    CLEANUP_STREAM struct stream *stream = stream_of_file(task->fd, 0, task->size, WALK_WINDOW);
    struct tar *tar = tar_open(stream, &limits);
    struct tar_entry entry;
    struct error problem = { 0 };
    int found;
    bool good = true;
    while (good && (found = tar_next(tar, &entry, &problem)) > 0) {
        good = put_entry(arena, &out, task, &entry, &problem);
        if (out.size < COPY_WINDOW) continue;
        if (!file_write_all(output, out.data, out.size, &problem)) return 1;
        out.size = 0;
    }
    tar_close(tar);
    return finish(output, &out, good && found == 0, &problem);
}

static bool send_plain(int output, const struct archive_task *task, struct error *problem)
{
    enum compression compression;
    struct stream *raw = stream_of_file(task->fd, 0, task->size, COPY_WINDOW);
    CLEANUP_STREAM struct stream *plain = stream_decompress(raw, NULL, &compression, problem);
    CLEANUP_BUFFER struct buffer head = { 0 };
    for (bool ended; plain && stream_fill(plain, &ended, problem);) {
        if (ended) return true;
        head.size = 0;
        put_head(&head, MESSAGE_BYTES, plain->size);
        if (!file_write_all(output, head.data, head.size, problem)) return false;
        if (!file_write_all(output, plain->data, plain->size, problem)) return false;
        stream_consume(plain, plain->size);
    }
    return false;
}

static int send_bytes(void *context, int output)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct error problem = { 0 };
    bool good = send_plain(output, context, &problem);
    return finish(output, &out, good, &problem);
}

/* ---- around it ---- */

static bool start(struct child *child, struct archive_task *task, int (*main)(void *, int), struct error *error)
{
    struct confinement confinement = { .keep = &task->fd, .keep_count = 1, .cpu_seconds = CPU_SECONDS };
    return child_start(child, &confinement, main, task, error);
}

/* How the child ended says more than the answer that broke off because of it; what failed here, or what it said itself, says
 * more than that. */
static bool end(struct child *child, bool good, struct error *error)
{
    struct error ended = { 0 };
    if (!good && strcmp(error->id, ARCHIVE_BROKE_OFF) != 0)
        child_stop(child);
    else if (!child_wait(child, &ended))
        *error = ended, good = false;
    return good;
}

bool archive_list(struct arena *arena, int fd, uint64_t size, moment deadline, struct map *entries, struct error *error)
{
    struct child child = { 0 };
    struct archive_task task = { fd, size };
    if (!start(&child, &task, archive_write_list, error)) return false;
    CLEANUP_STREAM struct stream *answer = stream_of_pipe(child.output, deadline);
    return end(&child, archive_read_list(arena, answer, size, entries, error), error);
}

bool archive_unpack(int fd, uint64_t size, moment deadline, int *plain, uint64_t *plain_size, struct error *error)
{
    struct child child = { 0 };
    struct archive_task task = { fd, size };
    CLEANUP_FD int copy = spool_create(error);
    if (copy < 0 || !start(&child, &task, send_bytes, error)) return false;
    CLEANUP_STREAM struct stream *answer = stream_of_pipe(child.output, deadline);
    if (!end(&child, archive_read_bytes(answer, copy, plain_size, error), error)) return false;
    *plain = copy;
    copy = -1;
    return true;
}
