/* RubyGems. Reference: rubygems 3.3 (Gem::Version, Gem::Requirement). */
#include "scan/advisory/version/number.h"
#include "scan/advisory/version/range.h"

/* A hyphen is written ".pre.": no character gives more than one segment. */
#define SEGMENT_LIMIT VERSION_LIMIT

struct gem_version {
    struct str segments[SEGMENT_LIMIT]; /* runs of digits, runs of letters */
    size_t count;
    size_t release; /* segments before the first word */
};

static bool is_number(struct str segment) { return is_digit(*segment.data); }

/* Anchored pattern of Gem::Version: digits, then dotted runs of letters and digits, then one part behind a hyphen in which
 * further hyphens may stand. */
static bool is_version(struct str text)
{
    bool hyphen = false, first = true;
    for (;;) {
        size_t size = 0;
        while (size < text.size &&
               (is_digit(text.data[size]) || (!first && is_letter(text.data[size])) || (hyphen && text.data[size] == '-')))
            size++;
        if (!size) return false;
        text = str_from(text, size);
        if (!text.size) return true;
        first = false;
        if (char_cut(&text, '.')) continue;
        if (hyphen || !char_cut(&text, '-')) return false;
        hyphen = true;
    }
}

/* An empty text is version 0. */
static bool parse(struct str text, struct gem_version *version)
{
    text = str_trim(text);
    if (text.size > VERSION_LIMIT || (text.size && !is_version(text))) return false;
    version->count = 0;
    while (text.size) {
        struct str segment = is_digit(*text.data) ? number_cut(&text) : letters_cut(&text);
        if (!segment.size) segment = *text.data == '-' ? STR("pre") : (struct str){ 0 }, text = str_from(text, 1);
        if (segment.size) version->segments[version->count++] = segment;
    }
    for (version->release = 0; version->release < version->count; version->release++)
        if (!is_number(version->segments[version->release])) break;
    return true;
}

static size_t without_zeros(const struct str *segments, size_t from, size_t to)
{
    while (to > from && is_number(segments[to - 1]) && number_is_zero(segments[to - 1]))
        to--;
    return to;
}

/* Trailing zeros do not count, neither before the first word nor at the end. */
static void canonicalise(struct gem_version *version)
{
    size_t release = without_zeros(version->segments, 0, version->release);
    size_t count = without_zeros(version->segments, version->release, version->count);
    memmove(&version->segments[release], &version->segments[version->release],
            (count - version->release) * sizeof *version->segments);
    version->count = release + count - version->release;
    version->release = release;
}

/* Words come before numbers. */
static int compare_segments(struct str a, struct str b)
{
    bool left = is_number(a), right = is_number(b);
    if (left != right) return left ? 1 : -1;
    return left ? number_compare(a, b) : str_compare(a, b);
}

static int compare_canonical(const struct gem_version *a, const struct gem_version *b)
{
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        int order = compare_segments(i < a->count ? a->segments[i] : STR("0"), i < b->count ? b->segments[i] : STR("0"));
        if (order) return order;
    }
    return 0;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct gem_version left, right;
    if (!parse(a, &left) || !parse(b, &right)) return false;
    canonicalise(&left);
    canonicalise(&right);
    *sign = compare_canonical(&left, &right);
    return true;
}

/* v.release < r.bump: words from the first on are dropped, then the last number unless it is the only one; the one before it
 * is raised. */
static bool is_below_bump(const struct gem_version *version, const struct gem_version *base)
{
    size_t kept = base->release > 1 ? base->release - 1 : base->release;
    if (!kept) return false;
    for (size_t i = 0; i < kept; i++) {
        struct str left = i < version->release ? version->segments[i] : STR("0");
        int order = i + 1 < kept ? number_compare(left, base->segments[i]) : number_compare_next(left, base->segments[i]);
        if (order) return order < 0;
    }
    return false;
}

static bool check(const struct version_order *order, struct str text, struct range_clause clause, bool *inside)
{
    int sign;
    if (!compare(text, clause.version, &sign)) return false;
    if (range_decide(clause.operator, sign, inside)) return true;
    struct gem_version version, base;
    if (clause.operator!= RANGE_PESSIMISTIC || !parse(text, &version) || !parse(clause.version, &base)) return false;
    *inside = sign >= 0 && is_below_bump(&version, &base);
    return true;
}

static bool satisfies(struct str version, struct str range, bool *inside)
{
    return range_evaluate(&version_rubygems, version, range, check, inside);
}

const struct version_order version_rubygems = { .name = "rubygems", .compare = compare, .satisfies = satisfies };
