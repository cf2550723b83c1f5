#include "oci/registries.h"

#include <dirent.h>
#include <stdlib.h>

#define FILE_LIMIT ((size_t)1 << 20)

enum pull_from {
    PULL_ALL,
    PULL_DIGEST_ONLY,
    PULL_TAG_ONLY
};

struct mirror {
    struct str location;
    bool insecure;
    enum pull_from pull_from;
};

struct registry_table {
    struct str prefix, location;
    bool insecure, blocked, mirror_by_digest_only;
    VECTOR(struct mirror) mirrors;
};

struct oci_registries {
    struct arena *arena;
    VECTOR(struct registry_table) tables;
};

struct oci_registries *oci_registries_new(struct arena *arena)
{
    struct oci_registries *registries = arena_alloc(arena, sizeof *registries);
    registries->arena = arena;
    return registries;
}

/* ---- reading ---- */

static bool refuse(struct error *error, const char *what, const char *why)
{
    error_set(error, ERROR_USAGE, "registries-conf-invalid", "%s: %s", what, why);
    return error_hint(error, "see containers-registries.conf(5)");
}

static bool read_pull_from(yyjson_val *mirror, enum pull_from *pull_from)
{
    static const char *const words[] = { [PULL_ALL] = "all", [PULL_DIGEST_ONLY] = "digest-only", [PULL_TAG_ONLY] = "tag-only" };
    struct str word = json_str(mirror, "pull-from-mirror");
    if (!word.size) return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_is(word, words[i])) continue;
        *pull_from = (enum pull_from)i;
        return true;
    }
    return false;
}

static struct str trim_location(struct arena *arena, struct str location)
{
    while (str_ends(location, "/"))
        location.size--;
    return arena_str(arena, location);
}

static bool read_mirrors(struct oci_registries *registries, yyjson_val *value, struct registry_table *table, const char *what,
                         struct error *error)
{
    JSON_EACH (item, json_get(value, "mirror")) {
        struct mirror *mirror = vector_push(registries->arena, &table->mirrors);
        mirror->location = trim_location(registries->arena, json_str(item, "location"));
        mirror->insecure = json_bool(item, "insecure");
        if (!mirror->location.size || str_contains(mirror->location, "://"))
            return refuse(error, what, "a mirror's location is not host[:port][/path]");
        if (!read_pull_from(item, &mirror->pull_from))
            return refuse(error, what, "pull-from-mirror is none of all, digest-only, tag-only");
        if (table->mirror_by_digest_only && json_get(item, "pull-from-mirror"))
            return refuse(error, what, "mirror-by-digest-only and pull-from-mirror exclude each other");
    }
    return true;
}

static bool read_table(struct oci_registries *registries, yyjson_val *value, struct registry_table *table, const char *what,
                       struct error *error)
{
    struct str location = trim_location(registries->arena, json_str(value, "location"));
    struct str prefix = trim_location(registries->arena, json_str(value, "prefix"));
    bool wildcard = str_starts(prefix, "*.");
    if (!prefix.size) prefix = location;
    if (!location.size && !wildcard) location = prefix;
    if (!prefix.size) return refuse(error, what, "a registry has neither prefix nor location");
    if (str_contains(prefix, "://") || str_contains(location, "://"))
        return refuse(error, what, "a location has no scheme: host[:port][/path]");
    *table = (struct registry_table){
        prefix, location, json_bool(value, "insecure"), json_bool(value, "blocked"), json_bool(value, "mirror-by-digest-only"),
        { 0 }
    };
    return read_mirrors(registries, value, table, what, error);
}

/* A later file's table takes the place of one with the same prefix. */
static void keep_table(struct oci_registries *registries, const struct registry_table *table)
{
    for (size_t i = 0; i < registries->tables.count; i++) {
        if (!str_equal(registries->tables.items[i].prefix, table->prefix)) continue;
        registries->tables.items[i] = *table;
        return;
    }
    *vector_push(registries->arena, &registries->tables) = *table;
}

bool oci_registries_add(struct oci_registries *registries, struct str text, const char *what, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = toml_parse(text, what, error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    if (yyjson_is_obj(json_get(root, "registries")))
        return refuse(error, what, "it has the first form, [registries.search]; write [[registry]] tables");
    JSON_EACH (item, json_get(root, "registry")) {
        struct registry_table table;
        if (!read_table(registries, item, &table, what, error)) return false;
        keep_table(registries, &table);
    }
    return true;
}

static bool add_file(struct oci_registries *registries, const char *path, struct error *error)
{
    struct str text;
    return file_read(registries->arena, path, FILE_LIMIT, &text, error) && oci_registries_add(registries, text, path, error);
}

static bool add_folder(struct oci_registries *registries, const char *folder, struct error *error)
{
    str_vector names = { 0 };
    DIR *open_folder = opendir(folder);
    if (!open_folder) return true;
    for (struct dirent *entry; (entry = readdir(open_folder));)
        if (str_ends(str_of(entry->d_name), ".conf"))
            *vector_push(registries->arena, &names) = str_of(arena_strdup(registries->arena, entry->d_name));
    closedir(open_folder);
    str_vector_sort(&names);
    for (size_t i = 0; i < names.count; i++)
        if (!add_file(registries, path_join(registries->arena, folder, names.items[i].data), error)) return false;
    return true;
}

bool oci_registries_load(struct arena *arena, struct oci_registries **loaded, struct error *error)
{
    struct oci_registries *registries = oci_registries_new(arena);
    const char *chosen = getenv("CONTAINERS_REGISTRIES_CONF"), *config = getenv("XDG_CONFIG_HOME");
    const char *home =
        path_join(arena, config && *config ? config : path_join(arena, path_home(arena), ".config"), "containers");
    const char *own = path_join(arena, home, "registries.conf"), *system = "/etc/containers/registries.conf";
    const char *main_file = chosen && *chosen ? chosen : file_exists(own) ? own : file_exists(system) ? system : NULL;
    *loaded = registries;
    if (main_file && !add_file(registries, main_file, error)) return false;
    if (chosen && *chosen) return true;
    return add_folder(registries, "/etc/containers/registries.conf.d", error) &&
           add_folder(registries, path_join(arena, home, "registries.conf.d"), error);
}

/* ---- resolving ---- */

/* How many characters of `name` the prefix covers, at a part's border; 0: none. "*.host" covers the host of a sub-domain. */
static size_t prefix_covers(struct str prefix, struct str name)
{
    if (str_starts(prefix, "*.")) {
        struct str rest = name, host = str_cut(&rest, '/');
        ptrdiff_t colon = str_find_last(host, ':');
        struct str suffix = str_from(prefix, 1), bare = colon > 0 ? str_to(host, (size_t)colon) : host;
        bool inside = bare.size > suffix.size && str_equal(str_from(bare, bare.size - suffix.size), suffix);
        return inside ? host.size : 0;
    }
    if (prefix.size > name.size || !str_equal(str_to(name, prefix.size), prefix)) return 0;
    return prefix.size == name.size || strchr("/:@", name.data[prefix.size]) ? prefix.size : 0;
}

static const struct registry_table *find_table(const struct oci_registries *registries, struct str name, size_t *covered)
{
    const struct registry_table *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < registries->tables.count; i++) {
        const struct registry_table *table = &registries->tables.items[i];
        size_t covers = prefix_covers(table->prefix, name);
        if (!covers || table->prefix.size < longest) continue;
        longest = table->prefix.size;
        best = table;
        *covered = covers;
    }
    return best;
}

/* "location" in the place of the prefix; the first '/' then ends the host. */
static void add_endpoint(struct arena *arena, struct str location, struct str rest, bool insecure, bool mirror,
                         oci_endpoint_vector *endpoints)
{
    struct str path = arena_strf(arena, "%.*s%.*s", STR_ARG(location), STR_ARG(rest)), host = str_cut(&path, '/');
    *vector_push(arena, endpoints) =
        (struct oci_endpoint){ .host = host, .repository = path, .insecure = insecure, .mirror = mirror };
}

static bool mirror_serves(const struct registry_table *table, const struct mirror *mirror, bool by_digest)
{
    if (table->mirror_by_digest_only) return by_digest;
    return mirror->pull_from == PULL_ALL || by_digest == (mirror->pull_from == PULL_DIGEST_ONLY);
}

bool oci_registries_resolve(struct arena *arena, const struct oci_registries *registries, const struct oci_reference *reference,
                            oci_endpoint_vector *endpoints, bool *matched, struct error *error)
{
    size_t covered = 0;
    struct str name = oci_reference_name(arena, reference);
    const struct registry_table *table = find_table(registries, name, &covered);
    *matched = table;
    if (!table) {
        add_endpoint(arena, name, (struct str){ 0 }, false, false, endpoints);
        return true;
    }
    if (table->blocked) {
        error_set(error, ERROR_DENIED, "registry-blocked", "%.*s is blocked by registries.conf (prefix %.*s)", STR_ARG(name),
                  STR_ARG(table->prefix));
        return error_hint(error, "take `blocked` out of the table, if you may");
    }
    struct str rest = str_from(name, covered);
    for (size_t i = 0; i < table->mirrors.count; i++)
        if (mirror_serves(table, &table->mirrors.items[i], reference->digest.size > 0))
            add_endpoint(arena, table->mirrors.items[i].location, rest, table->mirrors.items[i].insecure, true, endpoints);
    add_endpoint(arena, table->location.size ? table->location : str_to(name, covered), rest, table->insecure, false,
                 endpoints);
    return true;
}
