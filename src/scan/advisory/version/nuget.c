/* NuGet. Reference: NuGet.Versioning (VersionComparer): four numbers, missing ones 0; pre-release identifiers by semver without
 * regard to case; build metadata does not count. More than four numbers, which NuGet refuses, are compared like the others. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/semver.h"

/* Lower case into `text`, so that semver's order of words serves. */
static bool parse(struct str from, char text[VERSION_LIMIT], struct semver *version)
{
    if (from.size > VERSION_LIMIT) return false;
    str_lower_into(from, text);
    return semver_parse(str_trim(str_make(text, from.size)), version);
}

static bool compare(struct str a, struct str b, int *sign)
{
    char left_text[VERSION_LIMIT], right_text[VERSION_LIMIT];
    struct semver left, right;
    if (!parse(a, left_text, &left) || !parse(b, right_text, &right)) return false;
    *sign = semver_compare(&left, &right);
    return true;
}

const struct version_order version_nuget = { .name = "nuget", .compare = compare };
