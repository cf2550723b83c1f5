/* Private to the feeds in OSV form (ossf.github.io/osv-schema): what distributions use of it (feeds.md §2). */
#ifndef SCAN_ADVISORY_FEED_OSV_H
#define SCAN_ADVISORY_FEED_OSV_H

#include "scan/advisory/feed.h"

struct osv_interval {
    struct str introduced;    /* empty: from the beginning */
    struct str fixed;         /* empty: no fix */
    struct str last_affected; /* inclusive */
};

/* Every record of every input that is not withdrawn; the newest `modified` becomes the run's date. */
bool osv_read(struct feed_run *run, void (*put)(void *context, struct feed_run *run, yyjson_val *record), void *context,
              struct error *error);
/* The affected intervals of ranges that have versions (not GIT); an entry without ranges gives one interval without end. */
void osv_each_interval(struct feed_run *run, yyjson_val *record,
                       void (*put)(void *context, struct feed_run *run, yyjson_val *record, yyjson_val *affected,
                                   struct osv_interval interval),
                       void *context);
/* CVEs that the record fixes or is about: its own id, aliases, upstream, related (feeds.md §5: advisories list them there). */
void osv_cves(struct arena *arena, yyjson_val *record, str_vector *cves);
/* One fact a CVE: severity word, vectors, references; the text only where the record is about one CVE. */
void osv_put_facts(struct feed_run *run, yyjson_val *record, struct str source, enum severity severity);

#endif
