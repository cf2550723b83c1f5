/* Oracle Linux OVAL: patch definitions "ELSA-…" whose criteria name the platform and the architecture above the packages.
 * Records have Entries[] by architecture, that of the machine, on which packages of others run too; FIPS and ksplice builds are
 * lines of versions of their own (scan.md §7). */
#include "scan/advisory/feed/oval.h"

static const struct feed_source sources[] = {
    { "Oracle Linux ", "oracle-oval", "Oracle Linux OVAL definitions", "https://linux.oracle.com/security/oval/" },
    { NULL, NULL, NULL, NULL },
};

/* What criteria on the way down have said. */
struct place {
    struct str release, arch, module;
};

struct oracle {
    struct feed_collector *collector;
    const struct oval *oval;
    const struct oval_definition *definition;
    struct str advisory;
};

/* "Oracle Linux 5 is installed", "Oracle Linux arch is x86_64", "Module nodejs:16 is enabled" */
static void read_place(const struct oval_node *criteria, struct place *place)
{
    for (const struct oval_node *node = criteria->children; node; node = node->next) {
        struct str comment = node->comment;
        if (!node->leaf) continue;
        if (str_starts(comment, "Oracle Linux arch is "))
            place->arch = str_trim(str_from(comment, 21));
        else if (str_starts(comment, "Oracle Linux ") && str_ends(comment, " is installed"))
            place->release = str_trim(str_slice(comment, 13, comment.size - 13));
        else if (str_starts(comment, "Module ") && str_ends(comment, " is enabled"))
            place->module = str_trim(str_slice(comment, 7, comment.size - 11));
    }
}

static struct str flavour_of(struct str version)
{
    struct str rest = version;
    while (rest.data)
        if (str_starts(str_cut(&rest, '.'), "ksplice")) return STR("ksplice");
    return str_ends(version, "_fips") || str_ends(version, "_FIPS") ? STR("fips") : STR("normal");
}

/* What a machine of the architecture runs. A definition that names none holds for all: one entry without architectures. */
static const struct {
    const char *machine, *packages;
} arches[] = {
    { "", "" },
    { "aarch64", "aarch64 noarch" },
    { "i386", "i386 i486 i586 i686 noarch" },
    { "x86_64", "i686 noarch x86_64" },
};

static struct str packages_of(struct str machine)
{
    for (size_t i = 0; i < sizeof arches / sizeof *arches; i++)
        if (str_is(machine, arches[i].machine)) return str_of(arches[i].packages);
    return machine;
}

static void put_fix(struct oracle *oracle, const struct feed_record *row, struct str machine)
{
    struct str rest = packages_of(machine), flavour = flavour_of(row->fixed_version);
    if (!feed_is_id(row->id)) return;
    do
        feed_collect_entry(oracle->collector, row, str_word(&rest), flavour);
    while (!str_empty(rest));
}

static void put_leaf(struct oracle *oracle, const struct oval_node *leaf, const struct place *place)
{
    struct oval_test test;
    if (!oval_resolve(oracle->oval, leaf, &test) || test.signature || !str_is(test.operation, "less than") ||
        str_empty(test.evr) || str_empty(place->release))
        return;
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct feed_record row = { .bucket = arena_strf(arena, "Oracle Linux %.*s", STR_ARG(place->release)),
                               .package = test.name,
                               .fixed_version = feed_evr_text(test.evr) };
    if (!str_empty(place->module)) row.package = arena_strf(arena, "%.*s::%.*s", STR_ARG(place->module), STR_ARG(test.name));
    *vector_push(arena, &row.vendor_ids) = oracle->advisory;
    for (size_t i = 0; i < oracle->definition->cves.count; i++) {
        row.id = oracle->definition->cves.items[i].id;
        put_fix(oracle, &row, place->arch);
    }
    if (oracle->definition->cves.count) return;
    row.id = oracle->advisory;
    put_fix(oracle, &row, place->arch);
}

static void walk(struct oracle *oracle, const struct oval_node *criteria, struct place place)
{
    read_place(criteria, &place);
    for (const struct oval_node *node = criteria->children; node; node = node->next) {
        if (node->leaf)
            put_leaf(oracle, node, &place);
        else
            walk(oracle, node, place);
    }
}

static void put_facts(struct oracle *oracle)
{
    const struct oval_definition *definition = oracle->definition;
    for (size_t i = 0; i < definition->cves.count; i++) {
        struct feed_fact fact = { .id = definition->cves.items[i].id,
                                  .source = STR("oracle-oval"),
                                  .severity = feed_severity(definition->severity) };
        if (!feed_is_cve(fact.id)) continue;
        oval_cvss(&fact, definition->cves.items[i].cvss3);
        if (str_empty(fact.v3.vector)) oval_cvss(&fact, definition->cves.items[i].cvss2);
        feed_put_fact(oracle->oval->run, &fact);
    }
}

static bool oracle_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_rpm);
    for (run->current = 0; run->current < run->input_count; run->current++) {
        struct oval oval;
        if (!oval_read(run, &run->inputs[run->current], &oval, NULL, error)) return false;
        for (size_t i = 0; i < oval.definitions.count; i++) {
            const struct oval_definition *definition = &oval.definitions.items[i];
            struct str title = definition->title;
            struct oracle oracle = { &collector, &oval, definition, str_trim(str_cut(&title, ':')) };
            if (!feed_is_id(oracle.advisory)) {
                feed_skip(run, "%.*s has no advisory in its title", STR_ARG(definition->id));
                continue;
            }
            if (definition->criteria) walk(&oracle, definition->criteria, (struct place){ 0 });
            put_facts(&oracle);
        }
    }
    run->current = 0;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_oracle = { .name = "oracle",
                                         .sources = sources,
                                         .facts = "oracle-oval",
                                         .together = true,
                                         .xml = true,
                                         .heavy = true,
                                         .read = oracle_read };
