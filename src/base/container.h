/* Growing arrays and string maps, both in an arena. */
#ifndef BASE_CONTAINER_H
#define BASE_CONTAINER_H

#include "base/arena.h"
#include "base/text.h"

/* struct { … } with items, count, capacity. Zero-initialised is empty. Example:
 *   VECTOR(struct str) names = { 0 };
 *   *vector_push(arena, &names) = STR("a");      // a zeroed new last element
 *   for (size_t i = 0; i < names.count; i++) … names.items[i] … */
#define VECTOR(type)            \
    struct {                    \
        type *items;            \
        size_t count, capacity; \
    }

#define vector_push(arena, vector)                                                                                       \
    ((__typeof__((vector)->items))vector_grow((arena), (void **)&(vector)->items, &(vector)->count, &(vector)->capacity, \
                                              sizeof *(vector)->items))

/* The same for what may become very large: old places of its items are gone when it grows, and cost nothing. All its memory
 * must have come from here. */
#define vector_push_moving(arena, vector)                                                                                \
    ((__typeof__((vector)->items))vector_move((arena), (void **)&(vector)->items, &(vector)->count, &(vector)->capacity, \
                                              sizeof *(vector)->items))

void *vector_move(struct arena *arena, void **items, size_t *count, size_t *capacity, size_t item_size);
void *vector_grow(struct arena *arena, void **items, size_t *count, size_t *capacity, size_t item_size);

typedef VECTOR(struct str) str_vector; /* lists of strings in all doors */

/* Joins with a separator. */
struct str str_join(struct arena *arena, const str_vector *parts, const char *separator);
/* Sorts bytewise and removes repeats. */
void str_vector_sort_unique(str_vector *strings);
void str_vector_sort(str_vector *strings);
bool str_vector_has(const str_vector *strings, struct str wanted);

/* Map from string to pointer. Keys are not copied: they must live as long as the map. */
struct map;
struct map *map_new(struct arena *arena);
/* NULL when absent. */
void *map_get(const struct map *map, struct str key);
/* Replaces; value must not be NULL. */
void map_set(struct map *map, struct str key, void *value);
void map_remove(struct map *map, struct str key);
/* Many keys that begin alike (the folders above a path): the hash of a longer key from that of its beginning, by str_hash_add
 * from map_hash_start on. It differs from run to run, so that no input can choose its places. */
uint64_t map_hash_start(void);
void *map_get_hashed(const struct map *map, struct str key, uint64_t hash);
size_t map_count(const struct map *map);
/* Visits in insertion order. Start with *position = 0; false at the end. */
bool map_next(const struct map *map, size_t *position, struct str *key, void **value);

#endif
