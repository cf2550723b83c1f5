/* Alpine and Wolfi. Reference: apk-tools 2.14 (src/version.c), with the ranks of apk-tools 3 for what cannot be read: a text
 * that goes wrong is older than one that ends. Every text is a version. Numbers may have any length (apk: 18 digits). */
#include "scan/advisory/version.h"
#include "scan/advisory/version/number.h"

/* The smaller kind is the newer where two versions part. */
enum kind {
    DIGIT_OR_ZERO,
    DIGIT,
    LETTER,
    SUFFIX,
    SUFFIX_NUMBER,
    REVISION,
    END,
    INVALID
};

/* A position: what kind of token comes next, and the text from there on. */
struct walk {
    enum kind kind;
    struct str rest;
};

/* A token's value: a rank for suffixes, letters and runs of zeros, or a number. */
struct value {
    int rank;
    struct str digits;
};

/* What stands before a release is below NO_SUFFIX, what stands behind it above. */
#define NO_SUFFIX (-1)
static const struct {
    const char *text;
    int rank;
} suffixes[] = {
    { "alpha", -5 }, { "beta", -4 }, { "pre", -3 }, { "rc", -2 }, { "cvs", 0 },
    { "svn", 1 },    { "git", 2 },   { "hg", 3 },   { "p", 4 },
};

static bool may_follow(enum kind before, enum kind next)
{
    return next >= before || (next == DIGIT_OR_ZERO && before == DIGIT) || (next == SUFFIX && before == SUFFIX_NUMBER) ||
           (next == DIGIT && before == LETTER);
}

static enum kind next_kind(enum kind before, struct str *rest)
{
    if (!rest->size) return END;
    char c = *rest->data;
    if ((before == DIGIT || before == DIGIT_OR_ZERO) && is_lower(c)) return LETTER;
    if (before == LETTER && is_digit(c)) return DIGIT;
    if (before == SUFFIX && is_digit(c)) return SUFFIX_NUMBER;
    enum kind next = INVALID;
    if (c == '.')
        next = DIGIT_OR_ZERO;
    else if (c == '_')
        next = SUFFIX;
    else if (str_starts(*rest, "-r"))
        next = REVISION;
    *rest = str_from(*rest, next == REVISION ? 2 : 1);
    return may_follow(before, next) ? next : INVALID;
}

static int suffix_rank(struct str *rest)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (!str_starts(*rest, suffixes[i].text)) continue;
        *rest = str_from(*rest, strlen(suffixes[i].text));
        return suffixes[i].rank;
    }
    return NO_SUFFIX;
}

/* A component that begins with zeros is older the more it has; the last of them begins the number behind. (Before 2.14 none was
 * left, whence 1.0_rc1 was newer than 1.0 there.) */
static size_t zeros_before_last(struct str rest)
{
    size_t count = 0;
    while (count + 1 < rest.size && rest.data[count + 1] == '0')
        count++;
    return count;
}

static struct value take(struct walk *walk)
{
    struct value value = { 0 };
    if (!walk->rest.size) {
        walk->kind = END;
        return value;
    }
    if (walk->kind == DIGIT_OR_ZERO && *walk->rest.data == '0') {
        size_t zeros = zeros_before_last(walk->rest);
        value.rank = -(int)zeros;
        walk->rest = str_from(walk->rest, zeros);
        walk->kind = walk->rest.size ? DIGIT : END;
        return value;
    }
    if (walk->kind == LETTER) {
        value.rank = (unsigned char)*walk->rest.data;
        walk->rest = str_from(walk->rest, 1);
    } else if (walk->kind == SUFFIX) {
        value.rank = suffix_rank(&walk->rest);
    } else {
        value.digits = number_cut(&walk->rest);
    }
    bool unreadable = walk->kind == SUFFIX && value.rank == NO_SUFFIX;
    walk->kind = unreadable ? INVALID : next_kind(walk->kind, &walk->rest);
    return value;
}

static int compare_values(struct value a, struct value b)
{
    if (a.rank != b.rank) return a.rank < b.rank ? -1 : 1;
    return number_compare(a.digits, b.digits);
}

/* The next token says that this text comes before the same text without it. */
static bool is_before_release(struct walk walk) { return walk.kind == SUFFIX && take(&walk).rank <= NO_SUFFIX; }

/* "-r0" and then something unreadable is no newer than no revision at all: steps over the revision. */
static void skip_empty_revision(struct walk *walk)
{
    struct walk after = *walk;
    if (walk->kind == REVISION && number_is_zero(take(&after).digits) && after.kind == INVALID) *walk = after;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct walk left = { DIGIT, a }, right = { DIGIT, b };
    while (left.kind == right.kind && left.kind < END) {
        *sign = compare_values(take(&left), take(&right));
        if (*sign) return true;
    }
    if (left.kind != right.kind && (left.kind >= END || right.kind >= END)) {
        skip_empty_revision(&left);
        skip_empty_revision(&right);
    }
    if (left.kind == right.kind)
        *sign = 0;
    else if (is_before_release(left))
        *sign = -1;
    else if (is_before_release(right))
        *sign = 1;
    else
        *sign = left.kind > right.kind ? -1 : 1;
    return true;
}

const struct version_order version_apk = { .name = "apk", .compare = compare };
