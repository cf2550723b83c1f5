/* What each kind of note says of a result (docs/report.md has their meanings). */
#include "scan/model/model.h"

/* Kinds, and ids of messages that stand under a wider kind such as file-unread. A package database that cannot be read, or
 * not to its end, is the same as none: what it would have named is judged by nobody. Single packages or lines that are left
 * out (rpm-header-damaged, dpkg-package-invalid) leave the rest of the result its worth. */
static const struct coverage_kind kinds[] = {
    /* name, the result it came up with was not judged, an empty report is worthless */
    { "confinement", false, false },
    { "content-sets-unknown", false, false },
    { "database-old", false, true },
    { "database-selection", false, true },
    { "database-undated", false, true },
    { "family-unsupported", true, true },
    { "file-unread", false, false },
    { "images-others", false, true },
    { "inventory-limit", false, true },
    { "layer-unread", false, true },
    { "link-unfollowed", false, true },
    { "lock-file-later", false, true },
    { "module-unlabelled", false, false },
    { "nothing-judged", false, true },
    { "os-unknown", false, true },
    { "packages-none", false, true },
    { "products-unknown", true, true },
    { "release-ended", false, true },
    { "release-unknown", true, true },
    { "rpm-database-damaged", false, true },
    { "rpm-database-encoding", false, true },
    { "rpm-database-encrypted", false, true },
    { "rpm-database-unknown", false, true },
    { "rpm-journal-pending", false, true },
    { "rpm-wal-pending", false, true },
    { "scanner-later", false, true },
    { "scanners-none", false, true },
    { "severity-hidden", false, false },
    { "severity-unknown", false, true },
    { "support-ended", false, false },
    { "support-limited", false, false },
    { "third-party", false, false },
    { "type-unsupported", true, false },
    { "version-unparsable", false, false },
};

const struct coverage_kind *coverage_kind_find(struct str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(name, kinds[i].name)) return &kinds[i];
    return NULL;
}

bool coverage_result_unjudged(const struct coverage_note *note)
{
    const struct coverage_kind *kind = coverage_kind_find(note->kind), *message = coverage_kind_find(note->id);
    return (kind && kind->result_unjudged) || (message && message->result_unjudged);
}

bool coverage_is_worthless(const struct coverage_note *note)
{
    const struct coverage_kind *kind = coverage_kind_find(note->kind), *message = coverage_kind_find(note->id);
    return (kind && kind->empty_result_is_worthless) || (message && message->empty_result_is_worthless);
}
