/* The order of the ecosystems that have no own file (Cargo, Hex, Conan, Swift, Julia, …), semantic versions with any count of
 * numbers. Reference: aquasecurity/go-version (pkg/version), which is semver's order with more ways to write a version. */
#include "scan/advisory/version/range.h"
#include "scan/advisory/version/semver.h"
#include "scan/advisory/version/number.h"

static bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '~'; }

/* Words joined by dots: the longest that does not end with a dot. */
static struct str cut_words(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && (is_word(rest->data[size]) || (size && rest->data[size] == '.' && rest->data[size - 1] != '.')))
        size++;
    if (size && rest->data[size - 1] == '.') size--;
    struct str words = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return words;
}

/* The hyphen may be missing before a letter: 1.0rc1. A lone hyphen is a word of its own. */
static void cut_pre(struct str *rest, struct semver *version)
{
    if (!rest->size || is_digit(*rest->data) || !is_word(*rest->data)) return;
    struct str hyphen = *rest;
    if (char_cut(rest, '-')) {
        version->pre = cut_words(rest);
        if (version->pre.size) return;
        *rest = hyphen;
    }
    version->pre = cut_words(rest);
}

static bool parse(struct str text, struct semver *version)
{
    *version = (struct semver){ 0 };
    char_cut(&text, 'v');
    if (!semver_cut_numbers(&text, version)) return false;
    cut_pre(&text, version);
    if (char_cut(&text, '+')) {
        version->build = cut_words(&text);
        if (!version->build.size) return false;
    }
    return text.size == 0;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct semver left, right;
    if (!parse(a, &left) || !parse(b, &right)) return false;
    *sign = semver_compare(&left, &right);
    return true;
}

/* ^1.2.3 ends below 2, ^0.2.3 below 0.3, ^0.0 below 0.1: the first number that is not zero is raised, or the last. */
static size_t caret_place(const struct semver *base)
{
    for (size_t i = 0; i < base->count; i++)
        if (!number_is_zero(semver_number(base, i))) return i;
    return base->count - 1;
}

/* The reference forgets to drop the pre-release of the end where it raises the only number (and "~" with two). */
static bool is_below_end(const struct semver *version, const struct semver *base, enum range_operator operator)
{
    struct str none = { 0 };
    if (operator== RANGE_CARET) return semver_is_below_raised(version, base, caret_place(base), none);
    if (base->count == 1) return semver_is_below_raised(version, base, 0, base->pre);
    if (operator== RANGE_TILDE && base->count == 2) return semver_is_below_raised(version, base, 1, base->pre);
    return semver_is_below_raised(version, base, base->count - 2, none);
}

static bool check(const struct version_order *order, struct str text, struct range_clause clause, bool *inside)
{
    struct semver version, base;
    if (!parse(text, &version) || !parse(clause.version, &base)) return false;
    int sign = semver_compare(&version, &base);
    if (range_decide(clause.operator, sign, inside)) return true;
    *inside = sign >= 0 && is_below_end(&version, &base, clause.operator);
    return true;
}

static bool satisfies(struct str version, struct str range, bool *inside)
{
    return range_evaluate(&version_generic, version, range, check, inside);
}

const struct version_order version_generic = { .name = "generic", .compare = compare, .satisfies = satisfies };
