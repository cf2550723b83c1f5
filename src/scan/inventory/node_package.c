/* Node.js: the package.json of an installed package (scan.md §8). */
#include "scan/inventory/catalogue.h"

/* ^(@[A-Za-z0-9-._]+/)?[A-Za-z0-9-._]+$ */
static bool name_valid(struct str name)
{
    size_t slashes = 0;
    bool scoped = name.size && name.data[0] == '@';
    if (scoped) name = str_from(name, 1);
    if (!name.size || name.data[0] == '/' || name.data[name.size - 1] == '/') return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
        if (c == '/') slashes++;
        if (!plain && c != '/') return false;
    }
    return slashes == (scoped ? 1u : 0u);
}

/* "MIT", {"type": "MIT"}, {"name": "MIT"} */
static void licence_read(struct arena *arena, yyjson_val *json, str_vector *licences)
{
    struct str text = json_value_str(json);
    if (!text.size) text = json_str(json, "type");
    if (!text.size) text = json_str(json, "name");
    if (text.size) licence_split(arena, text, licences);
}

static bool node_package_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                              struct error *error)
{
    if (str_starts(content, "\xef\xbb\xbf")) content = str_from(content, 3);
    CLEANUP_JSON yyjson_doc *document = json_parse(content, 0, "package.json", error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    struct str name = json_str(root, "name"), version = json_str(root, "version");
    if (!name_valid(name) || !version.size) return true; /* settings of a folder or a test, not a package */
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_node_package);
    struct package *package = vector_push(arena, &fragment->packages);
    package->name = arena_str(arena, name);
    package->version = arena_str(arena, version);
    package->id = arena_strf(arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(version));
    package->file_path = fragment->path;
    package->analyzed_by = str_of(cataloguer_node_package.name);
    licence_read(arena, json_get(root, "license"), &package->licenses);
    JSON_EACH (item, json_get(root, "licenses"))
        licence_read(arena, item, &package->licenses);
    return true;
}

const struct cataloguer cataloguer_node_package = {
    .name = "node-pkg",
    .scope = SCOPE_INSTALLED,
    .size_limit = (size_t)16 << 20,
    .aggregated = true,
    .names = (const char *const[]){ "package.json", NULL },
    .read = node_package_read,
};
