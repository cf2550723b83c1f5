"""What a report says of the judgement itself: how old the data is, that it is thin, that nothing was judged."""
import os
import re
import shutil
import sqlite3

import pytest
import trees
from conftest import FEEDS, NOW

DAY = 86400
START = int(NOW)


def at(days):
    return {"SOURCE_DATE_EPOCH": str(START + int(days * DAY))}


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


def notes(report):
    return {note["Kind"]: note["Message"] for note in report.get("Coverage", [])}


def database_line(text):
    lines = [line for line in text.splitlines() if line.startswith("Database: ")]
    assert len(lines) == 1, text
    return lines[0]


def build(lab, feeds, age=0):
    """A database of the lab's own, out of a copy of some feeds whose files are so many days old."""
    folder = lab.path("feeds")
    for name in feeds:
        shutil.copytree(FEEDS / name, folder / name)
    for file in folder.rglob("*"):
        os.utime(file, (START - age * DAY, START - age * DAY))
    assert lab.run("db", "build", "--feeds", folder).status == 0


@pytest.mark.parametrize("days,words", [(0, "(today)"), (1, "(1 day ago)"), (3.5, "(3 days ago)"), (-5, "(in the future")])
def test_the_table_says_how_old_the_database_is(lab, root, days, words):
    build(lab, ["debian", "alpine", "risk"], age=2)
    line = database_line(lab.run("rootfs", root, env=at(days)).out)
    assert f"built 2024-06-01 {words}" in line and " from 4 feeds; oldest for debian: Debian security tracker fetched 2024-05-30" in line


def test_only_feeds_of_the_target_count(lab, root):
    build(lab, ["debian", "alpine", "risk"])
    alpine = trees.write(lab.path("alpine"), trees.alpine())
    assert "oldest for alpine: Alpine secdb fetched" in database_line(lab.run("rootfs", alpine).out)


@pytest.mark.parametrize("days,old", [(0, False), (7, False), (8.5, True), (400, True)])
def test_an_old_database_is_said_loudly(lab, root, days, old):
    build(lab, ["debian", "risk"])
    ended = lab.run("rootfs", root, env=at(days))
    assert ("[database-old]" in ended.out) == old
    assert (f"WARN\tthe database was built {int(days)} days ago" in ended.err) == old
    assert ("pratique db update" in ended.err) == old
    assert ("database-old" in notes(lab.report("rootfs", root, env=at(days)))) == old


def test_new_database_out_of_old_feeds(lab, root):
    build(lab, ["debian", "risk"], age=30)
    assert notes(lab.report("rootfs", root))["database-old"].startswith("the newest data on debian is 30 days old")
    assert "database-old" not in notes(lab.report("rootfs", trees.write(lab.path("alpine"), trees.alpine())))


def test_new_data_that_lists_no_vulnerabilities_makes_old_feeds_no_newer(lab, root):
    build(lab, ["debian", "risk"], age=30)
    support = lab.path("feeds/eol/debian-security-support/security-support.deb12")
    support.write_text("khtml: x\n")
    os.utime(support, (START, START))
    assert lab.run("db", "build", "--feeds", lab.path("feeds")).status == 0
    assert "debian-support" in lab.run("db", "info", "-f", "json").out
    assert notes(lab.report("rootfs", root))["database-old"].startswith("the newest data on debian is 30 days old")


def test_age_between_fresh_and_old_is_told(lab, root):
    build(lab, ["debian", "risk"])
    assert "days old" not in lab.run("rootfs", root, env=at(0.5)).err
    ended = lab.run("rootfs", root, env=at(3))
    assert "INFO\tthe database is 3 days old and is not brought up to date" in ended.err and "WARN" not in ended.err


def test_json_has_the_age(lab, root):
    build(lab, ["debian"])
    report = lab.report("rootfs", root)
    assert report["Database"]["Kind"] == "pratique.db" and report["Database"]["BuiltAt"].startswith("2024-06-01T12:00:00")
    assert {"ID": "debian-tracker", "Name": "Debian security tracker"}.items() <= report["Sources"][0].items()


def test_the_starter_set_says_what_it_is(lab, root):
    build(lab, ["starter"])
    ended = lab.run("rootfs", root)
    assert "[database-selection]" in ended.out and "selection of advisories" in ended.err
    message = notes(lab.report("rootfs", root))["database-selection"]
    assert "pratique db update" in message and "pratique db import" in message


def test_the_starter_set_beside_the_whole_is_no_matter(lab, root):
    build(lab, ["starter", "debian"])
    assert "database-selection" not in notes(lab.report("rootfs", root))


@pytest.mark.parametrize("scanners", ["secret", "misconfig,license"])
def test_what_only_later_versions_search_for_is_no_clean_report(lab, root, scanners):
    ended = lab.run("rootfs", root, "--scanners", scanners)
    assert ended.status == 1 and ended.out == "" and f"--scanners {scanners} comes in a later version" in ended.err


def test_scanners_of_later_versions_beside_ours(lab, root):
    ended = lab.run("rootfs", root, "--scanners", "vuln,secret")
    assert ended.status == 0 and "nothing was searched for secrets" in ended.err and "[scanner-later]" in ended.out
    assert "scanner-later" in notes(lab.report("rootfs", root, "--scanners", "vuln,secret"))


def test_a_database_without_severities(lab, root):
    """A filter by severity would let everything pass."""
    build(lab, ["debian"])
    ended = lab.run("rootfs", root, "--severity", "CRITICAL")
    assert "[severity-unknown]" in ended.out and "no data of NVD: pratique db update" in ended.err
    assert "no data of NVD" in lab.run("doctor").out


def test_findings_without_a_severity_that_a_filter_hides(lab):
    for name in ("alpine", "risk"):
        shutil.copytree(FEEDS / name, lab.path("feeds/" + name))
    secdb = lab.path("feeds/alpine/v3.18/main.json")
    secdb.write_text(secdb.read_text().replace("CVE-2023-20001", "CVE-2023-20999"))  # which NVD does not speak of
    assert lab.run("db", "build", "--feeds", lab.path("feeds")).status == 0
    root = trees.write(lab.path("alpine"), trees.alpine())
    findings = [v for r in lab.report("rootfs", root)["Results"] for v in r["Vulnerabilities"]]
    hidden = len([v for v in findings if v["Severity"] == "UNKNOWN"])
    assert f"{hidden} of {len(findings)} findings have no severity yet" in notes(lab.report("rootfs", root, "--severity", "HIGH"))["severity-hidden"]
    assert "severity-hidden" not in notes(lab.report("rootfs", root))


def test_nothing_looked_for(lab, root):
    scanners = "none"
    ended = lab.run("rootfs", root, "--scanners", scanners)
    assert ended.status == 0 and "Total: 0" in ended.out
    assert f"nothing was judged: --scanners {scanners}" in ended.out and "nothing was judged" in ended.err
    assert "Not everything was judged" in ended.out.splitlines()[-1]
    assert database_line(ended.out) == "Database: none was asked"
    assert "│        -        │" in ended.out and "│        0        │" not in ended.out
    report = lab.report("rootfs", root, "--scanners", scanners)
    assert "scanners-none" in notes(report) and "Database" not in report


UNJUDGED = [
    ("release-unknown", {"etc/debian_version": b"4.0\n", "etc/os-release": b"ID=debian\nVERSION_ID=4\n"}),
    ("family-unsupported", {"etc/os-release": b"ID=fedora\nVERSION_ID=40\n"}),
    ("os-unknown", {"etc/os-release": b"", "etc/debian_version": b""}),
    ("packages-none", {"var/lib/dpkg/status": b""}),
]


@pytest.mark.parametrize("kind,files", UNJUDGED, ids=[u[0] for u in UNJUDGED])
def test_what_could_not_be_judged_stands_beside_the_total(lab, kind, files):
    tree = {**trees.debian(), **files}
    if kind == "family-unsupported":
        tree.pop("etc/debian_version")
    root = trees.write(lab.path("odd"), tree)
    ended = lab.run("rootfs", root)
    assert f"[{kind}]" in ended.out and "Total: 0" in ended.out and "WARN" in ended.err
    assert "Not everything was judged" in ended.out.splitlines()[-1]
    if kind in ("release-unknown", "family-unsupported", "packages-none"):
        assert "│        -        │" in ended.out
    assert kind in notes(lab.report("rootfs", root))


@pytest.mark.parametrize("options", [["--pkg-types", "library"], ["--pkg-types", "library", "--scanners", "vuln"]], ids=" ".join)
def test_a_report_without_the_system_is_not_clean(lab, root, options):
    trees.write(root, {"usr/lib/node_modules/a/package.json": b'{"name": "a", "version": "1.0.0"}'})
    ended = lab.run("rootfs", root, *options, "--exit-on-unjudged", "5")
    assert ended.status == 5 and "[nothing-judged]" in ended.out and "--pkg-types library leaves out" in ended.err
    assert "Not everything was judged" in ended.out.splitlines()[-1] and "│        0        │" not in ended.out
    assert "nothing-judged" in notes(lab.report("rootfs", root, *options))
    assert "nothing-judged" not in notes(lab.report("rootfs", root))


def test_an_empty_tree_is_not_clean(lab):
    (lab.work / "empty").mkdir()
    ended = lab.run("repo", "empty", "--exit-on-unjudged", "5")
    assert ended.status == 5 and "[nothing-judged]" in ended.out


def test_a_database_without_a_date_is_said(lab, root):
    """As a trivy.db without its metadata.json is."""
    with sqlite3.connect(lab.cache / "db" / "pratique.db") as connection:
        connection.execute("UPDATE meta SET value = '' WHERE key = 'built_at'")
    ended = lab.run("rootfs", root, "--exit-on-unjudged", "5")
    assert ended.status == 5 and "[database-undated]" in ended.out and "does not say when it was built" in ended.err
    assert "of unknown age" in database_line(ended.out)
    assert "Built: unknown\n" in lab.run("db", "info").out and "UpdatedAt: unknown\n" in lab.run("version").out
    assert "UpdatedAt" not in lab.run("version", "-f", "json").out
    assert "does not say when it was built" in lab.run("doctor", "--offline").out


@pytest.mark.parametrize("hours", [1, 23, 25, 47, 49, 400])
def test_an_age_is_the_same_everywhere(lab, root, hours):
    """The report's last line, `db info` and `doctor`."""
    with sqlite3.connect(lab.cache / "db" / "pratique.db") as connection:
        connection.execute("UPDATE source SET as_of = '', fetched_at = '2024-05-15T18:00:00Z'")
    moment = {"SOURCE_DATE_EPOCH": str(1715796000 + hours * 3600)}
    days = hours // 24
    line = database_line(lab.run("rootfs", root, env=moment).out).split(";")[1]
    assert ("(today)" in line) == (days == 0) and (not days or f"({days} day{'s' * (days > 1)} ago)" in line)
    shown = set(re.findall(r"(\d+ days?|today) +│ +\d+ │", lab.run("db", "info", env=moment).out))
    assert shown == {"today" if not days else "1 day" if days == 1 else f"{days} days"}
    said = set(re.findall(r"is (\d+) days old", lab.run("doctor", "--offline", env=moment).out))
    assert said == ({str(days)} if days > 14 else set())


def test_an_empty_report_of_what_was_judged_needs_no_caution(lab):
    root = trees.write(lab.path("root"), trees.debian([("clean", "1.0-1", "clean", "")]))
    ended = lab.run("rootfs", root)
    assert ended.out.splitlines()[-1].startswith("Total: 0") and "│        0        │" in ended.out


# ---- the same once, not twice ---------------------------------------------------------------------------------------------


def test_a_terminal_shows_a_note_once(lab):
    old = trees.write(lab.path("old"), trees.debian([("bash", "9-1", "bash", "")], "9.13"))
    from test_output import on_terminal
    assert on_terminal(lab, "rootfs", old, columns=200).count("no longer supported") == 1
    assert on_terminal(lab, "rootfs", old, "-f", "json", columns=200).count("no longer supported") == 2


def test_version_and_information_tell_times_to_the_second(lab):
    lab.run("db", "build", "--feeds", FEEDS, env={"SOURCE_DATE_EPOCH": ""})
    for arguments in (["version"], ["version", "-f", "json"], ["db", "info"], ["doctor", "--offline"]):
        out = lab.run(*arguments, env={"SOURCE_DATE_EPOCH": ""}).out
        times = re.findall(r"T\d\d:\d\d:\d\d(\S)", out)
        assert times and set(times) == {"Z"}, out


# ---- distributions that are not known here, and those whose feed is not fetched -------------------------------------------------


@pytest.mark.parametrize("release,said", [
    (b"ID=linuxmint\nVERSION_ID=\"21\"\nID_LIKE=\"ubuntu debian\"\n", "linuxmint 21 (like ubuntu debian) is not known here"),
    (b"ID=arch\nNAME=\"Arch Linux\"\n", "arch is not known here"),
    (b"ID=\x1b[31m\n", "is not known here"),
])
def test_a_distribution_that_is_not_known_is_named(lab, release, said):
    tree = {**trees.debian(), "etc/os-release": release}
    tree.pop("etc/debian_version")
    for files in (tree, {"etc/os-release": release}):
        root = trees.write(lab.path(f"odd{len(files)}"), files)
        report = lab.report("rootfs", root)
        assert said in notes(report)["family-unsupported"] and "os-unknown" not in notes(report)
        assert report["Metadata"].get("OS", {"Family": "none"})["Family"] == "none"
        ended = lab.run("rootfs", root)
        assert said in ended.err.replace("\n", " ") and "\x1b" not in ended.out + ended.err


@pytest.mark.parametrize("more,said", [
    (trees.debian(), "judged as debian 12"),
    ({"etc/alpine-release": b"3.19.1\n", "lib/apk/db/installed": b"P:x\nV:1-r0\nA:x86_64\n\n"}, "judged as alpine 3.19.1"),
])
def test_files_kept_of_the_distribution_it_comes_from_do_not_speak_for_it_silently(lab, more, said):
    root = trees.write(lab.path("derived"), {**more, "etc/os-release": b"ID=linuxmint\nVERSION_ID=22\n"})
    note = notes(lab.report("rootfs", root))["family-derived"]
    assert note.startswith("linuxmint 22 is not known here") and said in note
    assert lab.run("rootfs", "--exit-on-unjudged", 7, root).status == 7
    assert "family-derived" not in notes(lab.report("rootfs", "--distro", "debian/12", root))


def test_a_distribution_that_is_named_is_not_moved_by_repositories(lab):
    files = {**trees.alpine(), "etc/apk/repositories": b"https://dl-cdn.alpinelinux.org/alpine/v3.99/main\n"}
    root = trees.write(lab.path("moved"), files)
    assert "3.99" in notes(lab.report("rootfs", root))["release-unknown"]
    assert "release-unknown" not in notes(lab.report("rootfs", "--distro", "alpine/3.18", root))


def test_a_known_one_wins_over_one_that_is_not(lab):
    report = lab.report("rootfs", trees.write(lab.path("root"), {**trees.debian(), "usr/lib/os-release": b"ID=stranger\nVERSION_ID=1\n"}))
    assert report["Metadata"]["OS"]["Family"] == "debian" and "family-unsupported" not in notes(report)


@pytest.mark.parametrize("family,path", [("wolfi", "wolfi/security.json"), ("chainguard", "chainguard/security.json"), ("minimos", "minimos/security.json"), ("debian", None)])
def test_a_release_without_data_has_a_next_step(lab, family, path):
    files = {"etc/os-release": f"ID={family}\nVERSION_ID=20230201\n".encode(), "lib/apk/db/installed": b"P:x\nV:1-r0\nA:x86_64\n\n"}
    said = notes(lab.report("rootfs", trees.write(lab.path("root"), files)))["release-unknown"]
    assert (f"as {path}, then pratique db build --feeds DIR" if path else "pratique db update brings newer releases") in said
