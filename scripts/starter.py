#!/usr/bin/env python3
"""Writes data/starter/starter/starter.tsv out of a built database: the facts about the packages of the example image and of a
minimal Debian, so that a first run without network has something true to say.

    scripts/starter.py DATABASE AS-OF >data/starter/starter/starter.tsv"""
import json
import sqlite3
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
RELEASES = ("11", "12", "13")
SEVERITY = ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
STATUS = ["unknown", "not_affected", "affected", "fixed", "under_investigation", "will_not_fix", "fix_deferred", "end_of_life"]
MINIMAL = """acl adduser apt attr audit base-files base-passwd bash bzip2 cdebconf coreutils cyrus-sasl2 dash db5.3 debconf debian-archive-keyring debianutils
diffutils dpkg e2fsprogs elfutils findutils gcc-10 gcc-12 gcc-14 glibc gmp gnupg2 gnutls28 grep gzip hostname init-system-helpers krb5 keyutils libcap-ng libcap2
libffi libgcrypt20 libgpg-error libidn2 libmd libpsl libseccomp libselinux libsemanage libsepol libtasn1-6 libtirpc libunistring libxcrypt libzstd lz4 mawk ncurses
nettle nghttp2 openldap openssl p11-kit pam pcre2 pcre3 perl sed shadow sqlite3 sysvinit systemd tar tzdata usrmerge util-linux xxhash xz-utils zlib""".split()


def main():
    database, as_of = sys.argv[1:3]
    db = sqlite3.connect(database)
    example = {line.split()[1] for line in (TOP / "data/example/packages.txt").read_text().splitlines() if not line.startswith("#")}
    packages = sorted(example | set(MINIMAL))
    print("# pratique's starter set: facts about old and current versions of Debian's basic packages (docs/feeds.md, starter).")
    print("# Sources: Debian security tracker, DSA and DLA lists (facts of the Debian project); NVD (public domain); Red Hat security data")
    print("# (CC-BY-4.0); CISA KEV (CC0); EPSS by FIRST/Empirical Security (free with attribution).")
    print(f"as-of\t{as_of}")
    ids = set()
    for release in RELEASES:
        for package in packages:
            row = db.execute("SELECT r.body FROM entry e JOIN bucket b ON b.id=e.bucket JOIN record r ON r.id=e.record WHERE b.name=? AND e.package=?",
                             (f"debian {release}", package)).fetchone()
            for key, record in sorted(json.loads(row[0]).items()) if row else []:
                fixed = record.get("FixedVersion") or "-"
                status = STATUS[record.get("Status", 0)] if record.get("Status") else "-"
                severity = SEVERITY[record.get("Severity", 0)] if record.get("Severity") else "-"
                print("\t".join(("record", f"debian {release}", package, key, fixed, status, record.get("VendorStatus") or "-", severity,
                                 ",".join(record.get("VendorIDs", [])) or "-")))
                ids.add(key)
    for key in sorted(ids):
        row = db.execute("SELECT d.body FROM vulnerability v JOIN detail d ON d.id=v.detail WHERE v.id=?", (key,)).fetchone()
        if not row:
            continue
        known = json.loads(row[0])
        for source in ("nvd", "redhat"):
            vector = known.get("CVSS", {}).get(source, {}).get("V3Vector")
            severity = known.get("VendorSeverity", {}).get(source)
            if vector or severity:
                print("\t".join(("fact", key, source, SEVERITY[severity or 0], vector or "-")))
        if "KEV" in known:
            print("\t".join(("kev", key, known["KEV"].get("DateAdded", "-"), known["KEV"].get("DueDate", "-"))))
        if "EPSS" in known:
            print("\t".join(("epss", key, str(known["EPSS"]["Score"]), str(known["EPSS"]["Percentile"]))))


if __name__ == "__main__":
    main()
