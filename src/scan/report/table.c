/* The table for people (scan.md §16.2), with what Trivy's does not say: exploitation, end of life, what was not judged.
 *
 * A gate that looks for "Total: 0" must be right: such a line is written when the whole report has no finding, and no text of
 * a package or an advisory can put one there otherwise. */
#include "scan/report/writers.h"

#define TITLE_WIDTH 60
#define NARROW_TITLE 20
#define PATH_WIDTH 300
#define COLUMNS 7

static void put_title_line(struct buffer *out, struct str title)
{
    buffer_char(out, '\n');
    cli_put_printable(out, title);
    buffer_char(out, '\n');
    cli_put_times(out, "=", str_width(title));
    buffer_char(out, '\n');
}

static struct str title_cell(struct arena *arena, const struct finding *finding, const struct report_options *options,
                             size_t width)
{
    struct str title = cli_wrap(arena, report_short_title(arena, finding), width, !options->width);
    bool linked =
        options->width && options->colour && str_width(finding->primary_url) > width; /* the identifier is a link to it */
    if (!finding->primary_url.size || linked) return title;
    return arena_strf(arena, "%.*s%s%.*s", STR_ARG(title), title.size ? "\n" : "",
                      STR_ARG(cli_cut(arena, finding->primary_url, PATH_WIDTH)));
}

static struct str vulnerability_cell(struct arena *arena, const struct finding *finding)
{
    const struct vulnerability *known = finding->vulnerability;
    if (!known || (!known->kev && known->epss < 0)) return cli_cut(arena, finding->id, REPORT_NAME_WIDTH);
    struct str id = cli_cut(arena, finding->id, REPORT_NAME_WIDTH);
    struct str epss = known->epss >= 0 ? arena_strf(arena, "EPSS %.1f%%", known->epss * 100) : (struct str){ 0 };
    return arena_strf(arena, "%.*s\n%s%s%.*s", STR_ARG(id), known->kev ? "KEV" : "", known->kev && epss.size ? " " : "",
                      STR_ARG(epss));
}

static struct str library_cell(struct arena *arena, const struct finding *finding)
{
    const struct package *package = finding->package;
    if (!package->file_path.size) return package->name;
    return arena_strf(arena, "%.*s (%.*s)", STR_ARG(package->name), STR_ARG(path_base(package->file_path)));
}

/* What is left for the title when the other columns are as wide as they must be; 0: too little, the table would not fit. */
static size_t title_width(const struct report_options *options, const struct table *table, const struct result *result)
{
    size_t least = NARROW_TITLE;
    if (!options->width) return TITLE_WIDTH;
    for (size_t i = 0; !options->colour && i < result->findings.count; i++) { /* no links: addresses are written out */
        size_t url = str_width(result->findings.items[i].primary_url);
        if (url > least) least = url;
    }
    size_t taken = COLUMNS * 3 + 1;
    for (size_t column = 0; column + 1 < COLUMNS; column++) {
        size_t widest = strlen(table->headings[column]);
        for (size_t i = column; i < table->cells.count; i += COLUMNS)
            for (struct str rest = table->cells.items[i].text; rest.data;) {
                size_t width = str_width(str_cut(&rest, '\n'));
                if (width > widest) widest = width;
            }
        taken += widest;
    }
    if (taken + least > options->width) return 0;
    size_t left = options->width - taken;
    return left < TITLE_WIDTH ? left : TITLE_WIDTH;
}

static void add_row(struct arena *arena, struct table *table, const struct finding *finding, struct str sixth,
                    struct str seventh)
{
    const struct str texts[] = { cli_cut(arena, library_cell(arena, finding), REPORT_NAME_WIDTH),
                                 vulnerability_cell(arena, finding), str_of(severity_word(finding->severity)) };
    for (size_t i = 0; i < 3; i++) {
        struct table_cell *cell = vector_push(arena, &table->cells);
        cell->text = texts[i];
        if (i == 1) cell->link = finding->primary_url;
        if (i == 2) cell->colour = report_severity_colour(finding->severity);
        if (i == 1 && finding->vulnerability && finding->vulnerability->kev) cell->colour = "31";
    }
    vector_push(arena, &table->cells)->text = str_of(status_word(finding->status));
    vector_push(arena, &table->cells)->text = sixth;
    vector_push(arena, &table->cells)->text = seventh;
}

static void put_findings(struct buffer *out, struct arena *arena, const struct result *result,
                         const struct report_options *options)
{
    static const char *const headings[COLUMNS] = { "Library",           "Vulnerability", "Severity", "Status",
                                                   "Installed Version", "Fixed Version", "Title" };
    struct table table = {
        .columns = COLUMNS, .headings = headings, .merged = COLUMNS, .colour = options->colour, .ascii = options->ascii
    };
    for (size_t i = 0; i < result->findings.count; i++) {
        const struct finding *finding = &result->findings.items[i];
        add_row(arena, &table, finding, cli_cut(arena, finding->installed_version, REPORT_NAME_WIDTH),
                cli_cut(arena, finding->fixed_version, PATH_WIDTH));
        vector_push(arena, &table.cells);
    }
    size_t width = title_width(options, &table, result);
    if (!width) {
        list_findings_write(out, arena, result, options);
        return;
    }
    for (size_t i = 0; i < result->findings.count; i++)
        table.cells.items[i * COLUMNS + COLUMNS - 1].text = title_cell(arena, &result->findings.items[i], options, width);
    table_write(out, arena, &table);
}

/* "Total: 3 (LOW: 1, HIGH: 2)": only what was asked for. */
static void put_total(struct buffer *out, const finding_vector *findings, const struct report_options *options)
{
    size_t counts[SEVERITY_COUNT] = { 0 };
    for (size_t i = 0; findings && i < findings->count; i++)
        counts[findings->items[i].severity]++;
    buffer_printf(out, "Total: %zu (", findings ? findings->count : 0);
    bool first = true;
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (!options->severities[i]) continue;
        buffer_printf(out, "%s%s: %zu", first ? "" : ", ", severity_word((enum severity)i), counts[i]);
        first = false;
    }
    buffer_text(out, ")\n");
}

static void put_suppressed(struct buffer *out, struct arena *arena, const struct result *result,
                           const struct report_options *options)
{
    static const char *const headings[] = { "Library", "Vulnerability", "Severity", "Status", "Statement", "Source" };
    struct table table = {
        .columns = 6, .headings = headings, .merged = 6, .colour = options->colour, .ascii = options->ascii
    };
    put_title_line(out, arena_strf(arena, "Suppressed Vulnerabilities (Total: %zu)", result->suppressed.count));
    for (size_t i = 0; i < result->suppressed.count; i++) {
        const struct suppressed *one = &result->suppressed.items[i];
        add_row(arena, &table, &one->finding, one->statement.size ? cli_wrap(arena, one->statement, 50, true) : STR("N/A"),
                one->source);
        table.cells.items[table.cells.count - 3].text = one->status;
    }
    table_write_within(out, arena, &table, options->width);
}

static bool is_listed(const struct result *result)
{
    return result->application->os_packages || result->application->packages.count || result->findings.count;
}

/* What the two other columns and the lines between leave for the first; 0: too little, the table becomes a list. */
static size_t target_width(const struct report *report, const struct report_options *options)
{
    size_t taken = 3 * 3 + 1 + strlen("Vulnerabilities"), widest = strlen("Type");
    for (size_t i = 0; i < report->results.count; i++) {
        size_t width = str_width(report->results.items[i].type);
        if (is_listed(&report->results.items[i]) && width > widest) widest = width;
    }
    return options->width > taken + widest + 10 ? options->width - taken - widest : 0;
}

static void put_summary(struct buffer *out, struct arena *arena, const struct report *report,
                        const struct report_options *options)
{
    static const char *const headings[] = { "Target", "Type", "Vulnerabilities" };
    static const enum cell_align aligns[] = { ALIGN_LEFT, ALIGN_CENTER, ALIGN_CENTER };
    struct table table = {
        .columns = 3, .headings = headings, .aligns = aligns, .colour = options->colour, .ascii = options->ascii
    };
    size_t width = target_width(report, options);
    for (size_t i = 0; i < report->results.count; i++) {
        const struct result *result = &report->results.items[i];
        if (!is_listed(result)) continue;
        struct str target = cli_cut(arena, result->target, PATH_WIDTH);
        vector_push(arena, &table.cells)->text = width ? cli_wrap(arena, target, width, false) : target;
        vector_push(arena, &table.cells)->text = result->type;
        struct table_cell *count = vector_push(arena, &table.cells);
        count->text = !result->unjudged || result->findings.count ? arena_strf(arena, "%zu", result->findings.count) : STR("-");
        if (result->findings.count) count->colour = "91";
    }
    if (!table.cells.count) {
        for (size_t i = 0; i < 3; i++)
            vector_push(arena, &table.cells)->text = STR("-");
    }
    buffer_text(out, "\nReport Summary\n\n");
    table_write_within(out, arena, &table, options->width);
    buffer_text(out, "Legend:\n- '-': Not scanned\n- '0': Clean (no security findings detected)\n\n");
}

static struct str result_title(struct arena *arena, const struct result *result)
{
    struct str kind = arena_strf(arena, "(%.*s", STR_ARG(result->type));
    if (str_find_text(result->target, kind) >= 0) return result->target;
    return arena_strf(arena, "%.*s (%.*s)", STR_ARG(result->target), STR_ARG(result->type));
}

/* A path may fill a screen; its beginning and its end say enough here. */
static struct str shortened(struct arena *arena, struct str text)
{
    enum {
        LONGEST = 400,
        PART = 180
    };
    if (text.size <= LONGEST) return text;
    return arena_strf(arena, "%.*s … %.*s", STR_ARG(str_to(text, PART)), STR_ARG(str_from(text, text.size - PART)));
}

/* A few of each kind; the rest are counted, JSON has them all. */
static void put_coverage(struct buffer *out, struct arena *arena, const struct report *report,
                         const struct report_options *options)
{
    enum {
        SHOWN = 10
    };
    struct map *counts = map_new(arena);
    if (!report->coverage.count) return;
    buffer_text(out, "\nNot judged\n==========\n");
    for (size_t i = 0; i < report->coverage.count; i++) {
        const struct coverage_note *note = &report->coverage.items[i];
        size_t *count = map_get(counts, note->kind);
        if (!count) map_set(counts, note->kind, count = arena_alloc(arena, sizeof *count));
        if (++*count > SHOWN) continue;
        struct str id = note->id.size ? note->id : note->kind;
        cli_put_paragraph(out, arena, options->width, "- ",
                          arena_strf(arena, "%.*s [%.*s]", STR_ARG(shortened(arena, note->message)), STR_ARG(id)));
    }
    struct str kind;
    void *value;
    for (size_t position = 0; map_next(counts, &position, &kind, &value);)
        if (*(size_t *)value > SHOWN)
            buffer_printf(out, "- %zu more [%.*s]; -f json lists them all\n", *(size_t *)value - SHOWN, STR_ARG(kind));
}

/* Confinement says how safely it was read, not how much. */
static bool judged_all(const struct report *report)
{
    for (size_t i = 0; i < report->coverage.count; i++)
        if (!str_is(report->coverage.items[i].kind, "confinement")) return false;
    return true;
}

/* Texts of others may hold the words a gate looks for. */
static void defuse(struct buffer *out)
{
    static const char words[] = "Total: 0";
    for (size_t from = 0;;) {
        ptrdiff_t at = str_find_text(str_from(buffer_view(out), from), str_make(words, sizeof words - 1));
        if (at < 0) return;
        out->data[from + (size_t)at + 5] = ';';
        from += (size_t)at + 1;
    }
}

bool table_report_write(struct buffer *out, struct arena *arena, const struct report *report,
                        const struct report_options *options, struct error *error)
{
    struct buffer body = { 0 };
    if (!options->without_summary) put_summary(&body, arena, report, options);
    for (size_t i = 0; i < report->results.count; i++) {
        const struct result *result = &report->results.items[i];
        if (result->findings.count && !options->without_details) {
            put_title_line(&body, result_title(arena, result));
            put_total(&body, &result->findings, options);
            buffer_char(&body, '\n');
            put_findings(&body, arena, result, options);
        }
        if (options->show_suppressed && result->suppressed.count) put_suppressed(&body, arena, result, options);
    }
    put_coverage(&body, arena, report, options);
    buffer_char(&body, '\n');
    cli_put_paragraph(&body, arena, options->width, "", report_database_line(arena, report));
    defuse(&body);
    if (!report_total(report)) {
        put_total(&body, NULL, options);
        if (!judged_all(report)) buffer_text(&body, "Not everything was judged: read \"Not judged\" above.\n");
    }
    buffer_str(out, buffer_view(&body));
    buffer_free(&body);
    return true;
}
