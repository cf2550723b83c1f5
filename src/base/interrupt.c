#include "base/interrupt.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 64

enum {
    SLOT_FREE,
    SLOT_TAKEN,
    SLOT_SET
};

/* Fixed memory: a handler may look at it at any moment. */
static struct slot {
    atomic_int state;
    char path[PATH_MAX];
} slots[SLOTS];

void interrupt_remember(const char *path)
{
    if (strlen(path) >= PATH_MAX) return;
    for (size_t i = 0; i < SLOTS; i++) {
        int expected = SLOT_FREE;
        if (!atomic_compare_exchange_strong(&slots[i].state, &expected, SLOT_TAKEN)) continue;
        strcpy(slots[i].path, path);
        atomic_store(&slots[i].state, SLOT_SET);
        return;
    }
}

void interrupt_forget(const char *path)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (atomic_load(&slots[i].state) == SLOT_SET && strcmp(slots[i].path, path) == 0) {
            atomic_store(&slots[i].state, SLOT_FREE);
            return;
        }
}

void interrupt_clean(void)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (atomic_load(&slots[i].state) == SLOT_SET) unlink(slots[i].path);
}

static _Atomic(const char *) words;

void interrupt_say(const char *text) { atomic_store(&words, text); }

void interrupt_speak(void)
{
    const char *text = atomic_exchange(&words, NULL);
    ssize_t written = text ? write(STDERR_FILENO, text, strlen(text)) : 0;
    (void)written;
}

/* Ends the process by the same signal, so that shells and CI systems see why. */
static void on_signal(int number)
{
    interrupt_clean();
    interrupt_speak();
    signal(number, SIG_DFL);
    raise(number);
}

void interrupt_prepare(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before, wanted = { .sa_handler = on_signal };
        /* Who was started to ignore it (nohup) goes on doing so. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(numbers[i], &wanted, NULL);
    }
}
