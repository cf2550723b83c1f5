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

/* What a page says beyond its summary; docs/command-line.md has the rest. */
static const struct {
    const char *command, *text;
} descriptions[] = {
    { "clean", "Removes what this program keeps in the cache folder, and no file of another program's." },
    { "completion", "Prints a script that completes commands, options and their values." },
    { "db",
      "Fetches the feeds of distributions and builds the vulnerability database from them, tells how old its parts are, and "
      "takes it to other machines: as a file, or through a registry." },
    { "doctor",
      "Tries clock, confinement, libraries, cache, database, network, proxies and sockets, and says of each what is wrong "
      "and what to do. The status is 1 when something will not work." },
    { "explain",
      "Traces a finding to the record and the comparison behind it, and likewise why there is none. ID is a vulnerability's "
      "name, or an advisory's where records carry it; TARGET is whatever pratique scan takes." },
    { "fs",
      "Looks for the operating system's packages below a folder, and for lock files. Use pratique rootfs for a whole system." },
    { "image",
      "Reads an image from a registry, a Docker or Podman socket, containerd's store, an archive or an OCI layout, lists its "
      "packages and tells which of them are known to be vulnerable. What could not be judged stands under \"Not judged\" in the "
      "table and in Coverage in JSON." },
    { "login",
      "Tries the credentials at the registry, then keeps them where docker does: with a credential helper, or unencrypted "
      "in its config.json." },
    { "logout", "Takes a registry's credentials out of docker's config.json or its credential helper." },
    { "registry", "The same as pratique login and pratique logout, in the form that Trivy has." },
    { "repo", "Looks for lock files below a folder; they are read from a later version on." },
    { "rootfs",
      "Lists the packages of an unpacked system, of this machine (/), or of a tarball of one, and tells which of them are "
      "known to be vulnerable." },
    { "scan",
      "Takes what image and rootfs take, and finds out which it is: a layout, an archive, a tarball, a folder, else the name of "
      "an image." },
    { "version", "Prints the version, and kind and age of the database." },
};

static void put_description(struct buffer *out, const char *command)
{
    for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++) {
        if (strcmp(descriptions[i].command, command) != 0) continue;
        buffer_text(out, "\n.SH DESCRIPTION\n");
        put_text(out, str_of(descriptions[i].text));
    }
}

/* One row a paragraph of a section. */
struct paragraph {
    const char *term, *text;
};

static void put_section(struct buffer *out, const char *heading, const struct paragraph *rows)
{
    buffer_printf(out, ".SH %s\n", heading);
    for (; rows->term; rows++) {
        buffer_text(out, ".TP\n\\fB");
        put_text(out, str_of(rows->term));
        buffer_text(out, "\\fR\n");
        put_line(out, rows->text);
    }
}

/* Sections that every page has; what they say at length stands in docs/command-line.md. */
static void put_tail(struct buffer *out)
{
    static const struct paragraph statuses[] = {
        { "0", "Done; what a scan found does not change that unless one of the next is asked for." },
        { "N",
          "What --exit-on-eol (the operating system has ended), --exit-code (something was found) or --exit-on-unjudged (something "
          "kept the target from being judged) says; the first of them that holds." },
        { "1", "An error; the last line on standard error says which and what to do." },
        { "130", "Stopped by the user." },
        { "141", "As shells say it: who read standard output went away." },
        { 0 },
    };
    static const struct paragraph files[] = {
        { "pratique.yaml, trivy.yaml",
          "Configuration, in the working directory: the first of them; keys as given with each option." },
        { ".trivyignore", "Findings to ignore, in the working directory; --ignorefile names another." },
        { "$XDG_CACHE_HOME/pratique, or ~/.cache/pratique when that is not set",
          "Database and analysed layers; --cache-dir names another place." },
        { "$DOCKER_CONFIG/config.json, or ~/.docker/config.json", "Credentials for registries, among other places." },
        { 0 },
    };
    put_section(out, "EXIT STATUS", statuses);
    buffer_text(
        out,
        ".SH ENVIRONMENT\nEvery option may be given as \\fBPRATIQUE_\\fR\\fINAME\\fR, or \\fBTRIVY_\\fR\\fINAME\\fR, in upper case with _ for \\-.\n"
        "A command line's option wins over the environment, that over the configuration file.\n");
    put_section(out, "FILES", files);
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
    put_description(&out, command->name);
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
    buffer_text(&out, ".SH SYNOPSIS\n\\fBpratique\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n.SH DESCRIPTION\n");
    put_line(
        &out,
        "Reads a container image, a root file system or a machine, finds out what is installed, and says which of it is "
        "known to be vulnerable, why, and from whom it is known. It takes Trivy's command line, environment, configuration "
        "file and report shape.");
    buffer_text(&out, ".SH COMMANDS\n");
    for (size_t i = 0; i < command_count(); i++) {
        buffer_printf(&out, ".TP\n\\fB%s\\fR\n", command_at(i)->name);
        put_line(&out, command_at(i)->summary);
    }
    buffer_text(&out,
                ".SH LINKS\nCalled through a link named \\fBtrivy\\fR it takes that program's words and exit statuses.\n");
    put_lines(&out, "EXAMPLES",
              "pratique db update\npratique image --severity CRITICAL,HIGH nginx:latest\npratique rootfs /\n"
              "pratique explain CVE-2023-4911 nginx:latest\npratique doctor\n");
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
