"""Small root file systems: {path: content}, the input of images.tar_of and of folders."""
import os
from pathlib import Path

DEBIAN = [
    # package, version, source, source's version
    ("openssl", "3.0.9-1", "openssl", ""),
    ("libssl3", "3.0.9-1", "openssl", ""),
    ("zlib1g", "1:1.2.13.dfsg-1", "zlib", ""),
    ("bash", "5.2.15-2+b2", "bash", "5.2.15-2"),
    ("tar", "1.34+dfsg-1.2", "tar", ""),
    ("clean", "1.0-1", "clean", ""),
]
ALPINE = [("busybox", "1.36.1-r0"), ("libssl3", "3.1.1-r0"), ("libcrypto3", "3.1.0-r4")]


def dpkg_status(rows):
    text = ""
    for package, version, source, source_version in rows:
        text += f"Package: {package}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        if source != package or source_version:
            text += f"Source: {source}{f' ({source_version})' if source_version else ''}\n"
        text += "Maintainer: Debian\nDescription: test\n\n"
    return text.encode()


def debian(rows=DEBIAN, release="12.5"):
    major = release.split(".")[0]
    return {
        "etc/os-release": f'PRETTY_NAME="Debian GNU/Linux {major}"\nID=debian\nVERSION_ID="{major}"\n'.encode(),
        "etc/debian_version": release.encode() + b"\n",
        "var/lib/dpkg/status": dpkg_status(rows),
        "usr/share/doc/readme": b"nobody asked for this\n" * 50,
    }


def alpine(rows=ALPINE, release="3.18.4"):
    database = "".join(f"P:{p}\nV:{v}\nA:x86_64\no:{'openssl' if p.startswith('lib') else p}\nL:MIT\n\n" for p, v in rows)
    return {
        "etc/os-release": f'ID=alpine\nVERSION_ID={release}\nPRETTY_NAME="Alpine Linux"\n'.encode(),
        "etc/alpine-release": release.encode() + b"\n",
        "lib/apk/db/installed": database.encode(),
    }


def write(folder, files):
    """The tree as a folder; links as images.tar_of has them."""
    for name, content in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif isinstance(content, tuple) and content[0] == "symlink":
            os.symlink(content[1], path)
        elif isinstance(content, tuple):
            os.link(Path(folder) / content[1], path)
        else:
            path.write_bytes(content)
    return Path(folder)
