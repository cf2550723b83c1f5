/* tar: POSIX.1-2001 ustar and pax interchange formats, GNU tar's long names, sparse files and base-256 numbers, star's prefix.
 */
#include "pack/pack.h"

#include <stdlib.h>

#define BLOCK 512
#define NAME_LIMIT 4096
#define EXTENDED_LIMIT ((uint64_t)1 << 20) /* one pax header or long name */
#define ENTRIES_DEFAULT 2000000
#define SPARSE_LIMIT 8192

struct header { /* POSIX ustar, field by field */
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2], user[32],
        group[32], device_major[8], device_minor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "tar block");

struct sparse_part {
    uint64_t offset, size;
};

struct tar {
    struct stream *stream;
    uint64_t entries, entry_limit;
    uint64_t left;                  /* content and padding of the current entry not consumed */
    uint64_t stored;                /* content bytes in the archive */
    uint64_t real_size;             /* of a sparse file */
    bool sparse, sparse_map_inside; /* GNU sparse 1.0 keeps its map before the content */
    struct sparse_part *parts;
    size_t part_count;
    char *name, *link; /* NAME_LIMIT + 1 bytes each */
    struct buffer extended;
    /* What the headers before an entry say of it; an empty text says nothing. Where they contradict each other, what the
     * programs that unpack layers do decides (Go's archive/tar): GNU's long names before pax, the name of a sparse file before
     * both, of several pax headers the last alone, and nothing from before a global one. */
    struct buffer long_name, long_link;
    struct {
        struct buffer path, link, sparse_name;
        bool has_size, has_sparse_size, has_real_size, has_parts, parts_one_by_one;
        char major, minor; /* of the sparse format: 0 without, '0', '1', else '?' */
        uint64_t size, sparse_size, real_size;
    } pax;
};

struct tar *tar_open(struct stream *stream, const struct pack_limits *limits)
{
    struct tar *tar = memory_alloc(sizeof *tar);
    *tar = (struct tar){ .stream = stream, .entry_limit = limits && limits->entries ? limits->entries : ENTRIES_DEFAULT };
    tar->name = memory_alloc(NAME_LIMIT + 1);
    tar->link = memory_alloc(NAME_LIMIT + 1);
    tar->parts = NULL;
    return tar;
}

void tar_close(struct tar *tar)
{
    if (!tar) return;
    free(tar->name);
    free(tar->link);
    free(tar->parts);
    struct buffer *const texts[] = { &tar->extended, &tar->long_name, &tar->long_link,
                                     &tar->pax.path, &tar->pax.link,  &tar->pax.sparse_name };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buffer_free(texts[i]);
    free(tar);
}

static bool damaged(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "archive-damaged", "damaged tar archive: %s", why);
}

static bool is_blank(char c) { return c == ' ' || c == 0; }

/* Octal with blanks or NULs around, or base-256 when the top bit is set. */
static bool read_number(const char *field, size_t size, uint64_t *value)
{
    const unsigned char *p = (const unsigned char *)field;
    uint64_t number = 0;
    if (p[0] & 0x80) {
        if (p[0] & 0x40) return false; /* negative */
        number = p[0] & 0x3f;
        for (size_t i = 1; i < size; i++) {
            if (number >> 55) return false;
            number = number << 8 | p[i];
        }
        *value = number;
        return number <= (uint64_t)INT64_MAX;
    }
    size_t i = 0;
    while (i < size && is_blank(field[i]))
        i++;
    for (; i < size && !is_blank(field[i]); i++) {
        if (p[i] < '0' || p[i] > '7' || number >> 60) return false;
        number = number << 3 | (uint64_t)(p[i] - '0');
    }
    *value = number;
    return true;
}

/* As Go reads a time: octal with blanks or NULs around, or a base-256 number that 64 bits hold, with a sign. */
static bool is_time(const char *field, size_t size)
{
    size_t i = 0;
    if (field[0] & 0x80) {
        unsigned char sign = field[0] & 0x40 ? 0xff : 0;
        bool fits = (((unsigned char)field[0] ^ sign) & 0x7f) == 0 && (((unsigned char)field[size - 8] ^ sign) & 0x80) == 0;
        for (i = 1; i + 8 < size; i++)
            fits = fits && (unsigned char)field[i] == sign;
        return fits;
    }
    while (size && is_blank(field[size - 1]))
        size--;
    while (i < size && is_blank(field[i]))
        i++;
    for (; i < size && field[i]; i++)
        if (field[i] < '0' || field[i] > '7') return false;
    return true;
}

static bool checksum_fits(const struct header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    uint64_t want;
    uint32_t sum = 0, high = 0; /* some old writers summed signed bytes: 256 less for each of the high ones */
    if (!read_number(header->checksum, sizeof header->checksum, &want)) return false;
    for (size_t i = 0; i < BLOCK; i++) {
        sum += bytes[i];
        high += bytes[i] >> 7;
    }
    for (size_t i = 0; i < sizeof header->checksum; i++) { /* counts as spaces */
        sum += ' ' - (unsigned char)header->checksum[i];
        high -= (unsigned char)header->checksum[i] >> 7;
    }
    int64_t signed_sum = (int64_t)sum - 256 * (int64_t)high;
    return sum == want || (signed_sum >= 0 && (uint64_t)signed_sum == want);
}

static struct str field_text(const char *field, size_t size) { return str_make(field, strnlen(field, size)); }

static void set_name(char *into, struct str text)
{
    if (text.size) memcpy(into, text.data, text.size);
    into[text.size] = 0;
}

/* Up to a NUL, in place of what it was. */
static bool keep_name(struct buffer *into, struct str text, struct error *error)
{
    if (text.size) text.size = strnlen(text.data, text.size);
    if (text.size > NAME_LIMIT)
        return error_set(error, ERROR_LIMIT, "archive-name-too-long", "a name is longer than %d bytes", NAME_LIMIT);
    into->size = 0;
    buffer_str(into, text);
    return true;
}

/* Sizes end where a signed file offset does, so that padding never passes 64 bits. */
static bool read_pax_size(struct str value, uint64_t *size, struct error *error)
{
    uint64_t read;
    if (!str_to_u64(value, &read) || read > (uint64_t)INT64_MAX) return damaged(error, "a pax size is no number");
    *size = read;
    return true;
}

static bool add_part(struct tar *tar, struct sparse_part part, struct error *error)
{
    if (tar->part_count >= SPARSE_LIMIT)
        return error_set(error, ERROR_LIMIT, "archive-sparse", "a sparse file has more than %d parts", SPARSE_LIMIT);
    if (!tar->parts) tar->parts = memory_alloc(SPARSE_LIMIT * sizeof *tar->parts);
    tar->parts[tar->part_count++] = part;
    return true;
}

/* An empty value takes back what an earlier record said: the header's own field counts (POSIX pax, "Extended Header Keyword
 * Precedence"). */
static bool pax_path(struct tar *tar, struct str value, struct error *error) { return keep_name(&tar->pax.path, value, error); }

static bool pax_link(struct tar *tar, struct str value, struct error *error) { return keep_name(&tar->pax.link, value, error); }

static bool pax_sparse_name(struct tar *tar, struct str value, struct error *error)
{
    return keep_name(&tar->pax.sparse_name, value, error);
}

static bool pax_size(struct tar *tar, struct str value, struct error *error)
{
    tar->pax.has_size = value.size != 0;
    return !value.size || read_pax_size(value, &tar->pax.size, error);
}

static bool pax_sparse_size(struct tar *tar, struct str value, struct error *error)
{
    tar->pax.has_sparse_size = value.size != 0;
    return !value.size || read_pax_size(value, &tar->pax.sparse_size, error);
}

static bool pax_real_size(struct tar *tar, struct str value, struct error *error)
{
    tar->pax.has_real_size = value.size != 0;
    return !value.size || read_pax_size(value, &tar->pax.real_size, error);
}

static char version_part(struct str value)
{
    if (!value.size) return 0;
    return str_is(value, "0") || str_is(value, "1") ? value.data[0] : '?';
}

static bool pax_sparse_major(struct tar *tar, struct str value, struct error *error)
{
    tar->pax.major = version_part(value);
    return true;
}

static bool pax_sparse_minor(struct tar *tar, struct str value, struct error *error)
{
    tar->pax.minor = version_part(value);
    return true;
}

/* GNU sparse 0.1: "offset,size,offset,size…". Version 0.0's records count before it, wherever they stand. */
static bool pax_sparse_map(struct tar *tar, struct str value, struct error *error)
{
    if (tar->pax.parts_one_by_one) return true;
    tar->part_count = 0;
    tar->pax.has_parts = value.size != 0;
    while (value.data && value.size) {
        struct sparse_part part;
        struct str offset = str_cut(&value, ','), size = str_cut(&value, ',');
        if (!str_to_u64(offset, &part.offset) || !str_to_u64(size, &part.size)) return damaged(error, "a sparse map");
        if (!add_part(tar, part, error)) return false;
    }
    return true;
}

/* GNU sparse 0.0: these two again and again. */
static bool pax_sparse_offset(struct tar *tar, struct str value, struct error *error)
{
    struct sparse_part part = { 0 };
    if (!str_to_u64(value, &part.offset)) return damaged(error, "a sparse map");
    if (!tar->pax.parts_one_by_one) tar->part_count = 0;
    tar->pax.has_parts = tar->pax.parts_one_by_one = true;
    return add_part(tar, part, error);
}

static bool pax_sparse_bytes(struct tar *tar, struct str value, struct error *error)
{
    uint64_t size;
    if (!tar->pax.parts_one_by_one || !str_to_u64(value, &size)) return damaged(error, "a sparse map");
    tar->parts[tar->part_count - 1].size = size;
    return true;
}

static const struct {
    const char *key;
    bool (*apply)(struct tar *tar, struct str value, struct error *error);
} pax_keys[] = {
    { "GNU.sparse.major", pax_sparse_major },
    { "GNU.sparse.map", pax_sparse_map },
    { "GNU.sparse.minor", pax_sparse_minor },
    { "GNU.sparse.name", pax_sparse_name },
    { "GNU.sparse.numbytes", pax_sparse_bytes },
    { "GNU.sparse.offset", pax_sparse_offset },
    { "GNU.sparse.realsize", pax_real_size },
    { "GNU.sparse.size", pax_sparse_size },
    { "linkpath", pax_link },
    { "path", pax_path },
    { "size", pax_size },
};

/* One pax record: "SIZE KEY=VALUE\n". */
static bool apply_pax(struct tar *tar, struct str key, struct str value, struct error *error)
{
    for (size_t i = 0; i < sizeof pax_keys / sizeof *pax_keys; i++)
        if (str_is(key, pax_keys[i].key)) return pax_keys[i].apply(tar, value, error);
    return true;
}

static void forget_pax(struct tar *tar)
{
    struct buffer path = tar->pax.path, link = tar->pax.link, sparse_name = tar->pax.sparse_name;
    memset(&tar->pax, 0, sizeof tar->pax);
    path.size = link.size = sparse_name.size = 0;
    tar->pax.path = path, tar->pax.link = link, tar->pax.sparse_name = sparse_name;
    tar->part_count = 0;
}

static void forget_pending(struct tar *tar)
{
    forget_pax(tar);
    tar->long_name.size = tar->long_link.size = 0;
}

static bool read_pax(struct tar *tar, struct str records, struct error *error)
{
    forget_pax(tar);
    while (records.size && records.data[0]) {
        ptrdiff_t blank = str_find(records, ' ');
        uint64_t size;
        if (blank <= 0 || !str_to_u64(str_to(records, (size_t)blank), &size) || size > records.size ||
            size < (uint64_t)blank + 3)
            return damaged(error, "a pax record has no size");
        struct str record = str_slice(records, (size_t)blank + 1, (size_t)size - 1);
        if (records.data[size - 1] != '\n') return damaged(error, "a pax record does not end");
        records = str_from(records, (size_t)size);
        struct str key = str_cut(&record, '=');
        if (!apply_pax(tar, key, record, error)) return false;
    }
    return true;
}

/* Reads the content of a header that speaks of the next entry into tar->extended. */
static bool read_extended(struct tar *tar, uint64_t size, struct error *error)
{
    if (size > EXTENDED_LIMIT)
        return error_set(error, ERROR_LIMIT, "archive-header-too-large", "an extended tar header has %llu bytes",
                         (unsigned long long)size);
    tar->extended.size = 0;
    size_t got;
    char *at = buffer_reserve(&tar->extended, (size_t)size + 1);
    if (!stream_read(tar->stream, at, (size_t)size, &got, error)) return false;
    if (got < size) return error_set(error, ERROR_INVALID, "archive-truncated", "the archive ends in a header");
    tar->extended.size = (size_t)size;
    at[size] = 0;
    uint64_t padding = (BLOCK - size % BLOCK) % BLOCK;
    return stream_skip(tar->stream, padding, error);
}

/* GNU's old sparse headers: four parts in the header, 21 in each extension block. */
static bool read_old_sparse(struct tar *tar, const struct header *header, struct error *error)
{
    const char *field = (const char *)header + 386;
    bool more = ((const char *)header)[482] != 0;
    size_t count = 4;
    char block[BLOCK];
    for (tar->part_count = 0;;) {
        for (size_t i = 0; i < count; i++, field += 24) {
            struct sparse_part part;
            if (!field[0]) break;
            if (!read_number(field, 12, &part.offset) || !read_number(field + 12, 12, &part.size))
                return damaged(error, "a sparse map");
            if (!add_part(tar, part, error)) return false;
        }
        if (!more) break;
        size_t got;
        if (!stream_read(tar->stream, block, BLOCK, &got, error)) return false;
        if (got < BLOCK) return error_set(error, ERROR_INVALID, "archive-truncated", "the archive ends in a sparse map");
        field = block;
        more = block[504] != 0;
        count = 21;
    }
    return read_number((const char *)header + 483, 12, &tar->real_size) || damaged(error, "a sparse size");
}

static enum tar_type type_of(char type)
{
    switch (type) {
    case '0':
    case 0:
    case '7':
    case 'S': return TAR_FILE;
    case '1': return TAR_HARD_LINK;
    case '2': return TAR_SYMLINK;
    case '5':
    case 'D': return TAR_FOLDER;
    default: return TAR_OTHER;
    }
}

/* Version 1.0, or one of the two before it, which do not always say so; a file of another version is a plain one. */
static bool is_pax_sparse(const struct tar *tar)
{
    switch (tar->pax.major) {
    case '1': return tar->pax.minor == '0';
    case '0': return tar->pax.minor == '0' || tar->pax.minor == '1';
    default: return !tar->pax.major && !tar->pax.minor && tar->pax.has_parts;
    }
}

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] & 0x80) return false;
    return true;
}

/* Headers of star end in a mark and have two times behind a shorter prefix; GNU's have two times in place of it, but early
 * versions of Go wrote a prefix there, and what is no time is still read as one. */
static struct str prefix_of(const struct header *header)
{
    enum {
        STAR_PREFIX = 131,
        TIME = 12
    };
    const char *block = (const char *)header, *magic = block + offsetof(struct header, magic), *field = header->prefix;
    if (memcmp(magic, "ustar\0", 6) == 0)
        return field_text(field, memcmp(block + BLOCK - 4, "tar\0", 4) == 0 ? STAR_PREFIX : sizeof header->prefix);
    if (memcmp(magic, "ustar  \0", 8) != 0) return (struct str){ 0 };
    if ((!field[0] || is_time(field, TIME)) && (!field[TIME] || is_time(field + TIME, TIME))) return (struct str){ 0 };
    struct str prefix = field_text(field, sizeof header->prefix);
    return is_ascii(prefix) ? prefix : (struct str){ 0 };
}

static void name_entry(struct tar *tar, const struct header *header)
{
    struct str name = field_text(header->name, sizeof header->name), prefix = prefix_of(header);
    const struct buffer *said = tar->long_name.size ? &tar->long_name : &tar->pax.path;
    if (said->size) {
        set_name(tar->name, buffer_view(said));
    } else {
        set_name(tar->name, prefix);
        if (prefix.size) tar->name[prefix.size++] = '/';
        set_name(tar->name + prefix.size, name);
    }
    said = tar->long_link.size ? &tar->long_link : &tar->pax.link;
    set_name(tar->link, said->size ? buffer_view(said) : field_text(header->link, sizeof header->link));
}

/* How the content lies in the archive, and how large it is. */
static bool find_content(struct tar *tar, const struct header *header, enum tar_type type, uint64_t size, struct error *error)
{
    tar->stored = tar->real_size = size;
    tar->sparse = header->type == 'S' || (type == TAR_FILE && is_pax_sparse(tar));
    tar->sparse_map_inside = tar->sparse && header->type != 'S' && tar->pax.major == '1';
    if (header->type == 'S') return read_old_sparse(tar, header, error);
    if (tar->sparse && tar->pax.has_real_size) tar->real_size = tar->pax.real_size;
    if (tar->sparse && tar->pax.has_sparse_size) tar->real_size = tar->pax.sparse_size;
    return true;
}

static bool finish_entry(struct tar *tar, const struct header *header, uint64_t size, struct tar_entry *entry,
                         struct error *error)
{
    uint64_t mode = 0;
    read_number(header->mode, sizeof header->mode, &mode);
    name_entry(tar, header);
    enum tar_type type = type_of(header->type);
    bool old_folder = header->type == 0 && str_ends(str_of(tar->name), "/"); /* with any other type a file is one */
    if (old_folder) type = TAR_FOLDER;
    if (old_folder || (header->type >= '1' && header->type <= '6')) size = 0; /* no content whatever the field says */
    if (tar->pax.sparse_name.size && is_pax_sparse(tar) && header->type != 'S')
        set_name(tar->name, buffer_view(&tar->pax.sparse_name));
    if (!find_content(tar, header, type, size, error)) return false;
    tar->left = tar->stored + (BLOCK - tar->stored % BLOCK) % BLOCK;
    *entry = (struct tar_entry){ str_of(tar->name), str_of(tar->link),     type,       (uint32_t)mode,
                                 tar->real_size,    tar->stream->position, tar->sparse };
    return true;
}

/* 1 a header, 0 the end, -1 an error. Two zero blocks, or the end of the stream, end an archive. */
static int read_header(struct tar *tar, struct header *header, struct error *error)
{
    for (int zeros = 0; zeros < 2;) {
        size_t got;
        if (!stream_read(tar->stream, header, BLOCK, &got, error)) return -1;
        if (got == 0) return 0;
        if (got < BLOCK) {
            error_set(error, ERROR_INVALID, "archive-truncated", "the archive ends in a header");
            return -1;
        }
        bool zero = true;
        for (size_t i = 0; zero && i < BLOCK; i++)
            zero = ((const char *)header)[i] == 0;
        if (!zero) return 1;
        zeros++;
    }
    return 0;
}

int tar_next(struct tar *tar, struct tar_entry *entry, struct error *error)
{
    if (tar->left && !stream_skip(tar->stream, tar->left, error)) return -1;
    tar->left = 0;
    forget_pending(tar);
    for (;;) {
        struct header header;
        int found = read_header(tar, &header, error);
        if (found <= 0) return found;
        uint64_t size;
        if (!checksum_fits(&header) || !read_number(header.size, sizeof header.size, &size)) {
            damaged(error, tar->entries ? "a header's checksum differs" : "it does not start with a tar header");
            return -1;
        }
        if (++tar->entries > tar->entry_limit) {
            error_set(error, ERROR_LIMIT, "archive-entries", "more than %llu entries", (unsigned long long)tar->entry_limit);
            return -1;
        }
        bool good = true;
        switch (header.type) {
        case 'x': good = read_extended(tar, size, error) && read_pax(tar, buffer_view(&tar->extended), error); break;
        case 'g': /* its records are nothing we use */
            good = read_extended(tar, size, error);
            forget_pending(tar);
            break;
        case 'L':
            good = read_extended(tar, size, error) && keep_name(&tar->long_name, buffer_view(&tar->extended), error);
            break;
        case 'K':
            good = read_extended(tar, size, error) && keep_name(&tar->long_link, buffer_view(&tar->extended), error);
            break;
        default: return finish_entry(tar, &header, tar->pax.has_size ? tar->pax.size : size, entry, error) ? 1 : -1;
        }
        if (!good) return -1;
    }
}

/* Reads stored content bytes; they count against the entry. */
static bool take_content(struct tar *tar, void *into, uint64_t size, struct error *error)
{
    size_t got;
    if (size > tar->stored) return damaged(error, "a sparse map passes the content");
    if (!stream_read(tar->stream, into, (size_t)size, &got, error)) return false;
    tar->left -= got;
    tar->stored -= got;
    return got == size || error_set(error, ERROR_INVALID, "archive-truncated", "the archive ends in the middle of a file");
}

/* GNU sparse 1.0: decimal numbers, one a line, padded to a block: count, then offset and size of each part. */
static bool read_inside_map(struct tar *tar, struct error *error)
{
    char block[BLOCK];
    size_t at = BLOCK;
    uint64_t numbers = 1, value = 0, offset = 0;
    tar->part_count = 0;
    if (!tar->parts) tar->parts = memory_alloc(SPARSE_LIMIT * sizeof *tar->parts);
    for (uint64_t i = 0; i < numbers;) {
        if (at == BLOCK) {
            if (!take_content(tar, block, BLOCK, error)) return false;
            at = 0;
        }
        char c = block[at++];
        if (c >= '0' && c <= '9') {
            if (value > UINT64_MAX / 10 - 10) return damaged(error, "a sparse map");
            value = value * 10 + (uint64_t)(c - '0');
            continue;
        }
        if (c != '\n') return damaged(error, "a sparse map");
        if (i == 0) {
            if (value > SPARSE_LIMIT)
                return error_set(error, ERROR_LIMIT, "archive-sparse", "a sparse file has more than %d parts", SPARSE_LIMIT);
            numbers = 1 + 2 * value;
        } else if (i % 2) {
            offset = value;
        } else {
            tar->parts[tar->part_count++] = (struct sparse_part){ offset, value };
        }
        value = 0;
        i++;
    }
    return true;
}

static bool read_sparse(struct tar *tar, char *into, uint64_t size, struct error *error)
{
    if (tar->sparse_map_inside && !read_inside_map(tar, error)) return false;
    for (size_t i = 0; i < tar->part_count; i++) {
        struct sparse_part part = tar->parts[i];
        if (part.offset > size || part.size > size - part.offset) return damaged(error, "a sparse part lies outside the file");
        if (!take_content(tar, into + part.offset, part.size, error)) return false;
    }
    return true;
}

bool tar_read(struct tar *tar, struct arena *arena, size_t limit, struct str *content, struct error *error)
{
    if (tar->real_size > limit || tar->stored > limit)
        return error_set(error, ERROR_LIMIT, "archive-file-too-large", "%s has %llu bytes, more than %zu", tar->name,
                         (unsigned long long)tar->real_size, limit);
    size_t size = (size_t)tar->real_size;
    char *into = arena_alloc(arena, size + 1);
    if (tar->sparse ? !read_sparse(tar, into, size, error) : !take_content(tar, into, size, error)) return false;
    *content = str_make(into, size);
    return true;
}
