"""--severity, --ignore-*, ignore files, exit statuses."""
import json

import images
import pytest
import trees
from conftest import findings
from test_sources import EXPECTED


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


def ids(report):
    return sorted({f[0] for f in findings(report)})


ALL = sorted({f[0] for f in EXPECTED})
OPTIONS = [
    (["--severity", "CRITICAL,HIGH"], ["CVE-2023-10001", "CVE-2023-10003"]),
    (["--severity", "critical"], ["CVE-2023-10003"]),
    (["-s", "LOW", "-s", "MEDIUM"], ["CVE-2023-10004", "CVE-2023-10005"]),
    (["--severity=UNKNOWN"], []),
    (["--ignore-unfixed"], ["CVE-2023-10001"]),
    (["--ignore-unfixed=false"], ALL),
    (["--ignore-status", "will_not_fix,fix_deferred"], ["CVE-2023-10001", "CVE-2023-10004"]),
    (["--ignore-status", "fixed"], ["CVE-2023-10003", "CVE-2023-10004", "CVE-2023-10005"]),
    (["--pkg-types", "os"], ALL),
    (["--pkg-types", "library"], []),
    (["--scanners", "none"], []),
    (["--skip-files", "var/lib/dpkg/status"], []),
    (["--skip-dirs", "var/lib"], []),
    (["--skip-dirs", "**/dpkg"], []),
    (["--skip-dirs", "usr"], ALL),
    (["--skip-dirs", "/var/lib"], []),
    (["--skip-dirs", "./var//lib/"], []),
    (["--skip-dirs", "/nothing,/var/lib/dpkg/"], []),
    (["--skip-files", "/var/lib/dpkg/status"], []),
    (["--skip-dirs", "../root/var/lib"], []),
    (["--skip-dirs", "../root"], ALL),
    (["--skip-dirs", "/"], ALL),
    (["--distro", "debian/10"], ["CVE-2019-10010"]),
    (["--file-patterns", r"dpkg:etc/debian_version"], ALL),
]


def test_folders_to_skip_by_their_whole_path(lab, root):
    whole = root.resolve() / "var/lib/dpkg"
    assert ids(lab.report("rootfs", root, "--skip-dirs", whole)) == []
    assert ids(lab.report("rootfs", ".", "--skip-dirs", "./var/lib/dpkg/", cwd=root)) == []
    assert ids(lab.report("rootfs", root.parent / "root", "--skip-dirs", whole.parent / "dpk")) == ALL
    layout = images.oci_layout(lab.path("layout"), [images.tar_of(trees.debian(), lab.path("root.tar"))])
    assert ids(lab.report("image", "--input", layout, "--skip-dirs", "/var/lib")) == []


@pytest.mark.parametrize("options,expected", OPTIONS, ids=lambda x: " ".join(x) if isinstance(x, list) else None)
def test_option(lab, root, options, expected):
    rows = trees.DEBIAN if "--distro" not in options else [("bash", "5.0-4", "bash", "")]
    trees.write(root, {"var/lib/dpkg/status": trees.dpkg_status(rows)})
    assert ids(lab.report("rootfs", root, *options)) == expected


PLAIN = [
    ("CVE-2023-10001\n", ["CVE-2023-10001"]),
    ("# CVE-2023-10001\n\n   CVE-2023-10003   \r\n", ["CVE-2023-10003"]),
    ("CVE-2023-10001 exp:2024-06-02\nCVE-2023-10003 exp:2024-06-01\n", ["CVE-2023-10001"]),
    ("CVE-2023-10001 because we say so\n", ["CVE-2023-10001"]),
    ("CVE-2023-10001 exp:soon\n", []),
    ("cve-2023-10001\nCVE-2023-1000\n", []),
]


@pytest.mark.parametrize("text,ignored", PLAIN)
def test_plain_ignore_file(lab, root, text, ignored):
    (lab.work / ".trivyignore").write_text(text)
    assert ids(lab.report("rootfs", root)) == [i for i in ALL if i not in ignored]


def test_plain_ignore_file_by_name_and_warning(lab, root):
    (lab.work / "accepted").write_text("CVE-2023-10001 exp:soon\nCVE-2023-10003\n")
    ended = lab.run("rootfs", root, "--ignorefile", "accepted", "-f", "json")
    assert ids(ended.json()) == ["CVE-2023-10001", "CVE-2023-10004", "CVE-2023-10005"]
    assert "line 1" in ended.err and "exp:" in ended.err


DOUBTFUL = [
    # line, words of the warning; None: none
    ("nonsense line here", "a line begins with an identifier"),
    ("we accept CVE-2023-10001", "a line begins with an identifier"),
    ("CVE-2023-10001,CVE-2023-10003", "without commas"),
    ('"CVE-2023-10001"', "without commas and quotes"),
    ("cve-2023-10001", "in capitals"),
    ("CVE-2023", "has the form"),
    ("CVE 2023 10001", "a line begins with an identifier"),
    ("CVE-2023-10001 accepted by the team", None),
    ("CVE-2023-10001 exp:2030-01-01 # because", None),
    ("GHSA-aaaa-bbbb-cccc", None),
    ("AVD-KSV-0001", None),
    ("aws-access-key-id in the tests", None),
    ("DS002", None),
    ("MIT", None),
    ("MIT # all of it", None),
    ("TEMP-0000000-ABCDEF", None),
    ("# nonsense line here", None),
    ("", None),
]


@pytest.mark.parametrize("line,words", DOUBTFUL)
def test_a_line_that_names_nothing_is_said(lab, root, line, words):
    (lab.work / ".trivyignore").write_text(f"# first\n{line}\nCVE-2023-10003\n")
    ended = lab.run("rootfs", root, "-f", "json")
    assert "CVE-2023-10003" not in ids(ended.json())
    assert ("line 2" in ended.err) == bool(words) and (words or "") in ended.err, ended.err


def test_no_ignore_file(lab, root):
    (lab.work / ".trivyignore").write_text("CVE-2023-10001\n")
    assert ids(lab.report("rootfs", root, "--ignorefile", "")) == ALL
    (lab.work / ".trivyignore").unlink()
    assert ids(lab.report("rootfs", root, "--ignorefile", ".trivyignore")) == ALL


def test_many_such_lines_are_counted(lab, root):
    (lab.work / ".trivyignore").write_text("what is this\n" * 25)
    ended = lab.run("rootfs", root)
    assert ended.err.count("line ") == 10 * 2 and "15 more such lines" in ended.err


def test_byte_order_mark_before_the_first_line(lab, root):
    (lab.work / ".trivyignore").write_bytes(b"\xef\xbb\xbfCVE-2023-10001\r\n")
    assert "CVE-2023-10001" not in ids(lab.report("rootfs", root))


YAML = [
    ("- id: CVE-2023-10001", ["CVE-2023-10001"]),
    ("- id: CVE-2023-10001\n    statement: not reachable", ["CVE-2023-10001"]),
    ("- id: CVE-2023-10001\n    expired_at: 2024-06-02", ["CVE-2023-10001"]),
    ("- id: CVE-2023-10001\n    expired_at: 2024-06-01", []),
    ('- id: CVE-2023-10001\n    expired_at: "2024-07-01"', ["CVE-2023-10001"]),
    ("- id: CVE-2023-10001\n    expired_at: 2024-06-01T13:00:00Z", ["CVE-2023-10001"]),
    ("- id: CVE-2023-10003\n    purls: [pkg:deb/debian/zlib1g]", ["CVE-2023-10003"]),
    ("- id: CVE-2023-10003\n    purls: [pkg:deb/debian/bash]", []),
    ("- id: CVE-2023-10003\n    paths: ['**/root*']", ["CVE-2023-10003"]),
    ("- id: CVE-2023-10003\n    paths: [elsewhere]", []),
]


@pytest.mark.parametrize("text,ignored", YAML)
def test_yaml_ignore_file(lab, root, text, ignored):
    (lab.work / "ignore.yaml").write_text(f"vulnerabilities:\n  {text}\n")
    report = lab.report("rootfs", root, "--ignorefile", "ignore.yaml", cwd=lab.work)
    assert ids(report) == [i for i in ALL if i not in ignored]


UNSURE = [
    # an entry that would hide more than was meant; what is said of it
    ("path: [usr/lib/**]", 'there is no key "path", the nearest is paths'),
    ("expires: 2020-01-01", 'there is no key "expires", the nearest is expired_at'),
    ("ticket: OPS-1", 'there is no key "ticket"; an entry takes id, paths, purls, expired_at, statement'),
    ("paths: usr/lib", "paths is no list"),
    ("purls: [[]]", "purls has what is no text"),
    ("expired_at: [2020-01-01]", "expired_at is no text or date"),
]


@pytest.mark.parametrize("line,said", UNSURE)
def test_an_entry_that_is_not_understood_hides_nothing(lab, root, line, said):
    (lab.work / "i.yaml").write_text(f"vulnerabilities:\n  - id: CVE-2023-10002\n  - id: CVE-2023-10001\n    {line}\n")
    ended = lab.run("rootfs", root, "-f", "json", "--ignorefile", "i.yaml")
    assert ids(ended.json()) == [i for i in ALL if i != "CVE-2023-10002"]
    assert f"i.yaml, entry 2 (CVE-2023-10001): {said}: the entry is not applied" in ended.err


@pytest.mark.parametrize("entry,said", [
    ("id: CVE-2023-10001\n    expired_at: soon", '(CVE-2023-10001): expired_at is "soon", which is not YYYY-MM-DD'),
    ("statement: x", "(): it has no id"),
    ("id: ''", "(): it has no id"),
])
def test_what_is_wrong_with_one_entry_stops_no_scan(lab, root, entry, said):
    (lab.work / "i.yaml").write_text(f"vulnerabilities:\n  - id: CVE-2023-10002\n  - {entry}\n")
    ended = lab.run("rootfs", root, "-f", "json", "--ignorefile", "i.yaml")
    assert ids(ended.json()) == [i for i in ALL if i != "CVE-2023-10002"]
    assert f"i.yaml, entry 2 {said}: the entry is not applied" in ended.err


@pytest.mark.parametrize("before", ["", "\ufeff", "# accepted\n\n---\n", "secrets: []\n"])
def test_yaml_is_known_by_its_first_line(lab, root, before):
    text = f"{before}vulnerabilities:\n  - id: CVE-2023-10001\n"
    (lab.work / ".trivyignore").write_text(text)
    (lab.work / "accepted").write_text(text)
    for options in ([], ["--ignorefile", "accepted"]):
        assert ids(lab.report("rootfs", root, *options)) == [i for i in ALL if i != "CVE-2023-10001"]


def test_yaml_that_is_not_known_is_named_line_by_line(lab, root):
    (lab.work / ".trivyignore").write_text("ignored:\n  - id: CVE-2023-10001\n    statement: x\n")
    ended = lab.run("rootfs", root, "-f", "json")
    assert ids(ended.json()) == ALL and ended.err.count("this is YAML") == 3


def test_the_yaml_file_is_read_only_when_it_is_named(lab, root):
    (lab.work / ".trivyignore.yaml").write_text("vulnerabilities:\n  - id: CVE-2023-10001\n")
    ended = lab.run("rootfs", root, "-f", "json")
    assert ids(ended.json()) == ALL and "--ignorefile .trivyignore.yaml" in ended.err
    named = lab.run("rootfs", root, "-f", "json", "--ignorefile", ".trivyignore.yaml")
    assert "CVE-2023-10001" not in ids(named.json()) and "is read only" not in named.err and "--ignorefile" not in named.err


def test_what_an_ignore_file_leaves_out_is_told(lab, root):
    (lab.work / ".trivyignore").write_text("CVE-2023-10001\n")
    assert "INFO\t.trivyignore leaves out 2 findings: --show-suppressed shows them" in lab.run("rootfs", root).err
    for options in (["--show-suppressed"], ["--ignorefile", "/dev/null"]):
        assert "leaves out" not in lab.run("rootfs", root, *options).err


def test_a_list_of_another_name_is_named(lab, root):
    (lab.work / "i.yaml").write_text("secrets: []\nvulnerability:\n  - id: CVE-2023-10001\n")
    ended = lab.run("rootfs", root, "-f", "json", "--ignorefile", "i.yaml")
    assert ids(ended.json()) == ALL and 'no list "vulnerability"' in ended.err and '"secrets"' not in ended.err


def test_one_of_two_packages_by_purl(lab, root):
    (lab.work / "i.yaml").write_text("vulnerabilities:\n  - id: CVE-2023-10001\n    purls: ['pkg:deb/debian/openssl@3.0.9-1']\n")
    left = findings(lab.report("rootfs", root, "--ignorefile", "i.yaml"))
    assert [f[1] for f in left if f[0] == "CVE-2023-10001"] == ["libssl3"]


def test_reason_is_kept_and_shown(lab, root):
    (lab.work / "i.yaml").write_text("vulnerabilities:\n  - id: CVE-2023-10001\n    statement: the parser is not reachable\n")
    assert "ExperimentalModifiedFindings" not in lab.report("rootfs", root, "--ignorefile", "i.yaml")["Results"][0]
    report = lab.report("rootfs", root, "--ignorefile", "i.yaml", "--show-suppressed")
    modified = report["Results"][0]["ExperimentalModifiedFindings"]
    assert [(m["Type"], m["Status"], m["Statement"], m["Source"], m["Finding"]["PkgName"]) for m in modified] == [
        ("vulnerability", "ignored", "the parser is not reachable", "i.yaml", name) for name in ("libssl3", "openssl")
    ]
    silent = lab.run("rootfs", root, "--ignorefile", "i.yaml").out
    shown = lab.run("rootfs", root, "--ignorefile", "i.yaml", "--show-suppressed").out
    assert "not reachable" not in silent and "Suppressed" not in silent
    assert "Suppressed Vulnerabilities (Total: 2)" in shown and "the parser is not reachable" in shown


BAD = [
    ("i.yaml", "vulnerabilities: [\n", "yaml"),
    (None, None, "file"),
]


@pytest.mark.parametrize("name,text,message", BAD)
def test_bad_ignore_file_is_an_error(lab, root, name, text, message):
    if name:
        (lab.work / name).write_text(text)
    ended = lab.run("rootfs", root, "--ignorefile", name or "missing")
    assert ended.status == 1 and ended.out == ""
    assert f"[{message}" in ended.err


STATUSES = [
    ([], 0),
    (["--exit-code", "7"], 7),
    (["--exit-code", "7", "--severity", "UNKNOWN"], 0),
    (["--exit-code", "7", "--severity", "CRITICAL"], 7),
    (["--exit-code", "7", "--severity", "CRITICAL", "--ignore-unfixed"], 0),
    (["--exit-code", "7", "--exit-on-eol", "9"], 7),
]


@pytest.mark.parametrize("options,status", STATUSES)
def test_exit_status(lab, root, options, status):
    for shape in ("table", "json"):
        assert lab.run("rootfs", root, *options, "-f", shape).status == status


@pytest.mark.parametrize("rows,release,options,status", [
    (trees.DEBIAN, "12.5", ["--exit-on-unjudged", "5"], 0),
    (trees.DEBIAN, "99.1", ["--exit-on-unjudged", "5"], 5),
    (trees.DEBIAN, "99.1", [], 0),
    (trees.DEBIAN, "12.5", ["--exit-on-unjudged", "5", "--scanners", "none"], 5),
    ([("bash", "9-1", "bash", "")], "9.13", ["--exit-on-unjudged", "5"], 5),
    ([("bash", "9-1", "bash", "")], "9.13", ["--exit-on-unjudged", "5", "--exit-on-eol", "9"], 9),
    (trees.DEBIAN, "12.5", ["--exit-on-unjudged", "5", "--exit-code", "7"], 7),
])
def test_exit_status_of_what_was_not_judged(lab, rows, release, options, status):
    assert lab.run("rootfs", trees.write(lab.path("odd"), trees.debian(rows, release)), *options).status == status


def test_a_package_database_that_cannot_be_read_is_not_clean(lab):
    root = trees.write(lab.path("odd"), {**trees.debian(trees.DEBIAN, "12.5"), "var/lib/rpm/Packages": b"broken"})
    ended = lab.run("rootfs", root, "--exit-on-unjudged", "5")
    assert ended.status == 5 and "WARN" in ended.err and "var/lib/rpm/Packages" in ended.err


def test_suppressed_findings_do_not_count(lab, root):
    (lab.work / ".trivyignore").write_text("\n".join(ALL))
    assert lab.run("rootfs", root, "--exit-code", "7", "--show-suppressed").status == 0


@pytest.mark.parametrize("rows,options,status", [
    (trees.DEBIAN, ["--exit-on-eol", "9"], 9),
    (trees.DEBIAN, ["--exit-on-eol", "9", "--exit-code", "7"], 9),
    ([("bash", "9-1", "bash", "")], ["--exit-on-eol", "9"], 9),
    ([("bash", "9-1", "bash", "")], ["--exit-code", "7"], 0),
])
def test_ended_release(lab, rows, options, status):
    root = trees.write(lab.path("old"), trees.debian(rows, "9.13"))
    ended = lab.run("rootfs", root, *options)
    assert ended.status == status
    assert "no longer supported" in ended.err and "[release-ended]" in ended.out
    report = json.loads(lab.run("rootfs", root, "-f", "json").out)
    assert report["Metadata"]["OS"]["EOSL"] is True


ERRORS = [
    (["rootfs", "/does/not/exist"], "target-missing"),
    (["image", "--input", "/does/not/exist"], "input-open"),
    (["rootfs"], "target-count"),
    (["rootfs", "a", "b"], "target-count"),
    (["rootfs", ".", "--severity", "AWFUL"], "option-value"),
    (["rootfs", ".", "--exit-code", "many"], "option-value"),
    (["rootfs", ".", "--exit-code", "256"], "option-value"),
    (["rootfs", ".", "--timeout", "soon"], "option-value"),
    (["rootfs", ".", "--format"], "option-value"),
    (["rootfs", ".", "-f", "sarif"], "format-unknown"),
    (["rootfs", ".", "--file-patterns", "nobody:x"], "file-pattern"),
    (["rootfs", ".", "--file-patterns", "dpkg:["], "regex"),
    (["rootfs", ".", "--db-file", "/does/not/exist"], "db-"),
    (["rootfs", ".", "--output", ""], "option-value"),
    (["rootfs", ".", "-o="], "option-value"),
    (["rootfs", ".", "--config", "/does/not/exist"], "file"),
]


@pytest.mark.parametrize("arguments,message", ERRORS, ids=lambda x: " ".join(x) if isinstance(x, list) else None)
def test_errors_are_one_with_id_and_advice(lab, arguments, message):
    ended = lab.run(*arguments)
    assert ended.status == 1 and ended.out == ""
    assert f"[{message}" in ended.err


def test_no_database_says_what_to_do(bare):
    root = trees.write(bare.path("root"), trees.debian())
    ended = bare.run("rootfs", root, "--skip-db-update")
    assert ended.status == 1 and "db update" in ended.err
    assert bare.run("rootfs", root, "--scanners", "none").status == 0


def test_a_database_file_that_is_not_there_is_just_that(lab, bare):
    (bare.cache / "db" / "update-failed").write_text("")  # fetching failed a moment ago
    for some in (lab, bare):
        ended = some.run("rootfs", ".", "--db-file", "nope", env={"SOURCE_DATE_EPOCH": ""})
        assert ended.status == 1 and "there is no file nope, which --db-file names" in ended.err
        assert "fetching" not in ended.err and "db update" not in ended.err


def test_a_cache_folder_that_cannot_be_made_is_no_matter_of_the_network(lab, root):
    ended = lab.run("rootfs", root, "--cache-dir", "/proc/x", "--skip-db-update=false")
    assert ended.status == 1 and "[folder-create]" in ended.err
    assert "network" not in ended.err and "permissions" in ended.err
