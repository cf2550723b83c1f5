/* Doublestar globs by backtracking with a bound on the steps. */
#include "base/base.h"

#define STEP_LIMIT 100000
#define DEPTH_LIMIT 200

struct match {
    unsigned steps, depth;
};

static bool match_here(struct match *match, struct str pattern, struct str path);

/* One of [a-z], [!a], [^a]: returns the pattern's size used, 0 when the bracket never closes. */
static size_t match_class(struct str pattern, char c, bool *inside)
{
    size_t i = 1;
    bool negated = i < pattern.size && (pattern.data[i] == '!' || pattern.data[i] == '^');
    if (negated) i++;
    bool found = false, first = true;
    for (; i < pattern.size && (pattern.data[i] != ']' || first); first = false) {
        if (pattern.data[i] == '\\' && i + 1 < pattern.size) i++;
        unsigned char low = (unsigned char)pattern.data[i++], high = low;
        if (i + 1 < pattern.size && pattern.data[i] == '-' && pattern.data[i + 1] != ']') {
            high = (unsigned char)pattern.data[i + 1];
            i += 2;
        }
        if ((unsigned char)c >= low && (unsigned char)c <= high) found = true;
    }
    if (i >= pattern.size) return 0;
    *inside = found != negated && c != '/';
    return i + 1;
}

/* The end of the alternative that starts at `from` inside braces: the index of its ',' or '}' at level 0, or -1. */
static ptrdiff_t alternative_end(struct str pattern, size_t from)
{
    int level = 0;
    for (size_t i = from; i < pattern.size; i++) {
        char c = pattern.data[i];
        if (c == '\\')
            i++;
        else if (c == '{')
            level++;
        else if (level == 0 && (c == ',' || c == '}'))
            return (ptrdiff_t)i;
        else if (c == '}')
            level--;
    }
    return -1;
}

static bool match_braces(struct match *match, struct str pattern, struct str path)
{
    size_t start = 1;
    ptrdiff_t close = -1;
    for (size_t from = 1;;) { /* find the closing brace first */
        ptrdiff_t end = alternative_end(pattern, from);
        if (end < 0) return false;
        if (pattern.data[end] == '}') {
            close = end;
            break;
        }
        from = (size_t)end + 1;
    }
    struct str tail = str_from(pattern, (size_t)close + 1);
    for (;;) {
        ptrdiff_t end = alternative_end(pattern, start);
        char joined[512];
        size_t size = (size_t)end - start;
        if (size + tail.size > sizeof joined) return false;
        memcpy(joined, pattern.data + start, size);
        if (tail.size) memcpy(joined + size, tail.data, tail.size);
        if (match_here(match, str_make(joined, size + tail.size), path)) return true;
        if (end == close) return false;
        start = (size_t)end + 1;
    }
}

static bool match_stars(struct match *match, struct str pattern, struct str path)
{
    bool deep = pattern.size > 1 && pattern.data[1] == '*';
    struct str rest = str_from(pattern, deep ? 2 : 1);
    if (deep && rest.size && rest.data[0] == '/') { /* a leading double star may match no folder at all */
        if (match_here(match, str_from(rest, 1), path)) return true;
    }
    for (size_t i = 0;; i++) {
        if (match_here(match, rest, str_from(path, i))) return true;
        if (i >= path.size || (!deep && path.data[i] == '/')) return false;
        if (++match->steps > STEP_LIMIT) return false;
    }
}

static bool match_simple(struct match *match, struct str pattern, struct str path)
{
    for (;;) {
        if (++match->steps > STEP_LIMIT) return false;
        if (!pattern.size) return !path.size;
        char c = pattern.data[0];
        if (c == '*') return match_stars(match, pattern, path);
        if (c == '{') return match_braces(match, pattern, path);
        if (!path.size) return str_is(pattern, "/**"); /* the folder itself */
        size_t used = 1;
        if (c == '[') {
            bool inside = false;
            used = match_class(pattern, path.data[0], &inside);
            if (!used || !inside) return false;
        } else if (c == '?') {
            if (path.data[0] == '/') return false;
        } else {
            if (c == '\\' && pattern.size > 1) c = pattern.data[used++];
            if (c != path.data[0]) return false;
        }
        pattern = str_from(pattern, used);
        path = str_from(path, 1);
    }
}

static bool match_here(struct match *match, struct str pattern, struct str path)
{
    if (match->depth >= DEPTH_LIMIT) return false;
    match->depth++;
    bool matched = match_simple(match, pattern, path);
    match->depth--;
    return matched;
}

bool str_glob(struct str pattern, struct str path)
{
    struct match match = { 0 };
    return match_here(&match, pattern, path);
}
