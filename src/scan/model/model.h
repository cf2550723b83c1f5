/* The door of room `scan/model`: the words the scanner's rooms share.
 *
 * Everything here is plain data in an arena. Strings are views into that arena; an empty view means "not given". */
#ifndef SCAN_MODEL_MODEL_H
#define SCAN_MODEL_MODEL_H

#include "base/base.h"
#include "doc/doc.h"

/* ---- what a layer or a folder holds ---- */

struct layer_ref {
    struct str digest;  /* sha256 of the blob as stored; empty for docker archives and daemons */
    struct str diff_id; /* sha256 of the plain tar; empty for folders */
};

enum relationship {
    RELATION_UNKNOWN,
    RELATION_ROOT,
    RELATION_WORKSPACE,
    RELATION_DIRECT,
    RELATION_INDIRECT
};

/* One installed package. The names of the members are those of the report (docs/report.md). */
struct package {
    struct str id; /* "bash@5.2.15-2+b2": unique within one file or database */
    struct str name;
    struct str version; /* without epoch and release where the format tells them apart (dpkg, rpm); apk: whole */
    struct str release;
    int64_t epoch;
    struct str arch;
    bool dev;
    struct str src_name, src_version, src_release;
    int64_t src_epoch;
    str_vector licenses;
    struct str maintainer; /* dpkg Maintainer, apk m:, rpm VENDOR */
    struct str modularity_label;
    str_vector content_sets; /* Red Hat build information, filled when the inventory is finished */
    struct str nvr, build_arch;
    struct str repository_class; /* "official", "third-party", or empty */
    bool indirect;
    enum relationship relationship;
    str_vector depends_on; /* raw names while a file is read; IDs once the inventory is finished */
    str_vector provides;   /* what depends_on of others may name; not in the report */
    struct layer_ref layer;
    struct str file_path;       /* language packages: the file that declares it */
    struct str digest;          /* "md5:…", "sha1:…", "sha256:…" */
    str_vector installed_files; /* no leading '/' */
    struct str analyzed_by;     /* the cataloguer's name */
    struct str purl;
    struct str uid; /* 16 hex digits joining a package to its findings */
};

typedef VECTOR(struct package) package_vector;
typedef VECTOR(struct package *) package_list; /* of packages that lie elsewhere */

struct os {
    struct str family;   /* "debian", "redhat", "alpine", …; empty: none found, or one that is not known here */
    struct str name;     /* "12.5"; without a family how such a one calls itself: "linuxmint 21 (like ubuntu debian)" */
    struct str codename; /* VERSION_CODENAME, where os-release has one */
    bool extended;       /* Ubuntu ESM is on */
};

/* What one file of the tree says. Kept per layer under (path, kind): an upper layer's fragment replaces a lower layer's,
 * whiteouts remove it. */
enum fragment_kind {
    FRAGMENT_PACKAGES,   /* packages */
    FRAGMENT_OS,         /* os */
    FRAGMENT_REPOSITORY, /* os: family and release that etc/apk/repositories names */
    FRAGMENT_EXTENDED,   /* os.extended: ubuntu-advantage */
    FRAGMENT_BUILD_INFO, /* content_sets, or nvr and build_arch */
    FRAGMENT_LICENSES,   /* names[0] = package, licenses */
    FRAGMENT_FILES,      /* names[0] = package, files it owns */
    FRAGMENT_DIGESTS,    /* packages with name, version, arch and digest only */
    FRAGMENT_KINDS,
};

struct fragment {
    enum fragment_kind kind;
    struct str path;       /* the file, cleaned, no leading '/' */
    struct str found;      /* where its content lies when links lead there from `path`; else empty */
    struct str cataloguer; /* name of the one that read it: "dpkg", "apk", "rpm", "node-pkg", … */
    struct os os;
    struct str subject; /* the package a FRAGMENT_LICENSES or FRAGMENT_FILES speaks of; NVR of build information */
    struct str build_arch;
    str_vector strings; /* licences, files or content sets */
    package_vector packages;
    bool own_path; /* in JSON only: the packages' file_path is path */
};

typedef VECTOR(struct fragment) fragment_vector;

/* A file that could not be read or understood: it stands in the report's Coverage. */
struct problem {
    struct str path;
    struct str message_id; /* the error's id */
    struct str message;
    struct str found; /* as a fragment's */
};
typedef VECTOR(struct problem) problem_vector;

struct link {
    struct str path, target; /* cleaned; target relative to the root, links of the target itself not resolved */
    bool hard;
};

/* What one layer (or a whole folder) gave. Crosses the pipe of a confined child and lies in the cache as JSON. */
struct layer_content {
    fragment_vector fragments;
    str_vector opaque;      /* folders that hide what lower layers have below them */
    str_vector whiteouts;   /* paths that lower layers lose, with all below */
    str_vector replaced;    /* non-folders at paths where cataloguers expect folders: they hide like whiteouts */
    str_vector folders;     /* folders where cataloguers expect files or where links may stand: they take the place of those */
    str_vector non_folders; /* str_fingerprint of every path that is no folder, sorted, little endian, as base64 in pieces: a
                               later layer's file hides what lower layers have in a folder of its name */
    VECTOR(struct link) links; /* links at or above a path some cataloguer wants */
    problem_vector problems;
    struct str diff_id; /* computed when asked for, else empty */
    uint64_t size;      /* plain bytes */
    uint64_t entries;
};

/* ---- JSON of the above (docs/layer-cache.md) ---- */

/* With files = false, FRAGMENT_FILES and installed_files are left out; with true only they are written: the two halves of
 * a cached layer. */
enum layer_part {
    LAYER_ALL,
    LAYER_MAIN,
    LAYER_FILES
};
void layer_content_write(struct buffer *out, const struct layer_content *content, enum layer_part part);

#define LAYER_CONTENT_LIMIT ((size_t)128 << 20) /* bytes of JSON */
/* One text: the writer cuts it there; the reader refuses what is longer than the cut text can have become, a byte that is
 * not UTF-8 being three as U+FFFD. */
#define LAYER_STRING_LIMIT ((size_t)64 << 10)
#define LAYER_PATH_LIMIT ((size_t)16 << 10) /* one path; Linux ends at 4 KiB */
#define LAYER_PACKAGE_LIMIT 100000          /* packages of one file */
#define LAYER_ITEM_LIMIT 1000000            /* packages, fragments, links and problems of one layer, each */

/* Relative, no empty, "." or ".." part, no NUL: what all paths of a layer are. */
bool layer_path_valid(struct str path);

/* Bounded and validating: what a child sends is not trusted, and a member we did not write is refused. Adds to *content, so
 * both halves can be read into one: LAYER_MAIN first, into an empty content, as LAYER_FILES names packages by their place. */
bool layer_content_read(struct arena *arena, struct str json, struct layer_content *content, struct error *error);
/* The same for a text in the arena that may be changed, LAYER_TEXT_PADDING more bytes behind it. */
bool layer_content_take(struct arena *arena, char *text, size_t size, struct layer_content *content, struct error *error);
#define LAYER_TEXT_PADDING YYJSON_PADDING_SIZE

/* ---- the finished inventory ---- */

/* One result of the report: the operating system's packages, or one file's or type's language packages. */
struct application {
    struct str type;      /* "debian", "alpine", "redhat", …, "node-pkg", "python-pkg" */
    struct str file_path; /* empty for aggregated types and OS packages */
    bool os_packages;
    package_list packages;
};

struct inventory {
    struct os os;
    struct str stranger;           /* how the operating system calls itself when that is not known here */
    struct str repository_release; /* apk repositories: release that replaces the OS's */
    VECTOR(struct application) applications;
    problem_vector problems;
};

/* The members of one package as the JSON report has them (scan.md §16.1), and the parts that findings repeat. */
void package_write(struct json_writer *writer, const struct package *package);
void package_identifier_write(struct json_writer *writer, const char *key, const struct package *package);
/* Member "Layer"; nothing when both are empty. */
void layer_ref_write(struct json_writer *writer, const struct layer_ref *layer);

/* ---- severities and states ---- */

enum severity {
    SEVERITY_UNKNOWN,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITY_COUNT
};
const char *severity_word(enum severity severity);             /* "UNKNOWN" … */
bool severity_parse(struct str word, enum severity *severity); /* any case */

enum status {
    STATUS_UNKNOWN,
    STATUS_NOT_AFFECTED,
    STATUS_AFFECTED,
    STATUS_FIXED,
    STATUS_UNDER_INVESTIGATION,
    STATUS_WILL_NOT_FIX,
    STATUS_FIX_DEFERRED,
    STATUS_END_OF_LIFE,
    STATUS_COUNT
};
const char *status_word(enum status status); /* "unknown", "not_affected", … */
bool status_parse(struct str word, enum status *status);

/* ---- findings ---- */

struct data_source {
    struct str id, name, url, base_id;
};

struct vendor_severity {
    struct str source;
    enum severity severity;
};

struct vendor_text {
    struct str source, text;
};

struct vendor_cvss {
    struct str source;
    struct str v2_vector, v3_vector, v40_vector;
    double v2_score, v3_score, v40_score; /* 0: not given */
};

/* What is known of a vulnerability, whoever has it. */
struct vulnerability {
    struct str id;
    struct str title, description;
    VECTOR(struct vendor_text) advisory_titles; /* of updates; only where there is no other title */
    str_vector cwe_ids, references, aliases;
    VECTOR(struct vendor_severity) severities; /* sorted by source */
    VECTOR(struct vendor_cvss) cvss;           /* sorted by source */
    struct str severity_word;                  /* the old single word of some databases */
    struct str published, modified;            /* RFC 3339 as the source wrote it */
    bool kev;
    struct str kev_added, kev_due; /* YYYY-MM-DD */
    bool kev_ransomware;
    double epss, epss_percentile; /* -1: none */
};

struct finding {
    struct str id;
    str_vector vendor_ids;
    const struct package *package;
    const struct vulnerability *vulnerability; /* NULL: no details known */
    struct str installed_version, fixed_version;
    enum status status;
    struct str vendor_status; /* the source's own word for the state ("postponed", "Will not fix"), if any */
    enum severity severity;
    struct str severity_source;
    enum severity package_severity; /* severity the advisory gives for this very package */
    bool has_package_severity;
    bool without_package_id; /* readers of this family's findings know none */
    struct str package_severity_source;
    struct data_source source;
    struct str primary_url;
    /* Why it is here (explain): */
    struct str bucket, lookup_key, compared_version, affected_version, order_name;
    struct str range; /* a supplier's own range; empty: from affected_version up to fixed_version */
};
typedef VECTOR(struct finding) finding_vector;

/* A finding taken out by an ignore file or a statement. */
struct suppressed {
    struct finding finding;
    struct str status; /* "ignored", … */
    struct str statement, source;
};
typedef VECTOR(struct suppressed) suppressed_vector;

struct result {
    struct str target, class, type;
    const struct application *application;
    bool unjudged; /* no data speaks of its packages: that nothing was found says nothing */
    finding_vector findings;
    suppressed_vector suppressed;
};

/* What was not judged, and why: printed and written with every report. */
struct coverage_note {
    struct str kind; /* "release-unknown", "release-ended", "version-unparsable", "file-unread", "family-unsupported", … */
    struct str subject, message;
    struct str id; /* the message's, when it is another than the kind (docs/messages.md) */
};

struct coverage_kind {
    const char *name;
    bool result_unjudged;           /* the result it came up with was not judged as a whole */
    bool empty_result_is_worthless; /* that nothing was found says nothing: a WARN, and what --exit-on-unjudged is about */
};
/* NULL: neither holds. */
const struct coverage_kind *coverage_kind_find(struct str name);
/* By the note's kind, or by its message's id. */
bool coverage_result_unjudged(const struct coverage_note *note);
bool coverage_is_worthless(const struct coverage_note *note);

struct source_age {
    struct str name, title; /* "debian-tracker", "Debian security tracker" */
    struct str as_of;       /* what the data says of itself, RFC 3339; may be empty */
    struct str fetched_at;  /* when it was fetched */
    bool serves;            /* lists vulnerabilities of the target's own distribution */
};

/* The database that judged. */
struct database_age {
    const char *kind;    /* "pratique.db", "trivy.db"; NULL: none, nothing was judged */
    struct str built_at; /* RFC 3339; empty: it does not say */
};

struct image_layer {
    struct layer_ref ref;
    uint64_t size;
    struct str created_by;
};

struct report {
    struct str artifact_id, artifact_name, artifact_type;
    struct str report_id; /* UUIDv7 */
    moment created_at;
    uint64_t size;
    struct os os;
    bool eosl;
    bool os_known;
    struct str eol_date; /* YYYY-MM-DD when known */
    struct str image_id;
    str_vector diff_ids, repo_tags, repo_digests;
    struct str reference;
    struct str image_config; /* JSON text as the image has it; empty for folders */
    VECTOR(struct image_layer) layers;
    VECTOR(struct result) results;
    VECTOR(struct coverage_note) coverage;
    struct database_age database;
    VECTOR(struct source_age) sources;
    struct str confinement; /* "landlock+seccomp" or "seccomp" */
};

#endif
