/* Analysed layers, remembered under the digest the parent verified (docs/layer-cache.md). Each is two immutable files put in
 * place by rename, so that any number of scans share them without a lock; one that cannot be read is a miss. */
#include "scan/layer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define LEVEL 1
#define PLAIN_LIMIT LAYER_CONTENT_LIMIT

/* With sizes: links come from images, and no image may write what reads as another's key. */
static void put_key_part(struct buffer *text, const char *kind, struct str first, struct str second)
{
    buffer_printf(text, "%s %zu %.*s %zu %.*s\n", kind, first.size, STR_ARG(first), second.size, STR_ARG(second));
}

struct str layer_cache_key(struct arena *arena, struct str digest, const struct walk_options *options)
{
    struct sha256 hash;
    uint8_t sum[32];
    struct buffer text = { 0 };
    buffer_printf(&text, "%.*s\n%d %u\n", STR_ARG(digest), INVENTORY_VERSION, options->inventory->scope);
    for (size_t i = 0; i < options->inventory->file_patterns.count; i++)
        put_key_part(&text, "pattern", options->inventory->file_patterns.items[i].cataloguer,
                     options->inventory->file_patterns.items[i].text);
    const str_vector *skips[] = { options->skip_folders, options->skip_files };
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; skips[i] && j < skips[i]->count; j++)
            put_key_part(&text, "skip", i ? STR("file") : STR("folder"), skips[i]->items[j]);
    for (size_t i = 0; options->aliases && i < options->aliases->count; i++)
        put_key_part(&text,
                     options->aliases->items[i].folder ? "folder"
                     : options->aliases->items[i].way  ? "way"
                                                       : "alias",
                     options->aliases->items[i].real, options->aliases->items[i].as);
    sha256_start(&hash);
    sha256_add(&hash, text.data, text.size);
    sha256_finish(&hash, sum);
    buffer_free(&text);
    return str_of(hex_encode(sum, 16, arena_alloc(arena, 33)));
}

static const char *file_of(struct arena *arena, const char *cache, struct str key, const char *half)
{
    return arena_printf(arena, "%s/pratique/layers/%.*s/%.*s.%s.zst", cache, STR_ARG(str_to(key, 2)), STR_ARG(key), half);
}

/* Whoever may rename files can give one layer's content to another: all three levels must be ours. */
static bool is_own_place(struct arena *arena, const char *file)
{
    struct str path = str_of(file);
    for (int level = 0; level < 3; level++) {
        path = path_folder(path);
        if (!folder_is_own(arena_cstr(arena, path))) return false;
    }
    return true;
}

/* Into memory of its own: the document's strings are copied by the reader. */
static bool read_half(struct arena *arena, const char *path, struct layer_content *content)
{
    CLEANUP_MAPPING struct mapping map = { 0 };
    struct error ignored = { 0 };
    if (!file_map_own(path, &map, &ignored)) return false; /* what another user put there speaks for no layer */
    unsigned long long size = ZSTD_getFrameContentSize(map.data, map.size);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > PLAIN_LIMIT) return false;
    CLEANUP_FREE char *plain = memory_alloc((size_t)size);
    if (ZSTD_decompress(plain, (size_t)size, map.data, map.size) != size) return false;
    return layer_content_read(arena, str_make(plain, (size_t)size), content, &ignored);
}

bool layer_cache_get(struct arena *arena, const char *cache, struct str key, bool with_files, struct layer_content *content)
{
    const char *main_file = file_of(arena, cache, key, "main");
    return is_own_place(arena, main_file) && read_half(arena, main_file, content) &&
           (!with_files || read_half(arena, file_of(arena, cache, key, "files"), content));
}

static void write_half(const char *path, const struct layer_content *content, enum layer_part part)
{
    CLEANUP_BUFFER struct buffer plain = { 0 };
    layer_content_write(&plain, content, part);
    size_t bound = ZSTD_compressBound(plain.size);
    CLEANUP_FREE char *packed = memory_alloc(bound);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (!context) return;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t size = ZSTD_compress2(context, packed, bound, plain.data, plain.size);
    ZSTD_freeCCtx(context);
    struct error error = { 0 };
    struct stat status;
    if (ZSTD_isError(size)) return;
    /* Somebody else's pipe would be waited for, his link followed. */
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) unlink(path);
    if (!file_write(path, str_make(packed, size), 0644, false, &error)) log_debug("layer cache: %s", error.message);
}

void layer_cache_put(const char *cache, struct str key, const struct layer_content *content)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct error error = { 0 };
    const char *main_file = file_of(arena, cache, key, "main"), *folder = arena_cstr(arena, path_folder(str_of(main_file)));
    if (!folder_make(folder, 0755, &error)) {
        log_debug("layer cache: %s", error.message); /* a read-only cache is no failure of the scan */
        return;
    }
    if (!is_own_place(arena, main_file)) {
        log_debug("layer cache: %s or a folder above it belongs to another user, or others may write there", folder);
        return;
    }
    file_drafts_sweep(folder, STR(""));                                    /* in the folder at hand only */
    write_half(file_of(arena, cache, key, "files"), content, LAYER_FILES); /* first: whoever finds the main half finds both */
    write_half(main_file, content, LAYER_MAIN);
}
