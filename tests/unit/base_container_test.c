#include "unit.h"
#include "base/base.h"

static void map__keeps_what_it_is_given(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct map *map = map_new(arena);
    static int values[1000];
    for (int i = 0; i < 1000; i++)
        map_set(map, arena_strf(arena, "key-%d", i), &values[i]);
    assert_int_equal(map_count(map), 1000);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(map_get(map, arena_strf(arena, "key-%d", i)), &values[i]);
    assert_null(map_get(map, STR("absent")));
    map_remove(map, STR("key-7"));
    assert_null(map_get(map, STR("key-7")));
    map_set(map, STR("key-7"), &values[8]);
    assert_ptr_equal(map_get(map, STR("key-7")), &values[8]);
    assert_int_equal(map_count(map), 1000);
}

static void strings__sort_and_lose_repeats(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    str_vector names = { 0 };
    static const char *const words[] = { "b", "a", "b", "ab" };
    for (size_t i = 0; i < 4; i++)
        *vector_push(arena, &names) = str_of(words[i]);
    str_vector_sort_unique(&names);
    struct str joined = str_join(arena, &names, "|");
    assert_int_equal(joined.size, 6);
    assert_memory_equal(joined.data, "a|ab|b", 6);
}

static void vector__moves_and_keeps_its_items(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    VECTOR(uint64_t) first = { 0 }, second = { 0 };
    for (uint64_t i = 0; i < 1000000; i++) {
        *vector_push_moving(arena, &first) = i;
        *vector_push_moving(arena, &second) = i * 3;
        arena_alloc(arena, i % 7);
    }
    for (uint64_t i = 0; i < 1000000; i++)
        if (first.items[i] != i || second.items[i] != i * 3) fail_msg("item %zu", (size_t)i);
    for (size_t i = first.count; i < first.capacity; i++)
        if (first.items[i]) fail_msg("not zeroed");
}

static void arena__serves_large_and_small(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    for (size_t size = 0; size < 300000; size = size * 2 + 1) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(map__keeps_what_it_is_given),
                                        cmocka_unit_test(strings__sort_and_lose_repeats),
                                        cmocka_unit_test(vector__moves_and_keeps_its_items),
                                        cmocka_unit_test(arena__serves_large_and_small) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
