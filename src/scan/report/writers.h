/* Private to `scan/report`. */
#ifndef SCAN_REPORT_WRITERS_H
#define SCAN_REPORT_WRITERS_H

#include "scan/report/report.h"

/* "Database: built 2026-11-20 (6 days ago) from 17 feeds; oldest for debian: Debian security tracker of 2026-11-18 (8 days
 * ago)" */
struct str report_database_line(struct arena *arena, const struct report *report);

bool json_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                       const struct report_options *options, struct error *error);
bool table_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                        const struct report_options *options, struct error *error);

#endif
