/* Private to `scan/report`. */
#ifndef SCAN_REPORT_WRITERS_H
#define SCAN_REPORT_WRITERS_H

#include "scan/report/report.h"

/* "Database: built 2026-11-20 (6 days ago) from 17 feeds; oldest for debian: Debian security tracker of 2026-11-18 (8 days
 * ago)" */
struct str report_database_line(struct arena *arena, const struct report *report);

/* ---- words about findings (text.c) ---- */

/* No name is so long; what claims to be would make every row of a table as wide. */
#define REPORT_NAME_WIDTH 120
/* The title, or the description without one; twelve words and more are cut. */
struct str report_short_title(struct arena *arena, const struct finding *finding);
const char *report_severity_colour(enum severity severity);

/* ---- writers ---- */

/* A result's findings where the table does not fit. */
void list_findings_write(struct buffer *out, struct arena *arena, const struct result *result,
                         const struct report_options *options);
bool json_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                       const struct report_options *options, struct error *error);
bool table_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                        const struct report_options *options, struct error *error);

#endif
