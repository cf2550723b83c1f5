/* Private to `base`: the seccomp programs of confined children. */
#ifndef BASE_SECCOMP_H
#define BASE_SECCOMP_H

#include <linux/filter.h>
#include "base/error.h"

enum seccomp_profile {
    SECCOMP_STREAM, /* descriptors that are open, memory, threads: nothing else */
    SECCOMP_FOLDER, /* and looking at files by name */
    SECCOMP_PROFILES
};

/* Compiled once a process; the program lives for ever. */
const struct sock_fprog *seccomp_program(enum seccomp_profile profile, struct error *error);

#endif
