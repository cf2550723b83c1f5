/* Regular expressions in the dialects our users' files are written in, on PCRE2. */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/error.h"
#include "base/text.h"

struct regex;

/* Go's RE2 syntax as far as PCRE2 has the same meaning. NULL with an ERROR_USAGE that names the place; else regex_free ends it.
 */
struct regex *regex_compile(struct str pattern, struct error *error);
/* Finds the pattern anywhere in the text. Bounded: a search past the step limit counts as no match. Thread safe. */
bool regex_search(const struct regex *regex, struct str text);
/* NULL is allowed. */
void regex_free(struct regex *regex);

#endif
