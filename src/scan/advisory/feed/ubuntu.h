/* Private to the Ubuntu feeds: update channels and states (feeds.md §3, Ubuntu). */
#ifndef SCAN_ADVISORY_FEED_UBUNTU_H
#define SCAN_ADVISORY_FEED_UBUNTU_H

#include "scan/advisory/feed.h"

extern const struct feed_source ubuntu_sources[];

enum ubuntu_channel {
    UBUNTU_BASE,
    UBUNTU_ESM,
    UBUNTU_CHANNELS
};

/* "jammy", "trusty/esm", "esm-infra/xenial" → "22.04" and the channel. False for other channels (FIPS, ROS, legacy add-on,
 * devices) and for releases before 12.04. */
bool ubuntu_series(struct str series, struct str *release, enum ubuntu_channel *channel);

/* One state as the tracker writes it: "released (1.2-3)". */
struct ubuntu_state {
    struct str word, note; /* word empty: no line */
};

/* What the states of a package's two channels mean for one of them. False: not affected, nothing to record. `record` gets
 * fixed_version, status and vendor_status. */
bool ubuntu_judge(struct arena *arena, const struct ubuntu_state states[UBUNTU_CHANNELS], enum ubuntu_channel channel,
                  struct feed_record *record);

#endif
