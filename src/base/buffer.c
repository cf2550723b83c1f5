#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

void *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (!buffer->data || size > buffer->capacity - buffer->size) { /* never NULL, even for no bytes */
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->size < size)
            capacity = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
        buffer->data = memory_resize(buffer->data, capacity);
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (!size) return;
    memcpy(buffer_reserve(buffer, size), data, size);
    buffer->size += size;
}

void buffer_str(struct buffer *buffer, struct str text) { buffer_append(buffer, text.data, text.size); }

void buffer_text(struct buffer *buffer, const char *text) { buffer_append(buffer, text, strlen(text)); }

void buffer_char(struct buffer *buffer, char c) { buffer_append(buffer, &c, 1); }

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size > 0) {
        vsnprintf(buffer_reserve(buffer, (size_t)size + 1), (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

const char *buffer_cstr(struct buffer *buffer)
{
    *(char *)buffer_reserve(buffer, 1) = 0;
    return buffer->data;
}

void buffer_make_printable(struct buffer *buffer, size_t from)
{
    for (size_t at = from; at < buffer->size;) {
        const char *end = memchr(buffer->data + at, '\n', buffer->size - at);
        size_t size = end ? (size_t)(end - buffer->data) - at : buffer->size - at;
        text_make_printable(buffer->data + at, size);
        at += size + 1;
    }
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){ 0 };
}
