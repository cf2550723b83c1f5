/* Private to `pratique db update`: one file of one feed on its way here.
 *
 *   db_update.c   which feeds are wanted, fetching side by side, what came of it
 *   db_address.c  where a file is, through mirrors and indexes
 *   db_repomd.c   the index of a repository of RPMs
 *   db_fetched.c  fetched.json: what earlier downloads said */
#ifndef CMD_DB_FETCH_H
#define CMD_DB_FETCH_H

#include "cmd/db.h"
#include "http/client/client.h"

#include <pthread.h>

#define DB_THREADS 4
#define DB_TEXT_LIMIT ((size_t)8 << 20) /* of an index on the way to a file, and of fetched.json */

struct fetch {
    const struct feed_info *feed;
    struct str release; /* empty: the feed is one file */
    struct str path;    /* below the folder of feeds */
    struct str etag, last_modified, fetched_at;
    int result; /* 1 new, 0 unchanged, -1 failed */
    struct error error;
};

struct update {
    struct settings *settings;
    struct http_client *client;
    const char *folder;
    VECTOR(struct fetch) fetches;
    size_t next, done;
    struct arena *arenas[DB_THREADS]; /* one a thread: what the fetches learn lies in them */
    unsigned arena_count;
    pthread_mutex_t lock;
};

/* TEXT with "{release}" replaced. */
struct str db_expand(struct arena *arena, const char *text, struct str release);
/* For an address of a feed, rewritten by --mirror. Only a mirror may redirect to private addresses. */
struct http_request db_request(const struct settings *settings, struct arena *arena, struct str url);
/* The file's own address, and its checksum where the source publishes one. */
bool db_address(struct update *update, struct arena *arena, const struct fetch *fetch, struct str *url, struct str *sha256,
                struct error *error);
/* What a repository's repomd.xml says of updateinfo: a path below the repository and its checksum, empty when none is given. */
bool db_read_repomd(struct arena *arena, struct str text, struct str *href, struct str *sha256, struct error *error);

void db_fetched_read(struct update *update);
/* Entries of files that were not fetched this time stay. */
bool db_fetched_write(struct update *update, struct error *error);

#endif
