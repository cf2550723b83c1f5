/* What to do about an error that does not say so itself: the page of messages, built in. */
#include "cmd/command.h"

#include <stdlib.h>

struct row {
    const char *id, *advice;
};

static const struct row rows[] = {
#include "advice.inc" /* scripts/advice.py makes it from docs/messages.md */
};

static int by_id(const void *id, const void *row) { return strcmp(id, ((const struct row *)row)->id); }

const char *advice_find(const char *id)
{
    const struct row *row = bsearch(id, rows, sizeof rows / sizeof *rows, sizeof *rows, by_id);
    return row ? row->advice : NULL;
}
