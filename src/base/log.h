/* Messages for people on stderr: one line each, "TIME<tab>LEVEL<tab>TEXT". Logged once, at the top of the program; rooms
 * return errors instead. Control characters in the text become '?'. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARN,
    LOG_ERROR,
    LOG_SILENT
};

/* Default LOG_INFO. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Message, id and hint of an error. */
void log_failure(enum log_level level, const struct error *error);

/* Called before and after a line is written, so that a progress display can step aside. NULL: none. */
void log_set_hooks(void (*before)(void), void (*after)(void));

#endif
