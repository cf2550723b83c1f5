/* Hackage. Reference: Cabal's Distribution.Types.Version: lists of numbers parted by dots, compared as lists. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/number.h"

static bool is_version(struct str text)
{
    do {
        if (!number_cut(&text).size) return false;
    } while (char_cut(&text, '.'));
    return text.size == 0;
}

static bool compare(struct str a, struct str b, int *sign)
{
    if (!is_version(a) || !is_version(b)) return false;
    for (*sign = 0; *sign == 0 && a.size && b.size;)
        *sign = number_compare(str_cut(&a, '.'), str_cut(&b, '.'));
    if (*sign == 0) *sign = (a.size > 0) - (b.size > 0);
    return true;
}

const struct version_order version_hackage = { .name = "hackage", .compare = compare };
