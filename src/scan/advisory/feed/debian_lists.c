/* The Debian security tracker's list files: data/DSA/list, data/DLA/list, data/CVE/list.
 * Grammar: feeds.md §3, Debian; security-tracker's doc/soriano/ and lib/python/bugs.py describe the same. */
#include "scan/advisory/feed/debian.h"
#include "scan/advisory/release.h"

#include <stdlib.h>

struct str debian_key(struct arena *arena, struct str codename, struct str package, struct str id)
{
    return arena_strf(arena, "%.*s\n%.*s\n%.*s", STR_ARG(codename), STR_ARG(package), STR_ARG(id));
}

enum status debian_status(struct str state)
{
    static const struct {
        const char *state;
        enum status status;
    } rows[] = {
        { "end-of-life", STATUS_END_OF_LIFE }, { "ignored", STATUS_WILL_NOT_FIX },   { "no-dsa", STATUS_AFFECTED },
        { "open", STATUS_AFFECTED },           { "postponed", STATUS_FIX_DEFERRED }, { "unfixed", STATUS_AFFECTED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(state, rows[i].state)) return rows[i].status;
    return STATUS_AFFECTED;
}

/* Old data has "low*", "low**": how sure the tracker was. */
enum severity debian_severity(struct str urgency) { return feed_severity(str_trim_set(urgency, "*")); }

/* "[release] - package rest" or "- package rest", blanks and tabs in any mixture. False for any other line. */
static bool split_package_line(struct str line, struct str *codename, struct str *package, struct str *rest)
{
    line = str_trim(line);
    *codename = (struct str){ 0 };
    if (str_starts(line, "[")) {
        ptrdiff_t end = str_find(line, ']');
        if (end < 0) return false;
        *codename = str_slice(line, 1, (size_t)end);
        line = str_trim(str_from(line, (size_t)end + 1));
    }
    if (!str_starts(line, "- ") && !str_starts(line, "-\t")) return false;
    *rest = str_from(line, 1);
    *package = str_word(rest);
    *rest = str_trim(*rest);
    return !str_empty(*package);
}

/* The version before the notes: "1.2-3 (bug #4)". Empty for "<unfixed>" and its like, which go to *state. */
static struct str split_version(struct str rest, struct str *state, struct str *notes)
{
    struct str word = str_word(&rest);
    *notes = str_trim_set(str_trim(rest), "()");
    *state = (struct str){ 0 };
    if (!str_starts(word, "<")) return word;
    *state = str_trim_set(word, "<>");
    return (struct str){ 0 };
}

/* ---- DSA and DLA ---- */

static void add_fix(struct debian_lists *lists, struct str codename, struct str package, struct str id, struct str version)
{
    struct arena *arena = lists->run->arena;
    struct str key = debian_key(arena, codename, package, id);
    struct debian_fix *fix = map_get(lists->fixes, key);
    if (!fix) {
        fix = arena_alloc(arena, sizeof *fix);
        *fix = (struct debian_fix){ .codename = arena_str(arena, codename), .package = arena_str(arena, package), .id = id };
        map_set(lists->fixes, key, fix);
    }
    int sign = -1;
    if (!str_empty(fix->version) && !version_compare(&version_deb, fix->version, version, &sign)) sign = -1;
    if (!str_empty(version) && sign < 0) fix->version = arena_str(arena, version); /* an incomplete fix has a later one */
    if (!str_vector_has(&fix->advisories, lists->advisory)) *vector_push(arena, &fix->advisories) = lists->advisory;
}

/* "21 Aug 2026" → "2026-08-21": the newest advisory is how old the lists are. */
static void note_date(struct feed_run *run, struct str text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct str day = str_word(&text), month = str_word(&text), year = str_word(&text);
    ptrdiff_t at = month.size == 3 ? str_find_text(str_of(months), month) : -1;
    uint64_t number;
    if (at < 0 || at % 3 || !str_to_u64(day, &number) || number > 31 || year.size != 4) return;
    struct str date = arena_strf(run->arena, "%.*s-%02d-%02u", STR_ARG(year), (int)at / 3 + 1, (unsigned)number);
    if (str_compare(date, run->as_of) > 0) run->as_of = date;
}

/* "[21 Aug 2026] DSA-6458-1 gst-plugins-bad1.0 - security update" */
static bool read_heading(struct debian_lists *lists, struct str line)
{
    ptrdiff_t end = str_find(line, ']');
    if (!str_starts(line, "[") || end < 0) return false;
    struct str rest = str_from(line, (size_t)end + 1), id = str_word(&rest);
    if (!feed_is_id(id)) return false;
    if (!lists->run->counts[lists->run->current])
        note_date(lists->run, str_slice(line, 1, (size_t)end)); /* the newest comes first */
    lists->advisory = arena_str(lists->run->arena, id);
    lists->cves.count = 0;
    lists->run->counts[lists->run->current]++;
    return true;
}

bool debian_read_advisory_line(void *context, struct feed_run *run, struct str line, struct error *error)
{
    struct debian_lists *lists = context;
    if (str_empty(str_trim(line))) return true;
    if (line.data[0] == '[') {
        if (!read_heading(lists, line)) feed_skip(run, "not an advisory's heading: %.*s", STR_ARG(line));
        return true;
    }
    struct str text = str_trim(line), codename, package, rest, state, notes;
    if (str_starts(text, "{")) {
        text = str_trim_set(text, "{}");
        for (struct str id; !str_empty(id = str_word(&text));)
            if (feed_is_id(id)) *vector_push(run->arena, &lists->cves) = arena_str(run->arena, id);
        return true;
    }
    if (!split_package_line(line, &codename, &package, &rest)) return true; /* NOTE: and the like */
    struct str version = split_version(rest, &state, &notes);
    if (str_empty(codename) || str_empty(lists->advisory) || str_empty(release_debian_bucket(codename)) || str_empty(version))
        return true;
    /* An advisory without a list repairs an earlier one or announces something; what has no CVE yet is TEMP-… in the tracker.
     */
    for (size_t i = 0; i < lists->cves.count; i++)
        add_fix(lists, codename, package, lists->cves.items[i], version);
    return true;
}

/* ---- CVE list ---- */

/* The urgency among notes such as "bug #1, unimportant; bug #2". */
static struct str note_urgency(struct str notes)
{
    static const char *const words[] = { "unimportant", "low", "medium", "high" };
    while (notes.data) {
        struct str note = str_trim(str_cut(&notes, ';'));
        while (note.data) {
            struct str part = str_trim(str_cut(&note, ','));
            for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (str_is(part, words[i])) return str_of(words[i]);
        }
    }
    return (struct str){ 0 };
}

bool debian_read_cve_line(void *context, struct feed_run *run, struct str line, struct error *error)
{
    struct debian_lists *lists = context;
    struct str text = line, codename, package, rest, notes;
    if (str_empty(line)) return true;
    if (line.data[0] != ' ' && line.data[0] != '\t') {
        struct str id = str_word(&text);
        lists->cve = feed_is_id(id) ? arena_str(run->arena, id) : (struct str){ 0 }; /* "begin claimed by …" is no entry */
        if (feed_is_id(id)) run->counts[run->current]++;
        return true;
    }
    if (str_empty(lists->cve) || !split_package_line(line, &codename, &package, &rest)) return true;
    struct debian_line *entry = arena_alloc(run->arena, sizeof *entry);
    entry->version = arena_str(run->arena, split_version(rest, &entry->state, &notes));
    entry->state = arena_str(run->arena, entry->state);
    entry->urgency = note_urgency(notes);
    entry->codename = arena_str(run->arena, codename);
    entry->package = arena_str(run->arena, package);
    entry->id = lists->cve;
    map_set(lists->lines, debian_key(run->arena, codename, package, lists->cve), entry);
    return true;
}
