/* Strings as views: a pointer and a length, no NUL needed, never owned. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *data; /* may be NULL when size is 0 */
    size_t size;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* For printf: printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)((s).size > 0x7fffffff ? 0x7fffffff : (s).size), ((s).data ? (s).data : "")

static inline struct str str_of(const char *text) { return (struct str){ text, text ? strlen(text) : 0 }; }
static inline struct str str_make(const void *data, size_t size) { return (struct str){ (const char *)data, size }; }
static inline bool str_empty(struct str s) { return s.size == 0; }

bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *b);
bool str_equal_nocase(struct str a, struct str b); /* ASCII only */
bool str_is_nocase(struct str a, const char *b);
/* Bytewise order, shorter first on a tie: -1, 0 or 1. */
int str_compare(struct str a, struct str b);

bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);

/* Index, or -1. */
ptrdiff_t str_find(struct str s, char c);
ptrdiff_t str_find_last(struct str s, char c);
ptrdiff_t str_find_text(struct str s, struct str needle);
bool str_contains(struct str s, const char *needle);

/* From index `from` on / up to but not including `to`; both clamp. */
struct str str_from(struct str s, size_t from);
struct str str_to(struct str s, size_t to);
struct str str_slice(struct str s, size_t from, size_t to);

/* Without blanks, tabs, CR, LF, VT, FF at both ends / without the characters of `set`. */
struct str str_trim(struct str s);
struct str str_trim_set(struct str s, const char *set);

/* Splits at the first `separator`: returns what is before it and leaves *rest behind it; without a separator returns all
 * and leaves *rest empty with data NULL. Loop: while (rest.data) { struct str part = str_cut(&rest, ','); … } */
struct str str_cut(struct str *rest, char separator);
/* The next line without its LF or CRLF, as str_cut. */
struct str str_line(struct str *rest);
/* The next run of characters that are not blank or tab; empty at the end. */
struct str str_word(struct str *rest);

/* Decimal digits only, no sign, no blank; false when empty, not a number or too large. */
bool str_to_u64(struct str s, uint64_t *value);
bool str_to_i64(struct str s, int64_t *value); /* an optional '-' before */
bool str_to_double(struct str s, double *value);

/* FNV-1a, the same everywhere and always: may be stored. Two texts with one hash are easily made: not for hostile input. */
uint64_t str_hash(struct str s);
/* The same, and stands for the text: to find another text of a given fingerprint takes 2^64 attempts. */
uint64_t str_fingerprint(struct str s);
#define STR_HASH_START 0xcbf29ce484222325u
static inline uint64_t str_hash_add(uint64_t hash, char c) { return (hash ^ (unsigned char)c) * 0x100000001b3u; }

/* Valid UTF-8 without surrogates or overlong forms (RFC 3629). */
bool str_valid_utf8(struct str s);

/* Doublestar globs as Trivy's --skip-dirs: `*` and `?` do not cross '/', `**` crosses any depth, `{a,b}`, `[a-z]`, `[!a]`,
 * backslash escapes. The whole path must match. Bounded work: returns false past 100,000 steps. */
bool str_glob(struct str pattern, struct str path);

/* Bytes of the valid UTF-8 sequence that `s` begins with, and the character; 0 when there is none. */
size_t str_decode_utf8(struct str s, uint32_t *character);
/* Neither a control character (C0, DEL, C1) nor one that a reader cannot see or that changes the order of what he sees. */
bool character_is_printable(uint32_t character);
/* In place, byte by byte: what is not printable, or not UTF-8, becomes '?'. */
void text_make_printable(char *text, size_t size);

/* Lower-case ASCII copy into `out` (s.size bytes, not terminated). */
void str_lower_into(struct str s, char *out);

/* Columns the text takes on a terminal: UTF-8, wide and combining characters counted. */
size_t str_width(struct str s);

#endif
