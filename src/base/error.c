#include "base/base.h"

#ifdef __clang_analyzer__ /* the door's shapes for it would stand in the way of the functions themselves */
#undef error_set
#undef error_system
#undef error_wrap
#undef error_hint
#endif

#include <errno.h>
#include <stdio.h>

static void make_printable(char *text) { text_make_printable(text, strlen(text)); }

static void set_text(struct error *error, enum error_kind kind, const char *id, const char *format, va_list arguments)
{
    char text[sizeof error->message]; /* arguments may point into *error */
    vsnprintf(text, sizeof text, format, arguments);
    make_printable(text);
    error->kind = kind;
    error->id = id;
    memcpy(error->message, text, sizeof text);
    error->hint[0] = 0;
}

bool error_set(struct error *error, enum error_kind kind, const char *id, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_text(error, kind, id, format, arguments);
    va_end(arguments);
    return false;
}

bool error_system(struct error *error, int errno_value, const char *id, const char *format, ...)
{
    enum error_kind kind = ERROR_IO;
    if (errno_value == ENOENT || errno_value == ENOTDIR) kind = ERROR_NOT_FOUND;
    if (errno_value == EACCES || errno_value == EPERM) kind = ERROR_DENIED;
    va_list arguments;
    va_start(arguments, format);
    set_text(error, kind, id, format, arguments);
    va_end(arguments);
    char reason[128];
    const char *words = strerror_r(errno_value, reason, sizeof reason);
    size_t used = strlen(error->message);
    snprintf(error->message + used, sizeof error->message - used, ": %s", words);
    return false;
}

bool error_wrap(struct error *error, const char *format, ...)
{
    char text[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (used < 0) return false;
    if ((size_t)used < sizeof text) {
        int more = snprintf(text + used, sizeof text - (size_t)used, ": %s", error->message);
        (void)more; /* a cut message is still a message */
    }
    make_printable(text);
    memcpy(error->message, text, sizeof text);
    return false;
}

bool error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
    make_printable(error->hint);
    return false;
}
