/* rpm: the NDB file "Packages.db" of SUSE (scan.md §6.3). */
#include "scan/inventory/rpm_database.h"

#define SLOT_SIZE 16u
#define SLOTS_PAGE 4096u
#define BLOCK_SIZE 16u
#define BLOB_HEAD 16u
#define BLOB_TAIL 12u

static bool invalid(struct error *error, const char *why)
{
    return error_set(error, ERROR_INVALID, "rpm-database-damaged", "NDB file of RPM: %s", why);
}

/* Adler-32 (RFC 1950 §9). 5552 bytes are the most whose sums fit 32 bits before they are reduced. */
static uint32_t adler32(struct str bytes)
{
    enum {
        MODULUS = 65521,
        CHUNK = 5552
    };
    uint32_t low = 1, high = 0;
    while (bytes.size) {
        struct str chunk = str_to(bytes, CHUNK);
        for (size_t i = 0; i < chunk.size; i++)
            high += low += (unsigned char)chunk.data[i];
        low %= MODULUS;
        high %= MODULUS;
        bytes = str_from(bytes, chunk.size);
    }
    return high << 16 | low;
}

/* Head "BlbS", index, generation, length; tail in the last 12 bytes of the last block: checksum, length, "BlbE". */
static bool blob_find(struct str file, const char *slot, struct str *blob)
{
    uint32_t index = bytes_u32le(slot + 4);
    uint64_t offset = (uint64_t)bytes_u32le(slot + 8) * BLOCK_SIZE, size = (uint64_t)bytes_u32le(slot + 12) * BLOCK_SIZE;
    if (size < BLOB_HEAD + BLOB_TAIL || !bytes_fit(file, offset, size)) return false;
    const char *head = file.data + offset, *tail = head + size - BLOB_TAIL;
    uint64_t length = bytes_u32le(head + 12);
    if (memcmp(head, "BlbS", 4) != 0 || bytes_u32le(head + 4) != index || length > size - BLOB_HEAD - BLOB_TAIL) return false;
    if (memcmp(tail + 8, "BlbE", 4) != 0 || bytes_u32le(tail + 4) != length) return false;
    if (bytes_u32le(tail) != adler32(str_make(head, size - BLOB_TAIL))) return false; /* rpm refuses such a package too */
    *blob = str_make(head + BLOB_HEAD, length);
    return true;
}

bool rpm_ndb_each(struct str file, rpm_visitor *visit, void *context, struct error *error)
{
    if (file.size < 32 || memcmp(file.data, "RpmP", 4) != 0) return invalid(error, "wrong magic number");
    if (bytes_u32le(file.data + 4) != 0) return invalid(error, "unknown version");
    uint64_t slots_size = (uint64_t)bytes_u32le(file.data + 12) * SLOTS_PAGE;
    bool truncated = !bytes_fit(file, 0, slots_size);
    uint64_t end = truncated ? file.size / SLOT_SIZE * SLOT_SIZE : slots_size, seen = 0;
    uint32_t damaged = 0;
    for (uint64_t at = 2 * SLOT_SIZE; at + SLOT_SIZE <= end; at += SLOT_SIZE) {
        const char *slot = file.data + at;
        struct str blob;
        if (memcmp(slot, "Slot", 4) != 0) return invalid(error, "a slot without its mark");
        if (!bytes_u32le(slot + 8)) continue; /* free */
        /* Blobs lie apart: together they cannot be larger than the file. */
        if (!blob_find(file, slot, &blob) || (seen += blob.size) > file.size) {
            damaged++;
            continue;
        }
        visit(context, blob);
    }
    if (truncated) return invalid(error, "it ends before its table of slots does");
    if (damaged)
        return error_set(error, ERROR_INVALID, "rpm-database-damaged", "NDB file of RPM: %u packages could not be read",
                         damaged);
    return true;
}
