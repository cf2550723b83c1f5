#include "scan/advisory/record.h"

#include <stdlib.h>

void record_strings(struct arena *arena, yyjson_val *array, str_vector *strings)
{
    JSON_EACH (item, array)
        if (yyjson_is_str(item)) *vector_push(arena, strings) = json_value_str(item);
}

void record_numbers(struct arena *arena, yyjson_val *array, number_vector *numbers)
{
    JSON_EACH (item, array)
        if (yyjson_is_int(item)) *vector_push(arena, numbers) = yyjson_get_sint(item);
}

static int64_t bounded(int64_t value, int64_t count) { return value >= 0 && value < count ? value : 0; }

enum severity record_severity(int64_t number) { return (enum severity)bounded(number, SEVERITY_COUNT); }
enum status record_status(int64_t number) { return (enum status)bounded(number, STATUS_COUNT); }

struct advisory record_advisory(struct arena *arena, struct str id, yyjson_val *value)
{
    struct advisory advisory = {
        .id = id,
        .fixed_version = json_str(value, "FixedVersion"),
        .affected_version = json_str(value, "AffectedVersion"),
        .severity = record_severity(json_int(value, "Severity", 0)),
        .status = record_status(json_int(value, "Status", 0)),
        .vendor_status = json_str(value, "VendorStatus"),
        .entries = json_get(value, "Entries"),
    };
    advisory.has_severity = advisory.severity != SEVERITY_UNKNOWN;
    record_strings(arena, json_get(value, "VulnerableVersions"), &advisory.vulnerable);
    record_strings(arena, json_get(value, "PatchedVersions"), &advisory.patched);
    record_strings(arena, json_get(value, "VendorIDs"), &advisory.vendor_ids);
    return advisory;
}

static int order_severities(const void *a, const void *b)
{
    return str_compare(((const struct vendor_severity *)a)->source, ((const struct vendor_severity *)b)->source);
}

static int order_cvss(const void *a, const void *b)
{
    return str_compare(((const struct vendor_cvss *)a)->source, ((const struct vendor_cvss *)b)->source);
}

static void read_risk(struct vulnerability *vulnerability, yyjson_val *value)
{
    yyjson_val *kev = json_get(value, "KEV"), *epss = json_get(value, "EPSS");
    vulnerability->kev = yyjson_is_obj(kev);
    vulnerability->kev_added = json_str(kev, "DateAdded");
    vulnerability->kev_due = json_str(kev, "DueDate");
    vulnerability->kev_ransomware = json_bool(kev, "Ransomware");
    vulnerability->epss = json_real(epss, "Score", -1);
    vulnerability->epss_percentile = json_real(epss, "Percentile", -1);
}

struct vulnerability *record_vulnerability(struct arena *arena, struct str id, yyjson_val *value)
{
    struct vulnerability *vulnerability = arena_alloc(arena, sizeof *vulnerability);
    vulnerability->id = id;
    vulnerability->title = json_str(value, "Title");
    vulnerability->description = json_str(value, "Description");
    vulnerability->severity_word = json_str(value, "Severity");
    vulnerability->published = json_str(value, "PublishedDate");
    vulnerability->modified = json_str(value, "LastModifiedDate");
    record_strings(arena, json_get(value, "CweIDs"), &vulnerability->cwe_ids);
    record_strings(arena, json_get(value, "References"), &vulnerability->references);
    record_strings(arena, json_get(value, "Aliases"), &vulnerability->aliases);
    read_risk(vulnerability, value);
    JSON_MEMBERS (source, title, json_get(value, "AdvisoryTitle"))
        *vector_push(arena, &vulnerability->advisory_titles) =
            (struct vendor_text){ json_value_str(source), json_value_str(title) };
    JSON_MEMBERS (source, severity, json_get(value, "VendorSeverity")) {
        struct vendor_severity *entry = vector_push(arena, &vulnerability->severities);
        entry->source = json_value_str(source);
        entry->severity = record_severity(yyjson_get_sint(severity));
    }
    JSON_MEMBERS (vendor, scores, json_get(value, "CVSS")) {
        struct vendor_cvss *entry = vector_push(arena, &vulnerability->cvss);
        *entry = (struct vendor_cvss){
            json_value_str(vendor),           json_str(scores, "V2Vector"),    json_str(scores, "V3Vector"),
            json_str(scores, "V40Vector"),    json_real(scores, "V2Score", 0), json_real(scores, "V3Score", 0),
            json_real(scores, "V40Score", 0),
        };
    }
    if (vulnerability->severities.count)
        qsort(vulnerability->severities.items, vulnerability->severities.count, sizeof *vulnerability->severities.items,
              order_severities);
    if (vulnerability->cvss.count)
        qsort(vulnerability->cvss.items, vulnerability->cvss.count, sizeof *vulnerability->cvss.items, order_cvss);
    return vulnerability;
}

struct data_source record_source(yyjson_val *value)
{
    return (struct data_source){ json_str(value, "ID"), json_str(value, "Name"), json_str(value, "URL"),
                                 json_str(value, "BaseID") };
}
