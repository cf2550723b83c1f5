/* Version specifiers of PEP 440. Reference: packaging 23.0 (SpecifierSet with pre-releases allowed); "||" between sets is the
 * advisories' own.
 *
 * PEP 440 keeps pre-releases of 2.0 out of "<2.0" and post-releases of 2.0 out of ">2.0". Advisories mean the plain order:
 * what came before the fix has the fault. So there are two ways to read the same text. */
#include "scan/advisory/version/number.h"
#include "scan/advisory/version/pep440.h"

struct specifier {
    struct str text; /* behind the operator, trimmed */
    struct pep440 version;
    bool plain;
    bool wildcard; /* 1.2.* */
};

static bool is_pre_release(const struct pep440 *version) { return version->pre || version->dev; }

static bool same_base(const struct pep440 *a, const struct pep440 *b)
{
    return number_compare(a->epoch, b->epoch) == 0 && pep440_compare_release(a->release, b->release) == 0;
}

/* The release begins with the numbers of `prefix`; missing numbers are 0. */
static bool has_prefix(const struct pep440 *version, struct str epoch, struct str prefix)
{
    if (number_compare(version->epoch, epoch) != 0) return false;
    for (struct str release = version->release; prefix.size;)
        if (number_compare(str_cut(&release, '.'), str_cut(&prefix, '.')) != 0) return false;
    return true;
}

static bool is_equal(const struct pep440 *version, const struct specifier *specifier)
{
    if (specifier->wildcard) return has_prefix(version, specifier->version.epoch, specifier->version.release);
    if (specifier->version.local.size) return pep440_compare(version, &specifier->version) == 0;
    return pep440_compare_public(version, &specifier->version) == 0;
}

static bool is_not_equal(const struct pep440 *version, const struct specifier *specifier)
{
    return !is_equal(version, specifier);
}

static bool is_at_most(const struct pep440 *version, const struct specifier *specifier)
{
    return pep440_compare_public(version, &specifier->version) <= 0;
}

static bool is_at_least(const struct pep440 *version, const struct specifier *specifier)
{
    return pep440_compare_public(version, &specifier->version) >= 0;
}

static bool is_less(const struct pep440 *version, const struct specifier *specifier)
{
    if (pep440_compare(version, &specifier->version) >= 0) return false;
    return specifier->plain || is_pre_release(&specifier->version) || !is_pre_release(version) ||
           !same_base(version, &specifier->version);
}

static bool is_greater(const struct pep440 *version, const struct specifier *specifier)
{
    if (specifier->plain) return pep440_compare_public(version, &specifier->version) > 0;
    if (pep440_compare(version, &specifier->version) <= 0) return false;
    if (!same_base(version, &specifier->version)) return true;
    return !version->local.size && (specifier->version.post || !version->post);
}

/* ~=1.4.2 is >=1.4.2 and ==1.4.*; suffixes do not count for the second. */
static bool is_compatible(const struct pep440 *version, const struct specifier *specifier)
{
    struct str release = specifier->version.release;
    struct str prefix = str_to(release, (size_t)str_find_last(release, '.'));
    return is_at_least(version, specifier) && has_prefix(version, specifier->version.epoch, prefix);
}

/* The normal form of the version against the text as it stands. */
static bool is_identical(const struct pep440 *version, const struct specifier *specifier)
{
    char text[PEP440_TEXT];
    return str_equal_nocase(str_make(text, pep440_write(version, text)), specifier->text);
}

enum {
    LOCAL = 1,
    WILDCARD = 2,
    TWO_NUMBERS = 4,
    ANY_TEXT = 8
}; /* what may or must stand behind an operator */

/* The longer before its beginning. */
static const struct {
    const char *text;
    bool (*holds)(const struct pep440 *version, const struct specifier *specifier);
    int form;
} operators[] = {
    { "===", is_identical, ANY_TEXT },
    { "==", is_equal, LOCAL | WILDCARD },
    { "!=", is_not_equal, LOCAL | WILDCARD },
    { "~=", is_compatible, TWO_NUMBERS },
    { "<=", is_at_most, 0 },
    { ">=", is_at_least, 0 },
    { "<", is_less, 0 },
    { ">", is_greater, 0 },
};

static bool has_blank(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (is_blank(text.data[i])) return true;
    return false;
}

static bool parse_specifier(struct str text, int form, struct specifier *specifier)
{
    specifier->text = text = str_trim(text);
    if (form & ANY_TEXT) return !has_blank(text);
    specifier->wildcard = (form & WILDCARD) && str_ends(text, ".*");
    if (specifier->wildcard) text = str_to(text, text.size - 2);
    struct pep440 *version = &specifier->version;
    if (!pep440_parse(text, version)) return false;
    if (specifier->wildcard && (version->pre || version->post || version->dev || version->local.size)) return false;
    if (version->local.size && !(form & LOCAL)) return false;
    return !(form & TWO_NUMBERS) || str_find(version->release, '.') >= 0;
}

static bool check_one(const struct pep440 *version, struct str text, bool plain, bool *inside)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!str_starts(text, operators[i].text)) continue;
        struct specifier specifier = { .plain = plain };
        if (!parse_specifier(str_from(text, strlen(operators[i].text)), operators[i].form, &specifier)) return false;
        *inside = operators[i].holds(version, &specifier);
        return true;
    }
    return false;
}

/* Specifiers joined by commas; empty ones say nothing. */
static bool check_set(const struct pep440 *version, struct str set, bool plain, bool *inside)
{
    *inside = true;
    while (set.data) {
        struct str text = str_trim(str_cut(&set, ','));
        bool holds = true;
        if (text.size && !check_one(version, text, plain, &holds)) return false;
        *inside = *inside && holds;
    }
    return true;
}

static bool check_sets(struct str text, struct str range, bool plain, bool *inside)
{
    struct pep440 version;
    bool any = false;
    if (!pep440_parse(text, &version)) return false;
    for (bool more = true; more;) {
        ptrdiff_t bar = str_find_text(range, STR("||"));
        bool holds = false;
        if (!check_set(&version, bar < 0 ? range : str_to(range, (size_t)bar), plain, &holds)) return false;
        any = any || holds;
        more = bar >= 0;
        if (more) range = str_from(range, (size_t)bar + 2);
    }
    *inside = any;
    return true;
}

bool pep440_satisfies(struct str version, struct str range, bool *inside) { return check_sets(version, range, false, inside); }

bool pep440_satisfies_plainly(struct str version, struct str range, bool *inside)
{
    return check_sets(version, range, true, inside);
}
