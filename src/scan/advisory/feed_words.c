/* Words, identifiers and versions that several feeds write alike. */
#include "scan/advisory/feed.h"

enum severity feed_severity(struct str word)
{
    static const struct {
        const char *word;
        enum severity severity;
    } rows[] = {
        { "critical", SEVERITY_CRITICAL }, { "high", SEVERITY_HIGH },       { "important", SEVERITY_HIGH },
        { "low", SEVERITY_LOW },           { "medium", SEVERITY_MEDIUM },   { "moderate", SEVERITY_MEDIUM },
        { "negligible", SEVERITY_LOW },    { "unimportant", SEVERITY_LOW },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is_nocase(word, rows[i].word)) return rows[i].severity;
    return SEVERITY_UNKNOWN;
}

enum status feed_redhat_status(struct str state)
{
    static const struct {
        const char *state;
        enum status status;
    } rows[] = {
        { "affected", STATUS_AFFECTED },
        { "deferred", STATUS_FIX_DEFERRED },
        { "fix deferred", STATUS_FIX_DEFERRED },
        { "not affected", STATUS_NOT_AFFECTED },
        { "out of support scope", STATUS_END_OF_LIFE },
        { "under investigation", STATUS_UNDER_INVESTIGATION },
        { "will not fix", STATUS_WILL_NOT_FIX },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is_nocase(state, rows[i].state)) return rows[i].status;
    return STATUS_AFFECTED;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool feed_is_cve(struct str text)
{
    if (text.size < 13 || text.size > 32 || !str_starts(text, "CVE-") || text.data[8] != '-') return false;
    for (size_t i = 4; i < text.size; i++)
        if (i != 8 && !is_digit(text.data[i])) return false;
    return true;
}

bool feed_is_id(struct str text)
{
    bool dash = false;
    if (text.size < 3 || text.size > 128 || !is_letter(text.data[0])) return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '-') dash = true;
        if (!is_digit(c) && !is_letter(c) && c != '-' && c != '_' && c != '.' && c != ':') return false;
    }
    return dash;
}

static bool is_stream(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '+'; }

struct str feed_module(struct str summary)
{
    for (struct str word; !str_empty(word = str_word(&summary));) {
        if (str_ends(word, ":")) continue; /* the severity, or the advisory */
        ptrdiff_t colon = str_find(word, ':');
        size_t end = (size_t)colon + 1;
        while (colon > 0 && end < word.size && is_stream(word.data[end])) /* "httpd:2.4/mod_http2", "nodejs:18," */
            end++;
        if (colon > 0 && end > (size_t)colon + 1) return str_to(word, end);
    }
    return (struct str){ 0 };
}

struct str feed_evr(struct arena *arena, struct str epoch, struct str version, struct str release)
{
    bool has_epoch = !str_empty(epoch) && !str_is(epoch, "0") && !str_is(epoch, "(none)");
    if (!has_epoch) epoch = STR("");
    return arena_strf(arena, "%.*s%s%.*s%s%.*s", STR_ARG(epoch), has_epoch ? ":" : "", STR_ARG(version),
                      str_empty(release) ? "" : "-", STR_ARG(release));
}

struct str feed_evr_text(struct str evr) { return str_starts(evr, "0:") ? str_from(evr, 2) : evr; }

bool feed_split_nevra(struct str text, bool with_arch, struct feed_nevra *parts)
{
    struct feed_nevra found = { 0 };
    if (with_arch) {
        ptrdiff_t dot = str_find_last(text, '.');
        if (dot <= 0) return false;
        found.arch = str_from(text, (size_t)dot + 1);
        text = str_to(text, (size_t)dot);
    }
    ptrdiff_t dash = str_find_last(text, '-');
    if (dash <= 0) return false;
    found.release = str_from(text, (size_t)dash + 1);
    text = str_to(text, (size_t)dash);
    dash = str_find_last(text, '-');
    if (dash <= 0) return false;
    found.version = str_from(text, (size_t)dash + 1);
    found.name = str_to(text, (size_t)dash);
    ptrdiff_t colon = str_find(found.version, ':');
    if (colon >= 0) {
        found.epoch = str_to(found.version, (size_t)colon);
        found.version = str_from(found.version, (size_t)colon + 1);
    }
    if (str_empty(found.name) || str_empty(found.version) || str_empty(found.release)) return false;
    *parts = found;
    return true;
}
