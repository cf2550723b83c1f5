/* Private to `pratique explain`: what is said of one comparison, as text (explain.c) and as JSON (explain_json.c). */
#ifndef CMD_EXPLAIN_H
#define CMD_EXPLAIN_H

#include "cmd/command.h"

/* What reports say of a record and a package; `suppressed` when an ignore file takes it out of them. Both NULL: nothing. */
struct explained {
    const struct result *result;
    const struct finding *finding;
    const struct suppressed *suppressed;
};
struct explained explain_find(const struct report *report, struct str id, const struct package *package);
/* How the installed version stands to the fixed one: "<", "=", ">", or why that cannot be said. */
struct str explain_sign(const struct explanation *one);

/* One question, and its answers. */
struct explain_answer {
    struct str id; /* as it was asked for */
    const struct report *report;
    const explanation_vector *explanations;
    const struct vulnerability *known; /* what the database has of it where no record speaks of the target; may be NULL */
};
void explain_write_json(struct buffer *out, const struct explain_answer *answer);

#endif
