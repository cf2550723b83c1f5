/* Private to `scan/advisory`: rows as a confined child sends them, validated. What a child says is not trusted: every member
 * is checked against a table of names, types and limits, and buckets against the reader's own. */
#ifndef SCAN_ADVISORY_ROW_H
#define SCAN_ADVISORY_ROW_H

#include "scan/advisory/feed.h"

#define ROW_LIMIT ((size_t)8 << 20)

enum row_kind {
    ROW_RECORD,
    ROW_FACT,
    ROW_CPES,
    ROW_END,
    ROW_PROGRESS,
    ROW_FAILURE,
    ROW_FINISHED
};

struct row {
    enum row_kind kind;
    size_t input;                     /* which of the job's inputs */
    struct str bucket, package, id;   /* ROW_RECORD; id also ROW_FACT */
    const struct feed_source *source; /* ROW_RECORD */
    struct str fact_source;           /* ROW_FACT */
    yyjson_val *body;                 /* ROW_RECORD: record; ROW_FACT: fact; ROW_CPES: the list; ROW_FINISHED: counts */
    struct str cpe_kind, cpe_key;
    struct str family, release, date, from;
    struct str message, message_id; /* ROW_FAILURE */
    struct str as_of, first_skipped;
    uint64_t skipped;
    unsigned percent;
};

/* Reads one line. Views live as long as *document, which the caller frees. */
bool row_read(struct str line, const struct feed_reader *reader, size_t inputs, yyjson_doc **document, struct row *row,
              struct error *error);

#endif
