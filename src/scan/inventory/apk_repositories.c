/* apk: the release that packages come from, which may be newer than the one installed first (scan.md §6.2). */
#include "scan/inventory/catalogue.h"

struct repository {
    struct str distribution, release;
};

static size_t span_of(struct str text, const char *extra, bool digits, bool letters)
{
    size_t size = 0;
    for (; size < text.size; size++) {
        char c = text.data[size];
        bool digit = c >= '0' && c <= '9', letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!(digit && digits) && !(letter && letters) && !(c && strchr(extra, c))) break;
    }
    return size;
}

static bool is_number(struct str release) { return span_of(release, ".", true, false) == release.size; }

/* SCHEME://HOST/DISTRIBUTION/[v]RELEASE/… */
static bool url_parse(struct str rest, struct repository *repository)
{
    size_t host = span_of(rest, ".-", true, true);
    if (!host || host >= rest.size || rest.data[host] != '/') return false;
    rest = str_from(rest, host + 1);
    size_t distribution = span_of(rest, "", false, true);
    if (!distribution || distribution >= rest.size || rest.data[distribution] != '/') return false;
    repository->distribution = str_to(rest, distribution);
    rest = str_from(rest, distribution + 1);
    size_t release = span_of(rest, "_.-", true, true);
    if (!release || release >= rest.size || rest.data[release] != '/') return false;
    repository->release = str_to(rest, release);
    if (release > 1 && repository->release.data[0] == 'v') repository->release = str_from(repository->release, 1);
    return str_is(repository->release, "edge") || is_number(repository->release); /* "latest-stable" names none */
}

static bool line_parse(struct str line, struct repository *repository)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://" };
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        ptrdiff_t at = str_find_text(line, str_of(schemes[i]));
        if (at >= 0 && url_parse(str_from(line, (size_t)at + strlen(schemes[i])), repository)) return true;
    }
    return false;
}

/* "3.9" < "3.22" < "edge" */
static int release_compare(struct str a, struct str b)
{
    bool edge_a = str_is(a, "edge"), edge_b = str_is(b, "edge");
    if (edge_a || edge_b) return edge_a - edge_b;
    while (a.data || b.data) {
        uint64_t left = 0, right = 0;
        struct str part_a = a.data ? str_cut(&a, '.') : (struct str){ 0 },
                   part_b = b.data ? str_cut(&b, '.') : (struct str){ 0 };
        bool numbers = (!part_a.size || str_to_u64(part_a, &left)) && (!part_b.size || str_to_u64(part_b, &right));
        int order = numbers ? (left > right) - (left < right) : str_compare(part_a, part_b);
        if (order) return order;
    }
    return 0;
}

static bool apk_repositories_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                  struct error *error)
{
    struct repository highest = { 0 }, found;
    while (content.data) {
        struct str line = str_trim(str_line(&content));
        if (str_starts(line, "#") || !line_parse(line, &found)) continue;
        if (highest.distribution.size && !str_equal(highest.distribution, found.distribution))
            return error_set(error, ERROR_INVALID, "apk-repositories-mixed",
                             "repositories of two distributions, %.*s and %.*s: the release they give is not used",
                             STR_ARG(highest.distribution), STR_ARG(found.distribution));
        if (!highest.release.size || release_compare(found.release, highest.release) > 0) highest.release = found.release;
        highest.distribution = found.distribution;
    }
    if (!str_is(highest.distribution, "alpine")) return true;
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_REPOSITORY, path, &cataloguer_apk_repositories);
    fragment->os.family = STR("alpine");
    fragment->os.name = arena_str(arena, highest.release);
    return true;
}

const struct cataloguer cataloguer_apk_repositories = {
    .name = "apk-repo",
    .scope = SCOPE_OS,
    .size_limit = (size_t)1 << 20,
    .paths = (const char *const[]){ "etc/apk/repositories", NULL },
    .read = apk_repositories_read,
};
