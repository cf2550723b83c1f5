/* tar: POSIX.1-2001 ustar and pax interchange formats, GNU tar's long names, sparse files and base-256 numbers. */
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
    /* What pax records and long names say of the next entry. */
    struct {
        bool has_name, has_link, has_size, has_real_size, sparse_1_0;
        uint64_t size, real_size;
    } next;
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
    buffer_free(&tar->extended);
    free(tar);
}

static bool damaged(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "archive-damaged", "damaged tar archive: %s", why);
}

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
    while (i < size && (p[i] == ' ' || p[i] == 0))
        i++;
    for (; i < size && p[i] != ' ' && p[i] != 0; i++) {
        if (p[i] < '0' || p[i] > '7' || number >> 60) return false;
        number = number << 3 | (uint64_t)(p[i] - '0');
    }
    *value = number;
    return true;
}

static bool checksum_fits(const struct header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    uint64_t want, sum = 0;
    int64_t signed_sum = 0; /* some old writers summed signed bytes */
    if (!read_number(header->checksum, sizeof header->checksum, &want)) return false;
    for (size_t i = 0; i < BLOCK; i++) {
        unsigned char byte = i >= 148 && i < 156 ? ' ' : bytes[i];
        sum += byte;
        signed_sum += (signed char)byte;
    }
    return sum == want || (signed_sum >= 0 && (uint64_t)signed_sum == want);
}

static struct str field_text(const char *field, size_t size) { return str_make(field, strnlen(field, size)); }

static bool set_name(char *into, struct str text, struct error *error)
{
    if (text.size > NAME_LIMIT)
        return error_set(error, ERROR_LIMIT, "archive-name-too-long", "a name is longer than %d bytes", NAME_LIMIT);
    if (text.size) memcpy(into, text.data, text.size);
    into[text.size] = 0;
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

/* One pax record: "SIZE KEY=VALUE\n". */
static bool apply_pax(struct tar *tar, struct str key, struct str value, struct error *error)
{
    if (str_is(key, "path")) {
        tar->next.has_name = true;
        return set_name(tar->name, str_make(value.data, strnlen(value.data, value.size)), error);
    }
    if (str_is(key, "GNU.sparse.name")) {
        tar->next.has_name = true;
        return set_name(tar->name, value, error);
    }
    if (str_is(key, "linkpath")) {
        tar->next.has_link = true;
        return set_name(tar->link, value, error);
    }
    if (str_is(key, "size")) {
        tar->next.has_size = true;
        return read_pax_size(value, &tar->next.size, error);
    }
    if (str_is(key, "GNU.sparse.realsize") || str_is(key, "GNU.sparse.size")) {
        tar->next.has_real_size = true;
        return read_pax_size(value, &tar->next.real_size, error);
    }
    if (str_is(key, "GNU.sparse.major")) tar->next.sparse_1_0 = str_is(value, "1");
    return true;
}

static bool read_pax(struct tar *tar, struct str records, struct error *error)
{
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
            if (tar->part_count >= SPARSE_LIMIT)
                return error_set(error, ERROR_LIMIT, "archive-sparse", "a sparse file has more than %d parts", SPARSE_LIMIT);
            if (!tar->parts) tar->parts = memory_alloc(SPARSE_LIMIT * sizeof *tar->parts);
            tar->parts[tar->part_count++] = part;
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

static bool finish_entry(struct tar *tar, const struct header *header, uint64_t size, struct tar_entry *entry,
                         struct error *error)
{
    if (!tar->next.has_name) {
        struct str name = field_text(header->name, sizeof header->name);
        struct str prefix =
            memcmp(header->magic, "ustar\0", 6) == 0 ? field_text(header->prefix, sizeof header->prefix) : (struct str){ 0 };
        if (prefix.size) {
            memcpy(tar->name, prefix.data, prefix.size);
            tar->name[prefix.size] = '/';
            memcpy(tar->name + prefix.size + 1, name.data, name.size);
            tar->name[prefix.size + 1 + name.size] = 0;
        } else if (!set_name(tar->name, name, error)) {
            return false;
        }
    }
    if (!tar->next.has_link && !set_name(tar->link, field_text(header->link, sizeof header->link), error)) return false;
    uint64_t mode = 0;
    read_number(header->mode, sizeof header->mode, &mode);
    tar->sparse = false;
    tar->sparse_map_inside = false;
    tar->part_count = 0;
    enum tar_type type = type_of(header->type);
    if (type == TAR_FILE && str_ends(str_of(tar->name), "/")) type = TAR_FOLDER; /* pre-POSIX folders */
    if (type != TAR_FILE && header->type != 'D') size = 0; /* links and devices have no content whatever the field says */
    if (type == TAR_OTHER && header->type >= 'A') read_number(header->size, sizeof header->size, &size);
    tar->stored = size;
    tar->real_size = size;
    if (header->type == 'S') {
        tar->sparse = true;
        if (!read_old_sparse(tar, header, error)) return false;
    } else if (tar->next.sparse_1_0) {
        tar->sparse = tar->sparse_map_inside = true;
        tar->real_size = tar->next.has_real_size ? tar->next.real_size : size;
    }
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
    memset(&tar->next, 0, sizeof tar->next);
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
        case 'g': good = read_extended(tar, size, error); break; /* global records: nothing we use */
        case 'L':
            good = read_extended(tar, size, error) && set_name(tar->name, str_of(tar->extended.data), error);
            tar->next.has_name = true;
            break;
        case 'K':
            good = read_extended(tar, size, error) && set_name(tar->link, str_of(tar->extended.data), error);
            tar->next.has_link = true;
            break;
        default: return finish_entry(tar, &header, tar->next.has_size ? tar->next.size : size, entry, error) ? 1 : -1;
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
