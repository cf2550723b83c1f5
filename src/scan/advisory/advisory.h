/* The door of room `scan/advisory`: what is known to be bad.
 *
 * - feeds: one file a feed (feed/), one row a feed in feed.c's table, turned into records;
 * - the database built from them (docs/database.md), and Trivy's own (trivy.db), behind one `struct advisory_store`;
 * - version orders (version.h) and CVSS (cvss.h);
 * - matching: one row a distribution family in family.c's table (spec: scan.md §7, §14).
 *
 * Records of both databases have one shape: the JSON of trivy-db schema 2 (docs/database.md lists the members, and ours). */
#ifndef SCAN_ADVISORY_ADVISORY_H
#define SCAN_ADVISORY_ADVISORY_H

#include "scan/advisory/cvss.h"
#include "scan/advisory/version.h"
#include "scan/model/model.h"

/* ---- records ---- */

/* One record about one package in one bucket. */
struct advisory {
    struct str id;                  /* "CVE-2024-1", "RHSA-2023:1", "SUSE-SU-2024:1-1" */
    struct str fixed_version;       /* empty: no fix */
    struct str affected_version;    /* first affected one, empty: all before the fix */
    str_vector vulnerable, patched; /* ranges in the scheme's syntax */
    str_vector vendor_ids;
    enum severity severity;
    bool has_severity;
    enum status status;
    struct str vendor_status; /* the source's own word, ours */
    yyjson_val *entries;      /* Red Hat, Rocky, Oracle: the record's Entries[] */
};
typedef VECTOR(struct advisory) advisory_vector;

/* ---- the store ---- */

struct advisory_store;

/* Opens `path`: our database, or a trivy.db (told apart by content). Cheap; readers need no lock. */
struct advisory_store *advisory_store_open(const char *path, struct error *error);
/* Opens it and checks every page. */
bool advisory_store_check(const char *path, struct error *error);
void advisory_store_close(struct advisory_store *store);

/* All records of (bucket, package); none is no error. Strings live as long as the arena. */
bool advisory_store_get(struct advisory_store *store, struct arena *arena, struct str bucket, struct str package,
                        advisory_vector *advisories, struct error *error);
/* False in *known when the bucket does not exist: the release is not covered. */
bool advisory_store_has_bucket(struct advisory_store *store, struct str bucket, bool *known, struct error *error);
bool advisory_store_source(struct advisory_store *store, struct arena *arena, struct str bucket, struct data_source *source,
                           struct error *error);
/* NULL when nothing is known of it; `error` tells whether that is so. */
const struct vulnerability *advisory_store_vulnerability(struct advisory_store *store, struct arena *arena, struct str id,
                                                         struct error *error);
/* Red Hat's CPE numbers of a "repository" or "nvr" key. */
typedef VECTOR(int64_t) number_vector;
bool advisory_store_cpes(struct advisory_store *store, struct arena *arena, const char *kind, struct str key,
                         number_vector *numbers, struct error *error);
/* Where the data comes from and how old it is. */
struct advisory_source {
    struct str id, name, url, as_of, fetched_at, licence;
    int64_t records;
    bool redistributable;
};
typedef VECTOR(struct advisory_source) advisory_source_vector;
bool advisory_store_sources(struct advisory_store *store, struct arena *arena, advisory_source_vector *sources,
                            struct error *error);
struct str advisory_store_built_at(struct advisory_store *store); /* RFC 3339; empty for a trivy.db without metadata.json */
bool advisory_store_is_trivy(const struct advisory_store *store);

/* ---- matching ---- */

/* One comparison that was made for `explain`. */
struct explanation {
    const struct package *package;
    struct str bucket, key, record; /* where the record was found: bucket, looked-up name, its id */
    struct str compared, affected_version, fixed_version, order_name;
    enum status status;
    struct str vendor_status;
    bool affected;
    const char *why; /* one sentence's end: "installed is below the fix" */
};
typedef VECTOR(struct explanation) explanation_vector;

struct match_options {
    struct str explain; /* an id, or an advisory's name, in any case: its comparisons are kept in `explanations` */
    explanation_vector *explanations;
    moment now;
    const str_vector *severity_sources; /* --vuln-severity-source; empty: auto */
};

/* Findings of one application, severities and details filled in, sorted as reported; notes about what could not be judged. */
bool advisory_match(struct advisory_store *store, struct arena *arena, const struct inventory *inventory,
                    const struct application *application, const struct match_options *options, finding_vector *findings,
                    struct report *report, struct error *error);

/* True when root.io rebuilt packages of this inventory: it maintains releases beyond their end. */
bool advisory_is_rebuilt(const struct inventory *inventory);

/* End of life of a release (eol.c's dated table, or the database's). False: unknown or open. */
bool advisory_end_of_life(struct advisory_store *store, struct str family, struct str release, moment *end);

/* Ends that a feed states of a family, under its own kind of release names. */
#define SUPPORT_LIMITED "2200-01-01" /* the date of a package whose support is limited from the beginning */
#define SUPPORT_OPEN "2199-01-01"    /* of one that is supported though a pattern says less of it */
struct advisory_end {
    struct str release, date, source;
};
typedef VECTOR(struct advisory_end) advisory_end_vector;
bool advisory_store_ends(struct advisory_store *store, struct arena *arena, const char *family, advisory_end_vector *ends,
                         struct error *error);

/* ---- building ---- */

#define ADVISORY_SCHEMA 1

struct build_options {
    const char *feeds;  /* folder laid out as docs/feeds.md says (each feed's file under its folder, any compression) */
    const char *output; /* the database file; replaced atomically */
    moment now;
    bool force;             /* accept a feed that lost more than half of its records */
    const str_vector *only; /* feed names; NULL or empty: all that the folder has */
    void (*progress)(void *context, const char *feed, unsigned percent); /* may be NULL */
    void *context;
};

struct build_summary {
    size_t feeds, records, packages, vulnerabilities;
    str_vector warnings;
};

/* Parses every feed in confined children, writes beside the old database, renames. On any failure the old one is whole. */
bool advisory_build(struct arena *arena, const struct build_options *options, struct build_summary *summary,
                    struct error *error);

/* The feed table, for `db update`, `db info` and the documentation. */
enum feed_way {
    FEED_PLAIN,      /* the url is the file */
    FEED_YUM,        /* the url is a mirror list of a repository, whose repodata/repomd.xml names updateinfo and its checksum */
    FEED_REPOSITORY, /* the url is such a repository */
    FEED_POINTER,    /* the url is a text that names the file beside it */
    FEED_BY_HAND,    /* not fetched: no address gives it in one piece */
};

struct feed_info {
    const char *name;   /* "debian-tracker" */
    const char *title;  /* "Debian security tracker" */
    const char *family; /* OS family it serves, or "" for enrichment */
    const char *url;    /* upstream; "{release}" stands for each release */
    const char *path;   /* where it lies below the folder of feeds */
    const char *licence;
    bool redistributable; /* may enter a published database; others are fetched only when named */
    enum feed_way way;
    const char *releases; /* what "{release}" stands for: feed_releases */
    bool large;           /* fetched only with --all or when named */
    const char *also;     /* families that are judged by it too, separated by blanks */
    bool aside;           /* it helps to judge its family but lists no vulnerabilities: its age is not theirs */
};
size_t feed_count(void);
const struct feed_info *feed_at(size_t index);
const struct feed_info *feed_find(struct str name); /* NULL: none */
/* What "{release}" of a feed stands for. The table has words separated by blanks; "NAME=TEXT": NAME in the path, TEXT in the
 * url; "2002-2026": each year from the first to this one, or to the last one named where the clock is behind it. */
struct feed_release {
    struct str name, text;
};
typedef VECTOR(struct feed_release) feed_release_vector;
void feed_releases(const struct feed_info *feed, struct arena *arena, moment now, feed_release_vector *releases);
/* Families that are judged by another's data, or share a feed, count too. */
bool feed_serves(const struct feed_info *feed, struct str family);

#endif
