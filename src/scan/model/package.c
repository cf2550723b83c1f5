/* One package as it stands in the JSON report (scan.md §16.1). */
#include "scan/model/model.h"

static const char *const relationship_words[] = {
    [RELATION_UNKNOWN] = "",      [RELATION_ROOT] = "root",         [RELATION_WORKSPACE] = "workspace",
    [RELATION_DIRECT] = "direct", [RELATION_INDIRECT] = "indirect",
};

void package_identifier_write(struct json_writer *writer, const char *key, const struct package *package)
{
    json_key(writer, key);
    json_open(writer, '{');
    json_member_str(writer, "PURL", package->purl);
    json_member_str(writer, "UID", package->uid);
    json_close(writer, '}');
}

void layer_ref_write(struct json_writer *writer, const struct layer_ref *layer)
{
    if (!layer->digest.size && !layer->diff_id.size) return;
    json_key(writer, "Layer");
    json_open(writer, '{');
    json_member_str(writer, "Digest", layer->digest);
    json_member_str(writer, "DiffID", layer->diff_id);
    json_close(writer, '}');
}

static void build_info_write(struct json_writer *writer, const struct package *package)
{
    if (!package->content_sets.count && !package->nvr.size) return;
    json_key(writer, "BuildInfo");
    json_open(writer, '{');
    json_member_strings(writer, "ContentSets", &package->content_sets);
    json_member_str(writer, "Nvr", package->nvr);
    json_member_str(writer, "Arch", package->build_arch);
    json_close(writer, '}');
}

/* Readers of these reports know the files of dpkg and rpm with a '/' before, those of apk without. */
static void installed_files_write(struct json_writer *writer, const struct package *package)
{
    bool absolute = str_is(package->analyzed_by, "dpkg") || str_is(package->analyzed_by, "rpm");
    if (!absolute || !package->installed_files.count) {
        json_member_strings(writer, "InstalledFiles", &package->installed_files);
        return;
    }
    CLEANUP_BUFFER struct buffer path = { 0 };
    json_key(writer, "InstalledFiles");
    json_open(writer, '[');
    for (size_t i = 0; i < package->installed_files.count; i++) {
        path.size = 0;
        buffer_char(&path, '/');
        buffer_str(&path, package->installed_files.items[i]);
        json_put_str(writer, buffer_view(&path));
    }
    json_close(writer, ']');
}

void package_write(struct json_writer *writer, const struct package *package)
{
    json_open(writer, '{');
    json_member_str(writer, "ID", package->id);
    json_member_str(writer, "Name", package->name);
    package_identifier_write(writer, "Identifier", package);
    json_member_str(writer, "Version", package->version);
    json_member_str(writer, "Release", package->release);
    json_member_int(writer, "Epoch", package->epoch);
    json_member_str(writer, "Arch", package->arch);
    json_member_bool(writer, "Dev", package->dev);
    json_member_str(writer, "SrcName", package->src_name);
    json_member_str(writer, "SrcVersion", package->src_version);
    json_member_str(writer, "SrcRelease", package->src_release);
    json_member_int(writer, "SrcEpoch", package->src_epoch);
    json_member_strings(writer, "Licenses", &package->licenses);
    json_member_str(writer, "Maintainer", package->maintainer);
    json_member_str(writer, "Modularitylabel", package->modularity_label);
    build_info_write(writer, package);
    if (package->repository_class.size) {
        json_key(writer, "Repository");
        json_open(writer, '{');
        json_member_str(writer, "Class", package->repository_class);
        json_close(writer, '}');
    }
    json_member_bool(writer, "Indirect", package->indirect);
    json_member_str(writer, "Relationship", str_of(relationship_words[package->relationship]));
    json_member_strings(writer, "DependsOn", &package->depends_on);
    layer_ref_write(writer, &package->layer);
    json_member_str(writer, "FilePath", package->file_path);
    json_member_str(writer, "Digest", package->digest);
    installed_files_write(writer, package);
    json_member_str(writer, "AnalyzedBy", package->analyzed_by);
    json_close(writer, '}');
}
