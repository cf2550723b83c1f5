/* os-release: the operating system by its own words (scan.md §5.1; os-release(5)). */
#include "scan/inventory/catalogue.h"

/* ID → family. debian, ubuntu and amzn also have files of their own, which say more; os_resolve prefers those. */
static const struct {
    const char *id, *family;
} families[] = {
    { "activestate", "activestate" },
    { "almalinux", "alma" },
    { "alpine", "alpine" },
    { "amzn", "amazon" },
    { "azurelinux", "azurelinux" },
    { "bottlerocket", "bottlerocket" },
    { "centos", "centos" },
    { "chainguard", "chainguard" },
    { "coreos", "coreos" },
    { "debian", "debian" },
    { "echo", "echo" },
    { "fedora", "fedora" },
    { "mariner", "cbl-mariner" },
    { "minimos", "minimos" },
    { "ol", "oracle" },
    { "opensuse", "opensuse-leap" },
    { "opensuse-leap", "opensuse-leap" },
    { "opensuse-tumbleweed", "opensuse-tumbleweed" },
    { "photon", "photon" },
    { "rhel", "redhat" },
    { "rocky", "rocky" },
    { "sl-micro", "slem" },
    { "sle-micro", "slem" },
    { "sle-micro-rancher", "slem" },
    { "sles", "sles" },
    { "ubuntu", "ubuntu" },
    { "wolfi", "wolfi" },
};

static struct str family_of(struct str id, struct str name)
{
    if (str_is(id, "centos") && str_is(name, "CentOS Stream")) return STR("centos-stream");
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (str_is(id, families[i].id)) return str_of(families[i].family);
    return (struct str){ 0 };
}

/* What a shell makes of the right side of an assignment: quotes may stand anywhere, a backslash takes the next as it is, and
 * an unquoted blank or ";" ends it (os-release(5)). */
static struct str unquote(struct arena *arena, struct str text)
{
    char *plain = arena_alloc(arena, text.size + 1), quote = 0;
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        else if (!quote && (c == ' ' || c == '\t' || c == ';'))
            break;
        else if (c == '\\' && quote != '\'' && i + 1 < text.size)
            plain[size++] = text.data[++i];
        else
            plain[size++] = c;
    }
    return str_make(plain, size);
}

/* Of several, the last one counts. */
static struct str value_of(struct arena *arena, struct str content, const char *key)
{
    struct str value = { 0 };
    while (content.data) {
        struct str rest = str_trim(str_line(&content));
        if (str_find(rest, '=') < 0) continue;
        struct str name = str_trim(str_cut(&rest, '='));
        if (str_is(name, key)) value = str_trim(rest);
    }
    return unquote(arena, value);
}

struct str inventory_os_family(struct str os_release)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    return family_of(value_of(arena, os_release, "ID"), value_of(arena, os_release, "NAME")); /* the table's own texts */
}

/* A distribution that is not known here: so that a report can name it. */
static void add_stranger(struct arena *arena, struct str path, struct str content, fragment_vector *out)
{
    enum {
        LONGEST = 60
    };
    struct str id = str_to(value_of(arena, content, "ID"), LONGEST),
               version = str_to(value_of(arena, content, "VERSION_ID"), LONGEST),
               like = str_to(value_of(arena, content, "ID_LIKE"), LONGEST);
    if (!id.size) return;
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_OS, path, &cataloguer_os_release);
    fragment->os.name = arena_strf(arena, "%.*s%s%.*s%s%.*s%s", STR_ARG(id), version.size ? " " : "", STR_ARG(version),
                                   like.size ? " (like " : "", STR_ARG(like), like.size ? ")" : "");
}

static bool os_release_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    struct str version = value_of(arena, content, "VERSION_ID"), codename = value_of(arena, content, "VERSION_CODENAME");
    struct str family = family_of(value_of(arena, content, "ID"), value_of(arena, content, "NAME"));
    /* Testing and unstable have no number, only a codename. */
    bool rolling = str_is(family, "debian") && codename.size;
    if (!family.size) add_stranger(arena, path, content, out);
    if (!family.size || (!version.size && !rolling)) return true;
    struct fragment *fragment = fragment_add(arena, out, FRAGMENT_OS, path, &cataloguer_os_release);
    fragment->os.family = family;
    fragment->os.name = version.size ? arena_str(arena, version) : arena_strf(arena, "%.*s/sid", STR_ARG(codename));
    if (!version.size && str_is(codename, "sid")) fragment->os.name = STR("sid");
    fragment->os.codename = arena_str(arena, codename);
    return true;
}

const struct cataloguer cataloguer_os_release = {
    .name = "os-release",
    .scope = SCOPE_OS,
    .size_limit = (size_t)1 << 20,
    .paths = (const char *const[]){ "etc/os-release", "usr/lib/os-release",
                                    "aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
                                    "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", NULL },
    .read = os_release_read,
};
