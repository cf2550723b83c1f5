/* What is known of one vulnerability, united over its sources (feeds.md §4: every source's severity and vectors are kept;
 * nothing is averaged). Titles, descriptions, weaknesses and dates come from the first source that has them. */
#include "scan/advisory/build.h"

#include <assert.h>

#define REFERENCE_LIMIT 24

/* Order of precedence: that of trivy-db, then those who only score. */
static const char *const source_names[] = {
    "nvd",       "redhat", "debian",     "ubuntu", "alpine", "amazon",      "oracle-oval",
    "suse-cvrf", "photon", "arch-linux", "alma",   "rocky",  "cbl-mariner", "azure",
    "ghsa",      "osv",    "cisa-adp",   "cna",    "kev",    "epss",        FACT_PREVIOUS,
};
#define SOURCES (sizeof source_names / sizeof *source_names)

uint8_t fact_source_rank(struct str source)
{
    size_t rank = 0;
    while (rank < SOURCES && !str_is(source, source_names[rank]))
        rank++;
    assert(rank < SOURCES); /* rows are only taken under their reader's names */
    return (uint8_t)rank;
}

const char *fact_source_name(uint8_t rank) { return source_names[rank < SOURCES ? rank : SOURCES - 1]; }

/* Those whose titles are their advisories': "Moderate: perl security update", "CVE-2024-1 affecting package vim 9.0-2". */
static const char *const advisory_sources[] = { "alma", "azure", "cbl-mariner", "oracle-oval", "rocky" };

static bool writes_advisories(uint8_t source)
{
    for (size_t i = 0; i < sizeof advisory_sources / sizeof *advisory_sources; i++)
        if (strcmp(source_names[source], advisory_sources[i]) == 0) return true;
    return false;
}

struct facts {
    yyjson_val *const *items;
    const uint8_t *sources;
    size_t count;
};

static struct str first_text(const struct facts *facts, const char *member)
{
    for (size_t i = 0; i < facts->count; i++) {
        struct str text = json_str(facts->items[i], member);
        if (!str_empty(text)) return text;
    }
    return (struct str){ 0 };
}

static struct str title_of(const struct facts *facts, uint8_t source)
{
    for (size_t i = 0; i < facts->count; i++)
        if (facts->sources[i] == source && json_get(facts->items[i], "Title")) return json_str(facts->items[i], "Title");
    return (struct str){ 0 };
}

/* The fault's title, or each advisory source's own. */
static void write_titles(struct json_writer *writer, const struct facts *facts)
{
    bool open = false;
    for (uint8_t source = 0; source < SOURCES; source++) {
        struct str title = writes_advisories(source) ? (struct str){ 0 } : title_of(facts, source);
        if (!str_empty(title)) return json_member_str(writer, "Title", title);
    }
    for (uint8_t source = 0; source < SOURCES; source++) {
        struct str title = writes_advisories(source) ? title_of(facts, source) : (struct str){ 0 };
        if (str_empty(title)) continue;
        if (!open) json_key(writer, "AdvisoryTitle"), json_open(writer, '{');
        open = true;
        json_member_str(writer, source_names[source], title);
    }
    if (open) json_close(writer, '}');
}

static void write_first_list(struct json_writer *writer, const struct facts *facts, const char *member)
{
    for (size_t i = 0; i < facts->count; i++) {
        yyjson_val *list = json_get(facts->items[i], member);
        if (!yyjson_arr_size(list)) continue;
        json_key(writer, member);
        json_put_value(writer, list);
        return;
    }
}

/* Of several facts of one source (one an advisory) the gravest counts. */
static enum severity severity_of(const struct facts *facts, uint8_t source)
{
    int64_t gravest = 0;
    for (size_t i = 0; i < facts->count; i++) {
        int64_t severity = json_int(facts->items[i], "Severity", 0);
        if (facts->sources[i] == source && severity > gravest) gravest = severity;
    }
    return (enum severity)gravest;
}

/* The fact of a source that has a vector. */
static yyjson_val *scored(const struct facts *facts, uint8_t source, const char *vector)
{
    for (size_t i = 0; i < facts->count; i++)
        if (facts->sources[i] == source && json_get(facts->items[i], vector)) return facts->items[i];
    return NULL;
}

static const struct {
    const char *vector, *score;
    enum cvss_version version;
} vectors[] = {
    { "V40Vector", "V40Score", CVSS_4_0 },
    { "V3Vector", "V3Score", CVSS_3_1 },
    { "V2Vector", "V2Score", CVSS_2 },
};

/* A source without a word is judged by its newest score (scan.md §20). */
static enum severity word_or_score(const struct facts *facts, uint8_t source)
{
    enum severity severity = severity_of(facts, source);
    for (size_t i = 0; !severity && i < 3; i++)
        severity = cvss_severity(vectors[i].version, json_real(scored(facts, source, vectors[i].vector), vectors[i].score, 0));
    return severity;
}

static void write_severities(struct json_writer *writer, const struct facts *facts)
{
    bool open = false;
    for (uint8_t source = 0; source < SOURCES; source++) {
        enum severity severity = word_or_score(facts, source);
        if (!severity) continue;
        if (!open) json_key(writer, "VendorSeverity"), json_open(writer, '{');
        open = true;
        json_key(writer, source_names[source]);
        json_put_int(writer, severity);
    }
    if (open) json_close(writer, '}');
}

static bool write_vectors(struct json_writer *writer, const struct facts *facts, uint8_t source, bool open)
{
    bool any = false;
    for (size_t i = 3; i-- > 0;) { /* v2, v3, v4 */
        yyjson_val *fact = scored(facts, source, vectors[i].vector);
        if (!fact) continue;
        if (!open) json_key(writer, "CVSS"), json_open(writer, '{');
        open = true;
        if (!any) json_key(writer, source_names[source]), json_open(writer, '{');
        any = true;
        json_member_str(writer, vectors[i].vector, json_str(fact, vectors[i].vector));
        if (!json_get(fact, vectors[i].score)) continue;
        json_key(writer, vectors[i].score);
        json_put_real(writer, json_real(fact, vectors[i].score, 0));
    }
    if (any) json_close(writer, '}');
    return open;
}

static void write_cvss(struct json_writer *writer, const struct facts *facts)
{
    bool open = false;
    for (uint8_t source = 0; source < SOURCES; source++)
        open = write_vectors(writer, facts, source, open);
    if (open) json_close(writer, '}');
}

static void write_lists(struct json_writer *writer, struct arena *arena, const struct facts *facts, const char *member,
                        size_t limit)
{
    str_vector all = { 0 };
    for (size_t i = 0; i < facts->count; i++)
        JSON_EACH (item, json_get(facts->items[i], member))
            if (all.count < limit * 4) *vector_push(arena, &all) = json_value_str(item);
    str_vector_sort_unique(&all);
    if (all.count > limit) all.count = limit;
    json_member_strings(writer, member, &all);
}

static void write_kev(struct json_writer *writer, const struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (!json_get(facts->items[i], "DateAdded")) continue;
        json_key(writer, "KEV");
        json_open(writer, '{');
        json_member_str(writer, "DateAdded", json_str(facts->items[i], "DateAdded"));
        json_member_str(writer, "DueDate", json_str(facts->items[i], "DueDate"));
        json_member_bool(writer, "Ransomware", json_bool(facts->items[i], "Ransomware"));
        json_close(writer, '}');
        return;
    }
}

static void write_epss(struct json_writer *writer, const struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (!json_get(facts->items[i], "Score")) continue;
        json_key(writer, "EPSS");
        json_open(writer, '{');
        json_key(writer, "Score");
        json_put_real(writer, json_real(facts->items[i], "Score", 0));
        if (json_real(facts->items[i], "Percentile", -1) >= 0) {
            json_key(writer, "Percentile");
            json_put_real(writer, json_real(facts->items[i], "Percentile", 0));
        }
        json_close(writer, '}');
        return;
    }
}

void facts_write(struct buffer *out, struct arena *arena, yyjson_val *const *items, const uint8_t *sources, size_t count)
{
    struct facts facts = { items, sources, count };
    struct json_writer writer = { .out = out };
    json_open(&writer, '{');
    write_titles(&writer, &facts);
    json_member_str(&writer, "Description", first_text(&facts, "Description"));
    write_first_list(&writer, &facts, "CweIDs");
    write_severities(&writer, &facts);
    write_cvss(&writer, &facts);
    write_lists(&writer, arena, &facts, "References", REFERENCE_LIMIT);
    json_member_str(&writer, "PublishedDate", first_text(&facts, "PublishedDate"));
    json_member_str(&writer, "LastModifiedDate", first_text(&facts, "LastModifiedDate"));
    write_lists(&writer, arena, &facts, "Aliases", REFERENCE_LIMIT);
    write_kev(&writer, &facts);
    write_epss(&writer, &facts);
    json_close(&writer, '}');
}
