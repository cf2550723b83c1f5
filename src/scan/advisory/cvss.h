/* CVSS vectors: parsed strictly, scored by the published equations (FIRST: v2, v3.0, v3.1, v4.0). */
#ifndef SCAN_ADVISORY_CVSS_H
#define SCAN_ADVISORY_CVSS_H

#include "scan/model/model.h"

enum cvss_version {
    CVSS_2,
    CVSS_3_0,
    CVSS_3_1,
    CVSS_4_0
};

struct cvss {
    enum cvss_version version;
    double base;          /* v4.0: the one score, threat and environmental metrics folded in */
    double temporal;      /* v2: -1 when no temporal metric is given; v3: always; v4.0: -1 */
    double environmental; /* v2: -1 when no environmental metric is given; v3: always; v4.0: -1 */
};

/* "CVSS:3.1/AV:N/…", "CVSS:4.0/…", or a v2 vector with or without parentheses. */
bool cvss_score(struct str vector, struct cvss *result, struct error *error);

/* What a score stands for by the version's cut-offs: v2 knows no critical, no version gives 0 a severity. */
enum severity cvss_severity(enum cvss_version version, double score);
/* The standard's word for that: "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL" (v2 calls 0 LOW). */
const char *cvss_word(enum cvss_version version, double score);

#endif
