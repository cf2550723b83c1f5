/* Feeds in JSON and lines: the first byte chooses one. */
#include "feed_fuzz.h"

extern const struct feed_reader feed_alma, feed_alpine, feed_debian, feed_debian_support, feed_endoflife, feed_epss, feed_kev,
    feed_nvd, feed_photon, feed_redhat_cpe, feed_redhat_cve, feed_redhat_vex, feed_rocky, feed_ubuntu_osv, feed_ubuntu_vex,
    feed_vulnrichment;

static const struct feed_choice choices[] = {
    { &feed_alma, "alma-osv", "a.json" },
    { &feed_alpine, "alpine-secdb", "main.json" },
    { &feed_debian, "debian-tracker", "t.json" },
    { &feed_debian, "debian-dsa", "DSA-list.txt" },
    { &feed_debian, "debian-cve", "CVE-list.txt" },
    { &feed_endoflife, "endoflife", "e.json" },
    { &feed_epss, "epss", "e.csv" },
    { &feed_kev, "kev", "k.json" },
    { &feed_nvd, "nvd", "n.json" },
    { &feed_photon, "photon-cve", "cve_data_photon5.0.json" },
    { &feed_redhat_cpe, "redhat-cpe", "r.json" },
    { &feed_redhat_cve, "redhat-cve", "c.json" },
    { &feed_redhat_vex, "redhat-vex", "v.json" },
    { &feed_rocky, "rocky-osv", "o.json" },
    { &feed_ubuntu_osv, "ubuntu-osv", "o.json" },
    { &feed_ubuntu_vex, "ubuntu-vex", "v.json" },
    { &feed_vulnrichment, "vulnrichment", "c.json" },
    { &feed_debian_support, "debian-support", "security-support.deb12" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_fuzz(choices, sizeof choices / sizeof *choices, data, size);
}
