#include "oci/oci.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is printed must be read again as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    struct oci_reference reference, again;
    if (!oci_reference_parse(arena, str_make(data, size), &reference, &error)) return 0;
    struct str canonical = oci_reference_canonical(arena, &reference);
    if (!oci_reference_parse(arena, canonical, &again, &error) || !str_equal(oci_reference_canonical(arena, &again), canonical))
        abort();
    return 0;
}
