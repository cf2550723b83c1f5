/* CISA's Known Exploited Vulnerabilities. */
#include "scan/advisory/feed.h"

static bool put_entry(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = json_parse(value, JSON_INSITU, "the KEV catalogue", error);
    if (!document) return false;
    yyjson_val *entry = yyjson_doc_get_root(document);
    struct feed_fact fact = {
        .id = json_str(entry, "cveID"),
        .source = STR("kev"),
        .kev = true,
        .kev_added = json_str(entry, "dateAdded"),
        .kev_due = json_str(entry, "dueDate"),
        .kev_ransomware = str_is_nocase(json_str(entry, "knownRansomwareCampaignUse"), "known"),
    };
    if (feed_is_cve(fact.id))
        feed_put_fact(run, &fact);
    else
        feed_skip(run, "an entry without a CVE identifier");
    return true;
}

static bool note_head(void *context, struct feed_run *run, struct str key, struct str value, struct error *error)
{
    if (str_is(key, "dateReleased")) run->as_of = arena_str(run->arena, value);
    return true;
}

static bool kev_read(struct feed_run *run, struct error *error)
{
    return feed_each_member(run, &run->inputs[0], "vulnerabilities", put_entry, note_head, NULL, error);
}

const struct feed_reader feed_kev = { .name = "kev", .facts = "kev", .late = true, .read = kev_read };
