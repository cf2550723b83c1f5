/* rpm: the source package out of the name of its file (scan.md §6.3). */
#include "scan/inventory/catalogue.h"

void rpm_source_set(struct arena *arena, struct str source_rpm, struct package *package)
{
    struct str text = str_trim(source_rpm);
    if (!text.size || str_is(text, "(none)") || !str_ends(text, ".rpm")) return;
    text.size -= 4;
    ptrdiff_t arch = str_find_last(text, '.'); /* "src" or "nosrc" */
    if (arch <= 0) return;
    text = str_to(text, (size_t)arch);
    ptrdiff_t release = str_find_last(text, '-');
    ptrdiff_t version = release > 0 ? str_find_last(str_to(text, (size_t)release), '-') : -1;
    if (version <= 0) return;
    package->src_name = arena_str(arena, str_to(text, (size_t)version));
    package->src_version = arena_str(arena, str_slice(text, (size_t)version + 1, (size_t)release));
    package->src_release = arena_str(arena, str_from(text, (size_t)release + 1));
    package->src_epoch = package->epoch;
}
