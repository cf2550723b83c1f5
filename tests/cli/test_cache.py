"""The cache of analysed layers: shared by all, believed by nobody blindly, never needed."""
import os
import shutil
import stat

import images
import pytest
import trees
from conftest import BINARY, findings
from test_sources import EXPECTED


@pytest.fixture
def layout(lab):
    lower = images.tar_of(trees.debian(), lab.path("lower.tar"))
    upper = images.tar_of({"etc/motd": b"hello"}, lab.path("upper.tar"))
    return images.oci_layout(lab.path("layout"), [lower, upper], "gzip")


def cached(lab):
    return sorted(lab.cache.rglob("*.zst"))


def stripped(report):
    return {k: v for k, v in report.items() if k != "ReportID"}


def test_second_scan_reads_the_cache(lab, layout):
    first = stripped(lab.report("image", "--input", layout))
    files = {p: p.stat().st_mtime_ns for p in cached(lab)}
    assert len(files) == 4  # two layers, two halves each
    for blob in (layout / "blobs" / "sha256").iterdir():  # the layers themselves are no longer needed
        if blob.read_bytes()[:2] == b"\x1f\x8b":
            blob.write_bytes(b"")
    assert stripped(lab.report("image", "--input", layout)) == first
    assert {p: p.stat().st_mtime_ns for p in cached(lab)} == files


@pytest.mark.parametrize("half", ["files", "main"])
def test_a_lost_half_is_read_anew(lab, half):
    """The upper layer's half with files says that a file stands where the lower one has a folder."""
    lower = images.tar_of({**trees.debian(), "app/x/package.json": b'{"name": "x", "version": "1.0.0"}'}, lab.path("lower.tar"))
    upper = images.tar_of({"app": b"a file now"}, lab.path("upper.tar"))
    layout = images.oci_layout(lab.path("layout"), [lower, upper], "gzip")
    scan = ["image", "--list-all-pkgs=false", "--input", layout]  # asks for that half only when it matters
    first = stripped(lab.report(*scan))
    assert "type-unsupported" not in {note["Kind"] for note in first.get("Coverage", [])}
    for path in cached(lab):
        if f".{half}." in path.name:
            path.unlink()
    assert stripped(lab.report(*scan)) == first and len(cached(lab)) == 4


def test_drafts_of_killed_writers_are_swept(lab, layout):
    lab.report("image", "--input", layout)
    folder = cached(lab)[0].parent
    old, young, foreign = folder / "0.main.zst.0123456789ab.new", folder / "1.main.zst.0123456789ab.new", folder / "notes.txt"
    (folder / "folder.new").mkdir()
    for path in (old, young, foreign):
        path.write_bytes(b"half")
    for path in (old, foreign, folder / "folder.new"):
        os.utime(path, (1, 1))
    for path in cached(lab):
        path.unlink()
    lab.report("image", "--input", layout)
    assert not old.exists()
    assert young.exists() and foreign.exists() and (folder / "folder.new").is_dir()
    assert len(cached(lab)) == 4


def test_docker_archives_are_not_remembered(lab):
    tar = images.tar_of(trees.debian(), lab.path("lower.tar"))
    lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [tar]))
    assert cached(lab) == []


@pytest.mark.parametrize("option", [["--cache-backend", "memory"]])
def test_no_cache_when_not_wanted(lab, layout, option):
    assert findings(lab.report("image", "--input", layout, *option)) == EXPECTED
    assert cached(lab) == []


def test_options_that_change_what_is_found_have_entries_of_their_own(lab, layout):
    assert findings(lab.report("image", "--input", layout, "--skip-files", "var/lib/dpkg/status")) == []
    assert findings(lab.report("image", "--input", layout)) == EXPECTED
    assert findings(lab.report("image", "--input", layout, "--skip-files", "var/lib/dpkg/status")) == []


def test_twenty_scans_at_once(lab, layout):
    processes = [lab.start("image", "--input", layout, "-f", "json", "-o", lab.work / f"{i}.json", "--quiet") for i in range(20)]
    assert [p.wait(timeout=120) for p in processes] == [0] * 20
    reports = [stripped(__import__("json").loads((lab.work / f"{i}.json").read_text())) for i in range(20)]
    assert findings(reports[0]) == EXPECTED
    assert all(r == reports[0] for r in reports)
    assert len(cached(lab)) == 4 and not [p for p in lab.cache.rglob("*") if p.is_file() and p.suffix not in (".zst", ".db")]


DAMAGE = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "flipped": lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
    "noise": lambda data: b"\x28\xb5\x2f\xfd" + os.urandom(500),
    "text": lambda data: b"{}",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_entry_is_a_miss(lab, layout, name):
    first = stripped(lab.report("image", "--input", layout))
    for path in cached(lab):
        path.write_bytes(DAMAGE[name](path.read_bytes()))
    assert stripped(lab.report("image", "--input", layout)) == first
    whole = [p.read_bytes() for p in cached(lab)]
    assert stripped(lab.report("image", "--input", layout)) == first
    assert [p.read_bytes() for p in cached(lab)] == whole


def test_entry_of_another_layer_is_not_mistaken(lab, layout):
    """Entries swapped by hand: what a file says of itself is not what decides."""
    lab.report("image", "--input", layout)
    mains = [p for p in cached(lab) if ".main." in p.name]
    for path in mains:
        path.unlink()
        path.mkdir()
    assert findings(lab.report("image", "--input", layout)) == EXPECTED


@pytest.fixture
def read_only(lab):
    def freeze(mode):
        for root, folders, files in os.walk(lab.cache):
            os.chmod(root, mode)
    yield freeze
    freeze(0o755)


def test_read_only_cache(lab, layout, read_only):
    read_only(0o555)
    assert findings(lab.report("image", "--input", layout)) == EXPECTED
    if os.geteuid() != 0:
        assert cached(lab) == []


def test_cache_folder_that_is_a_file(lab, layout):
    database = lab.path("pratique.db")
    shutil.move(lab.cache / "db" / "pratique.db", database)
    shutil.rmtree(lab.cache)
    lab.cache.write_text("a file")
    assert findings(lab.report("image", "--input", layout, "--db-file", database)) == EXPECTED
    assert lab.cache.read_text() == "a file"


def test_files_of_a_trivy_beside_ours_stay(lab, layout):
    for name in ("db/trivy.db", "db/metadata.json", "fanal/fanal.db", "java-db/trivy-java.db"):
        (lab.cache / name).parent.mkdir(exist_ok=True, parents=True)
        (lab.cache / name).write_bytes(b"not ours")
    assert findings(lab.report("image", "--input", layout)) == EXPECTED
    lab.run("clean", "--all")
    for name in ("db/trivy.db", "db/metadata.json", "fanal/fanal.db", "java-db/trivy-java.db"):
        assert (lab.cache / name).read_bytes() == b"not ours"


def test_clean_leaves_the_lock_of_builds(lab):
    """Two builds would lock two files of one name."""
    lock = lab.cache / "db" / "pratique.db.lock"
    lock.write_text("")
    assert lab.run("clean", "--vuln-db").status == 0
    assert lock.exists() and not (lab.cache / "db" / "pratique.db").exists()


def test_clean(lab, layout):
    lab.report("image", "--input", layout)
    assert lab.run("clean", "--scan-cache").status == 0
    assert cached(lab) == [] and (lab.cache / "db" / "pratique.db").exists()
    assert lab.run("clean", "--vuln-db").status == 0
    assert not (lab.cache / "db" / "pratique.db").exists()
    lab.report("image", "--input", layout, "--scanners", "none")
    assert lab.run("clean", "--all").status == 0
    assert cached(lab) == []
    nothing = lab.run("clean")
    assert nothing.status == 1 and "--all" in nothing.err
