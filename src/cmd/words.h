/* Private to `cmd`: which words a name of the program takes. */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

#include "cmd/command.h"

/* One name the program is called by. */
struct command_line {
    const char *program;
    const char *const *words;    /* names of our commands it takes; NULL: all */
    const char *const *later;    /* words that come in a later version; NULL: every word */
    const struct synonym *moved; /* words that are here in another form; NULL: none */
};

/* By the last part of argv[0]; ours when it is no name we know. */
const struct command_line *command_line_of(const char *program);
/* All its words come in a later version. */
bool command_line_is_empty(const struct command_line *line);
bool command_line_has(const struct command_line *line, const struct command *command);
/* What to call instead; NULL: nothing. */
const char *command_line_moved(const struct command_line *line, const char *word);
bool command_line_promises(const struct command_line *line, const char *word);

#endif
