/* pratique db: one row a word. */
#include "cmd/db.h"

#include <string.h>

static const struct {
    const char *word;
    int (*run)(struct settings *settings, size_t count, char **arguments);
    size_t most; /* arguments behind the word */
    const char *usage;
} actions[] = {
    { "build", db_build, 0, "--feeds DIR" }, { "export", db_export, 1, "[FILE]" },
    { "import", db_import, 1, "FILE" },      { "info", db_info, 0, "" },
    { "push", db_push, 1, "REFERENCE" },     { "update", db_update, SIZE_MAX, "[DISTRIBUTION…]" },
    { "verify", db_verify, 0, "" },
};

static int run_action(size_t index, struct settings *settings, size_t count, char **arguments)
{
    struct error error = { 0 };
    /* Downloads look at the time themselves: what came in time is built. */
    if (actions[index].run != db_update && settings->timeout) command_limit_time(settings->timeout);
    if (count <= actions[index].most) return actions[index].run(settings, count, arguments);
    error_set(&error, ERROR_USAGE, "db-arguments", "pratique db %s does not take \"%s\"", actions[index].word,
              arguments[actions[index].most]);
    error_hint(&error, "it is: pratique db %s %s", actions[index].word, actions[index].usage);
    return command_fail(&error);
}

static int run_db(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    for (size_t i = 0; count >= 1 && i < sizeof actions / sizeof *actions; i++)
        if (strcmp(arguments[0], actions[i].word) == 0) return run_action(i, settings, count - 1, arguments + 1);
    if (count)
        error_set(&error, ERROR_USAGE, "db-action", "pratique db has no word \"%s\"", arguments[0]);
    else
        error_set(&error, ERROR_USAGE, "db-action", "pratique db needs one of its words");
    error_hint(&error, "%s; pratique db --help says what each does", command->arguments);
    return command_fail(&error);
}

#define AT(member) offsetof(struct settings, member)

static const struct option options_db[] = {
    { "all", 0, OPTION_FLAG, AT(all), NULL, "update: every distribution" },
    { "db-file", 0, OPTION_TEXT, AT(db_file), "FILE", "info, verify, export, push: this database", .trust = TRUST_NAMED },
    { "db-repository", 0, OPTION_LIST, AT(db_repository), "REF,…", "update: pull the prebuilt database from here",
      .config = "db.repository", .trust = TRUST_NAMED },
    { "feeds", 0, OPTION_TEXT, AT(feeds), "DIR", "build: folder of feeds (docs/feeds.md); update: keep them here" },
    { "force", 0, OPTION_FLAG, AT(force), NULL, "build, update: accept feeds that lost more than half of their records" },
    { "include-restricted", 0, OPTION_FLAG, AT(include_restricted), NULL, "export: also data that may not be passed on" },
    { "mirror", 0, OPTION_TEXTS, AT(mirrors), "FROM=TO",
      "update: fetch addresses that start with FROM from TO; or one base for all hosts", .config = "db.mirror",
      .trust = TRUST_NAMED },
    { "offline", 0, OPTION_FLAG, AT(offline), NULL, "update: no network, build from what was fetched before" },
    { "only", 0, OPTION_LIST, AT(only), "FEED,…", "build, update: these feeds only" },
    { "output", 'o', OPTION_TEXT, AT(db_output), "FILE", "build, export: write here", .trust = TRUST_BELOW },
    { 0 },
};

static const struct option *const groups[] = { options_db, options_registry, options_json, options_global, NULL };
const struct command command_db = {
    "db",
    "build|export|import|info|push|update|verify",
    "The vulnerability database",
    "  pratique db update\n  pratique db update debian alpine\n  pratique db build --feeds ./feeds\n  pratique db info\n"
    "  pratique db export pratique-db.zst\n  pratique db push registry.example.com/security/db:1\n",
    groups,
    run_db,
    .words = "  build     build the database from a folder of feeds\n"
             "  export    write the database to one file, for a machine without network\n"
             "  import    take the database from such a file\n"
             "  info      where the data comes from and how old it is\n"
             "  push      publish the database in a registry\n"
             "  update    fetch what is new and build the database; or pull it from --db-repository\n"
             "  verify    check the database from end to end\n",
};
