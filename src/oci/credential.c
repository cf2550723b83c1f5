#include "oci/credential.h"
#include "oci/helper.h"

#include <stdlib.h>

#define FILE_LIMIT ((size_t)1 << 20)
#define HUB_KEY "https://index.docker.io/v1/"

/* ---- one file ---- */

static bool is_hub(struct str host)
{
    return str_is_nocase(host, "docker.io") || str_is_nocase(host, "index.docker.io") ||
           str_is_nocase(host, "registry-1.docker.io");
}

/* "https://host/v1/" stands for the host; other keys are a host, or a host and a path. */
static struct str strip_key(struct str key)
{
    ptrdiff_t scheme = str_find_text(key, STR("://"));
    if (scheme >= 0) {
        key = str_from(key, (size_t)scheme + 3);
        ptrdiff_t slash = str_find(key, '/');
        return slash >= 0 ? str_to(key, (size_t)slash) : key;
    }
    while (str_ends(key, "/"))
        key.size--;
    return str_ends(key, "/v1") || str_ends(key, "/v2") ? str_to(key, key.size - 3) : key;
}

/* How many characters of "registry/repository" the key covers at a part's border; 0: none. Hosts in any case. */
static size_t key_covers(struct str key, struct str registry, struct str repository)
{
    struct str path = strip_key(key), host = str_cut(&path, '/');
    if (!str_equal_nocase(host, registry) && !(is_hub(host) && is_hub(registry))) return 0;
    if (!path.data || !path.size) return 1;
    if (path.size > repository.size || !str_equal(str_to(repository, path.size), path)) return 0;
    if (path.size < repository.size && repository.data[path.size] != '/') return 0;
    return 1 + path.size;
}

/* The member whose key covers most; of two equal ones the one without a scheme. */
static yyjson_val *best_match(yyjson_val *object, struct str registry, struct str repository, struct str *found)
{
    yyjson_val *best = NULL;
    size_t most = 0;
    JSON_MEMBERS (key, value, object) {
        struct str name = json_value_str(key);
        size_t covers = 2 * key_covers(name, registry, repository);
        if (covers && !str_contains(name, "://")) covers++;
        if (covers <= most) continue;
        most = covers;
        best = value;
        *found = name;
    }
    return best;
}

static struct str server_name(struct str registry) { return is_hub(registry) ? STR(HUB_KEY) : registry; }

static int invalid(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "credentials-invalid", "%s", why), -1;
}

static bool is_token_name(struct str username)
{
    return str_is(username, "<token>") || str_is(username, "00000000-0000-0000-0000-000000000000");
}

static int read_entry(struct arena *arena, yyjson_val *entry, struct oci_credential *credential, struct error *error)
{
    struct oci_credential read = {
        .username = json_str(entry, "username"),
        .password = json_str(entry, "password"),
        .identity_token = json_str(entry, "identitytoken"),
        .registry_token = json_str(entry, "registrytoken"),
    };
    struct str encoded = str_trim(json_str(entry, "auth"));
    if (encoded.size) {
        uint8_t *plain = arena_alloc(arena, encoded.size / 4 * 3 + 6);
        ptrdiff_t size = base64_decode(encoded, plain);
        if (size < 0) return invalid(error, "invalid base64 in auth");
        /* Passwords may hold colons: the first one counts. Old files end in NULs. */
        struct str rest = str_trim_set(str_make(plain, (size_t)size), "\0");
        while (rest.size && !rest.data[rest.size - 1])
            rest.size--;
        read.username = str_cut(&rest, ':');
        if (!rest.data) return invalid(error, "no colon in auth");
        read.password = rest;
    }
    if (is_token_name(read.username) && !read.identity_token.size) {
        read.identity_token = read.password;
        read.password = (struct str){ 0 };
    }
    if (!read.username.size && !read.password.size && !read.identity_token.size && !read.registry_token.size) return 0;
    *credential = (struct oci_credential){ arena_str(arena, read.username), arena_str(arena, read.password),
                                           arena_str(arena, read.identity_token), arena_str(arena, read.registry_token) };
    return 1;
}

static int lookup_entry(struct arena *arena, yyjson_val *config, struct str registry, struct str repository,
                        struct oci_credential *credential, struct error *error)
{
    struct str key;
    yyjson_val *auths = json_get(config, "auths");
    /* ~/.dockercfg has the entries at the top. */
    bool old = !auths && !json_get(config, "credHelpers") && !json_get(config, "credsStore");
    yyjson_val *entry = best_match(old ? config : auths, registry, repository, &key);
    return entry ? read_entry(arena, entry, credential, error) : 0;
}

int oci_credential_lookup(struct arena *arena, yyjson_val *config, struct str registry, struct str repository,
                          struct oci_credential *credential, struct oci_credential_helper *helper, struct error *error)
{
    struct str key;
    struct str name = json_value_str(best_match(json_get(config, "credHelpers"), registry, repository, &key));
    if (name.size) {
        *helper = (struct oci_credential_helper){ arena_str(arena, name), arena_str(arena, key) };
        return 2;
    }
    name = json_str(config, "credsStore");
    if (name.size) {
        *helper = (struct oci_credential_helper){ arena_str(arena, name), arena_str(arena, server_name(registry)) };
        return 2;
    }
    return lookup_entry(arena, config, registry, repository, credential, error);
}

int oci_credential_helper_answer(struct arena *arena, int status, struct str output, struct oci_credential *credential,
                                 struct error *error)
{
    struct str text = str_trim(output);
    if (status != 0) {
        if (str_contains(text, "credentials not found in native keychain")) return 0;
        return error_set(error, ERROR_DENIED, "helper-failed", "helper failed: %.*s", STR_ARG(str_to(text, 200))), -1;
    }
    yyjson_doc *document = json_parse_in(arena, output, "the credential helper's answer", error);
    if (!document) return -1;
    yyjson_val *root = yyjson_doc_get_root(document);
    struct oci_credential read = { .username = json_str(root, "Username"), .password = json_str(root, "Secret") };
    if (!read.password.size) return 0;
    if (str_is(read.username, "<token>")) read = (struct oci_credential){ .identity_token = read.password };
    *credential = read;
    return 1;
}

/* ---- all files ---- */

struct places {
    const char *paths[5];
    size_t count;
    const char *docker; /* where login writes */
};

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static struct places find_places(struct arena *arena)
{
    struct places places = { 0 };
    const char *home = path_home(arena), *runtime = environment("XDG_RUNTIME_DIR"), *config = environment("XDG_CONFIG_HOME");
    const char *docker = environment("DOCKER_CONFIG");
    if (environment("REGISTRY_AUTH_FILE")) places.paths[places.count++] = environment("REGISTRY_AUTH_FILE");
    if (runtime) places.paths[places.count++] = path_join(arena, runtime, "containers/auth.json");
    places.paths[places.count++] =
        path_join(arena, config ? config : path_join(arena, home, ".config"), "containers/auth.json");
    places.docker = path_join(arena, docker ? docker : path_join(arena, home, ".docker"), "config.json");
    places.paths[places.count++] = places.docker;
    places.paths[places.count++] = path_join(arena, home, ".dockercfg");
    return places;
}

static int ask_helper(struct arena *arena, const struct oci_credential_helper *helper, struct oci_credential *credential,
                      struct error *error)
{
    struct str output;
    int status;
    if (!helper_run(arena, helper->name, "get", arena_strf(arena, "%.*s\n", STR_ARG(helper->server)), &output, &status, error))
        return -1;
    int found = oci_credential_helper_answer(arena, status, output, credential, error);
    return found < 0 ? error_wrap(error, "docker-credential-%.*s", STR_ARG(helper->name)), -1 : found;
}

static int find_in_file(struct arena *arena, const char *path, struct str registry, struct str repository,
                        struct oci_credential *credential, struct error *error)
{
    struct str text;
    struct oci_credential_helper helper;
    struct error problem = { 0 };
    if (!file_exists(path)) return 0;
    if (!file_read(arena, path, FILE_LIMIT, &text, error)) return -1;
    if (!str_trim(text).size) return 0;
    yyjson_doc *document = json_parse_in(arena, text, path, error);
    if (!document) return -1;
    yyjson_val *config = yyjson_doc_get_root(document);
    int found = oci_credential_lookup(arena, config, registry, repository, credential, &helper, error);
    if (found < 2) return found;
    found = ask_helper(arena, &helper, credential, &problem);
    if (found > 0) return found;
    /* What the helper does not have may still stand in the file. */
    int written = lookup_entry(arena, config, registry, repository, credential, error);
    if (written != 0 || found == 0) return written;
    *error = problem;
    return -1;
}

int oci_credential_find(struct arena *arena, struct str registry, struct str repository, struct oci_credential *credential,
                        struct error *error)
{
    struct places places = find_places(arena);
    for (size_t i = 0; i < places.count; i++) {
        int found = find_in_file(arena, places.paths[i], registry, repository, credential, error);
        if (found < 0) return error_wrap(error, "credentials for %.*s in %s", STR_ARG(registry), places.paths[i]), -1;
        if (found > 0) return found;
    }
    return 0;
}

/* ---- login and logout ---- */

static struct str typed_registry(struct str registry)
{
    struct str host = strip_key(registry);
    return is_hub(host) || !host.size ? STR("docker.io") : host;
}

/* The file's content with one entry of "auths" set, or taken out when `value` is empty. All else stays. */
static bool write_entry(struct arena *arena, const char *path, yyjson_val *config, struct str key, struct str value,
                        struct error *error)
{
    yyjson_mut_doc *document = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = config ? yyjson_val_mut_copy(document, config) : yyjson_mut_obj(document);
    yyjson_mut_doc_set_root(document, root);
    yyjson_mut_val *auths = yyjson_mut_obj_get(root, "auths");
    if (!yyjson_mut_is_obj(auths)) {
        yyjson_mut_obj_remove_key(root, "auths");
        auths = yyjson_mut_obj_add_obj(document, root, "auths");
    }
    yyjson_mut_obj_remove_keyn(auths, key.data, key.size);
    if (value.size) {
        yyjson_mut_val *entry = yyjson_mut_obj(document);
        yyjson_mut_obj_add_strncpy(document, entry, "auth", value.data, value.size);
        yyjson_mut_obj_add(auths, yyjson_mut_strncpy(document, key.data, key.size), entry);
    }
    size_t size = 0;
    char *text = yyjson_mut_write(document, YYJSON_WRITE_PRETTY, &size);
    yyjson_mut_doc_free(document);
    if (!text) return error_set(error, ERROR_INTERNAL, "credentials-invalid", "%s cannot be written", path);
    char *folder = arena_cstr(arena, path_folder(str_of(path)));
    bool good = folder_make(folder, 0700, error) && file_write_named(path, str_make(text, size), 0600, true, error);
    memset(text, 0, size);
    free(text);
    return good;
}

static bool read_docker(struct arena *arena, const char *path, yyjson_val **config, struct error *error)
{
    struct str text = { 0 };
    *config = NULL;
    if (!file_exists(path)) return true;
    if (!file_read(arena, path, FILE_LIMIT, &text, error)) return false;
    if (!str_trim(text).size) return true;
    yyjson_doc *document = json_parse_in(arena, text, path, error);
    if (!document) return false;
    *config = yyjson_doc_get_root(document);
    return yyjson_is_obj(*config) || error_set(error, ERROR_INVALID, "credentials-invalid", "%s is not an object", path);
}

static struct str helper_for(yyjson_val *config, struct str registry)
{
    struct str key, name = json_value_str(best_match(json_get(config, "credHelpers"), registry, (struct str){ 0 }, &key));
    return name.size ? name : json_str(config, "credsStore");
}

static bool tell_helper(struct arena *arena, struct str name, const char *verb, struct str input, struct error *error)
{
    struct str output;
    int status;
    if (!helper_run(arena, name, verb, input, &output, &status, error)) return false;
    if (status == 0) return true;
    return error_set(error, ERROR_DENIED, "helper-failed", "docker-credential-%.*s: helper failed: %.*s", STR_ARG(name),
                     STR_ARG(str_to(str_trim(output), 200)));
}

bool oci_credential_store(struct arena *arena, struct str typed, struct str username, struct str password, struct error *error)
{
    struct places places = find_places(arena);
    struct str registry = typed_registry(typed), server = server_name(registry);
    yyjson_val *config;
    if (!read_docker(arena, places.docker, &config, error)) return false;
    struct str helper = helper_for(config, registry);
    if (helper.size) {
        CLEANUP_BUFFER struct buffer input = { 0 };
        struct json_writer writer = { .out = &input };
        json_open(&writer, '{');
        json_member_str(&writer, "ServerURL", server);
        json_member_str(&writer, "Username", username);
        json_member_str(&writer, "Secret", password);
        json_close(&writer, '}');
        return tell_helper(arena, helper, "store", buffer_view(&input), error);
    }
    struct str plain = arena_strf(arena, "%.*s:%.*s", STR_ARG(username), STR_ARG(password));
    char *encoded = base64_encode((const uint8_t *)plain.data, plain.size, arena_alloc(arena, (plain.size + 2) / 3 * 4 + 1));
    if (!write_entry(arena, places.docker, config, server, str_of(encoded), error)) return false;
    log_warn("the password is stored unencrypted in %s: a credential helper keeps it safer (credsStore in that file)",
             places.docker);
    return true;
}

bool oci_credential_erase(struct arena *arena, struct str typed, bool *known, struct error *error)
{
    struct places places = find_places(arena);
    struct str registry = typed_registry(typed), server = server_name(registry), key;
    yyjson_val *config;
    *known = false;
    if (!read_docker(arena, places.docker, &config, error)) return false;
    struct str helper = helper_for(config, registry);
    if (helper.size) {
        *known = true;
        if (!tell_helper(arena, helper, "erase", arena_strf(arena, "%.*s\n", STR_ARG(server)), error)) return false;
    }
    yyjson_val *entry = best_match(json_get(config, "auths"), registry, (struct str){ 0 }, &key);
    if (!entry) return true;
    *known = true;
    return write_entry(arena, places.docker, config, key, (struct str){ 0 }, error);
}
