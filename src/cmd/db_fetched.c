/* <feeds>/fetched.json: what the download of each file said, for the next conditional request and for the database's dates
 * (docs/feeds.md). */
#include "cmd/db_fetch.h"

void db_fetched_read(struct update *update)
{
    struct arena *arena = update->settings->arena;
    struct str text;
    struct error ignored = { 0 };
    if (!file_read(arena, path_join(arena, update->folder, "fetched.json"), DB_TEXT_LIMIT, &text, &ignored)) return;
    yyjson_doc *document = json_parse_in(arena, text, "fetched.json", &ignored);
    for (size_t i = 0; document && i < update->fetches.count; i++) {
        struct fetch *fetch = &update->fetches.items[i];
        yyjson_val *entry = json_get(yyjson_doc_get_root(document), arena_cstr(arena, fetch->path));
        if (!entry || !file_exists(path_join(arena, update->folder, arena_cstr(arena, fetch->path)))) continue;
        fetch->etag = json_str(entry, "etag");
        fetch->last_modified = json_str(entry, "last_modified");
        fetch->fetched_at = json_str(entry, "fetched_at");
    }
}

bool db_fetched_write(struct update *update, struct error *error)
{
    struct arena *arena = update->settings->arena;
    const char *path = path_join(arena, update->folder, "fetched.json");
    struct str text;
    struct error ignored = { 0 };
    yyjson_doc *old =
        file_read(arena, path, DB_TEXT_LIMIT, &text, &ignored) ? json_parse_in(arena, text, "fetched.json", &ignored) : NULL;
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out, .indent = 2 };
    struct map *written = map_new(arena);
    json_open(&writer, '{');
    for (size_t i = 0; i < update->fetches.count; i++) {
        const struct fetch *fetch = &update->fetches.items[i];
        if (fetch->result < 0 && !fetch->fetched_at.size) continue;
        map_set(written, fetch->path, update);
        json_key_str(&writer, fetch->path);
        json_open(&writer, '{');
        json_member_str(&writer, "etag", fetch->etag);
        json_member_str(&writer, "last_modified", fetch->last_modified);
        json_member_str(&writer, "fetched_at", fetch->fetched_at);
        json_close(&writer, '}');
    }
    if (old) {
        JSON_MEMBERS (key, value, yyjson_doc_get_root(old)) {
            if (map_get(written, json_value_str(key))) continue;
            json_key_str(&writer, json_value_str(key));
            json_put_value(&writer, value);
        }
    }
    json_close(&writer, '}');
    buffer_char(&out, '\n');
    return file_write(path, buffer_view(&out), 0644, true, error);
}
