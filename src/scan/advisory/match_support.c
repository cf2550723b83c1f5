/* Packages that their distribution does not look after as long, or as well, as the rest of the release: an empty result says
 * less about them (feed/debian_support.c). */
#include "scan/advisory/match.h"

struct support {
    struct matching *matching;
    const char *family;
    struct map *exact;            /* source package → its end */
    advisory_end_vector patterns; /* "golang.*" */
    struct map *noted;
};

static const struct advisory_end *end_of(struct support *support, struct str source)
{
    const struct advisory_end *end = map_get(support->exact, source);
    for (size_t i = 0; !end && i < support->patterns.count; i++) {
        struct str start = support->patterns.items[i].release;
        if (source.size >= start.size && memcmp(source.data, start.data, start.size) == 0) end = &support->patterns.items[i];
    }
    return end;
}

static void note_package(struct support *support, struct str source)
{
    struct matching *matching = support->matching;
    const struct advisory_end *end = end_of(support, source);
    moment day;
    if (!end || map_get(support->noted, source)) return;
    map_set(support->noted, source, support);
    if (str_is(end->date, SUPPORT_LIMITED))
        match_note(matching, "support-limited", source, "%s's security support of %.*s is limited: %.*s", support->family,
                   STR_ARG(source), STR_ARG(end->source));
    else if (clock_parse(end->date, &day) && day <= matching->options->now)
        match_note(matching, "support-ended", source,
                   "%s's security support of %.*s ended on %.*s, newer vulnerabilities may have no record: %.*s",
                   support->family, STR_ARG(source), STR_ARG(end->date), STR_ARG(end->source));
}

bool match_support(struct matching *matching, const struct family *family, struct str bucket)
{
    advisory_end_vector ends = { 0 };
    struct support support = { matching, family->name, map_new(matching->arena), { 0 }, map_new(matching->arena) };
    if (!family->support) return true;
    if (!advisory_store_ends(matching->store, matching->arena, family->support, &ends, matching->error)) return false;
    str_cut(&bucket, ' '); /* "debian 12" */
    for (size_t i = 0; i < ends.count; i++) {
        struct advisory_end *end = &ends.items[i];
        struct str package = end->release, release = str_cut(&package, ' ');
        if (!str_equal(release, bucket)) continue;
        end->release = package;
        if (!str_ends(package, ".*")) {
            map_set(support.exact, package, end);
            continue;
        }
        end->release.size -= 2;
        *vector_push(matching->arena, &support.patterns) = *end;
    }
    for (size_t i = 0; ends.count && i < matching->application->packages.count; i++)
        note_package(&support, match_source_name(matching->application->packages.items[i]));
    return true;
}
