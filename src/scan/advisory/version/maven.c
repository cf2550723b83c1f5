/* Maven. Reference: maven-artifact 3.8.7 (ComparableVersion), ranges by VersionRange's brackets or by operators.
 *
 * A version is a chain of lists: the first holds the items before the first '-', its last item is the list that follows, and
 * so on; a change between digits and other characters starts a new list too. So one array with the ends of the lists is
 * enough. */
#include "scan/advisory/version/number.h"
#include "scan/advisory/version/range.h"

struct item {
    struct str text; /* digits, or a qualifier in lower case with its alias resolved */
    bool numeric;
};

struct maven_version {
    char text[VERSION_LIMIT]; /* lower case */
    struct item items[VERSION_LIMIT + 1];
    struct {
        size_t start, end; /* after trailing nulls are gone, end may lie before the next start */
    } lists[VERSION_LIMIT + 2];
    size_t items_count, lists_count;
};

/* Their order; anything else comes behind, by its bytes. The empty word is a release. */
static const char *const qualifiers[] = { "alpha", "beta", "milestone", "rc", "snapshot", "", "sp" };
#define QUALIFIERS (sizeof qualifiers / sizeof *qualifiers)
#define RELEASE 5

static const struct {
    const char *word, *meaning;
    bool before_digit; /* only where a digit follows */
} aliases[] = {
    { "a", "alpha", true }, { "b", "beta", true },      { "cr", "rc", false },    { "final", "", false },
    { "ga", "", false },    { "m", "milestone", true }, { "release", "", false },
};

static struct str resolve_alias(struct str word, bool before_digit)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (str_is(word, aliases[i].word) && (before_digit || !aliases[i].before_digit)) return str_of(aliases[i].meaning);
    return word;
}

static void start_list(struct maven_version *version)
{
    version->lists[version->lists_count - 1].end = version->items_count;
    version->lists[version->lists_count++].start = version->items_count;
}

static bool list_is_empty(const struct maven_version *version)
{
    return version->lists[version->lists_count - 1].start == version->items_count;
}

static void add_item(struct maven_version *version, struct str text, bool numeric, bool before_digit)
{
    if (!numeric) text = resolve_alias(text, before_digit);
    version->items[version->items_count++] = (struct item){ text, numeric };
}

/* A word between digits stands in a list of its own: .X is read as -X (MNG-7559). */
static void add_word_before_digit(struct maven_version *version, struct str word)
{
    if (!list_is_empty(version)) start_list(version);
    add_item(version, word, false, true);
    start_list(version);
}

static void split(struct maven_version *version, struct str text)
{
    bool digits = false;
    size_t start = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        struct str token = str_slice(text, start, i);
        if (c == '.' || c == '-') {
            add_item(version, token.size ? token : STR("0"), digits || !token.size, false);
            start = i + 1;
            if (c == '-') start_list(version);
        } else if (is_digit(c)) {
            if (!digits && token.size) add_word_before_digit(version, token), start = i;
            digits = true;
        } else {
            if (digits && token.size) add_item(version, token, true, false), start_list(version), start = i;
            digits = false;
        }
    }
    if (start >= text.size) return;
    if (!digits && !list_is_empty(version)) start_list(version);
    add_item(version, str_from(text, start), digits, false);
}

static bool item_is_null(struct item item) { return item.numeric ? number_is_zero(item.text) : str_empty(item.text); }

/* Trailing nulls of each list go; a list that is left with nothing, itself and behind it, goes too. */
static void normalise(struct maven_version *version)
{
    for (size_t i = 0; i < version->lists_count; i++) {
        size_t end = version->lists[i].end;
        while (end > version->lists[i].start && item_is_null(version->items[end - 1]))
            end--;
        version->lists[i].end = end;
    }
    while (version->lists_count > 1 &&
           version->lists[version->lists_count - 1].start == version->lists[version->lists_count - 1].end)
        version->lists_count--;
}

static bool parse(struct str text, struct maven_version *version)
{
    if (text.size > VERSION_LIMIT) return false;
    str_lower_into(text, version->text);
    version->items_count = 0;
    version->lists_count = 1;
    version->lists[0].start = 0;
    split(version, str_make(version->text, text.size));
    version->lists[version->lists_count - 1].end = version->items_count;
    normalise(version);
    return true;
}

static size_t qualifier_rank(struct str word)
{
    for (size_t i = 0; i < QUALIFIERS; i++)
        if (str_is(word, qualifiers[i])) return i;
    return QUALIFIERS;
}

static int compare_words(struct str a, struct str b)
{
    size_t left = qualifier_rank(a), right = qualifier_rank(b);
    if (left != right) return left < right ? -1 : 1;
    return left == QUALIFIERS ? str_compare(a, b) : 0;
}

/* Numbers are above words. */
static int compare_items(struct item a, struct item b)
{
    if (a.numeric != b.numeric) return a.numeric ? 1 : -1;
    return a.numeric ? number_compare(a.text, b.text) : compare_words(a.text, b.text);
}

static int compare_with_nothing(struct item item)
{
    if (item.numeric) return number_is_zero(item.text) ? 0 : 1;
    return compare_words(item.text, str_of(qualifiers[RELEASE]));
}

/* A list against nothing: its first item that is not null decides, in the lists behind it too (MNG-6964). */
static int compare_lists_with_nothing(const struct maven_version *version, size_t list)
{
    for (; list < version->lists_count; list++)
        for (size_t i = version->lists[list].start; i < version->lists[list].end; i++) {
            int order = compare_with_nothing(version->items[i]);
            if (order) return order;
        }
    return 0;
}

/* What stands at one place of a list. */
struct place {
    const struct item *item; /* NULL: the following list, or nothing */
    bool list;
};

static struct place place_at(const struct maven_version *version, size_t list, size_t index)
{
    size_t count = version->lists[list].end - version->lists[list].start;
    if (index < count) return (struct place){ &version->items[version->lists[list].start + index], false };
    return (struct place){ NULL, index == count && list + 1 < version->lists_count };
}

/* `place` against nothing at the same place. */
static int compare_place_with_nothing(const struct maven_version *version, size_t list, struct place place)
{
    return place.item ? compare_with_nothing(*place.item) : compare_lists_with_nothing(version, list + 1);
}

/* Compares two lists up to where one has a list of its own; *deeper when both have it at the same place. */
static int compare_lists(const struct maven_version *a, const struct maven_version *b, size_t list, bool *deeper)
{
    for (size_t i = 0;; i++) {
        struct place left = place_at(a, list, i), right = place_at(b, list, i);
        int order = 0;
        *deeper = left.list && right.list;
        if (*deeper || (!left.item && !left.list && !right.item && !right.list)) return 0;
        if (left.item && right.item)
            order = compare_items(*left.item, *right.item);
        else if (!right.item && !right.list)
            order = compare_place_with_nothing(a, list, left);
        else if (!left.item && !left.list)
            order = -compare_place_with_nothing(b, list, right);
        else if (left.list)
            order = right.item->numeric ? -1 : 1; /* a list is below a number, above a word */
        else
            order = left.item->numeric ? 1 : -1;
        if (order) return order;
    }
}

static int compare_versions(const struct maven_version *a, const struct maven_version *b)
{
    bool deeper = true;
    int order = 0;
    for (size_t list = 0; deeper && order == 0; list++)
        order = compare_lists(a, b, list, &deeper);
    return order;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct maven_version left, right;
    if (!parse(str_trim(a), &left) || !parse(str_trim(b), &right)) return false;
    *sign = compare_versions(&left, &right);
    return true;
}

/* One bracket: "[1,2)", "(,2]", "[1]". Cuts it off *rest. */
static bool check_bracket(struct str version, struct str *rest, bool *inside)
{
    bool from_included = *rest->data == '[';
    size_t end = 1;
    while (end < rest->size && rest->data[end] != ']' && rest->data[end] != ')')
        end++;
    if (end == rest->size) return false;
    bool to_included = rest->data[end] == ']';
    struct str upper = str_slice(*rest, 1, end);
    *rest = str_trim(str_from(*rest, end + 1));
    struct str lower = str_trim(str_cut(&upper, ','));
    bool single = !upper.data;
    upper = single ? lower : str_trim(upper);
    if (str_find(upper, ',') >= 0 || (single && (!lower.size || !from_included || !to_included))) return false;
    int from = 1, to = -1;
    if (lower.size && !version_compare(&version_maven, version, lower, &from)) return false;
    if (upper.size && !version_compare(&version_maven, version, upper, &to)) return false;
    *inside = (from > 0 || (from == 0 && from_included)) && (to < 0 || (to == 0 && to_included));
    return true;
}

/* Brackets joined by commas: inside one of them is inside. */
static bool check_brackets(struct str version, struct str rest, bool *inside)
{
    bool any = false;
    do {
        bool satisfied = false;
        if (!rest.size || (*rest.data != '[' && *rest.data != '(')) return false;
        if (!check_bracket(version, &rest, &satisfied)) return false;
        any = any || satisfied;
        if (!rest.size) break;
        if (!char_cut(&rest, ',')) return false;
        rest = str_trim(rest);
    } while (true);
    *inside = any;
    return true;
}

static bool satisfies(struct str version, struct str range, bool *inside)
{
    range = str_trim(range);
    if (range.size && (*range.data == '[' || *range.data == '(')) return check_brackets(version, range, inside);
    return range_evaluate(&version_maven, version, range, range_check_order, inside);
}

const struct version_order version_maven = { .name = "maven", .compare = compare, .satisfies = satisfies };
