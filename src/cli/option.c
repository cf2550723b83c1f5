/* The command line: options by name and letter, their values, and what else stands there. */
#include "cli/parse.h"

const struct option *option_find(const struct command *command, struct str name, char letter)
{
    EACH_OPTION (option, command)
        if (letter ? option->letter == letter : str_is(name, option->name)) return option;
    return NULL;
}

const char *option_key(const struct option *option) { return option->config ? option->config : option->name; }

static bool set_defaults(struct parsing *parsing)
{
    EACH_OPTION (option, parsing->command)
        if (option->initial && !option_set(parsing, option, str_of(option->initial), "default")) return false;
    return true;
}

static bool unknown_option(struct parsing *parsing, const char *word)
{
    const char *names[256];
    size_t count = 0;
    EACH_OPTION (option, parsing->command)
        if (count < 256) names[count++] = option->name;
    struct str name = str_of(word);
    while (str_starts(name, "-"))
        name = str_from(name, 1);
    name = str_cut(&name, '=');
    error_set(parsing->error, ERROR_USAGE, "option-unknown", "unknown option %s of %s", word, parsing->command->name);
    const char *nearest = cli_nearest(arena_cstr(parsing->arena, name), names, count);
    if (nearest)
        return error_hint(parsing->error, "the nearest is --%s; see %s %s --help", nearest, parsing->program->name,
                          parsing->command->name);
    return error_hint(parsing->error, "see %s %s --help", parsing->program->name, parsing->command->name);
}

/* One option on the command line: ours, or a foreign one; and where the words stand. */
struct taking {
    struct parsing *parsing;
    const struct option *only; /* look for this one and leave its value in `named`; set nothing */
    struct str named;
    const struct option *option;
    const struct foreign_option *foreign;
    int count;
    char **arguments;
    int *at;
};

static bool find_taken(struct taking *taking, struct str name, char letter)
{
    const struct command *command = taking->parsing->command;
    taking->option = option_find(command, name, letter);
    taking->foreign = taking->option ? NULL : foreign_find(command, name, letter);
    return taking->option || taking->foreign;
}

static bool is_flag(const struct taking *taking)
{
    return taking->option ? taking->option->kind == OPTION_FLAG : taking->foreign->flag;
}

/* `value` without data: the next word. */
static bool set_taken(struct taking *taking, struct str value)
{
    struct parsing *parsing = taking->parsing;
    const struct option *option = taking->option;
    const char *word = taking->arguments[*taking->at];
    if (!value.data && *taking->at + 1 >= taking->count) {
        error_set(parsing->error, ERROR_USAGE, "option-value", "option %s needs a value", word);
        return !option ? false : option_hint(parsing->error, option);
    }
    if (!value.data) value = str_of(taking->arguments[++*taking->at]);
    if (taking->only) {
        if (option == taking->only) taking->named = value;
        return true;
    }
    if (!option) return foreign_set(parsing, taking->foreign, value, NULL);
    struct str key = str_of(option->name);
    if (!map_get(parsing->given, key)) option_clear_list(parsing, option);
    map_set(parsing->given, key, parsing);
    return option_set(parsing, option, value, NULL);
}

/* --name, --name=value, --name value */
static bool take_name(struct taking *taking, const char *word)
{
    struct str value = str_of(word + 2), name = str_cut(&value, '=');
    if (!find_taken(taking, name, 0)) return unknown_option(taking->parsing, word);
    return set_taken(taking, value.data || !is_flag(taking) ? value : STR("true"));
}

/* -f json, -fjson, -f=json; -qf json is -q -f json */
static bool take_letters(struct taking *taking, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        if (!find_taken(taking, (struct str){ 0 }, *letter)) return unknown_option(taking->parsing, word);
        bool joined = letter[1] == '=';
        if (is_flag(taking) && !joined) {
            if (!set_taken(taking, STR("true"))) return false;
            continue;
        }
        struct str rest = str_of(letter + 1);
        return set_taken(taking, joined ? str_from(rest, 1) : rest.size ? rest : (struct str){ 0 });
    }
    return true;
}

static bool is_option(const char *word) { return word[0] == '-' && word[1]; }

static bool take_option(struct taking *taking)
{
    const char *word = taking->arguments[*taking->at];
    return word[1] == '-' ? take_name(taking, word) : take_letters(taking, word);
}

/* --config must be known before the others are read. What is wrong on the way is said when they are. */
static const char *find_config(const struct parsing *parsing, int count, char **arguments)
{
    int at = 0;
    struct error ignored = { 0 };
    str_vector unheard = { 0 };
    struct parsing looking = *parsing;
    looking.error = &ignored;
    looking.warnings = &unheard;
    struct taking taking = { .parsing = &looking, .count = count, .arguments = arguments, .at = &at };
    taking.only = option_find(parsing->command, STR("config"), 0);
    for (; taking.only && at < count && strcmp(arguments[at], "--") != 0; at++)
        if (is_option(arguments[at]) && !take_option(&taking)) break;
    return taking.named.data ? arena_cstr(parsing->arena, taking.named) : NULL;
}

bool cli_parse(struct arena *arena, const struct program *program, const struct command *command, int argument_count,
               char **arguments, void *settings, struct cli_parsed *parsed, struct error *error)
{
    struct parsing parsing = { arena,         program,        command,           settings, map_new(arena),
                               &parsed->read, &parsed->found, &parsed->warnings, error };
    for (int i = 0; i < argument_count; i++) {
        if (strcmp(arguments[i], "--") == 0) break;
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0) {
            parsed->helped = true;
            return true;
        }
    }
    if (!set_defaults(&parsing) || !sources_read_configs(&parsing, find_config(&parsing, argument_count, arguments)) ||
        !sources_read_environment(&parsing))
        return false;
    bool options_ended = false;
    int i = 0;
    struct taking taking = { .parsing = &parsing, .count = argument_count, .arguments = arguments, .at = &i };
    for (; i < argument_count; i++) {
        const char *word = arguments[i];
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (!options_ended && is_option(word)) {
            if (!take_option(&taking)) return false;
        } else {
            arguments[parsed->count++] = arguments[i];
        }
    }
    return true;
}

/* Edit distance by two rows, words of up to 63 characters. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[2][64], size = strlen(b);
    if (size > 62 || strlen(a) > 62) return 99;
    for (size_t j = 0; j <= size; j++)
        rows[0][j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t *now = rows[i % 2], *before = rows[(i + 1) % 2];
        now[0] = i;
        for (size_t j = 1; j <= size; j++) {
            size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best) best = before[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            now[j] = best;
        }
    }
    return rows[strlen(a) % 2][size];
}

const char *cli_nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t shortest = strlen(word) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t now = distance(word, names[i]);
        if (now < shortest) shortest = now, best = names[i];
    }
    return best;
}
