#include "scan/advisory/row.h"

#define TEXT_LIMIT 4096

enum member_type {
    MEMBER_TEXT,
    MEMBER_STRINGS,
    MEMBER_SEVERITY,
    MEMBER_STATUS,
    MEMBER_SCORE,
    MEMBER_BOOL,
    MEMBER_ENTRIES,
    MEMBER_CVES
};

struct member {
    const char *name;
    enum member_type type;
};

static const struct member record_members[] = {
    { "FixedVersion", MEMBER_TEXT },
    { "AffectedVersion", MEMBER_TEXT },
    { "VulnerableVersions", MEMBER_STRINGS },
    { "PatchedVersions", MEMBER_STRINGS },
    { "Severity", MEMBER_SEVERITY },
    { "Status", MEMBER_STATUS },
    { "VendorStatus", MEMBER_TEXT },
    { "VendorIDs", MEMBER_STRINGS },
    { "Entries", MEMBER_ENTRIES },
    { NULL, 0 },
};
static const struct member entry_members[] = {
    { "FixedVersion", MEMBER_TEXT }, { "Affected", MEMBER_STRINGS },
    { "Arches", MEMBER_STRINGS },    { "VendorIDs", MEMBER_STRINGS },
    { "Cves", MEMBER_CVES },         { "Status", MEMBER_STATUS },
    { "VendorStatus", MEMBER_TEXT }, { NULL, 0 },
};
static const struct member cve_members[] = { { "ID", MEMBER_TEXT }, { "Severity", MEMBER_SEVERITY }, { NULL, 0 } };
static const struct member fact_members[] = {
    { "Title", MEMBER_TEXT },
    { "Description", MEMBER_TEXT },
    { "Severity", MEMBER_SEVERITY },
    { "V2Vector", MEMBER_TEXT },
    { "V2Score", MEMBER_SCORE },
    { "V3Vector", MEMBER_TEXT },
    { "V3Score", MEMBER_SCORE },
    { "V40Vector", MEMBER_TEXT },
    { "V40Score", MEMBER_SCORE },
    { "CweIDs", MEMBER_STRINGS },
    { "References", MEMBER_STRINGS },
    { "PublishedDate", MEMBER_TEXT },
    { "LastModifiedDate", MEMBER_TEXT },
    { "Aliases", MEMBER_STRINGS },
    { "DateAdded", MEMBER_TEXT },
    { "DueDate", MEMBER_TEXT },
    { "Ransomware", MEMBER_BOOL },
    { "Score", MEMBER_SCORE },
    { "Percentile", MEMBER_SCORE },
    { NULL, 0 },
};

static bool object_valid(yyjson_val *object, const struct member *members);

static bool strings_valid(yyjson_val *value)
{
    if (!yyjson_is_arr(value) || yyjson_arr_size(value) > FEED_LIST_LIMIT) return false;
    JSON_EACH (item, value)
        if (!yyjson_is_str(item) || yyjson_get_len(item) > TEXT_LIMIT) return false;
    return true;
}

static bool objects_valid(yyjson_val *value, const struct member *members)
{
    if (!yyjson_is_arr(value) || yyjson_arr_size(value) > FEED_ENTRY_LIMIT) return false;
    JSON_EACH (item, value)
        if (!object_valid(item, members)) return false;
    return true;
}

static bool in_range(yyjson_val *value, int limit) { return yyjson_is_uint(value) && yyjson_get_uint(value) < (uint64_t)limit; }

static bool member_valid(yyjson_val *value, enum member_type type)
{
    switch (type) {
    case MEMBER_TEXT: return yyjson_is_str(value) && yyjson_get_len(value) <= TEXT_LIMIT;
    case MEMBER_STRINGS: return strings_valid(value);
    case MEMBER_SEVERITY: return in_range(value, SEVERITY_COUNT);
    case MEMBER_STATUS: return in_range(value, STATUS_COUNT);
    case MEMBER_SCORE: return yyjson_is_num(value) && yyjson_get_num(value) >= -1 && yyjson_get_num(value) <= 10;
    case MEMBER_BOOL: return yyjson_is_bool(value);
    case MEMBER_ENTRIES: return objects_valid(value, entry_members);
    case MEMBER_CVES: return objects_valid(value, cve_members);
    }
    return false;
}

/* Members may come at most once and in the table's order, so that equal records have equal text. */
static bool object_valid(yyjson_val *object, const struct member *members)
{
    if (!yyjson_is_obj(object)) return false;
    JSON_MEMBERS (key, value, object) {
        while (members->name && !str_is(json_value_str(key), members->name))
            members++;
        if (!members->name || !member_valid(value, members->type)) return false;
        members++;
    }
    return true;
}

/* Control characters would break the files that rows are kept in. */
static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20) return false;
    return text.size > 0 && text.size <= FEED_NAME_LIMIT;
}

static bool is_fact_of(const struct feed_reader *reader, struct str source)
{
    struct str names = str_of(reader->facts);
    for (struct str name; !str_empty(name = str_word(&names));)
        if (str_equal(name, source)) return true;
    return false;
}

static bool refused(const struct feed_reader *reader, const char *what, struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "feed-row", "the reader of %s sent %s", reader->name, what);
}

static bool read_record(yyjson_val *root, const struct feed_reader *reader, struct row *row, struct error *error)
{
    row->kind = ROW_RECORD;
    row->package = json_str(root, "package");
    row->id = json_str(root, "id");
    row->body = json_get(root, "record");
    row->source = feed_source_of(reader, row->bucket);
    if (!row->source) return refused(reader, "a record for a bucket that is not its own", error);
    if (!is_name(row->bucket) || !is_name(row->package) || !is_name(row->id))
        return refused(reader, "a record without a name", error);
    return object_valid(row->body, record_members) || refused(reader, "a record of a wrong shape", error);
}

static bool read_fact(yyjson_val *root, const struct feed_reader *reader, struct row *row, struct error *error)
{
    row->kind = ROW_FACT;
    row->fact_source = json_str(root, "source");
    row->body = json_get(root, "fact");
    if (!is_name(row->id) || !is_fact_of(reader, row->fact_source)) return refused(reader, "a fact that is not its own", error);
    return object_valid(row->body, fact_members) || refused(reader, "a fact of a wrong shape", error);
}

static bool read_cpes(yyjson_val *root, const struct feed_reader *reader, struct row *row, struct error *error)
{
    row->kind = ROW_CPES;
    row->cpe_key = json_str(root, "key");
    row->body = json_get(root, "cpes");
    bool known = str_is(row->cpe_kind, "repository") || str_is(row->cpe_kind, "nvr");
    return (known && is_name(row->cpe_key) && strings_valid(row->body)) ||
           refused(reader, "a list of CPEs of a wrong shape", error);
}

static bool read_end(yyjson_val *root, const struct feed_reader *reader, struct row *row, struct error *error)
{
    moment ignored;
    row->kind = ROW_END;
    row->release = json_str(root, "release");
    row->date = json_str(root, "date");
    row->from = json_str(root, "from");
    bool good = is_name(row->family) && is_name(row->release) && row->date.size == 10 && clock_parse(row->date, &ignored) &&
                is_name(row->from);
    return good || refused(reader, "an end of life of a wrong shape", error);
}

static bool read_finished(yyjson_val *root, const struct feed_reader *reader, size_t inputs, struct row *row,
                          struct error *error)
{
    row->kind = ROW_FINISHED;
    row->as_of = json_str(root, "as_of");
    row->first_skipped = json_str(root, "first_skipped");
    row->skipped = (uint64_t)json_int(root, "skipped", 0);
    moment ignored;
    if (yyjson_arr_size(row->body) != inputs) return refused(reader, "a wrong number of counts", error);
    if (!str_empty(row->as_of) && !clock_parse(row->as_of, &ignored)) row->as_of = (struct str){ 0 };
    return true;
}

bool row_read(struct str line, const struct feed_reader *reader, size_t inputs, yyjson_doc **document, struct row *row,
              struct error *error)
{
    *row = (struct row){ 0 };
    *document = json_parse(line, 0, "a row", error);
    if (!*document) return false;
    yyjson_val *root = yyjson_doc_get_root(*document);
    yyjson_val *percent = json_get(root, "percent");
    if (percent) {
        row->kind = ROW_PROGRESS;
        row->percent = in_range(percent, 101) ? (unsigned)yyjson_get_uint(percent) : 0;
        return true;
    }
    row->message_id = json_str(root, "failure");
    if (!str_empty(row->message_id)) {
        row->kind = ROW_FAILURE;
        row->message = json_str(root, "message");
        return true;
    }
    int64_t input = json_int(root, "f", -1);
    if (input < 0 || (size_t)input >= inputs) return refused(reader, "a row that belongs to no input", error);
    row->input = (size_t)input;
    if (!str_empty(row->bucket = json_str(root, "bucket"))) return read_record(root, reader, row, error);
    if (!str_empty(row->id = json_str(root, "vulnerability"))) return read_fact(root, reader, row, error);
    if (!str_empty(row->cpe_kind = json_str(root, "kind"))) return read_cpes(root, reader, row, error);
    if (!str_empty(row->family = json_str(root, "family"))) return read_end(root, reader, row, error);
    if ((row->body = json_get(root, "counts"))) return read_finished(root, reader, inputs, row, error);
    return refused(reader, "a row of an unknown kind", error);
}
