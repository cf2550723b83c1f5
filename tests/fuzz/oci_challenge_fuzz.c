#include "oci/oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses one of the languages that headers are written in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct http_url base, url;
    struct str text = size ? str_make(data + 1, size - 1) : (struct str){ 0 }, next;
    oci_challenge_vector challenges = { 0 };
    struct oci_rate_limit rate;
    uint64_t seconds;
    bool capped;
    http_url_parse(arena, STR("https://registry.example.com/v2/a/tags/list?n=1"), &base, &error);
    switch (size ? data[0] % 5 : 0) {
    case 0:
        oci_challenge_parse(arena, text, &challenges, &error);
        for (size_t i = 0; i < challenges.count; i++)
            oci_realm_check(arena, oci_challenge_get(&challenges.items[i], "realm"), &base, &url, &error);
        break;
    case 1: http_link_next(arena, &base, text, &next, &error); break;
    case 2:
        if (http_url_resolve(arena, &base, text, &url, &error)) http_url_text(arena, &url);
        break;
    case 3: http_retry_after(text, 0, &seconds, &capped); break;
    case 4: oci_rate_limit_parse(text, text, &rate); break;
    }
    return 0;
}
