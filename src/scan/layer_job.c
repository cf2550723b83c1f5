/* In the parent: feeds each layer's child through a ring of pages, hashing what it feeds, and collects the answers.
 *
 * The ring is a memfd that only the parent can write (F_SEAL_FUTURE_WRITE; its own mapping is not inherited): a child that was
 * taken over cannot change the bytes whose digest the parent vouches for. Slot numbers travel by two pipes, so that either
 * side's death ends the other's wait. */
#include "scan/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOT_SIZE ((size_t)256 << 10)
#define SLOTS 6
#define SLOTS_RETURNED (SLOTS - 2) /* at once: a return wakes the parent, and waking another core is dear */
#define RING_SIZE (SLOT_SIZE * SLOTS)
#define ANSWER_LIMIT LAYER_CONTENT_LIMIT
#define FILE_WINDOW 4096

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

struct slot_message {
    uint32_t slot, size;
};

/* ---- the child's side ---- */

struct ring_stream {
    struct stream stream;
    const uint8_t *pages;
    int control, freed;
    uint32_t read[SLOTS_RETURNED]; /* slots not given back yet, the last one still in use */
    size_t read_count;
};

static bool ring_fill(struct stream *stream, struct error *error)
{
    struct ring_stream *ring = (struct ring_stream *)stream;
    if (ring->read_count == SLOTS_RETURNED) {
        if (write(ring->freed, ring->read, sizeof ring->read) != sizeof ring->read)
            return error_set(error, ERROR_IO, "layer-feed", "the layer's source went away");
        ring->read_count = 0;
    }
    struct slot_message message;
    ssize_t got = read(ring->control, &message, sizeof message);
    if (got == 0) return true; /* the end */
    if (got != sizeof message) return error_set(error, ERROR_IO, "layer-feed", "the layer's source went away");
    ring->read[ring->read_count++] = message.slot;
    stream->data = ring->pages + (size_t)message.slot * SLOT_SIZE;
    stream->size = message.size;
    return true;
}

static void ring_close(struct stream *stream) { free(stream); }

struct child_task {
    const struct layer_job *job;
    const struct walk_options *options;
};

static int run_layer(void *context, int output)
{
    const struct child_task *task = context;
    const struct layer_job *job = task->job;
    if (job->memory < 0) { /* a part of a file, walked by seeking once the parent says go */
        char go;
        if (read(job->control[0], &go, 1) != 1) return 1;
        return layer_walk(stream_of_file(job->blob.fd, job->blob.offset, job->blob.size, FILE_WINDOW), job->blob.size,
                          task->options, output);
    }
    static const struct stream_kind kind = { ring_fill, NULL, ring_close };
    struct ring_stream *ring = memory_alloc(sizeof *ring);
    *ring = (struct ring_stream){ .stream = { &kind, NULL, 0, 0 }, .control = job->control[0], .freed = job->freed[1] };
    ring->pages = mmap(NULL, RING_SIZE, PROT_READ, MAP_SHARED, job->memory, 0);
    if (ring->pages == MAP_FAILED) return 1;
    return layer_walk(&ring->stream, 0, task->options, output);
}

/* ---- the parent's side ---- */

static void close_pair(int pair[2])
{
    file_close(&pair[0]);
    file_close(&pair[1]);
}

static bool start_job(struct layer_job *job, const struct walk_options *options)
{
    job->control[0] = job->control[1] = job->freed[0] = job->freed[1] = job->memory = -1;
    bool ring = job->verify || job->blob.fd < 0;
    if (pipe2(job->control, O_CLOEXEC) != 0 || pipe2(job->freed, O_CLOEXEC) != 0)
        return error_system(&job->error, errno, "layer-feed", "cannot make a pipe");
    if (ring) {
        job->memory = memfd_create("layer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (job->memory < 0 || ftruncate(job->memory, RING_SIZE) != 0)
            return error_system(&job->error, errno, "layer-feed", "cannot make a buffer");
    }
    int keep[] = { job->control[0], job->freed[1], ring ? job->memory : job->blob.fd };
    struct child_task task = { job, options };
    struct confinement confinement = { .keep = keep, .keep_count = sizeof keep / sizeof *keep };
    return child_start(&job->child, &confinement, run_layer, &task, &job->error);
}

static bool answer_fits(struct layer_job *job, size_t got)
{
    size_t all = job->held ? atomic_fetch_add(job->held, got) + got : 0;
    if (job->answer.size > ANSWER_LIMIT)
        return error_set(&job->error, ERROR_LIMIT, "layer-answer", "a layer's content is too large to report");
    if (all > IMAGE_ANSWER_LIMIT)
        return error_set(&job->error, ERROR_LIMIT, "layer-answer", "the layers' contents are too large to report");
    return true;
}

static bool take_answer(struct layer_job *job, bool *ended)
{
    ssize_t got = read(job->child.output, buffer_reserve(&job->answer, 65536), 65536);
    if (got < 0 && errno != EINTR) return error_system(&job->error, errno, "layer-answer", "cannot read a child's answer");
    if (got > 0) job->answer.size += (size_t)got;
    if (got > 0 && !answer_fits(job, (size_t)got)) return false;
    *ended = got == 0;
    return true;
}

/* Milliseconds left for poll. */
static int wait_time(moment deadline)
{
    if (!deadline) return -1;
    moment left = (deadline - clock_monotonic()) / (SECOND / 1000);
    return left < 0 ? 0 : left < INT_MAX ? (int)left + 1 : INT_MAX;
}

static ssize_t read_blob(struct layer_job *job, uint64_t *done, void *into)
{
    if (job->blob.fd < 0) return job->blob.read(&job->blob, into, SLOT_SIZE, &job->error);
    uint64_t left = job->blob.size - *done;
    size_t wanted = left < SLOT_SIZE ? (size_t)left : SLOT_SIZE;
    if (!wanted) return 0;
    ssize_t got = pread(job->blob.fd, into, wanted, (off_t)(job->blob.offset + *done));
    if (got < 0) error_system(&job->error, errno, "layer-read", "cannot read a layer");
    if (got == 0) {
        error_set(&job->error, ERROR_INVALID, "layer-truncated", "a layer is shorter than its size");
        return -1;
    }
    return got;
}

struct layer_team {
    struct layer_job *jobs;
    size_t count, next, done; /* count: where the batch ends */
    size_t all;
    uint64_t bytes;
    moment deadline;
    pthread_mutex_t lock;
    scan_progress *progress;
    void *context;
};

static void tell_progress(struct layer_job *job, size_t bytes)
{
    struct layer_team *team = job->team;
    if (!team || !team->progress) return;
    pthread_mutex_lock(&team->lock);
    team->bytes += bytes;
    team->progress(team->context, team->done, team->all, team->bytes);
    pthread_mutex_unlock(&team->lock);
}

struct feed {
    struct layer_job *job;
    uint8_t *pages;
    struct sha256 hash;
    uint64_t done;
    uint32_t free_slots[SLOTS];
    unsigned free_count;
    bool blob_ended, answer_ended, child_gone;
};

/* One slot: read, hash, hand over. */
static bool feed_slot(struct feed *feed)
{
    struct layer_job *job = feed->job;
    uint32_t slot = feed->free_slots[feed->free_count - 1];
    uint8_t *into = feed->pages + (size_t)slot * SLOT_SIZE;
    ssize_t got = read_blob(job, &feed->done, into);
    if (got < 0) return false;
    if (got == 0) {
        feed->blob_ended = true;
        file_close(&job->control[1]);
        return true;
    }
    if (job->verify) sha256_add(&feed->hash, into, (size_t)got);
    feed->done += (uint64_t)got;
    tell_progress(job, (size_t)got);
    if (feed->child_gone) return true;
    struct slot_message message = { slot, (uint32_t)got };
    feed->free_count--;
    if (write(job->control[1], &message, sizeof message) != sizeof message) {
        feed->child_gone = true; /* it ended early; the rest is still hashed */
        feed->free_count = SLOTS;
    }
    return true;
}

static bool take_free_slots(struct feed *feed)
{
    uint32_t slots[SLOTS];
    ssize_t got = read(feed->job->freed[0], slots, sizeof slots);
    if (got <= 0) {
        feed->child_gone = true;
        if (!feed->free_count) feed->free_slots[feed->free_count++] = 0;
        return true;
    }
    for (size_t i = 0; i < (size_t)got / sizeof *slots; i++) {
        if (slots[i] >= SLOTS || feed->free_count >= SLOTS)
            return error_set(&feed->job->error, ERROR_INVALID, "layer-answer", "a child does not keep to the protocol");
        feed->free_slots[feed->free_count++] = slots[i];
    }
    return true;
}

bool scan_timed_out(struct error *error)
{
    error_set(error, ERROR_TIMEOUT, "timeout", "the time allowed for the scan ran out");
    return error_hint(error, "allow more with --timeout, for example --timeout 15m");
}

static bool feed_and_collect(struct feed *feed, moment deadline)
{
    struct layer_job *job = feed->job;
    while (!feed->blob_ended || !feed->answer_ended) {
        bool can_feed = !feed->blob_ended && feed->free_count > 0;
        struct pollfd polls[] = {
            { feed->answer_ended ? -1 : job->child.output, POLLIN, 0 },
            { feed->blob_ended || feed->child_gone ? -1 : job->freed[0], POLLIN, 0 },
        };
        int ready = poll(polls, 2, can_feed ? 0 : wait_time(deadline));
        if (deadline && clock_monotonic() > deadline) return scan_timed_out(&job->error);
        if (ready < 0 && errno != EINTR) return error_system(&job->error, errno, "layer-feed", "cannot wait");
        if (polls[0].revents && !take_answer(job, &feed->answer_ended)) return false;
        if (polls[1].revents && !take_free_slots(feed)) return false;
        if (feed->answer_ended && !feed->child_gone) {
            feed->child_gone = true;
            if (!feed->free_count) feed->free_slots[feed->free_count++] = 0;
        }
        if (!feed->blob_ended && feed->free_count > 0 && !feed_slot(feed)) return false;
    }
    return true;
}

static bool check_digest(struct feed *feed)
{
    struct layer_job *job = feed->job;
    if (!job->verify) return true;
    uint8_t sum[32];
    char text[SHA256_TEXT] = "sha256:";
    sha256_finish(&feed->hash, sum);
    hex_encode(sum, sizeof sum, text + 7);
    if (job->blob.size && feed->done != job->blob.size)
        return error_set(&job->error, ERROR_INVALID, "layer-size", "layer %.*s has %llu bytes, not %llu", STR_ARG(job->digest),
                         (unsigned long long)feed->done, (unsigned long long)job->blob.size);
    if (!str_is(job->digest, text))
        return error_set(&job->error, ERROR_INVALID, "layer-digest",
                         "layer %.*s holds other bytes (%s): the image is damaged or was tampered with", STR_ARG(job->digest),
                         text);
    job->verified = true;
    return true;
}

static bool run_ring_job(struct layer_job *job, moment deadline)
{
    struct feed feed = { .job = job, .free_count = SLOTS };
    for (uint32_t i = 0; i < SLOTS; i++)
        feed.free_slots[i] = SLOTS - 1 - i;
    feed.pages = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, job->memory, 0);
    if (feed.pages == MAP_FAILED) return error_system(&job->error, errno, "layer-feed", "cannot map a buffer");
    madvise(feed.pages, RING_SIZE, MADV_DONTFORK);
    fcntl(job->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL);
    if (job->verify) sha256_start(&feed.hash);
    bool done = feed_and_collect(&feed, deadline) && check_digest(&feed);
    munmap(feed.pages, RING_SIZE);
    return done;
}

static bool run_file_job(struct layer_job *job, moment deadline)
{
    ssize_t told = job->control[1] >= 0 ? write(job->control[1], "g", 1) : 0;
    (void)told; /* whoever is gone already gives no answer */
    for (bool ended = false; !ended;) {
        struct pollfd waiting = { job->child.output, POLLIN, 0 };
        int ready = poll(&waiting, 1, wait_time(deadline));
        if (deadline && clock_monotonic() > deadline) return scan_timed_out(&job->error);
        if (ready < 0 && errno != EINTR) return error_system(&job->error, errno, "layer-feed", "cannot wait");
        if (ready > 0 && !take_answer(job, &ended)) return false;
    }
    return true;
}

/* ---- what a child says ---- */

/* Ids that children may send are those that exist here: an unknown one is replaced. Held against them by tests/messages.py. */
static const char *known_id(struct str id)
{
    static const char *const own[] = { "folder-open", "folder-too-deep", "layer-feed" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (str_is(id, own[i])) return own[i];
    const char *known = pack_error_id(id);
    return known ? known : "layer-failed";
}

/* Content, or the error it wrote. The buffer is given back as soon as there is a copy: it may be large. */
static bool read_answer(struct arena *arena, struct buffer *buffer, struct layer_content *content, struct error *error)
{
    struct str answer = buffer_view(buffer);
    if (!str_starts(answer, "{\"error\":")) {
        size_t size = answer.size;
        char *text = arena_alloc(arena, size + LAYER_TEXT_PADDING);
        if (size) memcpy(text, answer.data, size);
        buffer_free(buffer);
        return layer_content_take(arena, text, size, content, error);
    }
    CLEANUP_JSON yyjson_doc *document = json_parse(answer, JSON_STRICT, "a child's answer", error);
    if (!document) return false;
    yyjson_val *failure = json_get(yyjson_doc_get_root(document), "error");
    int64_t kind = json_int(failure, "kind", ERROR_INVALID);
    if (kind <= ERROR_NONE || kind > ERROR_INTERNAL) kind = ERROR_INVALID;
    struct str message = json_str(failure, "message");
    return error_set(error, (enum error_kind)kind, known_id(json_str(failure, "id")), "%.*s", STR_ARG(message));
}

/* ---- several at once ---- */

static void finish_job(struct layer_job *job, bool good)
{
    struct error ended = { 0 };
    if (!good) {
        child_stop(&job->child);
    } else if (!child_wait(&job->child, &ended) && !job->answer.size) {
        job->error = ended;
    }
    close_pair(job->control);
    close_pair(job->freed);
    file_close(&job->memory);
}

static void *work(void *context)
{
    struct layer_team *team = context;
    for (;;) {
        pthread_mutex_lock(&team->lock);
        size_t index = team->next++;
        pthread_mutex_unlock(&team->lock);
        if (index >= team->count) return NULL;
        struct layer_job *job = &team->jobs[index];
        if (job->error.kind == ERROR_NONE && job->child.pid > 0) {
            file_close(&job->control[0]);
            file_close(&job->freed[1]);
            finish_job(job, job->memory >= 0 ? run_ring_job(job, team->deadline) : run_file_job(job, team->deadline));
        }
        pthread_mutex_lock(&team->lock);
        team->done++;
        pthread_mutex_unlock(&team->lock);
        tell_progress(job, 0);
    }
}

static void run_team(struct layer_team *team, unsigned parallel)
{
    pthread_t threads[64];
    unsigned started = 0;
    while (started + 1 < parallel && started + 1 < team->count && started < 64)
        if (pthread_create(&threads[started], NULL, work, team) == 0)
            started++;
        else
            break;
    work(team); /* this thread is one of the team */
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

bool layer_memory_full(struct error *error)
{
    return error_set(error, ERROR_LIMIT, "layer-memory", "the layers' contents need more than %zu bytes of memory",
                     IMAGE_MEMORY_LIMIT);
}

static void take_content(struct arena *arena, struct layer_job *job)
{
    if (job->error.kind == ERROR_NONE && job->answer.data) {
        job->content = arena_alloc(arena, sizeof *job->content);
        read_answer(arena, &job->answer, job->content, &job->error);
        if (arena_used(arena) > IMAGE_MEMORY_LIMIT) layer_memory_full(&job->error);
    } else if (job->error.kind == ERROR_NONE) {
        error_set(&job->error, ERROR_INVALID, "layer-answer", "a layer's child gave no answer");
    }
    buffer_free(&job->answer);
    oci_blob_close(&job->blob);
}

/* All children of a batch are forked before any thread starts: fork copies one thread only. Batches bound the descriptors. */
void layer_jobs_run(struct arena *arena, struct layer_job *jobs, size_t count, const struct walk_options *options,
                    unsigned parallel, moment deadline, scan_progress *progress, void *context)
{
    enum {
        BATCH = 64
    };
    _Atomic size_t held = 0;
    struct layer_team team = { .jobs = jobs,
                               .all = count,
                               .deadline = deadline,
                               .lock = PTHREAD_MUTEX_INITIALIZER,
                               .progress = progress,
                               .context = context };
    for (size_t from = 0; from < count; from = team.count) {
        team.count = count - from < BATCH ? count : from + BATCH;
        team.next = from;
        for (size_t i = from; i < team.count; i++)
            jobs[i].held = &held, jobs[i].team = &team;
        for (size_t i = from; i < team.count; i++)
            if (jobs[i].error.kind == ERROR_NONE && !start_job(&jobs[i], options)) finish_job(&jobs[i], false);
        run_team(&team, parallel ? parallel : (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
        for (size_t i = from; i < team.count; i++)
            take_content(arena, &jobs[i]);
    }
}

static int run_folder(void *context, int output) { return folder_walk(context, output); }

bool folder_job_run(struct arena *arena, const struct walk_options *options, moment deadline, struct layer_content *content,
                    struct error *error)
{
    struct layer_job job = { .control = { -1, -1 }, .freed = { -1, -1 }, .memory = -1 };
    struct confinement confinement = { .folder = options->folder };
    bool good = child_start(&job.child, &confinement, run_folder, (void *)options, &job.error) && run_file_job(&job, deadline);
    finish_job(&job, good);
    if (good && job.error.kind == ERROR_NONE) good = read_answer(arena, &job.answer, content, &job.error);
    buffer_free(&job.answer);
    if (job.error.kind == ERROR_NONE) return true;
    *error = job.error;
    return false;
}
