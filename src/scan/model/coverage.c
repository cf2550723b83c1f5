/* What each kind of note says of a result (docs/report.md has their meanings). */
#include "scan/model/model.h"

/* Kinds, and ids of messages that stand under a wider kind such as file-unread. A package database that cannot be read, or
 * not to its end, is the same as none: what it would have named is judged by nobody. Single packages or lines that are left
 * out (rpm-header-damaged, dpkg-package-invalid) leave the rest of the result its worth. */
static const struct coverage_kind kinds[] = {
    { .name = "confinement" },
    { .name = "content-sets-unknown" },
    { .name = "database-old", .empty_result_is_worthless = true },
    { .name = "database-selection", .empty_result_is_worthless = true },
    { .name = "database-undated", .empty_result_is_worthless = true },
    { .name = "dpkg-package-leaving", .empty_result_is_worthless = true },
    { .name = "family-derived", .empty_result_is_worthless = true },
    { .name = "family-unsupported", .result_unjudged = true, .empty_result_is_worthless = true },
    { .name = "file-unread" },
    { .name = "findings-limit", .empty_result_is_worthless = true },
    { .name = "images-others", .empty_result_is_worthless = true },
    { .name = "inventory-limit", .empty_result_is_worthless = true },
    { .name = "layer-unread", .empty_result_is_worthless = true },
    { .name = "link-unfollowed", .empty_result_is_worthless = true },
    { .name = "lock-file-later", .empty_result_is_worthless = true },
    { .name = "module-unlabelled" },
    { .name = "nothing-judged", .empty_result_is_worthless = true },
    { .name = "opaque-root" },
    { .name = "os-unknown", .empty_result_is_worthless = true },
    { .name = "packages-none", .empty_result_is_worthless = true },
    { .name = "platform-other", .empty_result_is_worthless = true },
    { .name = "products-unknown", .result_unjudged = true, .empty_result_is_worthless = true },
    { .name = "release-ended", .empty_result_is_worthless = true },
    { .name = "release-unknown", .result_unjudged = true, .empty_result_is_worthless = true },
    { .name = "rpm-database-damaged", .empty_result_is_worthless = true },
    { .name = "rpm-database-encoding", .empty_result_is_worthless = true },
    { .name = "rpm-database-encrypted", .empty_result_is_worthless = true },
    { .name = "rpm-database-unknown", .empty_result_is_worthless = true },
    { .name = "rpm-journal-pending", .empty_result_is_worthless = true },
    { .name = "rpm-wal-pending", .empty_result_is_worthless = true },
    { .name = "scanner-later", .empty_result_is_worthless = true },
    { .name = "scanners-none", .empty_result_is_worthless = true },
    { .name = "severity-hidden" },
    { .name = "severity-unknown", .empty_result_is_worthless = true },
    { .name = "support-ended" },
    { .name = "support-limited" },
    { .name = "third-party" },
    { .name = "type-unsupported", .result_unjudged = true, .empty_result_is_worthless = true },
    { .name = "version-unparsable" },
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
