/* rpm: installed packages out of the headers of its database, whatever file holds them (scan.md §6.3). */
#include "scan/inventory/catalogue.h"
#include "scan/inventory/rpm_database.h"

/* ---- who built it: packages of others are not the distribution's to fix ---- */

static const char *const vendors[] = {
    "AlmaLinux",      "Amazon Linux", "Amazon.com", "CentOS", "CloudLinux", "Fedora Project", "Microsoft Corporation",
    "Oracle America", "Red Hat",      "Rocky",      "SUSE",   "VMware",     "openSUSE",
};

static bool is_official(struct str vendor, struct str release)
{
    if (!vendor.size) return str_contains(release, "amzn");
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++)
        if (str_starts(vendor, vendors[i])) return true;
    return false;
}

/* ---- one header → one package ---- */

struct rpm_reader {
    struct arena *arena;
    struct fragment *fragment;
    struct budget budget; /* folders are shared in the database, not here */
    size_t headers, damaged, files_omitted;
};

static struct str string_of(struct rpm_reader *reader, const struct rpm_header *header, enum rpm_tag tag)
{
    struct str text = rpm_header_string(header, tag);
    return str_is(text, "(none)") ? (struct str){ 0 } : arena_str(reader->arena, text);
}

static void names_copy(struct rpm_reader *reader, const struct rpm_header *header, enum rpm_tag tag, str_vector *names)
{
    struct rpm_strings list = rpm_header_strings(header, tag);
    for (struct str name; rpm_strings_next(&list, &name);)
        if (name.size && budget_name(&reader->budget, name.size))
            *vector_push(reader->arena, names) = arena_str(reader->arena, name);
}

static void file_add(struct rpm_reader *reader, struct package *package, struct str folder, struct str base)
{
    struct str path;
    if (folder.size + base.size > LAYER_PATH_LIMIT) {
        reader->files_omitted++;
        return;
    }
    if (!budget_name(&reader->budget, folder.size + base.size)) return;
    char *text = arena_alloc(reader->arena, folder.size + base.size + 1);
    if (folder.size) memcpy(text, folder.data, folder.size);
    if (base.size) memcpy(text + folder.size, base.data, base.size);
    if (owned_path_clean(str_make(text, folder.size + base.size), &path))
        *vector_push(reader->arena, &package->installed_files) = path;
    else
        reader->files_omitted++;
}

/* File i lies in folder DIRINDEXES[i]; very old headers have whole names. */
static void files_read(struct rpm_reader *reader, const struct rpm_header *header, struct package *package)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    str_vector folders = { 0 };
    struct rpm_strings names = rpm_header_strings(header, RPM_DIRNAMES);
    for (struct str name; rpm_strings_next(&names, &name);)
        *vector_push(scratch, &folders) = name;
    names = rpm_header_strings(header, RPM_BASENAMES);
    struct str name;
    for (uint32_t i = 0, folder; rpm_strings_next(&names, &name); i++) {
        if (rpm_header_int(header, RPM_DIRINDEXES, i, &folder) && folder < folders.count)
            file_add(reader, package, folders.items[folder], name);
        else
            reader->files_omitted++;
    }
    names = rpm_header_strings(header, RPM_OLDFILENAMES);
    while (rpm_strings_next(&names, &name))
        file_add(reader, package, (struct str){ 0 }, name);
}

static void identity_read(struct rpm_reader *reader, const struct rpm_header *header, struct package *package)
{
    uint32_t epoch = 0;
    rpm_header_int(header, RPM_EPOCH, 0, &epoch);
    package->name = string_of(reader, header, RPM_NAME);
    package->version = string_of(reader, header, RPM_VERSION);
    package->release = string_of(reader, header, RPM_RELEASE);
    package->epoch = epoch;
    package->arch = string_of(reader, header, RPM_ARCH);
    package->id = arena_strf(reader->arena, "%.*s@%.*s-%.*s.%.*s", STR_ARG(package->name), STR_ARG(package->version),
                             STR_ARG(package->release), STR_ARG(package->arch));
    if (!package->arch.size) package->arch = STR("None"); /* public keys have none */
}

static void package_read(struct rpm_reader *reader, const struct rpm_header *header, struct package *package)
{
    identity_read(reader, header, package);
    package->maintainer = string_of(reader, header, RPM_VENDOR);
    package->modularity_label = string_of(reader, header, RPM_MODULARITYLABEL);
    rpm_source_set(reader->arena, rpm_header_string(header, RPM_SOURCERPM), package);
    struct str licence = string_of(reader, header, RPM_LICENSE), sum = rpm_header_binary(header, RPM_SIGMD5);
    if (licence.size) *vector_push(reader->arena, &package->licenses) = licence;
    char hex[33];
    if (sum.size == 16) package->digest = arena_strf(reader->arena, "md5:%s", hex_encode((const uint8_t *)sum.data, 16, hex));
    names_copy(reader, header, RPM_PROVIDENAME, &package->provides);
    names_copy(reader, header, RPM_REQUIRENAME, &package->depends_on);
    bool official = is_official(package->maintainer, package->release);
    package->repository_class = official ? STR("official") : STR("third-party");
    if (official) files_read(reader, header, package);
    package->analyzed_by = STR("rpm");
}

static void header_visit(void *context, struct str blob)
{
    struct rpm_reader *reader = context;
    struct rpm_header header;
    reader->headers++;
    if (!budget_package(&reader->budget)) return;
    if (rpm_header_parse(blob, &header))
        package_read(reader, &header, vector_push_moving(reader->arena, &reader->fragment->packages));
    else
        reader->damaged++;
}

/* ---- the file ---- */

bool rpm_database_each(struct str file, struct str log, rpm_visitor *visit, void *context, struct error *error)
{
    if (str_starts(file, "RpmP")) return rpm_ndb_each(file, visit, context, error);
    if (file.size >= 16 && memcmp(file.data, "SQLite format 3", 16) == 0)
        return rpm_sqlite_each(file, log, visit, context, error);
    if (file.size >= 16 && (bytes_u32le(file.data + 12) == 0x00061561 || bytes_u32be(file.data + 12) == 0x00061561))
        return rpm_bdb_each(file, visit, context, error);
    return error_set(error, ERROR_INVALID, "rpm-database-unknown",
                     file.size ? "no database of RPM: neither Berkeley DB, NDB nor SQLite"
                               : "the database of RPM is an empty file");
}

static bool database_read(struct arena *arena, struct str path, struct str content, struct str log, fragment_vector *out,
                          struct error *error)
{
    struct rpm_reader reader = { .arena = arena,
                                 .fragment = fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_rpm) };
    if (!rpm_database_each(content, log, header_visit, &reader, error)) return false;
    if (!budget_report(&reader.budget, error)) return false;
    if (reader.damaged)
        return error_set(error, ERROR_INVALID, "rpm-header-damaged", "%zu of %zu packages of RPM's database could not be read",
                         reader.damaged, reader.headers);
    if (reader.files_omitted)
        return error_set(error, ERROR_INVALID, "rpm-files-omitted",
                         "%zu files of RPM packages have no clean path and were left out", reader.files_omitted);
    return true;
}

/* A rollback journal whose header was not wiped: what the database's pages were before a transaction that never ended (SQLite
 * "Database File Format" §3). RPM itself writes logs instead; this is another hand's. */
static bool journal_read(struct str content, struct error *error)
{
    if (!str_starts(content, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")) return true;
    error_set(error, ERROR_UNSUPPORTED, "rpm-journal-pending",
              "RPM's database was left in the middle of a transaction: packages may be missing or only half there");
    return error_hint(error, "let RPM take it back before the image is built: rpm --rebuilddb");
}

static bool rpm_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    if (str_ends(path, "-journal")) return journal_read(content, error);
    return database_read(arena, path, content, (struct str){ 0 }, out, error);
}

/* A write-ahead log holds pages that are newer than the database's own. Without a page it says nothing. */
static bool rpm_read_log(struct arena *arena, struct str path, struct str log, const struct str *database, fragment_vector *out,
                         struct error *error)
{
    if (log.size <= 32) return true;
    if (database) return database_read(arena, path, *database, log, out, error);
    error_set(error, ERROR_UNSUPPORTED, "rpm-wal-pending",
              "a write-ahead log of RPM's database lies in another layer than the database: packages may be missing or old");
    return error_hint(error, "write it back in the same step of the build: rpm --rebuilddb");
}

const struct cataloguer cataloguer_rpm = {
    .name = "rpm",
    .scope = SCOPE_OS,
    .paths = (const char *const[]){ "usr/lib/sysimage/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db",
                                    "usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite-journal",
                                    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal", "usr/share/rpm/rpmdb.sqlite",
                                    "usr/share/rpm/rpmdb.sqlite-journal", "usr/share/rpm/rpmdb.sqlite-wal",
                                    "var/lib/rpm/Packages", "var/lib/rpm/Packages.db", "var/lib/rpm/rpmdb.sqlite",
                                    "var/lib/rpm/rpmdb.sqlite-journal", "var/lib/rpm/rpmdb.sqlite-wal", NULL },
    .read = rpm_read,
    .companion = "-wal",
    .read_companion = rpm_read_log,
};
