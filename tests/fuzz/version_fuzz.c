/* Every order: comparing never fails to mirror, a version equals itself, and what is unreadable stays unreadable. The input is
 * two versions and a range, parted by line ends; the same bytes go to the CVSS reader. */
#include "scan/advisory/cvss.h"
#include "scan/advisory/version.h"

#include <stdlib.h>

static void expect(bool holds)
{
    if (!holds) abort();
}

static bool is_readable(const struct version_order *order, struct str version)
{
    int sign = 2;
    bool readable = version_compare(order, version, version, &sign);
    if (readable) expect(sign == 0);
    return readable;
}

static void try_order(const struct version_order *order, struct str a, struct str b, struct str range)
{
    int forth = 2, back = 2;
    bool inside;
    bool a_readable = is_readable(order, a), b_readable = is_readable(order, b), both = a_readable && b_readable;
    expect(version_compare(order, a, b, &forth) == both);
    expect(version_compare(order, b, a, &back) == both);
    if (both) expect(forth == -back && forth >= -1 && forth <= 1);
    version_satisfies(order, a, range, &inside);
    version_satisfies(order, b, range, &inside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_make(data, size);
    struct str a = str_cut(&rest, '\n'), b = str_cut(&rest, '\n');
    for (size_t i = 0; i < version_order_count(); i++)
        try_order(version_order_at(i), a, b, rest);
    struct cvss cvss;
    struct error error = { 0 };
    if (cvss_score(str_make(data, size), &cvss, &error)) expect(cvss.base >= 0 && cvss.base <= 10);
    return 0;
}
