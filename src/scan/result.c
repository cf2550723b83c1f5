/* From the inventory to the report's results. */
#include "scan/result.h"

/* Ubuntu's releases with extended maintenance have names, and ends of life, of their own (scan.md §7). */
static struct str release_name(struct arena *arena, const struct os *os)
{
    return str_is(os->family, "ubuntu") && os->extended ? arena_strf(arena, "%.*s-ESM", STR_ARG(os->name)) : os->name;
}

static struct str os_target(struct arena *arena, const struct scan_options *options, const struct os *os)
{
    const char *target = strcmp(options->target, "-") == 0 ? "stdin" : options->target;
    return arena_strf(arena, "%s (%.*s %.*s)", target, STR_ARG(os->family), STR_ARG(release_name(arena, os)));
}

/* Language packages of these types stand in one result, whatever file they come from (scan.md §3.3). */
static const struct {
    const char *type, *target;
} aggregated[] = {
    { "conda-pkg", "Conda" }, { "gemspec", "Ruby" }, { "jar", "Java" }, { "node-pkg", "Node.js" }, { "python-pkg", "Python" },
};

static struct str library_target(const struct application *application)
{
    for (size_t i = 0; i < sizeof aggregated / sizeof *aggregated; i++)
        if (str_is(application->type, aggregated[i].type)) return str_of(aggregated[i].target);
    return application->file_path;
}

static void note(struct arena *arena, struct report *report, const char *kind, struct str subject, struct str message)
{
    *vector_push(arena, &report->coverage) = (struct coverage_note){ str_of(kind), subject, message };
}

static void note_problems(struct arena *arena, const struct inventory *inventory, struct report *report)
{
    for (size_t i = 0; i < inventory->problems.count; i++) {
        const struct problem *problem = &inventory->problems.items[i];
        bool unknown = str_is(problem->message_id, "os-unknown") || str_is(problem->message_id, "family-unsupported");
        if (unknown) report->os.family = STR("none");
        bool named = !problem->path.size || str_find_text(problem->message, problem->path) >= 0;
        note(arena, report, problem->path.size ? "file-unread" : arena_cstr(arena, problem->message_id), problem->path,
             named ? problem->message : arena_strf(arena, "%.*s: %.*s", STR_ARG(problem->path), STR_ARG(problem->message)));
        report->coverage.items[report->coverage.count - 1].id = problem->message_id;
    }
}

static void judge_release(struct arena *arena, const struct scan_options *options, const struct inventory *inventory,
                          struct report *report)
{
    struct str name = release_name(arena, &inventory->os);
    moment end;
    if (advisory_is_rebuilt(inventory)) return; /* the rebuilder goes on where the distribution ended */
    if (!advisory_end_of_life(options->store, inventory->os.family, name, &end)) return;
    char text[CLOCK_TEXT];
    report->eol_date = str_to(str_of(arena_strdup(arena, clock_format(end, text))), 10);
    if (options->now < end) return;
    report->eosl = true;
    note(arena, report, "release-ended", inventory->os.family,
         arena_strf(arena, "%.*s %.*s is no longer supported since %.*s: newer vulnerabilities may have no record",
                    STR_ARG(inventory->os.family), STR_ARG(name), STR_ARG(report->eol_date)));
}

static bool add_result(struct arena *arena, const struct scan_options *options, const struct inventory *inventory,
                       const struct application *application, struct report *report, struct error *error)
{
    struct result result = { .application = application, .type = application->type };
    result.class = application->os_packages ? STR("os-pkgs") : STR("lang-pkgs");
    result.target = application->os_packages ? os_target(arena, options, &inventory->os) : library_target(application);
    struct match_options match = {
        .explain = options->explain,
        .explanations = options->explanations,
        .now = options->now,
        .severity_sources = options->severity_sources,
    };
    size_t noted = report->coverage.count;
    if (options->store &&
        !advisory_match(options->store, arena, inventory, application, &match, &result.findings, report, error))
        return false;
    result.unjudged = !options->store || !application->packages.count; /* an empty list has nothing that was judged */
    for (size_t i = noted; i < report->coverage.count; i++)
        if (coverage_result_unjudged(&report->coverage.items[i])) result.unjudged = true;
    *vector_push(arena, &report->results) = result;
    return true;
}

static bool note_sources(struct arena *arena, const struct scan_options *options, struct report *report, struct error *error)
{
    advisory_source_vector sources = { 0 };
    if (!options->store) return true;
    if (!advisory_store_sources(options->store, arena, &sources, error)) return false;
    for (size_t i = 0; i < sources.count; i++) {
        const struct advisory_source *source = &sources.items[i];
        const struct feed_info *feed = feed_find(source->id);
        *vector_push(arena, &report->sources) = (struct source_age){
            source->id,
            source->name,
            source->as_of,
            source->fetched_at,
            feed && !feed->aside && feed_serves(feed, report->os.family),
        };
    }
    report->database.kind = advisory_store_is_trivy(options->store) ? "trivy.db" : "pratique.db";
    report->database.built_at = arena_str(arena, advisory_store_built_at(options->store));
    return true;
}

static void note_no_system(struct arena *arena, const struct inventory *inventory, struct report *report)
{
    if (inventory->stranger.size)
        note(arena, report, "family-unsupported", inventory->stranger,
             arena_strf(arena, "%.*s is not known here: nothing of the operating system was judged",
                        STR_ARG(inventory->stranger)));
    else
        note(arena, report, "os-unknown", STR(""), STR("no operating system was recognised"));
}

static void tell_inventory(const struct inventory *inventory)
{
    const struct os *os = &inventory->os;
    if (os->family.size)
        log_debug("operating system: %.*s %.*s", STR_ARG(os->family), STR_ARG(os->name));
    else
        log_debug("operating system: none that is known");
    for (size_t i = 0; i < inventory->applications.count; i++) {
        const struct application *one = &inventory->applications.items[i];
        log_debug("packages: %zu of type %.*s%s%.*s", one->packages.count, STR_ARG(one->type),
                  one->file_path.size ? " in " : "", STR_ARG(one->file_path));
    }
}

bool result_fill(struct arena *arena, const struct scan_options *options, const struct inventory *inventory,
                 struct report *report, struct error *error)
{
    tell_inventory(inventory);
    report->os = inventory->os;
    report->os_known = inventory->os.family.size != 0;
    bool os_packages = false;
    for (size_t i = 0; i < inventory->applications.count; i++) {
        const struct application *application = &inventory->applications.items[i];
        if (application->os_packages && application->packages.count) os_packages = true;
        if (!add_result(arena, options, inventory, application, report, error)) return false;
    }
    if (os_packages)
        judge_release(arena, options, inventory, report);
    else if (report->os_known && options->finish.os_packages)
        note(arena, report, "packages-none", report->os.family,
             arena_strf(arena, "no package of %.*s %.*s was found: nothing of the operating system was judged",
                        STR_ARG(report->os.family), STR_ARG(report->os.name)));
    note_problems(arena, inventory, report);
    if (str_is(report->confinement, "seccomp"))
        note(arena, report, "confinement", STR(""),
             STR("this kernel has no Landlock: hostile input was parsed under seccomp alone"));
    if (!report->os.family.size && options->inventory.scope & SCOPE_OS) note_no_system(arena, inventory, report);
    return note_sources(arena, options, report, error);
}
