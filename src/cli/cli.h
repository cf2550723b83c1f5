/* The door of room `cli`: what a person meets. Options and help, settings (flag > environment > file > default), tables,
 * colour, progress. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/base.h"
#include "doc/doc.h"

/* ---- options ----------------------------------------------------------------------------------------------------------- */

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_LIST,     /* str_vector: comma-separated, repeatable */
    OPTION_TEXTS,    /* str_vector: repeatable, not split at commas */
    OPTION_NUMBER,   /* int64_t */
    OPTION_DURATION, /* moment: "5m0s", "90s", "1h30m" */
    OPTION_SIZE,     /* int64_t bytes: "100", "10MB", "2GiB" */
};

/* One row of an option table; tables end with a row without name. */
struct option {
    const char *name; /* "severity" */
    char letter;      /* 's', or 0 */
    enum option_kind kind;
    size_t offset;        /* of the value in the settings struct */
    const char *argument; /* how help names the value: "SEVERITY,…" */
    const char *help;
    const char *initial;        /* the default as text, or NULL: zero */
    const char *config;         /* "vulnerability.ignore-unfixed" in the configuration file; NULL: the name itself at the top */
    const char *const *choices; /* NULL-terminated, any case; NULL: anything */
};

struct command {
    const char *name;
    const char *arguments;              /* "IMAGE" */
    const char *summary;                /* one line */
    const char *examples;               /* lines */
    const struct option *const *groups; /* NULL-terminated list of tables */
    int (*run)(const struct command *command, void *settings, size_t count, char **arguments);
    bool hidden; /* no word for people: not in help, completions and manual */
};

/* Which words are read from the environment: the first that is set wins. */
#define CLI_PREFIXES          \
    {                         \
        "PRATIQUE_", "TRIVY_" \
    }

/* Reads defaults, then the configuration file, the environment and the command line into *settings. Positional arguments are
 * left in `arguments` (count in *count). --help sets *helped and reads nothing else. `config` is the file named by --config, or
 * the first default file that exists; NULL: none. */
bool cli_parse(struct arena *arena, const struct command *command, int argument_count, char **arguments, void *settings,
               size_t *count, bool *helped, struct error *error);

void cli_help(const struct command *command, const char *program);
/* "Did you mean": the nearest of the names, or NULL. */
const char *cli_nearest(const char *word, const char *const *names, size_t count);

/* ---- terminals --------------------------------------------------------------------------------------------------------- */

unsigned cli_width(int fd);    /* columns; 0 when no terminal */
bool cli_wants_colour(int fd); /* a terminal, no NO_COLOR, TERM not dumb; CLICOLOR_FORCE wins */
bool cli_speaks_utf8(void);

/* ---- progress: one line on a terminal's stderr, nothing elsewhere -------------------------------------------------------- */

void cli_progress_enable(bool enabled);
/* "layers 3/7" or, with total 0, "what 12"; redrawn at most ten times a second. Both are thread safe. */
void cli_progress(const char *what, size_t done, size_t total);
void cli_progress_clear(void);

/* ---- tables ------------------------------------------------------------------------------------------------------------ */

enum cell_align {
    ALIGN_LEFT,
    ALIGN_CENTER,
    ALIGN_RIGHT
};

struct table_cell {
    struct str text;    /* lines separated by LF */
    const char *colour; /* SGR sequence such as "31", or NULL */
    struct str link;    /* OSC 8 target of the last line, or empty */
};

struct table {
    size_t columns;
    const char *const *headings;
    const enum cell_align *aligns;
    size_t merged;                   /* the first so many columns: equal neighbours below each other are merged */
    VECTOR(struct table_cell) cells; /* row by row */
    bool colour, ascii;
};
void table_write(struct buffer *out, struct arena *arena, const struct table *table);

#endif
