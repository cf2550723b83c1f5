/* pratique explain -f json (docs/report.md). Members are called as in reports where they mean the same. */
#include "cmd/explain.h"

/* What was compared with what, and what came of it. */
static void put_comparison(struct json_writer *writer, const struct explanation *one)
{
    json_key(writer, "Comparison");
    json_open(writer, '{');
    json_member_str(writer, "Bucket", one->bucket);
    json_member_str(writer, "Key", one->key);
    json_member_str(writer, "Record", one->record);
    json_member_str(writer, "AffectedVersion", one->affected_version);
    json_member_str(writer, "Compared", one->compared);
    if (one->fixed_version.size) json_member_str(writer, "Sign", explain_sign(one));
    json_member_str(writer, "FixedVersion", one->fixed_version);
    json_member_str(writer, "Order", one->order_name);
    json_member_str(writer, "Why", str_of(one->why));
    json_close(writer, '}');
}

static void put_suppression(struct json_writer *writer, const struct suppressed *suppressed)
{
    if (!suppressed) return;
    json_key(writer, "Suppressed");
    json_open(writer, '{');
    json_member_str(writer, "Status", suppressed->status);
    json_member_str(writer, "Statement", suppressed->statement);
    json_member_str(writer, "Source", suppressed->source);
    json_close(writer, '}');
}

static void put_explanation(struct json_writer *writer, const struct report *report, const struct explanation *one)
{
    struct explained found = explain_find(report, one->record, one->package);
    json_open(writer, '{');
    json_key(writer, "Affected");
    json_put_bool(writer, one->affected);
    json_key(writer, "Package");
    package_write(writer, one->package);
    put_comparison(writer, one);
    if (!found.finding) json_member_str(writer, "VendorStatus", one->vendor_status);
    put_suppression(writer, found.suppressed);
    if (found.finding) {
        json_key(writer, "Vulnerability");
        report_finding_write(writer, report, found.result, found.finding);
    }
    json_close(writer, '}');
}

void explain_write_json(struct buffer *out, const struct explain_answer *answer)
{
    struct json_writer writer = { .out = out, .indent = 2 };
    json_open(&writer, '{');
    json_key(&writer, "SchemaVersion");
    json_put_int(&writer, 1);
    json_member_str(&writer, "VulnerabilityID", answer->id);
    json_member_str(&writer, "ArtifactName", answer->report->artifact_name);
    json_member_str(&writer, "Title", answer->known ? answer->known->title : (struct str){ 0 });
    json_key(&writer, "Explanations");
    json_open(&writer, '[');
    for (size_t i = 0; i < answer->explanations->count; i++)
        put_explanation(&writer, answer->report, &answer->explanations->items[i]);
    json_close(&writer, ']');
    report_coverage_write(&writer, answer->report);
    json_close(&writer, '}');
    buffer_char(out, '\n');
}
