/* EPSS: "cve,epss,percentile" lines; older files lack the comment line or the percentile (feeds.md §1.3). */
#include "scan/advisory/feed.h"

/* "#model_version:v2025.03.14,score_date:2026-08-16T00:00:00+0000" */
static void note_date(struct feed_run *run, struct str line)
{
    while (line.data) {
        struct str field = str_cut(&line, ',');
        if (!str_starts(field, "score_date:")) continue;
        struct str date = str_from(field, 11);
        run->as_of = arena_str(run->arena, date.size >= 10 ? str_to(date, 10) : date);
    }
}

static bool read_share(struct str text, double *share)
{
    double value;
    if (!str_to_double(text, &value) || !(value >= 0 && value <= 1)) return false;
    *share = value;
    return true;
}

static bool put_line(void *context, struct feed_run *run, struct str line, struct error *error)
{
    if (str_starts(line, "#")) {
        note_date(run, str_from(line, 1));
        return true;
    }
    struct str rest = line;
    struct feed_fact fact = { .id = str_cut(&rest, ','), .source = STR("epss"), .epss_percentile = -1 };
    if (str_is(fact.id, "cve") || str_empty(line)) return true;
    struct str score = str_cut(&rest, ','), percentile = rest;
    bool good = feed_is_cve(fact.id) && read_share(score, &fact.epss);
    if (good && !str_empty(percentile)) good = read_share(percentile, &fact.epss_percentile);
    if (good)
        feed_put_fact(run, &fact);
    else
        feed_skip(run, "not a line of EPSS: %.*s", STR_ARG(line));
    return true;
}

static bool epss_read(struct feed_run *run, struct error *error)
{
    return feed_each_line(run, &run->inputs[0], put_line, NULL, error);
}

const struct feed_reader feed_epss = { .name = "epss", .facts = "epss", .late = true, .read = epss_read };
