/* The bounded, validating reader of struct layer_content: the border towards a confined child and the cache. Nothing it
 * accepts can be larger than the text itself, name a path outside the tree, or hold a member we did not write. */
#include "scan/model/content.h"

struct reader {
    struct arena *arena;
    struct error *error;
    size_t packages;
};

static bool limit(struct reader *reader, size_t count, size_t most, const char *what)
{
    if (count <= most) return true;
    return error_set(reader->error, ERROR_LIMIT, "layer-content-limit", "analysed layer: more than %zu %s", most, what);
}

static bool refuse(struct reader *reader, const char *what, const char *member, const char *why)
{
    return error_set(reader->error, ERROR_INVALID, "layer-content-invalid", "analysed layer: member %s of a %s %s", member,
                     what, why);
}

static bool read_object(struct reader *reader, const struct member_table *table, yyjson_val *json, void *object);

static bool read_text(yyjson_val *json, enum member_kind kind, struct str *text)
{
    struct str value = json_value_str(json);
    if (!yyjson_is_str(json) || value.size > 3 * LAYER_STRING_LIMIT) return false;
    bool path = kind == MEMBER_PATH || kind == MEMBER_PATHS;
    bool folder = kind == MEMBER_FOLDER || kind == MEMBER_FOLDERS;
    if ((path || (folder && value.size)) && !layer_path_valid(value)) return false;
    *text = value;
    return true;
}

/* Exact size from the start: growing by doubling would waste half of what file lists need. */
static bool read_texts(struct reader *reader, yyjson_val *json, enum member_kind kind, str_vector *strings)
{
    if (!yyjson_is_arr(json)) return false;
    size_t count = yyjson_arr_size(json), i = 0;
    if (!count) return true;
    strings->items = arena_array(reader->arena, count, sizeof *strings->items);
    strings->capacity = strings->count = count;
    JSON_EACH (item, json)
        if (!read_text(item, kind, &strings->items[i++])) return false;
    return true;
}

static bool read_int(yyjson_val *json, int64_t lowest, int64_t highest, int64_t *number)
{
    if (!yyjson_is_int(json)) return false;
    if (yyjson_is_uint(json) && yyjson_get_uint(json) > (uint64_t)INT64_MAX) return false;
    int64_t value = yyjson_is_uint(json) ? (int64_t)yyjson_get_uint(json) : yyjson_get_sint(json);
    if (value < lowest || value > highest) return false;
    *number = value;
    return true;
}

static bool read_kind(yyjson_val *json, enum fragment_kind *kind)
{
    for (int i = 0; i < FRAGMENT_KINDS; i++)
        if (str_is(json_value_str(json), fragment_kind_words[i])) {
            *kind = (enum fragment_kind)i;
            return i != FRAGMENT_FILES; /* these stand in CONTENT_FILE_LISTS */
        }
    return false;
}

static bool read_packages(struct reader *reader, yyjson_val *json, package_vector *packages)
{
    if (!yyjson_is_arr(json)) return false;
    size_t count = yyjson_arr_size(json), i = 0;
    if (!count) return true;
    if (!limit(reader, reader->packages += count, LAYER_ITEM_LIMIT, "packages")) return false;
    packages->items = arena_array(reader->arena, count, sizeof *packages->items);
    packages->capacity = packages->count = count;
    JSON_EACH (item, json)
        if (!read_object(reader, &package_table, item, &packages->items[i++])) return false;
    return true;
}

static bool read_member(struct reader *reader, const struct member *member, yyjson_val *json, void *value)
{
    int64_t number = 0;
    switch (member->kind) {
    case MEMBER_STR:
    case MEMBER_PATH:
    case MEMBER_FOLDER: return read_text(json, member->kind, value);
    case MEMBER_INT: return read_int(json, INT64_MIN, INT64_MAX, value);
    case MEMBER_SIZE:
        if (!read_int(json, 0, INT64_MAX, &number)) return false;
        *(uint64_t *)value = (uint64_t)number;
        return true;
    case MEMBER_BOOL: *(bool *)value = yyjson_is_true(json); return yyjson_is_bool(json);
    case MEMBER_STRINGS:
    case MEMBER_PATHS:
    case MEMBER_FOLDERS: return read_texts(reader, json, member->kind, value);
    case MEMBER_RELATIONSHIP:
        if (!read_int(json, RELATION_UNKNOWN, RELATION_INDIRECT, &number)) return false;
        *(enum relationship *)value = (enum relationship)number;
        return true;
    case MEMBER_KIND: return read_kind(json, value);
    case MEMBER_OS: return read_object(reader, &os_table, json, value);
    case MEMBER_PACKAGES: return read_packages(reader, json, value);
    }
    return false;
}

/* Members come in the table's order, so the next row is looked at first. */
static size_t member_find(const struct member_table *table, struct str name, size_t expected)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t row = (expected + i) % table->count;
        if (str_is(name, table->members[row].name)) return row;
    }
    return table->count;
}

static bool read_object(struct reader *reader, const struct member_table *table, yyjson_val *json, void *object)
{
    if (!yyjson_is_obj(json)) return refuse(reader, table->what, "(all)", "is no object");
    uint64_t seen = 0;
    size_t expected = 0;
    JSON_MEMBERS (key, value, json) {
        size_t row = member_find(table, json_value_str(key), expected);
        if (row == table->count) return refuse(reader, table->what, yyjson_get_str(key), "is not known");
        const struct member *member = &table->members[row];
        if (seen >> row & 1) return refuse(reader, table->what, member->name, "stands there twice");
        if (!read_member(reader, member, value, (char *)object + member->offset))
            return reader->error->kind != ERROR_NONE ? false : refuse(reader, table->what, member->name, "has no valid value");
        seen |= UINT64_C(1) << row;
        expected = row + 1;
    }
    return true;
}

/* ---- the lists of the whole ---- */

/* What the writer left out because the fragment says it. */
static void complete_packages(struct fragment *fragment)
{
    for (size_t i = 0; i < fragment->packages.count; i++) {
        struct package *package = &fragment->packages.items[i];
        if (!package->analyzed_by.size) package->analyzed_by = fragment->cataloguer;
        if (fragment->own_path) package->file_path = fragment->path;
    }
    fragment->own_path = false;
}

static bool read_fragments(struct reader *reader, yyjson_val *json, struct layer_content *content)
{
    JSON_EACH (item, json) {
        struct fragment *fragment = vector_push_moving(reader->arena, &content->fragments);
        if (!read_object(reader, &fragment_table, item, fragment)) return false;
        if (!fragment->path.size || !yyjson_obj_get(item, "Kind"))
            return refuse(reader, "fragment", "Path or Kind", "is missing");
        complete_packages(fragment);
    }
    return true;
}

static bool read_file_lists(struct reader *reader, yyjson_val *json, struct layer_content *content)
{
    JSON_EACH (item, json) {
        struct fragment *fragment = vector_push_moving(reader->arena, &content->fragments);
        fragment->kind = FRAGMENT_FILES;
        if (!read_object(reader, &file_list_table, item, fragment)) return false;
        if (!fragment->path.size) return refuse(reader, "file list", "Path", "is missing");
    }
    return true;
}

static bool read_non_folders(struct reader *reader, yyjson_val *json, struct layer_content *content)
{
    return read_texts(reader, json, MEMBER_STRINGS, &content->non_folders) ||
           refuse(reader, "layer", CONTENT_NON_FOLDERS, "has no valid value");
}

static bool read_installed_files(struct reader *reader, yyjson_val *json, struct layer_content *content)
{
    JSON_EACH (item, json) {
        int64_t at, index;
        if (yyjson_arr_size(item) != 3 || !read_int(yyjson_arr_get(item, 0), 0, INT64_MAX, &at) ||
            !read_int(yyjson_arr_get(item, 1), 0, INT64_MAX, &index))
            return refuse(reader, "layer", CONTENT_INSTALLED_FILES, "has no valid value");
        if ((uint64_t)at >= content->fragments.count || content->fragments.items[at].kind == FRAGMENT_FILES ||
            (uint64_t)index >= content->fragments.items[at].packages.count)
            return refuse(reader, "layer", CONTENT_INSTALLED_FILES, "names a package that is not there");
        str_vector *files = &content->fragments.items[at].packages.items[index].installed_files;
        if (files->count || !read_texts(reader, yyjson_arr_get(item, 2), MEMBER_PATHS, files))
            return refuse(reader, "layer", CONTENT_INSTALLED_FILES, "has no valid value");
    }
    return true;
}

static bool read_links(struct reader *reader, yyjson_val *json, struct layer_content *content)
{
    JSON_EACH (item, json) {
        struct link *link = vector_push_moving(reader->arena, &content->links);
        if (!read_object(reader, &link_table, item, link)) return false;
        if (!link->path.size) return refuse(reader, "link", "Path", "is missing");
    }
    return true;
}

static bool read_problems(struct reader *reader, yyjson_val *json, struct layer_content *content)
{
    JSON_EACH (item, json)
        if (!read_object(reader, &problem_table, item, vector_push_moving(reader->arena, &content->problems))) return false;
    return true;
}

/* In the order of reading: file lists name packages of fragments. */
static const struct {
    const char *name;
    bool (*read)(struct reader *reader, yyjson_val *json, struct layer_content *content);
} lists[] = {
    { CONTENT_FRAGMENTS, read_fragments },
    { CONTENT_FILE_LISTS, read_file_lists },
    { CONTENT_INSTALLED_FILES, read_installed_files },
    { CONTENT_NON_FOLDERS, read_non_folders },
    { CONTENT_LINKS, read_links },
    { CONTENT_PROBLEMS, read_problems },
};
#define LISTS (sizeof lists / sizeof lists[0])

static size_t list_find(struct str name)
{
    size_t i = 0;
    while (i < LISTS && !str_is(name, lists[i].name))
        i++;
    return i;
}

/* Plain members at once, lists into their places. */
static bool read_members(struct reader *reader, yyjson_val *root, struct layer_content *content, yyjson_val *found[LISTS])
{
    uint64_t seen = 0;
    JSON_MEMBERS (key, value, root) {
        struct str name = json_value_str(key);
        size_t list = list_find(name);
        if (list < LISTS) {
            if (found[list] || !yyjson_is_arr(value))
                return refuse(reader, "layer", lists[list].name, "is no list or there twice");
            if (!limit(reader, yyjson_arr_size(value), LAYER_ITEM_LIMIT, lists[list].name)) return false;
            found[list] = value;
            continue;
        }
        size_t row = member_find(&content_table, name, 0);
        if (row == content_table.count) return refuse(reader, "layer", yyjson_get_str(key), "is not known");
        const struct member *member = &content_table.members[row];
        if (seen >> row & 1 || !read_member(reader, member, value, (char *)content + member->offset))
            return refuse(reader, "layer", member->name, "has no valid value or is there twice");
        seen |= UINT64_C(1) << row;
    }
    return true;
}

static bool too_large(struct error *error)
{
    return error_set(error, ERROR_LIMIT, "layer-content-limit", "analysed layer: more than %zu bytes",
                     (size_t)LAYER_CONTENT_LIMIT);
}

bool layer_content_read(struct arena *arena, struct str json, struct layer_content *content, struct error *error)
{
    if (json.size > LAYER_CONTENT_LIMIT) return too_large(error);
    char *text = arena_alloc(arena, json.size + LAYER_TEXT_PADDING);
    if (json.size) memcpy(text, json.data, json.size);
    return layer_content_take(arena, text, json.size, content, error);
}

/* yyjson works in the text, and every string below is a view into it. */
bool layer_content_take(struct arena *arena, char *text, size_t size, struct layer_content *content, struct error *error)
{
    if (size > LAYER_CONTENT_LIMIT) return too_large(error);
    CLEANUP_JSON yyjson_doc *document = json_parse(str_make(text, size), JSON_INSITU, "analysed layer", error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document), *found[LISTS] = { NULL };
    struct error inner = { 0 };
    struct reader reader = { arena, &inner, 0 };
    struct layer_content result = *content;
    bool good =
        yyjson_is_obj(root) ? read_members(&reader, root, &result, found) : refuse(&reader, "layer", "(all)", "is no object");
    for (size_t i = 0; good && i < LISTS; i++)
        good = !found[i] || lists[i].read(&reader, found[i], &result);
    if (!good) {
        *error = inner;
        return false;
    }
    *content = result;
    return true;
}
