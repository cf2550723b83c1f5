/* A folder with feeds and the database that is built from them. */
#ifndef ADVISORY_SITE_H
#define ADVISORY_SITE_H

#include "unit.h"
#include "scan/advisory/advisory.h"

#include <stdlib.h>

struct site {
    struct arena *arena;
    char folder[64];
    const char *feeds, *output;
    struct build_summary summary;
};

static char site_left[64]; /* the folder of a case that is running: removed at exit when the case fails */

static inline void site_remove_left(void)
{
    struct error error;
    if (site_left[0]) folder_remove(site_left, &error);
}

static inline void site_open(struct site *site)
{
    static bool registered;
    if (!registered) atexit(site_remove_left);
    registered = true;
    site_remove_left();
    *site = (struct site){ .arena = arena_new() };
    strcpy(site->folder, "/tmp/pratique-build-XXXXXX");
    assert_non_null(mkdtemp(site->folder));
    strcpy(site_left, site->folder);
    site->feeds = path_join(site->arena, site->folder, "feeds");
    site->output = path_join(site->arena, site->folder, "out/pratique.db");
}

static inline void site_close(struct site *site)
{
    struct error error;
    assert_true(folder_remove(site->folder, &error));
    site_left[0] = 0;
    arena_free(site->arena);
}

static inline void site_put(struct site *site, const char *path, struct str content)
{
    struct error error;
    const char *full = path_join(site->arena, site->feeds, path);
    assert_true(folder_make(arena_cstr(site->arena, path_folder(str_of(full))), 0755, &error));
    assert_true(file_write(full, content, 0644, false, &error));
}

static inline bool site_build(struct site *site, bool force, struct error *error)
{
    struct build_options options = { .feeds = site->feeds, .output = site->output, .now = 1000 * SECOND, .force = force };
    return advisory_build(site->arena, &options, &site->summary, error);
}

static inline void site_build_or_fail(struct site *site, bool force)
{
    struct error error = { 0 };
    if (!site_build(site, force, &error)) fail_msg("%s: %s", error.id, error.message);
}

#endif
