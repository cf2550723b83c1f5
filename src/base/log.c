#include "base/base.h"

#include <stdio.h>
#include <unistd.h>

static enum log_level level = LOG_INFO;
static void (*hook_before)(void);
static void (*hook_after)(void);

void log_set_level(enum log_level wanted) { level = wanted; }
enum log_level log_get_level(void) { return level; }

void log_set_hooks(void (*before)(void), void (*after)(void))
{
    hook_before = before;
    hook_after = after;
}

static void write_line(enum log_level at, const char *text)
{
    static const char *const words[] = { "DEBUG", "INFO", "WARN", "ERROR" };
    if (at < level) return;
    char time[CLOCK_TEXT], line[2400];
    clock_format(clock_now() / SECOND * SECOND, time);
    int head = snprintf(line, sizeof line - 1, "%s\t%s\t", time, words[at]),
        size = head + snprintf(line + head, sizeof line - 1 - (size_t)head, "%s", text);
    if ((size_t)size > sizeof line - 2) size = (int)sizeof line - 2;
    text_make_printable(line + head, (size_t)(size - head));
    line[size++] = '\n';
    if (hook_before) hook_before();
    ssize_t written = write(STDERR_FILENO, line, (size_t)size); /* one write: lines of several processes do not mix */
    (void)written;
    if (hook_after) hook_after();
}

#define LOG_FUNCTION(name, at)                           \
    void name(const char *format, ...)                   \
    {                                                    \
        char text[2048];                                 \
        va_list arguments;                               \
        va_start(arguments, format);                     \
        vsnprintf(text, sizeof text, format, arguments); \
        va_end(arguments);                               \
        write_line(at, text);                            \
    }

LOG_FUNCTION(log_debug, LOG_DEBUG)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_warn, LOG_WARN)

void log_failure(enum log_level at, const struct error *error)
{
    char text[2048];
    snprintf(text, sizeof text, "%s [%s]%s%s", error->message, error->id ? error->id : "internal", error->hint[0] ? ": " : "",
             error->hint);
    write_line(at, text);
}
