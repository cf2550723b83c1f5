"""Files that the user names: what is no file is refused and never waited for; output into pipes and devices."""
import os
import signal
import stat
import subprocess

import pytest
import trees
from conftest import BINARY


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


@pytest.fixture
def pipe(lab):
    os.mkfifo(lab.path("pipe"))
    return lab.folder / "pipe"


@pytest.mark.parametrize("option", ["--config", "--ignorefile", "--db-file"])
def test_a_pipe_is_refused_at_once(lab, root, pipe, option):
    ended = lab.run("rootfs", root, option, pipe, timeout=20)
    assert ended.status == 1 and "[file-not-regular]" in ended.err and str(pipe) in ended.err


@pytest.mark.parametrize("arguments", [
    ["db", "import", "PIPE"],
    ["db", "build", "--feeds", "PIPE"],
    ["login", "localhost:1", "--cacert", "PIPE", "-u", "me", "-p", "x"],
    ["image", "localhost:1/x", "--image-src", "remote", "--cacert", "PIPE"],
])
def test_a_pipe_is_refused_by_other_commands(lab, pipe, arguments):
    ended = lab.run(*[pipe if a == "PIPE" else a for a in arguments], timeout=20)
    assert ended.status == 1 and str(pipe) in ended.err
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "/"])
def test_devices_and_folders_are_refused(lab, root, path):
    for option in ("--config", "--ignorefile"):
        ended = lab.run("rootfs", root, option, path, timeout=20)
        assert ended.status == 1 and "[file-not-regular]" in ended.err


def test_nothing_and_what_the_shell_hands_over_are_read(lab, root):
    before = lab.run("rootfs", root).out
    assert lab.run("rootfs", root, "--config", "/dev/null", "--ignorefile", "/dev/null").out == before
    script = '"$0" rootfs "$1" --ignorefile <(sleep 0.2; echo CVE-2023-10003)'
    done = subprocess.run(["bash", "-c", script, str(BINARY), str(root)], env=lab.environment(), capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "CVE-2023-10003" not in done.stdout and "CVE-2023-10001" in done.stdout


# ---- output (devices, pipes and links: test_output.py) ---------------------------------------------------------------------


def test_output_onto_a_folder(lab, root):
    ended = lab.run("rootfs", root, "-o", lab.work)
    assert ended.status == 1 and "[file-create]" in ended.err and os.listdir(lab.work) == []


@pytest.mark.parametrize("arguments", [["rootfs", "ROOT"], ["rootfs", "ROOT", "-f", "json"], ["--help"], ["--version"], ["image", "--help"], ["completion", "bash"],
                                       ["db", "info"], ["explain", "CVE-2023-10001", "ROOT"], ["doctor", "--offline"]])
def test_a_reader_that_has_seen_enough_ends_it_quietly(lab, root, arguments):
    """`pratique … | head`: by SIGPIPE, without a word."""
    read, write = os.pipe()
    os.close(read)
    process = lab.start(*[root if a == "ROOT" else a for a in arguments], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == -signal.SIGPIPE and err == b""


def test_a_closed_pipe_is_an_error_for_who_ignores_the_signal(lab, root):
    script = 'trap "" PIPE; { "$0" rootfs "$1"; echo $? >status; } | true'
    done = subprocess.run(["bash", "-c", script, str(BINARY), str(root)], env=lab.environment(), cwd=lab.work, capture_output=True, timeout=60)
    status = (lab.work / "status").read_text().strip()
    assert status in ("0", "1") and (status == "0" or b"[file-write]" in done.stderr)


def test_a_server_that_hangs_up_is_no_broken_pipe_of_ours(lab):
    """The signal still is ignored elsewhere: this ends with an error, not by a signal."""
    import socket
    import threading
    server = socket.create_server(("127.0.0.1", 0))

    def hang_up():
        for _ in range(8):
            try:
                server.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=hang_up, daemon=True).start()
    ended = lab.run("image", "--insecure", "--image-src", "remote", f"127.0.0.1:{server.getsockname()[1]}/a:b", timeout=120)
    server.close()
    assert ended.status == 1 and "ERROR" in ended.err


# ---- db import ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"no database\n", b"{}", b"SQLite format 3\0" + b"x" * 5000, b"PK\3\4" + b"\0" * 100])
def test_import_of_what_is_no_export(lab, content):
    before = (lab.cache / "db" / "pratique.db").read_bytes()
    (lab.work / "other").write_bytes(content)
    ended = lab.run("db", "import", "other")
    assert ended.status == 1 and "other" in ended.err and "pratique db export" in ended.err
    assert ".new" not in ended.err and "bbolt" not in ended.err
    assert (lab.cache / "db" / "pratique.db").read_bytes() == before
    assert sorted(os.listdir(lab.cache / "db")) == ["pratique.db"]
