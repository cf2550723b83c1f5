/* containerd's hosts.toml and docker's certs.d: folders named after hosts. */
#include "oci/registries.h"
#include "http/client/client.h"

#include <dirent.h>

#define FILE_LIMIT ((size_t)1 << 20)
#define CONTAINERD_FOLDER "/etc/containerd/certs.d"

static bool is_folder_name(struct str host)
{
    for (size_t i = 0; i < host.size; i++) {
        char c = host.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr(".-_:[]", c))) return false;
    }
    return host.size && !str_is(host, ".") && !str_is(host, "..");
}

/* The host as it is, with '_' around its port where ':' cannot be in a name, or what counts for all hosts. */
static const char *find_hosts_file(struct arena *arena, const char *folder, struct str registry)
{
    ptrdiff_t colon = str_find_last(registry, ':');
    const char *names[3] = { arena_cstr(arena, registry), NULL, "_default" };
    if (!is_folder_name(registry)) return NULL;
    if (colon > 0)
        names[1] = arena_printf(arena, "%.*s_%.*s_", (int)colon, registry.data, STR_ARG(str_from(registry, (size_t)colon + 1)));
    for (size_t i = 0; i < 3; i++) {
        const char *path = names[i] ? path_join(arena, path_join(arena, folder, names[i]), "hosts.toml") : NULL;
        if (path && file_exists(path)) return path;
    }
    return NULL;
}

static bool has_capability(yyjson_val *host, const char *wanted)
{
    yyjson_val *list = json_get(host, "capabilities");
    if (!list) return true; /* all by default */
    JSON_EACH (item, list)
        if (str_is(json_value_str(item), wanted)) return true;
    return false;
}

/* A string or a list of them, relative to the file's folder. */
static bool add_authorities(struct arena *arena, const char *path, yyjson_val *value, struct oci_endpoint *endpoint,
                            struct error *error)
{
    const char *folder = arena_cstr(arena, path_folder(str_of(path)));
    size_t count = yyjson_is_arr(value) ? yyjson_arr_size(value) : value ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        struct str text, name = json_value_str(yyjson_is_arr(value) ? yyjson_arr_get(value, i) : value);
        if (!name.size) continue;
        const char *file = str_starts(name, "/") ? arena_cstr(arena, name) : path_join(arena, folder, arena_cstr(arena, name));
        if (!file_read(arena, file, FILE_LIMIT, &text, error)) return error_wrap(error, "%s", path);
        endpoint->ca_pem = arena_strf(arena, "%.*s\n%.*s", STR_ARG(endpoint->ca_pem), STR_ARG(text));
    }
    return true;
}

/* client = "both.pem", ["both.pem"], or [["certificate", "key"]]: the first pair. */
static void set_client(struct arena *arena, const char *path, yyjson_val *value, struct oci_endpoint *endpoint)
{
    const char *folder = arena_cstr(arena, path_folder(str_of(path)));
    yyjson_val *first = yyjson_is_arr(value) ? yyjson_arr_get_first(value) : value;
    struct str certificate = json_value_str(yyjson_is_arr(first) ? yyjson_arr_get(first, 0) : first);
    struct str key = yyjson_is_arr(first) ? json_value_str(yyjson_arr_get(first, 1)) : certificate;
    if (!certificate.size) return;
    endpoint->certificate = str_starts(certificate, "/") ? arena_cstr(arena, certificate)
                                                         : path_join(arena, folder, arena_cstr(arena, certificate));
    endpoint->key = !key.size              ? endpoint->certificate
                    : str_starts(key, "/") ? arena_cstr(arena, key)
                                           : path_join(arena, folder, arena_cstr(arena, key));
}

static bool add_host(struct arena *arena, const char *path, struct str address, yyjson_val *table,
                     const struct oci_reference *reference, oci_endpoint_vector *endpoints, struct error *error)
{
    struct http_url url;
    bool with_scheme = str_contains(address, "://");
    struct str text = with_scheme ? address : arena_strf(arena, "https://%.*s", STR_ARG(address));
    if (!http_url_parse(arena, text, &url, error)) return error_wrap(error, "%s", path);
    struct str rest = str_from(text, (size_t)str_find_text(text, STR("://")) + 3), host = str_cut(&rest, '/');
    struct str original = str_is(reference->registry, "docker.io") ? STR("registry-1.docker.io") : reference->registry;
    bool same = str_equal_nocase(host, original) || str_equal_nocase(host, reference->registry);
    struct oci_endpoint endpoint = {
        .host = host,
        .repository = reference->repository,
        .plain = !url.tls,
        .unverified = json_bool(table, "skip_verify"),
        .mirror = !same,
        .own_path = json_bool(table, "override_path"),
        .prefix = url.path.size > 1 ? url.path : (struct str){ 0 },
        .origin = same ? (struct str){ 0 } : reference->registry,
    };
    if (!add_authorities(arena, path, json_get(table, "ca"), &endpoint, error)) return false;
    set_client(arena, path, json_get(table, "client"), &endpoint);
    *vector_push(arena, endpoints) = endpoint;
    return true;
}

bool oci_hosts_resolve(struct arena *arena, const char *folder, const struct oci_reference *reference,
                       oci_endpoint_vector *endpoints, struct error *error)
{
    struct str text;
    const char *path = find_hosts_file(arena, folder ? folder : CONTAINERD_FOLDER, reference->registry);
    if (!path) return false;
    if (!file_read(arena, path, FILE_LIMIT, &text, error)) return false;
    CLEANUP_JSON yyjson_doc *document = toml_parse(text, path, error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    JSON_MEMBERS (key, table, json_get(root, "host")) {
        /* The answer to a tag decides what is pulled: only hosts that may resolve are asked for one. */
        bool may = has_capability(table, "pull") && (reference->digest.size || has_capability(table, "resolve"));
        if (may && !add_host(arena, path, arena_str(arena, json_value_str(key)), table, reference, endpoints, error))
            return false;
    }
    struct str server = json_str(root, "server");
    return add_host(arena, path, server.size ? arena_str(arena, server) : reference->registry, root, reference, endpoints,
                    error);
}

/* ---- certs.d ---- */

static bool add_folder(struct arena *arena, const char *folder, struct oci_endpoint *endpoint, struct error *error)
{
    str_vector names = { 0 };
    DIR *open_folder = opendir(folder);
    if (!open_folder) return true;
    for (struct dirent *entry; (entry = readdir(open_folder));)
        *vector_push(arena, &names) = str_of(arena_strdup(arena, entry->d_name));
    closedir(open_folder);
    str_vector_sort(&names);
    for (size_t i = 0; i < names.count; i++) {
        struct str name = names.items[i], text;
        const char *path = path_join(arena, folder, name.data);
        if (str_ends(name, ".crt")) {
            if (!file_read(arena, path, FILE_LIMIT, &text, error)) return false;
            endpoint->ca_pem = arena_strf(arena, "%.*s\n%.*s", STR_ARG(endpoint->ca_pem), STR_ARG(text));
        } else if (str_ends(name, ".cert") && !endpoint->certificate) {
            const char *key = arena_printf(arena, "%s/%.*s.key", folder, STR_ARG(str_to(name, name.size - 5)));
            if (!file_exists(key))
                return error_set(error, ERROR_USAGE, "certs-d-key-missing", "%s has no key beside it: %s is missing", path,
                                 key);
            endpoint->certificate = path;
            endpoint->key = key;
        }
    }
    return true;
}

bool oci_certificates_add(struct arena *arena, const char *const *folders, size_t count, struct oci_endpoint *endpoint,
                          struct error *error)
{
    if (!is_folder_name(endpoint->host)) return true;
    for (size_t i = 0; i < count; i++)
        if (!add_folder(arena, path_join(arena, folders[i], arena_cstr(arena, endpoint->host)), endpoint, error)) return false;
    return true;
}

bool oci_endpoints_find(struct arena *arena, const struct oci_reference *reference, oci_endpoint_vector *endpoints,
                        struct error *error)
{
    const char *own = path_join(arena, path_home(arena), ".config/containers/certs.d");
    const char *const folders[] = { own, "/etc/containers/certs.d", "/etc/docker/certs.d" };
    struct oci_registries *registries;
    struct error problem = { 0 };
    bool matched;
    if (!oci_registries_load(arena, &registries, error)) return false;
    if (!oci_registries_resolve(arena, registries, reference, endpoints, &matched, error)) return false;
    if (!matched) {
        oci_endpoint_vector hosts = { 0 };
        if (oci_hosts_resolve(arena, NULL, reference, &hosts, &problem)) *endpoints = hosts;
        if (problem.kind != ERROR_NONE) return *error = problem, false;
        if (!hosts.count && !oci_docker_settings_load(arena, reference, endpoints, error)) return false;
    }
    for (size_t i = 0; i < endpoints->count; i++)
        if (!oci_certificates_add(arena, folders, sizeof folders / sizeof *folders, &endpoints->items[i], error)) return false;
    return true;
}
