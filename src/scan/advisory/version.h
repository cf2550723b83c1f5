/* Version orders: one file a scheme in version/, one row a scheme in version.c's table.
 *
 * A scheme compares two versions and says whether a version lies in a range written in the ecosystem's own syntax
 * (spec: the reference implementations named in each file). All functions are pure, bounded and allocate nothing
 * on the heap; any bytes may come in. */
#ifndef SCAN_ADVISORY_VERSION_H
#define SCAN_ADVISORY_VERSION_H

#include "base/base.h"

#define VERSION_LIMIT 1024 /* longer versions are invalid */

struct version_order {
    const char *name; /* "deb", "rpm", "apk", "npm", "pep440", "maven", … */
    /* Sign of a compared with b into *sign (-1, 0, 1). False when one of them is not a version of this scheme. */
    bool (*compare)(struct str a, struct str b, int *sign);
    /* Whether `version` satisfies `range` into *inside. False when one of them cannot be read. NULL: compare() with the
     * operators < <= > >= = and ',' (and) and '||' (or) is all this scheme has. */
    bool (*satisfies)(struct str version, struct str range, bool *inside);
};

/* NULL when there is no such scheme. The table is sorted by name. */
const struct version_order *version_order_find(struct str name);
size_t version_order_count(void);
const struct version_order *version_order_at(size_t index);

bool version_compare(const struct version_order *order, struct str a, struct str b, int *sign);
bool version_satisfies(const struct version_order *order, struct str version, struct str range, bool *inside);

/* For callers that know their scheme.
 *
 * RPM has three: `rpm` is epoch:version-release as advisories are held against packages (a missing epoch is 0, releases count
 * only where both sides have one), `rpm_package` is how rpm orders two packages (no release comes before any), `rpm_part` is
 * bare rpmvercmp of one part.
 * Python has two: `pep440` reads specifiers as pip does, `pypi` as advisories mean them: "<2.0" holds for 2.0a1 too. */
extern const struct version_order version_apk, version_composer, version_cran, version_deb, version_generic, version_go,
    version_hackage, version_maven, version_npm, version_nuget, version_pep440, version_pub, version_pypi, version_rpm,
    version_rpm_package, version_rpm_part, version_rubygems;

#endif
