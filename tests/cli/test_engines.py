"""Real engines of this machine, started for the test alone: what Docker, Podman and containerd hold is read as it is."""
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import images
import pytest
import trees
from conftest import findings
from test_sources import EXPECTED

NAME = "example.com/team/app:1.2"


class Engine:
    """Starts a service and waits for its socket; a machine that cannot run it skips the test."""

    def __init__(self, folder):
        self.folder, self.processes, self.answered = folder, [], False

    def start(self, socket, *command):
        log = open(self.folder / "log", "ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        for _ in range(150):
            if socket.exists() and process.poll() is None:
                return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        pytest.skip(f"{command[0]} does not run here: {(self.folder / 'log').read_text(errors='replace')[-200:]}")

    def run(self, *command):
        for _ in range(20):  # a socket may be there before its service answers
            ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
            if ended.returncode == 0:
                self.answered = True
                return ended.stdout
            assert not self.answered, ended.stderr  # it works here: so this is about what it was asked
            time.sleep(0.2)
        self.stop()
        pytest.skip(f"{command[0]} does not work here: {ended.stderr[-200:]}")

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


@pytest.fixture
def engine(request):
    folder = Path(tempfile.mkdtemp(prefix="e"))  # short: a socket's path has 107 bytes
    engine = Engine(folder)
    yield engine
    engine.stop()
    for mounted in subprocess.run(["findmnt", "-rno", "TARGET"], capture_output=True, text=True).stdout.split():
        if mounted.startswith(str(folder)):
            subprocess.run(["umount", "-l", mounted])
    shutil.rmtree(folder, ignore_errors=True)


def need(*programs):
    if os.geteuid() != 0:
        pytest.skip("only root can start an engine")
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


@pytest.fixture
def archive(lab):
    files = trees.debian()
    first = images.tar_of(files, lab.path("first.tar"))
    second = images.tar_of({"etc/hostname": b"x\n"}, lab.path("second.tar"))
    return images.docker_archive(lab.path("app.tar"), [first, second], tag=NAME)


def start_containerd(engine):
    socket = engine.folder / "c.sock"
    engine.start(socket, "containerd", "--root", str(engine.folder / "root"), "--state", str(engine.folder / "state"), "-a", str(socket))
    return socket


def check(lab, archive, report):
    expected = lab.report("image", "--input", archive)
    assert findings(report) == EXPECTED == findings(expected)
    for member in ("ImageID", "DiffIDs", "RepoTags", "Reference", "OS", "ImageConfig"):
        assert report["Metadata"][member] == expected["Metadata"][member], member


def test_docker(lab, engine, archive):
    need("dockerd", "docker", "containerd")
    containerd, socket = start_containerd(engine), engine.folder / "d.sock"
    address = f"unix://{socket}"
    engine.start(socket, "dockerd", "-H", address, "--data-root", str(engine.folder / "data"), "--exec-root", str(engine.folder / "exec"),
                 "--pidfile", str(engine.folder / "pid"), "--storage-driver", "vfs", "--iptables=false", "--bridge=none",
                 "--containerd", str(containerd))
    engine.run("docker", "-H", address, "version")
    engine.run("docker", "-H", address, "load", "-i", str(archive))
    identifier = engine.run("docker", "-H", address, "images", "-q").split()[0]
    check(lab, archive, lab.report("image", "--image-src", "docker", "--docker-host", address, NAME))
    check(lab, archive, lab.report("image", identifier, env={"DOCKER_HOST": address}))
    missing = lab.run("image", "--image-src", "docker", "--docker-host", address, "example.com/other:1")
    assert missing.status == 1 and "daemon-image-missing" in missing.err


def test_podman(lab, engine, archive):
    need("podman")
    socket = engine.folder / "p.sock"
    podman = ["podman", "--root", str(engine.folder / "root"), "--runroot", str(engine.folder / "run"), "--storage-driver", "vfs"]
    engine.run(*podman, "version")
    engine.run(*podman, "load", "-i", str(archive))
    engine.start(socket, *podman, "system", "service", "-t", "0", f"unix://{socket}")
    check(lab, archive, lab.report("image", "--image-src", "podman", "--podman-host", str(socket), NAME))


def test_containerd(lab, engine, archive):
    need("containerd", "ctr")
    socket = start_containerd(engine)
    engine.run("ctr", "-a", str(socket), "version")
    engine.run("ctr", "-a", str(socket), "-n", "k8s.io", "images", "import", str(archive))
    check(lab, archive, lab.report("image", "--image-src", "containerd", NAME, env={"CONTAINERD_ROOT": str(engine.folder / "root")}))
