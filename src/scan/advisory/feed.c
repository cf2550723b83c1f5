/* The table of feeds, sorted by name: adding a feed is one row here and one file in feed/ (docs/feeds.md). */
#include "scan/advisory/feed.h"

extern const struct feed_reader feed_alpine, feed_chainguard, feed_debian, feed_distro_info, feed_endoflife, feed_epss, feed_kev,
    feed_minimos, feed_nvd, feed_wolfi;

#define DEBIAN_RAW "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/"

/* name, title, family, url, path, licence, redistributable; patterns; reader */
const struct feed feed_table[] = {
    { { "alpine-secdb", "Alpine secdb", "alpine", "https://secdb.alpinelinux.org/{release}.json", "alpine/{release}.json", "Alpine secdb license.txt", true },
      { "alpine/secdb.tar", "alpine/*/*.json" }, &feed_alpine },
    { { "chainguard-secdb", "Chainguard secdb", "chainguard", "https://packages.cgr.dev/chainguard/security.json", "chainguard/security.json",
        "restricted: CC-BY-NC-ND-4.0 and a licence for scanners", false },
      { "chainguard/security.json" }, &feed_chainguard },
    { { "debian-cve", "Debian CVE list", "debian", DEBIAN_RAW "CVE/list", "debian/CVE-list.txt", "facts, no licence stated", true },
      { "debian/CVE-list.txt", "debian/CVE-list-partial.txt", "debian/CVE/list" }, &feed_debian },
    { { "debian-dla", "Debian LTS advisories", "debian", DEBIAN_RAW "DLA/list", "debian/DLA-list.txt", "facts, no licence stated", true },
      { "debian/DLA-list.txt", "debian/DLA/list" }, &feed_debian },
    { { "debian-dsa", "Debian security advisories", "debian", DEBIAN_RAW "DSA/list", "debian/DSA-list.txt", "facts, no licence stated", true },
      { "debian/DSA-list.txt", "debian/DSA/list" }, &feed_debian },
    { { "debian-tracker", "Debian security tracker", "debian", "https://security-tracker.debian.org/tracker/data/json", "debian/tracker-data.json",
        "facts, no licence stated", true },
      { "debian/tracker-data.json", "debian/tracker/data/json" }, &feed_debian },
    { { "distro-info", "Debian's distro-info-data", "", "https://deb.debian.org/debian/pool/main/d/distro-info-data/", "eol/debian-ubuntu-eol.tar", "ISC", true },
      { "eol/debian-ubuntu-eol.tar", "eol/distro-info/*.csv" }, &feed_distro_info },
    { { "endoflife", "endoflife.date", "", "https://endoflife.date/api/v1/products/full", "eol/endoflife-products.json", "MIT", true },
      { "eol/endoflife-products.json", "eol/full" }, &feed_endoflife },
    { { "epss", "EPSS", "", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "risk/epss_scores-current.csv.gz",
        "free with attribution to FIRST and Empirical Security", true },
      { "risk/epss_scores-current.csv" }, &feed_epss },
    { { "kev", "CISA Known Exploited Vulnerabilities", "", "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "risk/known_exploited_vulnerabilities.json", "CC0-1.0", true },
      { "risk/known_exploited_vulnerabilities.json" }, &feed_kev },
    { { "minimos-secdb", "MinimOS secdb", "minimos", "https://packages.mini.dev/advisories/secdb/security.json", "minimos/security.json",
        "no licence stated", false },
      { "minimos/security.json" }, &feed_minimos },
    { { "nvd", "NVD", "", "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{release}.json.gz", "risk/nvdcve-2.0-{release}.json.gz", "public domain", true },
      { "risk/nvd-cvss-subset.json", "risk/nvdcve-2.0-*.json" }, &feed_nvd },
    { { "wolfi-secdb", "Wolfi secdb", "wolfi", "https://packages.wolfi.dev/os/security.json", "wolfi/security.json",
        "restricted: CC-BY-NC-ND-4.0 and a licence for scanners", false },
      { "wolfi/security.json" }, &feed_wolfi },
};

size_t feed_count(void) { return sizeof feed_table / sizeof *feed_table; }
const struct feed_info *feed_at(size_t index) { return index < feed_count() ? &feed_table[index].info : NULL; }
