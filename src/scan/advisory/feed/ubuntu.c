/* Update channels and states of Ubuntu, shared by its feeds. */
#include "scan/advisory/feed/ubuntu.h"
#include "scan/advisory/release.h"

const struct feed_source ubuntu_sources[] = {
    { "ubuntu ", "ubuntu", "Ubuntu CVE Tracker", "https://git.launchpad.net/ubuntu-cve-tracker" },
    { NULL, NULL, NULL, NULL },
};

bool ubuntu_series(struct str series, struct str *release, enum ubuntu_channel *channel)
{
    struct str codename = series;
    enum ubuntu_channel found = UBUNTU_ESM;
    if (str_ends(series, "/esm"))
        codename = str_to(series, series.size - 4);
    else if (str_starts(series, "esm-infra/"))
        codename = str_from(series, 10);
    else if (str_starts(series, "esm-apps/"))
        codename = str_from(series, 9);
    else
        found = UBUNTU_BASE;
    struct str known = release_ubuntu(codename);
    if (str_empty(known)) return false;
    *release = known;
    *channel = found;
    return true;
}

/* ---- states ---- */

static bool is_version(struct str note)
{
    return note.size && note.data[0] >= '0' && note.data[0] <= '9' && str_find(note, ' ') < 0;
}

/* Reasons that only say that nobody looks any more. */
static bool is_unlooked(struct str note)
{
    static const char *const reasons[] = { "end of", "end-of", "out of", "reached end", "replaced by", "superseded by" };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (str_starts(note, reasons[i])) return true;
    return false;
}

static bool is_harmless(struct ubuntu_state state)
{
    return str_is(state.word, "not-affected") || str_is(state.word, "DNE") || str_contains(state.note, "was not-affected");
}

static enum status status_of(struct str word)
{
    static const struct {
        const char *word;
        enum status status;
    } rows[] = {
        { "active", STATUS_AFFECTED },      { "deferred", STATUS_FIX_DEFERRED }, { "ignored", STATUS_WILL_NOT_FIX },
        { "in-progress", STATUS_AFFECTED }, { "needed", STATUS_AFFECTED },       { "needs-triage", STATUS_UNDER_INVESTIGATION },
        { "pending", STATUS_AFFECTED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (str_is(word, rows[i].word)) return rows[i].status;
    return STATUS_UNKNOWN;
}

static struct str state_text(struct arena *arena, struct ubuntu_state state)
{
    if (str_empty(state.note)) return state.word;
    return arena_strf(arena, "%.*s (%.*s)", STR_ARG(state.word), STR_ARG(state.note));
}

/* The base channel of an ended release: what extended support found out is true of it too, but its fix is not for it. */
static bool judge_ended(struct arena *arena, struct ubuntu_state base, struct ubuntu_state esm, struct feed_record *record)
{
    if (is_harmless(base) || is_harmless(esm)) return false;
    record->status = STATUS_END_OF_LIFE;
    record->vendor_status = state_text(arena, base);
    if (!str_is(esm.word, "released") || !is_version(esm.note)) return true;
    record->vendor_status = arena_strf(arena, "%.*s, fix in ESM: %.*s", STR_ARG(record->vendor_status), STR_ARG(esm.note));
    *vector_push(arena, &record->patched) = arena_strf(arena, ">=%.*s", STR_ARG(esm.note));
    return true;
}

bool ubuntu_judge(struct arena *arena, const struct ubuntu_state states[UBUNTU_CHANNELS], enum ubuntu_channel channel,
                  struct feed_record *record)
{
    struct ubuntu_state state = states[channel];
    if (channel == UBUNTU_ESM && str_empty(state.word)) state = states[UBUNTU_BASE];
    if (str_empty(state.word) || is_harmless(state)) return false;
    if (str_is(state.word, "released")) {
        record->fixed_version = state.note;
        return is_version(state.note); /* without one it was fixed before the release */
    }
    bool ignored = str_is(state.word, "ignored");
    if (ignored && is_unlooked(state.note))
        return judge_ended(arena, state, channel == UBUNTU_BASE ? states[UBUNTU_ESM] : (struct ubuntu_state){ 0 }, record);
    record->status = status_of(state.word);
    record->vendor_status = str_is(state.word, "pending") || ignored ? state_text(arena, state) : state.word;
    return record->status != STATUS_UNKNOWN;
}
