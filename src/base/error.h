/* Errors are values. A function that can fail returns bool (or a pointer) and takes a `struct error *` last.
 *
 * Convention: on success the error is left alone; on failure it is filled once, where the failure is seen, and wrapped
 * with context on the way up. Return parameters are untouched on failure. The pointer is never NULL. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum error_kind {
    ERROR_NONE = 0,
    ERROR_USAGE,       /* the command line, a setting or an argument is wrong */
    ERROR_NOT_FOUND,   /* what was named is not there */
    ERROR_IO,          /* the operating system refused a read or write */
    ERROR_INVALID,     /* input does not follow its format */
    ERROR_LIMIT,       /* input passes a documented limit */
    ERROR_UNSUPPORTED, /* understood, but not something we do, or a library is missing */
    ERROR_NETWORK,     /* the other side could not be reached or answered nonsense */
    ERROR_DENIED,      /* credentials missing or refused */
    ERROR_TIMEOUT,     /* the time allowed ran out */
    ERROR_INTERRUPTED, /* the user stopped us */
    ERROR_INTERNAL,    /* a bug of ours */
};

struct error {
    enum error_kind kind;
    const char *id;     /* stable name, a string literal such as "db-missing"; docs/messages.md explains each */
    char message[1024]; /* what failed, on what, why: one line, no full stop */
    char hint[384];     /* what to do next; may be empty */
};

/* Fills *error and returns false, so that a caller can write `return error_set(…)`. The text is made printable: control
 * characters of hostile input become '?'. */
bool error_set(struct error *error, enum error_kind kind, const char *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As error_set, with ": " and the system's words for errno_value at the end; ENOENT becomes ERROR_NOT_FOUND, EACCES and
 * EPERM become ERROR_DENIED, all others ERROR_IO. */
bool error_system(struct error *error, int errno_value, const char *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "CONTEXT: " before the message. Returns false. */
bool error_wrap(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets what the user should do next. Returns false. */
bool error_hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__ /* which cannot look into another file to see that these are false */
#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_system(...) ((void)error_system(__VA_ARGS__), false)
#define error_wrap(...) ((void)error_wrap(__VA_ARGS__), false)
#define error_hint(...) ((void)error_hint(__VA_ARGS__), false)
#endif

#endif
