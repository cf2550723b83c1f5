/* Debian and its children. Reference: dpkg 1.21 (lib/dpkg/parsehelp.c, version.c), deb-version(7). */
#include "scan/advisory/version.h"
#include "scan/advisory/version/number.h"

struct deb_version {
    uint64_t epoch;
    struct str upstream, revision;
};

static bool has_only(struct str text, const char *marks)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!is_digit(c) && !is_letter(c) && (!c || !strchr(marks, c))) return false;
    }
    return true;
}

/* What dpkg takes without an error or a warning. */
static bool parse(struct str text, struct deb_version *version)
{
    text = str_trim_set(text, " \t");
    ptrdiff_t colon = str_find(text, ':');
    if (colon >= 0) {
        if (!str_to_u64(str_to(text, (size_t)colon), &version->epoch) || version->epoch > INT32_MAX) return false;
        text = str_from(text, (size_t)colon + 1);
    }
    ptrdiff_t hyphen = str_find_last(text, '-');
    version->upstream = hyphen < 0 ? text : str_to(text, (size_t)hyphen);
    version->revision = hyphen < 0 ? (struct str){ 0 } : str_from(text, (size_t)hyphen + 1);
    if (hyphen >= 0 && str_empty(version->revision)) return false;
    if (str_empty(version->upstream) || !is_digit(*version->upstream.data)) return false;
    return has_only(version->upstream, ".-+~:") && has_only(version->revision, ".+~");
}

/* '~' before the end, the end before letters, letters before the rest; a digit ends a run as the end does. */
static int weight(struct str text)
{
    if (!text.size || is_digit(*text.data)) return 0;
    if (*text.data == '~') return -1;
    return is_letter(*text.data) ? *text.data : *text.data + 256;
}

static int compare_part(struct str a, struct str b)
{
    while (a.size || b.size) {
        while ((a.size && !is_digit(*a.data)) || (b.size && !is_digit(*b.data))) {
            int left = weight(a), right = weight(b);
            if (left != right) return left < right ? -1 : 1;
            a = str_from(a, 1);
            b = str_from(b, 1);
        }
        struct str left = number_cut(&a), right = number_cut(&b);
        int order = number_compare(left, right);
        if (order) return order;
    }
    return 0;
}

static bool compare(struct str a, struct str b, int *sign)
{
    struct deb_version left = { 0 }, right = { 0 };
    if (!parse(a, &left) || !parse(b, &right)) return false;
    if (left.epoch != right.epoch) {
        *sign = left.epoch < right.epoch ? -1 : 1;
        return true;
    }
    *sign = compare_part(left.upstream, right.upstream);
    if (*sign == 0) *sign = compare_part(left.revision, right.revision);
    return true;
}

const struct version_order version_deb = { .name = "deb", .compare = compare };
