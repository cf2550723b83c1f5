/* The door of room `cli`: what a person meets. Options and help, settings (flag > environment > file > default), tables,
 * colour, progress. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/base.h"
#include "doc/doc.h"

/* ---- options ---- */

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_LIST,     /* str_vector: comma-separated, repeatable */
    OPTION_TEXTS,    /* str_vector: repeatable, not split at commas */
    OPTION_NUMBER,   /* int64_t */
    OPTION_DURATION, /* moment: "5m0s", "90s", "1h30m" */
    OPTION_SIZE,     /* int64_t bytes: "100", "10MB", "2GiB" */
};

/* Whether a configuration file that nobody named may set it (trust.c). */
enum option_trust {
    TRUST_ANY,
    TRUST_BELOW, /* a path, when it leads nowhere out of the current folder */
    TRUST_NAMED, /* never */
};

/* A word of other versions for one of an option's choices; lists end with a row without `old`. */
struct synonym {
    const char *old, *now;
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
    const struct synonym *synonyms;
    const char *heading; /* of the first row: what help calls its table */
    enum option_trust trust;
    bool needed; /* a list that is empty asks for nothing: an error, wherever it stands */
};

/* What comes of an option that other programs have, or had. */
enum foreign_verdict {
    FOREIGN_ALIAS,   /* an older name of the option `text`, with the same meaning: taken, with a word */
    FOREIGN_NOTHING, /* nothing is here that it could switch: taken */
    FOREIGN_WARNING, /* taken, and `text` says what is not done */
    FOREIGN_LATER,   /* an error: comes in a later version; `text` says what to do until then */
    FOREIGN_ABSENT,  /* an error; `text` names the nearest that there is */
};

/* One row of a table of such options; tables end with a row that has neither name nor key. */
struct foreign_option {
    const char *name; /* NULL: a key of the configuration file alone */
    char letter;
    bool flag; /* takes no value */
    enum foreign_verdict verdict;
    const char *text;
    const char *config;  /* key in the configuration file, NULL: the name; "license.": all that begin so */
    const char *initial; /* the other program's default: asked for, it asks for nothing */
    const char *value;   /* FOREIGN_ALIAS of a flag: what it sets */
};

struct command {
    const char *name;
    const char *arguments;              /* "IMAGE" */
    const char *summary;                /* one line */
    const char *examples;               /* lines */
    const struct option *const *groups; /* NULL-terminated list of tables */
    int (*run)(const struct command *command, void *settings, size_t count, char **arguments);
    bool hidden; /* no word for people: not in help, completions and manual */
    const struct foreign_option *foreign;
    const char *words; /* what each of its words does, lines; NULL: it has none */
};

/* All commands: a configuration file may have the options of any. */
struct program {
    const char *name; /* that it was called by */
    const struct command *const *commands;
    size_t command_count;
};

struct cli_parsed {
    size_t count;        /* positional arguments, left in `arguments` */
    bool helped;         /* --help: nothing else was read */
    str_vector read;     /* configuration files that were read */
    bool found;          /* they are some that nobody named */
    str_vector warnings; /* to be logged once it is known whether anybody wants to hear them */
};

/* Which words are read from the environment: the first that is set wins. */
#define CLI_PREFIXES          \
    {                         \
        "PRATIQUE_", "TRIVY_" \
    }

/* Reads defaults, then the configuration file, the environment and the command line into *settings. *parsed must be zero. The
 * configuration file is the one named by --config, or the first default file that exists. */
bool cli_parse(struct arena *arena, const struct program *program, const struct command *command, int argument_count,
               char **arguments, void *settings, struct cli_parsed *parsed, struct error *error);

void cli_help(const struct command *command, const char *program);
/* "Did you mean": the nearest of the names, or NULL. */
const char *cli_nearest(const char *word, const char *const *names, size_t count);

/* ---- terminals ---- */

unsigned cli_width(int fd);    /* columns; 0 when no terminal */
bool cli_wants_colour(int fd); /* a terminal, no NO_COLOR, TERM not dumb; CLICOLOR_FORCE wins */
bool cli_speaks_utf8(void);

/* ---- texts, those of others too (wrap.c) ---- */

/* At most so many columns and "…" instead of the rest. */
struct str cli_cut(struct arena *arena, struct str text, size_t columns);
/* Words joined again at most `width` columns a line. Longer words come in pieces, or stay whole. */
struct str cli_wrap(struct arena *arena, struct str text, size_t width, bool whole_words);
void cli_put_times(struct buffer *out, const char *text, size_t times);
void cli_put_printable(struct buffer *out, struct str text);
/* Wrapped to the terminal, further lines set in as far as the first; width 0: one line. */
void cli_put_paragraph(struct buffer *out, struct arena *arena, size_t width, const char *mark, struct str text);

/* ---- progress: one line on a terminal's stderr, nothing elsewhere ---- */

void cli_progress_enable(bool enabled);
/* "layers 3/7" or, with total 0, "what 12"; with done 0 too, "what"; redrawn at most ten times a second. Both are thread safe.
 */
void cli_progress(const char *what, size_t done, size_t total);
void cli_progress_clear(void);

/* ---- tables ---- */

enum cell_align {
    ALIGN_LEFT,
    ALIGN_CENTER,
    ALIGN_RIGHT
};

struct table_cell {
    struct str text;    /* lines separated by LF */
    const char *colour; /* SGR sequence such as "31", or NULL */
    struct str link;    /* OSC 8 target of the first line, or empty */
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
/* Where it is wider than `width` columns, a list: a line a cell behind its heading. 0: no bound. */
void table_write_within(struct buffer *out, struct arena *arena, const struct table *table, size_t width);

#endif
