/* Private to `scan/advisory`: releases that distributions call by codenames, one table a distribution. */
#ifndef SCAN_ADVISORY_RELEASE_H
#define SCAN_ADVISORY_RELEASE_H

#include "base/base.h"

/* "bookworm" → "debian 12", "sid" → "debian unstable"; empty for releases before Debian 7. */
struct str release_debian_bucket(struct str codename);
/* "jammy" → "22.04"; empty for releases before 12.04. */
struct str release_ubuntu(struct str codename);
/* Whether paid support goes on when the release's own has ended. */
bool release_ubuntu_has_extended(struct str release);

#endif
