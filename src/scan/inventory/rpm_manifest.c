/* rpm: the list of packages in images without a database, Azure Linux's and Mariner's "distroless" (scan.md §6.4). */
#include "scan/inventory/catalogue.h"

enum column {
    NAME,
    VERSION_RELEASE,
    INSTALL_TIME,
    BUILD_TIME,
    VENDOR,
    UNUSED,
    SIZE,
    ARCH,
    EPOCH,
    SOURCE_RPM,
    COLUMNS
};

static bool columns_split(struct str line, struct str columns[COLUMNS])
{
    size_t count = 0;
    for (struct str rest = line; rest.data;) {
        struct str column = str_cut(&rest, '\t');
        if (count == COLUMNS) return false;
        columns[count++] = column;
    }
    return count == COLUMNS;
}

static bool version_split(struct str text, struct str *version, struct str *release)
{
    ptrdiff_t hyphen = str_find(text, '-');
    if (hyphen <= 0 || hyphen != str_find_last(text, '-')) return false;
    *version = str_to(text, (size_t)hyphen);
    *release = str_from(text, (size_t)hyphen + 1);
    return true;
}

static bool rpm_manifest_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                              struct error *error)
{
    package_vector packages = { 0 };
    struct budget budget = { 0 };
    for (size_t number = 1; content.data; number++) {
        struct str line = str_line(&content), columns[COLUMNS], version, release;
        if (!line.size) continue;
        if (!budget_package(&budget)) break;
        if (!columns_split(line, columns) || !columns[NAME].size ||
            !version_split(columns[VERSION_RELEASE], &version, &release))
            return error_set(error, ERROR_INVALID, "rpm-manifest-invalid",
                             "line %zu is no row of %d columns with NAME and VERSION-RELEASE", number, COLUMNS);
        struct package *package = vector_push(arena, &packages);
        uint64_t epoch = 0;
        str_to_u64(columns[EPOCH], &epoch);
        package->name = arena_str(arena, columns[NAME]);
        package->version = arena_str(arena, version);
        package->release = arena_str(arena, release);
        package->epoch = (int64_t)(epoch & INT32_MAX);
        package->arch = arena_str(arena, columns[ARCH]);
        package->analyzed_by = str_of(cataloguer_rpm_manifest.name);
        rpm_source_set(arena, columns[SOURCE_RPM], package);
    }
    fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_rpm_manifest)->packages = packages;
    return budget_report(&budget, error);
}

const struct cataloguer cataloguer_rpm_manifest = {
    .name = "rpmqa",
    .scope = SCOPE_OS,
    .paths = (const char *const[]){ "var/lib/rpmmanifest/container-manifest-2", NULL },
    .read = rpm_manifest_read,
};
