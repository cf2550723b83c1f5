/* Private to `oci`: what is done with an archive's bytes, each in a confined child: decompressing them, and walking their tar
 * headers. The parent copies bytes and keeps a table of names, and trusts neither. */
#ifndef OCI_ARCHIVE_H
#define OCI_ARCHIVE_H

#include "base/base.h"
#include "oci/source.h"
#include "pack/pack.h"

#define ARCHIVE_ENTRIES_LIMIT 1000000
#define ARCHIVE_PLAIN_LIMIT ((uint64_t)20 << 30) /* what decompressors allow too */

struct archive_entry {
    uint64_t offset, size; /* of a file's content in the plain archive */
    struct str link;       /* of links: the target, from the root on, clean; else without data */
};

/* The files and links of a plain tar archive of `size` bytes: clean path → struct archive_entry, both in the arena. Of two
 * entries with one name the later one counts, as it does when the archive is unpacked. `deadline` as in struct oci_options. */
bool archive_list(struct arena *arena, int fd, uint64_t size, moment deadline, struct map *entries, struct error *error);

/* Decompresses a regular file of `size` bytes into a new file without a name, which the caller closes. */
bool archive_unpack(int fd, uint64_t size, moment deadline, int *plain, uint64_t *plain_size, struct error *error);

/* ---- what a child writes, and how the parent reads it (a fuzz target) ----------------------------------------------------
 *
 * Messages of an eight byte head, kind and size, and so many bytes. The last one is MESSAGE_END or MESSAGE_ERROR. */

enum archive_message {
    MESSAGE_END,
    MESSAGE_ENTRY, /* offset, size, length of the name, of the link (each 8 bytes; ARCHIVE_NO_LINK), the name, the link */
    MESSAGE_BYTES, /* the next plain bytes */
    MESSAGE_ERROR, /* the kind as a byte, id, NUL, message, NUL, hint */
};

#define ARCHIVE_NO_LINK UINT64_MAX
#define ARCHIVE_BROKE_OFF "archive-broke-off" /* id of the error when there is no last message */

struct archive_task {
    int fd; /* the archive, a regular file */
    uint64_t size;
};
/* What the child that lists runs; `task` is a struct archive_task. */
int archive_write_list(void *task, int output);
/* Reads messages to the last one. An entry outside an archive of `size` bytes is an error. */
bool archive_read_list(struct arena *arena, struct stream *answer, uint64_t size, struct map *entries, struct error *error);
/* Writes the plain bytes to `copy`. */
bool archive_read_bytes(struct stream *answer, int copy, uint64_t *size, struct error *error);

/* A tree of what was listed; takes arena and descriptor over. */
struct tree *tree_of_list(struct arena *arena, int fd, struct map *entries);

#endif
