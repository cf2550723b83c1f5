/* Python. Reference: PEP 440 (appendix B and "Summary of permitted suffixes and relative ordering"), packaging 23.0. */
#include "scan/advisory/version/pep440.h"

#include "scan/advisory/version/number.h"

/* Every spelling, the longer before its beginning. */
static const struct {
    const char *word;
    enum pep440_pre pre;
} pre_words[] = {
    { "alpha", PEP440_ALPHA },       { "a", PEP440_ALPHA },       { "beta", PEP440_BETA },    { "b", PEP440_BETA },
    { "preview", PEP440_CANDIDATE }, { "pre", PEP440_CANDIDATE }, { "rc", PEP440_CANDIDATE }, { "c", PEP440_CANDIDATE },
};
static const char *const post_words[] = { "post", "rev", "r" };

static bool is_separator(char c) { return c == '-' || c == '_' || c == '.'; }

static bool cut_separator(struct str *rest)
{
    if (!rest->size || !is_separator(*rest->data)) return false;
    *rest = str_from(*rest, 1);
    return true;
}

static bool cut_word(struct str *rest, const char *word)
{
    size_t size = strlen(word);
    if (!str_is_nocase(str_to(*rest, size), word)) return false;
    *rest = str_from(*rest, size);
    return true;
}

/* An optional separator and an optional number behind a word. */
static struct str cut_suffix_number(struct str *rest)
{
    cut_separator(rest);
    return number_cut(rest);
}

static void cut_pre(struct str *text, struct pep440 *version)
{
    struct str rest = *text;
    cut_separator(&rest);
    for (size_t i = 0; i < sizeof pre_words / sizeof *pre_words; i++) {
        if (!cut_word(&rest, pre_words[i].word)) continue;
        version->pre = pre_words[i].pre;
        version->pre_number = cut_suffix_number(&rest);
        *text = rest;
        return;
    }
}

static void cut_post(struct str *text, struct pep440 *version)
{
    struct str rest = *text;
    if (char_cut(&rest, '-') && rest.size && is_digit(*rest.data)) {
        version->post = true;
        version->post_number = number_cut(&rest);
        *text = rest;
        return;
    }
    rest = *text;
    cut_separator(&rest);
    for (size_t i = 0; i < sizeof post_words / sizeof *post_words; i++) {
        if (!cut_word(&rest, post_words[i])) continue;
        version->post = true;
        version->post_number = cut_suffix_number(&rest);
        *text = rest;
        return;
    }
}

static void cut_dev(struct str *text, struct pep440 *version)
{
    struct str rest = *text;
    cut_separator(&rest);
    if (!cut_word(&rest, "dev")) return;
    version->dev = true;
    version->dev_number = cut_suffix_number(&rest);
    *text = rest;
}

static bool cut_local(struct str *text, struct pep440 *version)
{
    if (!char_cut(text, '+')) return true;
    version->local = *text;
    bool empty = true;
    for (; text->size && (is_letter(*text->data) || is_digit(*text->data) || (!empty && is_separator(*text->data)));
         *text = str_from(*text, 1))
        empty = is_separator(*text->data);
    return !empty && !text->size;
}

static bool cut_release(struct str *rest, struct pep440 *version)
{
    struct str behind = *rest, epoch = number_cut(&behind);
    if (epoch.size && char_cut(&behind, '!')) {
        version->epoch = epoch;
        *rest = behind;
    }
    struct str all = *rest;
    if (!number_cut(rest).size) return false;
    while (rest->size > 1 && *rest->data == '.' && is_digit(rest->data[1])) {
        *rest = str_from(*rest, 1);
        number_cut(rest);
    }
    version->release = str_to(all, all.size - rest->size);
    return true;
}

bool pep440_parse(struct str text, struct pep440 *version)
{
    *version = (struct pep440){ 0 };
    text = str_trim(text);
    if (text.size > VERSION_LIMIT) return false;
    if (!char_cut(&text, 'v')) char_cut(&text, 'V');
    if (!cut_release(&text, version)) return false;
    cut_pre(&text, version);
    cut_post(&text, version);
    cut_dev(&text, version);
    return cut_local(&text, version) && !text.size;
}

int pep440_compare_release(struct str a, struct str b)
{
    while (a.size || b.size) {
        int order = number_compare(str_cut(&a, '.'), str_cut(&b, '.'));
        if (order) return order;
    }
    return 0;
}

/* A development release of the release itself comes before its alphas, a release behind its candidates. */
static int pre_rank(const struct pep440 *version)
{
    if (version->pre) return version->pre;
    return !version->post && version->dev ? 0 : PEP440_CANDIDATE + 1;
}

int pep440_compare_public(const struct pep440 *a, const struct pep440 *b)
{
    int order = number_compare(a->epoch, b->epoch);
    if (order == 0) order = pep440_compare_release(a->release, b->release);
    if (order == 0) order = pre_rank(a) - pre_rank(b);
    if (order == 0) order = number_compare(a->pre_number, b->pre_number);
    if (order == 0) order = a->post - b->post;
    if (order == 0) order = number_compare(a->post_number, b->post_number);
    if (order == 0) order = b->dev - a->dev;
    if (order == 0) order = number_compare(a->dev_number, b->dev_number);
    return (order > 0) - (order < 0);
}

static struct str cut_local_part(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && !is_separator(rest->data[size]))
        size++;
    struct str part = str_to(*rest, size);
    *rest = str_from(*rest, size < rest->size ? size + 1 : size);
    return part;
}

static int compare_nocase(struct str a, struct str b)
{
    for (size_t i = 0; i < a.size && i < b.size; i++) {
        char left = to_lower(a.data[i]), right = to_lower(b.data[i]);
        if (left != right) return left < right ? -1 : 1;
    }
    return (a.size > b.size) - (a.size < b.size);
}

/* Numbers are above words, the longer list above the shorter. */
static int compare_local(struct str a, struct str b)
{
    while (a.size && b.size) {
        struct str left = cut_local_part(&a), right = cut_local_part(&b);
        bool numbers[] = { number_is(left), number_is(right) };
        if (numbers[0] != numbers[1]) return numbers[0] ? 1 : -1;
        int order = numbers[0] ? number_compare(left, right) : compare_nocase(left, right);
        if (order) return order;
    }
    return (a.size > 0) - (b.size > 0);
}

int pep440_compare(const struct pep440 *a, const struct pep440 *b)
{
    int order = pep440_compare_public(a, b);
    return order ? order : compare_local(a->local, b->local);
}

static size_t write_number(char *out, struct str number)
{
    while (number.size > 1 && *number.data == '0')
        number = str_from(number, 1);
    if (!number.size) number = STR("0");
    memcpy(out, number.data, number.size);
    return number.size;
}

static size_t write_named(char *out, const char *name, struct str number)
{
    size_t size = strlen(name);
    memcpy(out, name, size);
    return size + write_number(out + size, number);
}

static size_t write_parts(char *out, struct str parts)
{
    size_t size = 0;
    while (parts.size) {
        struct str part = cut_local_part(&parts);
        if (size) out[size++] = '.';
        if (number_is(part)) {
            size += write_number(out + size, part);
            continue;
        }
        str_lower_into(part, out + size);
        size += part.size;
    }
    return size;
}

size_t pep440_write(const struct pep440 *version, char text[PEP440_TEXT])
{
    static const char *const names[] = { "", "a", "b", "rc" };
    size_t size = 0;
    if (!number_is_zero(version->epoch)) {
        size += write_number(text, version->epoch);
        text[size++] = '!';
    }
    size += write_parts(text + size, version->release);
    if (version->pre) size += write_named(text + size, names[version->pre], version->pre_number);
    if (version->post) size += write_named(text + size, ".post", version->post_number);
    if (version->dev) size += write_named(text + size, ".dev", version->dev_number);
    if (version->local.size) {
        text[size++] = '+';
        size += write_parts(text + size, version->local);
    }
    return size;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct pep440 left, right;
    if (!pep440_parse(a, &left) || !pep440_parse(b, &right)) return false;
    *sign = pep440_compare(&left, &right);
    return true;
}

const struct version_order version_pep440 = { .name = "pep440", .compare = compare, .satisfies = pep440_satisfies };
const struct version_order version_pypi = { .name = "pypi", .compare = compare, .satisfies = pep440_satisfies_plainly };
