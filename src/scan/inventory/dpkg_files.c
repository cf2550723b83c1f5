/* dpkg: the files of a package, from its list of MD5 sums (scan.md §6.1). */
#include "scan/inventory/catalogue.h"

/* "libc6:amd64.md5sums" → libc6 and amd64. */
static void subject_parse(struct arena *arena, struct str path, struct fragment *fragment)
{
    struct str name = path_base(path);
    name.size -= sizeof ".md5sums" - 1;
    struct str package = str_cut(&name, ':');
    fragment->subject = arena_str(arena, package);
    fragment->build_arch = arena_str(arena, name);
}

/* "d41d8cd98f00b204e9800998ecf8427e  lib/x86_64-linux-gnu/libc.so.6" */
static bool line_parse(struct str line, struct str *file)
{
    str_word(&line);
    line = str_trim_set(line, " \t*");
    return owned_path_clean(line, file);
}

static bool dpkg_files_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    struct omissions omissions = { 0 };
    struct budget budget = { 0 };
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_FILES, path, &cataloguer_dpkg_files);
    subject_parse(arena, path, fragment);
    while (content.data) {
        struct str line = str_line(&content), file;
        if (!str_trim(line).size) continue;
        if (!line_parse(line, &file))
            omissions_add(&omissions, line);
        else if (budget_name(&budget, file.size))
            *vector_push(arena, &fragment->strings) = arena_str(arena, file);
    }
    return budget_report(&budget, error) &&
           omissions_report(&omissions, "dpkg-file-list-invalid", "lines are no 'digest  path'", error);
}

static bool dpkg_files_accepts(struct str path) { return path_base(path).size > 8 && str_ends(path, ".md5sums"); }

const struct cataloguer cataloguer_dpkg_files = {
    .name = "dpkg-files",
    .scope = SCOPE_OS,
    .under = (const char *const[]){ "var/lib/dpkg/info/", "var/lib/dpkg/status.d/", NULL },
    .accepts = dpkg_files_accepts,
    .read = dpkg_files_read,
};
