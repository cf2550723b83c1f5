#include "pack/pack.h"

/* Held against the sources by tests/messages.py. Sorted. */
static const char *const ids[] = {
    "archive-compress",         "archive-damaged",   "archive-entries",       "archive-file-too-large",
    "archive-header-too-large", "archive-method",    "archive-name-too-long", "archive-ratio",
    "archive-sparse",           "archive-too-large", "archive-truncated",     "file-read",
};

const char *pack_error_id(struct str id)
{
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (str_is(id, ids[i])) return ids[i];
    return NULL;
}
