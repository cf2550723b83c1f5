#include "oci/source.h"
#include "oci/digest.h"

/* Instructions that never make a layer, in the form old builders wrote them. */
static const char *const empty_instructions[] = { "ARG",   "CMD",        "ENTRYPOINT", "ENV",  "EXPOSE", "HEALTHCHECK",
                                                  "LABEL", "MAINTAINER", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR" };

static struct str strip_prefix(struct str text, const char *prefix)
{
    return str_starts(text, prefix) ? str_from(text, strlen(prefix)) : text;
}

/* What people wrote: without the shell around it. */
static struct str created_by(yyjson_val *entry)
{
    struct str text = json_str(entry, "created_by");
    if (str_starts(text, "/bin/sh -c #(nop) "))
        text = strip_prefix(text, "/bin/sh -c #(nop) ");
    else
        text = strip_prefix(text, "/bin/sh -c ");
    if (str_ends(text, " # buildkit")) text = str_to(text, text.size - strlen(" # buildkit"));
    return str_trim(text);
}

static bool makes_no_layer(yyjson_val *entry, bool guess)
{
    if (json_bool(entry, "empty_layer")) return true;
    if (!guess || !str_starts(json_str(entry, "created_by"), "/bin/sh -c #(nop)")) return false;
    struct str text = created_by(entry), word = str_word(&text);
    for (size_t i = 0; i < sizeof empty_instructions / sizeof *empty_instructions; i++)
        if (str_is(word, empty_instructions[i])) return true;
    return false;
}

static size_t count_history(yyjson_val *history, bool guess)
{
    size_t count = 0;
    JSON_EACH (entry, history)
        count += !makes_no_layer(entry, guess);
    return count;
}

/* Both lists are walked together; builders that do not mark empty entries are seen by the counts. Where the counts never
 * agree, no layer is given a history: none is better than another's. */
static void apply_history(yyjson_val *history, struct oci_image *image)
{
    bool guess = count_history(history, false) != image->layers.count;
    if (guess && count_history(history, true) != image->layers.count) return;
    size_t layer = 0;
    JSON_EACH (entry, history)
        if (!makes_no_layer(entry, guess)) image->layers.items[layer++].created_by = created_by(entry);
}

/* One for each layer, or one for each file system layer where there are others. */
static bool apply_diff_ids(yyjson_val *diff_ids, struct oci_image *image, struct error *error)
{
    size_t count = yyjson_arr_size(diff_ids), file_systems = 0, layer = 0;
    for (size_t i = 0; i < image->layers.count; i++)
        file_systems += oci_layer_kind(image->layers.items[i].media_type) != OCI_LAYER_OTHER;
    if (count == 0 && file_systems == 0) return true;
    if (count != image->layers.count && count != file_systems)
        return error_set(error, ERROR_INVALID, "config-layers-differ", "the configuration names %zu layers, the manifest %zu",
                         count, image->layers.count);
    JSON_EACH (item, diff_ids) {
        struct str diff_id = json_value_str(item);
        if (!oci_digest_valid(diff_id))
            return error_set(error, ERROR_INVALID, "config-invalid", "a diff id of the configuration is not a digest");
        if (count != image->layers.count)
            while (oci_layer_kind(image->layers.items[layer].media_type) == OCI_LAYER_OTHER)
                layer++;
        image->layers.items[layer++].diff_id = diff_id;
    }
    return true;
}

bool oci_config_apply(struct arena *arena, struct str config, const struct oci_platform *platform, struct oci_image *image,
                      struct error *error)
{
    yyjson_doc *document = json_parse_in(arena, config, "the image's configuration", error);
    if (!document) return false;
    yyjson_val *root = yyjson_doc_get_root(document);
    if (!yyjson_is_obj(root))
        return error_set(error, ERROR_INVALID, "config-invalid", "the image's configuration is not an object");
    if (!apply_diff_ids(json_get(json_get(root, "rootfs"), "diff_ids"), image, error)) return false;
    apply_history(json_get(root, "history"), image);
    image->config = config;
    image->os = json_str(root, "os");
    image->architecture = json_str(root, "architecture");
    image->variant = json_str(root, "variant");
    if (!image->os.size) image->os = platform->os;
    if (!image->architecture.size) image->architecture = platform->architecture;
    return true;
}
