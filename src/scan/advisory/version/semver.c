#include "scan/advisory/version/semver.h"

#include "scan/advisory/version/number.h"

bool semver_cut_numbers(struct str *rest, struct semver *version)
{
    struct str all = *rest;
    if (!number_cut(rest).size) return false;
    version->count = 1;
    while (rest->size > 1 && *rest->data == '.' && is_digit(rest->data[1])) {
        *rest = str_from(*rest, 1);
        number_cut(rest);
        version->count++;
    }
    version->numbers = str_to(all, all.size - rest->size);
    return true;
}

/* Identifiers of letters, digits and hyphens, joined by dots. */
static bool cut_identifiers(struct str *rest, struct str *identifiers)
{
    size_t size = 0;
    bool empty = true;
    for (; size < rest->size; size++) {
        char c = rest->data[size];
        if (c == '.' && empty) return false;
        if (c != '.' && c != '-' && !is_digit(c) && !is_letter(c)) break;
        empty = c == '.';
    }
    *identifiers = str_to(*rest, size);
    *rest = str_from(*rest, size);
    return !empty;
}

bool semver_parse(struct str text, struct semver *version)
{
    *version = (struct semver){ 0 };
    char_cut(&text, 'v');
    if (!semver_cut_numbers(&text, version)) return false;
    if (char_cut(&text, '-') && !cut_identifiers(&text, &version->pre)) return false;
    if (char_cut(&text, '+') && !cut_identifiers(&text, &version->build)) return false;
    return text.size == 0;
}

struct str semver_number(const struct semver *version, size_t n)
{
    struct str rest = version->numbers, number = { 0 };
    for (size_t i = 0; i <= n && i < version->count; i++)
        number = str_cut(&rest, '.');
    return n < version->count ? number : (struct str){ 0 };
}

int semver_compare_numbers(const struct semver *a, const struct semver *b)
{
    struct str left = a->numbers, right = b->numbers;
    while (left.size || right.size) {
        int order = number_compare(str_cut(&left, '.'), str_cut(&right, '.'));
        if (order) return order;
    }
    return 0;
}

static int compare_identifier(struct str a, struct str b)
{
    bool left = number_is(a), right = number_is(b);
    if (left && right) return number_compare(a, b);
    if (left != right) return left ? -1 : 1;
    return str_compare(a, b);
}

int semver_compare_identifiers(struct str a, struct str b)
{
    while (a.size && b.size) {
        int order = compare_identifier(str_cut(&a, '.'), str_cut(&b, '.'));
        if (order) return order;
    }
    return (a.size > 0) - (b.size > 0);
}

int semver_compare_pre(struct str a, struct str b)
{
    if (str_empty(a) || str_empty(b)) return str_empty(a) - str_empty(b);
    return semver_compare_identifiers(a, b);
}

int semver_compare(const struct semver *a, const struct semver *b)
{
    int order = semver_compare_numbers(a, b);
    return order ? order : semver_compare_pre(a->pre, b->pre);
}

bool semver_is_below_raised(const struct semver *version, const struct semver *base, size_t n, struct str pre)
{
    for (size_t i = 0; i < n; i++) {
        int order = number_compare(semver_number(version, i), semver_number(base, i));
        if (order) return order < 0;
    }
    int order = number_compare_next(semver_number(version, n), semver_number(base, n));
    if (order) return order < 0;
    for (size_t i = n + 1; i < version->count; i++)
        if (!number_is_zero(semver_number(version, i))) return false;
    return semver_compare_pre(version->pre, pre) < 0;
}
