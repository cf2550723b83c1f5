/* struct layer_content as JSON: what a confined child sends and the layer cache keeps. */
#include "scan/model/content.h"

#define MEMBER(type, name, kind, field)            \
    {                                              \
        name, MEMBER_##kind, offsetof(type, field) \
    }
#define TABLE(what, rows)                            \
    {                                                \
        what, rows, sizeof(rows) / sizeof((rows)[0]) \
    }

const char *const fragment_kind_words[FRAGMENT_KINDS] = {
    [FRAGMENT_PACKAGES] = "packages",     [FRAGMENT_OS] = "os",
    [FRAGMENT_REPOSITORY] = "repository", [FRAGMENT_EXTENDED] = "extended",
    [FRAGMENT_BUILD_INFO] = "build-info", [FRAGMENT_LICENSES] = "licenses",
    [FRAGMENT_FILES] = "files",           [FRAGMENT_DIGESTS] = "digests",
};

static const struct member content_members[] = {
    MEMBER(struct layer_content, "DiffID", STR, diff_id),        MEMBER(struct layer_content, "Entries", SIZE, entries),
    MEMBER(struct layer_content, "Folders", PATHS, folders),     MEMBER(struct layer_content, "Opaque", FOLDERS, opaque),
    MEMBER(struct layer_content, "Replaced", PATHS, replaced),   MEMBER(struct layer_content, "Size", SIZE, size),
    MEMBER(struct layer_content, "Whiteouts", PATHS, whiteouts),
};

static const struct member fragment_members[] = {
    MEMBER(struct fragment, "Kind", KIND, kind),
    MEMBER(struct fragment, "Path", PATH, path),
    MEMBER(struct fragment, "Found", PATH, found),
    MEMBER(struct fragment, "Cataloguer", STR, cataloguer),
    MEMBER(struct fragment, "OS", OS, os),
    MEMBER(struct fragment, "Subject", STR, subject),
    MEMBER(struct fragment, "BuildArch", STR, build_arch),
    MEMBER(struct fragment, "Strings", STRINGS, strings),
    MEMBER(struct fragment, "OwnPath", BOOL, own_path),
    MEMBER(struct fragment, "Packages", PACKAGES, packages),
};

static const struct member file_list_members[] = {
    MEMBER(struct fragment, "Path", PATH, path),
    MEMBER(struct fragment, "Found", PATH, found),
    MEMBER(struct fragment, "Cataloguer", STR, cataloguer),
    MEMBER(struct fragment, "Subject", STR, subject),
    MEMBER(struct fragment, "BuildArch", STR, build_arch),
    MEMBER(struct fragment, "Files", PATHS, strings),
};

static const struct member package_members[] = {
    MEMBER(struct package, "ID", STR, id),
    MEMBER(struct package, "Name", STR, name),
    MEMBER(struct package, "Version", STR, version),
    MEMBER(struct package, "Release", STR, release),
    MEMBER(struct package, "Epoch", INT, epoch),
    MEMBER(struct package, "Arch", STR, arch),
    MEMBER(struct package, "Dev", BOOL, dev),
    MEMBER(struct package, "SrcName", STR, src_name),
    MEMBER(struct package, "SrcVersion", STR, src_version),
    MEMBER(struct package, "SrcRelease", STR, src_release),
    MEMBER(struct package, "SrcEpoch", INT, src_epoch),
    MEMBER(struct package, "Licenses", STRINGS, licenses),
    MEMBER(struct package, "Maintainer", STR, maintainer),
    MEMBER(struct package, "ModularityLabel", STR, modularity_label),
    MEMBER(struct package, "RepositoryClass", STR, repository_class),
    MEMBER(struct package, "Indirect", BOOL, indirect),
    MEMBER(struct package, "Relationship", RELATIONSHIP, relationship),
    MEMBER(struct package, "DependsOn", STRINGS, depends_on),
    MEMBER(struct package, "Provides", STRINGS, provides),
    MEMBER(struct package, "FilePath", PATH, file_path),
    MEMBER(struct package, "Digest", STR, digest),
    MEMBER(struct package, "AnalyzedBy", STR, analyzed_by),
};

static const struct member os_members[] = {
    MEMBER(struct os, "Family", STR, family),
    MEMBER(struct os, "Name", STR, name),
    MEMBER(struct os, "Codename", STR, codename),
    MEMBER(struct os, "Extended", BOOL, extended),
};

static const struct member link_members[] = {
    MEMBER(struct link, "Path", PATH, path),
    MEMBER(struct link, "Target", STR, target),
    MEMBER(struct link, "Hard", BOOL, hard),
};

static const struct member problem_members[] = {
    MEMBER(struct problem, "Path", FOLDER, path),
    MEMBER(struct problem, "Found", FOLDER, found),
    MEMBER(struct problem, "ID", STR, message_id),
    MEMBER(struct problem, "Message", STR, message),
};

const struct member_table content_table = TABLE("layer", content_members);
const struct member_table fragment_table = TABLE("fragment", fragment_members);
const struct member_table file_list_table = TABLE("file list", file_list_members);
const struct member_table package_table = TABLE("package", package_members);
const struct member_table os_table = TABLE("operating system", os_members);
const struct member_table link_table = TABLE("link", link_members);
const struct member_table problem_table = TABLE("problem", problem_members);

static void write_object(struct json_writer *writer, const struct member_table *table, const void *object);

/* Longer texts are cut, so that the reader's limit never refuses what we wrote ourselves. */
static struct str bounded(struct str text) { return str_to(text, LAYER_STRING_LIMIT); }

static void write_strings(struct json_writer *writer, const char *name, const str_vector *strings)
{
    if (!strings->count) return;
    json_key(writer, name);
    json_open(writer, '[');
    for (size_t i = 0; i < strings->count; i++)
        json_put_str(writer, bounded(strings->items[i]));
    json_close(writer, ']');
}

/* Without what the fragment says for all of them: half of a layer with many small files would be that. */
static void write_packages(struct json_writer *writer, const char *name, const struct fragment *fragment)
{
    if (!fragment->packages.count) return;
    json_key(writer, name);
    json_open(writer, '[');
    for (size_t i = 0; i < fragment->packages.count; i++) {
        struct package package = fragment->packages.items[i];
        if (fragment->own_path) package.file_path = (struct str){ 0 };
        if (str_equal(package.analyzed_by, fragment->cataloguer)) package.analyzed_by = (struct str){ 0 };
        write_object(writer, &package_table, &package);
    }
    json_close(writer, ']');
}

static bool has_own_path(const struct fragment *fragment)
{
    for (size_t i = 0; i < fragment->packages.count; i++)
        if (!str_equal(fragment->packages.items[i].file_path, fragment->path)) return false;
    return fragment->packages.count != 0;
}

static void write_os(struct json_writer *writer, const char *name, const struct os *os)
{
    if (!os->family.size && !os->name.size && !os->codename.size && !os->extended) return;
    json_key(writer, name);
    write_object(writer, &os_table, os);
}

static void write_member(struct json_writer *writer, const struct member *member, const void *value)
{
    switch (member->kind) {
    case MEMBER_STR:
    case MEMBER_PATH:
    case MEMBER_FOLDER: json_member_str(writer, member->name, bounded(*(const struct str *)value)); break;
    case MEMBER_INT: json_member_int(writer, member->name, *(const int64_t *)value); break;
    case MEMBER_SIZE: json_member_int(writer, member->name, (int64_t)(*(const uint64_t *)value & INT64_MAX)); break;
    case MEMBER_BOOL: json_member_bool(writer, member->name, *(const bool *)value); break;
    case MEMBER_STRINGS:
    case MEMBER_PATHS:
    case MEMBER_FOLDERS: write_strings(writer, member->name, value); break;
    case MEMBER_RELATIONSHIP: json_member_int(writer, member->name, *(const enum relationship *)value); break;
    case MEMBER_KIND:
        json_member_str(writer, member->name, str_of(fragment_kind_words[*(const enum fragment_kind *)value]));
        break;
    case MEMBER_OS: write_os(writer, member->name, value); break;
    case MEMBER_PACKAGES:
        write_packages(writer, member->name, (const void *)((const char *)value - offsetof(struct fragment, packages)));
        break;
    }
}

static void write_object(struct json_writer *writer, const struct member_table *table, const void *object)
{
    json_open(writer, '{');
    for (size_t i = 0; i < table->count; i++)
        write_member(writer, &table->members[i], (const char *)object + table->members[i].offset);
    json_close(writer, '}');
}

static void write_fragments(struct json_writer *writer, const fragment_vector *fragments, bool file_lists)
{
    json_key(writer, file_lists ? CONTENT_FILE_LISTS : CONTENT_FRAGMENTS);
    json_open(writer, '[');
    for (size_t i = 0; i < fragments->count; i++)
        if ((fragments->items[i].kind == FRAGMENT_FILES) == file_lists) {
            struct fragment fragment = fragments->items[i];
            fragment.own_path = has_own_path(&fragment);
            write_object(writer, file_lists ? &file_list_table : &fragment_table, &fragment);
        }
    json_close(writer, ']');
}

static void write_files_of(struct json_writer *writer, size_t fragment, size_t index, const struct package *package)
{
    json_open(writer, '[');
    json_put_int(writer, (int64_t)fragment);
    json_put_int(writer, (int64_t)index);
    json_open(writer, '[');
    for (size_t i = 0; i < package->installed_files.count; i++)
        json_put_str(writer, package->installed_files.items[i]);
    json_close(writer, ']');
    json_close(writer, ']');
}

static void write_installed_files(struct json_writer *writer, const fragment_vector *fragments)
{
    size_t index = 0; /* as in CONTENT_FRAGMENTS */
    json_key(writer, CONTENT_INSTALLED_FILES);
    json_open(writer, '[');
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = &fragments->items[i];
        if (fragment->kind == FRAGMENT_FILES) continue;
        for (size_t j = 0; j < fragment->packages.count; j++)
            if (fragment->packages.items[j].installed_files.count)
                write_files_of(writer, index, j, &fragment->packages.items[j]);
        index++;
    }
    json_close(writer, ']');
}

static void write_list(struct json_writer *writer, const char *name, const struct member_table *table, const void *items,
                       size_t count, size_t size)
{
    if (!count) return;
    json_key(writer, name);
    json_open(writer, '[');
    for (size_t i = 0; i < count; i++)
        write_object(writer, table, (const char *)items + i * size);
    json_close(writer, ']');
}

void layer_content_write(struct buffer *out, const struct layer_content *content, enum layer_part part)
{
    struct json_writer writer = { .out = out };
    json_open(&writer, '{');
    if (part != LAYER_FILES) {
        for (size_t i = 0; i < content_table.count; i++)
            write_member(&writer, &content_table.members[i], (const char *)content + content_table.members[i].offset);
        write_list(&writer, CONTENT_LINKS, &link_table, content->links.items, content->links.count, sizeof(struct link));
        write_list(&writer, CONTENT_PROBLEMS, &problem_table, content->problems.items, content->problems.count,
                   sizeof(struct problem));
        write_fragments(&writer, &content->fragments, false);
    }
    if (part != LAYER_MAIN) {
        write_fragments(&writer, &content->fragments, true);
        write_installed_files(&writer, &content->fragments);
        json_member_strings(&writer, CONTENT_NON_FOLDERS, &content->non_folders);
    }
    json_close(&writer, '}');
}
