#include "scan/advisory/match.h"

#include <stdio.h>

static struct str evr(struct arena *arena, int64_t epoch, struct str version, struct str release)
{
    if (!epoch && !release.size) return version;
    char prefix[32] = "";
    if (epoch) snprintf(prefix, sizeof prefix, "%lld:", (long long)epoch);
    return arena_strf(arena, "%s%.*s%s%.*s", prefix, STR_ARG(version), release.size ? "-" : "", STR_ARG(release));
}

struct str match_binary_version(struct arena *arena, const struct package *package)
{
    return evr(arena, package->epoch, package->version, package->release);
}

/* A package without source fields is its own source. */
struct str match_source_version(struct arena *arena, const struct package *package)
{
    if (!package->src_version.size) return match_binary_version(arena, package);
    return evr(arena, package->src_epoch, package->src_version, package->src_release);
}

struct str match_source_name(const struct package *package)
{
    return package->src_name.size ? package->src_name : package->name;
}

struct str match_module_key(struct arena *arena, const struct package *package, struct str entry)
{
    struct str rest = package->modularity_label, name = str_cut(&rest, ':'), stream = rest.data ? str_cut(&rest, ':') : rest;
    if (!name.size || !stream.size) return entry;
    return arena_strf(arena, "%.*s:%.*s::%.*s", STR_ARG(name), STR_ARG(stream), STR_ARG(entry));
}

struct str match_key(struct matching *matching, const struct family *family, const struct package *package)
{
    if (family->key == KEY_SOURCE) return match_source_name(package);
    bool module = family->key == KEY_MODULE || (family->own_modules && !advisory_store_is_trivy(matching->store));
    return module ? match_module_key(matching->arena, package, package->name) : package->name;
}

void match_note(struct matching *matching, const char *kind, struct str subject, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    *vector_push(matching->arena, &matching->report->coverage) =
        (struct coverage_note){ str_of(kind), arena_str(matching->arena, subject),
                                str_of(arena_strdup(matching->arena, text)) };
}

static const struct data_source *source_of(struct matching *matching, struct str bucket)
{
    struct data_source *source = map_get(matching->sources, bucket);
    if (source) return source;
    source = arena_alloc(matching->arena, sizeof *source);
    struct error ignored = { 0 };
    advisory_store_source(matching->store, matching->arena, bucket, source, &ignored); /* absent: an empty source */
    map_set(matching->sources, arena_str(matching->arena, bucket), source);
    return source;
}

struct finding *match_add(struct matching *matching, const struct comparison *comparison)
{
    const struct package *package = comparison->package;
    const struct advisory *advisory = comparison->advisory;
    struct finding *finding = vector_push(matching->arena, matching->findings);
    if (matching->shown_package != package) {
        matching->shown_package = package;
        matching->shown_version = match_binary_version(matching->arena, package);
    }
    *finding = (struct finding){
        .id = advisory->id,
        .vendor_ids = advisory->vendor_ids,
        .package = package,
        .installed_version = matching->shown_version,
        .fixed_version = advisory->fixed_version,
        .status = advisory->fixed_version.size ? STATUS_FIXED
                  : advisory->status           ? advisory->status
                                               : STATUS_AFFECTED,
        .vendor_status = advisory->vendor_status,
        .has_package_severity = advisory->has_severity,
        .package_severity = advisory->severity,
        .source = *source_of(matching, comparison->bucket),
        .bucket = comparison->bucket,
        .lookup_key = comparison->key,
        .compared_version = comparison->compared,
        .order_name = str_of(comparison->order->name),
        .affected_version = advisory->affected_version,
    };
    return finding;
}

/* Rocky and Oracle: the entries of a record that speak of this package. True when the record has entries at all. */
static bool take_entry(struct matching *matching, const struct family *family, const struct package *package,
                       struct advisory *advisory, bool *fits)
{
    if (!family->entry_fits || !yyjson_arr_size(advisory->entries)) return false;
    *fits = false;
    JSON_EACH (entry, advisory->entries) {
        if (*fits || !family->entry_fits(package, entry)) continue;
        advisory->fixed_version = json_str(entry, "FixedVersion");
        if (!advisory_store_is_trivy(matching->store)) { /* its entries' ids do not reach its reports */
            advisory->vendor_ids = (str_vector){ 0 };
            record_strings(matching->arena, json_get(entry, "VendorIDs"), &advisory->vendor_ids);
        }
        *fits = true;
    }
    return true;
}

/* Versions without the fault in a record without a fix: Ubuntu's extended support has one (docs/database.md). */
static bool is_patched(const struct family *family, struct str installed, const struct advisory *advisory)
{
    bool inside = false;
    for (size_t i = 0; i < advisory->patched.count && !inside; i++)
        if (!version_satisfies(family->order, installed, advisory->patched.items[i], &inside)) inside = false;
    return inside;
}

/* By its own name, or that of an advisory it carries; people write them in any case. */
static bool is_asked_for(const struct matching *matching, const struct advisory *advisory)
{
    struct str asked = matching->options->explain;
    if (str_equal_nocase(asked, advisory->id)) return true;
    for (size_t i = 0; i < advisory->vendor_ids.count; i++)
        if (str_equal_nocase(asked, advisory->vendor_ids.items[i])) return true;
    return false;
}

void match_explain(struct matching *matching, const struct comparison *comparison, bool affected, const char *why)
{
    const struct advisory *advisory = comparison->advisory;
    if (!matching->options->explanations || !is_asked_for(matching, advisory)) return;
    if (affected && !advisory->fixed_version.size && !advisory->vulnerable.count) why = "there is no fix";
    *vector_push(matching->arena, matching->options->explanations) = (struct explanation){
        comparison->package,
        comparison->bucket,
        comparison->key,
        advisory->id,
        comparison->compared,
        advisory->affected_version,
        advisory->fixed_version,
        str_of(comparison->order->name),
        advisory->status,
        advisory->vendor_status,
        affected,
        why,
    };
}

enum verdict {
    AFFECTED,
    NOT_AFFECTED,
    BELOW_RANGE,
    NO_FIX_NOT_TOLD,
    ALREADY_FIXED,
    UNREADABLE
};

static enum verdict judge(const struct family *family, struct str installed, const struct advisory *advisory)
{
    int sign;
    if (advisory->status == STATUS_NOT_AFFECTED) return NOT_AFFECTED;
    if (advisory->affected_version.size && version_compare(family->order, advisory->affected_version, installed, &sign) &&
        sign > 0)
        return BELOW_RANGE;
    if (!advisory->fixed_version.size && is_patched(family, installed, advisory)) return ALREADY_FIXED;
    if (!advisory->fixed_version.size) return family->unfixed ? AFFECTED : NO_FIX_NOT_TOLD;
    if (!version_compare(family->order, installed, advisory->fixed_version, &sign)) return UNREADABLE;
    return sign < 0 ? AFFECTED : ALREADY_FIXED;
}

static const char *const verdict_words[] = {
    [AFFECTED] = "the installed version is below the fix",
    [NOT_AFFECTED] = "the source says that this package is not affected",
    [BELOW_RANGE] = "the installed version is older than the first affected one",
    [NO_FIX_NOT_TOLD] = "this source publishes fixes only: a record without one says nothing",
    [ALREADY_FIXED] = "the installed version has the fix",
    [UNREADABLE] = "the versions cannot be compared",
};

bool match_judge(struct matching *matching, const struct family *family, const struct comparison *comparison)
{
    const struct advisory *one = comparison->advisory;
    enum verdict verdict = judge(family, comparison->compared, one);
    match_explain(matching, comparison, verdict == AFFECTED, verdict_words[verdict]);
    if (verdict == UNREADABLE)
        match_note(matching, "version-unparsable", one->id,
                   "the fixed version \"%.*s\" of %.*s (%.*s) cannot be read: not judged", STR_ARG(one->fixed_version),
                   STR_ARG(one->id), STR_ARG(comparison->key));
    return verdict == AFFECTED;
}

static void judge_record(struct matching *matching, const struct family *family, const struct comparison *record)
{
    struct advisory one = *record->advisory;
    struct comparison comparison = *record;
    bool fits = true;
    take_entry(matching, family, comparison.package, &one, &fits);
    comparison.advisory = &one;
    if (!fits) {
        match_explain(matching, &comparison, false, "the record speaks of another architecture or flavour");
        return;
    }
    if (!match_judge(matching, family, &comparison)) return;
    struct finding *finding = match_add(matching, &comparison);
    if (family->source_shown) finding->installed_version = comparison.compared;
    if (family->plain_epoch) {
        finding->without_package_id = true;
        if (str_starts(finding->fixed_version, "0:")) finding->fixed_version = str_from(finding->fixed_version, 2);
    }
    if (finding->has_package_severity && family->severity_source)
        finding->package_severity_source = str_of(family->severity_source);
    if (!family->severity_source) finding->has_package_severity = false;
}

bool match_readable(struct matching *matching, const struct family *family, const struct package *package, struct str version)
{
    int sign;
    if (version_compare(family->order, version, version, &sign)) return true;
    match_note(matching, "version-unparsable", package->id, "the version \"%.*s\" of %.*s cannot be read: not judged",
               STR_ARG(version), STR_ARG(package->id));
    return false;
}

bool match_common(struct matching *matching, const struct family *family, const struct package *package, struct str bucket)
{
    struct str key = match_key(matching, family, package);
    struct str installed = family->version == VERSION_OF_SOURCE ? match_source_version(matching->arena, package)
                                                                : match_binary_version(matching->arena, package);
    advisory_vector advisories = { 0 };
    if (!advisory_store_get(matching->store, matching->arena, bucket, key, &advisories, matching->error)) return false;
    if (advisories.count && !match_readable(matching, family, package, installed)) return true;
    for (size_t i = 0; i < advisories.count; i++)
        judge_record(matching, family,
                     &(struct comparison){ package, &advisories.items[i], bucket, key, installed, family->order });
    return true;
}

/* A key that packages are signed with, which rpm lists like a package. */
static bool is_key(const struct package *package) { return str_is(package->name, "gpg-pubkey"); }

/* Whose packages neither the distribution's advisories nor a supplier's own speak of (scan.md §7). */
static bool is_third_party(const struct matching *matching, const struct family *family, const struct package *package)
{
    return str_is(package->repository_class, "third-party") && !family->third_party && !match_is_seal(matching, package);
}

static bool match_package(struct matching *matching, const struct family *family, const struct package *package,
                          struct str bucket)
{
    if (is_key(package) || is_third_party(matching, family, package)) return true;
    if (match_is_seal(matching, package)) return match_seal(matching, family, package);
    if (matching->rebuilt) return match_rootio(matching, family, package);
    if (family->skip && family->skip(matching, package)) return true;
    return family->match ? family->match(matching, family, package) : match_common(matching, family, package, bucket);
}

/* Feeds that are not fetched for the sake of their licence have but one file each (docs/feeds.md). */
static const char *advice_for(struct arena *arena, struct str family)
{
    for (size_t i = 0; i < feed_count(); i++) {
        const struct feed_info *feed = feed_at(i);
        if (!feed->redistributable && feed->url && str_is(family, feed->family) && feed->way == FEED_PLAIN && !feed->releases)
            return arena_printf(arena,
                                "for its licence db update does not fetch that feed: put %s below DIR as %s, then pratique db "
                                "build --feeds DIR (docs/feeds.md)",
                                feed->url, feed->path);
    }
    return "pratique db update brings newer releases; if it stays so, the release is too new or too old for its feed";
}

/* What the reader must know before trusting an empty result. */
static bool note_release(struct matching *matching, struct str bucket)
{
    bool known;
    if (!advisory_store_has_bucket(matching->store, bucket, &known, matching->error)) return false;
    struct os os = matching->inventory->os;
    if (!known)
        match_note(matching, "release-unknown", bucket,
                   "the database has no data for %.*s %.*s (\"%.*s\"): its packages were not judged; %s", STR_ARG(os.family),
                   STR_ARG(os.name), STR_ARG(bucket), advice_for(matching->arena, os.family));
    return true;
}

/* The feed with records of all releases may be too large to be fetched with the others. */
static const char *advice_for_release(struct arena *arena, struct str family)
{
    for (size_t i = 0; i < feed_count(); i++) {
        const struct feed_info *feed = feed_at(i);
        if (feed->large && !feed->aside && feed_serves(feed, family))
            return arena_printf(arena,
                                "%s, which is fetched only when it is named for it is large, may have it: pratique db update "
                                "--only %s",
                                feed->title, feed->name);
    }
    return advice_for(arena, family);
}

/* One bucket for all releases cannot tell that a release is missing; that no package has a record of it does. */
static void note_release_without_records(struct matching *matching)
{
    enum {
        ENOUGH = 10 /* packages: an image of a few may well have none */
    };
    struct os os = matching->inventory->os;
    if (matching->of_release || matching->of_others < ENOUGH) return;
    match_note(matching, "release-unknown", os.name,
               "the database knows %zu of the packages, but none of them for %.*s %.*s: they were not judged; %s",
               matching->of_others, STR_ARG(os.family), STR_ARG(os.name), advice_for_release(matching->arena, os.family));
}

static void note_third_parties(struct matching *matching, const struct family *family)
{
    size_t count = 0;
    for (size_t i = 0; i < matching->application->packages.count; i++) {
        const struct package *package = matching->application->packages.items[i];
        count += !is_key(package) && is_third_party(matching, family, package);
    }
    if (count)
        match_note(
            matching, "third-party", matching->inventory->os.family,
            "%zu packages come from third parties: the distribution's advisories say nothing of them, they were not judged",
            count);
}

/* A byte of a package list must not become a hundred of report: many packages of one source have all its records each. */
#define FINDING_LIMIT 100000

static bool match_packages(struct matching *matching, const struct family *family, struct str bucket)
{
    const package_list *packages = &matching->application->packages;
    size_t before = matching->findings->count;
    for (size_t i = 0; i < packages->count; i++) {
        if (matching->findings->count - before >= FINDING_LIMIT) {
            match_note(matching, "findings-limit", matching->inventory->os.family,
                       "more than %d findings: %zu packages, from %.*s on, were not judged", FINDING_LIMIT, packages->count - i,
                       STR_ARG(packages->items[i]->id));
            return true;
        }
        if (!match_package(matching, family, packages->items[i], bucket)) return false;
    }
    return true;
}

bool advisory_match(struct advisory_store *store, struct arena *arena, const struct inventory *inventory,
                    const struct application *application, const struct match_options *options, finding_vector *findings,
                    struct report *report, struct error *error)
{
    struct matching matching = { .store = store,
                                 .arena = arena,
                                 .inventory = inventory,
                                 .application = application,
                                 .options = options,
                                 .findings = findings,
                                 .report = report,
                                 .sources = map_new(arena),
                                 .error = error,
                                 .rebuilt = advisory_is_rebuilt(inventory) };
    if (!application->os_packages) {
        match_note(&matching, "type-unsupported", application->type, "packages of type %.*s are listed, but not judged",
                   STR_ARG(application->type));
        return true;
    }
    if (!application->packages.count) return true;
    const struct family *family = family_find(inventory->os.family);
    if (!family) {
        match_note(&matching, "family-unsupported", inventory->os.family,
                   "there is no vulnerability data for %.*s: its packages were not judged", STR_ARG(inventory->os.family));
        return true;
    }
    struct str bucket = family_bucket(family, &matching);
    if (!note_release(&matching, bucket)) return false;
    note_third_parties(&matching, family);
    if (!match_packages(&matching, family, bucket)) return false;
    note_release_without_records(&matching);
    if (!match_support(&matching, family, bucket)) return false;
    return match_details(&matching, family->order);
}
