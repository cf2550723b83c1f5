/* pratique explain ID TARGET: why a finding is there, or why it is not. */
#include "cmd/explain.h"

#include <ctype.h>
#include <stdio.h>

struct explained explain_find(const struct report *report, struct str id, const struct package *package)
{
    for (size_t i = 0; i < report->results.count; i++) {
        const struct result *result = &report->results.items[i];
        for (size_t j = 0; j < result->suppressed.count; j++) {
            const struct suppressed *one = &result->suppressed.items[j];
            if (str_equal(one->finding.id, id) && one->finding.package == package)
                return (struct explained){ result, &one->finding, one };
        }
        for (size_t j = 0; j < result->findings.count; j++) {
            const struct finding *finding = &result->findings.items[j];
            if (str_equal(finding->id, id) && finding->package == package) return (struct explained){ result, finding, NULL };
        }
    }
    return (struct explained){ 0 };
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
    size_t others = 0;
    for (size_t i = 0; known && i < known->severities.count; i++) {
        const struct vendor_severity *other = &known->severities.items[i];
        if (str_equal(other->source, finding->severity_source)) continue;
        line(out, others++ ? "" : "Others say",
             arena_strf(arena, "%.*s: %s", STR_ARG(other->source), severity_word(other->severity)));
    }
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

struct str explain_sign(const struct explanation *one)
{
    const struct version_order *order = version_order_find(one->order_name);
    int sign;
    if (!one->fixed_version.size) return STR("no fixed version");
    if (!order || !version_compare(order, one->compared, one->fixed_version, &sign)) return STR("cannot be compared");
    return sign < 0 ? STR("<") : sign > 0 ? STR(">") : STR("=");
}

/* What the packages of one source have in common. */
static void print_record(struct buffer *out, struct arena *arena, const struct report *report, const struct explanation *one)
{
    struct explained found = explain_find(report, one->record, one->package);
    const struct suppressed *suppressed = found.suppressed;
    const struct finding *finding = found.finding;
    if (one->package->src_name.size) line(out, "Source", one->package->src_name);
    line(out, "Read by", one->package->analyzed_by);
    line(out, "File", one->package->file_path);
    line(out, "Layer", one->package->layer.digest.size ? one->package->layer.digest : one->package->layer.diff_id);
    line(out, "Record",
         arena_strf(arena, "\"%.*s\" / %.*s / %.*s", STR_ARG(one->bucket), STR_ARG(one->key), STR_ARG(one->record)));
    if (one->affected_version.size) line(out, "Affected", arena_strf(arena, "from %.*s", STR_ARG(one->affected_version)));
    struct str sign = explain_sign(one);
    line(out, "Compared",
         one->fixed_version.size ? arena_strf(arena, "%.*s %.*s %.*s (order: %.*s)", STR_ARG(one->compared), STR_ARG(sign),
                                              STR_ARG(one->fixed_version), STR_ARG(one->order_name))
                                 : arena_strf(arena, "%.*s: %.*s", STR_ARG(one->compared), STR_ARG(sign)));
    line(out, "So", str_of(one->why));
    if (one->vendor_status.size || one->status)
        line(out, "State", one->vendor_status.size ? one->vendor_status : str_of(status_word(one->status)));
    if (suppressed)
        line(out, "Ignored",
             arena_strf(arena, "by %.*s%s%.*s: reports leave it out", STR_ARG(suppressed->source),
                        suppressed->statement.size ? ": " : "", STR_ARG(suppressed->statement)));
    if (!finding) return;
    line(out, "Status", str_of(status_word(finding->status)));
    line(out, "Fixed in", finding->fixed_version);
    line(out, "Advisories", str_join(arena, &finding->vendor_ids, ", "));
    line(out, "Data from", finding->source.name);
    print_known(out, arena, finding);
}

/* Explanations that differ in the package's name alone. */
struct group {
    const struct explanation *first;
    str_vector packages;
    struct str text;
};

/* In the order of the first of each. */
typedef VECTOR(struct group *) group_vector;

static void group_explanations(struct arena *arena, const struct report *report, const explanation_vector *explanations,
                               group_vector *groups)
{
    struct map *known = map_new(arena);
    for (size_t i = 0; i < explanations->count; i++) {
        const struct explanation *one = &explanations->items[i];
        CLEANUP_BUFFER struct buffer text = { 0 };
        print_record(&text, arena, report, one);
        struct str key = arena_strf(arena, "%d%.*s", one->affected, STR_ARG(buffer_view(&text)));
        struct group *group = map_get(known, key);
        if (!group) {
            group = arena_alloc(arena, sizeof *group);
            *group = (struct group){ .first = one, .text = str_from(key, 1) };
            map_set(known, key, group);
            *vector_push(arena, groups) = group;
        }
        *vector_push(arena, &group->packages) = arena_strf(arena, "%.*s%s%.*s", STR_ARG(one->package->name),
                                                           one->package->arch.size ? " " : "", STR_ARG(one->package->arch));
    }
}

static void print_group(struct buffer *out, struct arena *arena, const struct group *group)
{
    const struct explanation *first = group->first;
    size_t others = group->packages.count - 1;
    buffer_printf(out, "\n%.*s in %.*s", STR_ARG(first->record), STR_ARG(first->package->id));
    if (others) buffer_printf(out, " and %zu more", others);
    buffer_printf(out, ": %s\n", first->affected ? "AFFECTED" : "not affected");
    line(out, others ? "Packages" : "Package", str_join(arena, &group->packages, ", "));
    buffer_str(out, group->text);
}

static bool names_vulnerability(struct str id) { return str_starts(id, "CVE-") || str_starts(id, "GHSA-"); }

/* What the database has of it, for a target that no record speaks of; NULL: nothing. */
static const struct vulnerability *look_up(struct arena *arena, struct advisory_store *store, struct str id,
                                           struct error *error)
{
    return store && names_vulnerability(id) ? advisory_store_vulnerability(store, arena, id, error) : NULL;
}

/* Why there is nothing to explain: not known at all is something else than not known of these packages. */
static void print_nothing(struct buffer *out, const struct explain_answer *answer)
{
    struct str title = answer->known ? answer->known->title : (struct str){ 0 };
    buffer_printf(out, "No record of %.*s speaks of a package in %.*s", STR_ARG(answer->id),
                  STR_ARG(answer->report->artifact_name));
    if (answer->known)
        buffer_printf(out, ", though the database knows it%s%.*s.\n", title.size ? ": " : "", STR_ARG(title));
    else if (names_vulnerability(answer->id))
        buffer_printf(out, ": the database has no such vulnerability.\n");
    else
        buffer_printf(out, ". Names of advisories are found where a record carries them; better ask for the CVE.\n");
}

static void print_all(struct buffer *out, struct arena *arena, const struct explain_answer *answer)
{
    group_vector groups = { 0 };
    group_explanations(arena, answer->report, answer->explanations, &groups);
    for (size_t i = 0; i < groups.count; i++)
        print_group(out, arena, groups.items[i]);
    if (!groups.count) print_nothing(out, answer);
    for (size_t i = 0; i < answer->report->coverage.count; i++)
        buffer_printf(out, "%sNot judged: %.*s\n", i ? "" : "\n", STR_ARG(answer->report->coverage.items[i].message));
    buffer_make_printable(out, 0); /* nothing of a package's texts steers the terminal */
}

static bool answer(struct settings *settings, struct scan_request *request, struct report *report, struct error *error)
{
    struct ignore_file ignore = { 0 };
    struct filter_options filter = { .ignore = &ignore };
    struct explain_answer answer = { request->options.explain, report, request->options.explanations, NULL };
    CLEANUP_BUFFER struct buffer out = { 0 };
    for (int i = 0; i < SEVERITY_COUNT; i++)
        filter.severities[i] = true;
    coverage_note_judgement(settings, NULL, report);
    if (!ignore_file_find(settings, clock_now(), &ignore, error)) return false;
    filter_apply(settings->arena, &filter, report);
    if (!answer.explanations->count) answer.known = look_up(settings->arena, request->store, answer.id, error);
    if (error->kind != ERROR_NONE) return false;
    if (strcmp(settings->format, "json") == 0)
        explain_write_json(&out, &answer);
    else
        print_all(&out, settings->arena, &answer);
    return standard_output_write(buffer_view(&out), error);
}

static bool explain(struct settings *settings, struct str id, const char *target, struct error *error)
{
    struct scan_request request = { 0 };
    struct report report;
    explanation_vector explanations = { 0 };
    command_limit_time(scan_request_time(settings)); /* opening a pipe may wait */
    bool good = report_format_check(settings, error) &&
                scan_request_fill(settings, scan_request_guess(settings, target), target, &request, error);
    request.options.explain = id;
    request.options.explanations = &explanations;
    good = good && scan_request_run(settings, &request, &report, error) && answer(settings, &request, &report, error);
    scan_request_free(&request);
    return good;
}

static bool is_cve(struct str id)
{
    uint64_t number;
    struct str rest = str_from(id, 4), year = str_cut(&rest, '-');
    return year.size == 4 && str_to_u64(year, &number) && rest.size >= 4 && str_to_u64(rest, &number);
}

/* As databases spell it: CVE-2024-1234, GHSA-xxxx-xxxx-xxxx; others as they are. False: nobody calls a vulnerability so. */
static bool read_id(struct arena *arena, struct str word, struct str *id)
{
    bool digit = false, cve = str_equal_nocase(str_to(word, 4), STR("CVE-")),
         ghsa = str_equal_nocase(str_to(word, 5), STR("GHSA-"));
    for (size_t i = 0; i < word.size; i++) {
        digit = digit || (word.data[i] >= '0' && word.data[i] <= '9');
        if (!isalnum((unsigned char)word.data[i]) && !strchr("-:._", word.data[i])) return false;
    }
    if (str_find(word, '-') < 1 || !isalpha((unsigned char)word.data[0])) return false;
    *id = cve    ? arena_strf(arena, "CVE-%.*s", STR_ARG(str_from(word, 4)))
          : ghsa ? arena_strf(arena, "GHSA-%.*s", STR_ARG(str_from(word, 5)))
                 : word;
    if (ghsa) str_lower_into(str_from(word, 5), (char *)id->data + 5); /* our own copy */
    return cve ? is_cve(*id) : ghsa || digit;
}

static bool check_words(struct arena *arena, const char *word, const char *target, struct str *id, struct error *error)
{
    struct str other;
    bool good = read_id(arena, str_of(word), id);
    bool swapped = read_id(arena, str_of(target), &other) && !file_exists(target) &&
                   (!good || file_exists(word) || (names_vulnerability(other) && !names_vulnerability(*id)));
    if (good && !swapped) return true;
    error_set(error, ERROR_USAGE, "explain-id", "\"%s\" is no vulnerability's name", word);
    if (swapped) return error_hint(error, "the name comes first: pratique explain %s %s", target, word);
    return error_hint(error, "names are such as CVE-2023-4911, GHSA-jfhm-5ghh-2f97 or DSA-5514-1");
}

static int run_explain(const struct command *command, void *context, size_t count, char **arguments)
{
    struct settings *settings = context;
    struct error error = { 0 };
    struct str id;
    const char *target = settings->input && count == 1 ? settings->input : count == 2 && !settings->input ? arguments[1] : NULL;
    if (!target) {
        size_t given = count + (settings->input != NULL);
        error_set(&error, ERROR_USAGE, "target-count", "pratique explain takes an id and one target, %zu word%s given", given,
                  given == 1 ? "" : "s");
        error_hint(&error, "for example: pratique explain CVE-2024-0001 nginx:latest");
        return command_fail(&error);
    }
    bool good = check_words(settings->arena, arguments[0], target, &id, &error) && explain(settings, id, target, &error);
    return good ? 0 : command_fail(&error);
}

static const struct option *const groups[] = { options_ignore,   options_json,     options_scan,   options_image,
                                               options_registry, options_database, options_global, NULL };
const struct command command_explain = {
    "explain",
    "ID TARGET",
    "Why a finding is there, or why it is not",
    "  pratique explain CVE-2023-4911 debian:12\n  pratique explain CVE-2023-4911 /\n  pratique explain -f json CVE-2023-4911 image.tar\n",
    groups,
    run_explain,
    .foreign = foreign_trivy,
};
