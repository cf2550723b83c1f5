/* Private to `scan`: one layer's way from bytes to content. */
#ifndef SCAN_LAYER_H
#define SCAN_LAYER_H

#include "scan/scan.h"

/* Folders above a file; deeper ones are noted, not read. */
#define WALK_DEPTH_LIMIT 128
/* What all layers of an image may say together, in JSON, and what it may take in memory: a thousand layers share it. */
#define IMAGE_ANSWER_LIMIT ((size_t)256 << 20)
#define IMAGE_MEMORY_LIMIT ((size_t)1 << 30)

/* A path to read as if it stood at another one: the target of a link at a place some cataloguer looks at. Of a folder: all
 * below it. */
struct alias {
    struct str real, as;
    bool folder;
};
typedef VECTOR(struct alias) alias_vector;
/* New ones of one pass: a hostile image may have a million links. */
#define ALIAS_LIMIT 1000

struct walk_options {
    const struct inventory_options *inventory;
    const str_vector *skip_folders, *skip_files;
    const struct pack_limits *limits;
    const alias_vector *aliases; /* may be NULL */
    struct alias_index *index;   /* of the aliases, in the child (walk_index) */
    const char *folder;          /* folders only */
    bool other_mounts;
};

/* In the child: reads `stream` (compressed or not) as a layer's tar and writes the content's JSON to `output`. With
 * `plain_size` (a seekable part of a file of that size) a plain tar is not read beyond its end mark. Returns the exit status.
 */
int layer_walk(struct stream *stream, uint64_t plain_size, const struct walk_options *options, int output);
/* In the child: the same for a folder that Landlock lets it read. */
int folder_walk(const struct walk_options *options, int output);
/* What both share: offers one path to the cataloguers' wishes, by its own name alone. 0: not wanted. */
uint64_t walk_wants(const struct walk_options *options, struct str path);
/* The same with the places that the path stands for: each cataloguer reads a file once, by its own name before others. */
struct wish {
    uint64_t wanted;
    struct str as; /* lives until the next question */
};
#define WISH_LIMIT 64 /* each has a cataloguer that no earlier one has */
size_t walk_wishes(const struct walk_options *options, struct str path, struct wish wishes[WISH_LIMIT]);
bool alias_covers(struct str folder, struct str path); /* the path lies below the folder */
/* In the child, before walk_wishes is asked. */
struct alias_index *walk_index(struct arena *arena, const alias_vector *aliases);
/* True when links at the path must be known. */
bool walk_on_the_way(const struct walk_options *options, struct str path);
bool walk_skips(const struct walk_options *options, struct str path, bool folder);
/* Writes the answer: content, or the error. */
int walk_answer(int output, const struct layer_content *content, const struct error *failure);

/* Files that belong to another beside them: kept while a walk goes on, read together at its end. Zeroed is empty. */
struct walk_pairs {
    struct map *files;
};
/* `as`: the place some cataloguer looks at; `found`: where the content lies when links lead there, else empty. */
void walk_pairs_add(struct arena *arena, struct walk_pairs *pairs, uint64_t wanted, struct str as, struct str found,
                    struct str content);
void walk_pairs_read(struct arena *arena, struct walk_pairs *pairs, struct layer_content *content);

/* In the parent. */
struct layer_job {
    struct oci_blob blob;
    bool verify; /* hash the blob against `digest` */
    struct str digest;
    struct layer_content *content;
    struct error error; /* kind ERROR_NONE: fine */
    struct child child;
    int control[2], freed[2], memory; /* the ring's pipes and pages; memory -1: the child reads the blob's file itself */
    struct buffer answer;
    struct layer_team *team; /* who is told how far it is; NULL: nobody */
    _Atomic size_t *held;    /* bytes that the answers of all jobs have so far; NULL: alone */
    bool verified;
};

/* Runs the jobs, several at once. Each ends with content or an error. */
void layer_jobs_run(struct arena *arena, struct layer_job *jobs, size_t count, const struct walk_options *options,
                    unsigned parallel, moment deadline, scan_progress *progress, void *context);
/* The error of a scan whose deadline passed. Always false. */
bool scan_timed_out(struct error *error);
/* The error of an image whose layers say more than memory is allowed for. Always false. */
bool layer_memory_full(struct error *error);
/* One folder in one child. */
bool folder_job_run(struct arena *arena, const struct walk_options *options, moment deadline, struct layer_content *content,
                    struct error *error);

/* The cache: 32 hex digits over all that decides what a layer's content is. */
struct str layer_cache_key(struct arena *arena, struct str digest, const struct walk_options *options);
bool layer_cache_get(struct arena *arena, const char *cache, struct str key, bool with_files, struct layer_content *content);
void layer_cache_put(const char *cache, struct str key, const struct layer_content *content);

struct layer_union {
    placed_vector placed;
    problem_vector problems;
    alias_vector aliases; /* links that point where nobody looked yet: read those too and merge again */
    size_t scratch;       /* bytes that it took while it was made */
};
/* Of the layers in order. Zeroed before. */
bool merge_layers(struct arena *arena, struct layer_content *const *layers, const struct layer_ref *references, size_t count,
                  const struct walk_options *options, moment deadline, struct layer_union *all, struct error *error);

#endif
