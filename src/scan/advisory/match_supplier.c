/* Suppliers that rebuild single packages of a distribution and publish ranges of their own: root.io and Seal (scan.md §7). */
#include "scan/advisory/match.h"

static bool in_list(struct str family, const char *const *list)
{
    for (; *list; list++)
        if (str_is(family, *list)) return true;
    return false;
}

static bool digits_at(struct str text, size_t at, size_t count)
{
    if (at + count > text.size) return false;
    for (size_t i = 0; i < count; i++)
        if (text.data[at + i] < '0' || text.data[at + i] > '9') return false;
    return true;
}

/* root.io marks its builds: ".root.io" in deb versions, "-rN007N" in apk's. */
static bool is_rootio(const struct inventory *inventory, const struct package *package)
{
    struct str release = package->release.size ? package->release : package->version;
    if (!str_is(inventory->os.family, "alpine"))
        return str_contains(release, ".root.io") || str_contains(package->version, ".root.io");
    for (size_t i = 0; i + 7 <= package->version.size; i++)
        if (memcmp(package->version.data + i, "-r", 2) == 0 && digits_at(package->version, i + 2, 1) &&
            memcmp(package->version.data + i + 3, "007", 3) == 0 && digits_at(package->version, i + 6, 1))
            return true;
    return false;
}

bool advisory_is_rebuilt(const struct inventory *inventory)
{
    static const char *const families[] = { "alpine", "debian", "ubuntu", NULL };
    for (size_t i = 0; in_list(inventory->os.family, families) && i < inventory->applications.count; i++)
        for (size_t j = 0; inventory->applications.items[i].os_packages && j < inventory->applications.items[i].packages.count;
             j++)
            if (is_rootio(inventory, inventory->applications.items[i].packages.items[j])) return true;
    return false;
}

/* Index of the first range that holds the version; -1 none. An empty list always holds. */
static ptrdiff_t range_holding(const struct version_order *order, const struct advisory *advisory, struct str installed)
{
    for (size_t i = 0; i < advisory->vulnerable.count; i++) {
        bool inside;
        if (version_satisfies(order, installed, advisory->vulnerable.items[i], &inside) && inside) return (ptrdiff_t)i;
    }
    return advisory->vulnerable.count ? -1 : 0;
}

static struct finding *add_ranged(struct matching *matching, const struct comparison *comparison, ptrdiff_t range,
                                  const char *severity_source)
{
    struct finding *finding = match_add(matching, comparison);
    const struct advisory *one = comparison->advisory;
    if ((size_t)range < one->vulnerable.count) finding->range = one->vulnerable.items[range];
    if (finding->has_package_severity) finding->package_severity_source = str_of(severity_source);
    return finding;
}

static const char in_range[] = "the installed version is in a range that the supplier calls affected",
                  in_no_range[] = "the installed version is in no range that the supplier calls affected";

static bool has_record(const advisory_vector *records, struct str id)
{
    for (size_t i = 0; i < records->count; i++)
        if (str_equal(records->items[i].id, id)) return true;
    return false;
}

/* A record of the base distribution, unless root.io has one of its own. Where the fault came into the distribution's versions
 * says nothing of a rebuild, which takes over single changes of later ones. */
static void judge_base(struct matching *matching, const struct family *family, struct comparison *comparison,
                       const advisory_vector *own_records)
{
    struct advisory one = *comparison->advisory;
    if (has_record(own_records, one.id)) {
        match_explain(matching, comparison, false, "root.io, which rebuilt the package, has a record of its own");
        return;
    }
    one.affected_version = (struct str){ 0 };
    comparison->advisory = &one;
    if (!match_judge(matching, family, comparison)) return;
    one.status = STATUS_UNKNOWN; /* the distribution's plans do not bind the rebuilder */
    struct finding *finding = match_add(matching, comparison);
    if (finding->has_package_severity && family->severity_source)
        finding->package_severity_source = str_of(family->severity_source);
}

/* The base distribution's records, less those that root.io speaks of, then root.io's. */
bool match_rootio(struct matching *matching, const struct family *family, const struct package *package)
{
    struct str key = match_key(matching, family, package), base = family_bucket(family, matching);
    struct str own = arena_strf(matching->arena, "root.io %.*s", STR_ARG(base));
    struct str installed = match_source_version(matching->arena, package);
    advisory_vector base_records = { 0 }, own_records = { 0 };
    if (!advisory_store_get(matching->store, matching->arena, base, key, &base_records, matching->error) ||
        !advisory_store_get(matching->store, matching->arena, own, key, &own_records, matching->error))
        return false;
    if (base_records.count + own_records.count && !match_readable(matching, family, package, installed)) return true;
    for (size_t i = 0; i < base_records.count; i++)
        judge_base(matching, family,
                   &(struct comparison){ package, &base_records.items[i], base, key, installed, family->order }, &own_records);
    for (size_t i = 0; i < own_records.count; i++) {
        struct advisory one = own_records.items[i];
        ptrdiff_t range = range_holding(family->order, &one, installed);
        one.fixed_version = str_join(matching->arena, &one.patched, ", ");
        struct comparison comparison = { package, &one, own, key, installed, family->order };
        match_explain(matching, &comparison, range >= 0, range >= 0 ? in_range : in_no_range);
        if (range >= 0) add_ranged(matching, &comparison, range, "rootio");
    }
    return true;
}

bool match_is_seal(const struct matching *matching, const struct package *package)
{
    static const char *const families[] = { "alpine", "cbl-mariner", "centos", "debian", "oracle", "redhat", "ubuntu", NULL };
    return in_list(matching->inventory->os.family, families) &&
           (str_starts(package->name, "seal-") || str_starts(package->src_name, "seal-"));
}

static struct str seal_bucket(struct matching *matching, const struct package *package)
{
    struct str family = matching->inventory->os.family;
    if (str_is(family, "alpine")) return STR("seal alpine");
    if (str_is(family, "debian") || str_is(family, "ubuntu")) return STR("seal debian");
    ptrdiff_t el = str_find_text(package->release, STR("el"));
    if (el < 0) return STR("seal Red Hat");
    struct str number = str_from(package->release, (size_t)el + 2);
    size_t end = 0;
    while (end < number.size && number.data[end] != '_' && number.data[end] != '+')
        end++;
    return arena_strf(matching->arena, "seal Red Hat %.*s", STR_ARG(str_to(number, end)));
}

bool match_seal(struct matching *matching, const struct family *family, const struct package *package)
{
    struct str key = match_source_name(package), bucket = seal_bucket(matching, package);
    struct str installed = match_source_version(matching->arena, package);
    advisory_vector records = { 0 };
    if (!advisory_store_get(matching->store, matching->arena, bucket, key, &records, matching->error)) return false;
    for (size_t i = 0; i < records.count; i++) {
        struct advisory one = records.items[i];
        struct comparison comparison = { package, &one, bucket, key, installed, family->order };
        if (range_holding(family->order, &one, installed) < 0) match_explain(matching, &comparison, false, in_no_range);
        for (size_t j = 0; j < (one.vulnerable.count ? one.vulnerable.count : 1); j++) {
            bool inside = true;
            if (one.vulnerable.count &&
                (!version_satisfies(family->order, installed, one.vulnerable.items[j], &inside) || !inside))
                continue;
            one.fixed_version = j < one.patched.count ? one.patched.items[j] : (struct str){ 0 };
            match_explain(matching, &comparison, true, in_range);
            struct finding *finding = add_ranged(matching, &comparison, (ptrdiff_t)j, "seal");
            if (finding->has_package_severity && finding->source.base_id.size)
                finding->package_severity_source = finding->source.base_id;
        }
    }
    return true;
}
