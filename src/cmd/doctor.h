/* Private to `cmd`: what `pratique doctor` looks at. */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include "cmd/command.h"

enum verdict {
    VERDICT_OK,
    VERDICT_NOTE,    /* worth knowing; nothing is wrong */
    VERDICT_WARNING, /* works, but not as well as it could */
    VERDICT_FAILURE, /* something will not work */
    VERDICTS,
};

struct finding_of_doctor {
    const char *subject;
    enum verdict verdict;
    const char *found;  /* one line */
    const char *advice; /* what to do; NULL: nothing */
};

struct doctor {
    const struct settings *settings;
    struct arena *arena;
    moment now;
    bool has_database; /* set by the check of the database */
    VECTOR(struct finding_of_doctor) findings;
};

void doctor_say(struct doctor *doctor, const char *subject, enum verdict verdict, const char *advice, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* In the order in which they are made. */
extern void (*const doctor_checks[])(struct doctor *doctor);
extern const size_t doctor_check_count;

#endif
