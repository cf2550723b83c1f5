#include "scan/advisory/version.h"

#include "scan/advisory/version/range.h"

/* Sorted by name. */
static const struct version_order *const orders[] = {
    &version_apk,     &version_composer, &version_cran,        &version_deb,      &version_generic,  &version_go,
    &version_hackage, &version_maven,    &version_npm,         &version_nuget,    &version_pep440,   &version_pub,
    &version_pypi,    &version_rpm,      &version_rpm_package, &version_rpm_part, &version_rubygems,
};

size_t version_order_count(void) { return sizeof orders / sizeof *orders; }

const struct version_order *version_order_at(size_t index) { return index < version_order_count() ? orders[index] : NULL; }

const struct version_order *version_order_find(struct str name)
{
    for (size_t low = 0, high = version_order_count(); low < high;) {
        size_t middle = (low + high) / 2;
        int order = str_compare(name, str_of(orders[middle]->name));
        if (order == 0) return orders[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool version_compare(const struct version_order *order, struct str a, struct str b, int *sign)
{
    if (a.size > VERSION_LIMIT || b.size > VERSION_LIMIT) return false;
    return order->compare(a, b, sign);
}

bool version_satisfies(const struct version_order *order, struct str version, struct str range, bool *inside)
{
    if (version.size > VERSION_LIMIT || range.size > RANGE_LIMIT) return false;
    if (order->satisfies) return order->satisfies(version, range, inside);
    return range_evaluate(order, version, range, range_check_order, inside);
}
