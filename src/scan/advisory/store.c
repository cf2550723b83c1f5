#include "scan/advisory/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a bbolt file's two meta pages one may be damaged; the second stands behind the first, whatever the page's size. */
static bool is_bbolt(int fd)
{
    static const uint8_t magic[4] = { 0xed, 0xda, 0x0c, 0xed };
    static const off_t pages[] = { 0, 4096, 8192, 16384, 65536 };
    uint8_t found[4];
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pread(fd, found, sizeof found, pages[i] + 16) == sizeof found && memcmp(found, magic, sizeof magic) == 0)
            return true;
    return false;
}

struct advisory_store *advisory_store_open(const char *path, struct error *error)
{
    char head[16] = "";
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        error_set(error, ERROR_USAGE, "file-not-regular", "the vulnerability database %s is not a regular file", path);
        return NULL;
    }
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR) {
        error_system(error, errno, "file-open", "cannot open the vulnerability database %s", path);
        return NULL;
    }
    if (fd < 0 || read(fd, head, sizeof head) < 0) {
        error_set(error, ERROR_NOT_FOUND, "db-missing", "there is no vulnerability database at %s", path);
        error_hint(error, "fetch or build one: pratique db update, or pratique db build --feeds DIR");
        return NULL;
    }
    if (memcmp(head, "SQLite format 3", sizeof head) == 0) return store_sqlite_open(path, error);
    if (!is_bbolt(fd)) {
        error_set(error, ERROR_INVALID, "db-unknown", "%s is neither a pratique.db nor a trivy.db", path);
        error_hint(error, "name one with --db-file, or fetch one: pratique db update");
        return NULL;
    }
    struct advisory_store *store = store_trivy_open(path, error);
    if (!store) error_hint(error, "fetch or build it again: pratique db update");
    return store;
}

bool advisory_store_check(const char *path, struct error *error)
{
    struct advisory_store *store = advisory_store_open(path, error);
    if (!store) return false;
    advisory_source_vector sources = { 0 };
    bool good = advisory_store_is_trivy(store) ? advisory_store_sources(store, store->arena, &sources, error)
                                               : store_sqlite_check(store, error);
    advisory_store_close(store);
    return good;
}

void advisory_store_close(struct advisory_store *store)
{
    if (store) store->kind->close(store);
}

bool advisory_store_get(struct advisory_store *store, struct arena *arena, struct str bucket, struct str package,
                        advisory_vector *advisories, struct error *error)
{
    return store->kind->get(store, arena, bucket, package, advisories, error);
}

bool advisory_store_has_bucket(struct advisory_store *store, struct str bucket, bool *known, struct error *error)
{
    return store->kind->has_bucket(store, bucket, known, error);
}

bool advisory_store_source(struct advisory_store *store, struct arena *arena, struct str bucket, struct data_source *source,
                           struct error *error)
{
    return store->kind->source(store, arena, bucket, source, error);
}

const struct vulnerability *advisory_store_vulnerability(struct advisory_store *store, struct arena *arena, struct str id,
                                                         struct error *error)
{
    const struct vulnerability *vulnerability = NULL;
    return store->kind->vulnerability(store, arena, id, &vulnerability, error) ? vulnerability : NULL;
}

bool advisory_store_ends(struct advisory_store *store, struct arena *arena, const char *family, advisory_end_vector *ends,
                         struct error *error)
{
    return store->kind->ends(store, arena, family, ends, error);
}

bool advisory_store_cpes(struct advisory_store *store, struct arena *arena, const char *kind, struct str key,
                         number_vector *numbers, struct error *error)
{
    return store->kind->cpes(store, arena, kind, key, numbers, error);
}

bool advisory_store_sources(struct advisory_store *store, struct arena *arena, advisory_source_vector *sources,
                            struct error *error)
{
    return store->kind->sources(store, arena, sources, error);
}

struct str advisory_store_built_at(struct advisory_store *store) { return store->built_at; }
