/* Libraries loaded on first use, so that start-up does not pay for what a run does not need. */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>
#include "base/error.h"

struct library_symbol {
    const char *name;
    void **function;
};

struct library {
    const char *soname;                   /* "libcurl.so.4" */
    const char *package;                  /* the Debian package that brings it, for the message */
    const char *purpose;                  /* what does not work without it, for the message */
    const struct library_symbol *symbols; /* ends with a NULL name */
    void *handle;
};

/* Loads once; thread safe. ERROR_UNSUPPORTED with a hint when the library or a symbol is missing. */
bool library_load(struct library *library, struct error *error);

#endif
