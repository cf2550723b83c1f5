"""A database that somebody else made (--db-file, db import, a registry): it costs an error, not the machine."""
import sqlite3
import subprocess
import time

import pytest
import trees
from conftest import findings
from test_hostile import peak_and_time
from test_sources import EXPECTED

WORDS = (["rootfs", "ROOT"], ["db", "info"], ["db", "verify"], ["doctor", "--offline"])


def rewrite(path, old, new):
    """Another text in the schema, whatever SQLite thinks of it."""
    with sqlite3.connect(path) as database:
        (before,) = database.execute("SELECT group_concat(sql) FROM sqlite_master").fetchone()
        assert old in before
        database.execute("PRAGMA writable_schema=ON")
        database.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?)", (old, new))


def alter(path, *statements):
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)


# Sources with values that take all memory, or hours.
GENERATED = """CREATE TABLE source(id TEXT PRIMARY KEY, name TEXT GENERATED ALWAYS AS (%s) VIRTUAL, family TEXT, url TEXT, path TEXT, as_of TEXT,
fetched_at TEXT, etag TEXT, last_modified TEXT, sha256 TEXT, records INTEGER, licence TEXT, redistributable INTEGER, kept INTEGER)"""
FILL = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<500) INSERT INTO source(id) SELECT x FROM c"


def generate(path, value):
    alter(path, "DROP TABLE source", GENERATED % "1", FILL)
    rewrite(path, "(1)", f"({value})")


SCHEMAS = {
    "generated: memory": lambda path: generate(path, "hex(zeroblob(30000000))"),
    "generated: time": lambda path: generate(path, "instr(hex(zeroblob(30000000)),hex(zeroblob(15000000))||char(49))"),
    "a view": lambda path: alter(path, "ALTER TABLE entry RENAME TO real", "CREATE VIEW entry AS SELECT a.* FROM real a, real b, real c"),
    "a trigger": lambda path: alter(path, "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM meta; END"),
    "an index": lambda path: alter(path, "CREATE INDEX i ON record(length(body))"),
    "a virtual table": lambda path: alter(path, "CREATE VIRTUAL TABLE v USING rtree(id, a, b)"),
    "a further table": lambda path: alter(path, "CREATE TABLE x(y)"),
    "a table less": lambda path: alter(path, "DROP TABLE share"),
    "a check": lambda path: rewrite(path, "CREATE TABLE record(id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
                                    "CREATE TABLE record(id INTEGER PRIMARY KEY, body TEXT NOT NULL CHECK(body LIKE '%a%b%'))"),
    "another type": lambda path: rewrite(path, "date TEXT NOT NULL", "date TEXTNOT NULL"),
}


@pytest.mark.parametrize("how", SCHEMAS)
def test_tables_that_are_not_ours_are_refused(lab, how):
    path = lab.cache / "db" / "pratique.db"
    SCHEMAS[how](path)
    tree = trees.write(lab.path("root"), trees.debian())
    for words in WORDS:
        began = time.monotonic()
        ended = lab.run(*[str(tree) if word == "ROOT" else word for word in words], timeout=30)
        said = ended.out + ended.err
        assert ended.status == 1 and ("[db-tables]" in said or "[db-damaged]" in said) and "Total" not in ended.out, said
        assert "db update" in said and time.monotonic() - began < 10
    if how != "another type":  # that one SQLite itself refuses
        assert "[db-tables]" in said


def test_the_memory_that_refusing_takes(lab):
    path = lab.cache / "db" / "pratique.db"
    SCHEMAS["generated: memory"](path)
    peak, seconds, status, err = peak_and_time(lab, "db", "info")
    assert status == 1 and "[db-tables]" in err
    assert peak < 150 and seconds < 10


def test_import_refuses_it_and_keeps_the_old_one(lab):
    path = lab.cache / "db" / "pratique.db"
    old, other = path.read_bytes(), lab.folder / "other.db"
    other.write_bytes(old)
    SCHEMAS["generated: memory"](other)
    subprocess.run(["zstd", "-q", other], check=True)
    ended = lab.run("db", "import", f"{other}.zst", timeout=30)
    assert ended.status == 1 and "[db-import]" in ended.err and '"source"' in ended.err and "db export" in ended.err
    assert path.read_bytes() == old and [p.name for p in path.parent.glob("*.new")] == []


def test_white_space_in_a_schema_means_nothing(lab):
    rewrite(lab.cache / "db" / "pratique.db", "id INTEGER PRIMARY KEY, body TEXT", "id INTEGER\n    PRIMARY KEY,\tbody TEXT")
    assert findings(lab.report("rootfs", trees.write(lab.path("root"), trees.debian()))) == EXPECTED


def fill(path, table, row, count):
    with sqlite3.connect(path) as database:
        marks = ",".join("?" * len(row(0)))
        database.executemany(f"INSERT INTO {table} VALUES({marks})", map(row, range(count)))


def source(i, name="n"):
    return (f"s{i}", name, "", "", "", "2024-05-30", "2024-05-30", "", "", "", 1, "", 1, 0)


FLOODS = {
    "sources": (lambda path: fill(path, "source", source, 1001), ["db", "info"]),
    "a name": (lambda path: fill(path, "source", lambda i: source(i, "n" * 5000), 1), ["db", "info"]),
    "ends of support": (lambda path: fill(path, "eol", lambda i: ("debian-support", f"12 p{i}", "2199-01-01", "", ""), 100001), ["rootfs", "ROOT"]),
    "an end's text": (lambda path: fill(path, "eol", lambda i: ("debian-support", "12 p", "2199-01-01", "n" * 5000, ""), 1), ["rootfs", "ROOT"]),
    "members": (lambda path: alter(path, "UPDATE record SET body = '{' || substr(replace(hex(zeroblob(1100001)), '00', ',\"a\":{}'), 2) || '}'"), ["rootfs", "ROOT"]),
}


@pytest.mark.parametrize("what", FLOODS)
def test_more_than_a_database_can_mean(lab, what):
    damage, words = FLOODS[what]
    damage(lab.cache / "db" / "pratique.db")
    tree = trees.write(lab.path("root"), trees.debian())
    peak, seconds, status, err = peak_and_time(lab, *[str(tree) if word == "ROOT" else word for word in words])
    assert status == 1 and "[db-limit]" in err and "db update" in err, err
    assert seconds < 60


def test_a_value_beyond_the_limit(lab):
    alter(lab.cache / "db" / "pratique.db", "UPDATE record SET body = '{\"CVE-2023-1\":{\"FixedVersion\":\"' || hex(zeroblob(4200000)) || '\"}}'")
    ended = lab.run("rootfs", trees.write(lab.path("root"), trees.debian()))
    assert ended.status == 1 and "[db-damaged]" in ended.err and "too big" in ended.err


def circle(path):
    """The schema's pages lead to one page again and again: billions of rows in a small file."""
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    header, count = data[100:108], int.from_bytes(data[103:105], "big")
    cells = [int.from_bytes(data[108 + 2 * i:110 + 2 * i], "big") for i in range(count)]
    automatic = [cell for cell in cells if b"sqlite_autoindex" in data[cell:cell + 60]]
    pages = len(data) // size

    def leaf(of):  # at a page's start, not behind the file's header
        page = bytearray(data[:size])
        page[:108] = header[:3] + len(of).to_bytes(2, "big") + header[5:8] + bytes(100)
        page[8:8 + 2 * len(of)] = b"".join(cell.to_bytes(2, "big") for cell in of)
        return page

    def interior(first, rest, start=0):
        children = [first] + [rest] * 399
        page, at, pointers = bytearray(size), size, b""
        for i, child in enumerate(children):
            at -= 6
            page[at:at + 6] = child.to_bytes(4, "big") + bytes([0x81, i % 128])
            pointers += at.to_bytes(2, "big")
        page[start:start + 12] = b"\x05\0\0" + len(children).to_bytes(2, "big") + at.to_bytes(2, "big") + b"\0" + rest.to_bytes(4, "big")
        page[start + 12:start + 12 + len(pointers)] = pointers
        return page

    ours, again, middle, inner = pages + 1, pages + 2, pages + 3, pages + 4
    data += leaf(cells) + leaf(automatic * 20) + interior(inner, inner) + interior(again, again)
    data[100:size] = interior(ours, middle, 100)[100:]
    data[28:32] = (pages + 4).to_bytes(4, "big")
    path.write_bytes(data)


@pytest.mark.parametrize("words", [["db", "info"], ["doctor", "--offline"], ["db", "verify"]], ids=" ".join)
def test_a_look_up_without_an_end_ends_with_the_time_allowed(lab, words):
    circle(lab.cache / "db" / "pratique.db")
    began = time.monotonic()
    ended = lab.run(*words, "--timeout", "1s", timeout=30)
    assert ended.status == 1 and "[timeout]" in ended.err and time.monotonic() - began < 5, ended.err


def test_a_look_up_without_an_end_ends_without_being_told(lab):
    circle(lab.cache / "db" / "pratique.db")
    ended = lab.run("db", "info", timeout=60)
    assert ended.status == 1 and "[db-slow]" in ended.err and "db update" in ended.err, ended.err
