/* The older, one-line release files of single distributions (scan.md §5.1). */
#include "scan/inventory/catalogue.h"

static void os_add(struct arena *arena, fragment_vector *out, struct str path, const struct cataloguer *cataloguer,
                   struct str family, struct str name)
{
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_OS, path, cataloguer);
    fragment->os.family = arena_str(arena, family);
    fragment->os.name = arena_str(arena, name);
}

/* ---- alpine-release, debian_version: the first line is the version ---- */

static bool first_line_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                            const struct cataloguer *cataloguer, struct str family)
{
    struct str version = str_trim(str_line(&content));
    if (version.size) os_add(arena, out, path, cataloguer, family, version);
    return true;
}

static bool alpine_release_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                struct error *error)
{
    return first_line_read(arena, path, content, out, &cataloguer_alpine_release, STR("alpine"));
}

static bool debian_version_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                struct error *error)
{
    return first_line_read(arena, path, content, out, &cataloguer_debian_version, STR("debian"));
}

/* ---- lsb-release: Ubuntu's ---- */

static bool lsb_release_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                             struct error *error)
{
    bool ubuntu = false;
    while (content.data) {
        struct str line = str_trim(str_line(&content));
        if (str_is(line, "DISTRIB_ID=Ubuntu") || str_is(line, "DISTRIB_ID=\"Ubuntu\"")) ubuntu = true;
        if (!ubuntu || !str_starts(line, "DISTRIB_RELEASE=")) continue;
        struct str version = str_trim_set(str_trim(str_from(line, sizeof "DISTRIB_RELEASE=" - 1)), "\"'");
        if (version.size) os_add(arena, out, path, &cataloguer_lsb_release, STR("ubuntu"), version);
        return true;
    }
    return true;
}

/* ---- redhat-release and kin: "NAME release VERSION (codename)" ---- */

static const struct {
    const char *name, *family;
} redhat_names[] = {
    { "alma", "alma" },
    { "alma linux", "alma" },
    { "almalinux", "alma" },
    { "centos", "centos" },
    { "centos linux", "centos" },
    { "centos stream", "centos-stream" },
    { "fedora", "fedora" },
    { "fedora linux", "fedora" },
    { "oracle", "oracle" },
    { "oracle linux", "oracle" },
    { "oracle linux server", "oracle" },
    { "rocky", "rocky" },
    { "rocky linux", "rocky" },
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The last " release " with a digit behind it, as the greedy (.*) of the fact sheet's expression. */
static bool redhat_line_parse(struct str line, struct str *name, struct str *version)
{
    static const struct str word = { " release ", 9 };
    for (ptrdiff_t at = (ptrdiff_t)line.size - (ptrdiff_t)word.size - 1; at >= 0; at--) {
        struct str rest = str_from(line, (size_t)at);
        if (!str_starts(rest, " release ") || !is_digit(rest.data[word.size])) continue;
        *name = str_to(line, (size_t)at);
        *version = str_from(rest, word.size);
        size_t size = 0;
        while (size < version->size && (is_digit(version->data[size]) || version->data[size] == '.'))
            size++;
        *version = str_to(*version, size);
        return true;
    }
    return false;
}

static struct str redhat_family(struct str path, struct str name)
{
    for (size_t i = 0; i < sizeof redhat_names / sizeof *redhat_names; i++)
        if (str_is_nocase(name, redhat_names[i].name)) return str_of(redhat_names[i].family);
    /* Only this file is Red Hat's own; derivatives keep theirs beside it. */
    return str_is(path_base(path), "redhat-release") ? STR("redhat") : (struct str){ 0 };
}

static bool redhat_release_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                struct error *error)
{
    struct str name, version, line = str_line(&content);
    if (!redhat_line_parse(line, &name, &version)) return true;
    struct str family = redhat_family(path, str_trim(name));
    if (family.size) os_add(arena, out, path, &cataloguer_redhat_release, family, version);
    return true;
}

/* ---- system-release: Amazon's ---- */

/* What is left of the line behind `count` words. */
static struct str words_from(struct str line, size_t count)
{
    for (size_t i = 0; i < count; i++)
        str_word(&line);
    return str_trim(line);
}

static bool amazon_release_read(struct arena *arena, struct str path, struct str content, fragment_vector *out,
                                struct error *error)
{
    while (content.data) {
        struct str line = str_line(&content);
        struct str version = { 0 };
        if (str_starts(line, "Amazon Linux release 2")) {
            version = words_from(line, 3); /* "2 (Karoo)", "2023.3.20240131 (Amazon Linux)" */
        } else if (str_starts(line, "Amazon Linux")) {
            version = words_from(line, 2); /* "AMI release 2018.03" */
        }
        if (!version.size) continue;
        os_add(arena, out, path, &cataloguer_amazon_release, STR("amazon"), version);
        return true;
    }
    return true;
}

#define RELEASE_LIMIT ((size_t)1 << 20)

const struct cataloguer cataloguer_alpine_release = {
    .name = "alpine",
    .scope = SCOPE_OS,
    .size_limit = RELEASE_LIMIT,
    .paths = (const char *const[]){ "etc/alpine-release", NULL },
    .read = alpine_release_read,
};

const struct cataloguer cataloguer_amazon_release = {
    .name = "amazon",
    .scope = SCOPE_OS,
    .size_limit = RELEASE_LIMIT,
    .paths = (const char *const[]){ "etc/system-release", "usr/lib/system-release", NULL },
    .read = amazon_release_read,
};

const struct cataloguer cataloguer_debian_version = {
    .name = "debian",
    .scope = SCOPE_OS,
    .size_limit = RELEASE_LIMIT,
    .paths = (const char *const[]){ "etc/debian_version", NULL },
    .read = debian_version_read,
};

const struct cataloguer cataloguer_lsb_release = {
    .name = "ubuntu",
    .scope = SCOPE_OS,
    .size_limit = RELEASE_LIMIT,
    .paths = (const char *const[]){ "etc/lsb-release", NULL },
    .read = lsb_release_read,
};

const struct cataloguer cataloguer_redhat_release = {
    .name = "redhat",
    .scope = SCOPE_OS,
    .size_limit = RELEASE_LIMIT,
    .paths = (const char *const[]){ "etc/almalinux-release", "etc/centos-release", "etc/fedora-release", "etc/oracle-release",
                                    "etc/redhat-release", "etc/rocky-release", "usr/lib/fedora-release", NULL },
    .read = redhat_release_read,
};
