#include "oci/digest.h"

#include <stdlib.h>

static const struct {
    const char *name;
    size_t digits;
} algorithms[] = {
    { "sha256", 64 },
    { "sha384", 96 },
    { "sha512", 128 },
};

static bool is_lower_hex(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return text.size > 0;
}

enum oci_digest_fault oci_digest_check(struct str digest)
{
    ptrdiff_t colon = str_find(digest, ':');
    if (colon <= 0 || (size_t)colon + 1 == digest.size) return OCI_DIGEST_FORMAT;
    struct str algorithm = str_to(digest, (size_t)colon), hex = str_from(digest, (size_t)colon + 1);
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (!str_is(algorithm, algorithms[i].name)) continue;
        if (hex.size != algorithms[i].digits) return OCI_DIGEST_LENGTH;
        return is_lower_hex(hex) ? OCI_DIGEST_GOOD : OCI_DIGEST_FORMAT;
    }
    return OCI_DIGEST_UNSUPPORTED;
}

struct str oci_digest_hex(struct str digest) { return str_from(digest, (size_t)(str_find(digest, ':') + 1)); }

bool oci_hash_start(struct oci_hash *hash, struct str digest, struct error *error)
{
    *hash = (struct oci_hash){ .wanted = digest, .long_sum = str_starts(digest, "sha512:") };
    if (!oci_digest_valid(digest))
        return error_set(error, ERROR_INVALID, "digest-invalid", "%.*s is not a digest", STR_ARG(str_to(digest, 200)));
    if (!hash->long_sum && !str_starts(digest, "sha256:"))
        return error_set(error, ERROR_UNSUPPORTED, "digest-unsupported",
                         "content named by %.*s cannot be verified, so it is not used", STR_ARG(digest));
    if (!digest_load(error)) return false;
    if (hash->long_sum)
        sha512_start(&hash->state.sha512);
    else
        sha256_start(&hash->state.sha256);
    return true;
}

void oci_hash_add(struct oci_hash *hash, const void *data, size_t size)
{
    if (hash->long_sum)
        sha512_add(&hash->state.sha512, data, size);
    else
        sha256_add(&hash->state.sha256, data, size);
}

bool oci_hash_check(struct oci_hash *hash, const char *what, struct error *error)
{
    uint8_t sum[64];
    char text[2 * sizeof sum + 1];
    if (hash->long_sum)
        sha512_finish(&hash->state.sha512, sum);
    else
        sha256_finish(&hash->state.sha256, sum);
    hex_encode(sum, hash->long_sum ? 64 : 32, text);
    if (str_is(oci_digest_hex(hash->wanted), text)) return true;
    return error_set(error, ERROR_INVALID, "digest-mismatch", "%s is not what its digest says: wanted %.*s, got %s:%s", what,
                     STR_ARG(hash->wanted), hash->long_sum ? "sha512" : "sha256", text);
}

bool oci_content_check(struct str content, struct str digest, uint64_t size, const char *what, struct error *error)
{
    struct oci_hash hash;
    if (content.size != size)
        return error_set(error, ERROR_INVALID, "size-mismatch", "%s has %zu bytes, but %llu were announced", what, content.size,
                         (unsigned long long)size);
    if (!oci_hash_start(&hash, digest, error)) return error_wrap(error, "%s", what);
    oci_hash_add(&hash, content.data, content.size);
    return oci_hash_check(&hash, what, error);
}
