/* Private to `scan`: inventory and matches become the report's results. */
#ifndef SCAN_RESULT_H
#define SCAN_RESULT_H

#include "scan/scan.h"

bool result_fill(struct arena *arena, const struct scan_options *options, const struct inventory *inventory,
                 struct report *report, struct error *error);

#endif
