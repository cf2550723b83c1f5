/* For tests of what comes out as a view. */
#ifndef TEXT_ASSERT_H
#define TEXT_ASSERT_H

#include "unit.h"
#include "base/base.h"

static inline void assert_text(struct str got, const char *want)
{
    if (got.size != strlen(want) || (got.size && memcmp(got.data, want, got.size) != 0))
        fail_msg("wanted \"%s\", got \"%.*s\"", want, STR_ARG(got));
}

static inline void assert_error(const struct error *error, const char *id)
{
    assert_int_not_equal(error->kind, ERROR_NONE);
    assert_string_equal(error->id, id);
    assert_int_not_equal(error->message[0], 0);
}

#endif
