"""Tar archives written block by block: what tar writes, and what an attacker may."""
import struct


def number(value, size):
    """Octal when it fits, else base-256; negative ones too."""
    if 0 <= value < 8 ** (size - 1):
        return b"%0*o\0" % (size - 1, value)
    return bytes([0xff if value < 0 else 0x80]) + (value & (1 << 8 * (size - 1)) - 1).to_bytes(size - 1, "big")


def header(name, size=0, kind=b"0", link=b"", magic=b"ustar\x0000", prefix=b"", mode=0o644, checksum=None, rest=None):
    block = bytearray(512)
    block[0:len(name[:100])] = name[:100]
    block[100:108] = number(mode, 8)
    block[108:116] = block[116:124] = number(0, 8)
    block[124:136] = size if isinstance(size, bytes) else number(size, 12)
    block[136:148] = number(0, 12)
    block[156:157] = kind
    block[157:157 + len(link[:100])] = link[:100]
    block[257:265] = magic
    block[345:345 + len(prefix)] = prefix
    if rest:
        block[345:345 + len(rest)] = rest
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block) if checksum is None else checksum
    return bytes(block)


def padded(content):
    return content + b"\0" * (-len(content) % 512)


def file(name, content=b"", **more):
    return header(name, len(content), **more) + padded(content)


def record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    size = len(body) + 1
    while len(str(size)) + len(body) != size:
        size = len(str(size)) + len(body)
    return str(size).encode() + body


def pax(records, kind=b"x"):
    body = b"".join(record(k, v) for k, v in records)
    return file(b"pax", body, kind=kind)


def long_name(name, kind=b"L"):
    return file(b"././@LongLink", name + b"\0", kind=kind, magic=b"ustar  \0")


def old_sparse(name, parts, real_size, content):
    """GNU's own sparse header, with extension blocks when there are more than four parts."""
    cell = lambda p: number(p[0], 12) + number(p[1], 12)  # noqa: E731
    rest = bytearray(155 + 12)
    for i, part in enumerate(parts[:4]):
        rest[41 + 24 * i:41 + 24 * i + 24] = cell(part)
    rest[137] = len(parts) > 4
    rest[138:150] = number(real_size, 12)
    extra, left = b"", parts[4:]
    while left:
        extra += b"".join(cell(p) for p in left[:21]).ljust(504, b"\0") + bytes([len(left) > 21]) + b"\0" * 7
        left = left[21:]
    return header(name, len(content), kind=b"S", magic=b"ustar  \0", rest=bytes(rest)) + extra + padded(content)


END = b"\0" * 1024


def archive(*pieces):
    return b"".join(pieces) + END


def lying_pax(size):
    """A pax header that promises `size` bytes and ends."""
    return header(b"pax", size, kind=b"x")


__all__ = ["END", "archive", "file", "header", "long_name", "lying_pax", "number", "old_sparse", "padded", "pax", "record", "struct"]
