/* Findings one below the other, for terminals that are too narrow for the table. */
#include "scan/report/writers.h"

static void put_head(struct buffer *out, const struct finding *finding, const struct report_options *options)
{
    bool link = options->colour && finding->primary_url.size;
    if (link) {
        buffer_text(out, "\033]8;;");
        cli_put_printable(out, finding->primary_url);
        buffer_text(out, "\033\\");
    }
    cli_put_printable(out, finding->id);
    if (link) buffer_text(out, "\033]8;;\033\\");
    buffer_text(out, "  ");
    if (options->colour) buffer_printf(out, "\033[%sm", report_severity_colour(finding->severity));
    buffer_text(out, severity_word(finding->severity));
    if (options->colour) buffer_text(out, "\033[0m");
    buffer_printf(out, "  %s", status_word(finding->status));
    const struct vulnerability *known = finding->vulnerability;
    if (known && known->kev) buffer_text(out, "  KEV");
    if (known && known->epss >= 0) buffer_printf(out, "  EPSS %.1f%%", known->epss * 100);
    buffer_char(out, '\n');
}

void list_findings_write(struct buffer *out, struct arena *arena, const struct result *result,
                         const struct report_options *options)
{
    for (size_t i = 0; i < result->findings.count; i++) {
        const struct finding *finding = &result->findings.items[i];
        struct str name = cli_cut(arena, finding->package->name, REPORT_NAME_WIDTH);
        struct str package = arena_strf(arena, "%.*s %.*s%s%.*s", STR_ARG(name), STR_ARG(finding->installed_version),
                                        finding->fixed_version.size ? " -> " : "", STR_ARG(finding->fixed_version));
        struct str title = report_short_title(arena, finding);
        if (i) buffer_char(out, '\n');
        put_head(out, finding, options);
        cli_put_paragraph(out, arena, options->width, "  ", package);
        if (title.size) cli_put_paragraph(out, arena, options->width, "  ", title);
        if (finding->primary_url.size && !options->colour)
            cli_put_paragraph(out, arena, options->width, "  ", finding->primary_url);
    }
}
