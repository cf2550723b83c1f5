"""Black-box tests of the built program. PRATIQUE_BUILD names the Meson build folder (default build/dev)."""
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(TOP / "tests" / "lib"))

from product import Product  # noqa: E402

BUILD = Path(os.environ.get("PRATIQUE_BUILD", TOP / "build" / "dev"))
BINARY = (BUILD / "src" / "cmd" / "pratique").resolve()
FEEDS = HERE / "data" / "feeds"
NOW = "1717243200"  # 2024-06-01T12:00:00Z: Debian 12 and Alpine 3.18 live, Debian 9 has ended
for number in (signal.SIGINT, signal.SIGHUP):  # ignored when this runs in the background: tests of signals would wait for nothing
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
KEPT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LC_ALL", "TMPDIR")


class Ended:
    """What a run of the program left behind."""

    def __init__(self, process):
        self.status = process.returncode
        self.out = process.stdout.decode(errors="replace")
        self.err = process.stderr.decode(errors="replace")

    def json(self):
        assert self.status == 0, self.err
        return json.loads(self.out)


def findings(report):
    """What a report says, without what differs between sources."""
    return sorted(
        (v["VulnerabilityID"], v["PkgName"], v["InstalledVersion"], v.get("FixedVersion", ""), v["Severity"], v["Status"])
        for result in report.get("Results") or []
        for v in result.get("Vulnerabilities") or []
    )


def packages(report):
    return sorted(p["ID"] for result in report.get("Results") or [] for p in result.get("Packages") or [])


class Lab:
    """A home, a cache with a database, and the program."""

    def __init__(self, folder, database):
        self.folder = folder
        self.home = folder / "home"
        self.cache = folder / "cache"
        self.work = folder / "work"
        self.home.mkdir()
        self.work.mkdir()
        (self.cache / "db").mkdir(parents=True)
        if database:
            shutil.copy(database, self.cache / "db" / "pratique.db")

    def environment(self, **more):
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {**kept, "HOME": str(self.home), "SOURCE_DATE_EPOCH": NOW, "PRATIQUE_CACHE_DIR": str(self.cache), "PRATIQUE_SKIP_DB_UPDATE": "true", **more}

    def start(self, *arguments, binary=BINARY, env=None, cwd=None, **more):
        return subprocess.Popen([str(binary), *map(str, arguments)], env=self.environment(**(env or {})), cwd=cwd or self.work, **more)

    def run(self, *arguments, stdin=b"", env=None, cwd=None, binary=BINARY, timeout=120):
        return Ended(subprocess.run([str(binary), *map(str, arguments)], input=stdin, capture_output=True, env=self.environment(**(env or {})),
                                    cwd=cwd or self.work, timeout=timeout))

    def report(self, *arguments, **more):
        return self.run(*arguments, "-f", "json", **more).json()

    def path(self, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """The advisory database, built by the program itself out of tests/cli/data/feeds."""
    folder = tmp_path_factory.mktemp("database")
    lab = Lab(folder, None)
    ended = lab.run("db", "build", "--feeds", FEEDS)
    assert ended.status == 0, ended.err
    return lab.cache / "db" / "pratique.db"


@pytest.fixture
def lab(tmp_path, database):
    return Lab(tmp_path, database)


@pytest.fixture
def bare(tmp_path):
    """A lab without a database."""
    (tmp_path / "bare").mkdir()
    return Lab(tmp_path / "bare", None)


@pytest.fixture
def product(tmp_path):
    """The probe, for what no command shows."""
    home = tmp_path / "probe-home"
    home.mkdir()
    return Product(BUILD.resolve(), home)
