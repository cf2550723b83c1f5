/* Writing one zstd frame, with checksum and content size. */
#include "pack/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

static bool compress_into(ZSTD_CCtx *context, const struct mapping *map, int fd, struct error *error)
{
    size_t room = ZSTD_CStreamOutSize();
    CLEANUP_FREE void *output = memory_alloc(room);
    ZSTD_inBuffer in = { map->data, map->size, 0 };
    for (size_t left = 1; left;) {
        ZSTD_outBuffer out = { output, room, 0 };
        left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
        if (ZSTD_isError(left))
            return error_set(error, ERROR_INTERNAL, "archive-compress", "zstd: %s", ZSTD_getErrorName(left));
        if (!file_write_all(fd, output, out.pos, error)) return false;
    }
    return true;
}

bool pack_compress_file(const char *input, const char *output, int level, struct error *error)
{
    CLEANUP_MAPPING struct mapping map = { 0 };
    CLEANUP_DRAFT struct file_draft draft = { -1, NULL, NULL };
    if (!file_map(input, &map, error) || !file_draft_open_named(&draft, output, 0644, error)) return false;
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (!context) return error_set(error, ERROR_INTERNAL, "archive-compress", "libzstd cannot be set up");
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, 2); /* refused by a libzstd without threads: one then */
    ZSTD_CCtx_setPledgedSrcSize(context, map.size);
    bool good = compress_into(context, &map, draft.fd, error);
    ZSTD_freeCCtx(context);
    return good && file_draft_commit(&draft, true, error);
}
