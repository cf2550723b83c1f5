/* Go: modules by semver, with "+incompatible" as any build metadata left out; pseudo-versions are ordinary pre-releases
 * (go.dev/ref/mod#versions). Toolchains ("1.21rc2", "go1.20.3") by internal/gover: a language version without a patch number
 * comes before its release candidates from 1.21 on. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/number.h"
#include "scan/advisory/version/semver.h"

struct go_version {
    struct semver semver;
    struct str kind, serial; /* of a toolchain: "rc", "2" */
    bool has_patch;
};

/* From 1.21 on "1.21" is not "1.21.0". */
static bool means_first_patch(const struct semver *version)
{
    return version->count == 1 || number_compare(semver_number(version, 1), STR("21")) < 0;
}

static bool parse_toolchain(struct str text, struct go_version *version)
{
    if (!semver_cut_numbers(&text, &version->semver) || version->semver.count > 3) return false;
    version->has_patch = version->semver.count == 3;
    if (version->has_patch || !text.size) {
        version->has_patch |= means_first_patch(&version->semver);
        return text.size == 0;
    }
    size_t size = 0;
    while (size < text.size && is_lower(text.data[size]))
        size++;
    version->kind = str_to(text, size);
    text = str_from(text, size);
    version->serial = number_cut(&text);
    return version->kind.size && version->semver.count == 2 && text.size == 0;
}

static bool parse(struct str text, struct go_version *version)
{
    *version = (struct go_version){ 0 };
    bool named = str_starts(text, "go");
    if (named || (text.size && *text.data != 'v')) {
        if (parse_toolchain(str_from(text, named ? 2 : 0), version)) return true;
        if (named) return false;
        *version = (struct go_version){ 0 };
    }
    version->has_patch = true;
    return semver_parse(text, &version->semver) && version->semver.count <= 3;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct go_version left, right;
    if (!parse(a, &left) || !parse(b, &right)) return false;
    *sign = semver_compare_numbers(&left.semver, &right.semver);
    if (*sign == 0) *sign = left.has_patch - right.has_patch;
    if (*sign == 0) *sign = semver_compare_pre(left.semver.pre, right.semver.pre);
    if (*sign == 0) *sign = str_compare(left.kind, right.kind);
    if (*sign == 0) *sign = number_compare(left.serial, right.serial);
    return true;
}

const struct version_order version_go = { .name = "go", .compare = compare };
