/* CRAN. Reference: R's package_version (base/R/version.R): numbers parted by '.' or '-', the shorter list first on a tie. */
#include "scan/advisory/version.h"
#include "scan/advisory/version/number.h"

static bool is_version(struct str text)
{
    do {
        if (!number_cut(&text).size) return false;
    } while (char_cut(&text, '.') || char_cut(&text, '-'));
    return text.size == 0;
}

static bool compare(struct str a, struct str b, int *sign)
{
    if (!is_version(a) || !is_version(b)) return false;
    for (*sign = 0; *sign == 0 && a.size && b.size;) {
        *sign = number_compare(number_cut(&a), number_cut(&b));
        a = str_from(a, 1);
        b = str_from(b, 1);
    }
    if (*sign == 0) *sign = (a.size > 0) - (b.size > 0);
    return true;
}

const struct version_order version_cran = { .name = "cran", .compare = compare };
