/* Python versions (PEP 440, "Version Identification and Dependency Specification"), for the order and the specifiers. */
#ifndef SCAN_ADVISORY_VERSION_PEP440_H
#define SCAN_ADVISORY_VERSION_PEP440_H

#include "scan/advisory/version.h"

enum pep440_pre {
    PEP440_ALPHA = 1,
    PEP440_BETA,
    PEP440_CANDIDATE
};

struct pep440 {
    struct str epoch, release; /* digits; digits and dots */
    enum pep440_pre pre;       /* 0: none */
    bool post, dev;
    struct str pre_number, post_number, dev_number;
    struct str local; /* letters and digits, parted by '.', '-' or '_' */
};

bool pep440_parse(struct str text, struct pep440 *version);

/* Release numbers alone; missing ones are 0. */
int pep440_compare_release(struct str a, struct str b);
/* All but the local part. */
int pep440_compare_public(const struct pep440 *a, const struct pep440 *b);
int pep440_compare(const struct pep440 *a, const struct pep440 *b);

/* The normal form ("Normalization"); returns its size. */
#define PEP440_TEXT (VERSION_LIMIT + 32)
size_t pep440_write(const struct pep440 *version, char text[PEP440_TEXT]);

/* Specifiers as `packaging` reads them, and as advisories mean them: there "<2.0" holds 2.0a1 too. */
bool pep440_satisfies(struct str version, struct str range, bool *inside);
bool pep440_satisfies_plainly(struct str version, struct str range, bool *inside);

#endif
