/* npm. Reference: node-semver 7 (classes/semver.js, classes/range.js with includePrerelease). A comma between comparators, as
 * advisories write them, is read as a blank. */
#include "scan/advisory/version/number.h"
#include "scan/advisory/version/range.h"
#include "scan/advisory/version/semver.h"

#define NPM_LIMIT 256 /* MAX_LENGTH */

/* MAX_SAFE_INTEGER at most, no zero in front. */
static bool is_plain_number(struct str number)
{
    if (!number_is(number) || (number.size > 1 && *number.data == '0')) return false;
    return number_compare(number, STR("9007199254740991")) <= 0;
}

static bool has_padded_number(struct str identifiers)
{
    while (identifiers.size) {
        struct str identifier = str_cut(&identifiers, '.');
        if (number_is(identifier) && identifier.size > 1 && *identifier.data == '0') return true;
    }
    return false;
}

static bool parse(struct str text, struct semver *version)
{
    text = str_trim(text);
    if (text.size > NPM_LIMIT || !semver_parse(text, version) || version->count != 3) return false;
    for (size_t i = 0; i < 3; i++)
        if (!is_plain_number(semver_number(version, i))) return false;
    return !has_padded_number(version->pre);
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct semver left, right;
    if (!parse(a, &left) || !parse(b, &right)) return false;
    *sign = semver_compare(&left, &right);
    return true;
}

/* A version of a range: numbers may be missing or "x". `version` holds those before the first such one. */
struct partial {
    struct semver version;
    size_t known; /* 0 to 3 */
    bool late;    /* a number stands behind an "x": only ^ and ~ take that */
    bool strict;  /* no "=" or second "v" in front */
};

static bool cut_wildcard(struct str *rest) { return char_cut(rest, 'x') || char_cut(rest, 'X') || char_cut(rest, '*'); }

/* Up to three places, each a number or a wildcard. */
static bool cut_places(struct str *rest, struct partial *partial, size_t *places)
{
    struct str start = *rest;
    bool wild = false;
    for (*places = 0; *places < 3; ++*places) {
        if (*places && !char_cut(rest, '.')) break;
        struct str number = number_cut(rest);
        if (number.size ? !is_plain_number(number) : !cut_wildcard(rest)) return false;
        partial->late |= number.size && wild;
        wild |= !number.size;
        if (wild) continue;
        partial->known = *places + 1;
        partial->version.numbers = str_to(start, start.size - rest->size);
    }
    partial->version.count = partial->known;
    return true;
}

/* Identifiers behind '-' or '+', up to the end. */
static bool is_suffix(struct str text)
{
    struct semver suffix;
    char probe[NPM_LIMIT + 2] = "0";
    if (text.size > NPM_LIMIT) return false;
    memcpy(probe + 1, text.data, text.size);
    return semver_parse(str_make(probe, text.size + 1), &suffix) && suffix.count == 1 && !has_padded_number(suffix.pre);
}

/* Build metadata is dropped wherever it stands; a pre-release needs all three places before it. */
static bool parse_partial(struct str text, struct partial *partial)
{
    *partial = (struct partial){ 0 };
    ptrdiff_t plus = str_find(text, '+');
    if (plus >= 0 && !is_suffix(str_from(text, (size_t)plus))) return false;
    struct str rest = plus < 0 ? text : str_to(text, (size_t)plus);
    char_cut(&rest, 'v');
    struct str plain = rest;
    while (char_cut(&rest, 'v') || char_cut(&rest, '='))
        continue;
    partial->strict = plain.size == rest.size;
    size_t places;
    if (!cut_places(&rest, partial, &places)) return false;
    if (!rest.size) return true;
    if (places != 3 || *rest.data != '-' || !is_suffix(rest)) return false;
    if (partial->known == 3) partial->version.pre = str_from(rest, 1);
    return true;
}

/* The lowest pre-release: bounds with it let pre-releases of the bound in, or keep them out. */
#define LOWEST STR("0")

/* >=M.m.p-0: all from the first pre-release on. */
static bool is_from_lowest(const struct semver *version, const struct partial *partial)
{
    return semver_compare_numbers(version, &partial->version) >= 0;
}

static bool is_from_exact(const struct semver *version, const struct partial *partial)
{
    return partial->known < 3 ? is_from_lowest(version, partial) : semver_compare(version, &partial->version) >= 0;
}

/* <M+1.0.0-0 and the like: the n-th number raised. */
static bool is_below_raised(const struct semver *version, const struct partial *partial, size_t n)
{
    return semver_is_below_raised(version, &partial->version, n, LOWEST);
}

static bool satisfies_caret(const struct semver *version, const struct partial *partial)
{
    if (!partial->known) return true;
    size_t n = 0;
    while (n + 1 < partial->known && number_is_zero(semver_number(&partial->version, n)))
        n++;
    return is_from_exact(version, partial) && is_below_raised(version, partial, n);
}

static bool satisfies_tilde(const struct semver *version, const struct partial *partial)
{
    if (!partial->known) return true;
    return is_from_exact(version, partial) && is_below_raised(version, partial, partial->known == 1 ? 0 : 1);
}

static bool satisfies_equal(const struct semver *version, const struct partial *partial)
{
    if (!partial->known) return true;
    if (partial->known == 3) return semver_compare(version, &partial->version) == 0;
    return is_from_lowest(version, partial) && is_below_raised(version, partial, partial->known - 1);
}

static bool satisfies_at_least(const struct semver *version, const struct partial *partial)
{
    return !partial->known || is_from_exact(version, partial);
}

static bool satisfies_less(const struct semver *version, const struct partial *partial)
{
    return partial->known && !is_from_exact(version, partial);
}

static bool satisfies_at_most(const struct semver *version, const struct partial *partial)
{
    if (!partial->known) return true;
    if (partial->known == 3) return semver_compare(version, &partial->version) <= 0;
    return is_below_raised(version, partial, partial->known - 1);
}

static bool satisfies_greater(const struct semver *version, const struct partial *partial)
{
    return partial->known && !satisfies_at_most(version, partial);
}

/* The longer before its beginning. */
static const struct {
    const char *text;
    bool (*holds)(const struct semver *version, const struct partial *partial);
    bool rewritten; /* ^ and ~ write the version anew: they take what the others do not */
} operators[] = {
    { "~>", satisfies_tilde, true },   { ">=", satisfies_at_least, false }, { "<=", satisfies_at_most, false },
    { "^", satisfies_caret, true },    { "~", satisfies_tilde, true },      { "=", satisfies_equal, false },
    { ">", satisfies_greater, false }, { "<", satisfies_less, false },      { "", satisfies_equal, false },
};

static bool is_gap(char c) { return is_blank(c) || c == ','; }

static void cut_gap(struct str *rest)
{
    while (rest->size && is_gap(*rest->data))
        *rest = str_from(*rest, 1);
}

static struct str cut_text(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && !is_gap(rest->data[size]))
        size++;
    struct str text = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return text;
}

static bool check_comparator(const struct semver *version, struct str *rest, bool *inside)
{
    size_t i = 0;
    while (!str_starts(*rest, operators[i].text))
        i++;
    *rest = str_from(*rest, strlen(operators[i].text));
    cut_gap(rest);
    struct partial partial;
    struct str text = cut_text(rest);
    /* An operator alone is one before "*". */
    if (!text.size)
        partial = (struct partial){ .strict = true };
    else if (!parse_partial(text, &partial))
        return false;
    if (!operators[i].rewritten && (partial.late || (partial.known == 3 && !partial.strict))) return false;
    *inside = operators[i].holds(version, &partial);
    return true;
}

/* "1.2 - 2.3": false when the text has not this form. */
static bool check_hyphen(const struct semver *version, struct str set, bool *inside)
{
    struct partial from, to;
    struct str lower = cut_text(&set);
    cut_gap(&set);
    struct str hyphen = cut_text(&set);
    cut_gap(&set);
    struct str upper = cut_text(&set);
    if (!str_is(hyphen, "-") || set.size || !parse_partial(lower, &from) || !parse_partial(upper, &to)) return false;
    bool above = !from.known || (from.version.pre.size ? is_from_exact(version, &from) : is_from_lowest(version, &from));
    bool below =
        !to.known || (to.version.pre.size ? satisfies_at_most(version, &to) : is_below_raised(version, &to, to.known - 1));
    *inside = above && below;
    return true;
}

static bool check_set(const struct semver *version, struct str set, bool *inside)
{
    set = str_trim(set);
    if (check_hyphen(version, set, inside)) return true;
    *inside = true;
    for (cut_gap(&set); set.size; cut_gap(&set)) {
        bool holds = false;
        if (!check_comparator(version, &set, &holds)) return false;
        *inside = *inside && holds;
    }
    return true;
}

static bool satisfies(struct str text, struct str range, bool *inside)
{
    struct semver version;
    bool any = false;
    if (!parse(text, &version)) return false;
    for (bool more = true; more;) {
        ptrdiff_t bar = str_find_text(range, STR("||"));
        bool holds = false;
        if (!check_set(&version, bar < 0 ? range : str_to(range, (size_t)bar), &holds)) return false;
        any = any || holds;
        more = bar >= 0;
        if (more) range = str_from(range, (size_t)bar + 2);
    }
    *inside = any;
    return true;
}

const struct version_order version_npm = { .name = "npm", .compare = compare, .satisfies = satisfies };
