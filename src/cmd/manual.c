/* pratique manual DIR: writes the man pages from the option tables. Hidden: the build calls it. */
#include "cmd/command.h"

static void put_text(struct buffer *out, struct str text)
{
    if (text.size && (text.data[0] == '.' || text.data[0] == '\'')) buffer_text(out, "\\&");
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\')
            buffer_text(out, "\\e");
        else if (text.data[i] == '-')
            buffer_text(out, "\\-");
        else
            buffer_char(out, text.data[i]);
    }
}

static void put_line(struct buffer *out, const char *text)
{
    put_text(out, str_of(text));
    buffer_char(out, '\n');
}

static void put_head(struct buffer *out, const char *page, const char *summary)
{
    buffer_printf(out, ".TH \"%s\" 1 \"\" \"pratique " PRATIQUE_VERSION "\" \"pratique\"\n.SH NAME\n", page);
    put_text(out, str_of(page));
    buffer_text(out, " \\- ");
    put_line(out, summary);
}

static bool tells_all(const char *help, const char *const *words)
{
    for (; *words; words++)
        if (!strstr(help, *words)) return false;
    return true;
}

static void put_option(struct buffer *out, const struct option *option)
{
    buffer_text(out, ".TP\n");
    if (option->letter) buffer_printf(out, "\\fB\\-%c\\fR, ", option->letter);
    buffer_text(out, "\\fB\\-\\-");
    put_text(out, str_of(option->name));
    buffer_text(out, "\\fR");
    if (option->argument) {
        buffer_text(out, " \\fI");
        put_text(out, str_of(option->argument));
        buffer_text(out, "\\fR");
    }
    buffer_char(out, '\n');
    put_text(out, str_of(option->help));
    const char *const *words = command_option_words(option);
    for (size_t i = 0; words && words[i] && !tells_all(option->help, words); i++) {
        buffer_text(out, i ? ", " : ": ");
        put_text(out, str_of(words[i]));
    }
    if (option->initial && strcmp(option->initial, "false") != 0) {
        buffer_text(out, " [");
        put_text(out, str_of(option->initial));
        buffer_text(out, "]");
    }
    buffer_text(out, ".\n.br\nKey: ");
    put_text(out, str_of(option->config ? option->config : option->name));
    buffer_char(out, '\n');
}

static void put_lines(struct buffer *out, const char *heading, const char *lines)
{
    if (!lines) return;
    buffer_printf(out, "\n.SH %s\n.nf\n", heading);
    for (struct str rest = str_of(lines); rest.size;) {
        put_text(out, str_trim(str_line(&rest)));
        buffer_char(out, '\n');
    }
    buffer_text(out, ".fi\n");
}

/* Sections that every page has; what they say at length stands in docs/command-line.md. */
static void put_tail(struct buffer *out)
{
    buffer_text(
        out,
        ".SH EXIT STATUS\n.TP\n0\nDone; what a scan found does not change that unless \\-\\-exit\\-code or \\-\\-exit\\-on\\-eol says so.\n"
        ".TP\n1\nAn error; the last line on standard error says which and what to do.\n.TP\n130\nStopped by the user.\n"
        ".SH ENVIRONMENT\nEvery option may be given as \\fBPRATIQUE_\\fR\\fINAME\\fR, or \\fBTRIVY_\\fR\\fINAME\\fR, in upper case with _ for \\-.\n"
        "A command line's option wins over the environment, that over the configuration file.\n"
        ".SH FILES\n.TP\n\\fIpratique.yaml\\fR, \\fItrivy.yaml\\fR\nConfiguration, in the working directory; keys as given with each option.\n"
        ".TP\n\\fI$XDG_CACHE_HOME/pratique\\fR, or \\fI~/.cache/pratique\\fR when that is not set\nDatabase and analysed layers; \\-\\-cache\\-dir names another place.\n");
}

static bool write_page(struct arena *arena, const char *folder, const char *name, struct buffer *out, struct error *error)
{
    const char *file = arena_printf(arena, "%s.1", name);
    return file_write(path_join(arena, folder, file), buffer_view(out), 0644, false, error);
}

static bool write_command(struct arena *arena, const char *folder, const struct command *command, struct error *error)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    const char *page = arena_printf(arena, "pratique-%s", command->name);
    put_head(&out, page, command->summary);
    buffer_printf(&out, ".SH SYNOPSIS\n\\fBpratique %s\\fR [\\fIoptions\\fR]", command->name);
    if (command->arguments) {
        buffer_text(&out, " \\fI");
        put_text(&out, str_of(command->arguments));
        buffer_text(&out, "\\fR");
    }
    put_lines(&out, "WORDS", command->words);
    buffer_text(&out, "\n.SH OPTIONS\n");
    for (const struct option *const *group = command->groups; *group; group++) {
        if ((*group)->heading) buffer_printf(&out, ".SS %s\n", (*group)->heading);
        for (const struct option *option = *group; option->name; option++)
            put_option(&out, option);
    }
    put_lines(&out, "EXAMPLES", command->examples);
    put_tail(&out);
    buffer_text(&out, ".SH SEE ALSO\n.BR pratique (1)\n");
    return write_page(arena, folder, page, &out, error);
}

static bool write_overview(struct arena *arena, const char *folder, struct error *error)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    put_head(&out, "pratique", "what is in a container image, and is that known to be bad?");
    buffer_text(&out, ".SH SYNOPSIS\n\\fBpratique\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n.SH COMMANDS\n");
    for (size_t i = 0; i < command_count(); i++) {
        buffer_printf(&out, ".TP\n\\fB%s\\fR\n", command_at(i)->name);
        put_line(&out, command_at(i)->summary);
    }
    buffer_text(&out,
                ".SH LINKS\nCalled through a link named \\fBtrivy\\fR it takes that program's words and exit statuses.\n");
    put_tail(&out);
    buffer_text(&out, ".SH SEE ALSO\n");
    for (size_t i = 0; i < command_count(); i++)
        buffer_printf(&out, ".BR pratique\\-%s (1)%s\n", command_at(i)->name, i + 1 < command_count() ? "," : "");
    return write_page(arena, folder, "pratique", &out, error);
}

static int run_manual(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    if (count != 1) {
        error_set(&error, ERROR_USAGE, "target-count", "pratique manual takes one folder, %zu given", count);
        return command_fail(&error);
    }
    bool good = folder_make(arguments[0], 0755, &error) && write_overview(settings->arena, arguments[0], &error);
    for (size_t i = 0; good && i < command_count(); i++)
        good = write_command(settings->arena, arguments[0], command_at(i), &error);
    return good ? 0 : command_fail(&error);
}

static const struct option *const groups[] = { options_global, NULL };
const struct command command_manual = { "manual", "DIR", "Writes the man pages", NULL, groups, run_manual, .hidden = true };
