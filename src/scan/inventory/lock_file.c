/* Lock files of source trees (scan.md §9): not read yet, and said so file by file: a tree of them alone would look clean. */
#include "scan/inventory/catalogue.h"

/* What package managers keep there was installed by somebody else. */
static bool lock_file_accepts(struct str path)
{
    static const char *const kept[] = { "node_modules/", ".yarn/", "vendor/" };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        ptrdiff_t at = str_find_text(path, str_of(kept[i]));
        if (at == 0 || (at > 0 && path.data[at - 1] == '/')) return false;
    }
    return true;
}

static bool lock_file_read(struct arena *arena, struct str path, struct str content, fragment_vector *out, struct error *error)
{
    return error_set(error, ERROR_UNSUPPORTED, "lock-file-later",
                     "what it locks is not judged: lock files are read from a later version on");
}

const struct cataloguer cataloguer_lock_file = {
    .name = "lock-file",
    .scope = SCOPE_LOCKFILES,
    .names = (const char *const[]){ "Cargo.lock",
                                    "Gemfile.lock",
                                    "Package.resolved",
                                    "Pipfile.lock",
                                    "Podfile.lock",
                                    "build.sbt.lock",
                                    "bun.lock",
                                    "composer.lock",
                                    "conan.lock",
                                    "go.mod",
                                    "mix.lock",
                                    "package-lock.json",
                                    "packages.config",
                                    "packages.lock.json",
                                    "pnpm-lock.yaml",
                                    "poetry.lock",
                                    "pom.xml",
                                    "pubspec.lock",
                                    "pylock.toml",
                                    "requirements.txt",
                                    "uv.lock",
                                    "yarn.lock",
                                    NULL },
    .suffixes = (const char *const[]){ "gradle.lockfile", NULL },
    .accepts = lock_file_accepts,
    .read = lock_file_read,
};
