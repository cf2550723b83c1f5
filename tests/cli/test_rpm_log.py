"""RPM's SQLite database with a write-ahead log beside it: which of its pages count is SQLite's decision."""
import random
import sqlite3

import images
import pytest
import rpms
from conftest import packages

RELEASE = {"etc/os-release": b'ID=fedora\nVERSION_ID=40\n', "etc/fedora-release": b"Fedora release 40 (Forty)\n"}
PLACE = "usr/lib/sysimage/rpm/rpmdb.sqlite"


def ours(product, path):
    answer = product.probe("rpmdb", {"file": str(path)})
    return sorted(p["name"] for p in answer["packages"]), answer["error"]


def fill(database, prefix, count, size=0):
    rpms.add(database, *(rpms.blob(f"{prefix}{i}", size=size * i) for i in range(count)))


def history(name, path, page_size=4096):
    """A database with a past; returns its open connection."""
    database = rpms.sqlite_open(path, page_size)
    if name == "never written back":
        fill(database, "a", 30, 300)
        return database
    fill(database, "a", 30, 300)
    rpms.checkpoint(database)
    if name == "added":
        fill(database, "b", 40, 500)
    elif name == "erased and upgraded":
        database.execute("DELETE FROM Packages WHERE hnum % 3 = 0")
        database.execute("UPDATE Packages SET blob = ? WHERE hnum = 2", (rpms.blob("newer", size=20000),))
    elif name == "several transactions":
        for i in range(12):
            fill(database, f"t{i}-", 3, 900)
            database.execute("DELETE FROM Packages WHERE hnum = ?", (i * 2 + 1,))
    elif name == "an earlier use of the log behind it":
        fill(database, "b", 40, 500)
        database.execute("PRAGMA wal_checkpoint(RESTART)")
        fill(database, "c", 2)
    elif name == "shrunk":
        database.execute("DELETE FROM Packages WHERE hnum > 3")
        database.execute("VACUUM")
    elif name == "unfinished transaction":
        fill(database, "b", 5, 500)
        database.execute("PRAGMA cache_size=2")
        database.execute("BEGIN")
        database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(rpms.blob(f"lost{i}", size=9000),) for i in range(40)])
    return database


HISTORIES = ["added", "erased and upgraded", "several transactions", "an earlier use of the log behind it", "shrunk", "unfinished transaction", "never written back"]


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
@pytest.mark.parametrize("name", HISTORIES)
def test_as_sqlite_reads_it(product, tmp_path, name, page_size):
    database = history(name, tmp_path / "db", page_size)
    left = rpms.snapshot(tmp_path / "db", tmp_path / "left")
    database.close()
    said = rpms.sqlite_says(left)
    assert said
    assert ours(product, left) == (said, "rpm-wal-incomplete" if name == "unfinished transaction" else None)


@pytest.mark.parametrize("name", ["several transactions", "never written back"])
def test_cut_logs(product, tmp_path, name):
    database = history(name, tmp_path / "db", 1024)
    left = rpms.snapshot(tmp_path / "db", tmp_path / "left")
    database.close()
    log = left.with_name(left.name + "-wal")
    whole = log.read_bytes()
    for size in [0, 1, 31, 32, 33, *range(32, len(whole), len(whole) // 23), len(whole) - 1]:
        log.write_bytes(whole[:size])
        said = rpms.sqlite_says(left)
        names, error = ours(product, left)
        assert names == (said or []), size
        assert error or said is not None, size


def test_changed_logs(product, tmp_path):
    """Any flipped bit: what SQLite still reads is read here too, and what was lost stands in a message."""
    database = history("several transactions", tmp_path / "db", 1024)
    left = rpms.snapshot(tmp_path / "db", tmp_path / "left")
    database.close()
    log = left.with_name(left.name + "-wal")
    whole = log.read_bytes()
    dice = random.Random(7)
    places = [*range(32), *range(32, 56), *(dice.randrange(len(whole)) for _ in range(60))]
    for at in places:
        changed = bytearray(whole)
        changed[at] ^= 1 << dice.randrange(8)
        log.write_bytes(changed)
        said = rpms.sqlite_says(left)
        names, error = ours(product, left)
        if said is not None:
            assert names == said, at
        frame = (at - 32) % (1024 + 24)
        if at < 32 or not 8 <= frame < 16:  # other salts mean an earlier use of the log
            assert error == "rpm-wal-incomplete", at


def test_log_of_another_database(product, tmp_path):
    """Salts tie frames to their log, nothing ties the log to the database: frames of another page size are refused."""
    database = history("added", tmp_path / "db", 4096)
    left = rpms.snapshot(tmp_path / "db", tmp_path / "left")
    other = history("added", tmp_path / "other", 1024)
    foreign = rpms.snapshot(tmp_path / "other", tmp_path / "foreign")
    other.close()
    database.close()
    log = left.with_name(left.name + "-wal")
    log.write_bytes(foreign.with_name(foreign.name + "-wal").read_bytes())
    assert ours(product, left)[1]


@pytest.fixture
def files(tmp_path):
    database = history("erased and upgraded", tmp_path / "db")
    left = rpms.snapshot(tmp_path / "db", tmp_path / "left")
    database.close()
    names = [f"{n}@1.0-1.x86_64" for n in rpms.sqlite_says(left)]
    return {PLACE: left.read_bytes(), PLACE + "-wal": left.with_name(left.name + "-wal").read_bytes()}, sorted(names)


@pytest.mark.parametrize("order", [[PLACE, PLACE + "-wal"], [PLACE + "-wal", PLACE]])
def test_in_an_image(lab, files, order):
    content, names = files
    tar = images.tar_of({**RELEASE, **{name: content[name] for name in order}}, lab.path("layer.tar"))
    report = lab.report("image", "--input", images.oci_layout(lab.path("layout"), [tar]), "--list-all-pkgs")
    assert packages(report) == names
    assert "rpm" not in str(report.get("Coverage"))
    assert packages(lab.report("image", "--input", lab.path("layout"), "--list-all-pkgs")) == names  # from the cache


def test_behind_a_link(lab, files):
    content, names = files
    moved = {name.replace("usr/lib/sysimage", "opt"): data for name, data in content.items()}
    tar = images.tar_of({**RELEASE, "var/lib/rpm": ("symlink", "/opt/rpm"), **moved}, lab.path("layer.tar"))
    assert packages(lab.report("image", "--input", images.oci_layout(lab.path("layout"), [tar]), "--list-all-pkgs")) == names


def test_in_a_folder(lab, files):
    import trees

    content, names = files
    assert packages(lab.report("rootfs", trees.write(lab.path("root"), {**RELEASE, **content}), "--list-all-pkgs")) == names


def test_log_taken_away_again(lab, files, tmp_path):
    content, _ = files
    alone = tmp_path / "alone"
    alone.write_bytes(content[PLACE])
    names = sorted(f"{n}@1.0-1.x86_64" for n in rpms.sqlite_says(alone))
    tars = [images.tar_of({**RELEASE, **content}, lab.path("1.tar")), images.tar_of({"usr/lib/sysimage/rpm/.wh.rpmdb.sqlite-wal": b""}, lab.path("2.tar"))]
    assert packages(lab.report("image", "--input", images.oci_layout(lab.path("layout"), tars), "--list-all-pkgs")) == names


def test_log_in_another_layer_is_said(lab, files):
    content, _ = files
    tars = [images.tar_of({**RELEASE, PLACE: content[PLACE]}, lab.path("1.tar")), images.tar_of({PLACE + "-wal": content[PLACE + "-wal"]}, lab.path("2.tar"))]
    report = lab.report("image", "--input", images.oci_layout(lab.path("layout"), tars), "--list-all-pkgs")
    assert [n["ID"] for n in report["Coverage"] if n["Subject"] == PLACE + "-wal"] == ["rpm-wal-pending"]


def test_unfinished_rollback_journal_is_said(lab, tmp_path):
    """The other way of SQLite: old pages in a journal while new ones are written; a wiped header means that all went well."""
    path = tmp_path / "db"
    database = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=PERSIST", "PRAGMA cache_size=2", "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"):
        database.execute(statement)
    fill(database, "a", 20, 500)
    whole = {PLACE: path.read_bytes(), PLACE + "-journal": path.with_name("db-journal").read_bytes()}
    database.execute("BEGIN")
    database.execute("UPDATE Packages SET blob = zeroblob(9000)")
    broken = {PLACE: path.read_bytes(), PLACE + "-journal": path.with_name("db-journal").read_bytes()}
    database.close()
    for content, wanted in (whole, []), (broken, ["rpm-journal-pending"]):
        tar = images.tar_of({**RELEASE, **content}, lab.path("root.tar"))
        report = lab.report("rootfs", tar)
        assert [n["ID"] for n in report.get("Coverage") or [] if n["Subject"] == PLACE + "-journal"] == wanted


def test_version_of_sqlite_is_new_enough():
    assert sqlite3.sqlite_version_info >= (3, 7)
