#include "oci/reference.h"
#include "oci/digest.h"

#define DEFAULT_REGISTRY "docker.io"
#define OLD_DEFAULT_REGISTRY "index.docker.io"
#define REPOSITORY_LIMIT 255
#define TAG_LIMIT 128
#define TEXT_LIMIT 4096 /* host, path, tag and digest together never need more */

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alnum(char c) { return is_lower(c) || is_digit(c); }
static bool is_letter(char c) { return is_lower(c) || is_upper(c); }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

static bool has_upper(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (is_upper(text.data[i])) return true;
    return false;
}

/* alnum (separator alnum)*, a separator being one dot, one or two underscores, or any number of dashes. */
static bool is_component(struct str text)
{
    size_t i = 0;
    for (;;) {
        size_t start = i;
        while (i < text.size && is_alnum(text.data[i]))
            i++;
        if (i == start) return false;
        if (i == text.size) return true;
        char separator = text.data[i];
        size_t repeat = 0, most = separator == '.' ? 1 : separator == '_' ? 2 : separator == '-' ? text.size : 0;
        while (i < text.size && text.data[i] == separator)
            i++, repeat++;
        if (repeat > most) return false;
    }
}

static bool is_path(struct str text)
{
    struct str rest = text;
    if (!text.size) return false;
    while (rest.data)
        if (!is_component(str_cut(&rest, '/'))) return false;
    return true;
}

static bool is_label(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_letter(text.data[i]) && !is_digit(text.data[i]) && !(text.data[i] == '-' && i > 0 && i + 1 < text.size))
            return false;
    return text.size > 0;
}

static bool is_port(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit(text.data[i])) return false;
    return text.size > 0;
}

/* Names, IPv4 addresses, or an IPv6 address in brackets; then an optional port. */
static bool is_domain(struct str text)
{
    if (str_starts(text, "[")) {
        ptrdiff_t end = str_find(text, ']');
        if (end < 2) return false;
        for (ptrdiff_t i = 1; i < end; i++)
            if (!is_hex(text.data[i]) && text.data[i] != ':') return false;
        struct str port = str_from(text, (size_t)end + 1);
        return !port.size || (port.data[0] == ':' && is_port(str_from(port, 1)));
    }
    ptrdiff_t colon = str_find(text, ':');
    if (colon >= 0 && !is_port(str_from(text, (size_t)colon + 1))) return false;
    struct str rest = colon >= 0 ? str_to(text, (size_t)colon) : text;
    if (!rest.size) return false;
    while (rest.data)
        if (!is_label(str_cut(&rest, '.'))) return false;
    return true;
}

bool oci_tag_valid(struct str tag)
{
    if (!tag.size || tag.size > TAG_LIMIT) return false;
    for (size_t i = 0; i < tag.size; i++) {
        char c = tag.data[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && !(i > 0 && (c == '.' || c == '-'))) return false;
    }
    return true;
}

/* The grammar's digest, before the algorithm's own rule. */
static bool has_digest_form(struct str text)
{
    ptrdiff_t colon = str_find(text, ':');
    if (colon <= 0) return false;
    bool start = true; /* of a word that must begin with a letter */
    for (ptrdiff_t i = 0; i < colon; i++) {
        char c = text.data[i];
        if (is_letter(c) || (is_digit(c) && !start))
            start = false;
        else if (!start && (c == '-' || c == '_' || c == '+' || c == '.'))
            start = true;
        else
            return false;
    }
    struct str hex = str_from(text, (size_t)colon + 1);
    for (size_t i = 0; i < hex.size; i++)
        if (!is_hex(hex.data[i])) return false;
    return !start && hex.size >= 32;
}

static bool is_image_id(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_hex(text.data[i]) || is_upper(text.data[i])) return false;
    return text.size == 64;
}

static bool refuse(struct error *error, const char *id, struct str text, const char *why)
{
    return error_set(error, ERROR_USAGE, id, "%.*s is not an image reference: %s", STR_ARG(str_to(text, 300)), why);
}

static bool refuse_digest(struct error *error, struct str text, enum oci_digest_fault fault)
{
    static const struct {
        const char *id, *why;
    } faults[] = {
        [OCI_DIGEST_FORMAT] = { "reference-digest-format", "a digest's hex digits are lower-case" },
        [OCI_DIGEST_UNSUPPORTED] = { "reference-digest-unsupported",
                                     "the digest's algorithm is none of sha256, sha384, sha512" },
        [OCI_DIGEST_LENGTH] = { "reference-digest-length", "the digest has too few or too many digits" },
    };
    return refuse(error, faults[fault].id, text, faults[fault].why);
}

/* Text before the first '/' is a host if it could not be a path's first part, or is localhost. */
static void split_host(struct str text, struct str *host, struct str *rest)
{
    ptrdiff_t slash = str_find(text, '/');
    struct str first = slash < 0 ? (struct str){ 0 } : str_to(text, (size_t)slash);
    bool is_host = slash >= 0 &&
                   (str_is(first, "localhost") || str_find(first, '.') >= 0 || str_find(first, ':') >= 0 || has_upper(first));
    *host = is_host ? first : STR(DEFAULT_REGISTRY);
    *rest = is_host ? str_from(text, (size_t)slash + 1) : text;
    if (str_is(*host, OLD_DEFAULT_REGISTRY)) *host = STR(DEFAULT_REGISTRY);
}

bool oci_reference_parse(struct arena *arena, struct str text, struct oci_reference *reference, struct error *error)
{
    struct str host, rest;
    if (text.size > TEXT_LIMIT) return refuse(error, "reference-too-long", text, "it is longer than 4096 characters");
    if (is_image_id(text)) return refuse(error, "reference-looks-like-id", text, "64 hex digits are an image id");
    split_host(text, &host, &rest);
    if (has_upper(str_to(rest, str_find(rest, ':') >= 0 ? (size_t)str_find(rest, ':') : rest.size)))
        return refuse(error, "reference-uppercase", text, "the repository must be lower-case");

    struct str digest = { 0 }, tag = { 0 }, path = rest;
    ptrdiff_t at = str_find(rest, '@');
    if (at >= 0) {
        digest = str_from(rest, (size_t)at + 1);
        path = str_to(rest, (size_t)at);
        if (!has_digest_form(digest)) return refuse(error, "reference-format", text, "what stands behind @ is no digest");
    }
    ptrdiff_t colon = str_find_last(path, ':');
    if (colon >= 0 && colon > str_find_last(path, '/')) {
        tag = str_from(path, (size_t)colon + 1);
        path = str_to(path, (size_t)colon);
        if (!oci_tag_valid(tag))
            return refuse(error, "reference-format", text, "the tag has a character that no tag may have, or is too long");
    }
    if (!is_domain(host)) return refuse(error, "reference-format", text, "the registry is no host name");
    if (!is_path(path))
        return refuse(error, "reference-format", text,
                      "the repository has a character or separator that no repository may have");
    bool official = str_is(host, DEFAULT_REGISTRY) && str_find(path, '/') < 0;
    if (path.size + (official ? strlen("library/") : 0) > REPOSITORY_LIMIT)
        return refuse(error, "reference-too-long", text, "the repository is longer than 255 characters");
    enum oci_digest_fault fault = digest.size ? oci_digest_check(digest) : OCI_DIGEST_GOOD;
    if (fault != OCI_DIGEST_GOOD) return refuse_digest(error, text, fault);
    *reference = (struct oci_reference){
        .registry = arena_str(arena, host),
        .repository = official ? arena_strf(arena, "library/%.*s", STR_ARG(path)) : arena_str(arena, path),
        .tag = arena_str(arena, tag),
        .digest = arena_str(arena, digest),
    };
    return true;
}

struct str oci_reference_name(struct arena *arena, const struct oci_reference *reference)
{
    return arena_strf(arena, "%.*s/%.*s", STR_ARG(reference->registry), STR_ARG(reference->repository));
}

struct str oci_reference_canonical(struct arena *arena, const struct oci_reference *reference)
{
    struct str name = oci_reference_name(arena, reference);
    if (reference->digest.size) return arena_strf(arena, "%.*s@%.*s", STR_ARG(name), STR_ARG(reference->digest));
    struct str tag = reference->tag.size ? reference->tag : STR("latest");
    return arena_strf(arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(tag));
}

struct str oci_reference_familiar(struct arena *arena, const struct oci_reference *reference)
{
    struct str name = reference->repository;
    if (!str_is(reference->registry, DEFAULT_REGISTRY))
        name = oci_reference_name(arena, reference);
    else if (str_starts(name, "library/") && str_find_last(name, '/') == (ptrdiff_t)strlen("library"))
        name = str_from(name, strlen("library/"));
    return arena_strf(arena, "%.*s%s%.*s%s%.*s", STR_ARG(name), reference->tag.size ? ":" : "", STR_ARG(reference->tag),
                      reference->digest.size ? "@" : "", STR_ARG(reference->digest));
}
