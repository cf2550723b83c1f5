/* Red Hat Enterprise Linux and CentOS: records hold entries by CPE (scan.md §7, "Red Hat"). */
#include "scan/advisory/match.h"

static bool add_cpes(struct matching *matching, const char *kind, struct str key, number_vector *numbers)
{
    return advisory_store_cpes(matching->store, matching->arena, kind, key, numbers, matching->error);
}

/* "rhel-8-for-x86_64-baseos-rpms__8" loses "__8"; "…__8_DOT_6" stays. */
static struct str without_digits_suffix(struct str set)
{
    size_t end = set.size;
    while (end && set.data[end - 1] >= '0' && set.data[end - 1] <= '9')
        end--;
    return end < set.size && end >= 2 && set.data[end - 1] == '_' && set.data[end - 2] == '_' ? str_to(set, end - 2) : set;
}

static bool default_cpes(struct matching *matching, number_vector *numbers)
{
    static const struct {
        const char *major, *sets[2];
    } defaults[] = {
        { "6", { "rhel-6-server-rpms", "rhel-6-server-extras-rpms" } },
        { "7", { "rhel-7-server-rpms", "rhel-7-server-extras-rpms" } },
        { "8", { "rhel-8-for-x86_64-baseos-rpms", "rhel-8-for-x86_64-appstream-rpms" } },
        { "9", { "rhel-9-for-x86_64-baseos-rpms", "rhel-9-for-x86_64-appstream-rpms" } },
        { "10", { "rhel-10-for-x86_64-baseos-rpms", "rhel-10-for-x86_64-appstream-rpms" } },
    };
    struct str rest = matching->inventory->os.name, major = str_cut(&rest, '.');
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        for (size_t j = 0; j < 2 && str_is(major, defaults[i].major); j++)
            if (!add_cpes(matching, "repository", str_of(defaults[i].sets[j]), numbers)) return false;
    return true;
}

static bool package_cpes(struct matching *matching, const struct package *package, number_vector *numbers)
{
    for (size_t i = 0; i < package->content_sets.count; i++)
        if (!add_cpes(matching, "repository", without_digits_suffix(package->content_sets.items[i]), numbers)) return false;
    if (package->nvr.size) {
        struct str key = arena_strf(matching->arena, "%.*s-%.*s", STR_ARG(package->nvr), STR_ARG(package->build_arch));
        if (!add_cpes(matching, "nvr", key, numbers)) return false;
    }
    if (numbers->count) return true;
    if ((package->content_sets.count || package->nvr.size) && !matching->noted_default_sets) {
        matching->noted_default_sets = true;
        match_note(matching, "content-sets-unknown",
                   package->content_sets.count ? package->content_sets.items[0] : package->nvr,
                   "the image's content sets are not in the database: judged by the default repositories of the release");
    }
    if (!default_cpes(matching, numbers)) return false;
    if (!numbers->count && !matching->noted_no_products) {
        matching->noted_no_products = true;
        match_note(matching, "products-unknown", matching->inventory->os.name,
                   "the database does not know the repositories of Red Hat Enterprise Linux %.*s: its packages were not judged",
                   STR_ARG(matching->inventory->os.name));
    }
    return true;
}

static bool shares_number(yyjson_val *affected, const number_vector *numbers)
{
    JSON_EACH (item, affected)
        for (size_t i = 0; i < numbers->count; i++)
            if (yyjson_get_sint(item) == numbers->items[i]) return true;
    return false;
}

static bool arch_fits(yyjson_val *arches, struct str arch)
{
    if (!yyjson_arr_size(arches) || str_is(arch, "noarch")) return true;
    JSON_EACH (item, arches)
        if (str_equal(json_value_str(item), arch)) return true;
    return false;
}

/* One advisory a CVE of the entry, kept when its fix is higher than what another record gave. */
static void keep_highest(struct matching *matching, struct map *by_id, const struct advisory *record, yyjson_val *entry,
                         yyjson_val *cve)
{
    struct advisory one = {
        .id = json_str(cve, "ID").size ? json_str(cve, "ID") : record->id,
        .fixed_version = json_str(entry, "FixedVersion"),
        .severity = record_severity(json_int(cve, "Severity", 0)),
        .status = record_status(json_int(entry, "Status", 0)),
        .vendor_status = json_str(entry, "VendorStatus"),
    };
    if (one.status == STATUS_NOT_AFFECTED) return;
    one.has_severity = one.severity != SEVERITY_UNKNOWN;
    if (!str_starts(record->id, "CVE-")) *vector_push(matching->arena, &one.vendor_ids) = record->id;
    struct advisory *kept = map_get(by_id, one.id);
    int sign;
    if (kept && one.fixed_version.size == 0) return;
    if (kept && kept->fixed_version.size &&
        (!version_compare(&version_rpm, kept->fixed_version, one.fixed_version, &sign) || sign >= 0))
        return;
    if (!kept) kept = arena_alloc(matching->arena, sizeof *kept);
    *kept = one;
    map_set(by_id, one.id, kept);
}

/* Records under the package's own name and, in our database, what Red Hat says of its source (feed/redhat_vex.c). */
static bool find_records(struct matching *matching, const struct package *package, struct str bucket, struct str key,
                         advisory_vector *records)
{
    struct arena *arena = matching->arena;
    if (!advisory_store_get(matching->store, arena, bucket, key, records, matching->error)) return false;
    if (advisory_store_is_trivy(matching->store) || str_equal(match_source_name(package), package->name)) return true;
    struct str source = arena_strf(arena, "source:%.*s", STR_ARG(package->src_name));
    return advisory_store_get(matching->store, arena, bucket, match_module_key(arena, package, source), records,
                              matching->error);
}

bool match_redhat(struct matching *matching, const struct family *family, const struct package *package)
{
    number_vector numbers = { 0 };
    advisory_vector records = { 0 };
    struct str bucket = STR("Red Hat"), key = match_key(matching, family, package);
    if (!package_cpes(matching, package, &numbers)) return false;
    if (!find_records(matching, package, bucket, key, &records)) return false;
    if (!records.count) return true;

    struct map *by_id = map_new(matching->arena);
    bool of_release = false;
    for (size_t i = 0; i < records.count; i++)
        JSON_EACH (entry, records.items[i].entries) {
            if (!shares_number(json_get(entry, "Affected"), &numbers) || !arch_fits(json_get(entry, "Arches"), package->arch))
                continue;
            of_release = true;
            JSON_EACH (cve, json_get(entry, "Cves"))
                keep_highest(matching, by_id, &records.items[i], entry, cve);
        }
    *(of_release ? &matching->of_release : &matching->of_others) += 1;

    struct str installed = match_binary_version(matching->arena, package);
    void *value;
    for (size_t position = 0; map_next(by_id, &position, NULL, &value);) {
        const struct advisory *one = value;
        int sign = -1;
        if (one->fixed_version.size && !version_compare(&version_rpm, installed, one->fixed_version, &sign)) {
            match_note(matching, "version-unparsable", one->id,
                       "\"%.*s\" against \"%.*s\" (%.*s) cannot be compared: not judged", STR_ARG(installed),
                       STR_ARG(one->fixed_version), STR_ARG(one->id));
            continue;
        }
        struct comparison comparison = { package, one, bucket, key, installed, &version_rpm };
        match_explain(matching, &comparison, sign < 0,
                      sign < 0 ? "the installed version is below the fix" : "the installed version has the fix");
        if (sign >= 0) continue;
        struct finding *finding = match_add(matching, &comparison);
        finding->has_package_severity = true; /* the package's own severity decides, also when it is unknown */
        finding->package_severity_source = STR("redhat");
    }
    return true;
}
