/* pratique explain ID TARGET: why a finding is there, or why it is not. */
#include "cmd/command.h"

#include <stdio.h>

static const struct finding *finding_of(const struct report *report, struct str id, const struct package *package,
                                        const struct result **result)
{
    for (size_t i = 0; i < report->results.count; i++)
        for (size_t j = 0; j < report->results.items[i].findings.count; j++) {
            const struct finding *finding = &report->results.items[i].findings.items[j];
            if (!str_equal(finding->id, id) || finding->package != package) continue;
            *result = &report->results.items[i];
            return finding;
        }
    return NULL;
}

static void line(struct buffer *out, const char *name, struct str value)
{
    if (value.size) buffer_printf(out, "  %-12s %.*s\n", name, STR_ARG(value));
}

static void print_known(struct buffer *out, struct arena *arena, const struct finding *finding)
{
    const struct vulnerability *known = finding->vulnerability;
    line(out, "Severity",
         finding->severity_source.size
             ? arena_strf(arena, "%s (by %.*s)", severity_word(finding->severity), STR_ARG(finding->severity_source))
             : str_of(severity_word(finding->severity)));
    for (size_t i = 0; known && i < known->severities.count; i++)
        line(out, i ? "" : "Others say",
             arena_strf(arena, "%.*s: %s", STR_ARG(known->severities.items[i].source),
                        severity_word(known->severities.items[i].severity)));
    for (size_t i = 0; known && i < known->cvss.count; i++) {
        const struct vendor_cvss *cvss = &known->cvss.items[i];
        if (cvss->v40_vector.size)
            line(out, "CVSS",
                 arena_strf(arena, "%.1f %.*s (%.*s)", cvss->v40_score, STR_ARG(cvss->v40_vector), STR_ARG(cvss->source)));
        if (cvss->v3_vector.size)
            line(out, "CVSS",
                 arena_strf(arena, "%.1f %.*s (%.*s)", cvss->v3_score, STR_ARG(cvss->v3_vector), STR_ARG(cvss->source)));
        if (cvss->v2_vector.size)
            line(out, "CVSS",
                 arena_strf(arena, "%.1f %.*s (%.*s)", cvss->v2_score, STR_ARG(cvss->v2_vector), STR_ARG(cvss->source)));
    }
    if (known && known->kev)
        line(out, "Exploited",
             arena_strf(arena, "in CISA's catalogue since %.*s, to be mended by %.*s%s", STR_ARG(known->kev_added),
                        STR_ARG(known->kev_due), known->kev_ransomware ? "; used by ransomware" : ""));
    if (known && known->epss >= 0)
        line(
            out, "EPSS",
            arena_strf(arena, "%.2f %% in 30 days, more than %.1f %% of all", known->epss * 100, known->epss_percentile * 100));
    line(out, "Link", finding->primary_url);
}

static struct str sign_between(const struct explanation *one)
{
    const struct version_order *order = version_order_find(one->order_name);
    int sign;
    if (!one->fixed_version.size) return STR("no fixed version");
    if (!order || !version_compare(order, one->compared, one->fixed_version, &sign)) return STR("cannot be compared");
    return sign < 0 ? STR("<") : sign > 0 ? STR(">") : STR("=");
}

static void print_one(struct buffer *out, struct arena *arena, const struct report *report, const struct explanation *one)
{
    const struct result *result = NULL;
    const struct finding *finding = finding_of(report, one->record, one->package, &result);
    buffer_printf(out, "\n%.*s in %.*s: %s\n", STR_ARG(one->record), STR_ARG(one->package->id),
                  one->affected ? "AFFECTED" : "not affected");
    line(out, "Package",
         arena_strf(arena, "%.*s%s%.*s", STR_ARG(one->package->name), one->package->arch.size ? " " : "",
                    STR_ARG(one->package->arch)));
    if (one->package->src_name.size) line(out, "Source", one->package->src_name);
    line(out, "Read by", one->package->analyzed_by);
    line(out, "File", one->package->file_path);
    line(out, "Layer", one->package->layer.digest.size ? one->package->layer.digest : one->package->layer.diff_id);
    line(out, "Record",
         arena_strf(arena, "\"%.*s\" / %.*s / %.*s", STR_ARG(one->bucket), STR_ARG(one->key), STR_ARG(one->record)));
    if (one->affected_version.size) line(out, "Affected", arena_strf(arena, "from %.*s", STR_ARG(one->affected_version)));
    struct str sign = sign_between(one);
    line(out, "Compared",
         one->fixed_version.size ? arena_strf(arena, "%.*s %.*s %.*s (order: %.*s)", STR_ARG(one->compared), STR_ARG(sign),
                                              STR_ARG(one->fixed_version), STR_ARG(one->order_name))
                                 : arena_strf(arena, "%.*s: %.*s", STR_ARG(one->compared), STR_ARG(sign)));
    line(out, "So", str_of(one->why));
    if (one->vendor_status.size || one->status)
        line(out, "State", one->vendor_status.size ? one->vendor_status : str_of(status_word(one->status)));
    if (!finding) return;
    line(out, "Data from", finding->source.name);
    print_known(out, arena, finding);
}

static bool explain(struct settings *settings, const char *id, const char *target, struct error *error)
{
    struct scan_request request = { 0 };
    struct report report;
    explanation_vector explanations = { 0 };
    bool good = scan_request_fill(settings, scan_request_guess(settings, target), target, &request, error);
    request.options.explain = str_of(id);
    request.options.explanations = &explanations;
    good = good && scan_request_run(settings, &request, &report, error);
    if (good) {
        CLEANUP_BUFFER struct buffer out = { 0 };
        for (size_t i = 0; i < explanations.count; i++)
            print_one(&out, settings->arena, &report, &explanations.items[i]);
        if (!explanations.count) buffer_printf(&out, "No record of %s speaks of a package in %s.\n", id, target);
        coverage_note_judgement(settings, NULL, &report);
        for (size_t i = 0; i < report.coverage.count; i++)
            buffer_printf(&out, "%sNot judged: %.*s\n", i ? "" : "\n", STR_ARG(report.coverage.items[i].message));
        buffer_make_printable(&out, 0); /* nothing of a package's texts steers the terminal */
        fwrite(out.data, 1, out.size, stdout);
    }
    scan_request_free(&request);
    return good;
}

static int run_explain(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    const char *target = settings->input && count == 1 ? settings->input : count == 2 && !settings->input ? arguments[1] : NULL;
    if (!target) {
        error_set(&error, ERROR_USAGE, "target-count", "pratique explain takes an id and one target, %zu words given",
                  count + (settings->input != NULL));
        error_hint(&error, "for example: pratique explain CVE-2024-0001 nginx:latest");
        return command_fail(&error);
    }
    return explain(settings, arguments[0], target, &error) ? 0 : command_fail(&error);
}

static const struct option *const groups[] = { options_scan,     options_image,  options_registry,
                                               options_database, options_global, NULL };
const struct command command_explain = {
    "explain",
    "ID TARGET",
    "Why a finding is there, or why it is not",
    "  pratique explain CVE-2023-4911 debian:12\n  pratique explain CVE-2023-4911 /\n",
    groups,
    run_explain,
    .foreign = foreign_trivy,
};
