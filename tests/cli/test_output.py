"""What is written where: -o, --quiet, pipes, terminals, NO_COLOR."""
import fcntl
import os
import pty
import re
import stat
import struct
import subprocess
import termios
import threading
import time

import images
import pytest
import trees
from conftest import FEEDS


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


def test_file_instead_of_stdout(lab, root):
    ended = lab.run("rootfs", root, "-f", "json", "-o", "report.json")
    assert ended.status == 0 and ended.out == ""
    assert (lab.work / "report.json").read_text().startswith("{")
    assert os.listdir(lab.work) == ["report.json"]
    assert stat.S_IMODE((lab.work / "report.json").stat().st_mode) & 0o400


def test_what_is_no_file_is_written_to_and_stays(lab, root):
    """A rename would put a report in the place of a device or a pipe."""
    pipe = lab.work / "pipe"
    os.mkfifo(pipe)
    with lab.start("rootfs", root, "-f", "json", "-o", pipe) as process, open(pipe) as reader:
        assert reader.read().startswith("{")
    assert process.returncode == 0 and stat.S_ISFIFO(pipe.stat().st_mode)
    assert lab.run("rootfs", root, "-f", "json", "-o", "/dev/stdout").out.startswith("{")
    with open(lab.folder / "both", "wb") as both:
        both.write(b"before ")
        both.flush()
        assert lab.start("rootfs", root, "-f", "json", "-o", "/dev/stdout", stdout=both).wait() == 0
    assert (lab.folder / "both").read_text().startswith("before {")
    (lab.work / "null").symlink_to("/dev/null")
    assert lab.run("rootfs", root, "-o", "null").status == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode) and sorted(os.listdir(lab.work)) == ["null", "pipe"]


def test_a_link_and_its_targets_rights_stay(lab, root):
    target = lab.path("kept/report.json")
    target.write_text("old")
    target.chmod(0o600)
    (lab.work / "report.json").symlink_to(target)
    assert lab.run("rootfs", root, "-f", "json", "-o", "report.json").status == 0
    assert (lab.work / "report.json").is_symlink() and target.read_text().startswith("{")
    (lab.work / "later.json").symlink_to("../kept/later.json")
    assert lab.run("rootfs", root, "-f", "json", "-o", "later.json").status == 0
    assert (lab.work / "later.json").is_symlink() and (target.parent / "later.json").read_text().startswith("{")
    (target.parent / "later.json").unlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600 and os.listdir(target.parent) == ["report.json"]


def test_failure_leaves_the_old_report_and_nothing_else(lab, root):
    (lab.work / "report.json").write_text("old")
    assert lab.run("rootfs", lab.path("missing"), "-o", "report.json").status == 1
    assert lab.run("rootfs", root, "-o", "report.json", "--db-file", "/missing").status == 1
    assert (lab.work / "report.json").read_text() == "old" and os.listdir(lab.work) == ["report.json"]


def test_new_report_replaces_the_old_as_a_whole(lab, root):
    """Rename, not rewriting: who has the old one open keeps it."""
    (lab.work / "report").write_text("old")
    with open(lab.work / "report") as old:
        assert lab.run("rootfs", root, "--output", "report").status == 0
        assert old.read() == "old"
    assert "Total:" in (lab.work / "report").read_text()


def test_unwritable_output_is_an_error(lab, root):
    ended = lab.run("rootfs", root, "-o", "/proc/report")
    assert ended.status == 1 and "[file-create]" in ended.err


def test_closed_stdout_is_no_crash(lab, root):
    process = lab.start("rootfs", root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.wait(timeout=60) in (0, 1, -13)  # SIGPIPE: test_user_files.py


def test_full_disk_is_an_error(lab, root):
    with open("/dev/full", "w") as full:
        process = lab.start("rootfs", root, stdout=full, stderr=subprocess.PIPE)
        assert b"[file-write]" in process.communicate()[1] and process.returncode == 1


def test_quiet_is_silent_but_for_errors(lab):
    old = trees.write(lab.path("old"), trees.debian(release="9.13"))
    loud, quiet = lab.run("rootfs", old), lab.run("rootfs", old, "--quiet")
    assert loud.err and quiet.err == "" and quiet.out
    assert lab.run("rootfs", "/missing", "-q").err != ""


def test_debug_says_what_was_read(lab):
    (lab.work / "trivy.yaml").write_text("severity: [HIGH]\n")
    (lab.work / ".trivyignore").write_text("CVE-2023-10001\n")
    layout = images.oci_layout(lab.path("layout"), [images.tar_of(trees.debian(), lab.path("root.tar"))])
    for way in ("is read", "from the cache"):
        err = lab.run("image", "--input", layout, "--debug").err
        for said in ("settings from trivy.yaml", "ignore file .trivyignore: 1 entries apply", "pratique.db, a pratique.db, built 20", "operating system: debian 12.5",
                     f"packages: {len(trees.DEBIAN)} of type debian", f": {way}"):
            assert said in err, (said, err)
    assert "packages:" not in lab.run("image", "--input", layout).err


def test_pipes_get_no_progress_and_no_colour(lab, root):
    for env in ({}, {"TERM": "xterm"}):
        ended = lab.run("rootfs", root, env=env)
        assert "\x1b" not in ended.out and "\x1b" not in ended.err and "\r" not in ended.err
    assert "\x1b[" in lab.run("rootfs", root, env={"CLICOLOR_FORCE": "1"}).out


def on_terminal(lab, *arguments, columns=150, stdin=subprocess.DEVNULL, **environment):
    """Runs with stdout and stderr on a terminal; returns what it showed."""
    try:
        leader, follower = pty.openpty()
    except OSError:
        pytest.skip("this machine gives no pseudo terminals")
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = lab.start(*arguments, stdin=stdin, stdout=follower, stderr=follower, env={"TERM": "xterm", **environment})
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert process.wait(timeout=60) == 0
    return shown.decode()


def test_terminals_get_colour_and_links(lab, root):
    shown = on_terminal(lab, "rootfs", root)
    assert "\x1b[31m" in shown and "\x1b]8;;https://" in shown
    linked = re.findall("\x1b\\]8;;(https://[^\x1b]*)\x1b\\\\(?:\x1b\\[[0-9;]*m)?([^\x1b]*)", shown)
    assert linked and all(re.fullmatch("(CVE|DSA|TEMP)-[0-9A-F-]+", text) for _, text in linked), linked


def test_the_progress_of_a_scan_is_bytes_and_layers(lab):
    """A slow pipe: something is seen to happen before the end, and nothing of it stays."""
    tar = images.tar_of({**trees.debian(), "big": os.urandom(3_000_000)}, lab.path("root.tar")).read_bytes()
    reading, writing = os.pipe()

    def feed():
        with os.fdopen(writing, "wb", 0) as pipe:
            for part in (tar[:2_000_000], tar[2_000_000:]):
                pipe.write(part)
                time.sleep(0.5)

    thread = threading.Thread(target=feed)
    thread.start()
    shown = on_terminal(lab, "rootfs", "-", stdin=reading)
    thread.join()
    drawn = re.findall(r"\x1b\[K(\d\.\d) MB, layers 0/1", shown)
    assert drawn and float(drawn[-1]) >= 1.5 and "\x1b[K" in shown[shown.rindex("MB, layers"):]
    assert "reading files" in on_terminal(lab, "rootfs", trees.write(lab.path("tree"), trees.debian()))


def test_the_progress_of_a_build_is_a_feed_and_its_share(lab):
    shown = on_terminal(lab, "db", "build", "--feeds", FEEDS)
    drawn = re.findall("\x1b\\[K(database: [^\r\n]*)", shown)
    assert drawn and all(re.fullmatch(r"database: [a-z0-9-]+ \d+%", line) for line in drawn), drawn


def test_no_color(lab, root):
    shown = on_terminal(lab, "rootfs", root, NO_COLOR="1")
    assert "\x1b[3" not in shown and "\x1b]8" not in shown


@pytest.mark.parametrize("columns", [120, 140, 160])
def test_table_fits_the_terminal(lab, root, columns):
    shown = re.sub("\x1b(\\[[0-9;]*[mK]|\\]8;;.*?\x1b\\\\)", "", on_terminal(lab, "rootfs", root, columns=columns))
    widths = [len(line.rstrip("\r")) for line in shown.split("\n") if line.startswith(("│", "├", "┌"))]
    assert len(widths) > 10 and max(widths) <= columns


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colour", "plain"])
@pytest.mark.parametrize("columns", [60, 80, 100, 125, 200])
def test_nothing_is_wider_than_the_terminal(lab, columns, environment):
    """Where the table does not fit, findings stand one below the other."""
    rows = [*trees.DEBIAN, ("a-name-of-a-package-that-is-quite-long-for-a-terminal", "3.0.9-1+with+a+version", "openssl", "3.0.9-1")]
    root = trees.write(lab.path("a/rather/deep/folder/with/a/long/name/that/fills/the/first/column"), trees.debian(rows, "9.13" if columns == 100 else "12.5"))
    shown = re.sub("\x1b(\\[[0-9;]*[mK]|\\]8;;.*?\x1b\\\\)", "", on_terminal(lab, "rootfs", root, columns=columns, **environment))
    lines = [line.rstrip("\r") for line in shown.split("\n")]
    title = [line for line in lines if str(root) in line or set(line) == {"="} or line.startswith("Total: ")]  # whole, for gates and eyes
    assert max(len(line) for line in lines if line not in title) <= columns
    if columns != 100:
        for words in ("CVE-2023-10001", "CRITICAL", "will_not_fix", "KEV", "3.0.11-1", "Total: "):
            assert words in shown
        assert ("Installed Version" in shown) == (columns >= 200)
        assert environment == {} or "https://avd.aquasec.com/nvd/cve-2023-10001" in shown


def test_information_names_its_lines(lab):
    lines = lab.run("db", "info").out.splitlines()
    assert [line.split(": ")[0] for line in lines[:3]] == ["Path", "Kind", "Built"] and lines[0].endswith("pratique.db")


def test_information_fits_a_narrow_terminal(lab):
    assert max(len(line) for line in on_terminal(lab, "db", "info", columns=80).split("\r\n")[3:]) <= 80
    assert "Licence" in on_terminal(lab, "db", "info", columns=200)


@pytest.mark.parametrize("columns", [26, 30, 40, 55])
def test_boxes_become_lists_where_they_do_not_fit(lab, columns):
    new = trees.write(lab.path("r"), trees.debian())
    for arguments in (["rootfs", new, "--severity", "LOW"], ["db", "info"]):
        text = re.sub("\x1b(\\[[0-9;]*[mK]|\\]8;;.*?\x1b\\\\)", "", on_terminal(lab, *arguments, columns=columns))
        boxes = [line.rstrip("\r") for line in text.split("\n") if line.startswith(("│", "├", "┌"))]
        assert not boxes or max(map(len, boxes)) <= columns
        if columns == 26:
            assert not boxes and ("Vulnerabilities: 1" in text if arguments[0] == "rootfs" else re.search(r"Source: \S", text))


def test_report_to_a_file_from_a_terminal_is_plain(lab, root):
    on_terminal(lab, "rootfs", root, "-o", "report")
    assert "\x1b" not in (lab.work / "report").read_text()


ASCII = [
    ({}, False),
    ({"LC_ALL": "en_US.ISO-8859-1"}, True),
    ({"LC_ALL": "C"}, True),
    ({"LANG": "POSIX"}, True),
    ({"LC_CTYPE": "C", "LANG": "en_US.UTF-8"}, True),
    ({"LC_ALL": "C.UTF-8"}, False),
    ({"LC_ALL": "en_US.utf8", "LANG": "C"}, False),
    ({"LANG": "de_DE"}, False),
]


def test_ascii_where_the_locale_says_so(lab, root):
    for environment, ascii in ASCII:
        clean = {"LC_ALL": "", "LC_CTYPE": "", "LANG": "", **environment}
        for arguments in (["rootfs", root], ["db", "info"]):
            text = lab.run(*arguments, env=clean).out
            assert ("+--" in text) == ascii and ("│" in text) != ascii, environment


def test_table_content(lab, root):
    text = lab.run("rootfs", root).out
    assert text.startswith("\nReport Summary\n\n")
    assert "Total: 5 (UNKNOWN: 0, LOW: 1, MEDIUM: 1, HIGH: 2, CRITICAL: 1)" in text
    for words in ("Library", "Installed Version", "will_not_fix", "3.0.11-1", "KEV", "EPSS 91.2%", "https://avd.aquasec.com/nvd/cve-2023-10001"):
        assert words in text
    assert "Total: 3 (HIGH: 2, CRITICAL: 1)" in lab.run("rootfs", root, "--severity", "HIGH,CRITICAL").out


def test_messages_have_no_control_characters(lab):
    ended = lab.run("rootfs", "/missing\x1b[31m\nforged line")
    assert "\x1b" not in ended.err and len(ended.err.strip().splitlines()) <= 2
