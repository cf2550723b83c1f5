/* Ranges written with operators: ">= 1.0, < 2.0 || = 3.1". ',' and blanks join clauses, "||" separates alternatives. */
#ifndef SCAN_ADVISORY_VERSION_RANGE_H
#define SCAN_ADVISORY_VERSION_RANGE_H

#include "scan/advisory/version.h"

#define RANGE_LIMIT 65536 /* longer ranges are invalid */

enum range_operator {
    RANGE_EQUAL,
    RANGE_NOT_EQUAL,
    RANGE_LESS,
    RANGE_AT_MOST,
    RANGE_GREATER,
    RANGE_AT_LEAST,
    RANGE_CARET,       /* ^ */
    RANGE_TILDE,       /* ~ */
    RANGE_PESSIMISTIC, /* ~> */
};

struct range_clause {
    enum range_operator operator;
    struct str version;
};

/* Whether `version` satisfies one clause; false when one of them cannot be read. */
typedef bool range_check(const struct version_order *order, struct str version, struct range_clause clause, bool *inside);

/* Every clause is read, also where an earlier one has decided already: a range that cannot be read in full is invalid. */
bool range_evaluate(const struct version_order *order, struct str version, struct str range, range_check *check, bool *inside);

/* The clause check of a scheme that has nothing but its order: RANGE_CARET and beyond are invalid. */
bool range_check_order(const struct version_order *order, struct str version, struct range_clause clause, bool *inside);

/* Whether a version that compares as `sign` with the clause's satisfies it; false for the operators that need more. */
bool range_decide(enum range_operator operator, int sign, bool *inside);

#endif
