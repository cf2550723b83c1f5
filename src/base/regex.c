#include "base/base.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct regex {
    pcre2_code *code;
    pcre2_match_context *context;
};

struct regex *regex_compile(struct str pattern, struct error *error)
{
    int number;
    size_t offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)(pattern.data ? pattern.data : ""), pattern.size,
                                     PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &number, &offset, NULL);
    if (!code) {
        PCRE2_UCHAR words[128];
        pcre2_get_error_message(number, words, sizeof words);
        error_set(error, ERROR_USAGE, "regex-invalid", "regular expression \"%.*s\": %s at character %zu", STR_ARG(pattern),
                  (const char *)words, offset);
        return NULL;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it the interpreter matches */
    struct regex *regex = memory_alloc(sizeof *regex);
    *regex = (struct regex){ code, pcre2_match_context_create(NULL) };
    pcre2_set_match_limit(regex->context, 1000000);
    return regex;
}

bool regex_search(const struct regex *regex, struct str text)
{
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    int found = pcre2_match(regex->code, (PCRE2_SPTR)(text.data ? text.data : ""), text.size, 0, 0, match, regex->context);
    pcre2_match_data_free(match);
    return found >= 0;
}

void regex_free(struct regex *regex)
{
    if (!regex) return;
    pcre2_code_free(regex->code);
    pcre2_match_context_free(regex->context);
    memory_cleanup(&regex);
}
