/* rpm: one header blob (scan.md §6.3, "Header blob"; rpm's "Header Structure"). */
#include "scan/inventory/rpm_database.h"

enum {
    TYPE_INT32 = 4,
    TYPE_STRING = 6,
    TYPE_BINARY = 7,
    TYPE_STRING_ARRAY = 8,
    TYPE_I18N = 9
};

static const uint32_t tags[RPM_TAGS] = {
    [RPM_SIGMD5] = 261,       [RPM_NAME] = 1000,         [RPM_VERSION] = 1001,
    [RPM_RELEASE] = 1002,     [RPM_EPOCH] = 1003,        [RPM_INSTALLTIME] = 1008,
    [RPM_SIZE] = 1009,        [RPM_VENDOR] = 1011,       [RPM_LICENSE] = 1014,
    [RPM_ARCH] = 1022,        [RPM_OLDFILENAMES] = 1027, [RPM_SOURCERPM] = 1044,
    [RPM_PROVIDENAME] = 1047, [RPM_REQUIRENAME] = 1049,  [RPM_DIRINDEXES] = 1116,
    [RPM_BASENAMES] = 1117,   [RPM_DIRNAMES] = 1118,     [RPM_MODULARITYLABEL] = 5096,
};

/* `replaces`: the entry stands behind the region. What is added to a header that was signed stands before what it had, such
 * as the files of a package that was installed elsewhere. */
static void entry_take(struct rpm_header *header, const char *entry, struct str data, bool replaces)
{
    uint32_t tag = bytes_u32be(entry), offset = bytes_u32be(entry + 8);
    if (offset >= data.size) return; /* also the negative ones of a region's trailer */
    for (int i = 0; i < RPM_TAGS; i++)
        if (tags[i] == tag && (replaces || !header->values[i].type))
            header->values[i] = (struct rpm_value){ bytes_u32be(entry + 4), bytes_u32be(entry + 12), str_from(data, offset) };
    if (replaces && tag == tags[RPM_BASENAMES]) header->values[RPM_OLDFILENAMES] = (struct rpm_value){ 0 };
}

/* Entries of the region that the first one may open: its data is a trailer, whose offset is minus their size (§6.3). All of
 * them when there is none. */
static uint64_t region_entries(const char *index, uint64_t entries, struct str data)
{
    uint32_t tag = bytes_u32be(index), offset = bytes_u32be(index + 8);
    bool region = tag >= 61 && tag <= 63 && bytes_u32be(index + 4) == TYPE_BINARY && bytes_u32be(index + 12) == 16;
    if (!region || !bytes_fit(data, offset, 16)) return entries;
    uint64_t size = -bytes_u32be(data.data + offset + 8);
    return size % 16 == 0 && size / 16 <= entries ? size / 16 : entries;
}

bool rpm_header_parse(struct str blob, struct rpm_header *header)
{
    *header = (struct rpm_header){ 0 };
    if (blob.size < 8) return false;
    uint64_t entries = bytes_u32be(blob.data), size = bytes_u32be(blob.data + 4);
    if (!entries || entries > RPM_INDEX_LIMIT || size > RPM_DATA_LIMIT || !bytes_fit(blob, 8, entries * 16 + size))
        return false;
    struct str data = str_slice(blob, 8 + entries * 16, 8 + entries * 16 + size);
    uint64_t region = region_entries(blob.data + 8, entries, data);
    for (uint64_t i = 0; i < entries; i++)
        entry_take(header, blob.data + 8 + i * 16, data, i >= region);
    return rpm_header_string(header, RPM_NAME).size && rpm_header_string(header, RPM_VERSION).size;
}

struct rpm_strings rpm_header_strings(const struct rpm_header *header, enum rpm_tag tag)
{
    const struct rpm_value *value = &header->values[tag];
    bool strings = value->type == TYPE_STRING || value->type == TYPE_STRING_ARRAY || value->type == TYPE_I18N;
    if (!strings) return (struct rpm_strings){ 0 };
    return (struct rpm_strings){ value->data, value->type == TYPE_STRING ? 1 : value->count };
}

bool rpm_strings_next(struct rpm_strings *list, struct str *text)
{
    const char *end = list->left && list->rest.size ? memchr(list->rest.data, 0, list->rest.size) : NULL;
    if (!end) return false;
    *text = str_to(list->rest, (size_t)(end - list->rest.data));
    list->rest = str_from(list->rest, text->size + 1);
    list->left--;
    return true;
}

struct str rpm_header_string(const struct rpm_header *header, enum rpm_tag tag)
{
    struct rpm_strings list = rpm_header_strings(header, tag);
    struct str text;
    return rpm_strings_next(&list, &text) ? text : (struct str){ 0 };
}

bool rpm_header_int(const struct rpm_header *header, enum rpm_tag tag, uint32_t index, uint32_t *number)
{
    const struct rpm_value *value = &header->values[tag];
    if (value->type != TYPE_INT32 || index >= value->count || !bytes_fit(value->data, (uint64_t)index * 4, 4)) return false;
    *number = bytes_u32be(value->data.data + (uint64_t)index * 4);
    return true;
}

struct str rpm_header_binary(const struct rpm_header *header, enum rpm_tag tag)
{
    const struct rpm_value *value = &header->values[tag];
    if (value->type != TYPE_BINARY || value->count > value->data.size) return (struct str){ 0 };
    return str_to(value->data, value->count);
}
