/* Semantic Versioning 2.0.0 (semver.org), the part that npm, Go, NuGet, Pub and the generic order share. */
#ifndef SCAN_ADVISORY_VERSION_SEMVER_H
#define SCAN_ADVISORY_VERSION_SEMVER_H

#include "base/base.h"

struct semver {
    struct str numbers; /* digits and dots, at least one number */
    size_t count;       /* of numbers */
    struct str pre;     /* identifiers of the pre-release; empty: a release */
    struct str build;
};

/* An optional "v", any count of numbers, optional "-pre" and "+build" of identifiers that are not empty. */
bool semver_parse(struct str text, struct semver *version);

/* Cuts "1.2.3" off *rest; false when it does not begin so or a number is missing after a dot that digits follow. */
bool semver_cut_numbers(struct str *rest, struct semver *version);

/* The n-th number, or "" (which is 0). */
struct str semver_number(const struct semver *version, size_t n);

/* Missing numbers are 0. */
int semver_compare_numbers(const struct semver *a, const struct semver *b);
/* Dotted identifiers: numbers by value and below words, words by their bytes, the shorter list first. */
int semver_compare_identifiers(struct str a, struct str b);
/* The same, a release above every pre-release. */
int semver_compare_pre(struct str a, struct str b);
/* Numbers, then pre-release (sections 11.1 to 11.4); build metadata does not count (section 10). */
int semver_compare(const struct semver *a, const struct semver *b);

/* Whether `version` lies below `base` with its n-th number raised by one, the numbers behind it zero, and `pre`. */
bool semver_is_below_raised(const struct semver *version, const struct semver *base, size_t n, struct str pre);

#endif
