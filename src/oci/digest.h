/* Digests of content: "algorithm:hex" (registry.md §2). */
#ifndef OCI_DIGEST_H
#define OCI_DIGEST_H

#include "base/base.h"

enum oci_digest_fault {
    OCI_DIGEST_GOOD,
    OCI_DIGEST_FORMAT,
    OCI_DIGEST_UNSUPPORTED,
    OCI_DIGEST_LENGTH
};

/* sha256, sha384 and sha512 with lower-case hex of the right length are good. */
enum oci_digest_fault oci_digest_check(struct str digest);
static inline bool oci_digest_valid(struct str digest) { return oci_digest_check(digest) == OCI_DIGEST_GOOD; }
/* The hex behind "sha256:". */
struct str oci_digest_hex(struct str digest);

/* A running check of bytes against the digest that names them. */
struct oci_hash {
    struct str wanted; /* must outlive it */
    bool long_sum;     /* sha512 */
    union {
        struct sha256 sha256;
        struct sha512 sha512;
    } state;
};

/* ERROR_UNSUPPORTED for an algorithm that we cannot compute: such content is not used. */
bool oci_hash_start(struct oci_hash *hash, struct str digest, struct error *error);
void oci_hash_add(struct oci_hash *hash, const void *data, size_t size);
/* Ends it. "digest-mismatch" names both sums. */
bool oci_hash_check(struct oci_hash *hash, const char *what, struct error *error);

/* The whole at once: size first, then the sum. */
bool oci_content_check(struct str content, struct str digest, uint64_t size, const char *what, struct error *error);

#endif
