#include "cli/cli.h"

#include <stdio.h>

static void print_option(const struct option *option)
{
    char left[96];
    snprintf(left, sizeof left, "%s%c%s--%s%s%s", option->letter ? "-" : " ", option->letter ? option->letter : ' ',
             option->letter ? ", " : "  ", option->name, option->argument ? " " : "", option->argument ? option->argument : "");
    size_t width = str_width(str_of(left));
    printf("  %s%*s%s", left, width > 33 ? 0 : (int)(34 - width), "",
           width > 33 ? "\n                                    " : "");
    printf("%s", option->help);
    if (option->initial && *option->initial && strcmp(option->initial, "false") != 0) printf(" [%s]", option->initial);
    printf("\n");
}

void cli_help(const struct command *command, const char *program)
{
    printf("%s\n\nUsage: %s %s [options]%s%s\n", command->summary, program, command->name, command->arguments ? " " : "",
           command->arguments ? command->arguments : "");
    if (command->words) printf("\nWords:\n%s", command->words);
    if (command->examples) printf("\nExamples:\n");
    for (struct str rest = str_of(command->examples); rest.size;) { /* they name us; a link has another name */
        struct str line = str_line(&rest), name = STR("  pratique ");
        bool ours = str_starts(line, name.data);
        printf("%s%s%.*s\n", ours ? "  " : "", ours ? program : "", STR_ARG(ours ? str_from(line, name.size - 1) : line));
    }
    for (const struct option *const *group = command->groups; *group; group++) {
        if (group == command->groups || (*group)->heading) printf("\n%s:\n", (*group)->heading ? (*group)->heading : "Options");
        for (const struct option *option = *group; option->name; option++)
            print_option(option);
    }
    printf("  -h, --help                        this text\n");
}
