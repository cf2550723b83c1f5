/* A growing byte buffer on the heap, for output that is built piece by piece. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdint.h>
#include "base/error.h"
#include "base/text.h"

struct buffer {
    char *data; /* not NUL-terminated unless buffer_cstr was called */
    size_t size, capacity;
};

/* Zero-initialised is empty. */
void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_str(struct buffer *buffer, struct str text);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `size` more bytes; returns where they go. The caller adds to ->size what it used. */
void *buffer_reserve(struct buffer *buffer, size_t size);
const char *buffer_cstr(struct buffer *buffer);
static inline struct str buffer_view(const struct buffer *buffer) { return str_make(buffer->data, buffer->size); }
/* text_make_printable from byte `from` on, line by line. */
void buffer_make_printable(struct buffer *buffer, size_t from);
void buffer_free(struct buffer *buffer);
#define CLEANUP_BUFFER __attribute__((cleanup(buffer_free)))

#endif
