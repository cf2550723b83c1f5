#include "scan/scan.h"
#include "scan/layer.h"
#include "scan/result.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a run collects on its way. */
struct run {
    struct arena *arena;
    const struct scan_options *options;
    struct report *report;
    struct walk_options walk;
    alias_vector aliases;            /* links that earlier passes found */
    struct layer_content **contents; /* NULL: this layer could not be read and its problem is noted */
    struct layer_ref *references;
    size_t count;
    bool cache_broken; /* what it remembers of a layer cannot be read as a whole */
};

/* UUIDv7 (RFC 9562 §5.7): the time, then random bits. */
static struct str new_report_id(struct arena *arena, moment now)
{
    uint8_t bytes[16];
    random_bytes(bytes, sizeof bytes);
    uint64_t milliseconds = (uint64_t)(now / (SECOND / 1000));
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x70);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    char hex[33];
    hex_encode(bytes, sizeof bytes, hex);
    return arena_strf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* Everything a confined child uses must be loaded before. */
static bool prepare(struct error *error) { return digest_load(error) && child_prepare(error); }

static void add_run_layers(struct run *run, size_t count)
{
    run->count = count;
    run->contents = arena_array(run->arena, count, sizeof *run->contents);
    run->references = arena_array(run->arena, count, sizeof *run->references);
}

/* ---- images ---- */

static void fill_metadata(struct run *run, const struct oci_image *image)
{
    struct report *report = run->report;
    report->image_id = image->image_id;
    report->reference = image->reference;
    report->repo_tags = image->repo_tags;
    report->repo_digests = image->repo_digests;
    report->image_config = image->config;
    report->size = image->size;
    report->artifact_id = image->image_id;
    if (image->reference.size) { /* scan.md §2: the image in its repository */
        struct str reference = image->reference;
        ptrdiff_t at = str_find(reference, '@'), slash = str_find_last(reference, '/'), colon = str_find_last(reference, ':');
        struct str repository = at >= 0         ? str_to(reference, (size_t)at)
                                : colon > slash ? str_to(reference, (size_t)colon)
                                                : reference;
        char text[SHA256_TEXT];
        struct str joined = arena_strf(run->arena, "%.*s:%.*s", STR_ARG(image->image_id), STR_ARG(repository));
        report->artifact_id = str_of(arena_strdup(run->arena, sha256_text(joined, text)));
    }
    for (size_t i = 0; i < image->layers.count; i++) {
        const struct oci_layer *layer = &image->layers.items[i];
        struct image_layer *entry = vector_push(run->arena, &report->layers);
        *entry = (struct image_layer){ { layer->digest, layer->diff_id }, layer->size, layer->created_by };
        run->references[i] = entry->ref;
        if (layer->diff_id.size) *vector_push(run->arena, &report->diff_ids) = layer->diff_id;
    }
}

static void note_siblings(struct run *run, const struct oci_image *image)
{
    if (!image->siblings) return;
    struct str name = image->reference.size ? image->reference : image->image_id;
    *vector_push(run->arena, &run->report->coverage) = (struct coverage_note){
        STR("images-others"),
        image->name,
        arena_strf(run->arena, "%.*s holds %zu images; this is the first, %.*s: name another with --image",
                   STR_ARG(image->name), image->siblings + 1, STR_ARG(name)),
    };
}

static void note_platform(struct run *run, const struct oci_image *image)
{
    if (!image->other_platform.size) return;
    *vector_push(run->arena, &run->report->coverage) = (struct coverage_note){
        STR("platform-other"),
        image->name,
        arena_strf(run->arena, "%.*s is an image for %.*s alone, not for %.*s as --platform asks: it was scanned as it is",
                   STR_ARG(image->name), STR_ARG(image->other_platform), STR_ARG(run->options->image.platform)),
    };
}

/* What looks empty because the wrong word was used for it. */
static bool check_image_archive(const struct run *run, struct error *error)
{
    const char *target = run->options->target;
    if (run->report->os.family.size || run->report->results.count || !oci_is_image(target, run->options->deadline)) return true;
    error_set(error, ERROR_USAGE, "target-is-image", "%s is an image, not a tree of files", target);
    return error_hint(error, "pratique image --input %s", target);
}

static bool note_foreign(struct run *run, const struct oci_layer *layer)
{
    if (!layer->foreign) return false;
    if (run->walk.aliases) return true; /* noted when the layers were first read */
    struct str name = layer->digest.size ? layer->digest : layer->diff_id;
    *vector_push(run->arena, &run->report->coverage) = (struct coverage_note){
        STR("layer-unread"),
        name,
        arena_strf(run->arena, "layer %.*s (%.*s) has no content that can be scanned", STR_ARG(name),
                   STR_ARG(layer->media_type)),
    };
    return true;
}

/* From the cache, or a job of its own. */
static bool plan_layers(struct run *run, struct oci_image *image, struct layer_job *jobs, size_t *positions, size_t *job_count,
                        struct error *error)
{
    const char *cache = run->options->cache;
    for (size_t i = 0; i < image->layers.count; i++) {
        const struct oci_layer *layer = &image->layers.items[i];
        if (note_foreign(run, layer)) continue;
        if (cache && layer->digest.size && !run->cache_broken) {
            struct layer_content *content = arena_alloc(run->arena, sizeof *content);
            if (layer_cache_get(run->arena, cache, layer_cache_key(run->arena, layer->digest, &run->walk),
                                run->options->with_files, content)) {
                run->contents[i] = content;
                log_debug("layer %zu of %zu (%.*s): from the cache", i + 1, image->layers.count, STR_ARG(layer->digest));
                if (arena_used(run->arena) > IMAGE_MEMORY_LIMIT) return layer_memory_full(error);
                continue;
            }
        }
        struct str name = layer->digest.size ? layer->digest : layer->diff_id;
        log_debug("layer %zu of %zu (%.*s): is read", i + 1, image->layers.count, STR_ARG(name));
        struct layer_job *job = &jobs[*job_count];
        *job = (struct layer_job){ .blob = { .fd = -1 }, .verify = layer->digest.size != 0, .digest = layer->digest };
        if (!oci_layer_open(image, i, &job->blob, error)) return false;
        positions[(*job_count)++] = i;
    }
    return true;
}

static bool read_layers(struct run *run, struct oci_image *image, struct error *error)
{
    struct layer_job *jobs = arena_array(run->arena, image->layers.count + 1, sizeof *jobs);
    size_t *positions = arena_array(run->arena, image->layers.count + 1, sizeof *positions), count = 0;
    bool good = plan_layers(run, image, jobs, positions, &count, error);
    if (good && count) {
        if (!prepare(error)) good = false;
        if (good)
            layer_jobs_run(run->arena, jobs, count, &run->walk, run->options->parallel, run->options->deadline,
                           run->options->progress, run->options->context);
    }
    for (size_t i = 0; i < count; i++) {
        const struct oci_layer *layer = &image->layers.items[positions[i]];
        if (!good) {
            oci_blob_close(&jobs[i].blob);
            continue;
        }
        if (jobs[i].error.kind != ERROR_NONE) {
            *error = jobs[i].error;
            error_wrap(error, "layer %zu of %zu (%.*s)", positions[i] + 1, image->layers.count,
                       STR_ARG(layer->digest.size ? layer->digest : layer->diff_id));
            good = false;
            continue;
        }
        run->contents[positions[i]] = jobs[i].content;
        if (jobs[i].verified && run->options->cache)
            layer_cache_put(run->options->cache, layer_cache_key(run->arena, layer->digest, &run->walk), jobs[i].content);
    }
    return good;
}

/* The second halves of remembered layers, needed when a lower layer has files in folders that an upper one may have
 * replaced: fixed places are told in the first half. False: one cannot be read. */
static bool complete_cached_layers(struct run *run, const struct oci_image *image)
{
    bool needed = false;
    for (size_t i = 0; run->options->cache && !run->options->with_files && i < run->count; i++) {
        struct layer_content *content = run->contents[i];
        if (content && needed && !content->non_folders.count && image->layers.items[i].digest.size) {
            struct layer_content whole = { 0 };
            struct str key = layer_cache_key(run->arena, image->layers.items[i].digest, &run->walk);
            if (!layer_cache_get(run->arena, run->options->cache, key, true, &whole)) return false;
            *content = whole;
        }
        for (size_t j = 0; content && !needed && j < content->fragments.count; j++)
            needed = !inventory_on_path(&run->options->inventory, content->fragments.items[j].path);
        for (size_t j = 0; content && !needed && j < content->problems.count; j++)
            needed = content->problems.items[j].path.size != 0; /* an upper layer may have put a good file there */
    }
    return true;
}

static bool finish(struct run *run, bool last, bool *again, struct error *error);

/* A package database behind links into places nobody looks at is read in a further pass, one more for each link that was not
 * seen before. */
#define PASSES 5

static bool run_image(struct run *run, struct error *error)
{
    struct oci_image image = { 0 };
    if (!oci_image_open(run->arena, &run->options->image, run->options->target, &image, error)) return false;
    add_run_layers(run, image.layers.count);
    fill_metadata(run, &image);
    note_siblings(run, &image);
    note_platform(run, &image);
    bool good = true, again = true;
    for (int pass = 1; good && again; pass++) {
        memset(run->contents, 0, run->count * sizeof *run->contents);
        good = read_layers(run, &image, error);
        if (good && !complete_cached_layers(run, &image)) {
            run->cache_broken = true; /* a half is missing: all layers are read anew */
            memset(run->contents, 0, run->count * sizeof *run->contents);
            good = read_layers(run, &image, error);
        }
        good = good && finish(run, pass == PASSES, &again, error);
    }
    oci_image_close(&image);
    run->report->size = 0;
    for (size_t i = 0; i < run->count; i++) /* as the report counts: plain bytes */
        if (run->contents[i]) run->report->size += run->report->layers.items[i].size = run->contents[i]->size;
    return good;
}

/* ---- folders and tarballs ---- */

static bool run_folder(struct run *run, struct error *error)
{
    char *real = realpath(run->options->target, NULL);
    if (!real) {
        error_system(error, errno, "target-missing", "cannot scan %s", run->options->target);
        return error_hint(error, "name a folder that exists");
    }
    run->walk.folder = arena_strdup(run->arena, real);
    memory_cleanup(&real);
    add_run_layers(run, 1);
    run->contents[0] = arena_alloc(run->arena, sizeof **run->contents);
    if (run->options->progress) run->options->progress(run->options->context, 0, 0, 0);
    return prepare(error) && folder_job_run(run->arena, &run->walk, run->options->deadline, run->contents[0], error) &&
           finish(run, true, NULL, error) && check_image_archive(run, error);
}

struct pipe {
    int fd;
};

static ssize_t read_pipe(struct oci_blob *blob, void *buffer, size_t size, struct error *error)
{
    for (;;) {
        ssize_t got = read(((struct pipe *)blob->state)->fd, buffer, size);
        if (got >= 0) return got;
        if (errno == EINTR) continue;
        error_system(error, errno, "layer-read", "cannot read the archive from a pipe");
        return -1;
    }
}

static void close_pipe(struct oci_blob *blob) { file_close(&((struct pipe *)blob->state)->fd); }
static void close_blob_file(struct oci_blob *blob) { file_close(&blob->fd); }

/* A file, a pipe or "-". Devices are neither: /dev/zero would be an archive without an end. */
static bool open_tarball(struct run *run, const char *path, struct oci_blob *blob, struct error *error)
{
    CLEANUP_FD int fd =
        strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) return error_system(error, errno, "target-missing", "cannot scan %s", path);
    if (S_ISREG(status.st_mode) && strcmp(path, "-") != 0) {
        *blob = (struct oci_blob){ .fd = fd, .size = (uint64_t)status.st_size, .close = close_blob_file };
    } else if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
        struct pipe *pipe = arena_alloc(run->arena, sizeof *pipe);
        pipe->fd = fd;
        *blob = (struct oci_blob){ .fd = -1, .read = read_pipe, .close = close_pipe, .state = pipe };
    } else {
        error_set(error, ERROR_USAGE, "input-not-file", "%s is neither a file, nor a folder, nor a pipe", path);
        return error_hint(error, "give a folder, or a tar archive of one");
    }
    fd = -1; /* the blob's now */
    return true;
}

static bool read_tarball(struct run *run, bool *once, struct error *error)
{
    struct layer_job job = { .blob = { .fd = -1 } };
    if (!open_tarball(run, run->options->target, &job.blob, error)) return false;
    *once = job.blob.fd < 0; /* a pipe is gone when it is read */
    if (!prepare(error)) {
        oci_blob_close(&job.blob);
        return false;
    }
    layer_jobs_run(run->arena, &job, 1, &run->walk, 1, run->options->deadline, run->options->progress, run->options->context);
    if (job.error.kind != ERROR_NONE) {
        *error = job.error;
        return error_wrap(error, "%s", run->options->target);
    }
    run->contents[0] = job.content;
    return true;
}

static bool run_tarball(struct run *run, struct error *error)
{
    bool good = true, again = true, once = false;
    add_run_layers(run, 1);
    for (int pass = 1; good && again; pass++)
        good = read_tarball(run, &once, error) && finish(run, once || pass == PASSES, &again, error);
    return good && (once || check_image_archive(run, error));
}

/* ---- all ---- */

/* Links that lead where nobody looked: they are known in the next pass, or noted when there is none. */
static bool follow_links(struct run *run, const alias_vector *found, bool last, problem_vector *problems)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct alias *alias = &found->items[i];
        if (!last)
            *vector_push(run->arena, &run->aliases) = *alias;
        else
            *vector_push(run->arena, problems) = (struct problem){
                alias->as,
                STR("link-unfollowed"),
                arena_strf(run->arena, "%.*s is a link to %.*s, which was not read", STR_ARG(alias->as), STR_ARG(alias->real)),
            };
    }
    if (last && found->count >= ALIAS_LIMIT)
        *vector_push(run->arena, problems) =
            (struct problem){ { 0 },
                              STR("link-unfollowed"),
                              arena_strf(run->arena, "more than %d links to package lists: the rest was not read",
                                         ALIAS_LIMIT) };
    run->walk.aliases = &run->aliases;
    return found->count && !last;
}

/* Without *again set, the report is filled. */
static bool finish(struct run *run, bool last, bool *again, struct error *error)
{
    struct layer_union all = { 0 };
    if (!merge_layers(run->arena, run->contents, run->references, run->count, &run->walk, run->options->deadline, &all, error))
        return false;
    if (follow_links(run, &all.aliases, last, &all.problems)) return *again = true;
    if (again) *again = false;
    struct inventory *inventory = arena_alloc(run->arena, sizeof *inventory);
    if (!inventory_finish(run->arena, &all.placed, &run->options->finish, inventory, error)) return false;
    if (run->options->deadline && clock_monotonic() > run->options->deadline) return scan_timed_out(error);
    for (size_t i = 0; i < all.problems.count; i++)
        *vector_push(run->arena, &inventory->problems) = all.problems.items[i];
    return result_fill(run->arena, run->options, inventory, run->report, error);
}

bool scan_run(struct arena *arena, const struct scan_options *options, struct report *report, struct error *error)
{
    static bool (*const ways[])(struct run *, struct error *) = {
        [SCAN_IMAGE] = run_image,
        [SCAN_FOLDER] = run_folder,
        [SCAN_TAR] = run_tarball,
    };
    struct run run = {
        .arena = arena,
        .options = options,
        .report = report,
        .walk = {
            .inventory = &options->inventory,
            .skip_folders = options->skip_folders,
            .skip_files = options->skip_files,
            .limits = options->limits,
            .other_mounts = options->other_mounts,
        },
    };
    *report = (struct report){
        .artifact_name = str_of(options->target),
        .artifact_type = str_of(options->artifact_type),
        .report_id = new_report_id(arena, options->now),
        .created_at = options->now,
        .confinement = child_has_landlock() ? STR("landlock+seccomp") : STR("seccomp"),
    };
    if (ways[options->kind](&run, error)) return true;
    bool again = options->kind == SCAN_IMAGE && options->or_tarball && options->image.input && error->id &&
                 strcmp(error->id, "input-not-image") == 0;
    if (!again) return false;
    error->kind = ERROR_NONE;
    report->artifact_type = STR("filesystem");
    return run_tarball(&run, error);
}
