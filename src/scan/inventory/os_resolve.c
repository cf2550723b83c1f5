/* One operating system out of all that the files of a tree say (scan.md §5.1).
 *
 * Derived distributions keep the files of those they come from: Ubuntu has debian_version, Oracle has redhat-release. So each
 * file has a rank, the surest first, instead of an order of reading. */
#include "scan/inventory/catalogue.h"

/* The release files that only one distribution has, then os-release, then the two that are handed down. */
static const struct {
    const char *cataloguer, *base; /* base: file name, NULL for any */
    unsigned rank;
} ranks[] = {
    { "redhat", "redhat-release", 3 },
    { "debian", NULL, 3 },
    { "os-release", NULL, 2 },
    { "alpine", NULL, 1 },
    { "amazon", NULL, 1 },
    { "redhat", NULL, 1 },
    { "ubuntu", NULL, 1 },
};

static unsigned rank_of(const struct fragment *fragment)
{
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        if (str_is(fragment->cataloguer, ranks[i].cataloguer) &&
            (!ranks[i].base || str_is(path_base(fragment->path), ranks[i].base)))
            return ranks[i].rank;
    return 9;
}

static bool surer(const struct fragment *a, const struct fragment *b)
{
    unsigned rank_a = rank_of(a), rank_b = rank_of(b);
    return rank_a != rank_b ? rank_a < rank_b : str_compare(a->path, b->path) < 0;
}

/* Of those that are known here, or of the others. */
static const struct fragment *surest(const placed_vector *fragments, bool known)
{
    const struct fragment *best = NULL;
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = fragments->items[i].fragment;
        if (fragment->kind == FRAGMENT_OS && !fragments->items[i].hidden && (fragment->os.family.size != 0) == known &&
            (!best || surer(fragment, best)))
            best = fragment;
    }
    return best;
}

/* Debian's os-release gives "12", its debian_version "12.5", or "trixie/sid" while that is not released. */
static void debian_name(const placed_vector *fragments, struct os *os)
{
    if (!str_is(os->family, "debian")) return;
    for (size_t i = 0; i < fragments->count; i++)
        if (!fragments->items[i].hidden && fragments->items[i].fragment->kind == FRAGMENT_OS &&
            str_is(fragments->items[i].fragment->cataloguer, "debian"))
            os->name = fragments->items[i].fragment->os.name;
}

struct str os_stranger(const placed_vector *fragments)
{
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = fragments->items[i].fragment;
        if (fragment->kind == FRAGMENT_OS && !fragments->items[i].hidden && fragment->os.family.size &&
            str_is(fragment->cataloguer, "os-release"))
            return (struct str){ 0 };
    }
    const struct fragment *best = surest(fragments, false);
    return best ? best->os.name : (struct str){ 0 };
}

struct os os_resolve(const placed_vector *fragments, struct str distro)
{
    struct os os = { 0 };
    const struct fragment *best = surest(fragments, true);
    if (best) os = best->os;
    debian_name(fragments, &os);
    for (size_t i = 0; i < fragments->count; i++) {
        const struct fragment *fragment = fragments->items[i].fragment;
        if (fragments->items[i].hidden) continue;
        if (fragment->kind == FRAGMENT_EXTENDED && str_is(os.family, "ubuntu")) os.extended = true;
        if (fragment->kind == FRAGMENT_OS && !os.codename.size && os.family.size && str_equal(fragment->os.family, os.family))
            os.codename = fragment->os.codename;
    }
    if (distro.size) {
        os = (struct os){ 0 };
        struct str rest = distro;
        os.family = str_cut(&rest, '/');
        os.name = rest;
    }
    return os;
}
