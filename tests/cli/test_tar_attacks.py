"""Archives that mean one thing to a careless reader and another to the programs that unpack layers: the scan must see what lies on
disk in the end (Go's archive/tar, GNU tar, overlayfs), or say that the archive is damaged."""
import bz2
import gzip
import lzma
import os
import subprocess
import zlib

import images
import pytest
import tars
import trees
from conftest import packages
from tars import archive, file, header, long_name, pax

STATUS = b"var/lib/dpkg/status"
DEBIAN = file(b"etc/os-release", b'ID=debian\nVERSION_ID="12"\n') + file(b"etc/debian_version", b"12.5\n")
BASH = trees.dpkg_status([("bash", "5.2.15-2+b2", "bash", "5.2.15-2")])
CLEAN = trees.dpkg_status([("clean", "1.0-1", "clean", "")])
PADDED = BASH.ljust(4096, b"\n")


def names(report):
    return [p.split("@")[0] for p in packages(report)]


def scanned(lab, content, name="root.tar"):
    lab.path(name).write_bytes(content)
    return lab.run("rootfs", lab.path(name), "--list-all-pkgs", "-f", "json")


HOLES = [(0, 512), (2048, 512)]
REAL = 2560
PARTS = BASH[:512].ljust(512, b"\n") + b"Description: x\n".ljust(512, b"\n")



def star_header():
    """The prefix ends 24 bytes earlier: times stand there, and a mark at the end."""
    block = bytearray(header(b"status", len(BASH)))
    block[345:476] = b"./" * 59 + b".var/lib/dpkg"[1:] + b"/"
    block[476:500] = b"00000000000 " * 2
    block[508:512] = b"tar\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


STAR = star_header() + tars.padded(BASH)

# name → archive behind the release files, packages
SEEN = {
    # names and sizes said twice
    "pax path": (pax([(b"path", STATUS)]) + file(b"x", BASH), ["bash"]),
    "pax path taken back": (pax([(b"path", b"x"), (b"path", b"")]) + file(STATUS, BASH), ["bash"]),
    "empty pax path": (pax([(b"path", b"")]) + file(STATUS, BASH), ["bash"]),
    "last pax path counts": (pax([(b"path", b"x"), (b"path", STATUS)]) + file(b"y", BASH), ["bash"]),
    "global pax path does not": (pax([(b"path", b"x")], b"g") + file(STATUS, BASH), ["bash"]),
    "global pax path gives no name": (pax([(b"path", STATUS)], b"g") + file(b"x", BASH), []),
    "long name": (long_name(STATUS) + file(b"x", BASH), ["bash"]),
    "long name twice": (long_name(b"x") + long_name(STATUS) + file(b"y", BASH), ["bash"]),
    "long name before pax": (long_name(STATUS) + pax([(b"path", b"x")]) + file(b"y", BASH), ["bash"]),
    "long name behind pax": (pax([(b"path", b"x")]) + long_name(STATUS) + file(b"y", BASH), ["bash"]),
    "long name is of one entry": (long_name(b"x") + file(b"y", b"z") + file(STATUS, BASH), ["bash"]),
    "pax header is of one entry": (pax([(b"path", b"x"), (b"size", b"1")]) + file(b"y", b"z") + file(STATUS, BASH), ["bash"]),
    "second pax header alone counts": (pax([(b"path", b"x")]) + pax([(b"comment", b"x")]) + file(STATUS, BASH), ["bash"]),
    "size of a second pax header": (pax([(b"size", b"%d" % len(file(STATUS, BASH)))]) + pax([(b"comment", b"x")]) + file(b"x") + file(STATUS, BASH), ["bash"]),
    "sparse map of a first pax header": (pax([(b"GNU.sparse.map", b"0,1"), (b"GNU.sparse.name", b"x")]) + pax([(b"comment", b"x")]) + file(STATUS, BASH), ["bash"]),
    "long name, then two pax headers": (long_name(STATUS) + pax([(b"path", b"x")]) + pax([(b"comment", b"x")]) + file(b"y", BASH), ["bash"]),
    "empty long name leaves the pax path": (pax([(b"path", STATUS)]) + long_name(b"") + file(b"y", BASH), ["bash"]),
    "global header behind a pax path": (pax([(b"path", b"x")]) + pax([(b"comment", b"x")], b"g") + file(STATUS, BASH), ["bash"]),
    "global header behind a long name": (long_name(b"x") + pax([(b"comment", b"x")], b"g") + file(STATUS, BASH), ["bash"]),
    "global header behind a pax size": (pax([(b"size", b"%d" % len(file(STATUS, BASH)))]) + pax([(b"comment", b"x")], b"g") + file(b"x") + file(STATUS, BASH), ["bash"]),
    "sparse map of version 2": (pax([(b"GNU.sparse.major", b"2"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.map", b"0,1"), (b"GNU.sparse.size", b"1"), (b"GNU.sparse.name", b"x")]) + file(STATUS, BASH), ["bash"]),
    "sparse map with a minor version alone": (pax([(b"GNU.sparse.minor", b"7"), (b"GNU.sparse.map", b"0,1"), (b"GNU.sparse.name", b"x")]) + file(STATUS, BASH), ["bash"]),
    "sparse name of version 0.0 without a map": (pax([(b"GNU.sparse.major", b"0"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.numblocks", b"0"), (b"GNU.sparse.name", b"x")]) + file(STATUS, BASH), []),
    "sparse name without a sparse file": (pax([(b"GNU.sparse.name", b"x")]) + file(STATUS, BASH), ["bash"]),
    "sparse name of an unknown version": (pax([(b"GNU.sparse.name", b"x"), (b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"7")]) + file(STATUS, BASH), ["bash"]),
    "pax size": (pax([(b"size", str(len(BASH)).encode())]) + header(STATUS, 0) + tars.padded(BASH), ["bash"]),
    "pax size over a large one": (pax([(b"size", str(len(BASH)).encode())]) + header(STATUS, 8 ** 11 - 1) + tars.padded(BASH), ["bash"]),
    "base-256 size": (header(STATUS, b"\x80" + len(BASH).to_bytes(11, "big")) + tars.padded(BASH), ["bash"]),
    "prefix": (file(b"status", BASH, prefix=b"var/lib/dpkg"), ["bash"]),
    "GNU prefix that is no time": (file(b"status", BASH, magic=b"ustar  \0", prefix=b"var/lib/dpkg"), ["bash"]),
    "GNU prefix of a number": (file(STATUS, BASH, magic=b"ustar  \0", prefix=b"7654321\0 "), ["bash"]),
    "GNU prefix, second time odd": (file(b"lib/dpkg/status", BASH, magic=b"ustar  \0", prefix=b"7\0".ljust(12, b"\0") + b"x"), []),
    "GNU prefix of negative times": (file(STATUS, BASH, magic=b"ustar  \0", prefix=b"7\0".ljust(12, b"\0") + b"\xff" * 12), ["bash"]),
    "GNU prefix of another alphabet": (file(STATUS, BASH, magic=b"ustar  \0", prefix=b"x\xc3\xa4"), ["bash"]),
    "star's shorter prefix": (STAR, ["bash"]),
    "prefix without a magic": (file(STATUS, BASH, magic=b"\0" * 8, prefix=b"x"), ["bash"]),
    "a name of a hundred bytes": (file(b"/" * 81 + STATUS, BASH), ["bash"]),
    "dots and slashes": (file(b"./../.././/var//lib/./x/../dpkg/status", BASH), ["bash"]),
    # entries that hide others in their content
    "link with a size": (header(b"l", 1024, kind=b"2", link=b"x") + file(STATUS, BASH), ["bash"]),
    "folder with a size": (header(b"d", 1024, kind=b"5") + file(STATUS, BASH), ["bash"]),
    "device with a size": (header(b"d", 1024, kind=b"3") + file(STATUS, BASH), ["bash"]),
    "file with a slash": (file(STATUS + b"/", BASH), ["bash"]),
    "file with a slash keeps its content": (file(b"d/", file(STATUS, BASH) + b"\0" * 1024) + file(STATUS, CLEAN), ["clean"]),
    "old folder with a size": (file(STATUS, CLEAN) + header(b"d/", len(file(STATUS, BASH)), kind=b"\0") + file(STATUS, BASH), ["bash"]),
    "unknown type keeps its content": (file(b"d", file(STATUS, BASH), kind=b"8") + file(STATUS, CLEAN), ["clean"]),
    "vendor's type keeps its content": (file(b"d", file(STATUS, BASH), kind=b"Z") + file(STATUS, CLEAN), ["clean"]),
    "vendor's type with a pax size": (pax([(b"size", b"1024")]) + header(b"d", 0, kind=b"Z") + file(b"x", b"x")[:1024] + file(STATUS, BASH), ["bash"]),
    "file behind a tar in a file": (file(b"inner.tar", archive(file(STATUS, CLEAN))) + file(STATUS, BASH), ["bash"]),
    "behind the end": (file(STATUS, BASH) + tars.END + file(STATUS, CLEAN), ["bash"]),
    # the same place twice
    "twice": (file(STATUS, CLEAN) + file(STATUS, BASH), ["bash"]),
    "twice by other names": (file(STATUS, CLEAN) + file(b"./var/lib/../lib/dpkg//status", BASH), ["bash"]),
    "file, then a link": (file(b"opt/x", BASH) + file(STATUS, CLEAN) + header(STATUS, kind=b"2", link=b"/opt/x"), ["bash"]),
    "link, then a file": (file(b"opt/x", CLEAN) + header(STATUS, kind=b"2", link=b"/opt/x") + file(STATUS, BASH), ["bash"]),
    "file, then a pipe": (file(STATUS, BASH) + header(STATUS, kind=b"6"), []),
    "file, then a folder": (file(STATUS, BASH) + header(STATUS, kind=b"5"), []),
    "folder, then a file": (header(STATUS, kind=b"5") + file(STATUS, BASH), ["bash"]),
    "damaged, then whole": (file(STATUS, b"no field here\n") + file(STATUS, BASH), ["bash"]),
    "hard link to what was replaced since": (file(b"var/lib/dpkg/status-old", BASH) + header(STATUS, kind=b"1", link=b"var/lib/dpkg/status-old"), ["bash"]),
    # holes
    "GNU sparse": (tars.old_sparse(STATUS, HOLES, REAL, PARTS), ["bash"]),
    "GNU sparse, extended": (tars.old_sparse(STATUS, [(4096 * i, 512) for i in range(30)], 4096 * 30, PARTS + b"\n" * 512 * 28), ["bash"]),
    "pax sparse 0.0": (pax([(b"GNU.sparse.size", b"%d" % REAL), (b"GNU.sparse.numblocks", b"2")] + [p for o, n in HOLES for p in ((b"GNU.sparse.offset", b"%d" % o), (b"GNU.sparse.numbytes", b"%d" % n))]) + file(STATUS, PARTS), ["bash"]),
    "pax sparse 0.1": (pax([(b"GNU.sparse.size", b"%d" % REAL), (b"GNU.sparse.map", b"0,512,2048,512"), (b"GNU.sparse.name", STATUS)]) + file(b"x", PARTS), ["bash"]),
    "pax sparse 0.0 before a map": (pax([(b"GNU.sparse.size", b"%d" % REAL), (b"GNU.sparse.numblocks", b"2"), (b"GNU.sparse.map", b"0,1")] + [p for o, n in HOLES for p in ((b"GNU.sparse.offset", b"%d" % o), (b"GNU.sparse.numbytes", b"%d" % n))] + [(b"GNU.sparse.map", b"0,1")]) + file(STATUS, PARTS), ["bash"]),
    "pax sparse size before the real one": (pax([(b"GNU.sparse.size", b"%d" % REAL), (b"GNU.sparse.realsize", b"1"), (b"GNU.sparse.map", b"0,512,2048,512"), (b"GNU.sparse.numblocks", b"2"), (b"GNU.sparse.name", STATUS)]) + file(b"x", PARTS), ["bash"]),
    "pax sparse 1.0": (pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"%d" % REAL), (b"GNU.sparse.name", STATUS)]) + file(b"x", b"2\n0\n512\n2048\n512\n".ljust(512, b"\0") + PARTS), ["bash"]),
    # forms of the archive
    "signed checksum": (file(b"\xe9\xe8\xe7", b"") + file(STATUS, BASH), ["bash"]),
    "starts like bzip2": (file(b"BZh is a name", b"") + file(STATUS, BASH), ["bash"]),
    "without an end": (file(STATUS, BASH), ["bash"]),
}


@pytest.mark.parametrize("name", SEEN)
def test_sees_what_lies_on_disk(lab, name):
    pieces, wanted = SEEN[name]
    content = (b"" if "starts like" in name else DEBIAN) + pieces + (DEBIAN if "starts like" in name else b"")
    ended = scanned(lab, content if name == "without an end" else content + tars.END)
    assert names(ended.json()) == wanted


# Go's reader refuses some of these, and GNU tar has no opinion on a few
@pytest.mark.parametrize("name", [n for n in SEEN if "global" not in n and n not in (
    "long name before pax", "long name behind pax", "dots and slashes", "twice by other names", "link, then a file", "pax path taken back", "empty pax path", "behind the end", "pax size over a large one",
    "file with a slash", "file with a slash keeps its content", "GNU prefix that is no time", "GNU prefix, second time odd", "star's shorter prefix",
    "second pax header alone counts", "size of a second pax header", "sparse map of a first pax header", "long name, then two pax headers", "empty long name leaves the pax path",
    "sparse map of version 2", "sparse map with a minor version alone", "sparse name of version 0.0 without a map", "pax sparse 0.0 before a map", "pax sparse size before the real one",
    "old folder with a size", "sparse name without a sparse file", "sparse name of an unknown version", "file, then a folder")])
def test_as_tar_unpacks_it(lab, name):
    """The same tree from the archive and from what GNU tar makes of it."""
    pieces, _ = SEEN[name]
    lab.path("root.tar").write_bytes(archive(DEBIAN, pieces))
    root = lab.path("root")
    root.mkdir()
    subprocess.run(["tar", "-xf", lab.path("root.tar"), "-C", root, "--no-same-owner"], stderr=subprocess.DEVNULL)
    assert names(lab.report("rootfs", root, "--list-all-pkgs")) == names(lab.report("rootfs", lab.path("root.tar"), "--list-all-pkgs"))


# name → archive, id of the message
REFUSED = {
    "negative size": (header(STATUS, tars.number(-512, 12)) + BASH, "archive-damaged"),
    "size of all ones": (header(STATUS, b"\xff" * 12) + BASH, "archive-damaged"),
    "size beyond 63 bits": (header(STATUS, b"\x80" + b"\xff" * 11) + BASH, "archive-damaged"),
    "8 EiB that are not there": (header(b"x", b"\x80\0\0\0" + b"\x7f" + b"\xff" * 7), "archive-truncated"),
    "size with letters": (header(STATUS, b"12x45670000\0") + BASH, "archive-damaged"),
    "pax size with a sign": (pax([(b"size", b"-5")]) + file(STATUS, BASH), "archive-damaged"),
    "pax size of words": (pax([(b"size", b"many")]) + file(STATUS, BASH), "archive-damaged"),
    "pax size beyond 63 bits": (pax([(b"size", b"9" * 30)]) + file(STATUS, BASH), "archive-damaged"),
    "pax record without a size": (file(b"p", b"path=x\n", kind=b"x") + file(STATUS, BASH), "archive-damaged"),
    "pax record longer than its header": (file(b"p", b"999 path=x\n", kind=b"x") + file(STATUS, BASH), "archive-damaged"),
    "pax record of no bytes": (file(b"p", b"0 path=x\n", kind=b"x") + file(STATUS, BASH), "archive-damaged"),
    "pax record without its end": (file(b"p", b"9 path=xyz", kind=b"x") + file(STATUS, BASH), "archive-damaged"),
    "pax of 4 GiB": (tars.lying_pax(1 << 32), "archive-header-too-large"),
    "long name of 2 GiB": (header(b"././@LongLink", 1 << 31, kind=b"L"), "archive-header-too-large"),
    "long name of 5 KiB": (long_name(b"n" * 5000) + file(b"x"), "archive-name-too-long"),
    "pax path of 5 KiB": (pax([(b"path", b"n" * 5000)]) + file(b"x"), "archive-name-too-long"),
    "checksum": (header(STATUS, len(BASH), checksum=b"0000001\0") + tars.padded(BASH), "archive-damaged"),
    "cut in a header": (file(b"x", b"y")[:700], "archive-truncated"),
    "cut in a file": (header(b"x", 5000) + b"y" * 512, "archive-truncated"),
    "cut in a long name": (header(b"././@LongLink", 2000, kind=b"L") + b"n" * 512, "archive-truncated"),
    "cut in a sparse map": (tars.old_sparse(STATUS, [(i * 1024, 1) for i in range(60)], 1 << 20, b"")[:700], "archive-truncated"),
    "sparse part outside": (tars.old_sparse(STATUS, [(1 << 20, 512)], 4096, b"x" * 512), "archive-damaged"),
    "sparse parts longer than the content": (tars.old_sparse(STATUS, [(0, 4096)], 4096, b"x" * 512), "archive-damaged"),
    "sparse map that never ends": (tars.old_sparse(STATUS, [(i * 512, 0) for i in range(9000)], 1 << 30, b""), "archive-sparse"),
    "sparse map of words": (pax([(b"GNU.sparse.map", b"a,b")]) + file(STATUS, BASH), "archive-damaged"),
    "sparse bytes without an offset": (pax([(b"GNU.sparse.numbytes", b"5")]) + file(STATUS, BASH), "archive-damaged"),
    "sparse 1.0 without a map": (pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0")]) + file(STATUS, b"x" * 512), "archive-damaged"),
    "no tar at all": (b"x" * 5000, "archive-damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_says_what_is_wrong(lab, name):
    pieces, wanted = REFUSED[name]
    ended = scanned(lab, pieces)
    assert ended.status == 1
    assert f"[{wanted}]" in ended.err
    assert "\x1b" not in ended.err


ONE_FILE = {
    "sparse file of a terabyte": (tars.old_sparse(STATUS, [(0, len(PARTS))], 1 << 40, PARTS), "archive-file-too-large"),
    "sparse 1.0 with a million parts": (pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0")]) + file(STATUS, b"1000000\n".ljust(512, b"0")), "archive-sparse"),
}


@pytest.mark.parametrize("name", ONE_FILE)
def test_costs_one_file(lab, name):
    pieces, wanted = ONE_FILE[name]
    report = scanned(lab, archive(DEBIAN, pieces, file(b"var/lib/dpkg/status.d/bash", BASH))).json()
    assert [n["ID"] for n in report["Coverage"] if n["Subject"] == STATUS.decode()] == [wanted]
    assert names(report) == ["bash"]


def test_names_that_talk_to_terminals(lab):
    """Such a name reaches the report through a problem; control characters do not reach the terminal."""
    evil = b"var/lib/dpkg/status.d/\x1b[31m\nred\x7f"
    lab.path("root.tar").write_bytes(archive(DEBIAN, file(STATUS, BASH), file(evil, b"Package: x\nVersion: none\n\n")))
    table = lab.run("rootfs", lab.path("root.tar"))
    assert table.status == 0
    assert "\x1b[31m" not in table.out + table.err and "\nred" not in table.out
    assert names(lab.report("rootfs", lab.path("root.tar"), "--list-all-pkgs")) == ["bash"]


# ---- compression

PLAIN = archive(DEBIAN, file(STATUS, PADDED))


def skippable(size, number=0):
    return (0x184D2A50 + number).to_bytes(4, "little") + size.to_bytes(4, "little") + b"s" * size


def zstd(data, *options):
    return subprocess.run(["zstd", "-qc", *options], input=data, capture_output=True, check=True).stdout


GOOD = {
    "gzip members": gzip.compress(PLAIN[:700]) + gzip.compress(b"") + gzip.compress(PLAIN[700:]),
    "gzip, zeros behind it": gzip.compress(PLAIN) + b"\0" * 700,
    "gzip, garbage behind it": gzip.compress(PLAIN) + b"garbage",
    "gzip with name, comment, extra field and header checksum": None,
    "gzip, a member a byte": b"".join(gzip.compress(PLAIN[i:i + 97], 1) for i in range(0, len(PLAIN), 97)),
    "zstd frames": zstd(PLAIN[:700]) + zstd(PLAIN[700:]),
    "zstd skippable first": skippable(300) + zstd(PLAIN),
    "zstd skippable everywhere": skippable(0) + zstd(PLAIN[:700]) + skippable(70000, 15) + zstd(PLAIN[700:]) + skippable(1),
    "xz streams": lzma.compress(PLAIN[:700]) + lzma.compress(PLAIN[700:]),
    "xz, padding behind it": lzma.compress(PLAIN) + b"\0" * 16,
    "bzip2 streams": bz2.compress(PLAIN[:700]) + bz2.compress(PLAIN[700:]),
    "bzip2 of nothing first": bz2.compress(b"") + bz2.compress(PLAIN),
}


def full_gzip_header(data):
    head = b"\x1f\x8b\x08\x1e\0\0\0\0\0\3" + (5000).to_bytes(2, "little") + b"e" * 5000 + b"n" * 3000 + b"\0" + b"c" * 3000 + b"\0"
    head += (zlib.crc32(head) & 0xffff).to_bytes(2, "little")
    deflate = zlib.compressobj(wbits=-15)
    return head + deflate.compress(data) + deflate.flush() + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


@pytest.mark.parametrize("name", GOOD)
def test_forms_of_compression(lab, name):
    content = GOOD[name] or full_gzip_header(PLAIN)
    assert names(scanned(lab, content).json()) == ["bash"]


def bomb(kind):
    """400 MB and more of zeros."""
    if kind == "gzip":
        block = zlib.compressobj(9, wbits=31)
        return b"".join(block.compress(b"\0" * (1 << 20)) for _ in range(400)) + block.flush()
    if kind == "bzip2":
        return bz2.compress(b"\0" * (45 << 20)) * 10
    if kind == "xz":
        return lzma.compress(b"\0" * (100 << 20), preset=1) * 5
    return zstd(b"\0" * (100 << 20), "-1") * 5


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd"])
def test_bombs(lab, kind):
    ended = scanned(lab, bomb(kind))
    assert ended.status == 1 and "[archive-ratio]" in ended.err


BAD = {
    "gzip, wrong checksum": gzip.compress(PLAIN)[:-8] + b"\0\0\0\0" + gzip.compress(PLAIN)[-4:],
    "gzip, wrong length": gzip.compress(PLAIN)[:-4] + b"\1\0\0\0",
    "gzip, cut in its header": full_gzip_header(PLAIN)[:6000],
    "gzip, wrong checksum of its header": full_gzip_header(PLAIN).replace(b"cccc", b"cccd", 1),
    "gzip, cut": gzip.compress(PLAIN)[:-20],
    "gzip, reserved flags and method": b"\x1f\x8b\x09\0" + gzip.compress(PLAIN)[4:],
    "zstd, window of 2 GiB": b"\x28\xb5\x2f\xfd\0\xa8" + b"\1\0\0",
    "zstd, window of 1 GiB": b"\x28\xb5\x2f\xfd\0\xa0\1\0\0",
    "zstd, cut": zstd(PLAIN)[:-9],
    "zstd, garbage behind it": zstd(PLAIN) + b"garbage!",
    "zstd, skippable frame that lies": skippable(3)[:4] + b"\xff\xff\xff\x7f" + b"x",
    "xz, dictionary of 1.5 GiB": None,
    "xz, cut": lzma.compress(PLAIN)[:-12],
    "xz, flipped": lzma.compress(PLAIN)[:100] + bytes([lzma.compress(PLAIN)[100] ^ 1]) + lzma.compress(PLAIN)[101:],
    "bzip2, cut": bz2.compress(PLAIN)[:-5],
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_compression(lab, name):
    content = BAD[name] or lzma.compress(PLAIN, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1536 << 20, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3, "nice_len": 8}])
    ended = scanned(lab, content)
    assert ended.status == 1, ended.out[:200]
    assert "[archive-damaged]" in ended.err or "[archive-truncated]" in ended.err


# ---- layers: the same from the program and from overlayfs

UPPER = {
    "whiteout of the root": file(b".wh..") + file(b".wh..."),
    "whiteout without a name": file(b"var/lib/dpkg/.wh."),
    "whiteout by an odd name": file(b"./var//lib/dpkg/./.wh.status"),
    "whiteout that climbs": file(b"etc/../var/lib/dpkg/.wh.status"),
    "whiteout whose name is a path": pax([(b"path", b"var/lib/.wh.dpkg/status")]) + file(b"x", b""),
    "whiteout as a folder": header(b"var/lib/dpkg/.wh.status", kind=b"5"),
    "whiteout as a link": header(b"var/lib/dpkg/.wh.status", kind=b"2", link=b"x"),
    "opaque before its files": file(b"var/lib/dpkg/.wh..wh..opq") + file(STATUS, CLEAN),
    "opaque behind its files": file(STATUS, CLEAN) + file(b"var/lib/dpkg/.wh..wh..opq"),
    "whiteout behind its file": file(STATUS, CLEAN) + file(b"var/lib/dpkg/.wh.status"),
    "opaque root behind everything": file(STATUS, CLEAN) + DEBIAN + file(b".wh..wh..opq"),
    "hard link to a file that a whiteout removes": file(b"var/lib/dpkg/.wh.backup") + file(b"opt/x", CLEAN) + header(STATUS, kind=b"1", link=b"opt/x"),
    "pipe over the database": header(STATUS, kind=b"6"),
}
LEFT = {
    "whiteout of the root": ["bash"], "whiteout without a name": ["bash"], "whiteout by an odd name": [], "whiteout that climbs": [],
    "whiteout whose name is a path": ["bash"], "whiteout as a folder": [], "whiteout as a link": [], "opaque before its files": ["clean"],
    "opaque behind its files": ["clean"], "whiteout behind its file": ["clean"], "opaque root behind everything": ["clean"],
    "hard link to a file that a whiteout removes": ["clean"], "pipe over the database": [],
}


@pytest.mark.parametrize("name", UPPER)
def test_marks_of_an_upper_layer(lab, name):
    lower, upper = lab.path("lower.tar"), lab.path("upper.tar")
    lower.write_bytes(archive(DEBIAN, file(STATUS, BASH), file(b"var/lib/dpkg/backup", BASH)))
    upper.write_bytes(archive(UPPER[name]))
    layout = images.oci_layout(lab.path("layout"), [lower, upper])
    for _ in range(2):  # read, then remembered
        assert names(lab.report("image", "--input", layout, "--list-all-pkgs")) == LEFT[name]


def test_a_million_whiteouts(lab):
    lower, upper = lab.path("lower.tar"), lab.path("upper.tar")
    lower.write_bytes(archive(DEBIAN, file(STATUS, BASH)))
    upper.write_bytes(archive(b"".join(header(b"x/.wh.%d" % i) for i in range(100000))))
    report = lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [lower, *[upper] * 10]), "--list-all-pkgs")
    assert names(report) == ["bash"]


def test_nothing_is_written_outside_the_cache(lab):
    """Names that climb, absolute names, links out: nothing is unpacked."""
    target = lab.work / "victim"
    evil = archive(DEBIAN, file(STATUS, BASH), file(b"../" * 20 + bytes(target)[1:], b"x"), file(bytes(target), b"x"),
                   header(b"l", kind=b"2", link=bytes(lab.work)), file(b"l/victim", b"x"))
    before = set(os.listdir(lab.work))
    assert names(scanned(lab, evil).json()) == ["bash"]
    assert set(os.listdir(lab.work)) == before
