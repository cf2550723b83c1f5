/* pratique completion: scripts for shells, written from the option tables so that they cannot say anything else. */
#include "cmd/command.h"

#include <stdio.h>

#define EACH_COMMAND(command)                          \
    for (size_t at_ = 0; at_ < command_count(); at_++) \
        for (const struct command *command = command_at(at_); command; command = NULL)
#define EACH_OPTION(option, command)                                                \
    for (const struct option *const *group_ = (command)->groups; *group_; group_++) \
        for (const struct option *option = *group_; option->name; option++)

/* What stands behind a command: words, files, or something of its own. */
static bool has_words(const struct command *command) { return command->arguments && strchr(command->arguments, '|'); }
static bool takes_files(const struct command *command)
{
    return command->arguments && !has_words(command) && strcmp(command->arguments, "REGISTRY") != 0;
}

static bool names_a_path(const struct option *option)
{
    return option->argument && (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0);
}

static void put_words(const char *words, const char *separator)
{
    struct str rest = str_of(words);
    for (bool first = true; rest.data; first = false) {
        struct str word = str_cut(&rest, '|'), alone = str_cut(&word, ' '); /* what follows it is no word */
        printf("%s%.*s", first ? "" : separator, STR_ARG(alone));
    }
}

static void put_choices(const struct option *option, const char *separator)
{
    const char *const *words = command_option_words(option);
    for (size_t i = 0; words && words[i]; i++)
        printf("%s%s", i ? separator : "", words[i]);
}

/* Each character of `special` gets a backslash before it. */
static void put_escaped(const char *text, const char *special)
{
    for (; *text; text++) {
        if (strchr(special, *text)) putchar('\\');
        putchar(*text);
    }
}

/* Inside '…' of a POSIX shell. */
static void put_quoted(const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr(special, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

/* ---- bash ---- */

static void put_bash_values(const struct command *command, const struct option *option)
{
    if (option->kind == OPTION_FLAG) return;
    printf("    '%s --%s'", command->name, option->name);
    if (option->letter) printf(" | '%s -%c'", command->name, option->letter);
    if (command_option_words(option)) {
        printf(option->kind == OPTION_LIST ? ") _pratique_list '" : ") COMPREPLY=($(compgen -W '");
        put_choices(option, " ");
        printf(option->kind == OPTION_LIST ? "'; return ;;\n" : "' -- \"$current\")); return ;;\n");
    } else {
        printf(") %s return ;;\n", names_a_path(option) ? "COMPREPLY=($(compgen -f -- \"$current\"));" : "");
    }
}

static void put_bash(const char *program)
{
    printf(
        "# bash completion for pratique; written by: pratique completion bash\n"
        "_pratique_list()\n{\n    local head=''\n    [[ $current == *,* ]] && head=\"${current%%,*},\"\n"
        "    COMPREPLY=($(compgen -P \"$head\" -W \"$1\" -- \"${current##*,}\"))\n"
        "    type compopt >/dev/null 2>&1 && compopt -o nospace 2>/dev/null\n    return 0\n}\n_pratique()\n{\n"
        "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" command='' i\n    COMPREPLY=()\n"
        "    if [[ $current == = ]]; then current=''; elif [[ $previous == = ]]; then previous=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n        case \"${COMP_WORDS[i]}\" in -*) ;; *) command=\"${COMP_WORDS[i]}\"; break ;; esac\n    done\n"
        "    if [[ -z $command ]]; then\n        COMPREPLY=($(compgen -W '");
    EACH_COMMAND(command)
    printf("%s ", command->name);
    printf("--help --version' -- \"$current\"))\n        return\n    fi\n    case \"$command $previous\" in\n");
    EACH_COMMAND(command)
    EACH_OPTION (option, command)
        put_bash_values(command, option);
    printf("    esac\n    case \"$command\" in\n");
    EACH_COMMAND(command)
    {
        printf("    %s)\n        if [[ $current == -* ]]; then COMPREPLY=($(compgen -W '--help", command->name);
        EACH_OPTION (option, command)
            printf(" --%s", option->name);
        printf("' -- \"$current\"))\n");
        if (has_words(command)) {
            printf("        else COMPREPLY=($(compgen -W '");
            put_words(command->arguments, " ");
            printf("' -- \"$current\"))\n");
        } else if (takes_files(command)) {
            printf("        else COMPREPLY=($(compgen -f -- \"$current\"))\n");
        }
        printf("        fi ;;\n");
    }
    printf("    esac\n}\ncomplete -o filenames -F _pratique %s\n", program);
}

/* ---- zsh ---- */

static void put_zsh_option(const struct option *option)
{
    bool repeats = option->kind == OPTION_LIST || option->kind == OPTION_TEXTS;
    printf(" \\\n            ");
    if (option->letter)
        printf("%s{-%c,--%s}'[", repeats ? "'*'" : "", option->letter, option->name);
    else
        printf("'%s--%s[", repeats ? "*" : "", option->name);
    put_quoted(option->help, "[]");
    printf("]");
    if (option->kind != OPTION_FLAG) {
        printf(":");
        put_quoted(option->argument, ":");
        printf(":");
        if (command_option_words(option)) {
            printf(option->kind == OPTION_LIST ? "_sequence compadd - " : "(");
            put_choices(option, " ");
            printf(option->kind == OPTION_LIST ? "" : ")");
        } else if (names_a_path(option)) {
            printf("_files");
        }
    }
    printf("'");
}

static void put_zsh(const char *program)
{
    printf("#compdef %s\n# written by: pratique completion zsh\n_pratique()\n{\n    local -a commands\n    commands=(\n",
           program);
    EACH_COMMAND(command)
    {
        printf("        '%s:", command->name);
        put_quoted(command->summary, ":");
        printf("'\n");
    }
    printf(
        "    )\n    local -i at=2\n    while (( at < CURRENT )) && [[ $words[at] == -* ]]; do (( at++ )); done\n"
        "    if (( CURRENT == at )) && [[ $words[at] != -* ]]; then\n        _describe command commands\n        return\n    fi\n"
        "    words=(\"${(@)words[at,-1]}\")\n    (( CURRENT -= at - 1 ))\n"
        "    case \"$words[1]\" in\n    -*)\n        words=(pratique \"${(@)words}\")\n        (( CURRENT++ ))\n"
        "        _arguments '--help[this text]' '--version[the version]'");
    for (const struct option *option = options_global; option->name; option++)
        put_zsh_option(option);
    printf(" ;;\n");
    EACH_COMMAND(command)
    {
        printf("    %s)\n        _arguments '--help[this text]'", command->name);
        EACH_OPTION (option, command)
            put_zsh_option(option);
        if (has_words(command)) {
            printf(" \\\n            '1:word:(");
            put_words(command->arguments, " ");
            printf(")'");
        } else if (takes_files(command)) {
            printf(" \\\n            '*:target:_files'");
        }
        printf(" ;;\n");
    }
    printf("    esac\n}\n"
           "if [[ $funcstack[1] == _pratique ]]; then _pratique \"$@\"; else compdef _pratique %s; fi\n",
           program);
}

/* ---- fish ---- */

static void put_fish_option(const char *program, const char *condition, const struct option *option)
{
    printf("complete -c %s -n '%s' -l %s", program, condition, option->name);
    if (option->letter) printf(" -s %c", option->letter);
    if (option->kind != OPTION_FLAG) printf(names_a_path(option) ? " -r" : " -x");
    if (option->kind != OPTION_FLAG && command_option_words(option)) {
        printf(option->kind == OPTION_LIST ? " -a '(__pratique_list " : " -a '");
        put_choices(option, " ");
        printf(option->kind == OPTION_LIST ? ")'" : "'");
    }
    printf(" -d '");
    put_escaped(option->help, "'\\");
    printf("'\n");
}

static void put_fish(const char *program)
{
    printf(
        "# fish completion for pratique; written by: pratique completion fish\n"
        "function __pratique_list\n    set -l head (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')\n"
        "    printf '%%s\\n' $head$argv\nend\n");
    for (const struct option *option = options_global; option->name; option++)
        put_fish_option(program, "__fish_use_subcommand", option);
    EACH_COMMAND(command)
    {
        printf("complete -c %s -n __fish_use_subcommand -f -a %s -d '", program, command->name);
        put_escaped(command->summary, "'\\");
        printf("'\n");
        if (has_words(command)) {
            printf("complete -c %s -n '__fish_seen_subcommand_from %s' -f -a '", program, command->name);
            put_words(command->arguments, " ");
            printf("'\n");
        }
        if (!takes_files(command)) printf("complete -c %s -n '__fish_seen_subcommand_from %s' -f\n", program, command->name);
        char condition[96];
        snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %s", command->name);
        EACH_OPTION (option, command)
            put_fish_option(program, condition, option);
    }
}

static const struct {
    const char *name;
    void (*put)(const char *program); /* which it completes: a link has words of its own */
} shells[] = { { "bash", put_bash }, { "fish", put_fish }, { "zsh", put_zsh } };

static int run_completion(const struct command *command, void *context, size_t count, char **arguments)
{
    const struct settings *settings = context;
    struct error error = { 0 };
    if (!command_takes(command, settings, 1, count, arguments, &error)) return command_fail(&error);
    for (size_t i = 0; count == 1 && i < sizeof shells / sizeof *shells; i++)
        if (strcmp(arguments[0], shells[i].name) == 0) {
            shells[i].put(settings->program);
            return 0;
        }
    error_set(&error, ERROR_USAGE, "completion-shell", "%s completion needs the name of a shell", settings->program);
    error_hint(&error, "bash, fish or zsh; for example: source <(%s completion bash)", settings->program);
    return command_fail(&error);
}

static const struct option *const groups[] = { options_global, NULL };
const struct command command_completion = {
    "completion",
    "bash|fish|zsh",
    "Prints a shell's completion script",
    "  pratique completion bash >/etc/bash_completion.d/pratique\n  source <(pratique completion bash)\n",
    groups,
    run_completion,
};
