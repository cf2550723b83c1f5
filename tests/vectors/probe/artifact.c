/* artifact: {"do": "push"|"pull"|"login"|"logout"|"download", …} -> what came of it. */
#include "probe.h"
#include "oci/oci.h"
#include "http/client/client.h"

static const char *optional(struct arena *arena, yyjson_val *request, const char *name)
{
    struct str value = json_str(request, name);
    return value.size ? arena_cstr(arena, value) : NULL;
}

static int download(struct arena *arena, yyjson_val *request, struct http_download *file, struct error *error)
{
    struct http_settings settings = { .connect = (unsigned)json_int(request, "connect", 0),
                                      .stall = (unsigned)json_int(request, "stall", 0),
                                      .longest_wait = (unsigned)json_int(request, "longest_wait", 0),
                                      .ca_file = optional(arena, request, "ca_file"),
                                      .insecure = json_bool(request, "insecure") };
    struct http_request asked = { .url = json_str(request, "url") };
    struct http_client *client = http_client_new(&settings, error);
    *file = (struct http_download){ .path = optional(arena, request, "path"),
                                    .etag = json_str(request, "etag"),
                                    .last_modified = json_str(request, "last_modified"),
                                    .sha256 = json_str(request, "sha256"),
                                    .limit = (uint64_t)json_int(request, "limit", 0) };
    if (!client) return -1;
    int result = http_download(client, arena, &asked, file, error);
    http_client_free(client);
    return result;
}

void probe_artifact(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct http_download file = { 0 };
    struct oci_options options = { .insecure = json_bool(request, "insecure"),
                                   .username = json_str(request, "username"),
                                   .password = json_str(request, "password"),
                                   .ca_file = optional(arena, request, "ca_file") };
    struct oci_artifact artifact = { .artifact_type = json_str(request, "artifact_type"),
                                     .media_type = json_str(request, "media_type"),
                                     .title = json_str(request, "title"),
                                     .known = json_str(request, "known") };
    const char *name = optional(arena, request, "name"), *path = optional(arena, request, "path");
    struct str verb = json_str(request, "do");
    int result = -1;
    bool known = false;
    if (str_is(verb, "push")) result = oci_artifact_push(arena, &options, name, path, &artifact, &error) ? 1 : -1;
    if (str_is(verb, "pull")) result = oci_artifact_pull(arena, &options, name, path, &artifact, &error);
    if (str_is(verb, "login"))
        result = oci_login(arena, &options, json_str(request, "name"), options.username, options.password, &error) ? 1 : -1;
    if (str_is(verb, "logout")) result = oci_logout(arena, json_str(request, "name"), &known, &error) ? known : -1;
    if (str_is(verb, "download")) result = download(arena, request, &file, &error);
    json_open(answer, '{');
    json_key(answer, "result");
    json_put_int(answer, result);
    if (result < 0) {
        json_member_str(answer, "error", str_of(error.message));
        json_member_str(answer, "id", str_of(error.id));
        json_member_str(answer, "hint", str_of(error.hint));
    }
    json_member_str(answer, "digest", artifact.digest);
    json_member_str(answer, "manifest_digest", artifact.manifest_digest);
    json_member_str(answer, "artifact_type", artifact.artifact_type);
    json_member_str(answer, "etag", file.etag);
    json_member_str(answer, "last_modified", file.last_modified);
    json_close(answer, '}');
}
