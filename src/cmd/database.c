/* Which database a scan reads, and whether it must be fetched first. */
#include "cmd/db.h"

#include <sys/stat.h>
#include <unistd.h>

#define RETRY (3600 * SECOND) /* after a failed try: scans without a network do not wait for it each time */

/* <cache>/db/pratique.db is ours; a trivy.db beside it stays untouched and is read when ours is absent. */
const char *database_path(const struct settings *settings)
{
    if (settings->db_file) return settings->db_file;
    const char *own = path_join(settings->arena, settings->cache_dir, "db/pratique.db");
    const char *foreign = path_join(settings->arena, settings->cache_dir, "db/trivy.db");
    return !file_exists(own) && file_exists(foreign) ? foreign : own;
}

struct advisory_store *database_open(const struct settings *settings, struct error *error)
{
    const char *path = database_path(settings);
    struct advisory_store *store = advisory_store_open(path, error);
    if (!store && settings->db_file && error->kind == ERROR_NOT_FOUND) {
        error_set(error, ERROR_USAGE, "db-missing", "there is no file %s, which --db-file names", path);
        error_hint(error, "look at the path; without --db-file the database of the cache folder is read");
    }
    if (store)
        log_debug("database: %s, a %s, built %.*s", path, advisory_store_is_trivy(store) ? "trivy.db" : "pratique.db",
                  STR_ARG(advisory_store_built_at(store)));
    return store;
}

static const char *failure_mark(const struct settings *settings)
{
    return path_join(settings->arena, settings->cache_dir, "db/update-failed");
}

bool database_failed_lately(const struct settings *settings)
{
    struct stat status;
    if (stat(failure_mark(settings), &status) != 0) return false;
    moment age = clock_now() - status.st_mtim.tv_sec * SECOND;
    return age >= 0 && age < RETRY;
}

bool database_may_refresh(const struct settings *settings)
{
    return !settings->db_file && !settings->skip_db_update && !settings->offline_scan && !database_failed_lately(settings);
}

bool database_is_stale(const struct settings *settings, struct advisory_store *store)
{
    moment built;
    if (advisory_store_is_trivy(store) || settings->db_file || !clock_parse(advisory_store_built_at(store), &built))
        return false;
    return clock_now() - built > DATABASE_FRESH;
}

bool database_fetch(struct settings *settings, const str_vector *families, struct error *error)
{
    struct error ignored = { 0 };
    if (db_refresh(settings, families, error)) {
        unlink(failure_mark(settings));
        return true;
    }
    if (error->kind == ERROR_USAGE) return false;
    folder_make(path_join(settings->arena, settings->cache_dir, "db"), 0755, &ignored);
    file_write(failure_mark(settings), STR(""), 0644, false, &ignored);
    return false;
}

bool database_refresh(struct settings *settings, struct str family, struct error *error)
{
    str_vector families = { 0 };
    bool exists = file_exists(database_path(settings));
    if (family.size) *vector_push(settings->arena, &families) = family;
    log_info("%s", exists ? "the vulnerability database is brought up to date"
                          : "there is no vulnerability database yet: fetching it");
    if (database_fetch(settings, &families, error)) return true;
    if (!exists && error->kind == ERROR_NETWORK)
        return error_hint(error,
                          "without a network: pratique db import FILE, pratique db build --feeds DIR, or --db-file FILE");
    if (!exists) return false;
    log_failure(LOG_WARN, error);
    return true; /* the old one serves */
}

void database_drop_foreign(struct settings *settings)
{
    str_vector *names = &settings->db_repository;
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        struct str rest = path_base(names->items[i]), name = str_cut(&rest, ':');
        if (str_is(name, "trivy-db"))
            log_info("%.*s is Trivy's own database: ours is built from the feeds (pratique db update), or pulled from where "
                     "pratique db push put it",
                     STR_ARG(names->items[i]));
        else
            names->items[kept++] = names->items[i];
    }
    names->count = kept;
}
