#include "pack/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = { 0 };
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct zip *zip = zip_open(str_make(data, size), &error);
    if (!zip) return 0;
    for (size_t i = 0; i < zip_count(zip) && i < 64; i++)
        zip_read(zip, zip_at(zip, i), 1 << 20, 8, &out, &error);
    zip_close(zip);
    return 0;
}
