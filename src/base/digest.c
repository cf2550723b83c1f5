/* SHA-2 by libcrypto's low-level functions: 0.02 ms to the first sum, where EVP's provider start-up costs 2–5 ms. They are
 * deprecated in OpenSSL 3 but stay for its lifetime; the state fits `struct sha256`, checked below by its documented layout
 * (eight words, two counters, one block, two integers: 112 bytes; 216 for SHA-512). */
#include "base/base.h"

#include <stdlib.h>

static int (*library_sha256_init)(void *state);
static int (*library_sha256_update)(void *state, const void *data, size_t size);
static int (*library_sha256_final)(unsigned char *sum, void *state);
static int (*library_sha512_init)(void *state);
static int (*library_sha512_update)(void *state, const void *data, size_t size);
static int (*library_sha512_final)(unsigned char *sum, void *state);

static struct library digest_library = {
    .soname = "libcrypto.so.3",
    .package = "libssl3",
    .purpose = "checking digests",
    .symbols =
        (const struct library_symbol[]){
            { "SHA256_Final", (void **)&library_sha256_final },
            { "SHA256_Init", (void **)&library_sha256_init },
            { "SHA256_Update", (void **)&library_sha256_update },
            { "SHA512_Final", (void **)&library_sha512_final },
            { "SHA512_Init", (void **)&library_sha512_init },
            { "SHA512_Update", (void **)&library_sha512_update },
            { 0 },
        },
};

_Static_assert(sizeof(struct sha256) >= 112, "SHA256_CTX");
_Static_assert(sizeof(struct sha512) >= 216, "SHA512_CTX");

bool digest_load(struct error *error) { return library_load(&digest_library, error); }

/* Sums are asked for in places that cannot go on without: a missing library ends the program with its message. */
static void need_library(void)
{
    struct error error = { 0 };
    if (digest_load(&error)) return;
    log_failure(LOG_ERROR, &error);
    exit(1);
}

void sha256_start(struct sha256 *state)
{
    need_library();
    library_sha256_init(state);
}

void sha256_add(struct sha256 *state, const void *data, size_t size) { library_sha256_update(state, data, size); }
void sha256_finish(struct sha256 *state, uint8_t sum[32]) { library_sha256_final(sum, state); }

struct fingerprint fingerprint_below(const struct fingerprint *folder, struct str name)
{
    static const struct fingerprint root;
    struct fingerprint fingerprint;
    struct sha256 state;
    uint8_t sum[32];
    sha256_start(&state);
    sha256_add(&state, folder ? folder : &root, sizeof root);
    sha256_add(&state, name.data, name.size);
    sha256_finish(&state, sum);
    memcpy(fingerprint.bytes, sum, sizeof fingerprint.bytes);
    return fingerprint;
}

void sha512_start(struct sha512 *state)
{
    need_library();
    library_sha512_init(state);
}

void sha512_add(struct sha512 *state, const void *data, size_t size) { library_sha512_update(state, data, size); }
void sha512_finish(struct sha512 *state, uint8_t sum[64]) { library_sha512_final(sum, state); }

char *sha256_text(struct str data, char text[SHA256_TEXT])
{
    struct sha256 state;
    uint8_t sum[32];
    sha256_start(&state);
    sha256_add(&state, data.data, data.size);
    sha256_finish(&state, sum);
    memcpy(text, "sha256:", 7);
    hex_encode(sum, sizeof sum, text + 7);
    return text;
}
