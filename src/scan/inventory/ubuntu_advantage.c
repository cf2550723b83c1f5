/* Ubuntu Pro: whether extended security maintenance is on (scan.md §5.1). */
#include "scan/inventory/catalogue.h"

static bool ubuntu_advantage_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                  struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = json_parse(content, 0, "Ubuntu Pro's status", error);
    if (!document) return false;
    bool enabled = false;
    JSON_EACH (service, json_get(yyjson_doc_get_root(document), "services"))
        if (str_is(json_str(service, "name"), "esm-infra") && str_is(json_str(service, "status"), "enabled")) enabled = true;
    if (enabled) fragment_add(arena, out, FRAGMENT_EXTENDED, path, &cataloguer_ubuntu_advantage)->os.extended = true;
    return true;
}

const struct cataloguer cataloguer_ubuntu_advantage = {
    .name = "ubuntu-esm",
    .scope = SCOPE_OS,
    .size_limit = (size_t)16 << 20,
    .paths = (const char *const[]){ "var/lib/ubuntu-advantage/status.json", NULL },
    .read = ubuntu_advantage_read,
};
