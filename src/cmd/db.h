/* Private to `cmd`: the words of `pratique db`, one file each. */
#ifndef CMD_DB_H
#define CMD_DB_H

#include "cmd/command.h"

int db_build(struct settings *settings, size_t count, char **arguments);
int db_export(struct settings *settings, size_t count, char **arguments);
int db_import(struct settings *settings, size_t count, char **arguments);
int db_info(struct settings *settings, size_t count, char **arguments);
int db_push(struct settings *settings, size_t count, char **arguments);
int db_update(struct settings *settings, size_t count, char **arguments);
int db_verify(struct settings *settings, size_t count, char **arguments);

/* Where our database lies, or --output. */
const char *db_output_path(const struct settings *settings);
/* Removes what writers of that file left who were killed more than an hour ago. */
void db_sweep(const struct settings *settings, const char *path);
/* Builds from a folder of feeds into db_output_path, with progress, warnings and a closing line. */
bool db_build_from(struct settings *settings, const char *feeds, struct error *error);
/* Fetches the feeds of the named families (all with --all) and builds; or pulls from --db-repository. */
bool db_refresh(struct settings *settings, const str_vector *families, struct error *error);
/* The address with --mirror applied. */
struct str db_mirrored(const struct settings *settings, struct arena *arena, struct str url);
/* Pulls the prebuilt database. */
bool db_pull(struct settings *settings, struct error *error);

#endif
