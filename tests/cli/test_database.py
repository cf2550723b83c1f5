"""db build, info: the old database stays whole whatever happens."""
import json
import os
import random
import shutil
import signal
import sqlite3
import time

import pytest
import trees
from conftest import FEEDS, findings
from test_sources import EXPECTED


def test_info(lab):
    ended = lab.run("db", "info")
    assert ended.status == 0
    for words in ("pratique.db", "Debian security tracker", "Licence"):
        assert words in ended.out
    sources = {s["ID"]: s for s in json.loads(lab.run("db", "info", "-f", "json").out)["Sources"]}
    assert sources["debian-tracker"]["Records"] > 0 and sources["kev"]["AsOf"].startswith("2024-05-30")


def test_the_same_feeds_make_the_same_database(lab):
    for name in ("one.db", "two.db"):
        assert lab.run("db", "build", "--feeds", FEEDS, "-o", lab.work / name).status == 0
    assert (lab.work / "one.db").read_bytes() == (lab.work / "two.db").read_bytes()


@pytest.mark.parametrize("folder", ["p%41x", "p?x", "p#x", "file:x", "//twice"])
def test_whatever_its_path_holds_a_database_keeps_what_a_broken_feed_had(lab, folder):
    """SQLite opens some files by URI: what means something there must not."""
    feeds = lab.folder / "feeds"
    shutil.copytree(FEEDS, feeds)
    output = folder.replace("//", f"/{lab.work}/") + "/new.db"
    assert lab.run("db", "build", "--feeds", feeds, "-o", output).status == 0
    before = json.loads(lab.run("db", "info", "--db-file", output, "-f", "json").out)["Sources"]
    for path in feeds.glob("debian/*"):
        path.write_text("{")
    ended = lab.run("db", "build", "--feeds", feeds, "-o", output)
    assert ended.status == 0 and "debian-tracker: the records of the previous database are kept" in ended.err
    after = json.loads(lab.run("db", "info", "--db-file", output, "-f", "json").out)["Sources"]
    assert [(s["ID"], s["Records"]) for s in after] == [(s["ID"], s["Records"]) for s in before]


ERRORS = [
    ([], "db-action"), (["built"], "db-action"), (["build"], "db-feeds"), (["build", "--feeds", "/missing"], "feeds-unreadable"),
    (["build", "--feeds", "."], "feeds-none"), (["info", "--db-file", "/missing"], "db-missing"),
]


@pytest.mark.parametrize("arguments,message", ERRORS, ids=lambda x: " ".join(x) if isinstance(x, list) else None)
def test_errors(lab, arguments, message):
    ended = lab.run("db", *arguments)
    assert ended.status == 1 and f"[{message}]" in ended.err


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "other schema", "other tables"])
def test_damaged_database_is_an_error_that_says_what_to_do(lab, damage):
    path = lab.cache / "db" / "pratique.db"
    data = path.read_bytes()
    if damage == "other schema":
        connection = sqlite3.connect(path)
        tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        assert tables
        for table in tables:
            columns = [c[1] for c in connection.execute(f"PRAGMA table_info({table})")]
            if columns[:2] in (["name", "value"], ["key", "value"]):
                connection.execute(f"UPDATE {table} SET value='999' WHERE {columns[0]} LIKE '%chema%'")
        connection.commit()
        connection.close()
    elif damage == "other tables":
        path.unlink()
        sqlite3.connect(path).execute("CREATE TABLE x (y)").connection.close()
    else:
        path.write_bytes({"empty": b"", "text": b"hello", "cut": data[: len(data) // 3]}[damage])
    root = trees.write(lab.path("root"), trees.debian())
    ended = lab.run("rootfs", root, "--skip-db-update")
    assert ended.status == 1 and "db update" in ended.err and "Total" not in ended.out


@pytest.mark.parametrize("content", [b"root:x:0:0:root:/root:/bin/sh\n", b"", bytes(9000)])
def test_a_file_that_is_no_database(lab, content):
    (lab.work / "passwd").write_bytes(content)
    ended = lab.run("rootfs", trees.write(lab.path("root"), trees.debian()), "--db-file", "passwd")
    assert ended.status == 1 and "passwd is neither a pratique.db nor a trivy.db [db-unknown]" in ended.err and "bbolt" not in ended.err


def large_feeds(lab):
    """Feeds whose build takes long enough to be killed at any moment."""
    feeds = lab.path("feeds")
    shutil.copytree(FEEDS, feeds)
    tracker = json.loads((feeds / "debian/tracker-data.json").read_text())
    sample = tracker["bash"]["CVE-2023-10004"]
    for i in range(20_000):
        tracker[f"package{i}"] = {f"CVE-2022-{i}": sample, f"CVE-2021-{i}": sample}
    (feeds / "debian/tracker-data.json").write_text(json.dumps(tracker))
    return feeds


def test_killed_builds_leave_the_old_database_whole(lab):
    feeds, path = large_feeds(lab), lab.cache / "db" / "pratique.db"
    root = trees.write(lab.path("root"), trees.debian())
    before = {p.name for p in path.parent.iterdir()} - {"pratique.db.lock"}
    started = time.monotonic()
    assert lab.run("db", "build", "--feeds", feeds, "-o", lab.work / "whole.db").status == 0
    takes = time.monotonic() - started
    old, whole, chance, killed = path.read_bytes(), (lab.work / "whole.db").read_bytes(), random.Random(9), 0
    assert old != whole
    for _ in range(6 if os.environ.get("ASAN_OPTIONS") else 25):
        process = lab.start("db", "build", "--feeds", feeds, "--quiet", start_new_session=True)
        time.sleep(chance.uniform(0, takes))
        os.kill(process.pid, signal.SIGKILL)
        if process.wait(timeout=60) == -signal.SIGKILL:
            killed += 1
            assert path.read_bytes() in (old, whole)
        assert findings(lab.report("rootfs", root)) == EXPECTED
        if path.read_bytes() != old:
            path.write_bytes(old)
    assert killed
    assert lab.run("db", "build", "--feeds", feeds).status == 0  # no lock, no rest stands in the way
    assert findings(lab.report("rootfs", root)) == EXPECTED
    assert path.read_bytes() == whole
    assert {p.name for p in (lab.cache / "db").iterdir()} - {"pratique.db.lock"} == before


SWEEPERS = {
    "build": (["build", "--feeds", FEEDS], 0, {"pratique.db.0123456789ab.new", "pratique.db.part"}),
    "import": (["import", "whole.zst"], 0, {"pratique.db.0123456789ab.new", "pratique.db.part"}),
    "update": (["update", "--db-repository", "127.0.0.1:1/x:1"], 1, {"pulled.zst.0123456789ab.new"}),
}


@pytest.mark.parametrize("word", SWEEPERS)
def test_what_killed_writers_left_is_swept_after_an_hour(lab, word):
    """Drafts of our files only: another program's with such an end stays, and so does what is being written."""
    folder, old = lab.cache / "db", time.time() - 3700
    words, status, swept = SWEEPERS[word]
    young, kept = "pratique.db.fedcba987654.new", {"other.0123456789ab.new", "pratique.db.notes.new", "pratique.db.0123456789ag.new"}
    assert lab.run("db", "export", "whole.zst").status == 0
    for name in swept | kept | {young}:
        (folder / name).write_bytes(b"draft")
        if name != young:
            os.utime(folder / name, (old, old))
    ended = lab.run("db", *words)
    assert ended.status == status, ended.err
    left = {p.name for p in folder.iterdir()}
    assert not left & swept and left >= kept | {young}


def test_a_part_that_is_being_written_is_not_swept(lab):
    part = lab.cache / "db" / "pratique.db.part"
    assert lab.run("db", "export", "whole.zst").status == 0
    part.write_bytes(b"a build's")
    assert lab.run("db", "import", "whole.zst").status == 0 and part.read_bytes() == b"a build's"


def test_scans_go_on_while_the_database_is_replaced(lab):
    root = trees.write(lab.path("root"), trees.debian())
    build = lab.start("db", "build", "--feeds", large_feeds(lab), "--quiet")
    scans = 0
    while build.poll() is None or scans < 3:
        assert findings(lab.report("rootfs", root)) == EXPECTED
        scans += 1
    assert build.wait() == 0




def test_export_by_name_and_to_standard_output(lab):
    assert lab.run("db", "export", "out.zst").status == 0
    whole = (lab.work / "out.zst").read_bytes()
    with open(lab.folder / "piped", "wb") as piped:
        assert lab.start("db", "export", "-", stdout=piped).wait() == 0
    assert (lab.folder / "piped").read_bytes() == whole != b""
    assert sorted(p.name for p in lab.work.iterdir()) == ["out.zst"]


@pytest.mark.parametrize("word", ["build", "info", "verify"])
def test_what_a_word_does_not_take_is_an_error(lab, word):
    ended = lab.run("db", word, "something")
    assert ended.status == 1 and "db-arguments" in ended.err and "something" in ended.err
