/* bbolt: {"path": FILE} -> the whole content, buckets as objects, binary values as {"hex"}. */
#include "probe.h"

struct dump {
    struct arena *arena;
    struct bbolt *file;
    struct json_writer *answer;
    struct error *error;
    bool failed;
};

static void put_bytes(struct dump *dump, struct str bytes)
{
    if (str_valid_utf8(bytes)) {
        json_put_str(dump->answer, bytes);
    } else {
        json_open(dump->answer, '{');
        json_key(dump->answer, "hex");
        json_put_text(dump->answer,
                      hex_encode((const uint8_t *)bytes.data, bytes.size, arena_alloc(dump->arena, bytes.size * 2 + 1)));
        json_close(dump->answer, '}');
    }
}

static bool visit(void *context, struct str key, bool is_bucket, struct bbolt_bucket child, struct str value)
{
    struct dump *dump = context;
    if (str_valid_utf8(key))
        json_key_str(dump->answer, key);
    else
        json_key(dump->answer,
                 arena_printf(dump->arena, "hex:%s",
                              hex_encode((const uint8_t *)key.data, key.size, arena_alloc(dump->arena, key.size * 2 + 1))));
    if (!is_bucket) {
        put_bytes(dump, value);
        return true;
    }
    json_open(dump->answer, '{');
    if (!bbolt_each(dump->file, child, visit, dump, dump->error)) dump->failed = true;
    json_close(dump->answer, '}');
    return !dump->failed;
}

void probe_bbolt(struct arena *arena, yyjson_val *request, struct json_writer *answer)
{
    struct error error = { 0 };
    struct bbolt *file = bbolt_open(arena_cstr(arena, json_str(request, "path")), &error);
    CLEANUP_BUFFER struct buffer content = { 0 };
    struct json_writer writer = { .out = &content };
    struct dump dump = { arena, file, &writer, &error, !file };
    json_open(&writer, '{');
    if (file && !bbolt_each(file, bbolt_root(file), visit, &dump, &error)) dump.failed = true;
    json_close(&writer, '}');
    bbolt_close(file);
    json_open(answer, '{');
    if (dump.failed) {
        json_key(answer, "error");
        json_put_text(answer, error.message);
    } else {
        CLEANUP_JSON yyjson_doc *document = json_parse(buffer_view(&content), 0, "dump", &error);
        json_key(answer, "content");
        json_put_value(answer, yyjson_doc_get_root(document));
    }
    json_close(answer, '}');
}
