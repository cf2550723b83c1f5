/* Composer. Reference: PHP's version_compare (ext/standard/versioning.c), which composer/semver compares with, on what
 * Composer's VersionParser makes of a version.
 *
 * The order is version_compare's on the text without its "v": 1.0 comes before 1.0.0. In ranges both sides are normalised
 * first as Composer does it (four numbers, "x" the highest, no build metadata), so that 1.0 lies in ">=1.0.0". */
#include "scan/advisory/version/number.h"
#include "scan/advisory/version/range.h"

#define NORMAL_NUMBERS 4
#define HIGHEST STR("9999999") /* what Composer puts for the x of 1.2.x-dev */

struct composer_version {
    struct str tokens[VERSION_LIMIT + NORMAL_NUMBERS];
    size_t count;
};

/* By their beginning, in this order; words that are none of these come before all. '#' stands for a number. */
static const struct {
    const char *word;
    int rank;
} stabilities[] = { { "dev", 0 }, { "a", 1 }, { "b", 2 }, { "rc", 3 }, { "#", 4 }, { "p", 5 } };
#define UNKNOWN_RANK (-1)
#define NUMBER_RANK 4

static int token_rank(struct str token)
{
    if (is_digit(*token.data)) return NUMBER_RANK;
    for (size_t i = 0; i < sizeof stabilities / sizeof *stabilities; i++) {
        size_t size = strlen(stabilities[i].word);
        if (str_is_nocase(str_to(token, size), stabilities[i].word)) return stabilities[i].rank;
    }
    return UNKNOWN_RANK;
}

/* Runs of digits and runs of anything else but the separators. */
static bool cut_token(struct str *rest, struct str *token)
{
    while (rest->size && strchr(".-_+", *rest->data) && *rest->data)
        *rest = str_from(*rest, 1);
    if (!rest->size) return false;
    bool digits = is_digit(*rest->data);
    size_t size = 1;
    while (size < rest->size && is_digit(rest->data[size]) == digits && !(rest->data[size] && strchr(".-_+", rest->data[size])))
        size++;
    *token = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return true;
}

static bool parse(struct str text, struct composer_version *version)
{
    text = str_trim(text);
    if (text.size > VERSION_LIMIT) return false;
    if (!char_cut(&text, 'v')) char_cut(&text, 'V');
    version->count = 0;
    while (cut_token(&text, &version->tokens[version->count]))
        version->count++;
    return version->count > 0;
}

static bool is_wildcard(struct str token) { return str_is_nocase(token, "x") || str_is(token, "*"); }

/* Pads the leading numbers to four: with zeros, or with the highest number behind an "x". */
static void pad(struct composer_version *version)
{
    struct str filling = STR("0");
    size_t numbers = 0;
    for (; numbers < version->count && numbers < NORMAL_NUMBERS; numbers++) {
        if (is_wildcard(version->tokens[numbers]))
            version->tokens[numbers] = filling = HIGHEST;
        else if (!is_digit(*version->tokens[numbers].data))
            break;
    }
    size_t missing = NORMAL_NUMBERS - numbers;
    memmove(&version->tokens[numbers + missing], &version->tokens[numbers],
            (version->count - numbers) * sizeof *version->tokens);
    for (size_t i = 0; i < missing; i++)
        version->tokens[numbers + i] = filling;
    version->count += missing;
}

/* "stable" behind the numbers says nothing, and ends what counts. */
static bool normalise(struct str text, struct composer_version *version)
{
    ptrdiff_t plus = str_find(text, '+');
    if (!parse(plus < 0 ? text : str_to(text, (size_t)plus), version)) return false;
    pad(version);
    if (version->count > NORMAL_NUMBERS && str_is_nocase(version->tokens[NORMAL_NUMBERS], "stable"))
        version->count = NORMAL_NUMBERS;
    return true;
}

static int compare_tokens(struct str a, struct str b)
{
    if (is_digit(*a.data) && is_digit(*b.data)) return number_compare(a, b);
    int left = token_rank(a), right = token_rank(b);
    return (left > right) - (left < right);
}

/* One more number makes newer; one more word is compared with a number in its place. */
static int compare_extra(struct str token)
{
    int rank = token_rank(token);
    return is_digit(*token.data) || rank > NUMBER_RANK ? 1 : rank < NUMBER_RANK ? -1 : 0;
}

static int compare_versions(const struct composer_version *a, const struct composer_version *b)
{
    size_t shorter = a->count < b->count ? a->count : b->count;
    for (size_t i = 0; i < shorter; i++) {
        int order = compare_tokens(a->tokens[i], b->tokens[i]);
        if (order) return order;
    }
    if (a->count > shorter) return compare_extra(a->tokens[shorter]);
    return b->count > shorter ? -compare_extra(b->tokens[shorter]) : 0;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct composer_version left, right;
    if (!parse(a, &left) || !parse(b, &right)) return false;
    *sign = compare_versions(&left, &right);
    return true;
}

static bool is_branch(struct str text) { return str_is_nocase(str_to(text, 4), "dev-"); }

/* A branch has no place among numbers: it equals itself and lies in no range. */
static bool check(const struct version_order *order, struct str text, struct range_clause clause, bool *inside)
{
    if (is_branch(text) || is_branch(clause.version)) {
        bool same = str_equal(text, clause.version);
        *inside = (clause.operator== RANGE_EQUAL && same) || (clause.operator== RANGE_NOT_EQUAL && !same);
        return true;
    }
    struct composer_version version, bound;
    if (!normalise(text, &version) || !normalise(clause.version, &bound)) return false;
    return range_decide(clause.operator, compare_versions(&version, &bound), inside);
}

static bool satisfies(struct str version, struct str range, bool *inside)
{
    return range_evaluate(&version_composer, str_trim(version), range, check, inside);
}

const struct version_order version_composer = { .name = "composer", .compare = compare, .satisfies = satisfies };
