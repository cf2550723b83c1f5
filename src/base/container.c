#include "base/base.h"

#include <pthread.h>
#include <stdlib.h>

static size_t wanted_capacity(size_t capacity, size_t item_size)
{
    size_t first = item_size > 128 ? 1 : 4; /* large ones are often alone in their list */
    return capacity ? capacity * 2 : first;
}

static void *new_last(void *items, size_t *count, size_t item_size)
{
    return memset((char *)items + (*count)++ * item_size, 0, item_size);
}

void *vector_grow(struct arena *arena, void **items, size_t *count, size_t *capacity, size_t item_size)
{
    if (*count == *capacity) {
        size_t wanted = wanted_capacity(*capacity, item_size);
        void *grown = arena_array(arena, wanted, item_size);
        if (*count) memcpy(grown, *items, *count * item_size);
        *items = grown;
        *capacity = wanted;
    }
    return new_last(*items, count, item_size);
}

void *vector_move(struct arena *arena, void **items, size_t *count, size_t *capacity, size_t item_size)
{
    if (*count == *capacity) {
        size_t wanted = wanted_capacity(*capacity, item_size), bytes;
        if (__builtin_mul_overflow(wanted, item_size, &bytes)) bytes = SIZE_MAX; /* ends the process */
        *items = arena_grow(arena, *items, *capacity * item_size, bytes);
        *capacity = wanted;
    }
    return new_last(*items, count, item_size);
}

struct str str_join(struct arena *arena, const str_vector *parts, const char *separator)
{
    size_t size = 0, between = strlen(separator);
    for (size_t i = 0; i < parts->count; i++)
        size += parts->items[i].size + (i ? between : 0);
    char *text = arena_alloc(arena, size + 1), *at = text;
    for (size_t i = 0; i < parts->count; i++) {
        if (i) at = mempcpy(at, separator, between);
        if (parts->items[i].size) at = mempcpy(at, parts->items[i].data, parts->items[i].size);
    }
    return str_make(text, size);
}

static int order_strings(const void *a, const void *b) { return str_compare(*(const struct str *)a, *(const struct str *)b); }

void str_vector_sort(str_vector *strings)
{
    if (strings->count) qsort(strings->items, strings->count, sizeof *strings->items, order_strings);
}

void str_vector_sort_unique(str_vector *strings)
{
    str_vector_sort(strings);
    size_t kept = 0;
    for (size_t i = 0; i < strings->count; i++)
        if (!kept || !str_equal(strings->items[i], strings->items[kept - 1])) strings->items[kept++] = strings->items[i];
    strings->count = kept;
}

bool str_vector_has(const str_vector *strings, struct str wanted)
{
    for (size_t i = 0; i < strings->count; i++)
        if (str_equal(strings->items[i], wanted)) return true;
    return false;
}

/* Open addressing over an insertion-ordered array of entries. A removed entry keeps its place with value NULL.
 *
 * Keys come from hostile images: the hash (FNV-1a) starts where nobody outside this process knows, so that nobody can make up
 * keys that all want one slot. */
struct map_entry {
    struct str key;
    void *value;
    uint64_t hash;
};

struct map {
    struct arena *arena;
    VECTOR(struct map_entry) entries;
    uint32_t *slots; /* index + 1; 0 free */
    size_t slot_count, live;
};

struct map *map_new(struct arena *arena)
{
    struct map *map = arena_alloc(arena, sizeof *map);
    map->arena = arena;
    return map;
}

static uint64_t hash_start;
static void choose_start(void) { random_bytes(&hash_start, sizeof hash_start); }

uint64_t map_hash_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_start);
    return hash_start;
}

static uint64_t hash_key(struct str key)
{
    uint64_t hash = map_hash_start();
    for (size_t i = 0; i < key.size; i++)
        hash = str_hash_add(hash, key.data[i]);
    return hash;
}

/* All bits decide: the low ones of FNV depend on the low ones of the bytes alone. */
static size_t slot_of(const struct map *map, uint64_t hash)
{
    return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u >> 32 & (map->slot_count - 1);
}

static uint32_t *find_slot(const struct map *map, struct str key, uint64_t hash)
{
    for (size_t i = slot_of(map, hash);; i = (i + 1) & (map->slot_count - 1)) {
        uint32_t index = map->slots[i];
        if (!index) return &map->slots[i];
        const struct map_entry *entry = &map->entries.items[index - 1];
        if (entry->hash == hash && str_equal(entry->key, key)) return &map->slots[i];
    }
}

static void grow_slots(struct map *map)
{
    map->slot_count = map->slot_count ? map->slot_count * 2 : 16;
    map->slots = arena_array(map->arena, map->slot_count, sizeof *map->slots);
    for (size_t i = 0; i < map->entries.count; i++)
        *find_slot(map, map->entries.items[i].key, map->entries.items[i].hash) = (uint32_t)i + 1;
}

void *map_get_hashed(const struct map *map, struct str key, uint64_t hash)
{
    if (!map->slot_count) return NULL;
    uint32_t index = *find_slot(map, key, hash);
    return index ? map->entries.items[index - 1].value : NULL;
}

void *map_get(const struct map *map, struct str key)
{
    return map->slot_count ? map_get_hashed(map, key, hash_key(key)) : NULL;
}

void map_set(struct map *map, struct str key, void *value)
{
    if ((map->entries.count + 1) * 4 > map->slot_count * 3) grow_slots(map);
    uint64_t hash = hash_key(key);
    uint32_t *slot = find_slot(map, key, hash);
    if (!*slot) {
        *vector_push_moving(map->arena, &map->entries) = (struct map_entry){ key, NULL, hash };
        *slot = (uint32_t)map->entries.count;
    }
    struct map_entry *entry = &map->entries.items[*slot - 1];
    if (!entry->value) map->live++;
    entry->value = value;
}

void map_remove(struct map *map, struct str key)
{
    if (!map->slot_count) return;
    uint32_t index = *find_slot(map, key, hash_key(key));
    if (!index || !map->entries.items[index - 1].value) return;
    map->entries.items[index - 1].value = NULL;
    map->live--;
}

size_t map_count(const struct map *map) { return map->live; }

bool map_next(const struct map *map, size_t *position, struct str *key, void **value)
{
    while (*position < map->entries.count) {
        const struct map_entry *entry = &map->entries.items[(*position)++];
        if (!entry->value) continue;
        if (key) *key = entry->key;
        if (value) *value = entry->value;
        return true;
    }
    return false;
}
