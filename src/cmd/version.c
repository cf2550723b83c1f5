#include "cmd/command.h"

#include <stdio.h>

static void print_table(struct advisory_store *store)
{
    printf("Version: " PRATIQUE_VERSION "\n");
    if (!store) return;
    char text[CLOCK_TEXT];
    const char *built = clock_in_seconds(advisory_store_built_at(store), text);
    printf("Vulnerability DB:\n  Kind: %s\n  UpdatedAt: %s\n", advisory_store_is_trivy(store) ? "trivy.db" : "pratique.db",
           *built ? built : "unknown");
}

static void print_json(struct advisory_store *store)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out, .indent = 2 };
    json_open(&writer, '{');
    json_key(&writer, "Version");
    json_put_text(&writer, PRATIQUE_VERSION);
    if (store) {
        json_key(&writer, "VulnerabilityDB");
        json_open(&writer, '{');
        char text[CLOCK_TEXT];
        json_member_str(&writer, "UpdatedAt", str_of(clock_in_seconds(advisory_store_built_at(store), text)));
        json_close(&writer, '}');
    }
    json_close(&writer, '}');
    printf("%s\n", buffer_cstr(&out));
}

static int run_version(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 }, ignored = { 0 };
    if (!command_takes(command, settings, 0, count, arguments, &error)) return command_fail(&error);
    struct advisory_store *store = file_exists(database_path(settings)) ? database_open(settings, &ignored) : NULL;
    if (strcmp(settings->format, "json") == 0)
        print_json(store);
    else
        print_table(store);
    advisory_store_close(store);
    return 0;
}

static const struct option *const groups[] = { options_json, options_global, NULL };
const struct command command_version = {
    "version", NULL, "The program's version and its database's age", "  pratique version -f json\n", groups, run_version
};
