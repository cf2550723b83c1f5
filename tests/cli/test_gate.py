"""The gate `grep -q "Total: 0"`: such a line exactly when the whole report has no finding."""
import json

import images
import pytest
import trees

CLEAN = [("clean", "1.0-1", "clean", "")]
HOSTILE_TITLE = [("total", "1", "total", "")]  # its advisory's title begins with "Total: 0"


def gate(text):
    return any("Total: 0" in line for line in text.splitlines())


CASES = [
    ("nothing found", CLEAN, [], True),
    ("findings", trees.DEBIAN, [], False),
    ("none of this severity", trees.DEBIAN, ["--severity", "UNKNOWN"], True),
    ("some of this severity", trees.DEBIAN, ["--severity", "CRITICAL,UNKNOWN"], False),
    ("none with a fix", [trees.DEBIAN[2]], ["--ignore-unfixed"], True),
    ("hostile title", HOSTILE_TITLE, [], False),
    ("hostile title, other severity", HOSTILE_TITLE, ["--severity", "HIGH"], True),
    ("hostile package name", [*HOSTILE_TITLE, ("total:-0", "1", "total", "")], [], False),
    ("all suppressed", trees.DEBIAN, ["--ignorefile", "all"], True),
    ("all suppressed and shown", trees.DEBIAN, ["--ignorefile", "all", "--show-suppressed"], True),
    ("some suppressed and shown", trees.DEBIAN, ["--ignorefile", "some", "--show-suppressed"], False),
    ("nothing suppressed and shown", trees.DEBIAN, ["--show-suppressed"], False),
    ("only packages", trees.DEBIAN, ["--scanners", "none"], True),
]


@pytest.mark.parametrize("name,rows,options,clean", CASES, ids=[c[0] for c in CASES])
def test_gate(lab, name, rows, options, clean):
    (lab.work / "all").write_text("\n".join(f"CVE-2023-1000{i}" for i in range(1, 7)))
    (lab.work / "some").write_text("CVE-2023-10001\n")
    root = trees.write(lab.path("root"), trees.debian(rows))
    ended = lab.run("rootfs", root, *options)
    assert ended.status == 0, ended.err
    assert gate(ended.out) == clean, ended.out
    report = lab.report("rootfs", root, *options)
    assert clean == (not any(r.get("Vulnerabilities") for r in report.get("Results") or []))


@pytest.mark.parametrize("name", ["Total: 0", "total 0 Total: 0 (x)", "\nTotal: 0\n", "Total:\x1b[0m 0", "Total: 0\x00"])
def test_hostile_target_and_system_names(lab, name):
    tar = images.tar_of({**trees.debian(), "etc/os-release": f"ID=debian\nVERSION_ID='12 {name}'\n".encode()}, lab.path("root.tar"))
    folder = lab.path(f"x/{name}/y".replace("\0", "")).parent
    (folder / "r.tar").write_bytes(tar.read_bytes())
    ended = lab.run("rootfs", folder / "r.tar")
    assert ended.status == 0 and not gate(ended.out), ended.out
    assert "\x1b" not in ended.out


def test_hostile_reason(lab):
    (lab.work / "i.yaml").write_text("vulnerabilities:\n  - id: CVE-2023-10001\n    statement: 'Total: 0 (really)'\n")
    root = trees.write(lab.path("root"), trees.debian())
    assert not gate(lab.run("rootfs", root, "--ignorefile", "i.yaml", "--show-suppressed").out)


def test_ten_findings_are_not_none(lab):
    """`Total: 10` has `Total: 1` in it; the words of the gate must not appear by such a chance."""
    rows = [(f"libssl{i}", "3.0.9-1", "openssl", "") for i in range(100)]
    root = trees.write(lab.path("root"), trees.debian(rows))
    text = lab.run("rootfs", root).out
    assert "Total: 100" in text and not gate(text)


def test_terminal_colour_does_not_split_the_words(lab):
    root = trees.write(lab.path("root"), trees.debian(CLEAN))
    assert gate(lab.run("rootfs", root, env={"CLICOLOR_FORCE": "1"}).out)


def test_a_failed_scan_writes_no_gate(lab):
    for arguments in (["rootfs", "/missing"], ["image", "--input", "/missing"], ["rootfs", "/", "--db-file", "/missing"]):
        ended = lab.run(*arguments)
        assert ended.status == 1 and not gate(ended.out)
