/* The table of formats, and the question asked for every path: who wants this file? */
#include "scan/inventory/catalogue.h"

#include <pthread.h>

/* Sorted by the name of the format's file. The index is the bit in masks: at most 64 rows. */
static const struct cataloguer *const catalogue[] = {
    &cataloguer_apk,
    &cataloguer_apk_repositories,
    &cataloguer_bottlerocket,
    &cataloguer_content_manifest,
    &cataloguer_redhat_dockerfile,
    &cataloguer_dpkg,
    &cataloguer_dpkg_available,
    &cataloguer_dpkg_copyright,
    &cataloguer_dpkg_files,
    &cataloguer_lock_file,
    &cataloguer_node_package,
    &cataloguer_os_release,
    &cataloguer_python_package,
    &cataloguer_alpine_release,
    &cataloguer_amazon_release,
    &cataloguer_debian_version,
    &cataloguer_lsb_release,
    &cataloguer_redhat_release,
    &cataloguer_rpm,
    &cataloguer_rpm_manifest,
    &cataloguer_ubuntu_advantage,
};
#define CATALOGUE_COUNT (sizeof catalogue / sizeof catalogue[0])
_Static_assert(CATALOGUE_COUNT <= 64, "masks have 64 bits");

size_t cataloguer_count(void) { return CATALOGUE_COUNT; }
const struct cataloguer *cataloguer_at(size_t index) { return catalogue[index]; }

const struct cataloguer *cataloguer_find(struct str name)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        if (str_is(name, catalogue[i]->name)) return catalogue[i];
    return NULL;
}

/* ---- the index over all rows' lists, built once --------------------------------------------------------------------------
 * Every path of every layer is asked for, so each question is a few comparisons: base names and exact paths hang in chains
 * by length and last letters of the base name; folders and suffixes are few and told apart by length or last letter. */

enum rule_kind {
    RULE_PATH,
    RULE_NAME,
    RULE_SUFFIX,
    RULE_UNDER
};

struct rule {
    enum rule_kind kind;
    struct str text;
    uint64_t bit;
    const struct cataloguer *cataloguer;
    struct rule *next;
};

#define CHAINS 256
#define RULE_LIMIT 512
#define ANCESTOR_LIMIT 512

static struct {
    struct rule rules[RULE_LIMIT];
    size_t rule_count;
    struct rule *bases[CHAINS];   /* RULE_PATH, RULE_NAME by base name */
    struct rule *folders[CHAINS]; /* RULE_UNDER by the folder's length */
    struct rule *endings[CHAINS]; /* RULE_SUFFIX by last letter */
    struct ancestor {
        struct str path;
        uint64_t bits;
        struct ancestor *next;
    } ancestors[ANCESTOR_LIMIT]; /* exact paths, folders, and every folder above one */
    size_t ancestor_count;
    struct ancestor *by_size[CHAINS];
} lookup;
static pthread_once_t lookup_once = PTHREAD_ONCE_INIT;

static unsigned base_chain(struct str base)
{
    unsigned last = base.size ? (unsigned char)base.data[base.size - 1] : 0;
    unsigned middle = base.size ? (unsigned char)base.data[base.size / 2] : 0;
    return (unsigned)(base.size * 31 + last * 7 + middle) % CHAINS;
}

static void rule_add(const struct cataloguer *cataloguer, uint64_t bit, enum rule_kind kind, struct str text,
                     struct rule **chain)
{
    if (lookup.rule_count == RULE_LIMIT) return; /* a unit test holds every row against inventory_wants */
    struct rule *rule = &lookup.rules[lookup.rule_count++];
    *rule = (struct rule){ kind, text, bit, cataloguer, *chain };
    *chain = rule;
}

static struct ancestor *ancestor_find(struct str path)
{
    struct ancestor *ancestor = lookup.by_size[path.size % CHAINS];
    while (ancestor && !str_equal(ancestor->path, path))
        ancestor = ancestor->next;
    return ancestor;
}

static void ancestor_add(struct str path, uint64_t bit)
{
    struct ancestor *known = ancestor_find(path), **chain = &lookup.by_size[path.size % CHAINS];
    if (!known && lookup.ancestor_count < ANCESTOR_LIMIT) {
        known = &lookup.ancestors[lookup.ancestor_count++];
        *known = (struct ancestor){ path, 0, *chain };
        *chain = known;
    }
    if (known) known->bits |= bit;
}

static void ancestors_add(struct str path, uint64_t bit)
{
    for (; path.size; path = path_folder(path))
        ancestor_add(path, bit);
}

static void rules_add(const struct cataloguer *cataloguer, uint64_t bit)
{
    for (const char *const *path = cataloguer->paths; path && *path; path++) {
        rule_add(cataloguer, bit, RULE_PATH, str_of(*path), &lookup.bases[base_chain(path_base(str_of(*path)))]);
        ancestors_add(str_of(*path), bit);
    }
    for (const char *const *name = cataloguer->names; name && *name; name++)
        rule_add(cataloguer, bit, RULE_NAME, str_of(*name), &lookup.bases[base_chain(str_of(*name))]);
    for (const char *const *suffix = cataloguer->suffixes; suffix && *suffix; suffix++) {
        struct str text = str_of(*suffix);
        rule_add(cataloguer, bit, RULE_SUFFIX, text, &lookup.endings[(unsigned char)text.data[text.size - 1]]);
    }
    for (const char *const *under = cataloguer->under; under && *under; under++) {
        struct str folder = str_trim_set(str_of(*under), "/");
        rule_add(cataloguer, bit, RULE_UNDER, folder, &lookup.folders[folder.size % CHAINS]);
        ancestors_add(folder, bit);
    }
    for (const char *const *root = cataloguer->roots; root && *root; root++)
        ancestors_add(str_of(*root), bit);
}

static void lookup_build(void)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        rules_add(catalogue[i], UINT64_C(1) << i);
}

static uint64_t rule_bit(const struct rule *rule, struct str path)
{
    return !rule->cataloguer->accepts || rule->cataloguer->accepts(path) ? rule->bit : 0;
}

static uint64_t wants_base(struct str path, struct str base)
{
    uint64_t wanted = 0;
    for (const struct rule *rule = lookup.bases[base_chain(base)]; rule; rule = rule->next)
        if (str_equal(rule->text, rule->kind == RULE_PATH ? path : base)) wanted |= rule_bit(rule, path);
    return wanted;
}

static uint64_t wants_folder(struct str path, struct str folder)
{
    uint64_t wanted = 0;
    for (const struct rule *rule = lookup.folders[folder.size % CHAINS]; rule; rule = rule->next)
        if (str_equal(rule->text, folder)) wanted |= rule_bit(rule, path);
    return wanted;
}

static uint64_t wants_ending(struct str path)
{
    uint64_t wanted = 0;
    for (const struct rule *rule = lookup.endings[(unsigned char)path.data[path.size - 1]]; rule; rule = rule->next)
        if (path.size >= rule->text.size && str_equal(str_from(path, path.size - rule->text.size), rule->text))
            wanted |= rule_bit(rule, path);
    return wanted;
}

static uint64_t wants_pattern(const struct inventory_options *options, struct str path)
{
    uint64_t wanted = 0;
    for (size_t i = 0; i < options->file_patterns.count; i++)
        for (size_t j = 0; j < CATALOGUE_COUNT; j++)
            if (str_is(options->file_patterns.items[i].cataloguer, catalogue[j]->name) &&
                regex_search(options->file_patterns.items[i].regex, path))
                wanted |= UINT64_C(1) << j;
    return wanted;
}

static uint64_t active(const struct inventory_options *options)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        if (catalogue[i]->scope & options->scope) mask |= UINT64_C(1) << i;
    return mask;
}

uint64_t inventory_wants(const struct inventory_options *options, struct str path)
{
    pthread_once(&lookup_once, lookup_build);
    if (!path.size || path.size > LAYER_PATH_LIMIT) return 0; /* no file can have such a name */
    struct str base = path_base(path);
    uint64_t wanted = wants_base(path, base) | wants_ending(path);
    if (base.size < path.size) wanted |= wants_folder(path, str_to(path, path.size - base.size - 1));
    if (options->file_patterns.count) wanted |= wants_pattern(options, path);
    return wanted ? wanted & active(options) : 0;
}

bool inventory_on_path(const struct inventory_options *options, struct str path)
{
    pthread_once(&lookup_once, lookup_build);
    const struct ancestor *ancestor = ancestor_find(path);
    return ancestor && ancestor->bits & active(options);
}

void inventory_fixed_paths(const struct inventory_options *options, struct arena *arena, str_vector *paths)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        for (const char *const *path = catalogue[i]->paths; (catalogue[i]->scope & options->scope) && path && *path; path++)
            if (!str_vector_has(paths, str_of(*path))) *vector_push(arena, paths) = str_of(*path);
}

void inventory_fixed_folders(const struct inventory_options *options, struct arena *arena, str_vector *paths)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++) {
        const char *const *const lists[] = { catalogue[i]->under, catalogue[i]->roots };
        if (!(catalogue[i]->scope & options->scope)) continue;
        for (size_t j = 0; j < 2; j++)
            for (const char *const *path = lists[j]; path && *path; path++) {
                struct str folder = str_trim_set(str_of(*path), "/");
                if (!str_vector_has(paths, folder)) *vector_push(arena, paths) = folder;
            }
    }
}

/* ---- reading ---- */

static void problem_add(struct arena *arena, problem_vector *problems, struct str path, const struct error *error)
{
    struct problem *problem = vector_push(arena, problems);
    problem->path = arena_str(arena, path);
    problem->message_id = str_of(error->id);
    problem->message =
        error->hint[0] ? arena_strf(arena, "%s; %s", error->message, error->hint) : arena_strf(arena, "%s", error->message);
}

static bool size_check(const struct cataloguer *cataloguer, struct str path, struct str content, struct error *error)
{
    size_t limit = cataloguer->size_limit ? cataloguer->size_limit : INVENTORY_FILE_LIMIT;
    if (content.size <= limit) return true;
    return error_set(error, ERROR_LIMIT, "inventory-file-large", "%.*s: %zu bytes, more than the %zu that %s reads",
                     STR_ARG(path), content.size, limit, cataloguer->name);
}

static bool is_second(const struct cataloguer *cataloguer, struct str path)
{
    return cataloguer->companion && str_ends(path, cataloguer->companion);
}

void inventory_read(struct arena *arena, const struct inventory_options *options, uint64_t wanted, struct str path,
                    struct str content, fragment_vector *fragments, problem_vector *problems)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++) {
        if (!(wanted >> i & 1) || is_second(catalogue[i], path)) continue;
        struct error error = { 0 };
        if (!size_check(catalogue[i], path, content, &error) || !catalogue[i]->read(arena, path, content, fragments, &error))
            problem_add(arena, problems, path, &error);
    }
}

/* ---- files that belong together ---- */

bool inventory_is_paired(uint64_t wanted)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        if (wanted >> i & 1 && catalogue[i]->companion) return true;
    return false;
}

struct str inventory_first_of(uint64_t wanted, struct str path)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++)
        if (wanted >> i & 1 && is_second(catalogue[i], path)) return str_to(path, path.size - strlen(catalogue[i]->companion));
    return (struct str){ 0 };
}

static void problems_drop(problem_vector *problems, struct str path)
{
    size_t kept = 0;
    for (size_t i = 0; i < problems->count; i++)
        if (!str_equal(problems->items[i].path, path)) problems->items[kept++] = problems->items[i];
    problems->count = kept;
}

void inventory_read_companion(struct arena *arena, uint64_t wanted, struct str path, struct str content,
                              const struct str *first, fragment_vector *fragments, problem_vector *problems)
{
    for (size_t i = 0; i < CATALOGUE_COUNT; i++) {
        if (!(wanted >> i & 1) || !is_second(catalogue[i], path)) continue;
        struct error error = { 0 };
        size_t before = fragments->count;
        bool good = size_check(catalogue[i], path, content, &error) &&
                    catalogue[i]->read_companion(arena, path, content, first, fragments, &error);
        if (fragments->count > before) problems_drop(problems, inventory_first_of(wanted, path));
        if (!good) problem_add(arena, problems, path, &error);
    }
}
