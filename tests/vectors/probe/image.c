/* image: {"input"|"name", "image", "platform", …} -> what oci_image_open finds, each layer read to its end. */
#include "probe.h"
#include "oci/oci.h"
#include "pack/pack.h"

#include <unistd.h>

static const char *optional(struct arena *arena, yyjson_val *request, const char *name)
{
    struct str value = json_str(request, name);
    return value.size ? arena_cstr(arena, value) : NULL;
}

static void put_error(struct json_writer *answer, const struct error *error)
{
    json_member_str(answer, "error", str_of(error->message));
    json_member_str(answer, "id", str_of(error->id));
    json_member_str(answer, "hint", str_of(error->hint));
}

/* The sha256 of all bytes of a layer, as a scan would read them. */
static bool sum_layer(struct oci_image *image, size_t index, char sum[SHA256_TEXT], struct error *error)
{
    struct oci_blob blob;
    struct sha256 hash;
    uint8_t buffer[8192], raw[32];
    if (!oci_layer_open(image, index, &blob, error) || !digest_load(error)) return false;
    sha256_start(&hash);
    for (uint64_t done = 0; done < blob.size || blob.fd < 0;) {
        size_t wanted = blob.fd >= 0 && blob.size - done < sizeof buffer ? (size_t)(blob.size - done) : sizeof buffer;
        ssize_t got = blob.fd >= 0 ? pread(blob.fd, buffer, wanted, (off_t)(blob.offset + done))
                                   : blob.read(&blob, buffer, wanted, error);
        if (got < 0) return oci_blob_close(&blob), false;
        if (got == 0) break;
        sha256_add(&hash, buffer, (size_t)got);
        done += (uint64_t)got;
    }
    oci_blob_close(&blob);
    sha256_finish(&hash, raw);
    memcpy(sum, "sha256:", 7);
    hex_encode(raw, 32, sum + 7);
    return true;
}

static void put_layer(struct oci_image *image, size_t index, struct json_writer *answer)
{
    const struct oci_layer *layer = &image->layers.items[index];
    char sum[SHA256_TEXT];
    struct error error = { 0 };
    json_open(answer, '{');
    json_member_str(answer, "digest", layer->digest);
    json_member_str(answer, "diff_id", layer->diff_id);
    json_member_str(answer, "media_type", layer->media_type);
    json_member_int(answer, "size", (int64_t)layer->size);
    json_member_str(answer, "created_by", layer->created_by);
    json_member_bool(answer, "foreign", layer->foreign);
    if (sum_layer(image, index, sum, &error))
        json_member_str(answer, "sum", str_of(sum));
    else
        put_error(answer, &error);
    json_close(answer, '}');
}

static void put_image(struct oci_image *image, struct json_writer *answer)
{
    json_member_str(answer, "name", image->name);
    json_member_str(answer, "reference", image->reference);
    json_member_str(answer, "image_id", image->image_id);
    json_member_str(answer, "manifest_digest", image->manifest_digest);
    json_member_strings(answer, "repo_tags", &image->repo_tags);
    json_member_strings(answer, "repo_digests", &image->repo_digests);
    json_member_str(answer, "os", image->os);
    json_member_str(answer, "architecture", image->architecture);
    json_member_str(answer, "variant", image->variant);
    json_member_int(answer, "size", (int64_t)image->size);
    json_key(answer, "layers");
    json_open(answer, '[');
    for (size_t i = 0; i < image->layers.count; i++)
        put_layer(image, i, answer);
    json_close(answer, ']');
}

static size_t read_sources(yyjson_val *request, enum oci_source sources[OCI_SOURCES])
{
    static const char *const names[OCI_SOURCES] = {
        [OCI_CONTAINERD] = "containerd", [OCI_DOCKER] = "docker", [OCI_PODMAN] = "podman", [OCI_REMOTE] = "remote"
    };
    size_t count = 0;
    JSON_EACH (item, json_get(request, "sources"))
        for (int source = 0; source < OCI_SOURCES; source++)
            if (count < OCI_SOURCES && str_is(json_value_str(item), names[source])) sources[count++] = (enum oci_source)source;
    return count;
}

void probe_image(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct oci_image image = { 0 };
    struct oci_options options = {
        .input = optional(arena, request, "input"),
        .image = optional(arena, request, "image"),
        .platform = json_str(request, "platform"),
        .insecure = json_bool(request, "insecure"),
        .ca_file = optional(arena, request, "ca_file"),
        .username = json_str(request, "username"),
        .password = json_str(request, "password"),
        .token = json_str(request, "token"),
        .docker_host = optional(arena, request, "docker_host"),
        .podman_host = optional(arena, request, "podman_host"),
        .max_size = (uint64_t)json_int(request, "max_size", 0),
    };
    options.source_count = read_sources(request, options.sources);
    json_open(answer, '{');
    if (oci_image_open(arena, &options, optional(arena, request, "name"), &image, &error)) {
        put_image(&image, answer);
        oci_image_close(&image);
    } else {
        put_error(answer, &error);
    }
    json_close(answer, '}');
}
