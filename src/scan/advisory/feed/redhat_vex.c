/* Red Hat CSAF VEX: one document a CVE. Product ids "<stream>:<package>" are joined by relationships to a stream with a CPE and
 * a component with a purl; statuses and remediations say fixed by which advisory, or open in which state (feeds.md §3, RHEL).
 */
#include "scan/advisory/feed.h"

#include <stdlib.h>

#define DEPTH_LIMIT 16

static const struct feed_source sources[] = {
    { "Red Hat", "redhat-oval", "Red Hat CSAF VEX", "https://security.access.redhat.com/data/csaf/v2/vex/" },
    { NULL, NULL, NULL, NULL },
};

struct product {
    struct str cpe, purl;
    struct str component, stream; /* of a relationship */
    struct str advisory, state;   /* of the remediations */
    enum severity severity;
};

struct vex {
    struct feed_run *run;
    struct arena *arena;
    struct map *products;
    struct map *entries; /* package and advisory or CVE → struct vex_entry */
    struct str cve;
};

struct vex_entry {
    struct feed_record record;
    struct feed_entry entry;
};

static struct product *product_of(struct vex *vex, struct str id)
{
    struct product *product = map_get(vex->products, id);
    if (product) return product;
    product = arena_alloc(vex->arena, sizeof *product);
    map_set(vex->products, id, product);
    return product;
}

/* ---- the product tree ----------------------------------------------------------------------------------------------- */

static void read_branches(struct vex *vex, yyjson_val *branches, unsigned depth)
{
    if (depth > DEPTH_LIMIT) return;
    JSON_EACH (branch, branches) {
        yyjson_val *product = json_get(branch, "product"), *helper = json_get(product, "product_identification_helper");
        if (product) {
            struct product *one = product_of(vex, json_str(product, "product_id"));
            one->cpe = json_str(helper, "cpe");
            one->purl = json_str(helper, "purl");
        }
        read_branches(vex, json_get(branch, "branches"), depth + 1);
    }
}

static void read_tree(struct vex *vex, yyjson_val *tree)
{
    read_branches(vex, json_get(tree, "branches"), 0);
    JSON_EACH (relation, json_get(tree, "relationships")) {
        struct product *one = product_of(vex, json_str(json_get(relation, "full_product_name"), "product_id"));
        one->component = json_str(relation, "product_reference");
        one->stream = json_str(relation, "relates_to_product_reference");
    }
}

static void read_remediations(struct vex *vex, yyjson_val *vulnerability)
{
    JSON_EACH (remediation, json_get(vulnerability, "remediations")) {
        struct str category = json_str(remediation, "category");
        bool fix = str_is(category, "vendor_fix");
        if (!fix && !str_is(category, "none_available") && !str_is(category, "no_fix_planned")) continue;
        JSON_EACH (id, json_get(remediation, "product_ids")) {
            struct product *product = product_of(vex, json_value_str(id));
            if (fix)
                product->advisory = path_base(json_str(remediation, "url"));
            else
                product->state = json_str(remediation, "details");
        }
    }
    JSON_EACH (threat, json_get(vulnerability, "threats"))
        if (str_is(json_str(threat, "category"), "impact"))
            JSON_EACH (product, json_get(threat, "product_ids"))
                product_of(vex, json_value_str(product))->severity = feed_severity(json_str(threat, "details"));
}

/* ---- packages ------------------------------------------------------------------------------------------------------- */

struct vex_package {
    struct str name, evr, arch, module;
};

/* "postgresql:12:8080020230628160226:ad008a3a" → "postgresql:12" */
static struct str module_name(struct str text)
{
    struct str rest = text, name = str_cut(&rest, ':'), stream = rest.data ? str_cut(&rest, ':') : rest;
    return str_empty(stream) ? stream : str_make(text.data, name.size + 1 + stream.size);
}

/* "postgresql:15/postgresql" (open), "openssl-1:3.0.7-27.el9.aarch64" (fixed), "openssl.src", "openssl" */
static bool read_package(struct arena *arena, struct str component, struct str purl, bool versioned,
                         struct vex_package *package)
{
    if (!str_empty(purl) && !str_starts(purl, "pkg:rpm/")) return false; /* container images */
    ptrdiff_t slash = str_find(component, '/');
    *package = (struct vex_package){ .name = component };
    if (slash > 0) {
        package->module = module_name(str_to(component, (size_t)slash));
        package->name = str_from(component, (size_t)slash + 1);
    }
    ptrdiff_t mark = str_find_text(purl, STR("rpmmod="));
    if (mark >= 0) {
        struct str rest = str_from(purl, (size_t)mark + 7);
        package->module = module_name(str_cut(&rest, '&'));
    }
    struct feed_nevra parts;
    if (versioned) {
        ptrdiff_t last = str_find_text(package->name, STR("::")); /* "nodejs:18:…::npm-1:2-3.x86_64" */
        if (last > 0) {
            if (str_empty(package->module)) package->module = module_name(str_to(package->name, (size_t)last));
            package->name = str_from(package->name, (size_t)last + 2);
        }
        if (!feed_split_nevra(package->name, true, &parts)) return false;
        *package = (struct vex_package){ parts.name, feed_evr(arena, parts.epoch, parts.version, parts.release), parts.arch,
                                         package->module };
    } else if (feed_split_nevra(package->name, true, &parts) &&
               (str_is(parts.arch, "src") || str_contains(parts.release, "el"))) {
        package->name = parts.name;
    } else if (str_ends(package->name, ".src")) {
        package->name = str_to(package->name, package->name.size - 4);
    }
    return !str_is(package->arch, "src");
}

/* Open states name a whole release; repositories have the CPEs of its parts. */
static void add_cpes(struct arena *arena, struct str cpe, bool versioned, str_vector *cpes)
{
    static const char *const parts[] = { "o::baseos",   "o::client",           "o::computenode",
                                         "o::server",   "o::workstation",      "a::appstream",
                                         "a::crb",      "a::highavailability", "a::nfv",
                                         "a::realtime", "a::resilientstorage", "a::sap",
                                         "a::sap_hana", "a::supplementary" };
    if (!str_vector_has(cpes, cpe)) *vector_push(arena, cpes) = cpe;
    if (versioned || !str_starts(cpe, "cpe:/o:redhat:enterprise_linux:") || str_find_text(cpe, STR("::")) >= 0) return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct str one = arena_strf(arena, "cpe:/%c%.*s%s", parts[i][0], STR_ARG(str_from(cpe, 6)), parts[i] + 1);
        if (!str_vector_has(cpes, one)) *vector_push(arena, cpes) = one;
    }
}

static struct vex_entry *entry_of(struct vex *vex, struct str package, struct str id, struct str difference)
{
    struct str key = arena_strf(vex->arena, "%.*s\n%.*s\n%.*s", STR_ARG(package), STR_ARG(id), STR_ARG(difference));
    struct vex_entry *entry = map_get(vex->entries, key);
    if (entry) return entry;
    entry = arena_alloc(vex->arena, sizeof *entry);
    entry->record = (struct feed_record){ .bucket = STR("Red Hat"), .package = package, .id = id };
    map_set(vex->entries, key, entry);
    return entry;
}

static enum status status_of(struct str state)
{
    static const struct {
        const char *state;
        enum status status;
    } rows[] = {
        { "affected", STATUS_AFFECTED },
        { "deferred", STATUS_FIX_DEFERRED },
        { "fix deferred", STATUS_FIX_DEFERRED },
        { "out of support scope", STATUS_END_OF_LIFE },
        { "under investigation", STATUS_UNDER_INVESTIGATION },
        { "will not fix", STATUS_WILL_NOT_FIX },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is_nocase(state, rows[i].state)) return rows[i].status;
    return STATUS_AFFECTED;
}

static void add_product(struct vex *vex, struct str id, const char *list)
{
    bool fixed = *list == 'f';
    const struct product *product = product_of(vex, id);
    const struct product *component = product_of(vex, product->component), *stream = product_of(vex, product->stream);
    struct str outer = { 0 };
    if (!str_empty(stream->component)) { /* a module between the stream and the package */
        outer = module_name(stream->component);
        stream = product_of(vex, stream->stream);
    }
    struct vex_package package;
    if (str_empty(product->component) || str_empty(stream->cpe)) return;
    if (!read_package(vex->arena, product->component, component->purl, fixed, &package)) return;
    if (str_empty(package.module)) package.module = outer;
    struct str state = *list == 'u' ? STR("Under investigation") : str_empty(product->state) ? STR("Affected") : product->state;
    if (fixed && str_empty(product->advisory))
        return feed_skip(vex->run, "%.*s: fixed, but by no advisory: %.*s", STR_ARG(vex->cve), STR_ARG(id));
    struct str name = str_empty(package.module)
                          ? package.name
                          : arena_strf(vex->arena, "%.*s::%.*s", STR_ARG(package.module), STR_ARG(package.name));
    struct vex_entry *entry = entry_of(vex, name, fixed ? product->advisory : vex->cve, fixed ? package.evr : state);
    entry->entry.fixed_version = fixed ? package.evr : (struct str){ 0 };
    entry->entry.status = fixed ? STATUS_UNKNOWN : status_of(state);
    entry->entry.vendor_status = fixed ? (struct str){ 0 } : state;
    if (!entry->entry.cves.count)
        *vector_push(vex->arena, &entry->entry.cves) =
            (struct feed_cve){ fixed ? vex->cve : (struct str){ 0 }, product->severity };
    add_cpes(vex->arena, stream->cpe, fixed, &entry->entry.cpes);
    if (!str_empty(package.arch) && !str_vector_has(&entry->entry.arches, package.arch))
        *vector_push(vex->arena, &entry->entry.arches) = package.arch;
}

/* ---- the document --------------------------------------------------------------------------------------------------- */

static void put_fact(struct vex *vex, yyjson_val *root, yyjson_val *vulnerability)
{
    struct feed_fact fact = { .id = vex->cve, .source = STR("redhat"), .title = json_str(vulnerability, "title") };
    fact.severity = feed_severity(json_str(json_get(json_get(root, "document"), "aggregate_severity"), "text"));
    JSON_EACH (note, json_get(vulnerability, "notes"))
        if (str_is(json_str(note, "category"), "description")) fact.description = json_str(note, "text");
    JSON_EACH (score, json_get(vulnerability, "scores"))
        if (str_empty(fact.v3.vector))
            feed_fact_cvss(&fact, json_str(json_get(score, "cvss_v3"), "vectorString"),
                           json_real(json_get(score, "cvss_v3"), "baseScore", 0));
    struct str cwe = json_str(json_get(vulnerability, "cwe"), "id");
    if (!str_empty(cwe)) *vector_push(vex->arena, &fact.cwe_ids) = cwe;
    *vector_push(vex->arena, &fact.references) =
        arena_strf(vex->arena, "https://access.redhat.com/security/cve/%.*s", STR_ARG(vex->cve));
    feed_put_fact(vex->run, &fact);
}

static void put_entries(struct vex *vex)
{
    size_t position = 0;
    for (void *value; map_next(vex->entries, &position, NULL, &value);) {
        struct vex_entry *entry = value;
        str_vector_sort_unique(&entry->entry.arches);
        str_vector_sort_unique(&entry->entry.cpes);
        *vector_push(vex->arena, &entry->record.entries) = entry->entry;
        feed_put_record(vex->run, &entry->record);
    }
}

static bool put_document(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    static const char *const lists[] = { "fixed", "known_affected", "under_investigation" };
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    yyjson_val *root = yyjson_doc_get_root(document), *vulnerability = yyjson_arr_get_first(json_get(root, "vulnerabilities"));
    struct str date = json_str(json_get(json_get(root, "document"), "tracking"), "current_release_date");
    if (!str_is(json_str(json_get(root, "document"), "category"), "csaf_vex"))
        return true; /* advisories repeat what VEX says */
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct vex vex = { run, arena, map_new(arena), map_new(arena), json_str(vulnerability, "cve") };
    if (!feed_is_cve(vex.cve)) {
        feed_skip(run, "%.*s names no CVE", STR_ARG(path));
        return true;
    }
    if (str_compare(date, run->as_of) > 0) run->as_of = arena_str(run->arena, date);
    read_tree(&vex, json_get(root, "product_tree"));
    read_remediations(&vex, vulnerability);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        JSON_EACH (id, json_get(json_get(vulnerability, "product_status"), lists[i]))
            add_product(&vex, json_value_str(id), lists[i]);
    put_entries(&vex);
    put_fact(&vex, root, vulnerability);
    return true;
}

static bool vex_read(struct feed_run *run, struct error *error)
{
    for (run->current = 0; run->current < run->input_count; run->current++)
        if (!feed_each_file(run, &run->inputs[run->current], ".json", put_document, NULL, error)) return false;
    run->current = 0;
    return true;
}

const struct feed_reader feed_redhat_vex = {
    .name = "redhat-vex", .sources = sources, .facts = "redhat", .heavy = true, .read = vex_read
};
