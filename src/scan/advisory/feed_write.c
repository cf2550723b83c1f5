/* The child's side of the pipe: rows as JSON lines (docs/database.md, "Rows"). */
#include "scan/advisory/feed.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FLUSH_SIZE ((size_t)64 << 10)
#define TITLE_LIMIT 512
#define DESCRIPTION_LIMIT 2048
#define REFERENCE_LIMIT 16
#define REFERENCE_SIZE 512

static void flush(struct feed_run *run)
{
    if (run->output < 0) return;
    struct error error;
    if (!run->failed && !file_write_all(run->output, run->out.data, run->out.size, &error)) run->failed = true;
    run->out.size = 0;
}

static void start_row(struct feed_run *run, struct json_writer *writer)
{
    unsigned percent = run->total ? (unsigned)(run->read * 100 / run->total) : 0;
    if (percent > run->percent && percent <= 100) {
        run->percent = percent;
        buffer_printf(&run->out, "{\"percent\":%u}\n", percent);
    }
    *writer = (struct json_writer){ .out = &run->out };
    json_open(writer, '{');
    json_key(writer, "f");
    json_put_int(writer, (int64_t)run->current);
}

static void end_row(struct feed_run *run, struct json_writer *writer)
{
    json_close(writer, '}');
    buffer_char(&run->out, '\n');
    if (run->out.size >= FLUSH_SIZE) flush(run);
}

/* How many of a list's items are written. */
static size_t within(struct feed_run *run, const char *what, size_t count, size_t limit)
{
    if (count <= limit) return count;
    feed_skip(run, "%zu %s in one list, %zu are kept", count, what, limit);
    return limit;
}

/* A list without what is too long for a name. */
static void member_names(struct feed_run *run, struct json_writer *writer, const char *key, const str_vector *names)
{
    size_t written = 0, count = within(run, key, names->count, FEED_LIST_LIMIT);
    for (size_t i = 0; i < count; i++) {
        if (names->items[i].size > VERSION_LIMIT) feed_skip(run, "a text of %zu bytes among %s", names->items[i].size, key);
        if (!names->items[i].size || names->items[i].size > VERSION_LIMIT) continue;
        if (!written++) {
            json_key(writer, key);
            json_open(writer, '[');
        }
        json_put_str(writer, names->items[i]);
    }
    if (written) json_close(writer, ']');
}

static void write_entry(struct feed_run *run, struct json_writer *writer, const struct feed_entry *entry)
{
    json_open(writer, '{');
    json_member_str(writer, "FixedVersion", str_to(entry->fixed_version, VERSION_LIMIT));
    member_names(run, writer, "Affected", &entry->cpes);
    member_names(run, writer, "Arches", &entry->arches);
    member_names(run, writer, "VendorIDs", &entry->vendor_ids);
    if (entry->cves.count) {
        json_key(writer, "Cves");
        json_open(writer, '[');
        size_t count = within(run, "CVEs", entry->cves.count, FEED_ENTRY_LIMIT);
        for (size_t i = 0; i < count; i++) {
            json_open(writer, '{');
            json_member_str(writer, "ID", str_to(entry->cves.items[i].id, VERSION_LIMIT));
            json_member_int(writer, "Severity", entry->cves.items[i].severity);
            json_close(writer, '}');
        }
        json_close(writer, ']');
    }
    json_member_int(writer, "Status", entry->status);
    json_member_str(writer, "VendorStatus", str_to(entry->vendor_status, VERSION_LIMIT));
    json_close(writer, '}');
}

/* What the parent would refuse (row.c): one bad name must not cost the whole feed. */
static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20) return false;
    return text.size > 0 && text.size <= FEED_NAME_LIMIT && str_valid_utf8(text);
}

void feed_put_record(struct feed_run *run, const struct feed_record *record)
{
    struct json_writer writer;
    if (!is_name(record->bucket) || !is_name(record->package) || !is_name(record->id) ||
        record->fixed_version.size > VERSION_LIMIT || record->affected_version.size > VERSION_LIMIT)
        return feed_skip(run, "a record whose package, identifier or version is no name");
    start_row(run, &writer);
    json_member_str(&writer, "bucket", record->bucket);
    json_member_str(&writer, "package", record->package);
    json_member_str(&writer, "id", record->id);
    json_key(&writer, "record");
    json_open(&writer, '{');
    json_member_str(&writer, "FixedVersion", record->fixed_version);
    json_member_str(&writer, "AffectedVersion", record->affected_version);
    member_names(run, &writer, "VulnerableVersions", &record->vulnerable);
    member_names(run, &writer, "PatchedVersions", &record->patched);
    json_member_int(&writer, "Severity", record->severity);
    json_member_int(&writer, "Status", record->status);
    json_member_str(&writer, "VendorStatus", str_to(record->vendor_status, VERSION_LIMIT));
    member_names(run, &writer, "VendorIDs", &record->vendor_ids);
    if (record->entries.count) {
        json_key(&writer, "Entries");
        json_open(&writer, '[');
        size_t count = within(run, "entries", record->entries.count, FEED_ENTRY_LIMIT);
        for (size_t i = 0; i < count; i++)
            write_entry(run, &writer, &record->entries.items[i]);
        json_close(&writer, ']');
    }
    json_close(&writer, '}');
    end_row(run, &writer);
}

/* At most `limit` bytes, cut at a character, an ellipsis behind what was cut. */
static void member_text(struct json_writer *writer, const char *key, struct str text, size_t limit)
{
    static const char ellipsis[] = "…";
    char cut[DESCRIPTION_LIMIT + sizeof ellipsis];
    text = str_trim(text);
    if (text.size > limit) {
        size_t end = limit;
        while (end && ((unsigned char)text.data[end] & 0xc0) == 0x80)
            end--;
        memcpy(mempcpy(cut, text.data, end), ellipsis, sizeof ellipsis);
        text = str_make(cut, end + sizeof ellipsis - 1);
    }
    json_member_str(writer, key, text);
}

static void member_score(struct json_writer *writer, const char *key, double score)
{
    if (score <= 0) return;
    json_key(writer, key);
    json_put_real(writer, score);
}

static void member_references(struct json_writer *writer, const str_vector *references)
{
    size_t written = 0;
    for (size_t i = 0; i < references->count && written < REFERENCE_LIMIT; i++) {
        struct str reference = str_trim(references->items[i]);
        if (str_empty(reference) || reference.size > REFERENCE_SIZE) continue;
        if (!written++) {
            json_key(writer, "References");
            json_open(writer, '[');
        }
        json_put_str(writer, reference);
    }
    if (written) json_close(writer, ']');
}

static void member_cvss(struct json_writer *writer, const char *vector_key, const char *score_key, struct feed_cvss cvss)
{
    if (str_empty(cvss.vector) || cvss.vector.size > VERSION_LIMIT || cvss.score > 10) return;
    struct cvss computed;
    struct error ignored;
    if (cvss.score <= 0 && cvss_score(cvss.vector, &computed, &ignored)) cvss.score = computed.base;
    json_member_str(writer, vector_key, cvss.vector);
    member_score(writer, score_key, cvss.score);
}

void feed_put_fact(struct feed_run *run, const struct feed_fact *fact)
{
    struct json_writer writer;
    if (!is_name(fact->id)) return feed_skip(run, "a fact about something without a name");
    start_row(run, &writer);
    json_member_str(&writer, "vulnerability", fact->id);
    json_member_str(&writer, "source", fact->source);
    json_key(&writer, "fact");
    json_open(&writer, '{');
    member_text(&writer, "Title", fact->title, TITLE_LIMIT);
    member_text(&writer, "Description", fact->description, DESCRIPTION_LIMIT);
    json_member_int(&writer, "Severity", fact->severity);
    member_cvss(&writer, "V2Vector", "V2Score", fact->v2);
    member_cvss(&writer, "V3Vector", "V3Score", fact->v3);
    member_cvss(&writer, "V40Vector", "V40Score", fact->v40);
    member_names(run, &writer, "CweIDs", &fact->cwe_ids);
    member_references(&writer, &fact->references);
    json_member_str(&writer, "PublishedDate", str_to(fact->published, 64));
    json_member_str(&writer, "LastModifiedDate", str_to(fact->modified, 64));
    member_names(run, &writer, "Aliases", &fact->aliases);
    if (fact->kev) {
        json_member_str(&writer, "DateAdded", str_to(fact->kev_added, 64));
        json_member_str(&writer, "DueDate", str_to(fact->kev_due, 64));
        json_member_bool(&writer, "Ransomware", fact->kev_ransomware);
    }
    if (str_is(fact->source, "epss")) {
        json_key(&writer, "Score");
        json_put_real(&writer, fact->epss);
        json_key(&writer, "Percentile");
        json_put_real(&writer, fact->epss_percentile);
    }
    json_close(&writer, '}');
    end_row(run, &writer);
}

void feed_put_cpes(struct feed_run *run, const char *kind, struct str key, const str_vector *cpes)
{
    if (!cpes->count) return;
    if (!is_name(key)) return feed_skip(run, "a repository without a name");
    struct json_writer writer;
    start_row(run, &writer);
    json_member_str(&writer, "kind", str_of(kind));
    json_member_str(&writer, "key", key);
    member_names(run, &writer, "cpes", cpes);
    end_row(run, &writer);
}

void feed_put_end(struct feed_run *run, struct str family, struct str release, struct str date, struct str source)
{
    struct json_writer writer;
    moment ignored;
    if (!is_name(family) || !is_name(release) || !is_name(source)) return feed_skip(run, "an end of life of no release");
    if (date.size != 10 || !clock_parse(date, &ignored))
        return feed_skip(run, "%.*s: not a date: %.*s", STR_ARG(release), STR_ARG(date));
    start_row(run, &writer);
    json_member_str(&writer, "family", family);
    json_member_str(&writer, "release", release);
    json_member_str(&writer, "date", date);
    json_member_str(&writer, "from", source);
    end_row(run, &writer);
}

void feed_put_end_of_rows(struct feed_run *run)
{
    struct json_writer writer;
    run->current = 0;
    start_row(run, &writer);
    json_key(&writer, "counts");
    json_open(&writer, '[');
    for (size_t i = 0; i < run->input_count; i++)
        json_put_int(&writer, (int64_t)run->counts[i]);
    json_close(&writer, ']');
    json_member_str(&writer, "as_of", run->as_of);
    json_member_int(&writer, "skipped", (int64_t)run->skipped);
    json_member_str(&writer, "first_skipped", run->first_skipped);
    end_row(run, &writer);
    flush(run);
}

void feed_skip(struct feed_run *run, const char *format, ...)
{
    if (run->skipped++) return;
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    run->first_skipped = arena_str(run->arena, str_of(text));
}

void feed_fact_cvss(struct feed_fact *fact, struct str vector, double score)
{
    vector = str_trim(vector);
    if (str_empty(vector)) return;
    struct feed_cvss cvss = { vector, score };
    if (str_starts(vector, "CVSS:4"))
        fact->v40 = cvss;
    else if (str_starts(vector, "CVSS:3"))
        fact->v3 = cvss;
    else
        fact->v2 = cvss;
}
