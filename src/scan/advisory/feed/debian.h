/* Private to the Debian feed: the list files of the security tracker. */
#ifndef SCAN_ADVISORY_FEED_DEBIAN_H
#define SCAN_ADVISORY_FEED_DEBIAN_H

#include "scan/advisory/feed.h"

/* What the DSA and DLA lists say of one (codename, package, vulnerability). */
struct debian_fix {
    struct str codename, package, id, version; /* the newest fix; empty: none named */
    str_vector advisories;
};

/* One package line of the CVE list. */
struct debian_line {
    struct str codename; /* empty: unstable */
    struct str package, id;
    struct str version; /* or empty */
    struct str state;   /* "unfixed", "no-dsa", …; empty with a version */
    struct str urgency;
};

struct debian_lists {
    struct feed_run *run;
    struct map *fixes; /* debian_key → struct debian_fix */
    struct map *lines; /* debian_key → struct debian_line */
    /* of the entry being read */
    struct str advisory, cve;
    str_vector cves;
};

/* "codename\npackage\nid" */
struct str debian_key(struct arena *arena, struct str codename, struct str package, struct str id);

/* A line of data/DSA/list or data/DLA/list; of data/CVE/list. */
bool debian_read_advisory_line(void *lists, struct feed_run *run, struct str line, struct error *error);
bool debian_read_cve_line(void *lists, struct feed_run *run, struct str line, struct error *error);

enum status debian_status(struct str state);
enum severity debian_severity(struct str urgency);

#endif
