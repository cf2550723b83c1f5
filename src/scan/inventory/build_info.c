/* Red Hat: which repositories an image was built from (scan.md §7, "Red Hat"). */
#include "scan/inventory/catalogue.h"

/* ---- content manifests ---- */

static bool content_manifest_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                  struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = json_parse(content, 0, "content manifest", error);
    if (!document) return false;
    str_vector sets = { 0 };
    JSON_EACH (item, json_get(yyjson_doc_get_root(document), "content_sets"))
        if (yyjson_is_str(item) && sets.count < 10000) *vector_push(arena, &sets) = arena_str(arena, json_value_str(item));
    if (sets.count) fragment_add(arena, out, FRAGMENT_BUILD_INFO, path, &cataloguer_content_manifest)->strings = sets;
    return true;
}

static bool content_manifest_accepts(struct str path) { return str_ends(path, ".json"); }

const struct cataloguer cataloguer_content_manifest = {
    .name = "redhat-content-manifest",
    .scope = SCOPE_OS,
    .size_limit = (size_t)64 << 20,
    .under = (const char *const[]){ "root/buildinfo/content_manifests/", "usr/share/buildinfo/", NULL },
    .accepts = content_manifest_accepts,
    .read = content_manifest_read,
};

/* ---- the Dockerfile's labels ---- */

struct labels {
    struct str component, architecture;
};

/* One word of a LABEL instruction; quotes may stand anywhere in it. Unquoted in place: the instruction is our own copy. */
static struct str label_word(struct str *rest)
{
    while (rest->size && strchr(" \t\n\\", rest->data[0]))
        *rest = str_from(*rest, 1);
    char *text = (char *)rest->data;
    size_t size = 0, at = 0;
    char quote = 0;
    for (; at < rest->size; at++) {
        char c = rest->data[at];
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
        } else if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
            break;
        } else if (c == '\\' && at + 1 < rest->size) {
            if (rest->data[++at] != '\n') text[size++] = rest->data[at];
        } else {
            text[size++] = c;
        }
    }
    *rest = str_from(*rest, at);
    return str_make(text, size);
}

static void label_set(struct labels *labels, struct str key, struct str value)
{
    if (str_is(key, "com.redhat.component") || str_is(key, "bzcomponent")) labels->component = value;
    if (str_is(key, "architecture")) labels->architecture = value;
}

/* "LABEL a=b "c"="d e"" or the old "LABEL a b" */
static void instruction_read(struct str instruction, struct labels *labels)
{
    struct str rest = str_trim(instruction);
    if (!str_is_nocase(str_word(&rest), "LABEL")) return;
    for (struct str word; (word = label_word(&rest)).size;) {
        ptrdiff_t equals = str_find(word, '=');
        if (equals < 0) {
            label_set(labels, word, label_word(&rest));
            return;
        }
        label_set(labels, str_to(word, (size_t)equals), str_from(word, (size_t)equals + 1));
    }
}

/* The next instruction with its continuation lines; comment lines are left out by Docker even within one. */
static struct str instruction_next(struct arena *arena, struct str *content)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    while (content->data) {
        struct str line = str_trim(str_line(content));
        if (str_starts(line, "#") || (!line.size && text.size)) continue;
        bool more = line.size && line.data[line.size - 1] == '\\';
        if (more) line.size--;
        buffer_str(&text, line);
        buffer_char(&text, '\n');
        if (!more) break;
    }
    return arena_str(arena, buffer_view(&text));
}

/* "Dockerfile-ubi8-8.3-227" → "8.3-227" */
static struct str version_release(struct str name)
{
    ptrdiff_t last = str_find_last(name, '-');
    ptrdiff_t before = last > 0 ? str_find_last(str_to(name, (size_t)last), '-') : -1;
    return before >= 0 ? str_from(name, (size_t)before + 1) : (struct str){ 0 };
}

static bool redhat_dockerfile_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                   struct error *error)
{
    CLEANUP_ARENA struct arena *scratch = arena_new();
    struct labels labels = { 0 };
    while (content.data)
        instruction_read(instruction_next(scratch, &content), &labels);
    struct str version = version_release(path_base(path));
    if (!labels.component.size || !labels.architecture.size || !version.size) return true;
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_BUILD_INFO, path, &cataloguer_redhat_dockerfile);
    fragment->subject = arena_strf(arena, "%.*s-%.*s", STR_ARG(labels.component), STR_ARG(version));
    fragment->build_arch = arena_str(arena, labels.architecture);
    return true;
}

static bool redhat_dockerfile_accepts(struct str path) { return str_starts(path_base(path), "Dockerfile"); }

const struct cataloguer cataloguer_redhat_dockerfile = {
    .name = "redhat-dockerfile",
    .scope = SCOPE_OS,
    .size_limit = (size_t)1 << 20,
    .under = (const char *const[]){ "root/buildinfo/", NULL },
    .accepts = redhat_dockerfile_accepts,
    .read = redhat_dockerfile_read,
};
