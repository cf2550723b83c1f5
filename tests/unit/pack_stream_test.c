/* Streams against the real tools: what gzip, zstd, xz and bzip2 write must come back, and damage must be an error. */
#include "unit.h"
#include "pack/pack.h"

#include <stdio.h>
#include <stdlib.h>

static struct str output_of(struct arena *arena, const char *command)
{
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    struct buffer buffer = { 0 };
    size_t got;
    while ((got = fread(buffer_reserve(&buffer, 65536), 1, 65536, pipe)) > 0)
        buffer.size += got;
    assert_int_equal(pclose(pipe), 0);
    struct str text = arena_str(arena, buffer_view(&buffer));
    buffer_free(&buffer);
    return text;
}

static bool decompress(struct str packed, struct buffer *plain, struct error *error)
{
    CLEANUP_STREAM struct stream *stream = stream_decompress(stream_of_memory(packed), NULL, NULL, error);
    return stream && stream_read_all(stream, plain, (size_t)1 << 30, error);
}

static const char *const tools[] = { "gzip", "zstd -q", "xz", "bzip2", "cat" };

static void stream__gives_back_what_was_packed(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str want = output_of(arena, "seq 1 200000");
    for (size_t i = 0; i < 5; i++) {
        struct str packed = i == 4 ? want : output_of(arena, arena_printf(arena, "seq 1 200000 | %s -c", tools[i]));
        CLEANUP_BUFFER struct buffer plain = { 0 };
        struct error error = { 0 };
        if (!decompress(packed, &plain, &error)) fail_msg("%s: %s", tools[i], error.message);
        assert_int_equal(plain.size, want.size);
        assert_memory_equal(plain.data, want.data, want.size);
    }
}

static void stream__follows_concatenated_members(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < 4; i++) {
        struct str packed = output_of(arena, arena_printf(arena, "(echo one | %s -c; echo two | %s -c)", tools[i], tools[i]));
        CLEANUP_BUFFER struct buffer plain = { 0 };
        struct error error = { 0 };
        if (!decompress(packed, &plain, &error)) fail_msg("%s: %s", tools[i], error.message);
        assert_string_equal(buffer_cstr(&plain), "one\ntwo\n");
    }
}

static void stream__says_when_data_is_cut_or_flipped(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t i = 0; i < 4; i++) {
        struct str packed = output_of(arena, arena_printf(arena, "seq 1 20000 | %s -c", tools[i]));
        for (size_t cut = 8; cut < packed.size; cut += packed.size / 7) {
            CLEANUP_BUFFER struct buffer plain = { 0 };
            struct error error = { 0 };
            if (decompress(str_to(packed, cut), &plain, &error)) fail_msg("%s cut at %zu was accepted", tools[i], cut);
        }
        char *flipped = arena_cstr(arena, packed);
        flipped[packed.size / 2] ^= 0x20;
        CLEANUP_BUFFER struct buffer plain = { 0 };
        struct error error = { 0 };
        if (decompress(str_make(flipped, packed.size), &plain, &error)) fail_msg("%s flipped was accepted", tools[i]);
    }
}

static void stream__stops_a_bomb(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str packed = output_of(arena, "head -c 400000000 /dev/zero | gzip -c");
    CLEANUP_BUFFER struct buffer plain = { 0 };
    struct error error = { 0 };
    assert_false(decompress(packed, &plain, &error));
    assert_string_equal(error.id, "archive-ratio");
}

static void tar__walks_what_tar_writes(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    static const char *const formats[] = { "gnu -S", "pax -S", "ustar", "oldgnu -S" };
    for (size_t i = 0; i < 4; i++) {
        struct str archive = output_of(
            arena,
            arena_printf(
                arena,
                "d=$(mktemp -d) && cd $d && mkdir -p a/b && echo hello > a/b/file && ln -s ../x a/link && ln a/b/file a/hard && "
                "n=$(printf 'n%%.0s' $(seq 1 90)) && mkdir -p long/$n && echo deep > long/$n/$n && "
                "truncate -s 3M sparse && echo end >> sparse && tar -c --format=%s a long sparse; rm -rf $d",
                formats[i]));
        CLEANUP_STREAM struct stream *stream = stream_of_memory(archive);
        struct tar *tar = tar_open(stream, NULL);
        struct tar_entry entry;
        struct error error = { 0 };
        int found;
        size_t files = 0, links = 0, hard = 0;
        bool deep = false, hello = false, sparse = false;
        while ((found = tar_next(tar, &entry, &error)) > 0) {
            if (entry.type == TAR_SYMLINK) links++, assert_true(str_is(entry.link, "../x"));
            if (entry.type == TAR_HARD_LINK) hard++;
            if (entry.type != TAR_FILE) continue;
            files++;
            struct str content;
            bool is_deep = str_starts(entry.name, "long/n"), is_sparse = str_is(entry.name, "sparse");
            assert_true(tar_read(tar, arena, 8 << 20, &content, &error));
            if (is_deep && entry.name.size > 180) deep = str_is(content, "deep\n");
            if (str_is(content, "hello\n")) hello = true;
            if (is_sparse) sparse = content.size == (3 << 20) + 4 && memcmp(content.data + (3 << 20), "end\n", 4) == 0;
        }
        if (found < 0) fail_msg("%s: %s", formats[i], error.message);
        tar_close(tar);
        assert_int_equal(files, 3);
        assert_int_equal(links, 1);
        assert_int_equal(hard, 1);
        assert_true(deep && hello && sparse);
    }
}

static void tar__refuses_what_is_no_tar(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str noise = output_of(arena, "seq 1 1000");
    CLEANUP_STREAM struct stream *stream = stream_of_memory(noise);
    struct tar *tar = tar_open(stream, NULL);
    struct tar_entry entry;
    struct error error = { 0 };
    assert_int_equal(tar_next(tar, &entry, &error), -1);
    assert_string_equal(error.id, "archive-damaged");
    tar_close(tar);
}

static void zip__reads_members_and_checks_them(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct str archive =
        output_of(arena, "python3 -c \"import zipfile,sys,io; b=io.BytesIO(); z=zipfile.ZipFile(b,'w',zipfile.ZIP_DEFLATED);"
                         "z.writestr('a.json','x'*5000); z.writestr('d/b','two',zipfile.ZIP_STORED); z.close();"
                         "sys.stdout.buffer.write(b.getvalue())\"");
    struct error error = { 0 };
    struct zip *zip = zip_open(archive, &error);
    assert_non_null(zip);
    assert_int_equal(zip_count(zip), 2);
    CLEANUP_BUFFER struct buffer out = { 0 };
    assert_true(zip_read(zip, zip_at(zip, 0), 10000, 8, &out, &error));
    assert_int_equal(out.size, 5000);
    assert_false(zip_read(zip, zip_at(zip, 0), 4999, 8, &out, &error));
    assert_true(zip_read(zip, zip_at(zip, 1), 10000, 8, &out, &error));
    assert_memory_equal(out.data, "two", 3);
    zip_close(zip);
    for (size_t cut = 0; cut < archive.size; cut++) {
        zip = zip_open(str_to(archive, cut), &error);
        if (zip)
            for (size_t i = 0; i < zip_count(zip); i++)
                zip_read(zip, zip_at(zip, i), 10000, 0, &out, &error);
        zip_close(zip);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream__gives_back_what_was_packed),
        cmocka_unit_test(stream__follows_concatenated_members),
        cmocka_unit_test(stream__says_when_data_is_cut_or_flipped),
        cmocka_unit_test(stream__stops_a_bomb),
        cmocka_unit_test(tar__walks_what_tar_writes),
        cmocka_unit_test(tar__refuses_what_is_no_tar),
        cmocka_unit_test(zip__reads_members_and_checks_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
