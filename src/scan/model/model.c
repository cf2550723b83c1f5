/* Words of severities and states, in the spelling of the reports (scan.md §12.3, §16.1). */
#include "scan/model/model.h"

static const char *const severity_words[SEVERITY_COUNT] = {
    [SEVERITY_UNKNOWN] = "UNKNOWN", [SEVERITY_LOW] = "LOW",           [SEVERITY_MEDIUM] = "MEDIUM",
    [SEVERITY_HIGH] = "HIGH",       [SEVERITY_CRITICAL] = "CRITICAL",
};

static const char *const status_words[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = "unknown",
    [STATUS_NOT_AFFECTED] = "not_affected",
    [STATUS_AFFECTED] = "affected",
    [STATUS_FIXED] = "fixed",
    [STATUS_UNDER_INVESTIGATION] = "under_investigation",
    [STATUS_WILL_NOT_FIX] = "will_not_fix",
    [STATUS_FIX_DEFERRED] = "fix_deferred",
    [STATUS_END_OF_LIFE] = "end_of_life",
};

static bool word_find(const char *const *words, size_t count, struct str word, size_t *index)
{
    for (size_t i = 0; i < count; i++)
        if (str_is_nocase(word, words[i])) {
            *index = i;
            return true;
        }
    return false;
}

const char *severity_word(enum severity severity)
{
    return severity_words[(size_t)severity < SEVERITY_COUNT ? severity : SEVERITY_UNKNOWN];
}

bool severity_parse(struct str word, enum severity *severity)
{
    size_t index;
    if (!word_find(severity_words, SEVERITY_COUNT, word, &index)) return false;
    *severity = (enum severity)index;
    return true;
}

const char *status_word(enum status status) { return status_words[(size_t)status < STATUS_COUNT ? status : STATUS_UNKNOWN]; }

bool status_parse(struct str word, enum status *status)
{
    size_t index;
    if (!word_find(status_words, STATUS_COUNT, word, &index)) return false;
    *status = (enum status)index;
    return true;
}

bool layer_path_valid(struct str path)
{
    size_t start = 0;
    if (!path.size || memchr(path.data, 0, path.size)) return false;
    for (size_t i = 0; i <= path.size; i++) {
        if (i < path.size && path.data[i] != '/') continue;
        size_t part = i - start;
        const char *text = path.data + start;
        if (part == 0 || (part == 1 && text[0] == '.') || (part == 2 && text[0] == '.' && text[1] == '.')) return false;
        start = i + 1;
    }
    return true;
}
