/* The help of a command, written from its option tables. */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#define USUAL_WIDTH 80
#define OPTION_COLUMN 36 /* where an option's meaning begins */
#define WORD_COLUMN 12
#define NARROW 64 /* below: meanings stand under the names */
#define NARROW_COLUMN 8

struct page {
    struct arena *arena;
    struct buffer out;
    size_t width;
};

/* A name, and what it means from a column on, or below where the name is too long. */
static void put_entry(struct page *page, const char *name, size_t column, struct str meaning)
{
    if (page->width < NARROW) column = NARROW_COLUMN;
    size_t used = str_width(str_of(name));
    buffer_text(&page->out, name);
    if (used >= column) buffer_char(&page->out, '\n');
    cli_put_times(&page->out, " ", used >= column ? column : column - used);
    struct str lines = cli_wrap(page->arena, meaning, page->width > column + 20 ? page->width - column : 20, true);
    for (bool first = true; lines.data; first = false) {
        struct str line = str_cut(&lines, '\n');
        cli_put_times(&page->out, " ", first ? 0 : column);
        buffer_printf(&page->out, "%.*s\n", STR_ARG(line));
    }
}

static void put_option(struct page *page, const struct option *option)
{
    char letter[8] = "    ";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    const char *name = arena_printf(page->arena, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
                                    option->argument ? option->argument : "");
    bool told = option->initial && *option->initial && strcmp(option->initial, "false") != 0;
    struct str meaning = told ? arena_strf(page->arena, "%s [%s]", option->help, option->initial) : str_of(option->help);
    put_entry(page, name, OPTION_COLUMN, meaning);
}

static void put_words(struct page *page, const char *words)
{
    buffer_text(&page->out, "\nWords:\n");
    for (struct str rest = str_of(words); rest.size;) {
        struct str line = str_line(&rest), word = str_word(&line);
        put_entry(page, arena_printf(page->arena, "  %.*s", STR_ARG(word)), WORD_COLUMN, str_trim(line));
    }
}

/* They name us; a link has another name. */
static void put_examples(struct page *page, const char *examples, const char *program)
{
    static const char ours[] = "  pratique ";
    buffer_text(&page->out, "\nExamples:\n");
    for (struct str rest = str_of(examples); rest.size;) {
        struct str line = str_line(&rest);
        if (str_starts(line, ours))
            buffer_printf(&page->out, "  %s %.*s\n", program, STR_ARG(str_from(line, sizeof ours - 1)));
        else
            buffer_printf(&page->out, "%.*s\n", STR_ARG(line));
    }
}

void cli_help(const struct command *command, const char *program)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    unsigned width = cli_width(STDOUT_FILENO);
    struct page page = { arena, { 0 }, width ? width : USUAL_WIDTH };
    const char *arguments = command->arguments ? command->arguments : "";
    buffer_printf(&page.out, "%s\n\nUsage: %s %s [options]%s%s\n", command->summary, program, command->name,
                  *arguments ? " " : "", arguments);
    if (command->words) put_words(&page, command->words);
    if (command->examples) put_examples(&page, command->examples, program);
    for (const struct option *const *group = command->groups; *group; group++) {
        const char *heading = (*group)->heading ? (*group)->heading : group == command->groups ? "Options" : NULL;
        if (heading) buffer_printf(&page.out, "\n%s:\n", heading);
        for (const struct option *option = *group; option->name; option++)
            put_option(&page, option);
    }
    put_entry(&page, "  -h, --help", OPTION_COLUMN, STR("this text"));
    fwrite(page.out.data, 1, page.out.size, stdout);
    buffer_free(&page.out);
}
