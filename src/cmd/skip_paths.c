/* --skip-dirs and --skip-files: what people write, as globs from the root of what is scanned.
 *
 * Trivy takes a path for one from the root, from the working directory or from "/", whichever leads into the scanned folder.
 * So do we, and a relative one that could be two of these is both. */
#include "cmd/command.h"

#include <stdlib.h>
#include <unistd.h>

/* Cleaned, from "/", without it. */
static struct str from_top(struct arena *arena, struct str path)
{
    if (str_starts(path, "/")) return path_clean(arena, path);
    CLEANUP_FREE char *here = getcwd(NULL, 0);
    return path_clean(arena, arena_strf(arena, "%s/%.*s", here ? here : "", STR_ARG(path)));
}

static void add_once(struct arena *arena, str_vector *globs, struct str glob)
{
    if (glob.size && !str_vector_has(globs, glob)) *vector_push(arena, globs) = glob;
}

const str_vector *skip_paths(struct arena *arena, const str_vector *written, const char *folder)
{
    str_vector *globs = arena_alloc(arena, sizeof *globs);
    struct str top = folder ? from_top(arena, str_of(folder)) : (struct str){ 0 };
    for (size_t i = 0; i < written->count; i++) {
        struct str path = written->items[i];
        add_once(arena, globs, path_clean(arena, path));
        struct str whole = folder ? from_top(arena, path) : (struct str){ 0 };
        bool inside =
            whole.size > top.size && str_equal(str_to(whole, top.size), top) && (!top.size || whole.data[top.size] == '/');
        if (inside) add_once(arena, globs, str_from(whole, top.size + (top.size != 0)));
    }
    return globs;
}
