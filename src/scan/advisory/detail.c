/* From a match to a finding: severity, links, order (scan.md §14). */
#include "scan/advisory/match.h"

#include <stdlib.h>

static const struct vendor_severity *severity_of(const struct vulnerability *vulnerability, struct str source)
{
    for (size_t i = 0; source.size && i < vulnerability->severities.count; i++)
        if (str_equal(vulnerability->severities.items[i].source, source)) return &vulnerability->severities.items[i];
    return NULL;
}

static bool take_severity(struct finding *finding, struct str source)
{
    const struct vendor_severity *vendor = finding->vulnerability ? severity_of(finding->vulnerability, source) : NULL;
    if (!vendor) return false;
    finding->severity = vendor->severity;
    finding->severity_source = source;
    return true;
}

/* "auto": the distribution's own word, GitHub's for its own ids, NVD's; the database's old single word last (scan.md §14). */
static bool take_auto(struct finding *finding)
{
    if (finding->source.base_id.size ? take_severity(finding, finding->source.base_id)
                                     : take_severity(finding, finding->source.id))
        return true;
    if (str_starts(finding->id, "GHSA-") && take_severity(finding, STR("ghsa"))) return true;
    if (take_severity(finding, STR("nvd"))) return true;
    return finding->vulnerability && severity_parse(finding->vulnerability->severity_word, &finding->severity);
}

/* Where none of those has a word, another's is better than none, under that one's name: CISA's and the naming authority's
 * (feeds.md §4), then distributions, those first that judge the fault and not only their package. */
static void take_other(struct finding *finding)
{
    static const char *const others[] = { "cisa-adp",    "cna",    "redhat", "ubuntu",    "debian", "suse-cvrf",
                                          "oracle-oval", "amazon", "alma",   "rocky",     "photon", "azure",
                                          "cbl-mariner", "ghsa",   "alpine", "arch-linux" };
    struct str severity_source = finding->severity_source;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (take_severity(finding, str_of(others[i])) && finding->severity) return;
    finding->severity = SEVERITY_UNKNOWN;
    finding->severity_source = severity_source;
}

/* The first wanted source that has a word. True: that was left to us, by "auto" or by naming none. */
static bool take_wanted(struct finding *finding, const str_vector *wanted)
{
    bool automatic = !wanted || !wanted->count;
    for (size_t i = 0; wanted && i < wanted->count; i++) {
        automatic = str_is(wanted->items[i], "auto");
        if (automatic) break;
        if (take_severity(finding, wanted->items[i])) return false;
    }
    if (automatic) take_auto(finding);
    return automatic;
}

static void choose_severity(struct matching *matching, struct finding *finding)
{
    const str_vector *wanted = matching->options->severity_sources;
    bool automatic = !wanted || !wanted->count;
    if (finding->has_package_severity) {
        finding->severity = finding->package_severity;
        finding->severity_source = finding->package_severity_source;
    } else {
        automatic = take_wanted(finding, wanted);
    }
    /* Readers of a trivy.db expect what Trivy makes of it. */
    if (automatic && !finding->severity && !advisory_store_is_trivy(matching->store)) take_other(finding);
}

/* An advisory's title speaks of an update of its distribution: where nobody else has a title, of that one's findings only. */
static void choose_title(struct matching *matching, struct finding *finding)
{
    const struct vulnerability *known = finding->vulnerability;
    for (size_t i = 0; known && !known->title.size && i < known->advisory_titles.count; i++) {
        if (!str_equal(known->advisory_titles.items[i].source, finding->source.id)) continue;
        struct vulnerability *titled = arena_alloc(matching->arena, sizeof *titled);
        *titled = *known;
        titled->title = known->advisory_titles.items[i].text;
        finding->vulnerability = titled;
        return;
    }
}

/* PREFIX and the id; some sites want it in lower case. */
static struct str link_to(struct arena *arena, const char *prefix, struct str id, bool lower)
{
    size_t size = strlen(prefix);
    char *text = arena_alloc(arena, size + id.size + 1);
    memcpy(text, prefix, size);
    if (lower)
        str_lower_into(id, text + size);
    else
        memcpy(text + size, id.data, id.size);
    return str_make(text, size + id.size);
}

/* Where a source's own pages live: the first reference with such a start is the link for an id we have no rule for. */
static const struct {
    const char *source, *prefix;
} reference_prefixes[] = {
    { "amazon", "https://alas.aws.amazon.com" },
    { "debian", "http://www.debian.org" },
    { "debian", "https://www.debian.org" },
    { "nodejs-security-wg", "https://hackerone.com" },
    { "nodejs-security-wg", "https://www.npmjs.com" },
    { "oracle-oval", "http://linux.oracle.com/errata" },
    { "oracle-oval", "https://linux.oracle.com/errata" },
    { "redhat", "https://access.redhat.com" },
    { "ruby-advisory-db", "https://groups.google.com" },
    { "suse-cvrf", "http://lists.opensuse.org" },
    { "suse-cvrf", "https://lists.opensuse.org" },
    { "ubuntu", "http://www.ubuntu.com" },
    { "ubuntu", "https://usn.ubuntu.com" },
};

static struct str primary_url(struct arena *arena, const struct finding *finding)
{
    struct str id = finding->id;
    if (str_starts(id, "CVE-")) return link_to(arena, "https://avd.aquasec.com/nvd/", id, true);
    if (str_starts(id, "RUSTSEC-")) return link_to(arena, "https://osv.dev/vulnerability/", id, false);
    if (str_starts(id, "GHSA-")) return link_to(arena, "https://github.com/advisories/", id, false);
    if (str_starts(id, "TEMP-")) return link_to(arena, "https://security-tracker.debian.org/tracker/", id, false);
    const struct vulnerability *known = finding->vulnerability;
    for (size_t i = 0; known && i < known->references.count; i++)
        for (size_t j = 0; j < sizeof reference_prefixes / sizeof *reference_prefixes; j++)
            if (str_is(finding->source.id, reference_prefixes[j].source) &&
                str_starts(known->references.items[i], reference_prefixes[j].prefix))
                return known->references.items[i];
    return (struct str){ 0 };
}

static bool look_up(struct matching *matching, struct map *known, struct finding *finding)
{
    static const struct vulnerability nothing;
    const struct vulnerability *found = map_get(known, finding->id);
    if (!found) {
        struct error error = { 0 };
        found = advisory_store_vulnerability(matching->store, matching->arena, finding->id, &error);
        if (!found && error.kind != ERROR_NONE) {
            *matching->error = error;
            return false;
        }
        map_set(known, finding->id, (void *)(found ? found : &nothing));
    }
    finding->vulnerability = found == &nothing ? NULL : found;
    return true;
}

static int order_findings(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    int order;
    if ((order = str_compare(a->package->name, b->package->name))) return order;
    if ((order = str_compare(a->package->id, b->package->id))) return order;
    if ((order = str_compare(a->installed_version, b->installed_version))) return order;
    if (a->severity != b->severity) return a->severity > b->severity ? -1 : 1;
    if ((order = str_compare(a->id, b->id))) return order;
    if ((order = str_compare(a->package->file_path, b->package->file_path))) return order;
    if ((order = str_compare(a->package->arch, b->package->arch))) return order;
    return str_compare(a->fixed_version, b->fixed_version);
}

static bool same_finding(const struct finding *a, const struct finding *b)
{
    return str_equal(a->id, b->id) && str_equal(a->package->id, b->package->id) &&
           str_equal(a->package->name, b->package->name) && str_equal(a->package->arch, b->package->arch) &&
           str_equal(a->installed_version, b->installed_version) && str_equal(a->package->file_path, b->package->file_path);
}

/* The later fix has both; the larger text where the order knows no later one (scan.md §14). */
static bool is_later_fix(const struct version_order *order, struct str one, struct str other)
{
    int sign;
    if (!one.size || !other.size || !version_compare(order, one, other, &sign) || !sign) sign = str_compare(one, other);
    return sign > 0;
}

/* A vulnerability that several ranges of one record give is one finding. */
static void unite_repeats(finding_vector *findings, const struct version_order *order)
{
    size_t kept = 0;
    for (size_t i = 1; i < findings->count; i++) {
        struct finding *last = &findings->items[kept], *next = &findings->items[i];
        if (!same_finding(last, next))
            findings->items[++kept] = *next;
        else if (is_later_fix(order, next->fixed_version, last->fixed_version))
            *last = *next;
    }
    if (findings->count) findings->count = kept + 1;
}

bool match_details(struct matching *matching, const struct version_order *order)
{
    struct map *known = map_new(matching->arena);
    finding_vector *findings = matching->findings;
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *finding = &findings->items[i];
        if (!look_up(matching, known, finding)) return false;
        choose_severity(matching, finding);
        choose_title(matching, finding);
        finding->primary_url = finding->vulnerability ? primary_url(matching->arena, finding) : (struct str){ 0 };
    }
    if (findings->count) qsort(findings->items, findings->count, sizeof *findings->items, order_findings);
    unite_repeats(findings, order);
    return true;
}
