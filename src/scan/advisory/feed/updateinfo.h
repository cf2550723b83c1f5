/* Private to the feeds in yum's updateinfo form: one <update> at a time. */
#ifndef SCAN_ADVISORY_FEED_UPDATEINFO_H
#define SCAN_ADVISORY_FEED_UPDATEINFO_H

#include "scan/advisory/feed.h"

struct update_package {
    struct str name, evr, arch, module; /* module: "nodejs:16", empty outside modules */
};

struct update {
    struct str id, title, description, severity, release, type;
    str_vector cves, references, collections; /* collections: their short names */
    VECTOR(struct update_package) packages;
};

/* `put` sees each update of every input; it lives until put returns. */
bool updateinfo_read(struct feed_run *run, void (*put)(void *context, struct feed_run *run, const struct update *update),
                     void *context, struct error *error);
void updateinfo_put_facts(struct feed_run *run, const struct update *update, struct str source);

#endif
