/* The Ubuntu CVE tracker: one text file a CVE, "Field: value" with continuation lines, and one line a (series, package):
 * "esm-infra/xenial_openssl: released (1.0.2g-1ubuntu4.20+esm2)". */
#include "scan/advisory/feed/ubuntu.h"
#include "scan/advisory/release.h"

#define LINE_LIMIT 20000 /* of one CVE: a hundred kernels in forty series are some 4,000 */

struct package_states {
    struct str release, package;
    struct ubuntu_state states[UBUNTU_CHANNELS];
};

struct cve {
    struct arena *arena;
    struct feed_fact fact, nvd;
    struct map *packages;               /* "release\npackage" → struct package_states */
    VECTOR(struct feed_cve) priorities; /* package as id, its own priority */
    bool rejected;
    size_t lines;
};

/* ---- fields ---- */

/* The value of a field with its continuation lines, joined by blanks. */
static struct str join_lines(struct arena *arena, struct str value, struct str lines)
{
    str_vector parts = { 0 };
    if (!str_empty(str_trim(value))) *vector_push(arena, &parts) = str_trim(value);
    while (lines.data) {
        struct str line = str_trim(str_line(&lines));
        if (!str_empty(line)) *vector_push(arena, &parts) = line;
    }
    return str_join(arena, &parts, " ");
}

static void read_references(struct cve *cve, struct str lines)
{
    while (lines.data) {
        struct str line = str_trim(str_line(&lines));
        if (str_starts(line, "http")) *vector_push(cve->arena, &cve->fact.references) = line;
    }
}

/* " nvd: CVSS:3.1/AV:N/… [7.5 HIGH]" */
static void read_cvss(struct cve *cve, struct str lines)
{
    while (lines.data) {
        struct str line = str_trim(str_line(&lines));
        struct str source = str_cut(&line, ':'), vector = str_word(&line), score = str_trim_set(str_trim(line), "[]");
        if (!str_is(source, "nvd") || !str_starts(vector, "CVSS:")) continue;
        double value = 0;
        struct str number = str_word(&score);
        str_to_double(number, &value);
        feed_fact_cvss(&cve->nvd, vector, value);
        cve->nvd.severity = feed_severity(str_trim(score));
    }
}

/* "2022-03-15 17:15:00 UTC", or the day alone */
static struct str date_of(struct arena *arena, struct str text)
{
    text = str_trim(text);
    moment ignored;
    if (text.size < 10 || !clock_parse(str_to(text, 10), &ignored)) return (struct str){ 0 };
    if (text.size < 19) return arena_strf(arena, "%.*sT00:00:00Z", STR_ARG(str_to(text, 10)));
    return arena_strf(arena, "%.*sT%.*sZ", STR_ARG(str_to(text, 10)), STR_ARG(str_slice(text, 11, 19)));
}

static void read_field(struct cve *cve, struct str name, struct str value, struct str lines)
{
    struct str word = str_word(&value);
    if (str_is(name, "Candidate"))
        cve->fact.id = word;
    else if (str_is(name, "Priority"))
        cve->fact.severity = feed_severity(word);
    else if (str_starts(name, "Priority_"))
        *vector_push(cve->arena, &cve->priorities) = (struct feed_cve){ str_from(name, 9), feed_severity(word) };
    else if (str_is(name, "Description"))
        cve->fact.description = join_lines(cve->arena, value, lines);
    else if (str_is(name, "References"))
        read_references(cve, lines);
    else if (str_is(name, "CVSS"))
        read_cvss(cve, lines);
    else if (str_is(name, "PublicDate"))
        cve->nvd.published = date_of(cve->arena, str_make(word.data, (size_t)(value.data + value.size - word.data)));
}

/* ---- states ---- */

static void read_state(struct cve *cve, struct str series, struct str package, struct str value)
{
    struct str release;
    enum ubuntu_channel channel;
    if (str_empty(package) || !ubuntu_series(series, &release, &channel) || ++cve->lines > LINE_LIMIT) return;
    struct str key = arena_strf(cve->arena, "%.*s\n%.*s", STR_ARG(release), STR_ARG(package));
    struct package_states *states = map_get(cve->packages, key);
    if (!states) {
        states = arena_alloc(cve->arena, sizeof *states);
        *states = (struct package_states){ .release = release, .package = package };
        map_set(cve->packages, key, states);
    }
    struct ubuntu_state state = { .word = str_word(&value) };
    state.note = str_trim(value);
    if (str_starts(state.note, "(") && str_ends(state.note, ")"))
        state.note = str_trim(str_slice(state.note, 1, state.note.size - 1));
    /* A package is in infra or in apps; where both have a line, the one that knows wins. */
    bool known = !str_is(state.word, "DNE") && !str_empty(state.word);
    if (known || str_empty(states->states[channel].word)) states->states[channel] = state;
}

static void read_line(struct cve *cve, struct str line, struct str lines)
{
    struct str value = line, name = str_cut(&value, ':');
    if (!value.data) return;
    ptrdiff_t underscore = str_find(name, '_');
    struct str release;
    enum ubuntu_channel channel;
    if (underscore > 0 && ubuntu_series(str_to(name, (size_t)underscore), &release, &channel))
        read_state(cve, str_to(name, (size_t)underscore), str_from(name, (size_t)underscore + 1), value);
    else
        read_field(cve, name, value, lines);
}

static void read_cve(struct cve *cve, struct str text)
{
    while (text.data) {
        struct str line = str_line(&text);
        if (str_empty(line) || line.data[0] == ' ' || line.data[0] == '\t' || line.data[0] == '#') continue;
        struct str rest = text, lines = text;
        while (rest.data && rest.size && (rest.data[0] == ' ' || rest.data[0] == '\t'))
            str_line(&rest);
        lines.size = rest.data ? (size_t)(rest.data - lines.data) : lines.size;
        read_line(cve, line, lines);
    }
    cve->rejected = str_starts(cve->fact.description, "** REJECT") || str_starts(cve->fact.description, "Rejected reason");
}

/* ---- rows ---- */

static enum severity own_priority(const struct cve *cve, struct str package)
{
    for (size_t i = 0; i < cve->priorities.count; i++)
        if (str_equal(cve->priorities.items[i].id, package)) return cve->priorities.items[i].severity;
    return SEVERITY_UNKNOWN;
}

static void put_states(struct feed_run *run, struct cve *cve, const struct package_states *states)
{
    for (enum ubuntu_channel channel = 0; channel < UBUNTU_CHANNELS; channel++) {
        struct feed_record record = { .package = states->package, .id = cve->fact.id };
        bool extended = release_ubuntu_has_extended(states->release); /* what has no line of its own there is as in the base */
        if (channel == UBUNTU_ESM && !extended && str_empty(states->states[UBUNTU_ESM].word)) continue;
        if (!ubuntu_judge(cve->arena, states->states, channel, &record)) continue;
        record.bucket = arena_strf(cve->arena, "ubuntu %.*s%s", STR_ARG(states->release), channel == UBUNTU_ESM ? "-ESM" : "");
        record.severity = own_priority(cve, states->package);
        feed_put_record(run, &record);
    }
}

static bool put_file(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    struct str name = path_base(path);
    if (!str_starts(name, "CVE-") || str_contains(name, "-NNN")) return true; /* NNN: never got an identifier */
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct cve cve = { .arena = arena, .packages = map_new(arena) };
    read_cve(&cve, buffer_view(content));
    if (!feed_is_cve(cve.fact.id)) {
        feed_skip(run, "%.*s has no Candidate", STR_ARG(path));
        return true;
    }
    struct str day = str_to(cve.nvd.published, 10);
    if (str_compare(day, run->as_of) > 0)
        run->as_of = arena_str(run->arena, day); /* the newest entry is how old the tracker is */
    if (cve.rejected) return true;
    size_t position = 0;
    for (void *value; map_next(cve.packages, &position, NULL, &value);)
        put_states(run, &cve, value);
    cve.fact.source = STR("ubuntu");
    feed_put_fact(run, &cve.fact);
    cve.nvd.id = cve.fact.id;
    cve.nvd.source = STR("nvd");
    if (cve.nvd.v3.vector.size || cve.nvd.v40.vector.size || cve.nvd.published.size) feed_put_fact(run, &cve.nvd);
    return true;
}

static bool tracker_read(struct feed_run *run, struct error *error)
{
    for (size_t i = 0; i < run->input_count; i++) {
        run->current = i;
        if (!feed_each_file(run, &run->inputs[i], NULL, put_file, NULL, error)) return false;
    }
    return true;
}

const struct feed_reader feed_ubuntu_tracker = {
    .name = "ubuntu-tracker", .sources = ubuntu_sources, .facts = "ubuntu nvd", .heavy = true, .read = tracker_read
};
