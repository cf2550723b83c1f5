/* What docker's daemon.json says of registries: mirrors of docker.io, and hosts that need no TLS. */
#include "oci/registries.h"
#include "http/client/client.h"

#include <arpa/inet.h>

#define SYSTEM_FILE "/etc/docker/daemon.json"
#define FILE_LIMIT ((size_t)1 << 20)

static bool add_mirror(struct arena *arena, const struct oci_reference *reference, struct str address,
                       oci_endpoint_vector *endpoints, const char *what, struct error *error)
{
    struct http_url url;
    if (!http_url_parse(arena, address, &url, error)) return error_wrap(error, "%s: registry-mirrors", what);
    struct str rest = str_from(address, (size_t)str_find_text(address, STR("://")) + 3), host = str_cut(&rest, '/');
    *vector_push(arena, endpoints) = (struct oci_endpoint){ .host = arena_str(arena, host),
                                                            .repository = reference->repository,
                                                            .plain = !url.tls,
                                                            .mirror = true,
                                                            .prefix = url.path.size > 1 ? url.path : (struct str){ 0 } };
    return true;
}

static struct str without_port(struct str host)
{
    if (str_starts(host, "[")) return str_to(str_from(host, 1), (size_t)str_find(host, ']') - 1);
    ptrdiff_t colon = str_find_last(host, ':');
    return colon < 0 ? host : str_to(host, (size_t)colon);
}

/* An address inside "ADDRESS/BITS". Names are not looked up: whoever answers for a name should not choose its TLS. */
static bool network_holds(struct arena *arena, struct str network, struct str host)
{
    uint8_t base[16], address[16];
    struct str bits_text = network;
    const char *base_text = arena_cstr(arena, str_cut(&bits_text, '/')), *host_text = arena_cstr(arena, without_port(host));
    int family = strchr(base_text, ':') ? AF_INET6 : AF_INET;
    uint64_t bits = 0, most = family == AF_INET6 ? 128 : 32;
    if (!bits_text.data || !str_to_u64(bits_text, &bits) || bits > most) return false;
    if (inet_pton(family, base_text, base) != 1 || inet_pton(family, host_text, address) != 1) return false;
    for (uint64_t i = 0; i < bits; i++)
        if ((base[i / 8] ^ address[i / 8]) & (0x80 >> i % 8)) return false;
    return true;
}

static bool is_insecure(struct arena *arena, yyjson_val *list, struct str host)
{
    JSON_EACH (item, list)
        if (str_equal_nocase(json_value_str(item), host) || network_holds(arena, json_value_str(item), host)) return true;
    return false;
}

bool oci_docker_settings_apply(struct arena *arena, struct str text, const char *what, const struct oci_reference *reference,
                               oci_endpoint_vector *endpoints, struct error *error)
{
    yyjson_doc *document = json_parse_in(arena, text, what, error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    oci_endpoint_vector all = { 0 };
    if (str_is(reference->registry, "docker.io"))
        JSON_EACH (mirror, json_get(root, "registry-mirrors"))
            if (!add_mirror(arena, reference, json_value_str(mirror), &all, what, error)) return false;
    for (size_t i = 0; i < endpoints->count; i++)
        *vector_push(arena, &all) = endpoints->items[i];
    for (size_t i = 0; i < all.count; i++)
        if (is_insecure(arena, json_get(root, "insecure-registries"), all.items[i].host)) all.items[i].insecure = true;
    *endpoints = all;
    return true;
}

bool oci_docker_settings_load(struct arena *arena, const struct oci_reference *reference, oci_endpoint_vector *endpoints,
                              struct error *error)
{
    const char *own = path_join(arena, path_home(arena), ".config/docker/daemon.json"); /* docker without root */
    const char *path = file_is_regular(own) ? own : file_is_regular(SYSTEM_FILE) ? SYSTEM_FILE : NULL;
    struct str text;
    struct error problem = { 0 };
    if (!path) return true;
    if (file_read(arena, path, FILE_LIMIT, &text, &problem))
        return oci_docker_settings_apply(arena, text, path, reference, endpoints, error);
    if (problem.kind == ERROR_DENIED) { /* often root's alone; without it there is no mirror, and no host without TLS */
        log_debug("%s", problem.message);
        return true;
    }
    *error = problem;
    return false;
}
