#include "unit.h"
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <stdio.h>
#include <unistd.h>

/* Starts a child, collects its answer. */
static struct str answer_of(struct arena *arena, const struct confinement *confinement, int (*main_function)(void *, int),
                            void *context, bool *ended_well)
{
    struct error error = { 0 };
    struct child child = { 0 };
    assert_true(child_start(&child, confinement, main_function, context, &error));
    struct buffer buffer = { 0 };
    for (;;) {
        ssize_t got = read(child.output, buffer_reserve(&buffer, 4096), 4096);
        if (got <= 0) break;
        buffer.size += (size_t)got;
    }
    *ended_well = child_wait(&child, &error);
    struct str text = arena_str(arena, buffer_view(&buffer));
    buffer_free(&buffer);
    return text;
}

static int try_everything(void *context, int output)
{
    const char *opens = open("/etc/passwd", O_RDONLY) >= 0 ? "open " : "";
    const char *writes = open("/tmp/pratique-child-test", O_WRONLY | O_CREAT, 0600) >= 0 ? "create " : "";
    const char *talks = socket(AF_INET, SOCK_STREAM, 0) >= 0 ? "socket " : "";
    pid_t started = fork();
    if (started == 0) _exit(0);
    const char *starts = started > 0 ? "fork " : "";
    char text[64];
    int size = snprintf(text, sizeof text, "did:%s%s%s%s", opens, writes, talks, starts);
    return write(output, text, (size_t)size) == size ? 0 : 1;
}

static void child__can_neither_open_nor_talk(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    bool ended_well;
    struct str answer = answer_of(arena, &(struct confinement){ 0 }, try_everything, NULL, &ended_well);
    assert_true(ended_well);
#ifndef __SANITIZE_ADDRESS__ /* the sanitizer's filter lets open through, Landlock does not */
    assert_string_equal(answer.data, "did:");
#else
    assert_false(str_contains(answer, "socket"));
    if (child_has_landlock()) assert_string_equal(answer.data, "did:");
#endif
}

static int read_folder(void *context, int output)
{
    bool inside = open("/usr/share/dict", O_RDONLY | O_DIRECTORY) >= 0 || open("/usr/share", O_RDONLY | O_DIRECTORY) >= 0;
    bool outside = open("/etc/passwd", O_RDONLY) >= 0;
    char text[2] = { inside ? 'i' : '-', outside ? 'o' : '-' };
    return write(output, text, 2) == 2 ? 0 : 1;
}

static void child__reads_only_its_folder(void **state)
{
    if (!child_has_landlock()) skip();
    CLEANUP_ARENA struct arena *arena = arena_new();
    bool ended_well;
    struct str answer = answer_of(arena, &(struct confinement){ .folder = "/usr" }, read_folder, NULL, &ended_well);
    assert_true(ended_well);
    assert_string_equal(answer.data, "i-");
}

static int keep_one(void *context, int output)
{
    int *ends = context;
    char byte = 0;
    bool kept = read(ends[0], &byte, 1) == 1 && byte == 'x';
    bool other = fcntl(ends[1], F_GETFD) >= 0;
    return kept && !other && write(output, "k", 1) == 1 ? 0 : 1;
}

static void child__keeps_only_named_descriptors(void **state)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    bool ended_well;
    answer_of(arena, &(struct confinement){ .keep = ends, .keep_count = 1 }, keep_one, ends, &ended_well);
    assert_true(ended_well);
    close(ends[0]);
    close(ends[1]);
}

static int end_badly(void *context, int output) { return 7; }

static void child__says_how_it_ended(void **state)
{
    struct error error = { 0 };
    struct child child = { 0 };
    assert_true(child_start(&child, &(struct confinement){ 0 }, end_badly, NULL, &error));
    assert_false(child_wait(&child, &error));
    assert_string_equal(error.id, "child-failed");
    assert_non_null(strstr(error.message, "status 7"));
}

/* With these a pipe's news would become a signal, of any kind, to the parent. */
static int aim_signals(void *context, int output)
{
    bool aimed = fcntl(output, F_SETOWN, getppid()) == 0 || fcntl(output, F_SETSIG, SIGKILL) == 0 ||
                 fcntl(output, F_SETFL, O_ASYNC) == 0;
    bool works = fcntl(output, F_GETFL) >= 0;
    return write(output, aimed ? "aimed" : works ? "no" : "deaf", aimed ? 5 : works ? 2 : 4) > 0 ? 0 : 1;
}

static void child__cannot_aim_signals(void **state)
{
#ifdef __SANITIZE_ADDRESS__ /* the sanitizer's own needs leave fcntl open */
    skip();
#endif
    CLEANUP_ARENA struct arena *arena = arena_new();
    bool ended_well;
    assert_string_equal(answer_of(arena, &(struct confinement){ 0 }, aim_signals, NULL, &ended_well).data, "no");
    assert_true(ended_well);
}

static int eat_memory(void *context, int output)
{
    for (int i = 0; i < 1 << 16; i++)
        memset(memory_alloc((size_t)16 << 20), 1, 1);
    return 0;
}

static void child__says_when_memory_is_gone(void **state)
{
#ifdef __SANITIZE_ADDRESS__ /* no limit there */
    skip();
#endif
    struct error error = { 0 };
    struct child child = { 0 };
    assert_true(child_start(&child, &(struct confinement){ .memory_limit = (size_t)256 << 20 }, eat_memory, NULL, &error));
    assert_false(child_wait(&child, &error));
    assert_string_equal(error.id, "child-memory");
}

static int close_and_stay(void *context, int output)
{
    close(output);
    for (volatile bool forever = true; forever;) {
    }
    return 0;
}

static void child__that_does_not_end_is_killed(void **state)
{
    struct error error = { 0 };
    struct child child = { 0 };
    assert_true(child_start(&child, &(struct confinement){ 0 }, close_and_stay, NULL, &error));
    assert_false(child_wait(&child, &error));
    assert_non_null(strstr(error.message, "signal 9"));
}

static int answer_much(void *context, int output)
{
    char text[100] = { 0 };
    struct error ignored = { 0 };
    return file_write_all(output, text, *(const size_t *)context, &ignored) ? 0 : 3;
}

static int answer_never(void *context, int output)
{
    while (clock_monotonic())
        ;
    return 0;
}

static void child__answers_no_more_and_no_later_than_it_may(void **state)
{
    static const struct {
        size_t size, limit;
        int (*main)(void *, int);
        const char *id; /* NULL: good */
    } rows[] = {
        { 100, 100, answer_much, NULL },
        { 0, 100, answer_much, NULL },
        { 100, 99, answer_much, "child-answer" },
        { 100, 100, answer_never, "child-time" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error error = { 0 };
        struct child child = { 0 };
        struct confinement confinement = { 0 };
        CLEANUP_BUFFER struct buffer answer = { 0 };
        assert_true(child_start(&child, &confinement, rows[i].main, (void *)&rows[i].size, &error));
        assert_int_equal(child_answer(&child, rows[i].limit, SECOND / 10, &answer, &error), !rows[i].id);
        if (rows[i].id)
            assert_string_equal(error.id, rows[i].id);
        else
            assert_int_equal(answer.size, rows[i].size);
        assert_int_equal(child.pid, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child__can_neither_open_nor_talk),    cmocka_unit_test(child__reads_only_its_folder),
        cmocka_unit_test(child__keeps_only_named_descriptors), cmocka_unit_test(child__says_how_it_ended),
        cmocka_unit_test(child__that_does_not_end_is_killed),  cmocka_unit_test(child__cannot_aim_signals),
        cmocka_unit_test(child__says_when_memory_is_gone),     cmocka_unit_test(child__answers_no_more_and_no_later_than_it_may)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
