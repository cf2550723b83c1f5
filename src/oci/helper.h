/* Private to `oci`: a credential helper as a process. */
#ifndef OCI_HELPER_H
#define OCI_HELPER_H

#include "base/base.h"

/* Runs docker-credential-NAME VERB without a shell: `input` on its standard input, at most 64 KiB of its output, 30 seconds. */
bool helper_run(struct arena *arena, struct str name, const char *verb, struct str input, struct str *output, int *status,
                struct error *error);

#endif
