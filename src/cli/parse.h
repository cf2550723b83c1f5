/* Private to `cli`: one reading of the command line, the environment and the configuration file. */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/cli.h"

struct parsing {
    struct arena *arena;
    const struct program *program;
    const struct command *command;
    char *settings;
    struct map *given;    /* options that the command line named: lists start anew there */
    str_vector *read;     /* configuration files */
    bool *is_found;       /* that was read is one that nobody named */
    str_vector *warnings; /* said when it is known whether anybody wants to hear them */
    struct error *error;
    const char *found; /* the configuration file being read, when nobody named it */
};

#define EACH_OPTION(option, command)                                             \
    for (const struct option *const *group = (command)->groups; *group; group++) \
        for (const struct option *option = *group; option->name; option++)
#define EACH_FOREIGN(option, command) \
    for (const struct foreign_option *option = (command)->foreign; option && (option->name || option->config); option++)

void parsing_warn(struct parsing *parsing, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* By name, or by letter when that is not 0. */
const struct option *option_find(const struct command *command, struct str name, char letter);
const char *option_key(const struct option *option);
/* `where`: a variable or file to name in messages; NULL: the command line. */
bool option_set(struct parsing *parsing, const struct option *option, struct str value, const char *where);
/* A list that must name something names nothing; false. */
bool option_refuse_empty(struct parsing *parsing, const struct option *option, const char *where);
/* What it takes, as an error's advice; false. */
bool option_hint(struct error *error, const struct option *option);
/* A source of higher rank starts lists anew. */
void option_clear_list(struct parsing *parsing, const struct option *option);

const struct foreign_option *foreign_find(const struct command *command, struct str name, char letter);
const char *foreign_key(const struct foreign_option *option);
/* What another program's option does here: it is taken under its present name, or nothing comes of it, or that is said. */
bool foreign_set(struct parsing *parsing, const struct foreign_option *option, struct str value, const char *where);

/* False: the file at hand may not set it; said when it would change anything. */
bool trust_allows(struct parsing *parsing, const struct option *option, struct str value);

bool sources_read_configs(struct parsing *parsing, const char *named);
bool sources_read_environment(struct parsing *parsing);

#endif
