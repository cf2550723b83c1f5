/* Debian: the security tracker's JSON is the base; the DSA and DLA lists give advisory names, fixes of releases the JSON no
 * longer has, and fixes newer than it; the CVE list gives the states of what the JSON does not name (feeds.md §3, Debian).
 *
 * A release is a bucket by number ("debian 12"); testing goes under its coming number, unstable under "debian unstable". */
#include "scan/advisory/feed/debian.h"
#include "scan/advisory/release.h"

#include <stdio.h>

struct debian {
    struct feed_run *run;
    struct debian_lists lists;
    struct map *judged;            /* debian_key of what the JSON decides; with an empty codename: in some release */
    struct map *versions;          /* "codename\npackage" → newest version of the archive, from the JSON */
    str_vector codenames;          /* releases of the JSON: those still looked after */
    size_t tracker, dsa, dla, cve; /* inputs; SIZE_MAX: absent */
};

static const struct feed_source sources[] = {
    { "debian ", "debian", "Debian Security Tracker", "https://salsa.debian.org/security-tracker-team/security-tracker" },
    { NULL, NULL, NULL, NULL },
};

/* ---- the tracker's JSON ---- */

static void note_versions(struct debian *debian, struct str codename, struct str package, yyjson_val *repositories)
{
    struct str newest = { 0 };
    JSON_MEMBERS (suite, version, repositories) {
        int sign = 1;
        struct str one = json_value_str(version);
        if (str_empty(newest) || (version_compare(&version_deb, one, newest, &sign) && sign > 0)) newest = one;
    }
    struct arena *arena = debian->run->arena;
    if (str_empty(newest)) return;
    struct str key = debian_key(arena, codename, package, (struct str){ 0 });
    if (map_get(debian->versions, key)) return;
    struct str *kept = arena_alloc(arena, sizeof *kept);
    *kept = arena_str(arena, newest);
    map_set(debian->versions, key, kept);
    if (!str_vector_has(&debian->codenames, codename)) *vector_push(arena, &debian->codenames) = arena_str(arena, codename);
}

/* The source's own word for why it is open. */
static struct str open_word(yyjson_val *release, struct str urgency)
{
    yyjson_val *reason = json_get(release, "nodsa_reason");
    if (str_is(urgency, "end-of-life")) return urgency;
    if (yyjson_is_str(reason)) return yyjson_get_len(reason) ? json_value_str(reason) : STR("no-dsa");
    if (json_get(release, "nodsa")) return STR("no-dsa");
    return str_is(urgency, "unimportant") ? urgency : STR("open");
}

static const struct debian_fix *find_fix(struct debian *debian, struct str codename, struct str package, struct str id)
{
    char key[1024];
    int size = snprintf(key, sizeof key, "%.*s\n%.*s\n%.*s", STR_ARG(codename), STR_ARG(package), STR_ARG(id));
    return size > 0 && size < (int)sizeof key ? map_get(debian->lists.fixes, str_make(key, (size_t)size)) : NULL;
}

static void judge(struct debian *debian, struct str codename, struct str package, struct str id)
{
    map_set(debian->judged, debian_key(debian->run->arena, codename, package, id), debian);
}

static void put_release(struct debian *debian, struct str package, struct str id, struct str codename, yyjson_val *release)
{
    struct feed_record record = { .bucket = release_debian_bucket(codename), .package = package, .id = id };
    struct str status = json_str(release, "status"), urgency = json_str(release, "urgency");
    if (str_empty(record.bucket)) return feed_skip(debian->run, "unknown release %.*s", STR_ARG(codename));
    judge(debian, codename, package, id);
    note_versions(debian, codename, package, json_get(release, "repositories"));
    const struct debian_fix *fix = find_fix(debian, codename, package, id);
    record.severity = debian_severity(urgency);
    if (fix) record.vendor_ids = fix->advisories;
    if (str_is(status, "resolved")) {
        record.fixed_version = json_str(release, "fixed_version");
        if (str_empty(record.fixed_version) || str_is(record.fixed_version, "0")) return; /* never affected */
    } else if (str_is(status, "open")) {
        if (fix)
            record.fixed_version = fix->version; /* the advisory is newer than the JSON, or its no-dsa is stale */
        else
            record.vendor_status = open_word(release, urgency), record.status = debian_status(record.vendor_status);
    } else {
        return; /* "undetermined": nobody knows */
    }
    feed_put_record(debian->run, &record);
}

static bool put_package(void *context, struct feed_run *run, struct str package, struct str value, struct error *error)
{
    struct debian *debian = context;
    CLEANUP_JSON yyjson_doc *document = json_parse(value, JSON_INSITU, "the tracker's package", error);
    if (!document) return error_wrap(error, "%.*s", STR_ARG(package));
    package = arena_str(run->arena, package);
    JSON_MEMBERS (key, entry, yyjson_doc_get_root(document)) {
        struct str id = json_value_str(key);
        if (!feed_is_id(id)) {
            feed_skip(run, "%.*s: not an identifier: %.*s", STR_ARG(package), STR_ARG(id));
            continue;
        }
        judge(debian, (struct str){ 0 }, package, id);
        JSON_MEMBERS (codename, release, json_get(entry, "releases"))
            put_release(debian, package, id, json_value_str(codename), release);
        struct feed_fact fact = { .id = id, .source = STR("debian"), .description = json_str(entry, "description") };
        if (!str_empty(fact.description)) feed_put_fact(run, &fact);
    }
    return true;
}

/* ---- what the JSON does not name ---- */

static bool is_judged(struct debian *debian, struct str codename, struct str package, struct str id)
{
    return map_get(debian->judged, debian_key(debian->run->arena, codename, package, id)) != NULL;
}

static bool is_looked_after(struct debian *debian, struct str codename) { return str_vector_has(&debian->codenames, codename); }

/* Advisories of releases or packages the JSON has no longer. */
static void put_fixes(struct debian *debian)
{
    size_t position = 0;
    for (void *value; map_next(debian->lists.fixes, &position, NULL, &value);) {
        const struct debian_fix *fix = value;
        if (is_judged(debian, fix->codename, fix->package, fix->id)) continue;
        struct feed_record record = { .bucket = release_debian_bucket(fix->codename),
                                      .package = fix->package,
                                      .id = fix->id,
                                      .fixed_version = fix->version,
                                      .vendor_ids = fix->advisories };
        debian->run->current = str_starts(fix->advisories.items[0], "DLA-") ? debian->dla : debian->dsa;
        if (debian->run->current == SIZE_MAX) debian->run->current = debian->dsa != SIZE_MAX ? debian->dsa : debian->dla;
        feed_put_record(debian->run, &record);
    }
}

static void put_line(struct debian *debian, const struct debian_line *line, struct str codename, struct str urgency)
{
    static const char *const silent[] = { "itp", "not-affected", "undetermined" };
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (str_is(line->state, silent[i])) return;
    if (str_is(line->version, "0")) return;
    struct feed_record record = { .bucket = release_debian_bucket(codename),
                                  .package = line->package,
                                  .id = line->id,
                                  .fixed_version = line->version,
                                  .severity = debian_severity(urgency) };
    const struct debian_fix *fix = find_fix(debian, codename, line->package, line->id);
    if (str_empty(record.bucket) || fix) return; /* put_fixes has it */
    const struct str *archive =
        map_get(debian->versions, debian_key(debian->run->arena, codename, line->package, (struct str){ 0 }));
    int sign = 0;
    if (archive && !str_empty(line->version) && version_compare(&version_deb, *archive, line->version, &sign) && sign < 0)
        record.fixed_version = (struct str){ 0 }; /* newer than anything this release has */
    if (str_empty(record.fixed_version)) {
        record.vendor_status = str_is(urgency, "unimportant") ? urgency : str_empty(line->state) ? STR("unfixed") : line->state;
        record.status = debian_status(record.vendor_status);
    }
    feed_put_record(debian->run, &record);
}

/* A release without a line of its own has unstable's, if the package is in it. */
static void put_inherited(struct debian *debian, const struct debian_line *line)
{
    put_line(debian, line, STR("sid"), line->urgency);
    for (size_t i = 0; i < debian->codenames.count; i++) {
        struct str codename = debian->codenames.items[i];
        struct arena *arena = debian->run->arena;
        if (str_is(codename, "sid") || map_get(debian->lists.lines, debian_key(arena, codename, line->package, line->id)))
            continue;
        if (!map_get(debian->versions, debian_key(arena, codename, line->package, (struct str){ 0 }))) continue;
        put_line(debian, line, codename, line->urgency);
    }
}

static void put_lines(struct debian *debian)
{
    size_t position = 0;
    if (debian->cve != SIZE_MAX) debian->run->current = debian->cve; /* else there are no lines */
    for (void *value; map_next(debian->lists.lines, &position, NULL, &value);) {
        const struct debian_line *line = value;
        bool sid = str_empty(line->codename);
        if (is_judged(debian, (struct str){ 0 }, line->package, line->id) && (sid || is_looked_after(debian, line->codename)))
            continue;
        if (sid) {
            put_inherited(debian, line);
            continue;
        }
        const struct debian_line *unstable =
            map_get(debian->lists.lines, debian_key(debian->run->arena, (struct str){ 0 }, line->package, line->id));
        put_line(debian, line, line->codename, unstable && str_empty(line->urgency) ? unstable->urgency : line->urgency);
    }
}

/* ---- the story ---- */

static size_t *place_of(struct debian *debian, const char *feed)
{
    return strcmp(feed, "debian-dsa") == 0   ? &debian->dsa
           : strcmp(feed, "debian-dla") == 0 ? &debian->dla
           : strcmp(feed, "debian-cve") == 0 ? &debian->cve
                                             : &debian->tracker;
}

static bool read_lines(struct debian *debian, size_t input, bool (*line)(void *, struct feed_run *, struct str, struct error *),
                       struct error *error)
{
    if (input == SIZE_MAX) return true;
    debian->run->current = input;
    return feed_each_line(debian->run, &debian->run->inputs[input], line, &debian->lists, error);
}

static bool debian_read(struct feed_run *run, struct error *error)
{
    struct debian debian = { .run = run,
                             .lists = { .run = run, .fixes = map_new(run->arena), .lines = map_new(run->arena) },
                             .judged = map_new(run->arena),
                             .versions = map_new(run->arena),
                             .tracker = SIZE_MAX,
                             .dsa = SIZE_MAX,
                             .dla = SIZE_MAX,
                             .cve = SIZE_MAX };
    for (size_t i = 0; i < run->input_count; i++)
        *place_of(&debian, run->inputs[i].feed) = i;
    if (!read_lines(&debian, debian.dsa, debian_read_advisory_line, error) ||
        !read_lines(&debian, debian.dla, debian_read_advisory_line, error) ||
        !read_lines(&debian, debian.cve, debian_read_cve_line, error))
        return false;
    if (debian.tracker != SIZE_MAX) {
        run->current = debian.tracker;
        if (!feed_each_member(run, &run->inputs[debian.tracker], NULL, put_package, NULL, &debian, error)) return false;
    }
    put_fixes(&debian);
    put_lines(&debian);
    return true;
}

const struct feed_reader feed_debian = {
    .name = "debian", .sources = sources, .facts = "debian", .together = true, .read = debian_read
};
