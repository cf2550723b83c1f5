/* Which files of the folder belong to which feed, and what is known of where they come from. */
#include "scan/advisory/build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT 500000
#define FOLDER_DEPTH 6
#define ENDINGS "{,.bz2,.gz,.xz,.zst}"

struct walk {
    struct arena *arena;
    feed_file_vector files;
};

static bool walk_folder(struct walk *walk, int parent, struct str path, unsigned depth, struct error *error);

static bool walk_entry(struct walk *walk, int folder, struct str path, const char *name, unsigned depth, struct error *error)
{
    struct stat status;
    if (name[0] == '.' || fstatat(folder, name, &status, 0) != 0) return true;
    struct str full =
        str_empty(path) ? arena_str(walk->arena, str_of(name)) : arena_strf(walk->arena, "%.*s/%s", STR_ARG(path), name);
    if (S_ISDIR(status.st_mode)) return depth >= FOLDER_DEPTH || walk_folder(walk, folder, full, depth + 1, error);
    if (!S_ISREG(status.st_mode)) return true;
    if (walk->files.count >= FILE_LIMIT)
        return error_set(error, ERROR_LIMIT, "feeds-too-many-files", "the folder of feeds has more than %d files", FILE_LIMIT);
    *vector_push(walk->arena, &walk->files) =
        (struct feed_file){ full, (uint64_t)status.st_size, (moment)status.st_mtim.tv_sec * SECOND };
    return true;
}

static bool walk_folder(struct walk *walk, int parent, struct str path, unsigned depth, struct error *error)
{
    const char *name = str_empty(path) ? "." : arena_cstr(walk->arena, path_base(path));
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        if (fd >= 0) close(fd);
        return error_system(error, errno, "feeds-unreadable", "cannot read the folder of feeds %.*s", STR_ARG(path));
    }
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(folder));)
        good = walk_entry(walk, dirfd(folder), path, entry->d_name, depth, error);
    closedir(folder);
    return good;
}

static int by_path(const void *a, const void *b)
{
    return str_compare(((const struct feed_file *)a)->path, ((const struct feed_file *)b)->path);
}

static bool matches(const struct feed *feed, struct str path)
{
    for (size_t i = 0; i < sizeof feed->patterns / sizeof *feed->patterns && feed->patterns[i]; i++) {
        char pattern[512];
        const char *star = strchr(feed->patterns[i], '/');
        size_t fixed = star ? (size_t)(star - feed->patterns[i]) + 1 : 0;
        if (path.size < fixed || memcmp(path.data, feed->patterns[i], fixed) != 0) continue;
        snprintf(pattern, sizeof pattern, "%s" ENDINGS, feed->patterns[i]);
        if (str_glob(str_of(pattern), path)) return true;
    }
    return false;
}

static bool is_wanted(const struct build_options *options, const struct feed *feed)
{
    if (!options->only || !options->only->count) return true;
    return str_vector_has(options->only, str_of(feed->info.name)) ||
           (*feed->info.family && str_vector_has(options->only, str_of(feed->info.family)));
}

bool build_find_files(struct build *build, struct error *error)
{
    struct walk walk = { .arena = build->arena };
    int folder = open(build->options->feeds, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return error_system(error, errno, "feeds-unreadable", "cannot open the folder of feeds %s", build->options->feeds);
    bool good = walk_folder(&walk, folder, (struct str){ 0 }, 0, error);
    close(folder);
    if (!good) return false;
    if (walk.files.count) qsort(walk.files.items, walk.files.count, sizeof *walk.files.items, by_path);
    size_t found = 0;
    for (size_t i = 0; i < build->state_count; i++) {
        struct feed_state *state = &build->states[i];
        for (size_t f = 0; is_wanted(build->options, state->feed) && f < walk.files.count; f++)
            if (matches(state->feed, walk.files.items[f].path)) *vector_push(build->arena, &state->files) = walk.files.items[f];
        found += state->files.count > 0;
    }
    if (found) return true;
    error_set(error, ERROR_NOT_FOUND, "feeds-none", "no file below %s belongs to a feed that is wanted", build->options->feeds);
    return error_hint(error, "docs/feeds.md lists the names");
}

/* ---- provenance ---- */

static bool hash_file(const char *path, struct sha256 *state, struct error *error)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_system(error, errno, "feed-read", "cannot open %s", path);
    static char block[256 << 10];
    for (ssize_t got; (got = read(fd, block, sizeof block)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_system(error, errno, "feed-read", "cannot read %s", path);
        sha256_add(state, block, (size_t)got);
    }
    return true;
}

/* What the download wrote down: feeds/fetched.json, {"debian/tracker-data.json.gz": {"etag": …}} (docs/feeds.md). */
static void read_fetched(struct build *build, struct feed_state *state)
{
    struct error ignored;
    struct str text;
    const char *path = path_join(build->arena, build->options->feeds, "fetched.json");
    if (!file_read(build->arena, path, (size_t)16 << 20, &text, &ignored)) return;
    CLEANUP_JSON yyjson_doc *document = json_parse(text, 0, "fetched.json", &ignored);
    if (!document) return;
    yyjson_val *entry = json_get(yyjson_doc_get_root(document), arena_cstr(build->arena, state->files.items[0].path));
    state->etag = arena_str(build->arena, json_str(entry, "etag"));
    state->last_modified = arena_str(build->arena, json_str(entry, "last_modified"));
    if (json_get(entry, "fetched_at")) state->fetched_at = arena_str(build->arena, json_str(entry, "fetched_at"));
}

bool build_provenance(struct build *build, struct feed_state *state, struct error *error)
{
    if (!state->files.count || !digest_load(error)) return state->files.count == 0;
    moment newest = 0;
    struct sha256 hash;
    uint8_t sum[32];
    char hex[65], time[CLOCK_TEXT];
    sha256_start(&hash);
    for (size_t i = 0; i < state->files.count; i++) {
        const struct feed_file *file = &state->files.items[i];
        if (file->changed > newest) newest = file->changed;
        const char *path = path_join(build->arena, build->options->feeds, arena_cstr(build->arena, file->path));
        if (!hash_file(path, &hash, error)) return false;
    }
    sha256_finish(&hash, sum);
    state->sha256 = arena_str(build->arena, str_of(hex_encode(sum, sizeof sum, hex)));
    state->fetched_at = arena_str(build->arena, str_of(clock_format(newest, time)));
    read_fetched(build, state);
    return true;
}
