/* Private to the OVAL feeds: a definitions file (OVAL 5.x) read as a stream into what the feeds need of it. Definitions come
 * before the tests, objects and states they refer to, so all of it is kept until the end; texts are shared. */
#ifndef SCAN_ADVISORY_FEED_OVAL_H
#define SCAN_ADVISORY_FEED_OVAL_H

#include "scan/advisory/feed.h"

struct oval_node {
    bool leaf;                /* a criterion */
    bool any;                 /* criteria: OR; else AND */
    struct str comment, test; /* criterion */
    struct oval_node *children, *next;
};

struct oval_cve {
    struct str id, impact, cvss2, cvss3, cwe; /* cvss: "7.5/CVSS:3.1/AV:N/…" */
};

struct oval_reference {
    struct str source, id, url;
};

struct oval_definition {
    struct str id, class, title, description, severity, state, patchable;
    VECTOR(struct oval_reference) references;
    VECTOR(struct oval_cve) cves;
    str_vector cpes, platforms;
    struct oval_node *criteria;
};

/* What a criterion asks of an rpm package. */
struct oval_test {
    struct str name;           /* of the package */
    struct str evr, operation; /* "less than" …; empty: only whether it is installed */
    struct str arch;           /* pattern, "x86_64|noarch" */
    bool signature;            /* asks for a key, not for a version */
};

struct oval {
    struct feed_run *run;
    VECTOR(struct oval_definition) definitions;
    struct str timestamp;
    struct map *tests, *objects, *states, *texts;
};

/* `wanted` (may be NULL) says by id and class whether a definition is kept. */
bool oval_read(struct feed_run *run, const struct feed_input *input, struct oval *oval,
               bool (*wanted)(struct str id, struct str class), struct error *error);
/* False when the criterion asks for anything but an rpm package. Where the file has no such test, what the comment says:
 * "tar is earlier than 2:1.34-5". */
bool oval_resolve(const struct oval *oval, const struct oval_node *leaf, struct oval_test *resolved);
/* "(x86_64|noarch)" → sorted names. */
void oval_arches(struct arena *arena, struct str pattern, str_vector *arches);
/* "7.5/CVSS:3.1/AV:N/…" into the fact. */
void oval_cvss(struct feed_fact *fact, struct str text);

#endif
