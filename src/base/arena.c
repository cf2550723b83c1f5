#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)32 << 10)
#define BLOCK_SIZE_MAX (HUGE_PAGE - sizeof(struct block)) /* after 32 to 256 KiB: one huge page, one fault instead of 512 */
#define GROWTH_MAX ((size_t)256 << 10)
#define ALIGNMENT 16
#ifdef __SANITIZE_ADDRESS__ /* sees what malloc gave only */
#define MAPPED SIZE_MAX
#else
#define MAPPED ((size_t)128 << 10) /* blocks from this size on are mapped, and so given back when freed */
#endif
#define HUGE_PAGE ((size_t)2 << 20)

struct block {
    struct block *next;
    size_t size, used;
    _Alignas(ALIGNMENT) char data[];
};

struct arena {
    struct block *blocks; /* the one being filled first */
    size_t next_size, handed_out;
};

static int exit_status = 1;
void memory_set_exit_status(int status) { exit_status = status; }

/* _exit: what the parent of a child had not written yet is not the child's to write. */
static void out_of_memory(size_t size)
{
    fprintf(stderr, "pratique: out of memory (%zu bytes wanted)\n", size);
    interrupt_clean();
    _exit(exit_status);
}

void *memory_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory) out_of_memory(size);
    return memory;
}

void *memory_resize(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory) out_of_memory(size);
    return memory;
}

char *memory_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}

void memory_cleanup(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;
    free(*pointer);
    *pointer = NULL;
}

struct arena *arena_new(void)
{
    struct arena *arena = memory_alloc(sizeof *arena);
    *arena = (struct arena){ .next_size = BLOCK_SIZE };
    return arena;
}

void arena_cleanup(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Aligned, so that the kernel can back it with one page where it has huge ones to give. */
static void *map_huge_page(void)
{
    char *all = map(2 * HUGE_PAGE);
    if (!all) return NULL;
    size_t before = -(uintptr_t)all & (HUGE_PAGE - 1);
    if (before) munmap(all, before);
    munmap(all + before + HUGE_PAGE, HUGE_PAGE - before);
    madvise(all + before, HUGE_PAGE, MADV_HUGEPAGE);
    return all + before;
}

/* Zeroed memory: nothing is ever handed out twice, so that nothing needs to be cleared later. */
static struct block *block_new(size_t size)
{
    struct block *block = size < MAPPED ? calloc(1, size) : size == HUGE_PAGE ? map_huge_page() : map(size);
    if (!block) out_of_memory(size);
    return block;
}

static void block_free(struct block *block)
{
    size_t size = sizeof *block + block->size;
    if (size < MAPPED)
        free(block);
    else
        munmap(block, size);
}

void arena_free(struct arena *arena)
{
    if (!arena) return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        block_free(block);
    }
    free(arena);
}

static void *take_new_block(struct arena *arena, size_t size)
{
    bool own = size > arena->next_size / 4;
    size_t capacity = own ? size : arena->next_size;
    if (capacity > SIZE_MAX - sizeof(struct block)) out_of_memory(size);
    struct block *block = block_new(sizeof *block + capacity);
    block->size = capacity;
    block->used = size;
    if (own && arena->blocks) { /* keep filling the current block */
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
        arena->next_size = arena->next_size < GROWTH_MAX ? arena->next_size * 2 : BLOCK_SIZE_MAX;
    }
    return block->data;
}

static void *take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT) out_of_memory(size);
#ifdef __SANITIZE_ADDRESS__ /* a block each, so that a step beyond any piece is seen */
    arena->handed_out += size;
    struct block *own = block_new(sizeof *own + size);
    own->next = arena->blocks;
    arena->blocks = own;
    return own->data;
#endif
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!size) size = ALIGNMENT;
    arena->handed_out += size;
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < size) return take_new_block(arena, size);
    void *memory = block->data + block->used;
    block->used += size;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size) { return take(arena, size); }

#ifndef __SANITIZE_ADDRESS__
/* A piece that fits no shared block has one of its own, which is mapped. */
static bool has_own_block(size_t size) { return size > BLOCK_SIZE_MAX; }

/* Its pages move to a larger place as they are; the new ones are zero. */
static void *own_block_grow(struct arena *arena, void *old, size_t size)
{
    struct block *block = (struct block *)((char *)old - offsetof(struct block, data)), **link = &arena->blocks;
    if (size > SIZE_MAX - sizeof *block) out_of_memory(size);
    while (*link != block)
        link = &(*link)->next;
    size_t handed_out = block->size;
    block = mremap(block, sizeof *block + block->size, sizeof *block + size, MREMAP_MAYMOVE);
    if (block == MAP_FAILED) out_of_memory(size);
    block->size = block->used = size;
    arena->handed_out += size - handed_out;
    *link = block;
    return block->data;
}
#endif

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t size)
{
    if (size > SIZE_MAX / 2) out_of_memory(size); /* before it is rounded up */
#ifndef __SANITIZE_ADDRESS__
    if (old && has_own_block(old_size)) return own_block_grow(arena, old, (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
#endif
    void *grown = take(arena, size);
    if (old && old_size) memcpy(grown, old, old_size);
    return grown;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) out_of_memory(SIZE_MAX);
    return arena_alloc(arena, bytes);
}

char *arena_cstr(struct arena *arena, struct str text)
{
    char *copy = take(arena, text.size + 1);
    if (text.size) memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) { return arena_cstr(arena, str_of(text)); }

struct str arena_str(struct arena *arena, struct str text) { return str_make(arena_cstr(arena, text), text.size); }

static struct str format_into(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0) size = 0;
    char *text = take(arena, (size_t)size + 1);
    text[0] = 0;
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return str_make(text, (size_t)size);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = format_into(arena, format, arguments);
    va_end(arguments);
    return (char *)text.data;
}

struct str arena_strf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = format_into(arena, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_used(const struct arena *arena) { return arena->handed_out; }
