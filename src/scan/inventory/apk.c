/* apk: the database of installed packages (scan.md §6.2; apk-installed(5)). */
#include "scan/inventory/catalogue.h"

/* ---- versions: digits{.digits}[letter]{_suffix[digits]}[~hash][-r digits] (apk-package(5)) ---- */

static size_t span(struct str text, size_t from, const char *set)
{
    size_t at = from;
    while (at < text.size && text.data[at] && strchr(set, text.data[at]))
        at++;
    return at - from;
}

static size_t suffix_span(struct str text, size_t from)
{
    static const char *const words[] = { "_alpha", "_beta", "_pre", "_rc", "_cvs", "_svn", "_git", "_hg", "_p" };
    struct str rest = str_from(text, from);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts(rest, words[i])) return strlen(words[i]) + span(text, from + strlen(words[i]), "0123456789");
    return 0;
}

static bool apk_version_valid(struct str text)
{
    static const char digits[] = "0123456789";
    size_t at = span(text, 0, digits), size;
    if (!at) return false;
    while (at < text.size && text.data[at] == '.' && (size = span(text, at + 1, digits)))
        at += 1 + size;
    if (at < text.size && text.data[at] >= 'a' && text.data[at] <= 'z') at++;
    while ((size = suffix_span(text, at)))
        at += size;
    if (at < text.size && text.data[at] == '~' && (size = span(text, at + 1, "0123456789abcdef"))) at += 1 + size;
    if (str_starts(str_from(text, at), "-r") && (size = span(text, at + 2, digits))) at += 2 + size;
    return at == text.size;
}

/* ---- lines of a record ---- */

struct apk_record {
    struct arena *arena;
    struct package package;
    struct str folder; /* of the files that follow */
    bool version_invalid;
    struct omissions *paths;
    struct budget *budget;
};

static void name_read(struct apk_record *record, struct str value) { record->package.name = arena_str(record->arena, value); }
static void arch_read(struct apk_record *record, struct str value) { record->package.arch = arena_str(record->arena, value); }
static void origin_read(struct apk_record *record, struct str value)
{
    record->package.src_name = arena_str(record->arena, value);
}
static void maintainer_read(struct apk_record *record, struct str value)
{
    record->package.maintainer = arena_str(record->arena, value);
}

static void version_read(struct apk_record *record, struct str value)
{
    record->version_invalid = !apk_version_valid(value);
    record->package.version = arena_str(record->arena, value);
}

/* "MIT BSD GPL2+", "( Apache-2.0 OR MIT ) AND MPL-2.0", "MPL 2.0": words, in no strict syntax. */
static void licence_read(struct apk_record *record, struct str value)
{
    struct str before = { 0 };
    for (struct str word; (word = str_word(&value)).size;) {
        word = str_trim_set(word, "()");
        bool number = str_is(word, "1.0") || str_is(word, "2.0") || str_is(word, "3.0");
        if (!word.size || str_is_nocase(word, "AND") || str_is_nocase(word, "OR")) {
            before.size = 0;
            continue;
        }
        if (number && before.size) { /* belongs to the name before it */
            record->package.licenses.count--;
            word = arena_strf(record->arena, "%.*s%.*s", STR_ARG(before), STR_ARG(word));
        }
        if (record->package.licenses.count == LICENCE_LIMIT) return;
        *vector_push(record->arena, &record->package.licenses) = licence_normalize(record->arena, word);
        before = word;
    }
}

/* "Q1" and base64 is SHA-1, "Q2" SHA-256; base64 alone is the MD5 of old databases. */
static const struct {
    const char *prefix, *name;
    ptrdiff_t size;
} checksums[] = { { "Q1", "sha1", 20 }, { "Q2", "sha256", 32 }, { "", "md5", 16 } };

static void checksum_read(struct apk_record *record, struct str value)
{
    uint8_t bytes[64];
    char hex[65];
    size_t kind = 0;
    while (!str_starts(value, checksums[kind].prefix))
        kind++;
    struct str text = str_from(value, strlen(checksums[kind].prefix));
    if (text.size > 64 || base64_decode(text, bytes) != checksums[kind].size) return;
    record->package.digest =
        arena_strf(record->arena, "%s:%s", checksums[kind].name, hex_encode(bytes, (size_t)checksums[kind].size, hex));
}

/* Words cut at a comparison; `~` stays part of the name. */
static void names_read(struct apk_record *record, struct str value, str_vector *names)
{
    for (struct str word; (word = str_word(&value)).size;) {
        if (word.data[0] == '!') continue;
        size_t size = 0;
        while (size < word.size && !strchr("<>=", word.data[size] ? word.data[size] : ' '))
            size++;
        if (size && budget_name(record->budget, size))
            *vector_push(record->arena, names) = arena_str(record->arena, str_to(word, size));
    }
}

static void depends_read(struct apk_record *record, struct str value)
{
    names_read(record, value, &record->package.depends_on);
}
static void provides_read(struct apk_record *record, struct str value) { names_read(record, value, &record->package.provides); }
static void folder_read(struct apk_record *record, struct str value) { record->folder = value; }

static void file_read_line(struct apk_record *record, struct str value)
{
    size_t size = record->folder.size + 1 + value.size;
    if (size <= LAYER_PATH_LIMIT && !budget_name(record->budget, size)) return;
    if (size > LAYER_PATH_LIMIT) {
        omissions_add(record->paths, value);
        return;
    }
    struct str path = record->folder.size ? arena_strf(record->arena, "%.*s/%.*s", STR_ARG(record->folder), STR_ARG(value))
                                          : arena_str(record->arena, value);
    if (owned_path_clean(path, &path))
        *vector_push(record->arena, &record->package.installed_files) = path;
    else
        omissions_add(record->paths, value);
}

static const struct {
    char key;
    void (*read)(struct apk_record *record, struct str value);
} lines[] = {
    { 'A', arch_read },       { 'C', checksum_read }, { 'D', depends_read },   { 'F', folder_read },
    { 'L', licence_read },    { 'P', name_read },     { 'R', file_read_line }, { 'V', version_read },
    { 'm', maintainer_read }, { 'o', origin_read },   { 'p', provides_read },
};

static void line_read(struct apk_record *record, struct str line)
{
    if (line.size < 2 || line.data[1] != ':') return;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].key == line.data[0]) {
            lines[i].read(record, str_from(line, 2));
            return;
        }
}

/* ---- the whole ---- */

static bool record_finish(struct apk_record *record, struct map *names, struct omissions *versions, struct fragment *fragment)
{
    struct package *package = &record->package;
    if (package->name.size && package->version.size && record->version_invalid) omissions_add(versions, package->name);
    if (!package->name.size || !package->version.size || record->version_invalid) return true;
    if (map_get(names, package->name)) return true; /* the first record of a name wins */
    if (!budget_package(record->budget)) return false;
    map_set(names, package->name, record->arena);
    package->id = arena_strf(record->arena, "%.*s@%.*s", STR_ARG(package->name), STR_ARG(package->version));
    if (package->src_name.size) package->src_version = package->version;
    package->analyzed_by = STR("apk");
    *vector_push_moving(record->arena, &fragment->packages) = *package;
    return true;
}

static bool apk_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    struct omissions versions = { 0 }, paths = { 0 };
    struct map *names = map_new(arena);
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_apk);
    struct budget budget = { 0 };
    struct apk_record record = { .arena = arena, .paths = &paths, .budget = &budget };
    while (content.data) {
        struct str line = str_line(&content);
        if (line.size) {
            line_read(&record, line);
            continue;
        }
        if (!record_finish(&record, names, &versions, fragment)) break;
        record = (struct apk_record){ .arena = arena, .paths = &paths, .budget = &budget };
    }
    record_finish(&record, names, &versions, fragment);
    return budget_report(&budget, error) &&
           omissions_report(&versions, "apk-version-invalid", "installed packages with a version that is none were left out",
                            error) &&
           omissions_report(&paths, "apk-path-invalid", "paths of installed files are not clean and were left out", error);
}

const struct cataloguer cataloguer_apk = {
    .name = "apk",
    .scope = SCOPE_OS,
    .paths = (const char *const[]){ "lib/apk/db/installed", "usr/lib/apk/db/installed", NULL },
    .read = apk_read,
};
