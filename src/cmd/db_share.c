/* pratique db export, import, push and verify: the database as one file, and as an artifact in a registry. The file is the
 * SQLite database in one zstd frame with a checksum. */
#include "cmd/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARTIFACT_TYPE "application/vnd.pratique.db.v1"
#define LAYER_TYPE "application/vnd.pratique.db.layer.v1.sqlite+zstd"
#define LEVEL 12

/* Data that may not be passed on is named, not passed on by accident. */
static bool check_restricted(struct settings *settings, const char *path, bool allowed, struct error *error)
{
    struct advisory_store *store = advisory_store_open(path, error);
    if (!store) return false;
    advisory_source_vector sources = { 0 };
    bool good = advisory_store_sources(store, settings->arena, &sources, error), foreign = advisory_store_is_trivy(store);
    advisory_store_close(store);
    if (!good) return false;
    if (foreign)
        return error_set(error, ERROR_USAGE, "db-foreign", "%s is a trivy.db: only our own database is exported", path);
    for (size_t i = 0; i < sources.count && !allowed; i++)
        if (!sources.items[i].redistributable) {
            error_set(error, ERROR_DENIED, "db-restricted", "the database holds %.*s (%.*s), which may not be passed on",
                      STR_ARG(sources.items[i].name), STR_ARG(sources.items[i].licence));
            return error_hint(error,
                              "build one without it (--only), or export for your own machines with --include-restricted");
        }
    return true;
}

static bool export_to(struct settings *settings, const char *output, bool allowed, struct error *error)
{
    const char *path = database_path(settings);
    return check_restricted(settings, path, allowed, error) && pack_compress_file(path, output, LEVEL, error);
}

int db_export(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    const char *named = count ? arguments[0] : settings->db_output, *output = named ? named : "pratique-db.zst";
    if (strcmp(output, "-") == 0) output = "/dev/stdout";
    if (!export_to(settings, output, settings->include_restricted, &error)) return command_fail(&error);
    if (strcmp(output, "/dev/stdout") != 0) log_info("%s written: take it over with pratique db import %s", output, output);
    return 0;
}

/* A message about `path`, which nobody gave that name. */
static struct str without_path(struct arena *arena, const char *message, const char *path)
{
    struct str text = str_of(message);
    ptrdiff_t at = str_find_text(text, str_of(path));
    if (at < 0) return text;
    return arena_strf(arena, "%.*sthe unpacked file%.*s", STR_ARG(str_to(text, (size_t)at)),
                      STR_ARG(str_from(text, (size_t)at + strlen(path))));
}

/* What is wrong with the unpacked file is said of the packed one. */
static bool check_unpacked(struct arena *arena, const char *path, const char *packed, struct error *error)
{
    struct error inner = { 0 };
    struct advisory_store *store = advisory_store_open(path, &inner);
    bool foreign = store && advisory_store_is_trivy(store);
    advisory_store_close(store);
    if (store && !foreign && advisory_store_check(path, &inner)) return true;
    if (foreign) {
        error_set(error, ERROR_USAGE, "db-foreign", "%s is a trivy.db: only our own database is imported", packed);
        return error_hint(error, "read it as it is: --db-file %s", packed);
    }
    if (inner.id && strcmp(inner.id, "db-schema") == 0)
        error_set(error, ERROR_UNSUPPORTED, "db-schema", "%s holds a database of another version of this program", packed);
    else
        error_set(error, inner.kind, "db-import", "%s holds no database that can be used: %.*s", packed,
                  STR_ARG(without_path(arena, inner.message, path)));
    if (inner.kind == ERROR_INVALID)
        return error_hint(error, "it must be a file that pratique db export wrote: make it again there, and copy it whole");
    return inner.hint[0] ? error_hint(error, "%s", inner.hint) : false;
}

/* Unpacks beside the database, checks it whole, then puts it in place: the old one stays until then. */
static bool install(struct settings *settings, const char *packed, struct error *error)
{
    const char *target = db_output_path(settings);
    CLEANUP_FD int fd = open(packed, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) return error_system(error, errno, "db-import", "cannot read %s", packed);
    if (!S_ISREG(status.st_mode)) {
        error_set(error, ERROR_USAGE, "file-not-regular", "%s is no file: it is a folder, a pipe or a device", packed);
        return error_hint(error, "name a file that pratique db export wrote");
    }
    if (!folder_make(arena_cstr(settings->arena, path_folder(str_of(target))), 0755, error)) return false;
    db_sweep(settings, target);
    CLEANUP_STREAM struct stream *stream =
        stream_decompress(stream_of_file(fd, 0, (uint64_t)status.st_size, 256 << 10), NULL, NULL, error);
    CLEANUP_DRAFT struct file_draft draft = { -1, NULL, NULL };
    if (!stream || !file_draft_open(&draft, target, 0644, error)) return false;
    for (bool ended = false; !ended;) {
        if (!stream_fill(stream, &ended, error) || !file_write_all(draft.fd, stream->data, stream->size, error))
            return error_wrap(error, "%s", packed);
        stream_consume(stream, stream->size);
    }
    return check_unpacked(settings->arena, draft.temporary, packed, error) && file_draft_commit(&draft, true, error);
}

int db_import(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    if (count != 1) {
        error_set(&error, ERROR_USAGE, "db-import", "pratique db import takes one file");
        error_hint(&error, "the one that pratique db export wrote");
        return command_fail(&error);
    }
    if (!install(settings, arguments[0], &error)) return command_fail(&error);
    log_info("%s is in place", db_output_path(settings));
    return 0;
}

int db_verify(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    const char *path = database_path(settings);
    if (!advisory_store_check(path, &error)) return command_fail(&error);
    printf("%s is whole\n", path);
    return 0;
}

int db_push(struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    if (count != 1) {
        error_set(&error, ERROR_USAGE, "db-push", "pratique db push takes one reference");
        error_hint(&error, "for example: pratique db push registry.example.com/security/db:1");
        return command_fail(&error);
    }
    struct oci_options options = registry_options(settings);
    struct oci_artifact artifact = { .artifact_type = STR(ARTIFACT_TYPE),
                                     .media_type = STR(LAYER_TYPE),
                                     .title = STR("pratique.db.zst") };
    const char *folder = getenv("TMPDIR");
    char *packed = path_join(settings->arena, folder && folder[0] ? folder : "/tmp", "pratique-db-XXXXXX");
    CLEANUP_FD int fd = mkstemp(packed);
    interrupt_remember(packed);
    bool good = fd >= 0 && export_to(settings, packed, false, &error) &&
                oci_artifact_push(settings->arena, &options, arguments[0], packed, &artifact, &error);
    if (fd < 0) {
        error_system(&error, errno, "db-push", "cannot make the temporary file %s", packed);
        error_hint(&error, "set TMPDIR to a folder with room for the packed database");
    }
    unlink(packed);
    interrupt_forget(packed);
    if (!good) return command_fail(&error);
    log_info("%s: %.*s", arguments[0], STR_ARG(artifact.manifest_digest));
    return 0;
}

/* Tells a file from the one that a build or an import put in its place. */
static struct str identity_of(struct arena *arena, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) return (struct str){ 0 };
    return arena_strf(arena, "%llu-%llu-%lld-%lld.%09ld", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino,
                      (long long)status.st_size, (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

/* <cache>/db/pulled: the digest of what was pulled last, and which file came of it. Empty when another lies there now. */
static struct str known_digest(struct arena *arena, const char *mark, const char *database)
{
    struct str text = { 0 };
    struct error ignored = { 0 };
    if (!file_read(arena, mark, 4096, &text, &ignored)) return (struct str){ 0 };
    struct str digest = str_word(&text), identity = str_trim(text);
    return identity.size && str_equal(identity, identity_of(arena, database)) ? digest : (struct str){ 0 };
}

static bool write_mark(struct arena *arena, const char *mark, struct str digest, const char *database, struct error *error)
{
    struct str identity = identity_of(arena, database);
    return file_write(mark, arena_strf(arena, "%.*s %.*s\n", STR_ARG(digest), STR_ARG(identity)), 0644, false, error);
}

/* The first repository that answers; what is there already is not fetched again. */
bool db_pull(struct settings *settings, struct error *error)
{
    struct arena *arena = settings->arena;
    struct oci_options options = registry_options(settings);
    const char *mark = path_join(arena, settings->cache_dir, "db/pulled"),
               *packed = path_join(arena, settings->cache_dir, "db/pulled.zst");
    struct str known = known_digest(arena, mark, db_output_path(settings));
    if (!folder_make(path_join(arena, settings->cache_dir, "db"), 0755, error)) return false;
    db_sweep(settings, packed);
    for (size_t i = 0; i < settings->db_repository.count; i++) {
        const char *name = arena_cstr(arena, settings->db_repository.items[i]);
        struct oci_artifact artifact = { .media_type = STR(LAYER_TYPE), .known = known };
        int result = oci_artifact_pull(arena, &options, name, packed, &artifact, error);
        if (result < 0) {
            if (i + 1 < settings->db_repository.count) log_warn("%s: %s", name, error->message);
            continue;
        }
        if (result == 0) {
            log_info("the database from %s is still the newest", name);
            return true;
        }
        bool good =
            install(settings, packed, error) && write_mark(arena, mark, artifact.digest, db_output_path(settings), error);
        unlink(packed);
        if (good) log_info("%s: database from %s", db_output_path(settings), name);
        return good;
    }
    return false;
}
