/* When releases end. Dates as their vendors publish them, gathered 2026-11; a database with fresher dates (feed end-of-life)
 * wins. A release ends at 23:59:59 UTC of its day. "" stands for: no end announced. */
#include "scan/advisory/record.h"

static const struct {
    const char *family, *release, *date;
} ends[] = {
    { "alma", "8", "2029-03-01" },
    { "alma", "9", "2032-05-31" },
    { "alma", "10", "2035-05-31" },
    { "alpine", "3.10", "2021-05-01" },
    { "alpine", "3.11", "2021-11-01" },
    { "alpine", "3.12", "2022-05-01" },
    { "alpine", "3.13", "2022-11-01" },
    { "alpine", "3.14", "2023-05-01" },
    { "alpine", "3.15", "2023-11-01" },
    { "alpine", "3.16", "2024-05-23" },
    { "alpine", "3.17", "2024-11-22" },
    { "alpine", "3.18", "2025-05-09" },
    { "alpine", "3.19", "2025-11-01" },
    { "alpine", "3.20", "2026-04-01" },
    { "alpine", "3.21", "2026-12-05" },
    { "alpine", "3.22", "2027-04-30" },
    { "alpine", "3.23", "2027-11-01" },
    { "amazon", "1", "2023-12-31" },
    { "amazon", "2", "2026-06-30" },
    { "amazon", "2023", "2028-03-15" },
    { "centos", "5", "2017-03-31" },
    { "centos", "6", "2020-11-30" },
    { "centos", "7", "2024-06-30" },
    { "centos", "8", "2021-12-31" },
    { "debian", "7", "2018-05-31" },
    { "debian", "8", "2020-06-30" },
    { "debian", "9", "2022-06-30" },
    { "debian", "10", "2024-06-30" },
    { "debian", "11", "2026-08-14" },
    { "debian", "12", "2028-06-10" },
    { "opensuse-leap", "15.3", "2022-11-30" },
    { "opensuse-leap", "15.4", "2023-11-30" },
    { "opensuse-leap", "15.5", "2024-12-31" },
    { "opensuse-leap", "15.6", "2025-12-31" },
    { "opensuse-leap", "16.0", "2027-10-31" },
    { "oracle", "5", "2017-12-31" },
    { "oracle", "6", "2021-03-21" },
    { "oracle", "7", "2024-12-31" },
    { "oracle", "8", "2029-07-18" },
    { "oracle", "9", "2032-07-18" },
    { "photon", "1.0", "2022-02-28" },
    { "photon", "2.0", "2022-12-31" },
    { "photon", "3.0", "2024-03-31" },
    { "photon", "4.0", "2026-03-31" },
    { "redhat", "5", "2020-11-30" },
    { "redhat", "6", "2024-06-30" },
    { "rocky", "8", "2029-05-31" },
    { "rocky", "9", "2032-05-31" },
    { "slem", "5.1", "2025-10-31" },
    { "slem", "5.2", "2026-04-30" },
    { "slem", "5.3", "2026-10-30" },
    { "slem", "5.4", "2027-04-30" },
    { "slem", "5.5", "2027-10-31" },
    { "slem", "6.0", "2028-06-30" },
    { "slem", "6.1", "2028-11-30" },
    { "sles", "12.4", "2020-06-30" },
    { "sles", "12.5", "2024-10-31" },
    { "sles", "15", "2019-12-31" },
    { "sles", "15.1", "2021-01-31" },
    { "sles", "15.2", "2021-12-31" },
    { "sles", "15.3", "2022-12-31" },
    { "sles", "15.4", "2023-12-31" },
    { "sles", "15.5", "2024-12-31" },
    { "sles", "15.6", "2025-12-31" },
    { "sles", "15.7", "2031-07-31" },
    { "sles", "16.0", "2027-11-30" },
    { "sles", "16.1", "2028-11-30" },
    { "ubuntu", "14.04", "2022-04-25" },
    { "ubuntu", "14.04-ESM", "2024-04-25" },
    { "ubuntu", "16.04", "2021-04-21" },
    { "ubuntu", "16.04-ESM", "2026-04-29" },
    { "ubuntu", "18.04", "2023-05-31" },
    { "ubuntu", "18.04-ESM", "2028-03-31" },
    { "ubuntu", "20.04", "2025-05-31" },
    { "ubuntu", "20.04-ESM", "2030-04-30" },
    { "ubuntu", "22.04", "2027-04-23" },
    { "ubuntu", "23.04", "2024-01-20" },
    { "ubuntu", "23.10", "2024-06-30" },
    { "ubuntu", "24.04", "2034-03-31" },
    { "ubuntu", "24.10", "2025-07-09" },
    { "ubuntu", "25.04", "2026-01-16" },
    { "ubuntu", "25.10", "2026-07-01" },
    { "ubuntu", "26.04", "2031-05-31" },
};

/* How many numbers of a release name the row: 1 for "12.5" -> "12". 0: all of it. */
static unsigned parts_of(struct str family)
{
    static const struct {
        const char *family;
        unsigned parts;
    } rows[] = {
        { "alma", 1 },   { "alpine", 2 }, { "amazon", 1 }, { "azurelinux", 2 }, { "cbl-mariner", 2 }, { "centos", 1 },
        { "debian", 1 }, { "oracle", 1 }, { "photon", 2 }, { "redhat", 1 },     { "rocky", 1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(family, rows[i].family)) return rows[i].parts;
    return 0;
}

static struct str release_key(struct str family, struct str release)
{
    struct str rest = release, first = str_word(&rest);
    unsigned parts = parts_of(family);
    if (!parts) return release;
    size_t end = 0;
    for (struct str left = first; left.data && parts; parts--) {
        struct str part = str_cut(&left, '.');
        end += part.size + (end ? 1 : 0);
    }
    first = str_to(first, end);
    /* Amazon Linux 1 names itself by year: "AMI release 2018.03". */
    if (str_is(family, "amazon") && !str_is(first, "2") && !str_is(first, "2022") && !str_is(first, "2023")) return STR("1");
    return first;
}

bool advisory_end_of_life(struct advisory_store *store, struct str family, struct str release, moment *end)
{
    struct str key = release_key(family, release);
    moment day;
    bool known = store && store->kind->end_of_life(store, family, key, &day);
    for (size_t i = 0; !known && i < sizeof ends / sizeof *ends; i++)
        if (str_is(family, ends[i].family) && str_is(key, ends[i].release)) known = clock_parse(str_of(ends[i].date), &day);
    if (known) *end = day + 86399 * SECOND;
    return known;
}
