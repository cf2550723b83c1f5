/* dpkg: licences out of usr/share/doc/PACKAGE/copyright (scan.md §6.1; Debian's copyright-format 1.0, and free text). */
#include "scan/inventory/catalogue.h"

/* Words that only the text of a licence has, never its name. */
static const char *const text_words[] = {
    "http://",       "https://",          "(c)",   "as-is", ";", "hereby", "permission to use", "permission is",
    "use in source", "use, copy, modify", "using",
};

static bool is_licence_text(struct str line)
{
    char lower[512];
    struct str head = str_to(line, sizeof lower);
    str_lower_into(head, lower);
    for (size_t i = 0; i < sizeof text_words / sizeof *text_words; i++)
        if (str_contains(str_make(lower, head.size), text_words[i])) return true;
    return false;
}

/* "The main library is licensed under the MIT license (Expat)" → "the MIT" */
static struct str name_trim(struct str name)
{
    static const char lead[] = "The main library is licensed under ", tail[] = " license";
    ptrdiff_t open = str_find(name, '(');
    if (open >= 0) name = str_to(name, (size_t)open);
    name = str_trim(name);
    if (str_starts(name, lead)) name = str_from(name, sizeof lead - 1);
    if (str_ends(name, tail)) name.size -= sizeof tail - 1;
    return str_trim(name);
}

static void declared_add(struct arena *arena, struct str value, str_vector *licences)
{
    value = str_trim(value);
    if (is_licence_text(value)) {
        licence_add(arena, arena_strf(arena, "text://%.*s", STR_ARG(value)), licences);
        return;
    }
    licence_split(arena, name_trim(value), licences);
}

static const struct str folder = { "usr/share/common-licenses/", sizeof "usr/share/common-licenses/" - 1 };

/* The name behind "/usr/share/common-licenses/", which may end a sentence or a quotation. */
static void reference_add(struct arena *arena, struct str line, str_vector *licences)
{
    ptrdiff_t at = str_find_text(line, folder);
    if (at < 0) return;
    struct str name = str_from(line, (size_t)at + folder.size);
    size_t size = 0, end = 0;
    for (; size < name.size; size++) {
        char c = name.data[size];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && !(c && strchr("_.+-", c))) break;
        if (alphanumeric || c == '+') end = size + 1;
    }
    if (end) licence_add(arena, licence_normalize(arena, str_to(name, end)), licences);
}

static bool dpkg_copyright_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                struct error *error)
{
    str_vector licences = { 0 };
    const char *reference = content.data; /* none before it: one look through the text instead of one a line */
    while (content.data) {
        if (content.data >= reference) {
            ptrdiff_t at = str_find_text(content, folder);
            reference = at < 0 ? content.data + content.size : content.data + at;
        }
        struct str line = str_line(&content);
        if (str_starts(line, "License:"))
            declared_add(arena, str_from(line, 8), &licences);
        else if (reference < line.data + line.size)
            reference_add(arena, line, &licences);
    }
    if (!licences.count) return true;
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_LICENSES, path, &cataloguer_dpkg_copyright);
    fragment->subject = arena_str(arena, path_base(path_folder(path)));
    fragment->strings = licences;
    return true;
}

static bool dpkg_copyright_accepts(struct str path) { return path_in(path, "usr/share/doc/", 1); }

const struct cataloguer cataloguer_dpkg_copyright = {
    .name = "dpkg-license",
    .scope = SCOPE_OS,
    .size_limit = (size_t)16 << 20,
    .names = (const char *const[]){ "copyright", NULL },
    .roots = (const char *const[]){ "usr/share/doc", NULL },
    .accepts = dpkg_copyright_accepts,
    .read = dpkg_copyright_read,
};
