/* Confined children: one a file or a group of files, two at a time, the slow ones first. The parent reads their rows as they
 * come; a child that fails, lies or dies costs its feed and nothing else. */
#include "scan/advisory/build.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AT_ONCE 2
#define FILES_A_JOB 32 /* open at once in a child */
#define CHILD_MEMORY ((size_t)1 << 30)
#define CHILD_SECONDS 900 /* of CPU; the largest feed, Red Hat's VEX archive, needs a few minutes on a slow machine */
#define PIPE_SIZE (1 << 20)

struct job {
    const struct feed_reader *reader;
    VECTOR(struct feed_input) inputs;
    size_t feeds[FILES_A_JOB]; /* state of each input */
    uint64_t size;
    struct child child;
    struct buffer line;
    bool running, finished, failed;
    struct str problem;
};
typedef VECTOR(struct job) job_vector;

/* ---- inside the child ---- */

static int report_failure(struct feed_run *run, const struct error *error)
{
    struct json_writer writer = { .out = &run->out };
    json_open(&writer, '{');
    json_member_str(&writer, "failure", str_of(error->id ? error->id : "feed-failed"));
    json_member_str(&writer, "message", str_of(error->message));
    json_close(&writer, '}');
    buffer_char(&run->out, '\n');
    struct error ignored;
    file_write_all(run->output, run->out.data, run->out.size, &ignored);
    return 1;
}

static int child_main(void *context, int output)
{
    const struct job *job = context;
    struct error error = { 0 };
    struct arena *arena = arena_new();
    struct feed_run run = { .reader = job->reader,
                            .arena = arena,
                            .inputs = job->inputs.items,
                            .input_count = job->inputs.count,
                            .counts = arena_array(arena, job->inputs.count, sizeof(uint64_t)),
                            .output = output,
                            .total = job->size };
    if (!job->reader->read(&run, &error)) return report_failure(&run, &error);
    feed_put_end_of_rows(&run);
    return run.failed ? 2 : 0;
}

/* ---- jobs ---- */

static bool open_input(struct build *build, struct job *job, size_t feed, const struct feed_file *file, struct error *error)
{
    const struct feed_state *state = &build->states[feed];
    const char *path = path_join(build->arena, build->options->feeds, arena_cstr(build->arena, file->path));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_system(error, errno, "feed-read", "cannot open %s", path);
    job->feeds[job->inputs.count] = feed;
    *vector_push(build->arena, &job->inputs) = (struct feed_input){ state->feed->info.name, file->path, fd, file->size };
    job->size += file->size;
    return true;
}

/* Files are opened when a job starts; until then a job only lists them. */
struct plan {
    const struct feed_reader *reader;
    VECTOR(struct {
        size_t feed;
        const struct feed_file *file;
    })
    files;
    uint64_t size;
};
typedef VECTOR(struct plan) plan_vector;

static struct plan *find_plan(plan_vector *plans, const struct feed_reader *reader)
{
    for (size_t i = plans->count; i-- > 0;)
        if (plans->items[i].reader == reader) return &plans->items[i];
    return NULL;
}

/* Readers that join files get those of all their feeds in one plan, heavy ones one file each, others those of one feed. More
 * than FILES_A_JOB make several plans: what then stands in different ones is united as rows of several feeds are
 * (build_records.c). */
static void plan_file(struct build *build, plan_vector *plans, size_t feed, const struct feed_file *file)
{
    const struct feed_reader *reader = build->states[feed].feed->reader;
    struct plan *plan = find_plan(plans, reader);
    bool same_feed = plan && plan->files.items[plan->files.count - 1].feed == feed;
    bool joins = plan && plan->files.count < FILES_A_JOB && (reader->together || (same_feed && !reader->heavy));
    if (!joins) {
        plan = vector_push(build->arena, plans);
        plan->reader = reader;
    }
    *vector_push(build->arena, &plan->files) = (__typeof__(*plan->files.items)){ feed, file };
    plan->size += file->size;
}

static int by_weight(const void *a, const void *b)
{
    const struct plan *x = a, *y = b;
    if (x->reader->heavy != y->reader->heavy) return x->reader->heavy ? -1 : 1;
    return x->size != y->size ? (x->size > y->size ? -1 : 1) : 0;
}

static bool start_job(struct build *build, struct job *job, const struct plan *plan, struct error *error)
{
    *job = (struct job){ .reader = plan->reader };
    int keep[FILES_A_JOB];
    bool opened = true;
    for (size_t i = 0; opened && i < plan->files.count; i++)
        opened = open_input(build, job, plan->files.items[i].feed, plan->files.items[i].file, error);
    for (size_t i = 0; i < job->inputs.count; i++)
        keep[i] = job->inputs.items[i].fd;
    struct confinement confinement = {
        .keep = keep, .keep_count = job->inputs.count, .memory_limit = CHILD_MEMORY, .cpu_seconds = CHILD_SECONDS
    };
    bool started = opened && child_start(&job->child, &confinement, child_main, job, error);
    for (size_t i = 0; i < job->inputs.count; i++)
        close(job->inputs.items[i].fd);
    if (started) fcntl(job->child.output, F_SETPIPE_SZ, PIPE_SIZE);
    job->running = started;
    return started;
}

static void fail_job(struct build *build, struct job *job, const char *message)
{
    if (job->failed) return;
    job->failed = true;
    job->problem = arena_str(build->arena, str_of(message));
}

/* ---- rows as they come ---- */

static void take_finished(struct build *build, struct job *job, const struct row *row)
{
    job->finished = true;
    for (size_t i = 0; i < job->inputs.count; i++) {
        uint64_t count = yyjson_get_uint(yyjson_arr_get(row->body, i));
        if (count) build->states[job->feeds[i]].records += count;
    }
    struct feed_state *first = &build->states[job->feeds[0]];
    if (!str_empty(row->as_of))
        for (size_t i = 0; i < job->inputs.count; i++) {
            struct feed_state *state = &build->states[job->feeds[i]];
            if (str_compare(row->as_of, state->as_of) > 0) state->as_of = arena_str(build->arena, row->as_of);
        }
    if (!row->skipped) return;
    first->skipped += row->skipped;
    build_warn(build, "%s: %llu documents or lines were not understood, the first: %.*s", first->feed->info.name,
               (unsigned long long)row->skipped, STR_ARG(row->first_skipped));
}

static bool take_row(struct build *build, struct job *job, struct str line, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = NULL;
    struct row row;
    struct error problem;
    if (!row_read(line, job->reader, job->inputs.count, &document, &row, &problem)) {
        fail_job(build, job, problem.message);
        return true;
    }
    switch (row.kind) {
    case ROW_PROGRESS:
        if (build->options->progress) build->options->progress(build->options->context, job->inputs.items[0].feed, row.percent);
        return true;
    case ROW_FAILURE: fail_job(build, job, arena_cstr(build->arena, row.message)); return true;
    case ROW_FINISHED: take_finished(build, job, &row); return true;
    default: break;
    }
    build->states[job->feeds[row.input]].records++;
    return row_store_add(&build->store, &row, job->feeds[row.input], false, error);
}

/* Whole lines of what has been read; the rest stays. */
static bool take_lines(struct build *build, struct job *job, struct error *error)
{
    struct str rest = buffer_view(&job->line);
    for (const char *end; !job->failed && (end = memchr(rest.data, '\n', rest.size));) {
        size_t size = (size_t)(end - rest.data);
        if (!take_row(build, job, str_to(rest, size), error)) return false;
        rest = str_from(rest, size + 1);
    }
    if (rest.size > ROW_LIMIT) fail_job(build, job, "a row is too long");
    memmove(job->line.data, rest.data, rest.size);
    job->line.size = rest.size;
    return true;
}

static bool read_job(struct build *build, struct job *job, bool *ended, struct error *error)
{
    char *at = buffer_reserve(&job->line, PIPE_SIZE);
    ssize_t got = read(job->child.output, at, PIPE_SIZE);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (got > 0) {
        job->line.size += (size_t)got;
        if (!take_lines(build, job, error)) return false;
    }
    *ended = got <= 0 || job->failed;
    return true;
}

static void end_job(struct build *build, struct job *job)
{
    struct error problem;
    if (job->failed)
        child_stop(&job->child);
    else if (!child_wait(&job->child, &problem))
        fail_job(build, job, problem.message);
    else if (!job->finished)
        fail_job(build, job, "the reader ended early");
    job->running = false;
    buffer_free(&job->line);
    if (!job->failed) {
        if (build->options->progress) build->options->progress(build->options->context, job->inputs.items[0].feed, 100);
        return;
    }
    build_warn(build, "%s could not be read: %.*s", build->states[job->feeds[0]].feed->info.name, STR_ARG(job->problem));
    for (size_t i = 0; i < job->inputs.count; i++)
        build->states[job->feeds[i]].failed = true;
}

/* ---- two at a time ---- */

struct pool {
    plan_vector plans;
    bool *started;
    struct job jobs[AT_ONCE];
};

/* The next plan that may run now; heavy ones not beside each other. */
static const struct plan *next_plan(struct pool *pool)
{
    bool heavy = false;
    for (size_t i = 0; i < AT_ONCE; i++)
        heavy |= pool->jobs[i].running && pool->jobs[i].reader->heavy;
    for (size_t i = 0; i < pool->plans.count; i++) {
        if (pool->started[i] || (heavy && pool->plans.items[i].reader->heavy)) continue;
        pool->started[i] = true;
        return &pool->plans.items[i];
    }
    return NULL;
}

static bool fill_pool(struct build *build, struct pool *pool, size_t *running, struct error *error)
{
    *running = 0;
    for (size_t i = 0; i < AT_ONCE; i++) {
        const struct plan *plan = pool->jobs[i].running ? NULL : next_plan(pool);
        if (plan && !start_job(build, &pool->jobs[i], plan, error)) return false;
        *running += pool->jobs[i].running;
    }
    return true;
}

static bool serve_pool(struct build *build, struct pool *pool, struct error *error)
{
    struct pollfd polls[AT_ONCE];
    for (size_t i = 0; i < AT_ONCE; i++)
        polls[i] = (struct pollfd){ .fd = pool->jobs[i].running ? pool->jobs[i].child.output : -1, .events = POLLIN };
    if (poll(polls, AT_ONCE, -1) < 0)
        return errno == EINTR || error_system(error, errno, "build-wait", "cannot wait for the readers");
    for (size_t i = 0; i < AT_ONCE; i++) {
        bool ended = false;
        if (!polls[i].revents) continue;
        if (!read_job(build, &pool->jobs[i], &ended, error)) return false;
        if (ended) end_job(build, &pool->jobs[i]);
    }
    return true;
}

/* Libraries that the readers need are loaded before anything is confined. */
static bool load_libraries(const plan_vector *plans, struct error *error)
{
    for (size_t i = 0; i < plans->count; i++) {
        if (!plans->items[i].reader->xml) continue;
        struct xml_reader *reader = xml_reader_new(&(struct xml_handler){ 0 }, "", error);
        xml_reader_free(reader);
        return reader != NULL;
    }
    return true;
}

bool build_run_jobs(struct build *build, bool late, struct error *error)
{
    struct pool pool = { 0 };
    for (size_t i = 0; i < build->state_count; i++)
        for (size_t f = 0; build->states[i].feed->reader->late == late && f < build->states[i].files.count; f++)
            plan_file(build, &pool.plans, i, &build->states[i].files.items[f]);
    if (!pool.plans.count) return true;
    qsort(pool.plans.items, pool.plans.count, sizeof *pool.plans.items, by_weight);
    pool.started = arena_array(build->arena, pool.plans.count, sizeof(bool));
    build->store.late = late;
    bool good = child_prepare(error) && load_libraries(&pool.plans, error);
    for (size_t running = 1; good && running;)
        good = fill_pool(build, &pool, &running, error) && (!running || serve_pool(build, &pool, error));
    for (size_t i = 0; !good && i < AT_ONCE; i++) {
        if (pool.jobs[i].running) child_stop(&pool.jobs[i].child);
        buffer_free(&pool.jobs[i].line);
    }
    return good;
}
