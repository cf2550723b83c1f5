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
    bool nameless_module; /* a fix of some module stream, but which? */
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

/* ---- the product tree ---- */

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

/* ---- packages ---- */

struct vex_package {
    struct str name, evr, arch, module;
    bool source; /* of every package built from it */
};

/* "postgresql:12:8080020230628160226:ad008a3a" → "postgresql:12" */
static struct str module_name(struct str text)
{
    struct str rest = text, name = str_cut(&rest, ':'), stream = rest.data ? str_cut(&rest, ':') : rest;
    return str_empty(stream) ? stream : str_make(text.data, name.size + 1 + stream.size);
}

/* The module stream may stand before the package, behind it, or in the purl: "postgresql:15/postgresql",
 * "go-toolset::go-toolset:rhel8", "…?arch=aarch64&rpmmod=perl-FCGI:0.78:8100020250529111022:69ef70f8". */
static struct str cut_module(struct str *component, struct str purl)
{
    struct str module = { 0 };
    ptrdiff_t slash = str_find(*component, '/'), colons = str_find_text(*component, STR("::")),
              mark = str_find_text(purl, STR("rpmmod="));
    if (slash > 0) {
        module = module_name(str_to(*component, (size_t)slash));
        *component = str_from(*component, (size_t)slash + 1);
    }
    if (slash < 0 && colons > 0) {
        module = module_name(str_from(*component, (size_t)colons + 2));
        *component = str_to(*component, (size_t)colons);
    }
    if (mark < 0) return module;
    struct str rest = str_from(purl, (size_t)mark + 7), named = module_name(str_cut(&rest, '&'));
    return str_empty(named) ? module : named;
}

/* "openssl-1:3.0.7-27.el9.aarch64" */
static bool read_fixed(struct vex *vex, struct str component, struct vex_package *package)
{
    struct feed_nevra parts;
    if (!feed_split_nevra(component, true, &parts)) return false;
    package->name = parts.name;
    package->evr = feed_evr(vex->arena, parts.epoch, parts.version, parts.release);
    package->arch = parts.arch;
    if (str_contains(parts.release, ".module") && str_empty(package->module)) {
        vex->nameless_module = true;
        return false;
    }
    return !str_is(parts.arch, "src");
}

/* Documents since 2024 name each package and, beside them, the source as "libssh.src"; older ones only the source, under its
 * own name, with a purl that says so or none. */
static bool read_open(struct str component, struct str purl, struct vex_package *package)
{
    struct feed_nevra parts;
    if (str_ends(component, ".src")) return false;
    package->name = component;
    package->source = str_empty(purl) || str_contains(purl, "arch=src");
    if (feed_split_nevra(component, true, &parts) && (str_is(parts.arch, "src") || str_contains(parts.release, "el")))
        package->name = parts.name;
    return true;
}

static bool read_package(struct vex *vex, struct str component, struct str purl, bool fixed, struct vex_package *package)
{
    *package = (struct vex_package){ 0 };
    if (!str_empty(purl) && !str_starts(purl, "pkg:rpm/")) return false; /* container images */
    package->module = cut_module(&component, purl);
    return fixed ? read_fixed(vex, component, package) : read_open(component, purl, package);
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

/* One entry under `name`; a module's stream stands before it. */
static void add_entry(struct vex *vex, const struct vex_package *package, struct str name, const struct product *product,
                      struct str cpe, struct str state)
{
    bool fixed = !str_empty(package->evr);
    if (!str_empty(package->module)) name = arena_strf(vex->arena, "%.*s::%.*s", STR_ARG(package->module), STR_ARG(name));
    struct vex_entry *entry = entry_of(vex, name, fixed ? product->advisory : vex->cve, fixed ? package->evr : state);
    entry->entry.fixed_version = package->evr;
    entry->entry.status = fixed ? STATUS_UNKNOWN : feed_redhat_status(state);
    entry->entry.vendor_status = fixed ? (struct str){ 0 } : state;
    if (!entry->entry.cves.count)
        *vector_push(vex->arena, &entry->entry.cves) =
            (struct feed_cve){ fixed ? vex->cve : (struct str){ 0 }, product->severity };
    add_cpes(vex->arena, cpe, fixed, &entry->entry.cpes);
    if (!str_empty(package->arch) && !str_vector_has(&entry->entry.arches, package->arch))
        *vector_push(vex->arena, &entry->entry.arches) = package->arch;
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
    if (!read_package(vex, product->component, component->purl, fixed, &package)) return;
    if (str_empty(package.module)) package.module = outer;
    struct str state = *list == 'u' ? STR("Under investigation") : str_empty(product->state) ? STR("Affected") : product->state;
    if (fixed && str_empty(product->advisory))
        return feed_skip(vex->run, "%.*s: fixed, but by no advisory: %.*s", STR_ARG(vex->cve), STR_ARG(id));
    add_entry(vex, &package, package.name, product, stream->cpe, state);
    if (package.source)
        add_entry(vex, &package, arena_strf(vex->arena, "source:%.*s", STR_ARG(package.name)), product, stream->cpe, state);
}

/* ---- the document ---- */

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

static void put_vulnerability(struct feed_run *run, yyjson_val *root, yyjson_val *vulnerability, struct str path)
{
    static const char *const lists[] = { "fixed", "known_affected", "under_investigation" };
    CLEANUP_ARENA struct arena *arena = arena_new();
    struct vex vex = { run, arena, map_new(arena), map_new(arena), json_str(vulnerability, "cve"), false };
    if (!feed_is_cve(vex.cve)) return feed_skip(run, "%.*s names no CVE", STR_ARG(path));
    read_tree(&vex, json_get(root, "product_tree"));
    read_remediations(&vex, vulnerability);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        JSON_EACH (id, json_get(json_get(vulnerability, "product_status"), lists[i]))
            add_product(&vex, json_value_str(id), lists[i]);
    put_entries(&vex);
    /* An advisory in the form of VEX speaks of its own packages alone; the document of a CVE, of all that Red Hat has. */
    struct str tracked = json_str(json_get(json_get(root, "document"), "tracking"), "id");
    if (str_empty(tracked) || str_equal(tracked, vex.cve)) put_fact(&vex, root, vulnerability);
    if (vex.nameless_module) feed_skip(run, "%.*s does not say which module streams its fixes are for", STR_ARG(vex.cve));
}

static bool put_document(void *context, struct feed_run *run, struct str path, struct buffer *content, struct error *error)
{
    CLEANUP_JSON yyjson_doc *document = feed_parse(run, content, path);
    if (!document) return true;
    yyjson_val *root = yyjson_doc_get_root(document), *head = json_get(root, "document");
    struct str date = json_str(json_get(head, "tracking"), "current_release_date");
    if (!str_is(json_str(head, "category"), "csaf_vex")) return true; /* advisories repeat what VEX says */
    if (str_compare(date, run->as_of) > 0) run->as_of = arena_str(run->arena, date);
    if (!yyjson_arr_size(json_get(root, "vulnerabilities"))) feed_skip(run, "%.*s names no CVE", STR_ARG(path));
    JSON_EACH (vulnerability, json_get(root, "vulnerabilities"))
        put_vulnerability(run, root, vulnerability, path);
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
