/* JSON in the shape of Trivy's report, SchemaVersion 2 (scan.md §16.1). Ours, documented in docs/report.md: Aliases, KEV, EPSS
 * and VendorStatus of a vulnerability; Coverage, Sources and Confinement of the report. */
#include "scan/report/writers.h"

/* Where a finding stands. */
struct place {
    const struct report *report;
    const struct result *result;
};

static void put_vendor_severities(struct json_writer *writer, const struct finding *finding)
{
    const struct vulnerability *known = finding->vulnerability;
    bool own = known && finding->has_package_severity && finding->package_severity_source.size, own_done = !own;
    if (!own && (!known || !known->severities.count)) return;
    json_key(writer, "VendorSeverity");
    json_open(writer, '{');
    for (size_t i = 0; known && i < known->severities.count; i++) {
        const struct vendor_severity *vendor = &known->severities.items[i];
        int order = own_done ? -1 : str_compare(finding->package_severity_source, vendor->source);
        if (!own_done && order <= 0) {
            json_key_str(writer, finding->package_severity_source);
            json_put_int(writer, finding->package_severity);
            own_done = true;
            if (order == 0) continue;
        }
        json_key_str(writer, vendor->source);
        json_put_int(writer, vendor->severity);
    }
    if (!own_done) {
        json_key_str(writer, finding->package_severity_source);
        json_put_int(writer, finding->package_severity);
    }
    json_close(writer, '}');
}

static void put_score(struct json_writer *writer, const char *key, double score)
{
    if (score <= 0) return;
    json_key(writer, key);
    json_put_real(writer, score);
}

static void put_cvss(struct json_writer *writer, const struct vulnerability *known)
{
    if (!known->cvss.count) return;
    json_key(writer, "CVSS");
    json_open(writer, '{');
    for (size_t i = 0; i < known->cvss.count; i++) {
        const struct vendor_cvss *cvss = &known->cvss.items[i];
        json_key_str(writer, cvss->source);
        json_open(writer, '{');
        json_member_str(writer, "V2Vector", cvss->v2_vector);
        json_member_str(writer, "V3Vector", cvss->v3_vector);
        json_member_str(writer, "V40Vector", cvss->v40_vector);
        put_score(writer, "V2Score", cvss->v2_score);
        put_score(writer, "V3Score", cvss->v3_score);
        put_score(writer, "V40Score", cvss->v40_score);
        json_close(writer, '}');
    }
    json_close(writer, '}');
}

static void put_risk(struct json_writer *writer, const struct vulnerability *known)
{
    if (known->kev) {
        json_key(writer, "KEV");
        json_open(writer, '{');
        json_member_str(writer, "DateAdded", known->kev_added);
        json_member_str(writer, "DueDate", known->kev_due);
        json_member_bool(writer, "Ransomware", known->kev_ransomware);
        json_close(writer, '}');
    }
    if (known->epss >= 0) {
        json_key(writer, "EPSS");
        json_open(writer, '{');
        json_key(writer, "Score");
        json_put_real(writer, known->epss);
        json_key(writer, "Percentile");
        json_put_real(writer, known->epss_percentile);
        json_close(writer, '}');
    }
}

static void put_source(struct json_writer *writer, const struct data_source *source)
{
    if (!source->id.size && !source->name.size) return;
    json_key(writer, "DataSource");
    json_open(writer, '{');
    json_member_str(writer, "ID", source->id);
    json_member_str(writer, "BaseID", source->base_id);
    json_member_str(writer, "Name", source->name);
    json_member_str(writer, "URL", source->url);
    json_close(writer, '}');
}

static void put_known(struct json_writer *writer, const struct finding *finding)
{
    const struct vulnerability *known = finding->vulnerability;
    json_member_str(writer, "Title", known ? known->title : (struct str){ 0 });
    json_member_str(writer, "Description", known ? known->description : (struct str){ 0 });
    json_key(writer, "Severity");
    json_put_text(writer, severity_word(finding->severity));
    if (known) json_member_strings(writer, "CweIDs", &known->cwe_ids);
    put_vendor_severities(writer, finding);
    if (!known) return;
    put_cvss(writer, known);
    json_member_strings(writer, "References", &known->references);
    json_member_str(writer, "PublishedDate", known->published);
    json_member_str(writer, "LastModifiedDate", known->modified);
    json_member_strings(writer, "Aliases", &known->aliases);
    put_risk(writer, known);
}

/* sha256 over artifact, target, package and id: the same finding of another scan has the same (scan.md §14). */
static void put_fingerprint(struct json_writer *writer, const struct place *place, const struct finding *finding)
{
    struct sha256 hash;
    uint8_t sum[32];
    char text[SHA256_TEXT] = "sha256:";
    const struct str parts[] = { place->report->artifact_id, place->result->target, finding->package->id, finding->id };
    sha256_start(&hash);
    for (size_t i = 0; i < 4; i++) {
        if (i) sha256_add(&hash, ":", 1);
        sha256_add(&hash, parts[i].data, parts[i].size);
    }
    sha256_finish(&hash, sum);
    hex_encode(sum, sizeof sum, text + 7);
    json_key(writer, "Fingerprint");
    json_put_text(writer, text);
}

static void put_finding(struct json_writer *writer, const struct place *place, const struct finding *finding)
{
    json_open(writer, '{');
    json_key(writer, "VulnerabilityID");
    json_put_str(writer, finding->id);
    json_member_strings(writer, "VendorIDs", &finding->vendor_ids);
    if (!finding->without_package_id) json_member_str(writer, "PkgID", finding->package->id);
    json_key(writer, "PkgName");
    json_put_str(writer, finding->package->name);
    json_member_str(writer, "PkgPath", finding->package->file_path);
    package_identifier_write(writer, "PkgIdentifier", finding->package);
    json_member_str(writer, "InstalledVersion", finding->installed_version);
    json_member_str(writer, "FixedVersion", finding->fixed_version);
    json_key(writer, "Status");
    json_put_text(writer, status_word(finding->status));
    json_member_str(writer, "VendorStatus", finding->vendor_status);
    layer_ref_write(writer, &finding->package->layer);
    json_member_str(writer, "SeveritySource", finding->severity_source);
    json_member_str(writer, "PrimaryURL", finding->primary_url);
    put_source(writer, &finding->source);
    put_fingerprint(writer, place, finding);
    put_known(writer, finding);
    json_close(writer, '}');
}

void report_finding_write(struct json_writer *writer, const struct report *report, const struct result *result,
                          const struct finding *finding)
{
    put_finding(writer, &(struct place){ report, result }, finding);
}

static void put_suppressed(struct json_writer *writer, const struct place *place)
{
    const suppressed_vector *suppressed = &place->result->suppressed;
    json_key(writer, "ExperimentalModifiedFindings");
    json_open(writer, '[');
    for (size_t i = 0; i < suppressed->count; i++) {
        const struct suppressed *one = &suppressed->items[i];
        json_open(writer, '{');
        json_key(writer, "Type");
        json_put_text(writer, "vulnerability");
        json_key(writer, "Status");
        json_put_str(writer, one->status);
        json_key(writer, "Statement");
        json_put_str(writer, one->statement);
        json_key(writer, "Source");
        json_put_str(writer, one->source);
        json_key(writer, "Finding");
        put_finding(writer, place, &one->finding);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void put_result(struct json_writer *writer, const struct place *place, const struct report_options *options)
{
    const struct result *result = place->result;
    const package_list *packages = &result->application->packages;
    bool list = options->list_packages && packages->count;
    if (!result->application->os_packages && !list && !result->findings.count && !result->suppressed.count) return;
    json_open(writer, '{');
    json_key(writer, "Target");
    json_put_str(writer, result->target);
    json_member_str(writer, "Class", result->class);
    json_member_str(writer, "Type", result->type);
    if (list) {
        json_key(writer, "Packages");
        json_open(writer, '[');
        for (size_t i = 0; i < packages->count; i++)
            package_write(writer, packages->items[i]);
        json_close(writer, ']');
    }
    if (result->findings.count || (packages->count && !result->unjudged)) { /* scripts iterate: docs/report.md */
        json_key(writer, "Vulnerabilities");
        json_open(writer, '[');
        for (size_t i = 0; i < result->findings.count; i++)
            put_finding(writer, place, &result->findings.items[i]);
        json_close(writer, ']');
    }
    if (options->show_suppressed && result->suppressed.count) put_suppressed(writer, place);
    json_close(writer, '}');
}

static void put_os(struct json_writer *writer, const struct report *report)
{
    if (!report->os.family.size) return;
    json_key(writer, "OS");
    json_open(writer, '{');
    json_key(writer, "Family");
    json_put_str(writer, report->os.family);
    json_key(writer, "Name");
    json_put_str(writer, report->os.name);
    json_member_bool(writer, "EOSL", report->eosl);
    json_member_bool(writer, "extended", report->os.extended);
    json_close(writer, '}');
}

/* Readers of these reports find a time in every entry, Go's zero time where the image gives none. */
static void put_history(struct json_writer *writer, yyjson_val *history)
{
    json_open(writer, '[');
    JSON_EACH (entry, history) {
        json_open(writer, '{');
        if (!json_get(entry, "created")) {
            json_key(writer, "created");
            json_put_text(writer, "0001-01-01T00:00:00Z");
        }
        JSON_MEMBERS (key, value, entry) {
            json_key_str(writer, json_value_str(key));
            json_put_value(writer, value);
        }
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

/* The image's own configuration, as it is: it was parsed once when the image was opened. */
static bool put_config(struct json_writer *writer, const struct report *report, struct error *error)
{
    if (!report->image_config.size) return true;
    CLEANUP_JSON yyjson_doc *document = json_parse(report->image_config, 0, "the image's configuration", error);
    if (!document) return false;
    json_key(writer, "ImageConfig");
    json_open(writer, '{');
    JSON_MEMBERS (key, value, yyjson_doc_get_root(document)) {
        json_key_str(writer, json_value_str(key));
        if (str_is(json_value_str(key), "history"))
            put_history(writer, value);
        else
            json_put_value(writer, value);
    }
    json_close(writer, '}');
    return true;
}

static void put_layers(struct json_writer *writer, const struct report *report)
{
    if (!report->layers.count) return;
    json_key(writer, "Layers");
    json_open(writer, '[');
    for (size_t i = 0; i < report->layers.count; i++) {
        const struct image_layer *layer = &report->layers.items[i];
        json_open(writer, '{');
        json_member_int(writer, "Size", (int64_t)layer->size);
        json_member_str(writer, "Digest", layer->ref.digest);
        json_member_str(writer, "DiffID", layer->ref.diff_id);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static bool put_metadata(struct json_writer *writer, const struct report *report, struct error *error)
{
    json_key(writer, "Metadata");
    json_open(writer, '{');
    json_member_int(writer, "Size", (int64_t)report->size);
    put_os(writer, report);
    json_member_str(writer, "ImageID", report->image_id);
    json_member_strings(writer, "DiffIDs", &report->diff_ids);
    json_member_strings(writer, "RepoTags", &report->repo_tags);
    json_member_strings(writer, "RepoDigests", &report->repo_digests);
    json_member_str(writer, "Reference", report->reference);
    if (!put_config(writer, report, error)) return false;
    put_layers(writer, report);
    json_close(writer, '}');
    return true;
}

void report_coverage_write(struct json_writer *writer, const struct report *report)
{
    if (report->coverage.count) {
        json_key(writer, "Coverage");
        json_open(writer, '[');
        for (size_t i = 0; i < report->coverage.count; i++) {
            json_open(writer, '{');
            json_member_str(writer, "Kind", report->coverage.items[i].kind);
            json_member_str(writer, "ID",
                            report->coverage.items[i].id.size ? report->coverage.items[i].id : report->coverage.items[i].kind);
            json_member_str(writer, "Subject", report->coverage.items[i].subject);
            json_member_str(writer, "Message", report->coverage.items[i].message);
            json_close(writer, '}');
        }
        json_close(writer, ']');
    }
    if (report->database.kind) {
        json_key(writer, "Database");
        json_open(writer, '{');
        json_member_str(writer, "Kind", str_of(report->database.kind));
        json_member_str(writer, "BuiltAt", report->database.built_at);
        json_close(writer, '}');
    }
    if (report->sources.count) {
        json_key(writer, "Sources");
        json_open(writer, '[');
        for (size_t i = 0; i < report->sources.count; i++) {
            json_open(writer, '{');
            json_member_str(writer, "ID", report->sources.items[i].name);
            json_member_str(writer, "Name", report->sources.items[i].title);
            json_member_str(writer, "AsOf", report->sources.items[i].as_of);
            json_member_str(writer, "FetchedAt", report->sources.items[i].fetched_at);
            json_close(writer, '}');
        }
        json_close(writer, ']');
    }
    json_member_str(writer, "Confinement", report->confinement);
}

bool json_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                       const struct report_options *options, struct error *error)
{
    struct json_writer writer = { .out = out, .indent = 2 };
    char time[CLOCK_TEXT];
    json_open(&writer, '{');
    json_key(&writer, "SchemaVersion");
    json_put_int(&writer, 2);
    json_key(&writer, "Trivy"); /* the member importers look for; the program's own name and version */
    json_open(&writer, '{');
    json_key(&writer, "Version");
    json_put_text(&writer, "pratique " PRATIQUE_VERSION);
    json_close(&writer, '}');
    json_member_str(&writer, "ReportID", report->report_id);
    json_key(&writer, "CreatedAt");
    json_put_text(&writer, clock_format(report->created_at, time));
    json_member_str(&writer, "ArtifactID", report->artifact_id);
    json_member_str(&writer, "ArtifactName", report->artifact_name);
    json_member_str(&writer, "ArtifactType", report->artifact_type);
    if (!put_metadata(&writer, report, error)) return false;
    if (report->results.count) {
        json_key(&writer, "Results");
        json_open(&writer, '[');
        for (size_t i = 0; i < report->results.count; i++)
            put_result(&writer, &(struct place){ report, &report->results.items[i] }, options);
        json_close(&writer, ']');
    }
    report_coverage_write(&writer, report);
    json_close(&writer, '}');
    buffer_char(out, '\n');
    return true;
}
