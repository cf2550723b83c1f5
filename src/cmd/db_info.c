/* pratique db info: where the data comes from and how old it is. */
#include "cmd/db.h"

#include <stdio.h>
#include <unistd.h>

static struct str age_of(struct arena *arena, struct str as_of, moment now)
{
    int64_t days;
    if (!clock_days_since(as_of, now, &days)) return STR("unknown");
    return days <= 0 ? STR("today") : days == 1 ? STR("1 day") : arena_strf(arena, "%lld days", (long long)days);
}

/* Without licences, and under its short name, on a terminal that is too narrow for the rest. */
#define WIDE 130

static void print_info_table(const struct settings *settings, struct advisory_store *store,
                             const advisory_source_vector *sources)
{
    static const char *const headings[] = { "Source", "As of", "Age", "Records", "Licence" };
    static const enum cell_align aligns[] = { ALIGN_LEFT, ALIGN_LEFT, ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_LEFT };
    unsigned width = cli_width(STDOUT_FILENO);
    bool narrow = width && width < WIDE;
    struct table table = { .columns = narrow ? 4 : 5, .headings = headings, .aligns = aligns, .ascii = !cli_speaks_utf8() };
    moment now = clock_now();
    for (size_t i = 0; i < sources->count; i++) {
        const struct advisory_source *source = &sources->items[i];
        vector_push(settings->arena, &table.cells)->text = source->name.size && !narrow ? source->name : source->id;
        bool dated = source->as_of.size != 0; /* else all that is known is when it came here */
        struct str time = dated ? source->as_of : source->fetched_at, date = str_to(time, 10);
        vector_push(settings->arena, &table.cells)->text =
            dated ? date : arena_strf(settings->arena, "fetched %.*s", STR_ARG(date));
        vector_push(settings->arena, &table.cells)->text = age_of(settings->arena, time, now);
        vector_push(settings->arena, &table.cells)->text =
            source->records ? arena_strf(settings->arena, "%lld", (long long)source->records) : STR("-");
        if (!narrow) vector_push(settings->arena, &table.cells)->text = source->licence;
    }
    CLEANUP_BUFFER struct buffer out = { 0 };
    char built[CLOCK_TEXT];
    const char *time = clock_in_seconds(advisory_store_built_at(store), built);
    buffer_printf(&out, "Path: %s\nKind: %s\nBuilt: %s\n\n", database_path(settings),
                  advisory_store_is_trivy(store) ? "trivy.db" : "pratique.db", *time ? time : "unknown");
    buffer_make_printable(&out, 0); /* the file may be anybody's */
    if (table.cells.count) table_write_within(&out, settings->arena, &table, width);
    fwrite(out.data, 1, out.size, stdout);
}

static void print_info_json(const struct settings *settings, struct advisory_store *store,
                            const advisory_source_vector *sources)
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

int db_info(struct settings *settings, size_t count, char **arguments)
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
