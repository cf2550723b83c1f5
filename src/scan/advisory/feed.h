/* Private to `scan/advisory`: what the feeds share (docs/feeds.md).
 *
 * A feed is one row of feed.c's table. Its reader, one file in feed/, turns the upstream's bytes into rows and runs in a
 * confined child; build.c starts the children, validates what they send (row.h) and writes the database. */
#ifndef SCAN_ADVISORY_FEED_H
#define SCAN_ADVISORY_FEED_H

#include "pack/pack.h"
#include "scan/advisory/advisory.h"

/* A bucket a reader may write, with the data source its rows are reported under (scan.md §12.3). */
struct feed_source {
    const char *bucket; /* a whole name, or the beginning of names when it ends with a blank */
    const char *id, *name, *url;
};

struct feed_run;

struct feed_reader {
    const char *name;
    const struct feed_source *sources; /* ends with a NULL bucket; NULL: writes no records */
    const char *facts;                 /* names under which it speaks of vulnerabilities, separated by blanks: "ubuntu nvd" */
    bool together;                     /* all files of all its feeds in one child, because they must be joined */
    bool late;                         /* only facts about vulnerabilities: runs when all records are known */
    bool heavy;                        /* takes much memory or time: started first, never beside another heavy one */
    bool xml;                          /* needs libxml2, loaded before the child is confined */
    bool (*read)(struct feed_run *run, struct error *error);
};

struct feed {
    struct feed_info info;
    const char *patterns[3]; /* globs below the folder of feeds, without a compression's ending */
    const struct feed_reader *reader;
    const char *superseded_by; /* the feed whose records stand alone in a bucket that both fill; NULL: none */
    bool whole;                /* its fact about a vulnerability says that it names every product which has no fix */
    /* A feed that is `whole`: of the vulnerabilities it speaks of, this feed's records without a fix are stale (fixes stand
     * under their advisories). NULL: none. */
    const char *outdated_by;
};
extern const struct feed feed_table[];
/* The source that a reader's bucket belongs to; NULL: it is none of its own. */
const struct feed_source *feed_source_of(const struct feed_reader *reader, struct str bucket);

/* ---- reading: inside the child ---- */

struct feed_input {
    const char *feed; /* the row's name */
    struct str path;  /* below the folder of feeds */
    int fd;
    uint64_t size;
};

struct feed_run {
    const struct feed_reader *reader;
    struct arena *arena; /* lives as long as the child */
    const struct feed_input *inputs;
    size_t input_count;
    size_t current;   /* the input whose rows are being written */
    uint64_t *counts; /* records an input holds, one each; 0: the rows written for it */
    struct str as_of; /* upstream's own date, RFC 3339 or YYYY-MM-DD; empty: unknown */
    uint64_t skipped; /* documents that were not understood */
    struct str first_skipped;

    struct buffer out;
    int output;  /* where rows go; -1: they stay in `out` (tests) */
    bool failed; /* the parent stopped reading */
    uint64_t read, total;
    unsigned percent;
};

/* The plain bytes of an input. */
struct stream *feed_open(struct feed_run *run, const struct feed_input *input, struct error *error);

/* Visits every file of an input: the members of a tar or zip archive, or the one file that it is. `content` ends when the
 * visit does and has YYJSON_PADDING_SIZE writable bytes behind. The visitor returns false with an error to give up the feed. */
typedef bool (*feed_visit)(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error);
bool feed_each_file(struct feed_run *run, const struct feed_input *input, const char *suffix, feed_visit visit, void *context,
                    struct error *error);

/* Visits the members of a JSON object, or the elements of an array, without holding the whole document: those of the top
 * level value when `under` is NULL, else those of its member `under` ("a|b": of either name). Keys come without unescaping;
 * arrays give empty keys. Other members of the top level are passed over; `head` (may be NULL) gets those that are strings or
 * numbers. */
typedef bool (*feed_member_visit)(void *context, struct feed_run *run, struct str key, struct str value, struct error *error);
bool feed_each_member(struct feed_run *run, const struct feed_input *input, const char *under, feed_member_visit visit,
                      feed_member_visit head, void *context, struct error *error);

/* Runs `line` for every line. */
bool feed_each_line(struct feed_run *run, const struct feed_input *input,
                    bool (*line)(void *context, struct feed_run *run, struct str line, struct error *error), void *context,
                    struct error *error);

/* Reads an input as XML, piece by piece. */
bool feed_read_xml(struct feed_run *run, const struct feed_input *input, const struct xml_handler *handler,
                   struct error *error);
/* An opening tag as handlers pass it on; its attributes live as long as it. */
struct feed_tag {
    const struct xml_attribute *attributes;
    size_t count;
};
struct str feed_attribute(struct feed_tag tag, const char *name); /* trimmed */

/* Parses one document; a broken one is counted as skipped and gives NULL. */
yyjson_doc *feed_parse(struct feed_run *run, struct buffer *content, struct str path);
/* Notes something that was not understood and is left out. */
void feed_skip(struct feed_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What goes beyond these is left out, with a count (docs/limits.md). */
#define FEED_NAME_LIMIT 256   /* bytes of buckets, packages and identifiers: longer ones are skipped */
#define FEED_ENTRY_LIMIT 4000 /* entries of a record, CVEs of an entry: a kernel's advisory names hundreds */
#define FEED_LIST_LIMIT 10000 /* texts of a list */

/* ---- writing rows ---- */

struct feed_cve {
    struct str id;
    enum severity severity;
};

/* One of a record's Entries[]. */
struct feed_entry {
    struct str fixed_version;
    str_vector cpes, arches, vendor_ids;
    VECTOR(struct feed_cve) cves;
    enum status status;
    struct str vendor_status;
};
typedef VECTOR(struct feed_entry) feed_entry_vector;

struct feed_record {
    struct str bucket, package, id;
    struct str fixed_version, affected_version;
    str_vector vulnerable, patched;
    enum severity severity;
    enum status status;
    struct str vendor_status;
    str_vector vendor_ids;
    feed_entry_vector entries;
};

struct feed_cvss {
    struct str vector; /* empty: none */
    double score;      /* 0: computed from the vector */
};

struct feed_fact {
    struct str id, source; /* source: one of the reader's facts */
    struct str title, description, published, modified;
    enum severity severity;
    struct feed_cvss v2, v3, v40;
    str_vector cwe_ids, references, aliases;
    bool kev, kev_ransomware;
    struct str kev_added, kev_due;
    double epss, epss_percentile; /* only with source "epss" */
};

void feed_put_record(struct feed_run *run, const struct feed_record *record);
void feed_put_fact(struct feed_run *run, const struct feed_fact *fact);
/* Red Hat: `kind` "repository" or "nvr", and the CPEs its key stands for. */
void feed_put_cpes(struct feed_run *run, const char *kind, struct str key, const str_vector *cpes);
/* An end of life: `date` YYYY-MM-DD. */
void feed_put_end(struct feed_run *run, struct str family, struct str release, struct str date, struct str source);
/* The last row: counts, date, what was skipped. */
void feed_put_end_of_rows(struct feed_run *run);

/* Puts a vector where its version belongs. */
void feed_fact_cvss(struct feed_fact *fact, struct str vector, double score);

/* ---- collecting ---- */

/* Several statements about one (bucket, package, vulnerability) become one record: affected when any of them says so, that
 * is, below the highest bound. */
struct feed_collector {
    struct feed_run *run;
    const struct version_order *order;
    struct map *records;
};
struct feed_collector feed_collector_new(struct feed_run *run, const struct version_order *order);
/* Copies the record. `bound`: the version up to which it is affected when there is no fix; empty: every version. */
void feed_collect(struct feed_collector *collector, const struct feed_record *record, struct str bound);
/* An entry of one architecture: the record's Entries[] have one entry a fixed version, with all its architectures. `group`
 * keeps entries of different kinds apart (Oracle's flavours); within a group and architecture the highest version counts. */
void feed_collect_entry(struct feed_collector *collector, const struct feed_record *record, struct str arch, struct str group);
/* Writes all records. */
void feed_collector_put(struct feed_collector *collector);

/* ---- words ---- */

/* "low", "moderate", "medium", "important", "high", "critical", any case; "negligible" and "unimportant" are low. Else unknown.
 */
enum severity feed_severity(struct str word);
/* Red Hat's word for a product without a fix: "Will not fix"; one that nobody knows: affected. */
enum status feed_redhat_status(struct str state);
/* "CVE-2024-1234" */
bool feed_is_cve(struct str text);
/* Letters, digits, '-', '_', '.', ':' with at least one '-': "XSA-295", "GHSA-…", "RHSA-2023:1". */
bool feed_is_id(struct str text);
/* "[epoch:]version[-release]", epoch left out when empty or "0" (scan.md §7). */
struct str feed_evr(struct arena *arena, struct str epoch, struct str version, struct str release);
/* "0:1.2-3" → "1.2-3" */
struct str feed_evr_text(struct str evr);
/* "Moderate: nodejs:18 security update" → "nodejs:18": the module stream that an advisory's summary names; empty: none. */
struct str feed_module(struct str summary);
/* "name-[epoch:]version-release[.arch]" → its parts; false when it is none. */
struct feed_nevra {
    struct str name, epoch, version, release, arch;
};
bool feed_split_nevra(struct str text, bool with_arch, struct feed_nevra *parts);

#endif
