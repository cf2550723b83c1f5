/* The JSON of struct layer_content as tables: the writer and the reader walk the same rows (docs/layer-cache.md). */
#ifndef SCAN_MODEL_CONTENT_H
#define SCAN_MODEL_CONTENT_H

#include "scan/model/model.h"

enum member_kind {
    MEMBER_STR,    /* any UTF-8 text */
    MEMBER_PATH,   /* layer_path_valid */
    MEMBER_FOLDER, /* the same, or empty: the root */
    MEMBER_INT,    /* int64_t */
    MEMBER_SIZE,   /* uint64_t */
    MEMBER_BOOL,
    MEMBER_STRINGS, /* str_vector of texts */
    MEMBER_PATHS,   /* str_vector of paths */
    MEMBER_FOLDERS, /* str_vector of paths, the root among them */
    MEMBER_RELATIONSHIP,
    MEMBER_KIND, /* enum fragment_kind as a word */
    MEMBER_OS,   /* struct os */
    MEMBER_PACKAGES,
};

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
};

/* All members of one kind of object; left out when empty, zero or false. */
struct member_table {
    const char *what; /* for messages */
    const struct member *members;
    size_t count;
};

extern const struct member_table content_table, fragment_table, file_list_table, package_table, os_table, link_table,
    problem_table;
extern const char *const fragment_kind_words[FRAGMENT_KINDS];

/* Lists of the whole that are no plain members. */
#define CONTENT_FRAGMENTS "Fragments"            /* all but FRAGMENT_FILES */
#define CONTENT_FILE_LISTS "FileLists"           /* FRAGMENT_FILES */
#define CONTENT_INSTALLED_FILES "InstalledFiles" /* [fragment, package, [files]] by index into Fragments and its Packages */
#define CONTENT_NON_FOLDERS "NonFolders"         /* base64 of sorted 64-bit hashes, in pieces */
#define CONTENT_LINKS "Links"
#define CONTENT_PROBLEMS "Problems"

#endif
