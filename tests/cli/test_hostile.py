"""Hostile input: a clear message, the documented exit status, nothing written outside the cache folder."""
import gzip
import io
import json
import os
import random
import resource
import sqlite3
import struct
import subprocess
import tarfile
import time

import images
import pytest
import trees
from conftest import BINARY, findings, packages
from test_sources import EXPECTED

SANITIZED = bool(os.environ.get("ASAN_OPTIONS"))
ENDED_WELL = (0, 1)


def snapshot(*folders):
    """Every path below the folders with what tells a change."""
    seen = {}
    for folder in folders:
        for root, names, files in os.walk(folder):
            for name in [*names, *files]:
                path = os.path.join(root, name)
                status = os.lstat(path)
                seen[path] = (status.st_mode, status.st_size if not os.path.isdir(path) else 0, status.st_mtime_ns if os.path.isfile(path) else 0)
    return seen


class Watch:
    """Holds that nothing below the lab changes but in the cache, and that the program ends without a crash."""

    def __init__(self, lab):
        self.lab = lab

    def run(self, *arguments, **more):
        before = snapshot(self.lab.folder)
        ended = self.lab.run(*arguments, **more)
        changed = {p for p in set(before.items()) ^ set(snapshot(self.lab.folder).items())}
        outside = [p for p, _ in changed if not p.startswith(str(self.lab.cache) + "/")]
        assert not outside, outside
        assert ended.status in ENDED_WELL, (ended.status, ended.err[-2000:])
        if ended.status == 1:
            assert "ERROR" in ended.err and "[" in ended.err
        return ended


@pytest.fixture
def watch(lab):
    return Watch(lab)


def raw_tar(entries, end=True):
    """Headers written by hand, so that nothing is too wrong to be made: (name, content, type, link, overrides)."""
    out = b""
    for name, content, kind, link, size in entries:
        header = bytearray(512)
        header[0:100] = name[:100].ljust(100, b"\0")
        header[100:108] = b"0000644\0"
        header[108:124] = b"0000000\0" * 2
        header[124:136] = size if isinstance(size, bytes) else b"%011o\0" % (len(content) if size is None else size)
        header[136:148] = b"%011o\0" % 0
        header[148:156] = b" " * 8
        header[156:157] = kind
        header[157:257] = link[:100].ljust(100, b"\0")
        header[257:265] = b"ustar\x0000"
        header[148:156] = b"%06o\0 " % sum(header)
        out += bytes(header) + content + b"\0" * (-len(content) % 512)
    return out + b"\0" * 1024 if end else out


def entry(name, content=b"", kind=b"0", link=b"", size=None):
    return (name, content, kind, link, size)


def tree_entries(files=None):
    return [entry(name.encode(), content) for name, content in (files or trees.debian()).items()]


TRAVERSAL = [
    b"../../../../../../tmp/pratique-escape", b"/tmp/pratique-escape", b"a/../../../tmp/pratique-escape", b"./../x", b"..", b"/", b".", b"",
    b"var/lib/dpkg/../../../../../etc/passwd", b"a" * 100, b"\xff\xfe\x01", b"C:\\windows", b"x\n../y",
]


@pytest.mark.parametrize("name", TRAVERSAL)
@pytest.mark.parametrize("kind", [b"0", b"1", b"2", b"3", b"5", b"6", b"x", b"L", b"Z"])
def test_names_that_try_to_leave_the_root(lab, watch, name, kind):
    bad = entry(name, b"root" if kind in (b"0", b"x", b"L") else b"", kind, b"../../../../etc/shadow")
    lab.path("root.tar").write_bytes(raw_tar([bad, *tree_entries()]))
    ended = watch.run("rootfs", lab.path("root.tar"), "-f", "json")
    assert not os.path.exists("/tmp/pratique-escape")
    if kind not in (b"x", b"L") and not (name.endswith(b"/") and bad[1]):  # a folder of old has no content
        assert findings(ended.json()) == EXPECTED


def test_package_database_by_a_name_with_dots(lab, watch):
    files = trees.debian()
    status = files.pop("var/lib/dpkg/status")
    lab.path("root.tar").write_bytes(raw_tar([*tree_entries(files), entry(b"./var/../var//lib/./dpkg/status", status)]))
    assert findings(watch.run("rootfs", lab.path("root.tar"), "-f", "json").json()) == EXPECTED


def test_layout_that_names_files_outside(lab, watch):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar])
    (lab.folder / "secret").write_text("secret")
    for digest in ("sha256:../../../secret", "sha256:" + "0" * 64, "../secret:x", "sha256:", "sha512:" + "0" * 128, "md5:" + "0" * 32):
        index = json.loads((layout / "index.json").read_text())
        index["manifests"][0]["digest"] = digest
        (layout / "index.json").write_text(json.dumps(index))
        ended = watch.run("image", "--input", layout)
        assert ended.status == 1 and "secret" not in ended.out


def test_layout_with_links_that_leave_it(lab, watch):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar])
    blob = next(p for p in (layout / "blobs" / "sha256").iterdir() if p.read_bytes()[:1] == b"{")
    outside = lab.path("outside")
    blob.rename(outside)
    blob.symlink_to(outside)
    watch.run("image", "--input", layout)  # refused or read: the digest decides; never a crash


def test_docker_archive_with_wild_paths(lab, watch):
    for layers in (["../../etc/passwd"], ["/etc/passwd"], [""], ["missing"], [1], "x", None, ["manifest.json"], ["a"] * 100000):
        manifest = json.dumps([{"Config": "../config", "RepoTags": [7], "Layers": layers}]).encode()
        lab.path("image.tar").write_bytes(raw_tar([entry(b"manifest.json", manifest)]))
        assert watch.run("image", "--input", lab.path("image.tar")).status == 1


# ---- lies about content ----------------------------------------------------------------------------------------------------


def test_lying_layer_is_refused_and_not_remembered(lab, watch):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar], "gzip")
    blob = next(p for p in (layout / "blobs" / "sha256").iterdir() if p.read_bytes()[:2] == b"\x1f\x8b")
    honest = blob.read_bytes()
    other = gzip.compress(images.tar_of(trees.debian([("clean", "1", "clean", "")]), lab.path("other.tar")).read_bytes())
    for lie in (other, honest + b"\0", honest[:-1], honest[:20]):
        blob.write_bytes(lie)
        ended = watch.run("image", "--input", layout)
        assert ended.status == 1 and "Total" not in ended.out
        assert not list(lab.cache.rglob("*.zst"))
    blob.write_bytes(honest)
    assert findings(watch.run("image", "--input", layout, "-f", "json").json()) == EXPECTED


@pytest.mark.parametrize("which", ["manifest", "config"])
def test_lying_manifest_or_configuration_is_refused(lab, watch, which):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar])
    for blob in (layout / "blobs" / "sha256").iterdir():
        text = blob.read_bytes()
        if text[:1] == b"{" and (b"layers" in text and b"schemaVersion" in text) == (which == "manifest"):
            blob.write_bytes(text.replace(b"amd64", b"arm64").replace(b"application/vnd.oci.image.layer", b"application/vnd.oci.image.LAYER"))
    ended = watch.run("image", "--input", layout)
    assert ended.status == 1 and "[digest-mismatch]" in ended.err


# ---- damage ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def victim(lab):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    return {
        "tar": tar.read_bytes(),
        **{c: subprocess.run(images.COMMANDS[c], input=tar.read_bytes(), capture_output=True, check=True).stdout for c in ("gzip", "zstd", "xz", "bzip2")},
        "docker": images.docker_archive(lab.path("docker.tar"), [tar]).read_bytes(),
    }


def scan_bytes(lab, watch, kind, data):
    path = lab.path("victim")
    path.write_bytes(data)
    return watch.run(*(["image", "--input"] if kind == "docker" else ["rootfs"]), path, "-f", "json")


@pytest.mark.parametrize("kind", ["tar", "gzip", "zstd", "xz", "bzip2", "docker"])
def test_truncated_anywhere(lab, watch, victim, kind):
    data = victim[kind]
    cuts = sorted({0, 1, 2, 5, 100, 511, 512, 513, 1024, *(len(data) * i // 16 for i in range(1, 16)), len(data) - 1})
    for cut in (c for c in cuts if c < len(data)):
        ended = scan_bytes(lab, watch, kind, data[:cut])
        if kind not in ("tar", "docker") and 6 < cut:
            assert ended.status == 1, f"{kind} cut at {cut} of {len(data)} passed"


@pytest.mark.parametrize("kind", ["tar", "gzip", "zstd", "xz", "bzip2", "docker"])
def test_flipped_bits(lab, watch, victim, kind):
    chance = random.Random(kind)
    for _ in range(10 if SANITIZED else 40):
        data = bytearray(victim[kind])
        for _ in range(chance.choice((1, 1, 3, 30))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        scan_bytes(lab, watch, kind, bytes(data))


def test_a_truncated_tar_in_a_layer_is_an_error(lab, watch, victim):
    tar = lab.path("cut.tar")
    tar.write_bytes(victim["tar"][: victim["tar"].index(b"Package: zlib1g")])
    ended = watch.run("image", "--input", images.oci_layout(lab.path("layout"), [tar]))
    assert ended.status == 1 and "[archive-truncated]" in ended.err


# ---- size ------------------------------------------------------------------------------------------------------------------


def peak_and_time(lab, *arguments, limit=120):
    """Peak memory of the largest process in MiB, seconds, and how it ended."""
    started = time.monotonic()
    process = lab.start("--quiet", *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    err = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert time.monotonic() - started < limit
    return usage.ru_maxrss / 1024, time.monotonic() - started, process.returncode, err


def test_bomb(lab, watch):
    """A gigabyte of zeros in a megabyte."""
    bomb = lab.path("bomb.tar.gz")
    with gzip.open(bomb, "wb", compresslevel=9) as out:
        out.write(raw_tar([entry(b"zeros", size=1 << 30)], end=False))
        for _ in range(1 << 10):
            out.write(b"\0" * (1 << 20))
        out.write(b"\0" * 1024)
    assert bomb.stat().st_size < 2 << 20
    peak, seconds, status, err = peak_and_time(lab, "rootfs", bomb)
    assert status == 1 and "[archive-ratio]" in err
    if not SANITIZED:
        assert peak < 100 and seconds < 20


def test_wanted_file_that_is_a_bomb(lab, watch):
    """The package database itself is huge: it costs that database only."""
    size = 600 << 20
    bomb = lab.path("bomb.tar")
    with open(bomb, "wb") as out:
        files = trees.debian()
        files.pop("var/lib/dpkg/status")
        out.write(raw_tar([*tree_entries(files), entry(b"var/lib/dpkg/status", size=size)], end=False))
        out.seek(size, os.SEEK_CUR)
        out.write(b"\0" * 1024)
    ended = watch.run("rootfs", bomb, "-f", "json")
    assert any(n["Subject"] == "var/lib/dpkg/status" and n["Kind"] == "file-unread" for n in ended.json()["Coverage"])


def test_a_million_entries(lab):
    """Bounded memory and time: entries nobody wants cost next to nothing."""
    count = 20_000 if SANITIZED else 1_000_000
    path = lab.path("many.tar")
    template = bytearray(raw_tar([entry(b"x" * 7)], end=False))
    base = sum(template[:512]) - sum(template[148:156]) + 8 * 32 - 7 * ord("x")
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(raw_tar(tree_entries(), end=False))
        for i in range(count):
            name = b"%07d" % i
            template[0:7] = name
            template[148:156] = b"%06o\0 " % (base + sum(name))
            out.write(template)
        out.write(b"\0" * 1024)
    peak, seconds, status, err = peak_and_time(lab, "rootfs", path, "-o", lab.path("report.json"), "-f", "json")
    assert status == 0, err
    assert findings(json.loads(lab.path("report.json").read_text())) == EXPECTED
    if not SANITIZED:
        assert peak < 300 and seconds < 30


def test_too_many_entries(lab, watch):
    block = raw_tar([entry(b"x")], end=False)
    path = lab.path("many.tar.gz")
    with gzip.open(path, "wb", compresslevel=1) as out:
        for _ in range(2_100):
            out.write(block * 1000)
    ended = watch.run("rootfs", path)
    assert ended.status == 1 and ("[archive-entries]" in ended.err or "[archive-ratio]" in ended.err)


HUGE = {
    "pax header": entry(b"pax", b"x" * (2 << 20), b"x"),
    "long name": entry(b"././@LongLink", b"y" * (2 << 20), b"L"),
    "pax header that lies about its size": entry(b"pax", b"", b"x", size=1 << 40),
    "negative size": entry(b"x", size=b"\xff" * 12),
    "size beyond all": entry(b"x", size=b"\x80" + b"\xff" * 11),
    "size that is no number": entry(b"x", size=b"123456789abc"),
    "pax record without end": entry(b"pax", b"99999999999999999999 path=x\n", b"x"),
    "pax record of size 0": entry(b"pax", b"0 path=x\n", b"x"),
    "pax path of 5000": entry(b"pax", b"5010 path=" + b"p" * 4999 + b"\n", b"x"),
    "sparse file": entry(b"sparse", b"", b"S"),
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_and_broken_headers(lab, watch, name):
    lab.path("root.tar").write_bytes(raw_tar([HUGE[name], *tree_entries()]))
    peak, _, status, err = peak_and_time(lab, "rootfs", lab.path("root.tar"))
    assert status in ENDED_WELL, err
    if not SANITIZED:
        assert peak < 100
    watch.run("rootfs", lab.path("root.tar"))


def test_deeply_nested_json(lab, watch):
    for text in ("[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000):
        lab.path("image.tar").write_bytes(raw_tar([entry(b"manifest.json", text.encode())]))
        assert watch.run("image", "--input", lab.path("image.tar")).status == 1
    (lab.work / "deep.yaml").write_text("a: " + "[" * 50_000)
    (lab.work / "bomb.yaml").write_text("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)))
    for name in ("deep.yaml", "bomb.yaml"):
        assert watch.run("rootfs", lab.work, "--config", lab.work / name).status == 1
        assert watch.run("rootfs", lab.work, "--ignorefile", lab.work / name).status == 1


# ---- one broken part costs that part ------------------------------------------------------------------------------------------


def broken_rpm_databases():
    sqlite = io.BytesIO()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    connection.execute("INSERT INTO Packages VALUES (1, x'00000001')")
    good = connection.serialize()
    chance = random.Random(7)
    noise = bytes(chance.randrange(256) for _ in range(4096))
    return {
        "sqlite cut": ("var/lib/rpm/rpmdb.sqlite", good[:600]),
        "sqlite with a wild header": ("var/lib/rpm/rpmdb.sqlite", good[:100] + noise),
        "sqlite with a broken package": ("var/lib/rpm/rpmdb.sqlite", good),
        "ndb of noise": ("var/lib/rpm/Packages.db", b"RpmP" + noise),
        "bdb of noise": ("var/lib/rpm/Packages", noise),
        "bdb whose pages lead round": ("var/lib/rpm/Packages", noise[:12] + struct.pack("<IIII", 0x061561, 9, 4096, 0) + b"\0" * 4000 + b"\0" * 8192),
    }


@pytest.mark.parametrize("name", broken_rpm_databases())
def test_broken_rpm_database_costs_itself_only(lab, watch, name):
    path, content = broken_rpm_databases()[name]
    tar = images.tar_of({**trees.debian(), path: content}, lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar])
    for target in (["rootfs", tar], ["image", "--input", layout], ["rootfs", trees.write(lab.path("root"), {**trees.debian(), path: content})]):
        report = watch.run(*target, "-f", "json").json()
        assert findings(report) == EXPECTED
        notes = [n for n in report["Coverage"] if n["Subject"] == path]
        assert notes and notes[0]["Kind"] == "file-unread" and notes[0]["ID"]
    assert path in watch.run("rootfs", tar).out


def test_broken_dpkg_entries_are_listed(lab, watch):
    files = trees.debian()
    files["var/lib/dpkg/status"] += b"Package: bad\nStatus: install ok installed\nVersion: 1:2:3:!!\n\n"
    report = watch.run("rootfs", images.tar_of(files, lab.path("root.tar")), "-f", "json").json()
    assert findings(report) == EXPECTED and any(n["ID"] == "dpkg-package-invalid" for n in report["Coverage"])


def test_links_that_lead_round(lab, watch):
    files = {**trees.debian(), "a": ("symlink", "b"), "b": ("symlink", "a"), "var/lib/rpm": ("symlink", "../lib/rpm"), "lib/apk": ("symlink", "/lib/apk")}
    tar = images.tar_of(files, lab.path("root.tar"))
    assert findings(watch.run("rootfs", tar, "-f", "json").json()) == EXPECTED
    assert findings(watch.run("rootfs", trees.write(lab.path("root"), files), "-f", "json").json()) == EXPECTED


def test_folder_links_do_not_leave_the_root(lab, watch):
    """A root file system whose package database is a link to this machine's own is not this machine."""
    trees.write(lab.path("elsewhere"), trees.debian())
    files = trees.debian()
    files["var/lib/dpkg/status"] = ("symlink", str(lab.path("elsewhere") / "var/lib/dpkg/status"))
    report = watch.run("rootfs", trees.write(lab.path("root"), files), "-f", "json").json()
    assert packages(report) == []


def test_special_files_in_a_folder(lab, watch):
    root = trees.write(lab.path("root"), {n: c for n, c in trees.debian().items() if not n.endswith("status")})
    (root / "var/lib/dpkg").mkdir(parents=True)
    os.mkfifo(root / "var/lib/dpkg/status")
    os.mkfifo(root / "lib-release")
    assert watch.run("rootfs", root).status == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_folders_are_listed(lab, watch):
    root = trees.write(lab.path("root"), {**trees.debian(), "opt/hidden/x": b"x"})
    os.chmod(root / "opt/hidden", 0)
    report = watch.run("rootfs", root, "-f", "json").json()
    os.chmod(root / "opt/hidden", 0o755)
    assert any(n["ID"] == "folder-unreadable" for n in report["Coverage"])


def test_timeout(lab, watch):
    """An input that never ends is stopped by --timeout."""
    reader, writer = os.pipe()
    process = lab.start("rootfs", "-", "--timeout", "2s", stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    os.close(reader)
    started = time.monotonic()
    err = process.stderr.read().decode()
    os.close(writer)
    assert process.wait(timeout=60) == 1 and "[timeout]" in err and time.monotonic() - started < 30


def test_names_without_end_do_not_make_the_table_as_wide(lab):
    """Every row of a table is as wide as its widest cell."""
    rows = [("openssl", "3.0.9-1+" + "a" * 60000, "openssl", "3.0.9-1"), *(("libssl%d" % i, "3.0.9-1", "openssl", "") for i in range(300))]
    root = trees.write(lab.path("root"), trees.debian(rows))
    ended = lab.run("rootfs", root)
    assert ended.status == 0 and "…" in ended.out and len(ended.out) < 2 << 20
    assert max(map(len, ended.out.splitlines())) < 1000


@pytest.mark.skipif(SANITIZED, reason="takes long with a sanitizer; what ships is tested too")
def test_many_packages_of_one_source(lab):
    """A few hundred kilobytes of package list times the records of its source: the report is bounded, and says so."""
    each = len(findings(lab.report("rootfs", trees.write(lab.path("one"), trees.debian([("libssl3", "0-1", "openssl", "")])))))
    rows = [(f"p{i}", "0-1", "openssl", "") for i in range(100_000 // each + 500)]
    root = trees.write(lab.path("root"), trees.debian(rows))
    peak, seconds, status, err = peak_and_time(lab, "rootfs", "-f", "json", "-o", lab.path("report.json"), "--exit-on-unjudged", "7", root)
    report = json.loads(lab.path("report.json").read_text())
    assert status == 7 and 100_000 <= len(findings(report)) < 100_000 + each and peak < 1000
    note = next(note for note in report["Coverage"] if note["Kind"] == "findings-limit")
    assert "packages, from p" in note["Message"]
