"""Databases of RPM made here: header blobs, and SQLite files with their write-ahead logs."""
import shutil
import sqlite3
import struct


def blob(name, version="1.0", release="1", arch="x86_64", vendor="Red Hat, Inc.", size=0):
    """A header as rpm stores it; `size` more bytes in a tag nobody reads."""
    tags = [(1000, name), (1001, version), (1002, release), (1011, vendor), (1022, arch), (1044, f"{name}-{version}-{release}.src.rpm"), (1005, "x" * size)]
    index, data = b"", b""
    for tag, text in tags:
        index += struct.pack(">IIII", tag, 6, len(data), 1)
        data += text.encode() + b"\0"
    return struct.pack(">II", len(tags), len(data)) + index + data


def sqlite_open(path, page_size=4096):
    """As rpm makes it; the log is only written back when somebody asks."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute(f"PRAGMA page_size={page_size}")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    database.execute("CREATE TABLE IF NOT EXISTS Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    return database


def add(database, *blobs):
    database.execute("BEGIN")
    database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(b,) for b in blobs])
    database.execute("COMMIT")


def checkpoint(database):
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def snapshot(path, folder, name="rpmdb.sqlite"):
    """What a build that was stopped now leaves: the file and its log."""
    folder.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal"):
        if path.with_name(path.name + ending).exists():
            shutil.copy(path.with_name(path.name + ending), folder / (name + ending))
    return folder / name


def name_of(header):
    count = struct.unpack(">I", header[:4])[0]
    for i in range(count):
        tag, _, offset, _ = struct.unpack(">IIII", header[8 + 16 * i:24 + 16 * i])
        if tag == 1000:
            start = 8 + 16 * count + offset
            return header[start:header.index(b"\0", start)].decode()
    return None


def sqlite_says(path):
    """The packages' names in SQLite's own opinion; None: it refuses. Works on a copy: opening writes."""
    copy = path.with_name("asked.sqlite")
    for ending in ("", "-wal", "-shm"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)
        if path.with_name(path.name + ending).exists():
            shutil.copy(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
    database = sqlite3.connect(copy)
    try:
        return sorted(name_of(row[0]) for row in database.execute("SELECT blob FROM Packages"))
    except sqlite3.DatabaseError:
        return None
    finally:
        database.close()
