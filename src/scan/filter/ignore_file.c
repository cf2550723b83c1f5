#include "scan/filter/filter.h"

#define FILE_LIMIT ((size_t)16 << 20)

/* One line: an id, then words; "exp:YYYY-MM-DD" is the only one with a meaning. */
static bool read_line(struct str line, struct ignore_entry *entry, bool *good)
{
    line = str_trim(line);
    *good = true;
    if (!line.size || line.data[0] == '#') return false;
    entry->id = str_word(&line);
    for (struct str word; (word = str_word(&line)).size;) {
        if (!str_starts(word, "exp:")) continue;
        if (!clock_parse(str_from(word, 4), &entry->expires)) *good = false;
    }
    return *good;
}

static void read_plain(struct arena *arena, struct str text, struct ignore_file *file)
{
    size_t number = 0;
    while (text.data) {
        struct ignore_entry entry = { 0 };
        bool good;
        number++;
        if (read_line(str_line(&text), &entry, &good))
            *vector_push(arena, &file->entries) = entry;
        else if (!good)
            log_warn("%s, line %zu: the date after exp: is not YYYY-MM-DD: line ignored", file->path, number);
    }
}

static void read_strings(struct arena *arena, yyjson_val *array, str_vector *strings)
{
    JSON_EACH (item, array)
        if (yyjson_is_str(item)) *vector_push(arena, strings) = arena_str(arena, json_value_str(item));
}

static bool read_yaml(struct arena *arena, struct str text, struct ignore_file *file, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = yaml_parse(text, file->path, error);
    if (!document) return false;
    JSON_EACH (item, json_get(yyjson_doc_get_root(document), "vulnerabilities")) {
        struct ignore_entry entry = { .id = arena_str(arena, json_str(item, "id")),
                                      .statement = arena_str(arena, json_str(item, "statement")) };
        struct str expires = json_str(item, "expired_at");
        if (!entry.statement.size) entry.statement = arena_str(arena, json_str(item, "reason"));
        if (expires.size && !clock_parse(expires, &entry.expires))
            return error_set(error, ERROR_INVALID, "ignore-file-invalid", "%s: expired_at of %.*s is no date: \"%.*s\"",
                             file->path, STR_ARG(entry.id), STR_ARG(expires));
        if (!entry.id.size)
            return error_set(error, ERROR_INVALID, "ignore-file-invalid", "%s: an entry without id", file->path);
        read_strings(arena, json_get(item, "paths"), &entry.paths);
        read_strings(arena, json_get(item, "purls"), &entry.purls);
        *vector_push(arena, &file->entries) = entry;
    }
    return true;
}

bool ignore_file_read(struct arena *arena, const char *path, moment now, struct ignore_file *file, struct error *error)
{
    struct str text;
    file->path = path;
    if (!file_read(arena, path, FILE_LIMIT, &text, error))
        return error_hint(error, "name an ignore file that exists, or leave --ignorefile out");
    if (str_ends(str_of(path), ".yaml") || str_ends(str_of(path), ".yml")) {
        if (!read_yaml(arena, text, file, error)) return false;
    } else {
        read_plain(arena, text, file);
    }
    size_t kept = 0;
    for (size_t i = 0; i < file->entries.count; i++) {
        const struct ignore_entry *entry = &file->entries.items[i];
        if (!entry->expires || now < entry->expires)
            file->entries.items[kept++] = *entry;
        else
            log_info("%s: the entry for %.*s has expired and no longer applies", path, STR_ARG(entry->id));
    }
    file->entries.count = kept;
    return true;
}
