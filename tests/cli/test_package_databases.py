"""Package databases that their own tools read otherwise than a careless reader: nothing is hidden, or it is said."""
import sqlite3

import pytest
import rpms
import trees
from conftest import packages


def notes(report):
    return {note.get("ID") or note["Kind"] for note in report.get("Coverage", [])}


def paragraph(name, version="1.0-1", status="install ok installed", more=""):
    return f"Package: {name}\nStatus: {status}\nArchitecture: amd64\nVersion: {version}\n{more}\n"


def found(report):
    return {(v["VulnerabilityID"], v["PkgName"]) for r in report["Results"] for v in r.get("Vulnerabilities", [])}


def debian(lab, files):
    return lab.report("rootfs", trees.write(lab.path("root"), {"etc/debian_version": b"12.5\n", **files}))


def test_a_value_ends_at_its_first_nul(lab):
    report = debian(lab, {"var/lib/dpkg/status": paragraph("evil\0", "1.0-1\0-2").encode()})
    assert packages(report) == ["evil@1.0-1"]


def test_what_dpkg_has_not_written_into_its_status_file_yet(lab):
    files = {"var/lib/dpkg/status": paragraph("clean").encode(), "var/lib/dpkg/updates/0001": paragraph("evil").encode(),
             "var/lib/dpkg/updates/tmp.i": paragraph("no").encode()}
    assert packages(debian(lab, files)) == ["clean@1.0-1", "evil@1.0-1"]


@pytest.mark.parametrize("status,said", [
    ("deinstall ok installed", True),
    ("purge ok half-configured", True),
    ("deinstall ok config-files", False),
    ("purge ok not-installed", False),
])
def test_packages_that_are_to_go_but_are_still_there(lab, status, said):
    report = debian(lab, {"var/lib/dpkg/status": (paragraph("a") + paragraph("b", status=status)).encode()})
    assert packages(report) == ["a@1.0-1"]
    assert ("dpkg-package-leaving" in notes(report)) == said
    assert lab.run("rootfs", "--skip-db-update", "--exit-on-unjudged", "7", lab.path("root")).status == (7 if said else 0)


def test_a_second_database_does_not_speak_for_the_first(lab):
    """One with another source: both are judged, by their own."""
    files = {**trees.debian(), "usr/lib/dpkg/status": trees.debian()["var/lib/dpkg/status"].replace(b"Source: openssl", b"Source: nothing")}
    alone = lab.report("rootfs", trees.write(lab.path("alone"), trees.debian()))
    both = lab.report("rootfs", trees.write(lab.path("both"), files))
    assert any(name == "libssl3" for _, name in found(alone)) and found(alone) <= found(both)


@pytest.mark.parametrize("release,family", [
    (b"ID=alpine\nVERSION_ID=3.19.1\nID=debian\nVERSION_ID=12\n", "debian"),
    (b"ID=deb\"ia\"n # or so\nVERSION_ID='12'; true\n", "debian"),
    (b"ID=\\d\\e\\b\\i\\a\\n\nVERSION_ID=12\n", "debian"),
])
def test_os_release_means_what_a_shell_makes_of_it(lab, release, family):
    report = lab.report("rootfs", trees.write(lab.path("root"), {"etc/os-release": release, "var/lib/dpkg/status": paragraph("a").encode()}))
    assert report["Metadata"]["OS"] == {"Family": family, "Name": "12"}


def table(text):
    def build(connection, evil, clean):
        connection.execute(text)
        connection.execute("INSERT INTO Packages (x, blob) VALUES (?, ?)", (clean, evil))
    return build


def generated(connection, evil, clean):
    connection.execute(f"CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, x BLOB, blob BLOB GENERATED ALWAYS AS (x'{evil.hex()}'))")
    connection.execute("INSERT INTO Packages (x) VALUES (?)", (clean,))


def second_row(connection, evil, clean):
    connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.execute("INSERT INTO Packages (blob) VALUES (?)", (evil,))
    connection.execute("CREATE TABLE decoy (hnum INTEGER PRIMARY KEY, blob BLOB)")
    connection.execute("INSERT INTO decoy (blob) VALUES (?)", (clean,))
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'decoy'").fetchone()[0]
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("INSERT INTO sqlite_master VALUES ('table', 'Packages', 'Packages', ?, '')", (root,))


@pytest.mark.parametrize("build", [
    table("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, x BLOB, blob BLOB NOT NULL)"), generated, second_row,
], ids=["a column before", "a computed column", "a second table of that name"])
def test_a_table_that_rpm_did_not_make_is_not_read_as_its_own(lab, build):
    file = lab.path("root/var/lib/rpm/rpmdb.sqlite")
    connection = sqlite3.connect(file, isolation_level=None)
    build(connection, rpms.blob("evil"), rpms.blob("clean"))
    connection.close()
    report = lab.report("rootfs", trees.write(lab.path("root"), {"etc/os-release": b"ID=rocky\nVERSION_ID=9.3\n"}))
    assert packages(report) == [] and "rpm-database-damaged" in notes(report)
