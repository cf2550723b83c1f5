#include "scan/filter/filter.h"

#define FILE_LIMIT ((size_t)16 << 20)
#define WARNINGS 10 /* lines of one file that are named */

/* Identifiers of vulnerabilities, checks, secrets and licences alike: CVE-2024-1, AVD-KSV-0001, aws-access-key-id, GPL-3.0+. */
static bool has_only_characters_of_identifiers(struct str id)
{
    for (size_t i = 0; i < id.size; i++)
        if (!((id.data[i] | 32) >= 'a' && (id.data[i] | 32) <= 'z') && !(id.data[i] >= '0' && id.data[i] <= '9') &&
            (!id.data[i] || !strchr("-._:+/@()", id.data[i])))
            return false;
    return true;
}

static bool is_cve(struct str id)
{
    uint64_t number;
    struct str rest = str_from(id, 4), year = str_cut(&rest, '-');
    return year.size == 4 && str_to_u64(year, &number) && rest.size >= 4 && str_to_u64(rest, &number);
}

/* Why no finding can be called so; NULL when one can. `prose`: further words follow that say nothing to us. */
static const char *doubt_of(struct str id, bool prose)
{
    if (str_ends(id, ":") || str_is(id, "-")) return "this is YAML, of which lists begin with a key such as vulnerabilities:";
    if (!has_only_characters_of_identifiers(id)) return "a line begins with one identifier, without commas and quotes";
    if (str_equal_nocase(str_to(id, 4), STR("CVE-")) && !str_starts(id, "CVE-"))
        return "identifiers are compared letter by letter: CVE- in capitals";
    if (str_starts(id, "CVE-") && !is_cve(id)) return "a CVE has the form CVE-2024-12345";
    bool digit = false;
    for (size_t i = 0; i < id.size; i++)
        digit = digit || (id.data[i] >= '0' && id.data[i] <= '9');
    return prose && !digit && str_find(id, '-') < 0 ? "a line begins with an identifier; a comment begins with #" : NULL;
}

/* One line: an id, then words; "exp:YYYY-MM-DD" is the only one with a meaning. What looks wrong is taken all the same, as the
 * format wants it, but not in silence. */
static bool read_line(struct str line, struct ignore_entry *entry, const char **trouble)
{
    bool prose = false, dated = true;
    line = str_trim(line);
    *trouble = NULL;
    if (!line.size || line.data[0] == '#') return false;
    entry->id = str_word(&line);
    for (struct str word; (word = str_word(&line)).size && word.data[0] != '#';) {
        if (!str_starts(word, "exp:"))
            prose = true;
        else if (!clock_parse(str_from(word, 4), &entry->expires))
            dated = false;
    }
    *trouble = dated ? doubt_of(entry->id, prose) : "the date after exp: is not YYYY-MM-DD: line ignored";
    return dated;
}

static void read_plain(struct arena *arena, struct str text, struct ignore_file *file)
{
    size_t number = 0, troubled = 0;
    if (str_starts(text, "\xef\xbb\xbf")) text = str_from(text, 3); /* as editors on Windows begin files */
    while (text.data) {
        struct ignore_entry entry = { 0 };
        const char *trouble;
        number++;
        if (read_line(str_line(&text), &entry, &trouble)) *vector_push(arena, &file->entries) = entry;
        if (!trouble || ++troubled > WARNINGS) continue;
        log_warn("%s, line %zu: \"%.*s\": %s", file->path, number, STR_ARG(str_to(entry.id, 80)), trouble);
    }
    if (troubled > WARNINGS) log_warn("%s: %zu more such lines", file->path, troubled - WARNINGS);
}

static const char *const keys[] = { "expired_at", "id", "paths", "purls", "reason", "statement" };
#define KEYS (sizeof keys / sizeof *keys)

static bool is_key(struct str word)
{
    for (size_t i = 0; i < KEYS; i++)
        if (str_is(word, keys[i])) return true;
    return false;
}

/* "path" is paths, "expires" is expired_at: the key that begins most alike; NULL when none does. */
static const char *nearest_key(struct str word)
{
    const char *nearest = NULL;
    size_t longest = 1;
    for (size_t i = 0; i < KEYS; i++) {
        size_t same = 0;
        while (same < word.size && keys[i][same] && (word.data[same] | 32) == (keys[i][same] | 32))
            same++;
        if (same > longest) longest = same, nearest = keys[i];
    }
    return nearest;
}

/* Conditions narrow an entry: without one that was meant it would hide more than it should, for ever. */
static const char *doubt_of_entry(struct arena *arena, yyjson_val *item)
{
    JSON_MEMBERS (key, value, item) {
        struct str word = json_value_str(key);
        bool list = str_is(word, "paths") || str_is(word, "purls");
        const char *nearest = nearest_key(word);
        if (!is_key(word) && nearest)
            return arena_printf(arena, "there is no key \"%.*s\", the nearest is %s", STR_ARG(str_to(word, 80)), nearest);
        if (!is_key(word))
            return arena_printf(arena, "there is no key \"%.*s\"; an entry takes id, paths, purls, expired_at, statement",
                                STR_ARG(str_to(word, 80)));
        if (!yyjson_is_null(value) && (list ? !yyjson_is_arr(value) : !yyjson_is_str(value)))
            return arena_printf(arena, "%.*s is %s", STR_ARG(word), list ? "no list" : "no text or date");
        JSON_EACH (one, list ? value : NULL)
            if (!yyjson_is_str(one)) return arena_printf(arena, "%.*s has what is no text", STR_ARG(word));
    }
    return NULL;
}

static void read_strings(struct arena *arena, yyjson_val *array, str_vector *strings)
{
    JSON_EACH (item, array)
        if (yyjson_is_str(item)) *vector_push(arena, strings) = arena_str(arena, json_value_str(item));
}

/* NULL, or why it does not count. */
static const char *read_entry(struct arena *arena, yyjson_val *item, struct ignore_entry *entry)
{
    const char *doubt = doubt_of_entry(arena, item);
    if (doubt) return doubt;
    struct str expires = json_str(item, "expired_at");
    *entry = (struct ignore_entry){ .id = arena_str(arena, json_str(item, "id")),
                                    .statement = arena_str(arena, json_str(item, "statement")) };
    if (!entry->id.size) return "it has no id";
    if (expires.data && !clock_parse(expires, &entry->expires))
        return arena_printf(arena, "expired_at is \"%.*s\", which is not YYYY-MM-DD", STR_ARG(str_to(expires, 80)));
    if (!entry->statement.size) entry->statement = arena_str(arena, json_str(item, "reason"));
    read_strings(arena, json_get(item, "paths"), &entry->paths);
    read_strings(arena, json_get(item, "purls"), &entry->purls);
    return NULL;
}

/* Those of what is not searched for yet are right too. */
static const char *const lists[] = { "licenses", "misconfigurations", "secrets", "vulnerabilities" };
#define LISTS (sizeof lists / sizeof *lists)

static void check_lists(yyjson_val *root, const struct ignore_file *file)
{
    JSON_MEMBERS (key, value, root) {
        bool known = false;
        for (size_t i = 0; value && i < LISTS; i++)
            known = known || str_is(json_value_str(key), lists[i]);
        if (!known)
            log_warn("%s: there is no list \"%.*s\", it is not read: vulnerabilities stand below the key vulnerabilities",
                     file->path, STR_ARG(str_to(json_value_str(key), 80)));
    }
}

static bool read_yaml(struct arena *arena, struct str text, struct ignore_file *file, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = yaml_parse(text, file->path, error);
    size_t number = 0, troubled = 0;
    if (!document) return false;
    check_lists(yyjson_doc_get_root(document), file);
    JSON_EACH (item, json_get(yyjson_doc_get_root(document), "vulnerabilities")) {
        struct ignore_entry entry;
        struct str id = json_str(item, "id");
        const char *doubt = read_entry(arena, item, &entry);
        number++;
        if (!doubt)
            *vector_push(arena, &file->entries) = entry;
        else if (++troubled <= WARNINGS)
            log_warn("%s, entry %zu (%.*s): %s: the entry is not applied", file->path, number, STR_ARG(str_to(id, 80)), doubt);
    }
    if (troubled > WARNINGS) log_warn("%s: %zu more such entries", file->path, troubled - WARNINGS);
    return true;
}

/* By its name's end; of any other name, by its first line that is neither empty nor a remark: one that begins with the key of
 * a list is no identifier of anything. */
static bool is_yaml(const char *path, struct str text)
{
    struct str line = { 0 };
    if (str_ends(str_of(path), ".yaml") || str_ends(str_of(path), ".yml")) return true;
    if (str_starts(text, "\xef\xbb\xbf")) text = str_from(text, 3);
    while (text.data && (!line.size || line.data[0] == '#' || str_is(line, "---")))
        line = str_trim(str_line(&text));
    struct str rest = line, key = str_cut(&rest, ':');
    for (size_t i = 0; rest.data && i < LISTS; i++)
        if (str_is(key, lists[i])) return true;
    return false;
}

bool ignore_file_read(struct arena *arena, const char *path, moment now, struct ignore_file *file, struct error *error)
{
    struct str text;
    file->path = path;
    if (!file_read(arena, path, FILE_LIMIT, &text, error))
        return error_hint(error, "name an ignore file that exists, or leave --ignorefile out");
    if (is_yaml(path, text)) {
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
    log_debug("ignore file %s: %zu entries apply", path, kept);
    return true;
}
