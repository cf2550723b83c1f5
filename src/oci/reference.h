/* Image references: "[host/]path[:tag][@digest]", read as the reference implementation of the field does (registry.md §1). */
#ifndef OCI_REFERENCE_H
#define OCI_REFERENCE_H

#include "base/base.h"

struct oci_reference {
    struct str registry;   /* "docker.io" when none was written; otherwise as written */
    struct str repository; /* with "library/" on docker.io where it was left out */
    struct str tag;        /* empty when none was written */
    struct str digest;     /* decides when both are there */
};

/* Strings are in the arena. The error's id says which rule was broken: reference-format, reference-uppercase,
 * reference-too-long, reference-looks-like-id, reference-digest-unsupported, reference-digest-length, reference-digest-format.
 */
bool oci_reference_parse(struct arena *arena, struct str text, struct oci_reference *reference, struct error *error);

/* What is pulled: "host/path@digest", else "host/path:tag" with "latest" where there is no tag. */
struct str oci_reference_canonical(struct arena *arena, const struct oci_reference *reference);
/* The short form people know: without "docker.io/" and "library/". */
struct str oci_reference_familiar(struct arena *arena, const struct oci_reference *reference);
/* "host/path". */
struct str oci_reference_name(struct arena *arena, const struct oci_reference *reference);

bool oci_tag_valid(struct str tag);

#endif
