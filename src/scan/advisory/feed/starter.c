/* The starter set that comes with the program (data/starter): a table of facts, one a line, fields separated by tabs:
 *   as-of   DATE
 *   record  BUCKET PACKAGE ID FIXED STATUS VENDOR-STATUS SEVERITY VENDOR-IDS
 *   fact    ID SOURCE SEVERITY CVSS3
 *   kev     ID ADDED DUE
 *   epss    ID SCORE PERCENTILE
 * "-" stands for nothing; VENDOR-IDS are separated by commas. Lines that start with '#' say where the facts come from. */
#include "scan/advisory/feed.h"

static const struct feed_source sources[] = {
    { "debian ", "debian", "Debian Security Tracker", "https://salsa.debian.org/security-tracker-team/security-tracker" },
    { NULL, NULL, NULL, NULL },
};

static struct str next(struct str *line)
{
    struct str field = str_cut(line, '\t');
    return str_is(field, "-") ? (struct str){ 0 } : field;
}

static void put_record(struct feed_run *run, struct str line)
{
    struct feed_record record = {
        .bucket = next(&line), .package = next(&line), .id = next(&line), .fixed_version = next(&line)
    };
    struct str status = next(&line);
    status_parse(status, &record.status);
    record.vendor_status = next(&line);
    severity_parse(next(&line), &record.severity);
    for (struct str ids = next(&line); ids.data;)
        *vector_push(run->arena, &record.vendor_ids) = str_cut(&ids, ',');
    feed_put_record(run, &record);
}

static void put_fact(struct feed_run *run, struct str line)
{
    struct feed_fact fact = { .id = next(&line), .source = next(&line) };
    severity_parse(next(&line), &fact.severity);
    fact.v3.vector = next(&line);
    feed_put_fact(run, &fact);
}

static void put_kev(struct feed_run *run, struct str line)
{
    struct feed_fact fact = {
        .id = next(&line), .source = STR("kev"), .kev = true, .kev_added = next(&line), .kev_due = next(&line)
    };
    feed_put_fact(run, &fact);
}

static void put_epss(struct feed_run *run, struct str line)
{
    struct feed_fact fact = { .id = next(&line), .source = STR("epss") };
    if (str_to_double(next(&line), &fact.epss) && str_to_double(next(&line), &fact.epss_percentile)) feed_put_fact(run, &fact);
}

static bool read_line(void *context, struct feed_run *run, struct str line, struct error *error)
{
    static const struct {
        const char *word;
        void (*put)(struct feed_run *, struct str);
    } kinds[] = { { "epss", put_epss }, { "fact", put_fact }, { "kev", put_kev }, { "record", put_record } };
    if (!line.size || line.data[0] == '#') return true;
    struct str word = str_cut(&line, '\t');
    if (str_is(word, "as-of")) {
        run->as_of = arena_str(run->arena, line);
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(word, kinds[i].word)) {
            kinds[i].put(run, line);
            return true;
        }
    feed_skip(run, "a line that starts with \"%.*s\"", STR_ARG(word));
    return true;
}

static bool starter_read(struct feed_run *run, struct error *error)
{
    return feed_each_line(run, &run->inputs[0], read_line, NULL, error);
}

const struct feed_reader feed_starter = {
    .name = "starter", .sources = sources, .facts = "debian nvd redhat kev epss", .read = starter_read
};
