/* SHA-2 by libcrypto's plain functions (no provider start-up), texts for bytes (hex, base64), random bytes. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/text.h"

/* Loads libcrypto now: do so before a child is confined. The *_start functions do it when needed, and end the program with its
 * message when there is none. */
bool digest_load(struct error *error);

struct sha256 {
    uint64_t opaque[16];
};
void sha256_start(struct sha256 *state);
void sha256_add(struct sha256 *state, const void *data, size_t size);
void sha256_finish(struct sha256 *state, uint8_t sum[32]);

struct sha512 {
    uint64_t opaque[32];
};
void sha512_start(struct sha512 *state);
void sha512_add(struct sha512 *state, const void *data, size_t size);
void sha512_finish(struct sha512 *state, uint8_t sum[64]);

/* Lower-case hex with a NUL: 2 * size + 1 bytes. */
char *hex_encode(const uint8_t *data, size_t size, char *text);
/* False unless text is exactly 2 * size hex digits of either case. */
bool hex_decode(struct str text, uint8_t *data, size_t size);

/* "sha256:<hex>" of the data: 72 bytes with the NUL. */
#define SHA256_TEXT 72
char *sha256_text(struct str data, char text[SHA256_TEXT]);

/* Standard alphabet; decoding accepts missing padding and the URL alphabet. Returns the size, or -1. `out` needs
 * size * 3 / 4 + 3 bytes. */
ptrdiff_t base64_decode(struct str text, uint8_t *out);
/* `out` needs (size + 2) / 3 * 4 + 1 bytes. */
char *base64_encode(const uint8_t *data, size_t size, char *out);

/* Stands for a path: no two are found that share one (SHA-256, cut to 128 bits, over the folder's and the name; the root has
 * none, NULL). May be stored. */
struct fingerprint {
    uint8_t bytes[16];
};
struct fingerprint fingerprint_below(const struct fingerprint *folder, struct str name);

/* Random bytes of the kernel. */
void random_bytes(void *data, size_t size);

#endif
