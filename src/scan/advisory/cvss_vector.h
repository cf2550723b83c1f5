/* What all CVSS versions share: metrics as rows of data, read from "NAME:VALUE/NAME:VALUE". */
#ifndef SCAN_ADVISORY_CVSS_VECTOR_H
#define SCAN_ADVISORY_CVSS_VECTOR_H

#include "scan/advisory/cvss.h"

struct cvss_metric {
    const char *name;
    const char *values; /* parted by blanks */
    bool required;
};

#define CVSS_ABSENT (-1)

/* values[i] becomes the place of metric i's value in its row, or CVSS_ABSENT. An unknown metric or value, one given twice, an
 * empty part or a missing required metric is an error. Their order is free. */
bool cvss_read_metrics(struct str vector, const struct cvss_metric *metrics, size_t count, int values[], struct error *error);

/* Half up, to one decimal; the smallest amounts of rounding error do not turn a half into less. */
double cvss_round(double score);

/* `metrics` is the vector behind "CVSS:4.0/". */
bool cvss4_score(struct str metrics, struct cvss *result, struct error *error);

#endif
