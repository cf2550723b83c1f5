/* Private to `scan/advisory`: matching, spread over one file a subject. */
#ifndef SCAN_ADVISORY_MATCH_H
#define SCAN_ADVISORY_MATCH_H

#include "scan/advisory/record.h"

/* One run over one application. */
struct matching {
    struct advisory_store *store;
    struct arena *arena;
    const struct inventory *inventory;
    const struct application *application;
    const struct match_options *options;
    finding_vector *findings;
    struct report *report;
    struct map *sources; /* bucket name -> struct data_source, looked up once */
    struct error *error;
    bool noted_default_sets, noted_no_products, rebuilt;
    /* Where one bucket has all releases: packages with records of this one, and with records of others alone. */
    size_t of_release, of_others;
    const struct package *shown_package; /* whose version is in shown_version */
    struct str shown_version;
};

enum match_key {
    KEY_BINARY,
    KEY_SOURCE,
    KEY_MODULE
}; /* which name is looked up */
enum match_version {
    VERSION_OF_BINARY,
    VERSION_OF_SOURCE
}; /* which version is compared */

enum bucket_release {
    RELEASE_NONE,
    RELEASE_MAJOR, /* "9" of 9.4 */
    RELEASE_MINOR, /* "3.0" of 3.0.2 */
    RELEASE_WHOLE,
    RELEASE_OWN, /* a function knows */
};

/* One row of family.c: how one distribution is judged (scan.md §7). */
struct family {
    const char *name;
    const char *bucket;          /* the bucket's name, or its beginning … */
    enum bucket_release release; /* … and what of the release follows */
    enum match_key key;
    enum match_version version;
    const struct version_order *order;
    struct str (*bucket_of)(struct matching *matching); /* with RELEASE_OWN */
    bool unfixed;                                       /* records without a fix are reported */
    bool own_modules;            /* our own database names records of modules "name:stream::package"; trivy-db does not */
    bool third_party;            /* packages of third parties are judged too */
    bool source_shown;           /* InstalledVersion is the source's */
    bool plain_epoch;            /* FixedVersion is shown without "0:", findings without PkgID */
    const char *support;         /* the family of ends that says which packages are supported less; NULL: none */
    const char *severity_source; /* a record's own severity is this source's; NULL: records have none */
    /* Which entry of a record with Entries speaks of this package; NULL: records have none. */
    bool (*entry_fits)(const struct package *package, yyjson_val *entry);
    bool (*skip)(struct matching *matching, const struct package *package); /* with a note of its own */
    /* Judges one package instead of the common way; NULL: the common way. */
    bool (*match)(struct matching *matching, const struct family *family, const struct package *package);
};

const struct family *family_find(struct str name);
/* The bucket that the inventory's release is judged by. */
struct str family_bucket(const struct family *family, struct matching *matching);

/* "1:2.39.2-1": what is compared and shown. */
struct str match_binary_version(struct arena *arena, const struct package *package);
struct str match_source_version(struct arena *arena, const struct package *package);
struct str match_source_name(const struct package *package);
/* Red Hat's module label "name:stream:version:context" names records as "name:stream::entry". */
struct str match_module_key(struct arena *arena, const struct package *package, struct str entry);
struct str match_key(struct matching *matching, const struct family *family, const struct package *package);

/* A package held against one record. */
struct comparison {
    const struct package *package;
    const struct advisory *advisory;
    struct str bucket, key; /* where the record lies */
    struct str compared;    /* the package's version */
    const struct version_order *order;
};

/* Adds a finding with what every path fills in the same way. */
struct finding *match_add(struct matching *matching, const struct comparison *comparison);
void match_note(struct matching *matching, const char *kind, struct str subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* For `explain`: keeps the comparison when its id is asked for. */
void match_explain(struct matching *matching, const struct comparison *comparison, bool affected, const char *why);

/* Whether the package has the fault that the record is about; kept for `explain`, noted when it cannot be told. */
bool match_judge(struct matching *matching, const struct family *family, const struct comparison *comparison);
/* Whether the family's order can read the package's version; noted when not. */
bool match_readable(struct matching *matching, const struct family *family, const struct package *package, struct str version);

/* The common way: every record of (bucket, key), fixed version against the compared one. */
bool match_common(struct matching *matching, const struct family *family, const struct package *package, struct str bucket);

/* Notes packages that are supported less than their release. */
bool match_support(struct matching *matching, const struct family *family, struct str bucket);

bool match_redhat(struct matching *matching, const struct family *family, const struct package *package);
/* Suppliers that rebuild packages of a distribution: Seal knows its own, root.io speaks of all in an inventory with one of its.
 */
bool match_is_seal(const struct matching *matching, const struct package *package);
bool match_seal(struct matching *matching, const struct family *family, const struct package *package);
bool match_rootio(struct matching *matching, const struct family *family, const struct package *package);

/* Severity, details, links of every finding; unites repeats; sorts as reported (scan.md §14). */
bool match_details(struct matching *matching, const struct version_order *order);

#endif
