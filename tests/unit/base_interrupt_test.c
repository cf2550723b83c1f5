#include "unit.h"
#include "base/base.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process that is ended by the signal writes to standard error. */
static size_t last_words(const char *text, int number, char *words, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        interrupt_prepare();
        interrupt_say(text);
        raise(number);
        _exit(0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], words, size);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
    assert_true(got >= 0);
    return (size_t)got;
}

static void interrupt__ends_a_line_that_was_begun(void **state)
{
    char words[8];
    assert_int_equal(last_words("\n", SIGTERM, words, sizeof words), 1);
    assert_int_equal(words[0], '\n');
}

static void interrupt__says_nothing_otherwise(void **state)
{
    char words[8];
    assert_int_equal(last_words(NULL, SIGTERM, words, sizeof words), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupt__ends_a_line_that_was_begun),
        cmocka_unit_test(interrupt__says_nothing_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
