/* dpkg: the list of installed packages (scan.md §6.1; deb-control(5), deb-version(7)). */
#include "scan/inventory/catalogue.h"

struct deb_version {
    struct str upstream, revision;
    int64_t epoch;
};

static bool all_of(struct str text, const char *extra)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && !(c && strchr(extra, c))) return false;
    }
    return true;
}

/* [epoch:]upstream[-revision]: epoch before the first colon, revision behind the last hyphen. */
static bool deb_version_parse(struct str text, struct deb_version *version)
{
    struct deb_version result = { 0 };
    ptrdiff_t colon = str_find(text, ':');
    if (colon >= 0) {
        uint64_t epoch;
        if (!str_to_u64(str_to(text, (size_t)colon), &epoch) || epoch > INT32_MAX) return false;
        result.epoch = (int64_t)epoch;
        text = str_from(text, (size_t)colon + 1);
    }
    ptrdiff_t hyphen = str_find_last(text, '-');
    result.upstream = hyphen >= 0 ? str_to(text, (size_t)hyphen) : text;
    if (hyphen >= 0) result.revision = str_from(text, (size_t)hyphen + 1);
    if (!result.upstream.size || result.upstream.data[0] < '0' || result.upstream.data[0] > '9') return false;
    if (!all_of(result.upstream, ".-+~:") || !all_of(result.revision, "+.~")) return false;
    *version = result;
    return true;
}

/* ---- third parties: their packages are not the distribution's to fix ---- */

static const char *const third_party_parts[] = {
    "@cloudflare.com",          "@datadoghq.com",
    "@hashicorp.com",           "@konghq.com",
    "@microsoft.com",           "@mongodb.com",
    "@nodesource.com",          "@nvidia.com",
    "@openrobotics.org",        "@osrfoundation.org",
    "Google Cloud CLI Authors", "contact@grafana.com",
    "dev@couchdb.apache.org",   "developers@lists.mariadb.org",
    "info@elastic.co",          "info@tailscale.com",
    "nginx-packaging@f5.com",   "sapmachine@sap.com",
    "support@docker.com",       "support@gitlab.com",
    "support@influxdb.com",
};

static const char *const third_party_names[] = { "GitHub", "HashiCorp" };

static struct str repository_class(struct str maintainer)
{
    for (size_t i = 0; i < sizeof third_party_parts / sizeof *third_party_parts; i++)
        if (str_contains(maintainer, third_party_parts[i])) return STR("third-party");
    for (size_t i = 0; i < sizeof third_party_names / sizeof *third_party_names; i++)
        if (str_is(maintainer, third_party_names[i])) return STR("third-party");
    return STR("official");
}

/* ---- one paragraph ---- */

/* dpkg takes a value for a C string. */
static struct str field(const stanza *fields, const char *name)
{
    struct str value = stanza_get(fields, name);
    return str_to(value, strnlen(value.data ? value.data : "", value.size));
}

enum presence {
    PRESENT,
    ABSENT,
    LEAVING /* to be removed, but still there */
};

/* Status: WANTED ERROR STATE. None means installed; "hold ok installed" and half-configured packages are there too. */
static enum presence presence_of(struct str status)
{
    bool unwanted = false;
    struct str state = { 0 };
    for (struct str word; (word = str_word(&status)).size; state = word)
        if (str_is(word, "deinstall") || str_is(word, "purge")) unwanted = true;
    if (!unwanted) return PRESENT;
    return str_is(state, "config-files") || str_is(state, "not-installed") ? ABSENT : LEAVING;
}

/* "glibc (2.36-9)": a version of its own in parentheses. */
static bool source_parse(struct arena *arena, struct str source, struct package *package, struct deb_version *version)
{
    ptrdiff_t open = str_find(source, '(');
    struct str name = str_trim(open >= 0 ? str_to(source, (size_t)open) : source);
    if (name.size) package->src_name = arena_str(arena, name);
    if (open < 0) return true;
    struct str text = str_from(source, (size_t)open + 1);
    ptrdiff_t close = str_find(text, ')');
    return deb_version_parse(str_trim(close >= 0 ? str_to(text, (size_t)close) : text), version);
}

/* "a (>= 1) | b, c:any": the names alone; dependencies_resolve drops those that are not installed. */
static void depends_parse(struct arena *arena, struct str depends, struct budget *budget, str_vector *names)
{
    while (depends.data && depends.size) {
        size_t end = 0;
        while (end < depends.size && depends.data[end] != ',' && depends.data[end] != '|')
            end++;
        struct str name = str_to(depends, end);
        depends = str_from(depends, end + 1);
        ptrdiff_t open = str_find(name, '(');
        name = str_trim(open >= 0 ? str_to(name, (size_t)open) : name);
        if (name.size && budget_name(budget, name.size)) *vector_push(arena, names) = arena_str(arena, name);
    }
}

static bool package_parse(struct arena *arena, const stanza *fields, struct budget *budget, struct package *package)
{
    struct deb_version binary, source;
    struct str version = field(fields, "Version");
    if (!deb_version_parse(version, &binary)) return false;
    package->name = arena_str(arena, field(fields, "Package"));
    package->src_name = package->name;
    source = binary;
    if (!source_parse(arena, field(fields, "Source"), package, &source)) return false;
    package->id = arena_strf(arena, "%.*s@%.*s", STR_ARG(package->name), STR_ARG(version));
    package->version = arena_str(arena, binary.upstream);
    package->release = arena_str(arena, binary.revision);
    package->epoch = binary.epoch;
    package->src_version = arena_str(arena, source.upstream);
    package->src_release = arena_str(arena, source.revision);
    package->src_epoch = source.epoch;
    package->arch = arena_str(arena, field(fields, "Architecture"));
    package->maintainer = arena_str(arena, field(fields, "Maintainer"));
    package->repository_class = repository_class(package->maintainer);
    package->analyzed_by = STR("dpkg");
    depends_parse(arena, field(fields, "Depends"), budget, &package->depends_on);
    return true;
}

static bool dpkg_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_dpkg);
    struct omissions invalid = { 0 }, leaving = { 0 };
    struct budget budget = { 0 };
    stanza fields = { 0 };
    for (size_t malformed = 0; stanza_next(arena, &content, &fields, &malformed); malformed = 0) {
        struct str name = field(&fields, "Package");
        struct package package = { 0 };
        if (malformed) { /* a paragraph with a line that is no field cannot be trusted (scan.md §6.1) */
            omissions_add(&invalid, name.size ? name : STR("a paragraph without a name"));
            continue;
        }
        if (!name.size || !field(&fields, "Version").size) continue;
        enum presence presence = presence_of(field(&fields, "Status"));
        if (presence == LEAVING) omissions_add(&leaving, name);
        if (presence != PRESENT) continue;
        if (!budget_package(&budget)) break;
        if (package_parse(arena, &fields, &budget, &package))
            *vector_push_moving(arena, &fragment->packages) = package;
        else
            omissions_add(&invalid, name);
    }
    return budget_report(&budget, error) &&
           omissions_report(&leaving, "dpkg-package-leaving",
                            "packages are marked for removal but still installed; they were left out, as Trivy leaves them",
                            error) &&
           omissions_report(&invalid, "dpkg-package-invalid", "packages whose paragraph or version is malformed were left out",
                            error);
}

/* status.d also holds the packages' file lists; in updates, files named by digits are what dpkg has not yet written into its
 * status file. */
static bool dpkg_accepts(struct str path)
{
    struct str name = path_base(path);
    if (!str_ends(path_folder(path), "/updates")) return !str_ends(name, ".md5sums") && !str_ends(name, ".list");
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] < '0' || name.data[i] > '9') return false;
    return true;
}

const struct cataloguer cataloguer_dpkg = {
    .name = "dpkg",
    .scope = SCOPE_OS,
    .paths = (const char *const[]){ "usr/lib/dpkg/status", "var/lib/dpkg/status", "var/lib/opkg/status", NULL },
    .under = (const char *const[]){ "var/lib/dpkg/status.d/", "var/lib/dpkg/updates/", NULL },
    .accepts = dpkg_accepts,
    .read = dpkg_read,
};

/* ---- digests of the packages' archives: var/lib/dpkg/available ---- */

static bool available_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_DIGESTS, path, &cataloguer_dpkg_available);
    struct budget budget = { 0 };
    stanza fields = { 0 };
    while (stanza_next(arena, &content, &fields, NULL)) {
        struct str name = stanza_get(&fields, "Package"), version = stanza_get(&fields, "Version"),
                   sum = stanza_get(&fields, "SHA256");
        uint8_t bytes[32];
        if (!name.size || !version.size || !hex_decode(sum, bytes, sizeof bytes)) continue;
        if (!budget_package(&budget)) break;
        struct package *package = vector_push_moving(arena, &fragment->packages);
        package->id = arena_strf(arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(version));
        package->arch = arena_str(arena, stanza_get(&fields, "Architecture"));
        package->digest = arena_strf(arena, "sha256:%.*s", STR_ARG(sum));
    }
    return budget_report(&budget, error);
}

const struct cataloguer cataloguer_dpkg_available = {
    .name = "dpkg-available",
    .scope = SCOPE_OS,
    .paths = (const char *const[]){ "var/lib/dpkg/available", NULL },
    .read = available_read,
};
