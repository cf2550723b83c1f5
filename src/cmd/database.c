#include "cmd/command.h"

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
    return advisory_store_open(database_path(settings), error);
}
