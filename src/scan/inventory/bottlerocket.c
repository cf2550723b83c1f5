/* Bottlerocket: its inventory of packages (scan.md §6.4). */
#include "scan/inventory/catalogue.h"

static bool package_read(struct arena *arena, yyjson_val *json, struct package *package)
{
    struct str name = json_str(json, "Name"), version = json_str(json, "Version"), release = json_str(json, "Release");
    if (!name.size || !version.size) return false;
    uint64_t epoch = 0;
    str_to_u64(json_str(json, "Epoch"), &epoch);
    package->name = arena_str(arena, name);
    package->version = arena_str(arena, version);
    package->release = arena_str(arena, release);
    package->epoch = (int64_t)(epoch & INT32_MAX);
    package->arch = arena_str(arena, json_str(json, "Architecture"));
    package->id = release.size ? arena_strf(arena, "%.*s@%.*s-%.*s", STR_ARG(name), STR_ARG(version), STR_ARG(release))
                               : arena_strf(arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(version));
    package->analyzed_by = str_of(cataloguer_bottlerocket.name);
    return true;
}

static bool bottlerocket_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                              struct error *error)
{
    struct omissions omissions = { 0 };
    struct budget budget = { 0 };
    CLEANUP_JSON yyjson_doc *document = json_parse(content, 0, "Bottlerocket's inventory", error);
    if (!document) return false;
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_PACKAGES, path, &cataloguer_bottlerocket);
    JSON_EACH (item, json_get(yyjson_doc_get_root(document), "Content")) {
        struct package package = { 0 };
        if (!budget_package(&budget)) break;
        if (package_read(arena, item, &package))
            *vector_push(arena, &fragment->packages) = package;
        else
            omissions_add(&omissions, json_str(item, "Name"));
    }
    return budget_report(&budget, error) &&
           omissions_report(&omissions, "bottlerocket-package-invalid", "entries without name or version were left out", error);
}

const struct cataloguer cataloguer_bottlerocket = {
    .name = "bottlerocket-inventory",
    .scope = SCOPE_OS,
    .paths = (const char *const[]){ "aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
                                    "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
                                    "usr/share/bottlerocket/application-inventory.json", NULL },
    .read = bottlerocket_read,
};
