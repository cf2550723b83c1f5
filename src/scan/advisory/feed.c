/* The table of feeds, sorted by name: adding a feed is one row here and one file in feed/ (docs/feeds.md). */
#include "scan/advisory/feed.h"

extern const struct feed_reader feed_alma, feed_alpine, feed_amazon, feed_azure, feed_chainguard, feed_debian,
    feed_debian_support, feed_distro_info, feed_endoflife, feed_epss, feed_kev, feed_minimos, feed_nvd, feed_oracle,
    feed_photon, feed_redhat_cpe, feed_redhat_cve, feed_redhat_oval, feed_redhat_vex, feed_rocky, feed_rocky_updateinfo,
    feed_starter, feed_suse, feed_ubuntu_osv, feed_ubuntu_tracker, feed_ubuntu_vex, feed_vulnrichment, feed_wolfi;

#define DEBIAN_RAW "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/"

/* name, title, family, url, path, licence, redistributable; patterns; reader, the feed that stands before it */
const struct feed feed_table[] = {
    { { "alma-osv", "AlmaLinux OSV", "alma", "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux/all.zip",
        "osv/AlmaLinux-all.zip", "MIT", true },
      { "osv/AlmaLinux-all.zip", "alma/all.zip" },
      &feed_alma },
    { { "alpine-secdb", "Alpine secdb", "alpine", "https://secdb.alpinelinux.org/{release}.json", "alpine/{release}.json",
        "Alpine secdb license.txt", true, FEED_PLAIN,
        "v3.16/main v3.16/community v3.17/main v3.17/community v3.18/main v3.18/community v3.19/main v3.19/community v3.20/main v3.20/community v3.21/main v3.21/community v3.22/main v3.22/community v3.23/main v3.23/community edge/main edge/community" },
      { "alpine/secdb.tar", "alpine/*/*.json" },
      &feed_alpine },
    { { "amazon-updateinfo", "Amazon Linux advisories", "amazon", "https://cdn.amazonlinux.com/{release}/x86_64/mirror.list",
        "amazon/updateinfo-{release}.xml.gz", "no licence stated", true, FEED_YUM,
        "2=2/core/latest 2023=al2023/core/mirrors/latest 2023-kernel-livepatch=al2023/kernel-livepatch/mirrors/latest" },
      { "amazon/updateinfo*.xml" },
      &feed_amazon },
    { { "azure-oval", "Azure Linux and CBL-Mariner OVAL", "azurelinux",
        "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/{release}-oval.xml",
        "azurelinux/{release}-oval.xml", "MIT", true, FEED_PLAIN, "azurelinux-3.0 cbl-mariner-2.0", .also = "cbl-mariner" },
      { "azurelinux/azurelinux-*-oval.xml", "azurelinux/cbl-mariner-*-oval.xml" },
      &feed_azure },
    { { "chainguard-secdb", "Chainguard secdb", "chainguard", "https://packages.cgr.dev/chainguard/security.json",
        "chainguard/security.json", "restricted: CC-BY-NC-ND-4.0 and a licence for scanners", false },
      { "chainguard/security.json" },
      &feed_chainguard },
    { { "debian-cve", "Debian CVE list", "debian", DEBIAN_RAW "CVE/list", "debian/CVE-list.txt", "facts, no licence stated",
        true },
      { "debian/CVE-list.txt", "debian/CVE-list-partial.txt", "debian/CVE/list" },
      &feed_debian },
    { { "debian-dla", "Debian LTS advisories", "debian", DEBIAN_RAW "DLA/list", "debian/DLA-list.txt",
        "facts, no licence stated", true },
      { "debian/DLA-list.txt", "debian/DLA/list" },
      &feed_debian },
    { { "debian-dsa", "Debian security advisories", "debian", DEBIAN_RAW "DSA/list", "debian/DSA-list.txt",
        "facts, no licence stated", true },
      { "debian/DSA-list.txt", "debian/DSA/list" },
      &feed_debian },
    { { "debian-support", "Debian security support", "debian",
        "https://salsa.debian.org/debian/debian-security-support/-/raw/master/security-support.deb{release}",
        "eol/debian-security-support/security-support.deb{release}", "GPL-2.0-or-later", true, FEED_PLAIN, "11 12 13",
        .aside = true },
      { "eol/debian-ubuntu-eol.tar", "eol/debian-security-support/security-support.deb*" },
      &feed_debian_support },
    { { "debian-tracker", "Debian security tracker", "debian", "https://security-tracker.debian.org/tracker/data/json",
        "debian/tracker-data.json", "facts, no licence stated", true },
      { "debian/tracker-data.json", "debian/tracker/data/json" },
      &feed_debian },
    { { "distro-info", "Debian's distro-info-data", "", "https://debian.pages.debian.net/distro-info-data/{release}.csv",
        "eol/distro-info/{release}.csv", "ISC", true, FEED_PLAIN, "debian ubuntu" },
      { "eol/debian-ubuntu-eol.tar", "eol/distro-info/*.csv" },
      &feed_distro_info },
    { { "endoflife", "endoflife.date", "", "https://endoflife.date/api/v1/products/full", "eol/endoflife-products.json", "MIT",
        true },
      { "eol/endoflife-products.json", "eol/full" },
      &feed_endoflife },
    { { "epss", "EPSS", "", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", "risk/epss_scores-current.csv.gz",
        "free with attribution to FIRST and Empirical Security", true },
      { "risk/epss_scores-current.csv" },
      &feed_epss },
    { { "kev", "CISA Known Exploited Vulnerabilities", "",
        "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "risk/known_exploited_vulnerabilities.json", "CC0-1.0", true },
      { "risk/known_exploited_vulnerabilities.json" },
      &feed_kev },
    { { "minimos-secdb", "MinimOS secdb", "minimos", "https://packages.mini.dev/advisories/secdb/security.json",
        "minimos/security.json", "no licence stated", false },
      { "minimos/security.json" },
      &feed_minimos },
    { { "nvd", "NVD", "", "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{release}.json.gz",
        "risk/nvdcve-2.0-{release}.json.gz", "public domain", true, FEED_PLAIN, "2002-2026 modified" },
      { "risk/nvd-cvss-subset.json", "risk/nvdcve-2.0-*.json" },
      &feed_nvd },
    { { "oracle-oval", "Oracle Linux OVAL", "oracle", "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2",
        "oracle/com.oracle.elsa-all.xml.bz2", "no licence stated", true },
      { "oracle/com.oracle.elsa-*.xml" },
      &feed_oracle },
    { { "photon-cve", "Photon OS CVE metadata", "photon",
        "https://packages.broadcom.com/photon/photon_cve_metadata/cve_data_photon{release}.json",
        "photon/cve_data_photon{release}.json", "no licence stated", true, FEED_PLAIN, "3.0 4.0 5.0" },
      { "photon/cve_data_photon*.json" },
      &feed_photon },
    { { "redhat-cpe", "Red Hat repository-to-cpe", "redhat",
        "https://security.access.redhat.com/data/meta/v1/repository-to-cpe.json", "redhat/repository-to-cpe.json", "CC-BY-4.0",
        true, .also = "centos", .aside = true },
      { "redhat/repository-to-cpe.json" },
      &feed_redhat_cpe },
    { { "redhat-cve", "Red Hat CVE database", "redhat", "https://access.redhat.com/hydra/rest/securitydata/cve/{cve}.json",
        "redhat/cve-api.tar", "CC-BY-4.0", true, FEED_BY_HAND, .also = "centos", .aside = true },
      { "redhat/cve-api.tar", "redhat/cve/*/*.json" },
      &feed_redhat_cve },
    { { "redhat-oval", "Red Hat OVAL v2", "redhat",
        "https://security.access.redhat.com/data/oval/v2/RHEL{release}/rhel-{release}-including-unpatched.oval.xml.bz2",
        "redhat/rhel-{release}-including-unpatched.oval.xml.bz2", "CC-BY-4.0", true, FEED_PLAIN, "7 8 9", .also = "centos" },
      { "redhat/*.oval.xml" },
      &feed_redhat_oval,
      .outdated_by = "redhat-vex" },
    { { "redhat-vex", "Red Hat CSAF VEX", "redhat", "https://security.access.redhat.com/data/csaf/v2/vex/archive_latest.txt",
        "redhat/csaf_vex_latest.tar.zst", "CC-BY-4.0", true, FEED_POINTER, NULL, true, .also = "centos" },
      { "redhat/csaf_vex_*.tar", "redhat/vex/*/*.json" },
      &feed_redhat_vex,
      .whole = true },
    { { "rocky-osv", "Rocky Linux OSV", "rocky", "https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip",
        "osv/Rocky-Linux-all.zip", "BSD-3-Clause", true },
      { "osv/Rocky-Linux-all.zip", "osv/Rocky Linux-all.zip", "rocky/all.zip" },
      &feed_rocky },
    { { "rocky-updateinfo", "Rocky Linux updateinfo", "rocky", "https://dl.rockylinux.org/pub/rocky/{release}/x86_64/os",
        "rocky/updateinfo-{release}.xml.gz", "BSD-3-Clause", true, FEED_REPOSITORY,
        "8-BaseOS=8/BaseOS 8-AppStream=8/AppStream 9-BaseOS=9/BaseOS 9-AppStream=9/AppStream 10-BaseOS=10/BaseOS 10-AppStream=10/AppStream",
        true },
      { "rocky/*updateinfo*.xml" },
      &feed_rocky_updateinfo,
      "rocky-osv" },
    { { "starter", "pratique's starter set", "debian", "", "starter/starter.tsv", "facts; sources in the file", true,
        FEED_BY_HAND },
      { "starter/starter.tsv" },
      &feed_starter },
    { { "suse-oval", "SUSE and openSUSE OVAL", "suse", "https://ftp.suse.com/pub/projects/security/oval/{release}.xml.gz",
        "suse/{release}.xml.gz", "no licence stated", true, FEED_PLAIN,
        "suse.linux.enterprise.server.12-affected suse.linux.enterprise.server.15-affected suse.linux.enterprise.server.16-affected suse.linux.enterprise.micro.5-affected suse.linux.micro.6-affected opensuse.leap.15.6-affected opensuse.leap.16.0-affected opensuse.tumbleweed-affected",
        .also = "opensuse-leap opensuse-tumbleweed slem sles" },
      { "suse/suse.linux.*.xml", "suse/opensuse.*.xml" },
      &feed_suse },
    { { "ubuntu-osv", "Ubuntu OSV", "ubuntu", "https://security-metadata.canonical.com/osv/osv-all.tar.xz",
        "ubuntu/osv-all.tar.xz", "CC-BY-SA-4.0", true },
      { "ubuntu/osv-all.tar", "ubuntu/osv/cve/*/*.json" },
      &feed_ubuntu_osv },
    { { "ubuntu-tracker", "Ubuntu CVE tracker", "ubuntu",
        "https://git.launchpad.net/ubuntu-cve-tracker/snapshot/ubuntu-cve-tracker-master.tar.gz",
        "ubuntu/ubuntu-cve-tracker.tar.gz", "no data licence stated; published as CC-BY-SA-4.0", true, FEED_PLAIN, NULL, true },
      { "ubuntu/ubuntu-cve-tracker.tar" },
      &feed_ubuntu_tracker,
      "ubuntu-osv" },
    { { "ubuntu-vex", "Ubuntu VEX", "ubuntu", "https://security-metadata.canonical.com/vex/vex-all.tar.xz",
        "ubuntu/vex-all.tar.xz", "CC-BY-SA-4.0", true },
      { "ubuntu/vex-all.tar", "ubuntu/vex/cve/*/*.json" },
      &feed_ubuntu_vex },
    { { "vulnrichment", "CISA vulnrichment", "", "https://github.com/cisagov/vulnrichment/archive/refs/heads/develop.tar.gz",
        "risk/cisa-vulnrichment.tar.gz", "CC0-1.0", true, FEED_PLAIN, NULL, true },
      { "risk/cisa-vulnrichment*.tar" },
      &feed_vulnrichment },
    { { "wolfi-secdb", "Wolfi secdb", "wolfi", "https://packages.wolfi.dev/os/security.json", "wolfi/security.json",
        "restricted: CC-BY-NC-ND-4.0 and a licence for scanners", false },
      { "wolfi/security.json" },
      &feed_wolfi },
};

size_t feed_count(void) { return sizeof feed_table / sizeof *feed_table; }
const struct feed_info *feed_at(size_t index) { return index < feed_count() ? &feed_table[index].info : NULL; }

const struct feed_source *feed_source_of(const struct feed_reader *reader, struct str bucket)
{
    for (const struct feed_source *source = reader->sources; source && source->bucket; source++) {
        bool prefix = str_ends(str_of(source->bucket), " ");
        if (prefix ? str_starts(bucket, source->bucket) && bucket.size > strlen(source->bucket)
                   : str_is(bucket, source->bucket))
            return source;
    }
    return NULL;
}

/* "2002-2026": true, and the years. */
static bool is_years(struct str word, uint64_t *first, uint64_t *last)
{
    struct str rest = word, from = str_cut(&rest, '-');
    return from.size == 4 && rest.size == 4 && str_to_u64(from, first) && str_to_u64(rest, last);
}

void feed_releases(const struct feed_info *feed, struct arena *arena, moment now, feed_release_vector *releases)
{
    char text[CLOCK_TEXT];
    struct str words = str_of(feed->releases ? feed->releases : "");
    uint64_t this_year = 0, first, last;
    str_to_u64(str_to(str_of(clock_format(now, text)), 4), &this_year);
    for (struct str word; (word = str_word(&words)).size;) {
        if (!is_years(word, &first, &last)) {
            struct str rest = word, name = str_cut(&rest, '=');
            *vector_push(arena, releases) = (struct feed_release){ name, rest.data ? rest : name };
            continue;
        }
        for (uint64_t year = first; year <= last || year <= this_year; year++) {
            struct str name = arena_strf(arena, "%u", (unsigned)year);
            *vector_push(arena, releases) = (struct feed_release){ name, name };
        }
    }
}

bool feed_serves(const struct feed_info *feed, struct str family)
{
    struct str also = str_of(feed->also ? feed->also : "");
    if (str_is(family, feed->family)) return family.size != 0;
    for (struct str one; !str_empty(one = str_word(&also));)
        if (str_equal(one, family)) return true;
    return false;
}

const struct feed_info *feed_find(struct str name)
{
    for (size_t i = 0; i < feed_count(); i++)
        if (str_is(name, feed_at(i)->name)) return feed_at(i);
    return NULL;
}
