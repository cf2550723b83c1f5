/* What a configuration file that nobody named may set: it lies in the current folder, which may be anybody's repository.
 *
 * It may say what is reported and how. Where credentials go, which database judges and what is written outside that folder
 * is for whoever runs the program: on the command line, in the environment, or in a file that --config names. */
#include "cli/parse.h"

#include <stdlib.h>
#include <sys/stat.h>

/* No link, and in a folder that lies below the current one or is it. */
static bool is_below(struct parsing *parsing, struct str value)
{
    const char *path = arena_cstr(parsing->arena, value);
    struct str folder = path_folder(value);
    struct stat status;
    if (!value.size || value.data[0] == '/' || (lstat(path, &status) == 0 && !S_ISREG(status.st_mode))) return false;
    CLEANUP_FREE char *here = realpath(".", NULL);
    CLEANUP_FREE char *there = realpath(folder.size ? arena_cstr(parsing->arena, folder) : ".", NULL);
    if (!here || !there) return false;
    size_t size = strlen(here);
    return strncmp(here, there, size) == 0 && (there[size] == '/' || !there[size] || size == 1);
}

/* Nothing would change: files with all defaults are no attempt. */
static bool asks_for_nothing(const struct parsing *parsing, const struct option *option, struct str value)
{
    const void *now = parsing->settings + option->offset;
    if (!value.size) return true;
    if (option->kind == OPTION_FLAG) return str_is_nocase(value, "false");
    return option->kind == OPTION_TEXT && *(const char *const *)now && str_is(value, *(const char *const *)now);
}

bool trust_allows(struct parsing *parsing, const struct option *option, struct str value)
{
    const char *file = parsing->found;
    if (!file || option->trust == TRUST_ANY || (option->trust == TRUST_BELOW && is_below(parsing, value))) return true;
    if (!asks_for_nothing(parsing, option, value))
        parsing_warn(parsing, "%s: %s is not taken from a file that nobody named%s: --config %s takes it", file,
                     option_key(option), option->trust == TRUST_BELOW ? ", for it leads out of this folder" : "", file);
    return false;
}
