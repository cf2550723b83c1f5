/* Dart's Pub. Reference: pub_semver (Version.compareTo): semver, but build metadata counts, and a version with some is newer
 * than one without. Where pub_semver wants three numbers, missing ones are 0 here. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/semver.h"

static bool compare(struct str a, struct str b, int *sign)
{
    struct semver left, right;
    if (!semver_parse(a, &left) || !semver_parse(b, &right)) return false;
    *sign = semver_compare(&left, &right);
    if (*sign == 0) *sign = semver_compare_identifiers(left.build, right.build);
    return true;
}

const struct version_order version_pub = { .name = "pub", .compare = compare };
