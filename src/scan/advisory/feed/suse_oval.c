/* SUSE and openSUSE OVAL: one definition a CVE; each AND joins products ("… is installed") with packages, which are fixed
 * ("tar-1.34-2.2 is installed", the test asks for less), open ("X is affected") or neither ("X is not affected"). The files
 * "-affected" have all three, the plain ones only fixes (feeds.md §1.2). */
#include "scan/advisory/feed/oval.h"

static const struct feed_source sources[] = {
    { "SUSE Linux Enterprise ", "suse-cvrf", "SUSE OVAL", "https://ftp.suse.com/pub/projects/security/oval/" },
    { "openSUSE Leap ", "suse-cvrf", "SUSE OVAL", "https://ftp.suse.com/pub/projects/security/oval/" },
    { "openSUSE Tumbleweed", "suse-cvrf", "SUSE OVAL", "https://ftp.suse.com/pub/projects/security/oval/" },
    { NULL, NULL, NULL, NULL },
};

static bool is_number(struct str word)
{
    bool digit = false;
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] != '.' && (word.data[i] < '0' || word.data[i] > '9')) return false;
        digit = digit || word.data[i] != '.';
    }
    return digit;
}

/* The last number of a product's name, with its service pack: "15 SP3", "15-SP3-LTSS", "Python 3 15 SP4", "5.3" → "15.3",
 * "15.3", "15.4", "5.3". */
static struct str number_of(struct arena *arena, struct str text)
{
    struct str number = { 0 };
    while (!str_empty(text)) {
        size_t at = 0;
        while (at < text.size && text.data[at] != ' ' && text.data[at] != '-')
            at++;
        struct str word = str_to(text, at);
        text = str_from(text, at + 1);
        if (is_number(word)) number = word;
        if (str_starts(word, "SP") && is_number(str_from(word, 2)) && !str_empty(number))
            return arena_strf(arena, "%.*s.%.*s", STR_ARG(number), STR_ARG(str_from(word, 2)));
    }
    return number;
}

/* "SUSE Linux Enterprise Module for Basesystem 15 SP4" → "SUSE Linux Enterprise 15.4" (scan.md §12.3); empty for products that
 * are no distribution. */
static struct str bucket_of(struct arena *arena, struct str product)
{
    static const struct {
        const char *prefix, *bucket;
    } rows[] = {
        { "openSUSE Leap Micro ", "openSUSE Leap Micro" },
        { "openSUSE Leap ", "openSUSE Leap" },
        { "SUSE Linux Enterprise Micro ", "SUSE Linux Enterprise Micro" },
        { "SUSE Linux Micro ", "SUSE Linux Enterprise Micro" },
        { "SUSE Linux Enterprise Storage", NULL },
        { "SUSE Linux Enterprise ", "SUSE Linux Enterprise" },
    };
    if (str_starts(product, "openSUSE Tumbleweed")) return STR("openSUSE Tumbleweed");
    if (str_contains(product, "SUSE Manager")) return (struct str){ 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!str_starts(product, rows[i].prefix)) continue;
        struct str number = rows[i].bucket ? number_of(arena, str_from(product, strlen(rows[i].prefix))) : (struct str){ 0 };
        return str_empty(number) ? number : arena_strf(arena, "%s %.*s", rows[i].bucket, STR_ARG(number));
    }
    return (struct str){ 0 };
}

struct suse {
    struct feed_collector *collector;
    const struct oval *oval;
    struct str cve;
};

/* Products below an AND: leaves "X is installed" whose test is about a product's version. */
static void read_products(struct suse *suse, struct arena *arena, const struct oval_node *criteria, str_vector *buckets)
{
    for (const struct oval_node *node = criteria->children; node; node = node->next) {
        if (!node->leaf) {
            if (node->any) read_products(suse, arena, node, buckets);
            continue;
        }
        if (!str_ends(node->comment, " is installed")) continue;
        struct str bucket = bucket_of(arena, str_to(node->comment, node->comment.size - 13));
        if (!str_empty(bucket) && !str_vector_has(buckets, bucket)) *vector_push(arena, buckets) = bucket;
    }
}

static void put_leaf(struct suse *suse, const struct oval_node *leaf, const str_vector *buckets)
{
    struct oval_test test;
    if (!oval_resolve(suse->oval, leaf, &test) || test.signature || str_is(test.operation, "version")) return;
    struct feed_record row = { .package = test.name, .id = suse->cve };
    if (str_ends(leaf->comment, " is affected")) {
        row.status = STATUS_AFFECTED;
        row.vendor_status = STR("affected");
    } else if (str_ends(leaf->comment, " is installed") && str_is(test.operation, "less than") && !str_empty(test.evr)) {
        row.fixed_version = feed_evr_text(test.evr);
    } else {
        return;
    }
    for (size_t i = 0; i < buckets->count; i++) {
        row.bucket = buckets->items[i];
        /* Where one product has a fix and another none, the fix can be had. */
        feed_collect(suse->collector, &row, str_empty(row.fixed_version) ? STR("0") : (struct str){ 0 });
    }
}

static void put_packages(struct suse *suse, const struct oval_node *criteria, const str_vector *buckets)
{
    for (const struct oval_node *node = criteria->children; node; node = node->next) {
        if (node->leaf)
            put_leaf(suse, node, buckets);
        else
            put_packages(suse, node, buckets);
    }
}

/* An AND that has products of its own speaks for its packages; others are gone through. */
static void walk(struct suse *suse, const struct oval_node *criteria)
{
    CLEANUP_ARENA struct arena *arena = arena_new();
    str_vector buckets = { 0 };
    if (!criteria->any) read_products(suse, arena, criteria, &buckets);
    if (buckets.count) {
        put_packages(suse, criteria, &buckets);
        return;
    }
    for (const struct oval_node *node = criteria->children; node; node = node->next)
        if (!node->leaf) walk(suse, node);
}

static void put_facts(struct feed_run *run, const struct oval_definition *definition, struct str cve)
{
    struct feed_fact fact = { .id = cve,
                              .source = STR("suse-cvrf"),
                              .severity = feed_severity(definition->severity),
                              .description = definition->description };
    for (size_t i = 0; i < definition->cves.count; i++)
        if (str_starts(definition->cves.items[i].id, "CVE-")) oval_cvss(&fact, definition->cves.items[i].cvss3);
    for (size_t i = 0; i < definition->references.count; i++)
        *vector_push(run->arena, &fact.references) = definition->references.items[i].url;
    feed_put_fact(run, &fact);
}

static bool suse_read(struct feed_run *run, struct error *error)
{
    struct feed_collector collector = feed_collector_new(run, &version_rpm);
    for (run->current = 0; run->current < run->input_count; run->current++) {
        struct oval oval;
        if (!oval_read(run, &run->inputs[run->current], &oval, NULL, error)) return false;
        for (size_t i = 0; i < oval.definitions.count; i++) {
            const struct oval_definition *definition = &oval.definitions.items[i];
            struct str title = definition->title;
            struct suse suse = { &collector, &oval, str_word(&title) };
            if (!feed_is_cve(suse.cve) || !definition->criteria)
                continue; /* patch definitions repeat the same under the update's name */
            walk(&suse, definition->criteria);
            put_facts(run, definition, suse.cve);
        }
    }
    run->current = 0;
    feed_collector_put(&collector);
    return true;
}

const struct feed_reader feed_suse = {
    .name = "suse", .sources = sources, .facts = "suse-cvrf", .heavy = true, .xml = true, .read = suse_read
};
