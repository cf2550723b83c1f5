/* Red Hat OVAL v2: patch definitions (RHSA, RHBA, RHEA: "X is earlier than E:V-R") and, in the files "including-unpatched",
 * vulnerabilities without a fix and their states (feeds.md §3, RHEL; scan.md §7, Red Hat). */
#include "scan/advisory/feed/oval.h"

#include <stdio.h>

static const struct feed_source sources[] = {
    { "Red Hat", "redhat-oval", "Red Hat OVAL v2", "https://www.redhat.com/security/data/oval/v2/" },
    { NULL, NULL, NULL, NULL },
};

struct affected {
    struct str package; /* with its module before it: "nodejs:16::npm" */
    struct str fixed, arch;
};
typedef VECTOR(struct affected) affected_vector;

/* "Module nodejs:10 is enabled" */
static struct str module_of(const struct oval_node *criteria)
{
    for (const struct oval_node *node = criteria->children; node; node = node->next) {
        if (!node->leaf || !str_starts(node->comment, "Module ") || !str_ends(node->comment, " is enabled")) continue;
        return str_trim(str_slice(node->comment, 7, node->comment.size - 11));
    }
    return (struct str){ 0 };
}

static void add_affected(const struct oval *oval, const struct oval_node *leaf, struct str module, affected_vector *found)
{
    struct oval_test test;
    struct arena *arena = oval->run->arena;
    if (!oval_resolve(oval, leaf, &test) || test.signature || str_ends(leaf->comment, " is not installed")) return;
    if (!str_empty(test.evr) && !str_is(test.operation, "less than")) return;
    struct affected *affected = vector_push(arena, found);
    affected->package = str_empty(module) ? test.name : arena_strf(arena, "%.*s::%.*s", STR_ARG(module), STR_ARG(test.name));
    affected->fixed = feed_evr_text(test.evr);
    affected->arch = test.arch;
}

/* A module holds for everything below the criteria that ask for it. Depth is bounded by the reader. */
static void walk(const struct oval *oval, const struct oval_node *criteria, struct str module, affected_vector *found)
{
    struct str own = module_of(criteria);
    if (!str_empty(own)) module = own;
    for (const struct oval_node *node = criteria->children; node; node = node->next) {
        if (node->leaf)
            add_affected(oval, node, module, found);
        else
            walk(oval, node, module, found);
    }
}

static struct str advisory_of(const struct oval_definition *definition)
{
    static const char *const kinds[] = { "RHSA", "RHBA", "RHEA" };
    for (size_t i = 0; i < definition->references.count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (str_is(definition->references.items[i].source, kinds[k])) return definition->references.items[i].id;
    return (struct str){ 0 };
}

static int by_id(const void *a, const void *b)
{
    return str_compare(((const struct feed_cve *)a)->id, ((const struct feed_cve *)b)->id);
}

static void put_entry(struct feed_run *run, const struct oval_definition *definition, const struct affected *affected,
                      struct str id, struct feed_entry *entry)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct feed_record record = { .bucket = STR("Red Hat"), .package = affected->package, .id = id };
    entry->fixed_version = affected->fixed;
    entry->cpes = definition->cpes;
    entry->arches = (str_vector){ 0 };
    oval_arches(arena, affected->arch, &entry->arches);
    *vector_push(arena, &record.entries) = *entry;
    feed_put_record(run, &record);
}

/* A fix: one entry for all its CVEs, under the advisory's name. */
static void put_patch(const struct oval *oval, const struct oval_definition *definition, struct str advisory,
                      const affected_vector *found)
{
    struct feed_run *run = oval->run;
    struct feed_entry entry = { 0 };
    for (size_t i = 0; i < definition->cves.count; i++)
        *vector_push(run->arena, &entry.cves) =
            (struct feed_cve){ definition->cves.items[i].id, feed_severity(definition->cves.items[i].impact) };
    if (!entry.cves.count) return; /* a bug fix */
    qsort(entry.cves.items, entry.cves.count, sizeof *entry.cves.items, by_id);
    for (size_t i = 0; i < found->count; i++)
        if (!str_empty(found->items[i].fixed)) put_entry(run, definition, &found->items[i], advisory, &entry);
}

/* No fix: one record a CVE. */
static void put_unpatched(const struct oval *oval, const struct oval_definition *definition, const affected_vector *found)
{
    struct feed_entry entry = { .status = feed_redhat_status(definition->state), .vendor_status = definition->state };
    if (entry.status == STATUS_NOT_AFFECTED) return;
    for (size_t i = 0; i < definition->cves.count; i++) {
        const struct oval_cve *cve = &definition->cves.items[i];
        entry.cves.count = 0;
        *vector_push(oval->run->arena, &entry.cves) = (struct feed_cve){ .severity = feed_severity(cve->impact) };
        for (size_t f = 0; f < found->count; f++)
            put_entry(oval->run, definition, &found->items[f], cve->id, &entry);
    }
}

/* "CVE-2005-2541 tar: does not warn (moderate)" → "tar: does not warn" */
static struct str title_of(const struct oval_definition *definition, struct str id)
{
    struct str title = definition->title;
    if (!str_starts(title, "CVE-")) return (struct str){ 0 }; /* an advisory's title speaks of the update */
    title = str_trim(str_from(title, id.size));
    ptrdiff_t paren = str_ends(title, ")") ? str_find_last(title, '(') : -1;
    return paren > 0 ? str_trim(str_to(title, (size_t)paren)) : title;
}

static void put_facts(struct feed_run *run, const struct oval_definition *definition)
{
    for (size_t i = 0; i < definition->cves.count; i++) {
        const struct oval_cve *cve = &definition->cves.items[i];
        struct feed_fact fact = { .id = cve->id,
                                  .source = STR("redhat"),
                                  .severity = feed_severity(cve->impact),
                                  .title = title_of(definition, cve->id) };
        oval_cvss(&fact, cve->cvss3);
        if (str_empty(fact.v3.vector)) oval_cvss(&fact, cve->cvss2);
        if (str_starts(cve->cwe, "CWE-") && str_find(cve->cwe, '|') < 0) *vector_push(run->arena, &fact.cwe_ids) = cve->cwe;
        if (feed_is_cve(cve->id)) feed_put_fact(run, &fact);
    }
}

static bool is_wanted(struct str id, struct str class) { return !str_contains(id, ".unaffected:"); }

static bool redhat_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++) {
        struct oval oval;
        if (!oval_read(run, &run->inputs[run->current], &oval, is_wanted, error)) return false;
        for (size_t i = 0; i < oval.definitions.count; i++) {
            const struct oval_definition *definition = &oval.definitions.items[i];
            affected_vector found = { 0 };
            if (definition->criteria) walk(&oval, definition->criteria, (struct str){ 0 }, &found);
            struct str advisory = advisory_of(definition);
            if (!str_empty(advisory))
                put_patch(&oval, definition, advisory, &found);
            else
                put_unpatched(&oval, definition, &found);
            put_facts(run, definition);
        }
    }
    run->current = 0;
    return true;
}

const struct feed_reader feed_redhat_oval = {
    .name = "redhat-oval", .sources = sources, .facts = "redhat", .heavy = true, .xml = true, .read = redhat_read
};
