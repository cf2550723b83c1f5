/* Dart's Pub. Reference: pub_semver (Version.compareTo): semver, but build metadata counts, and a version with some is newer
 * than one without. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/semver.h"

static bool parse(struct str text, struct semver *version) { return semver_parse(text, version) && version->count == 3; }

static bool compare(struct str a, struct str b, int *sign)
{
    struct semver left, right;
    if (!parse(a, &left) || !parse(b, &right)) return false;
    *sign = semver_compare(&left, &right);
    if (*sign == 0) *sign = semver_compare_identifiers(left.build, right.build);
    return true;
}

const struct version_order version_pub = { .name = "pub", .compare = compare };
