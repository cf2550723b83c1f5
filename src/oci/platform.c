#include "oci/manifest.h"

#include <sys/utsname.h>

/* Spellings met in the wild, after lower-casing. */
static const struct {
    const char *written, *architecture, *variant;
} spellings[] = {
    { "aarch64", "arm64", NULL }, { "armel", "arm", "v6" },  { "armhf", "arm", "v7" },  { "armv5l", "arm", "v5" },
    { "armv6l", "arm", "v6" },    { "armv7l", "arm", "v7" }, { "armv8l", "arm", "v7" }, { "i386", "386", NULL },
    { "i486", "386", NULL },      { "i586", "386", NULL },   { "i686", "386", NULL },   { "x86-64", "amd64", NULL },
    { "x86_64", "amd64", NULL },
};

/* What an absent variant means. */
static const struct {
    const char *architecture, *variant;
} defaults[] = {
    { "amd64", "v1" },
    { "arm", "v7" },
    { "arm64", "v8" },
};

void oci_platform_normalise(struct oci_platform *platform)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (!str_is_nocase(platform->architecture, spellings[i].written)) continue;
        platform->architecture = str_of(spellings[i].architecture);
        if (spellings[i].variant && !platform->variant.size) platform->variant = str_of(spellings[i].variant);
        break;
    }
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (!platform->variant.size && str_is_nocase(platform->architecture, defaults[i].architecture))
            platform->variant = str_of(defaults[i].variant);
}

static struct str lower(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.size + 1);
    str_lower_into(text, out);
    return str_make(out, text.size);
}

static bool is_word(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.')) return false;
    }
    return text.size > 0;
}

bool oci_platform_parse(struct arena *arena, struct str text, struct oci_platform *platform, struct error *error)
{
    struct utsname machine;
    struct oci_platform wanted = { .os = STR("linux") };
    if (!text.size) {
        uname(&machine);
        wanted.architecture = arena_str(arena, str_of(machine.machine));
    } else {
        struct str rest = lower(arena, text), parts[3] = { { 0 } };
        size_t count = 0;
        while (rest.data && count < 3)
            parts[count++] = str_cut(&rest, '/');
        bool good = !rest.data;
        if (count == 1) {
            wanted.architecture = parts[0];
        } else {
            wanted.os = parts[0];
            wanted.architecture = parts[1];
            wanted.variant = parts[2];
        }
        /* "windows(10.0.17763)/amd64": the operating system's version in brackets */
        ptrdiff_t bracket = str_find(wanted.os, '(');
        if (bracket > 0 && str_ends(wanted.os, ")")) {
            wanted.os_version = str_slice(wanted.os, (size_t)bracket + 1, wanted.os.size - 1);
            wanted.os = str_to(wanted.os, (size_t)bracket);
        }
        if (!good || !is_word(wanted.os) || !is_word(wanted.architecture) || (count == 3 && !is_word(wanted.variant))) {
            error_set(error, ERROR_USAGE, "platform-invalid", "%.*s is not a platform", STR_ARG(str_to(text, 100)));
            return error_hint(error, "write it as os/architecture, such as linux/amd64 or linux/arm/v7");
        }
    }
    oci_platform_normalise(&wanted);
    *platform = wanted;
    return true;
}

/* "v8.1" as 801; 0 when it is no level. */
static unsigned level(struct str variant)
{
    uint64_t major, minor = 0;
    if (!variant.size || (variant.data[0] != 'v' && variant.data[0] != 'V')) return 0;
    struct str rest = str_from(variant, 1), first = str_cut(&rest, '.');
    if (!str_to_u64(first, &major) || major > 99 || (rest.data && (!str_to_u64(rest, &minor) || minor > 99))) return 0;
    return (unsigned)(major * 100 + minor);
}

static bool same_os_version(struct str wanted, struct str offered)
{
    for (int part = 0; part < 3; part++)
        if (!str_equal(str_cut(&wanted, '.'), str_cut(&offered, '.'))) return false;
    return true;
}

unsigned oci_platform_fit(const struct oci_platform *wanted, const struct oci_platform *offered)
{
    if (!str_equal_nocase(wanted->os, offered->os) || !str_equal_nocase(wanted->architecture, offered->architecture)) return 0;
    if (str_is_nocase(wanted->os, "unknown") || str_is_nocase(wanted->architecture, "unknown")) return 0;
    if (wanted->os_version.size && !same_os_version(wanted->os_version, offered->os_version)) return 0;
    unsigned most = level(wanted->variant), has = level(offered->variant);
    if (most && has) return has <= most ? has : 0;
    return str_equal_nocase(wanted->variant, offered->variant) ? 1 : 0;
}

struct str oci_platform_text(struct arena *arena, const struct oci_platform *platform)
{
    return arena_strf(arena, "%.*s/%.*s%s%.*s", STR_ARG(platform->os), STR_ARG(platform->architecture),
                      platform->variant.size ? "/" : "", STR_ARG(platform->variant));
}

ptrdiff_t oci_platform_choose(struct arena *arena, const struct oci_manifest *index, const struct oci_platform *wanted)
{
    ptrdiff_t chosen = -1;
    unsigned best = 0;
    for (size_t i = 0; i < index->entries.count; i++) {
        const struct oci_descriptor *entry = &index->entries.items[i];
        if (!entry->has_platform || oci_descriptor_is_attestation(entry)) continue;
        if (!oci_type_is_manifest(entry->media_type) && !oci_type_is_index(entry->media_type)) continue;
        struct oci_platform offered = entry->platform;
        oci_platform_normalise(&offered);
        unsigned fit = oci_platform_fit(wanted, &offered);
        if (fit > best) {
            best = fit;
            chosen = (ptrdiff_t)i;
        }
    }
    return chosen;
}
