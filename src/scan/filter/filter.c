#include "scan/filter/filter.h"

static bool any_path_matches(const str_vector *globs, const struct result *result, const struct finding *finding)
{
    for (size_t i = 0; i < globs->count; i++)
        if (str_glob(globs->items[i], result->target) ||
            (finding->package->file_path.size && str_glob(globs->items[i], finding->package->file_path)))
            return true;
    return globs->count == 0;
}

static bool any_purl_matches(const str_vector *purls, const struct finding *finding)
{
    for (size_t i = 0; i < purls->count; i++)
        if (purl_matches(purls->items[i], finding->package->purl)) return true;
    return purls->count == 0;
}

static const struct ignore_entry *ignored_by(const struct ignore_file *file, const struct result *result,
                                             const struct finding *finding)
{
    for (size_t i = 0; file && i < file->entries.count; i++) {
        const struct ignore_entry *entry = &file->entries.items[i];
        if (str_equal(entry->id, finding->id) && any_path_matches(&entry->paths, result, finding) &&
            any_purl_matches(&entry->purls, finding))
            return entry;
    }
    return NULL;
}

static void filter_result(struct arena *arena, const struct filter_options *options, struct result *result)
{
    size_t kept = 0;
    for (size_t i = 0; i < result->findings.count; i++) {
        struct finding *finding = &result->findings.items[i];
        if (!options->severities[finding->severity] || options->statuses_ignored[finding->status]) continue;
        const struct ignore_entry *entry = ignored_by(options->ignore, result, finding);
        if (entry)
            *vector_push(arena, &result->suppressed) =
                (struct suppressed){ *finding, STR("ignored"), entry->statement, str_of(options->ignore->path) };
        else
            result->findings.items[kept++] = *finding;
    }
    result->findings.count = kept;
}

void filter_apply(struct arena *arena, const struct filter_options *options, struct report *report)
{
    for (size_t i = 0; i < report->results.count; i++)
        filter_result(arena, options, &report->results.items[i]);
}

int filter_exit_status(const struct report *report, int64_t exit_code, int64_t exit_on_eol)
{
    if (report->eosl && exit_on_eol) return (int)exit_on_eol;
    for (size_t i = 0; i < report->results.count; i++)
        if (report->results.items[i].findings.count) return (int)exit_code;
    return 0;
}
