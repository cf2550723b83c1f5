/* The door of room `scan/filter`: what is left out of a report and what its exit status is (scan.md §15). */
#ifndef SCAN_FILTER_FILTER_H
#define SCAN_FILTER_FILTER_H

#include "scan/model/model.h"

/* One entry of an ignore file; all given conditions must hold. */
struct ignore_entry {
    struct str id;
    str_vector paths, purls; /* globs; package URLs without version match every version */
    struct str statement;
    moment expires; /* 0: never */
};

struct ignore_file {
    const char *path;
    VECTOR(struct ignore_entry) entries;
};

/* ".trivyignore" (plain) or its YAML form, told apart by the name's end or the first line. `now` drops entries that have
 * expired; a line that cannot be read is dropped with a warning in the log. */
bool ignore_file_read(struct arena *arena, const char *path, moment now, struct ignore_file *file, struct error *error);

struct filter_options {
    bool severities[SEVERITY_COUNT];
    bool statuses_ignored[STATUS_COUNT];
    const struct ignore_file *ignore; /* may be NULL */
};

/* Takes findings out of the results: by severity and status without a trace, by the ignore file into `suppressed`. */
void filter_apply(struct arena *arena, const struct filter_options *options, struct report *report);

/* --exit-on-eol wins over --exit-code (scan.md §15). */
int filter_exit_status(const struct report *report, int64_t exit_code, int64_t exit_on_eol);

/* Package URLs as ignore files write them: type, namespace and name equal, version and subpath if given, each given qualifier.
 */
bool purl_matches(struct str pattern, struct str purl);

#endif
