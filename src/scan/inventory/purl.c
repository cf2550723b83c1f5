/* Package URLs (scan.md §17). */
#include "scan/inventory/catalogue.h"

/* Unreserved characters and ':' stay. */
static void encode(struct buffer *out, struct str text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("-._~:", c));
        if (plain)
            buffer_char(out, (char)c);
        else
            buffer_append(out, (const char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
    }
}

static void encode_lower(struct buffer *out, struct str text)
{
    CLEANUP_BUFFER struct buffer lower = { 0 };
    str_lower_into(text, buffer_reserve(&lower, text.size));
    lower.size = text.size;
    encode(out, buffer_view(&lower));
}

/* Qualifiers come sorted by key from the callers. */
static void qualifier(struct buffer *out, bool *any, const char *key, struct str value)
{
    if (!value.size) return;
    buffer_printf(out, "%c%s=", *any ? '&' : '?', key);
    encode(out, value);
    *any = true;
}

/* ---- OS packages ---- */

/* By the database that lists the package. `family_before`: distro=FAMILY-VERSION, else distro=VERSION. */
static const struct os_type {
    const char *cataloguer, *type;
    bool has_namespace, lower_name, family_before;
} os_types[] = {
    { "apk", "apk", true, true, false },   { "bottlerocket-inventory", "bottlerocket", false, false, true },
    { "dpkg", "deb", true, false, true },  { "rpm", "rpm", true, false, true },
    { "rpmqa", "rpm", true, false, true },
};

static const struct {
    const char *family, *space;
} namespaces[] = {
    { "opensuse-leap", "opensuse" },
    { "opensuse-tumbleweed", "opensuse" },
    { "slem", "suse" },
    { "sles", "suse" },
};

static struct str namespace_of(struct str family)
{
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
        if (str_is(family, namespaces[i].family)) return str_of(namespaces[i].space);
    return family;
}

static const struct os_type *os_type_find(struct str cataloguer)
{
    for (size_t i = 0; i < sizeof os_types / sizeof *os_types; i++)
        if (str_is(cataloguer, os_types[i].cataloguer)) return &os_types[i];
    return NULL;
}

static struct str distro_of(struct arena *arena, const struct os_type *type, const struct os *os)
{
    if (!type->family_before) return os->name;
    return os->name.size ? arena_strf(arena, "%.*s-%.*s", STR_ARG(os->family), STR_ARG(os->name)) : os->family;
}

struct str purl_of_os_package(struct arena *arena, const struct os *os, const struct package *package)
{
    const struct os_type *type = os_type_find(package->analyzed_by);
    if (!type) return (struct str){ 0 };
    CLEANUP_BUFFER struct buffer out = { 0 };
    bool any = false;
    buffer_printf(&out, "pkg:%s/", type->type);
    if (type->has_namespace && os->family.size) {
        encode(&out, namespace_of(os->family));
        buffer_char(&out, '/');
    }
    (type->lower_name ? encode_lower : encode)(&out, package->name);
    buffer_char(&out, '@');
    encode(&out, package->version);
    if (package->release.size) {
        buffer_char(&out, '-');
        encode(&out, package->release);
    }
    qualifier(&out, &any, "arch", package->arch);
    qualifier(&out, &any, "distro", distro_of(arena, type, os));
    if (package->epoch) qualifier(&out, &any, "epoch", arena_strf(arena, "%lld", (long long)package->epoch));
    qualifier(&out, &any, "modularitylabel", package->modularity_label);
    return arena_str(arena, buffer_view(&out));
}

/* ---- language packages: one row a type ---- */

static void npm_name(struct buffer *out, struct str name)
{
    struct str rest = name;
    if (str_starts(name, "@")) {
        encode_lower(out, str_cut(&rest, '/'));
        buffer_char(out, '/');
    }
    encode_lower(out, rest);
}

/* PEP 503, as far as the purl specification asks: lower case, '_' → '-'. */
static void pypi_name(struct buffer *out, struct str name)
{
    CLEANUP_BUFFER struct buffer text = { 0 };
    for (size_t i = 0; i < name.size; i++)
        buffer_char(&text, name.data[i] == '_' ? '-' : name.data[i]);
    encode_lower(out, buffer_view(&text));
}

static const struct library_type {
    const char *type, *purl_type;
    void (*name)(struct buffer *out, struct str name);
} library_types[] = {
    { "node-pkg", "npm", npm_name },
    { "python-pkg", "pypi", pypi_name },
};

struct str purl_of_library(struct arena *arena, struct str type, const struct package *package)
{
    for (size_t i = 0; i < sizeof library_types / sizeof *library_types; i++) {
        if (!str_is(type, library_types[i].type)) continue;
        CLEANUP_BUFFER struct buffer out = { 0 };
        buffer_printf(&out, "pkg:%s/", library_types[i].purl_type);
        library_types[i].name(&out, package->name);
        if (package->version.size) buffer_char(&out, '@');
        encode(&out, package->version);
        return arena_str(arena, buffer_view(&out));
    }
    return (struct str){ 0 };
}
