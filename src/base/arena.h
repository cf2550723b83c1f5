/* Arenas: all memory of one unit of work (a scan, a layer, a request), freed in one step.
 *
 * Allocation never fails: when memory is gone the process says so and exits with 1. Sizes that come from input must be
 * checked against a limit before they reach an arena. Not thread safe: one arena belongs to one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include "base/text.h"

struct arena;

struct arena *arena_new(void);

/* NULL is allowed. */
void arena_free(struct arena *arena);

/* Zeroed memory, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/* Zeroed array; aborts when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* A piece with more room, zeroed behind the old content; the old pointer is no longer valid. Large pieces move without a copy
 * and leave nothing behind. */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t size) __attribute__((returns_nonnull));

/* Copies with a NUL after the last byte. */
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_cstr(struct arena *arena, struct str text) __attribute__((returns_nonnull));
struct str arena_str(struct arena *arena, struct str text);

char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));
struct str arena_strf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

void arena_cleanup(struct arena **arena);
/* CLEANUP_ARENA struct arena *a = arena_new(); */
#define CLEANUP_ARENA __attribute__((cleanup(arena_cleanup)))

/* With what the process ends when memory is gone; 1 unless set. */
void memory_set_exit_status(int status);
/* malloc and friends that exit when memory is gone, for what no arena can own; ended by free or CLEANUP_FREE. */
void *memory_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *old, size_t size) __attribute__((returns_nonnull));
char *memory_text(const char *text) __attribute__((malloc, returns_nonnull)); /* a copy */
void memory_cleanup(void *pointer_to_pointer);
#define CLEANUP_FREE __attribute__((cleanup(memory_cleanup)))

#endif
