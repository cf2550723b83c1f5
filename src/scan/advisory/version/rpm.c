/* RPM. Reference: rpm 4.16 and 4.18 (rpmio/rpmvercmp.c, lib/rpmver.c). Every text is a version. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/number.h"

static bool is_mark(char c) { return c == '~' || c == '^'; }

static void cut_separators(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && !is_digit(rest->data[size]) && !is_letter(rest->data[size]) && !is_mark(rest->data[size]))
        size++;
    *rest = str_from(*rest, size);
}

/* '~' is older than anything, the end included; '^' is newer than the end and older than anything else. True when the marks
 * decide; both cut when both have the same. */
static bool marks_decide(struct str *a, struct str *b, int *sign, bool *cut)
{
    char left = a->size ? *a->data : 0, right = b->size ? *b->data : 0;
    *cut = left == right && is_mark(left);
    if (*cut || (!is_mark(left) && !is_mark(right))) {
        if (*cut) *a = str_from(*a, 1), *b = str_from(*b, 1);
        return false;
    }
    if (left == '~' || right == '~')
        *sign = left == '~' ? -1 : 1;
    else if (!left || !right)
        *sign = left ? 1 : -1;
    else
        *sign = left == '^' ? -1 : 1;
    return true;
}

static int compare_part_texts(struct str a, struct str b)
{
    for (;;) {
        int order;
        bool cut;
        cut_separators(&a);
        cut_separators(&b);
        if (marks_decide(&a, &b, &order, &cut)) return order;
        if (cut) continue;
        if (!a.size || !b.size) return (a.size > 0) - (b.size > 0);
        bool numeric = is_digit(*a.data);
        struct str left = numeric ? number_cut(&a) : letters_cut(&a);
        struct str right = numeric ? number_cut(&b) : letters_cut(&b);
        if (!right.size) return numeric ? 1 : -1;
        order = numeric ? number_compare(left, right) : str_compare(left, right);
        if (order) return order;
    }
}

static bool compare_part(struct str a, struct str b, int *sign)
{
    *sign = compare_part_texts(a, b);
    return true;
}

struct rpm_version {
    struct str epoch, version, release;
    bool has_release;
};

/* Digits before the first ':' are the epoch, what follows the last '-' is the release (rpm's parseEVR). */
static struct rpm_version parse(struct str text)
{
    struct rpm_version parsed = { 0 };
    struct str rest = text;
    struct str digits = number_cut(&rest);
    if (char_cut(&rest, ':')) {
        parsed.epoch = digits;
        text = rest;
    }
    ptrdiff_t hyphen = str_find_last(text, '-');
    parsed.has_release = hyphen >= 0;
    parsed.version = parsed.has_release ? str_to(text, (size_t)hyphen) : text;
    if (parsed.has_release) parsed.release = str_from(text, (size_t)hyphen + 1);
    return parsed;
}

/* Epoch, a missing one being 0, and version. */
static int compare_epoch_version(const struct rpm_version *a, const struct rpm_version *b)
{
    int order = number_compare(a->epoch, b->epoch);
    return order ? order : compare_part_texts(a->version, b->version);
}

/* As rpm holds dependencies against packages (rpmdsCompareEVR): a side without a release means any. */
static bool compare(struct str a, struct str b, int *sign)
{
    struct rpm_version left = parse(a), right = parse(b);
    *sign = compare_epoch_version(&left, &right);
    if (*sign == 0 && left.has_release && right.has_release) *sign = compare_part_texts(left.release, right.release);
    return true;
}

/* As rpm orders two packages (rpmverCmp): no release comes before any. */
static bool compare_packages(struct str a, struct str b, int *sign)
{
    struct rpm_version left = parse(a), right = parse(b);
    *sign = compare_epoch_version(&left, &right);
    if (*sign == 0) *sign = left.has_release - right.has_release;
    if (*sign == 0) *sign = compare_part_texts(left.release, right.release);
    return true;
}

const struct version_order version_rpm = { .name = "rpm", .compare = compare };
const struct version_order version_rpm_package = { .name = "rpm-package", .compare = compare_packages };
const struct version_order version_rpm_part = { .name = "rpm-part", .compare = compare_part };
