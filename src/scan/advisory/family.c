/* The table of distributions (scan.md §7). One row a family, sorted by name. */
#include "scan/advisory/match.h"
#include "scan/advisory/release.h"

static struct str os_name(struct matching *matching) { return matching->inventory->os.name; }

static struct str major_of(struct str release)
{
    ptrdiff_t dot = str_find(release, '.');
    return dot < 0 ? release : str_to(release, (size_t)dot);
}

/* "3.19.1" -> "3.19", "3.22.0_alpha20250108" -> "3.22" */
static struct str major_minor_of(struct str release)
{
    struct str rest = release, major = str_cut(&rest, '.'), minor = rest.data ? str_cut(&rest, '.') : rest;
    return minor.data ? str_to(release, major.size + 1 + minor.size) : major;
}

static struct str alpine_bucket(struct matching *matching)
{
    struct str release = matching->inventory->repository_release;
    if (!release.size)
        release = str_contains(os_name(matching), "_alpha") && !str_starts(os_name(matching), "3.")
                      ? STR("edge")
                      : major_minor_of(os_name(matching));
    return arena_strf(matching->arena, "alpine %.*s", STR_ARG(release));
}

/* Testing and unstable name themselves by a codename ("trixie/sid") instead of a number. */
static struct str debian_bucket(struct matching *matching)
{
    struct str name = os_name(matching), rest = name, first = str_cut(&rest, '/');
    struct str bucket = release_debian_bucket(name.size ? first : matching->inventory->os.codename);
    return bucket.size ? bucket : arena_strf(matching->arena, "debian %.*s", STR_ARG(major_of(name)));
}

/* With extended maintenance on: the release's own ESM data where there is such a date, the plain release while it lives. */
static struct str ubuntu_bucket(struct matching *matching)
{
    struct str name = os_name(matching);
    if (!matching->inventory->os.extended) return arena_strf(matching->arena, "ubuntu %.*s", STR_ARG(name));
    moment end;
    struct str extended = arena_strf(matching->arena, "%.*s-ESM", STR_ARG(name));
    bool has_extended = advisory_end_of_life(matching->store, STR("ubuntu"), extended, &end);
    if (!has_extended && advisory_end_of_life(matching->store, STR("ubuntu"), name, &end) && matching->options->now < end)
        return arena_strf(matching->arena, "ubuntu %.*s", STR_ARG(name));
    return arena_strf(matching->arena, "ubuntu %.*s", STR_ARG(extended));
}

static struct str amazon_bucket(struct matching *matching)
{
    struct str rest = os_name(matching), major = major_of(str_word(&rest));
    bool known = str_is(major, "2") || str_is(major, "2022") || str_is(major, "2023");
    return arena_strf(matching->arena, "amazon linux %.*s", STR_ARG(known ? major : STR("1")));
}

/* ---- entries ---- */

static bool arch_fits(const struct package *package, yyjson_val *entry)
{
    JSON_EACH (arch, json_get(entry, "Arches"))
        if (str_equal(json_value_str(arch), package->arch)) return true;
    return false;
}

/* Oracle builds one package in flavours whose versions must not be compared with each other. */
static struct str oracle_flavour(struct str version)
{
    char lower[256];
    if (version.size > sizeof lower) return STR("");
    str_lower_into(version, lower);
    if (str_ends(str_make(lower, version.size), "_fips")) return STR("fips");
    for (struct str rest = version; rest.data;)
        if (str_starts(str_cut(&rest, '.'), "ksplice")) return STR("ksplice");
    return STR("");
}

static bool oracle_entry_fits(const struct package *package, yyjson_val *entry)
{
    yyjson_val *arches = json_get(entry, "Arches");
    if (yyjson_arr_size(arches) && !arch_fits(package, entry)) return false;
    return str_equal(oracle_flavour(json_str(entry, "FixedVersion")), oracle_flavour(package->release));
}

/* Packages of a module without its label cannot be told from the plain ones. */
static bool alma_skip(struct matching *matching, const struct package *package)
{
    if (!str_contains(package->release, ".module_el") || package->modularity_label.size) return false;
    match_note(matching, "module-unlabelled", package->name,
               "%.*s comes from a module, but its package database has no module label: not judged", STR_ARG(package->id));
    return true;
}

static const struct family families[] = {
    { "alma", "alma", RELEASE_MAJOR, KEY_MODULE, VERSION_OF_BINARY, &version_rpm, .skip = alma_skip },
    { "alpine", "alpine", RELEASE_OWN, KEY_SOURCE, VERSION_OF_SOURCE, &version_apk, .unfixed = true,
      .bucket_of = alpine_bucket },
    { "amazon", "amazon linux", RELEASE_OWN, KEY_BINARY, VERSION_OF_BINARY, &version_rpm, .bucket_of = amazon_bucket },
    { "azurelinux", "Azure Linux", RELEASE_MINOR, KEY_SOURCE, VERSION_OF_SOURCE, &version_rpm, .unfixed = true,
      .plain_epoch = true },
    { "bottlerocket", "bottlerocket", RELEASE_NONE, KEY_BINARY, VERSION_OF_BINARY, &version_rpm },
    { "cbl-mariner", "CBL-Mariner", RELEASE_MINOR, KEY_SOURCE, VERSION_OF_SOURCE, &version_rpm, .unfixed = true,
      .plain_epoch = true },
    { "centos", "Red Hat", RELEASE_NONE, KEY_MODULE, VERSION_OF_BINARY, &version_rpm, .unfixed = true,
      .severity_source = "redhat", .match = match_redhat },
    { "chainguard", "chainguard", RELEASE_NONE, KEY_SOURCE, VERSION_OF_BINARY, &version_apk },
    { "debian", "debian", RELEASE_OWN, KEY_SOURCE, VERSION_OF_SOURCE, &version_deb, .unfixed = true,
      .severity_source = "debian", .support = "debian-support", .bucket_of = debian_bucket },
    { "echo", "echo", RELEASE_NONE, KEY_SOURCE, VERSION_OF_SOURCE, &version_deb, .unfixed = true, .third_party = true,
      .source_shown = true, .severity_source = "echo" },
    { "minimos", "minimos", RELEASE_NONE, KEY_SOURCE, VERSION_OF_BINARY, &version_apk },
    { "opensuse-leap", "openSUSE Leap", RELEASE_WHOLE, KEY_BINARY, VERSION_OF_BINARY, &version_rpm, .unfixed = true },
    { "opensuse-tumbleweed", "openSUSE Tumbleweed", RELEASE_NONE, KEY_BINARY, VERSION_OF_BINARY, &version_rpm,
      .unfixed = true },
    { "oracle", "Oracle Linux", RELEASE_MAJOR, KEY_BINARY, VERSION_OF_BINARY, &version_rpm, .entry_fits = oracle_entry_fits,
      .own_modules = true },
    { "photon", "Photon OS", RELEASE_WHOLE, KEY_SOURCE, VERSION_OF_BINARY, &version_rpm, .unfixed = true },
    { "redhat", "Red Hat", RELEASE_NONE, KEY_MODULE, VERSION_OF_BINARY, &version_rpm, .unfixed = true,
      .severity_source = "redhat", .match = match_redhat },
    { "rocky", "rocky", RELEASE_MAJOR, KEY_MODULE, VERSION_OF_BINARY, &version_rpm, .entry_fits = arch_fits },
    { "slem", "SUSE Linux Enterprise Micro", RELEASE_WHOLE, KEY_BINARY, VERSION_OF_BINARY, &version_rpm, .unfixed = true },
    { "sles", "SUSE Linux Enterprise", RELEASE_WHOLE, KEY_BINARY, VERSION_OF_BINARY, &version_rpm, .unfixed = true },
    { "ubuntu", "ubuntu", RELEASE_OWN, KEY_SOURCE, VERSION_OF_SOURCE, &version_deb, .unfixed = true,
      .severity_source = "ubuntu", .bucket_of = ubuntu_bucket },
    { "wolfi", "wolfi", RELEASE_NONE, KEY_SOURCE, VERSION_OF_BINARY, &version_apk },
};

struct str family_bucket(const struct family *family, struct matching *matching)
{
    struct str name = os_name(matching);
    switch (family->release) {
    case RELEASE_NONE: return str_of(family->bucket);
    case RELEASE_OWN: return family->bucket_of(matching);
    case RELEASE_MAJOR: name = major_of(name); break;
    case RELEASE_MINOR: name = major_minor_of(name); break;
    case RELEASE_WHOLE: break;
    }
    return arena_strf(matching->arena, "%s %.*s", family->bucket, STR_ARG(name));
}

const struct family *family_find(struct str name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (str_is(name, families[i].name)) return &families[i];
    return NULL;
}
