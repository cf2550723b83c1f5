/* pratique db: build, info, verify. */
#include "cmd/command.h"

#include <stdio.h>

static void show_progress(void *context, const char *feed, unsigned percent)
{
    char text[96];
    snprintf(text, sizeof text, "database: %s %u%%", feed, percent);
    cli_progress(text, 0, 0);
}

static const char *output_path(const struct settings *settings)
{
    return settings->db_output ? settings->db_output : path_join(settings->arena, settings->cache_dir, "db/pratique.db");
}

static int db_build(struct settings *settings)
{
    struct error error = { 0 };
    struct build_summary summary = { 0 };
    if (!settings->feeds) {
        error_set(&error, ERROR_USAGE, "db-feeds", "pratique db build needs a folder of feeds");
        error_hint(&error, "name it: pratique db build --feeds DIR; docs/feeds.md says how it is laid out");
        return command_fail(&error);
    }
    struct build_options options = {
        .feeds = settings->feeds,
        .output = output_path(settings),
        .now = clock_now(),
        .force = settings->force,
        .only = &settings->only,
        .progress = show_progress,
    };
    const char *folder = arena_cstr(settings->arena, path_folder(str_of(options.output)));
    if (*folder && !folder_make(folder, 0755, &error)) return command_fail(&error);
    bool built = advisory_build(settings->arena, &options, &summary, &error);
    cli_progress_clear();
    for (size_t i = 0; i < summary.warnings.count; i++)
        log_warn("%.*s", STR_ARG(summary.warnings.items[i]));
    if (!built) return command_fail(&error);
    log_info("%s: %zu feeds, %zu records, %zu packages, %zu vulnerabilities", options.output, summary.feeds, summary.records, summary.packages,
             summary.vulnerabilities);
    return 0;
}

static struct str age_of(struct arena *arena, struct str as_of, moment now)
{
    moment time;
    if (!clock_parse(as_of, &time)) return STR("unknown");
    int64_t days = (now - time) / SECOND / 86400;
    return days <= 0 ? STR("today") : days == 1 ? STR("1 day") : arena_strf(arena, "%lld days", (long long)days);
}

static void print_info_table(const struct settings *settings, struct advisory_store *store, const advisory_source_vector *sources)
{
    static const char *const headings[] = { "Source", "As of", "Age", "Records", "Licence" };
    static const enum cell_align aligns[] = { ALIGN_LEFT, ALIGN_LEFT, ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_LEFT };
    struct table table = { .columns = 5, .headings = headings, .aligns = aligns, .ascii = !cli_speaks_utf8() };
    moment now = clock_now();
    for (size_t i = 0; i < sources->count; i++) {
        const struct advisory_source *source = &sources->items[i];
        vector_push(settings->arena, &table.cells)->text = source->name.size ? source->name : source->id;
        vector_push(settings->arena, &table.cells)->text = str_to(source->as_of, 10);
        vector_push(settings->arena, &table.cells)->text = age_of(settings->arena, source->as_of, now);
        vector_push(settings->arena, &table.cells)->text = source->records ? arena_strf(settings->arena, "%lld", (long long)source->records) : STR("-");
        vector_push(settings->arena, &table.cells)->text = source->licence;
    }
    CLEANUP_BUFFER struct buffer out = { 0 };
    buffer_printf(&out, "%s\nKind: %s\nBuilt: %.*s\n\n", database_path(settings), advisory_store_is_trivy(store) ? "trivy.db" : "pratique.db",
                  STR_ARG(advisory_store_built_at(store)));
    if (table.cells.count) table_write(&out, settings->arena, &table);
    fwrite(out.data, 1, out.size, stdout);
}

static void print_info_json(const struct settings *settings, struct advisory_store *store, const advisory_source_vector *sources)
{
    CLEANUP_BUFFER struct buffer out = { 0 };
    struct json_writer writer = { .out = &out, .indent = 2 };
    json_open(&writer, '{');
    json_key(&writer, "Path");
    json_put_text(&writer, database_path(settings));
    json_key(&writer, "Kind");
    json_put_text(&writer, advisory_store_is_trivy(store) ? "trivy.db" : "pratique.db");
    json_member_str(&writer, "BuiltAt", advisory_store_built_at(store));
    json_key(&writer, "Sources");
    json_open(&writer, '[');
    for (size_t i = 0; i < sources->count; i++) {
        const struct advisory_source *source = &sources->items[i];
        json_open(&writer, '{');
        json_member_str(&writer, "ID", source->id);
        json_member_str(&writer, "Name", source->name);
        json_member_str(&writer, "URL", source->url);
        json_member_str(&writer, "AsOf", source->as_of);
        json_member_str(&writer, "FetchedAt", source->fetched_at);
        json_member_int(&writer, "Records", source->records);
        json_member_str(&writer, "Licence", source->licence);
        json_member_bool(&writer, "Redistributable", source->redistributable);
        json_close(&writer, '}');
    }
    json_close(&writer, ']');
    json_close(&writer, '}');
    printf("%s\n", buffer_cstr(&out));
}

static int db_info(struct settings *settings)
{
    struct error error = { 0 };
    advisory_source_vector sources = { 0 };
    struct advisory_store *store = database_open(settings, &error);
    if (!store) return command_fail(&error);
    bool good = advisory_store_sources(store, settings->arena, &sources, &error);
    if (good && strcmp(settings->format, "json") == 0)
        print_info_json(settings, store, &sources);
    else if (good)
        print_info_table(settings, store, &sources);
    advisory_store_close(store);
    return good ? 0 : command_fail(&error);
}

static const struct {
    const char *word, *summary;
    int (*run)(struct settings *settings);
} actions[] = {
    { "build", "build the database from a folder of feeds", db_build },
    { "info", "where the data comes from and how old it is", db_info },
};

static int run_db(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    command_apply_globals(settings);
    for (size_t i = 0; count == 1 && i < sizeof actions / sizeof *actions; i++)
        if (strcmp(arguments[0], actions[i].word) == 0) return actions[i].run(settings);
    error_set(&error, ERROR_USAGE, "db-action", "pratique db needs one of its words");
    char words[256] = "";
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s (%s)", i ? ", " : "", actions[i].word, actions[i].summary);
    error_hint(&error, "%s", words);
    return command_fail(&error);
}

#define AT(member) offsetof(struct settings, member)

static const struct option options_db[] = {
    { "db-file", 0, OPTION_TEXT, AT(db_file), "FILE", "info, verify: this database" },
    { "feeds", 0, OPTION_TEXT, AT(feeds), "DIR", "build: folder of feeds (docs/feeds.md)" },
    { "force", 0, OPTION_FLAG, AT(force), NULL, "build: accept feeds that lost more than half of their records" },
    { "only", 0, OPTION_LIST, AT(only), "FEED,…", "build: these feeds only" },
    { "output", 'o', OPTION_TEXT, AT(db_output), "FILE", "build: write the database here" },
    { 0 },
};

static const struct option *const groups[] = { options_db, options_json, options_global, NULL };
const struct command command_db = {
    "db", "build|info", "The vulnerability database",
    "  pratique db build --feeds ./feeds\n  pratique db info\n", groups, run_db,
};
