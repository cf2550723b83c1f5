/* Private to `scan/report`. */
#ifndef SCAN_REPORT_WRITERS_H
#define SCAN_REPORT_WRITERS_H

#include "scan/report/report.h"

bool json_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                       const struct report_options *options, struct error *error);
bool table_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                        const struct report_options *options, struct error *error);

#endif
