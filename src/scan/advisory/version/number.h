/* What the version orders share: characters by ASCII alone, whatever the locale, and decimal numbers of any length. */
#ifndef SCAN_ADVISORY_VERSION_NUMBER_H
#define SCAN_ADVISORY_VERSION_NUMBER_H

#include "base/base.h"

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
static inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
static inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

/* Cuts the leading run of digits (of letters) off *rest; empty when there is none. */
struct str number_cut(struct str *rest);
struct str letters_cut(struct str *rest);
/* Cuts one leading character when it is `c`. */
bool char_cut(struct str *rest, char c);

bool number_is(struct str text);
bool number_is_zero(struct str digits);
/* Digits only; no digits at all is 0. Leading zeros do not count. */
int number_compare(struct str a, struct str b);
/* a with b + 1. */
int number_compare_next(struct str a, struct str b);

#endif
