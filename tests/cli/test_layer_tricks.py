"""Images whose layers hide a package list from a careless reader but not from the container: what Podman (overlay) and containerd
(overlayfs) unpack decides, and where they differ, what shows more."""
import subprocess

import images
import pytest
import trees
from conftest import packages
from tars import END, file, header, pax

STATUS = b"var/lib/dpkg/status"
EVIL = trees.dpkg_status([("evil", "1.0-1", "evil", "")])
CLEAN = trees.dpkg_status([("clean", "1.0-1", "clean", "")])
DEBIAN = file(b"etc/os-release", b'ID=debian\nVERSION_ID="12"\n') + file(b"etc/debian_version", b"12.5\n")


def folder(*names):
    return b"".join(header(n + b"/", kind=b"5", mode=0o755) for n in names)


def link(name, target):
    return header(name, kind=b"2", link=target, mode=0o777)


def hard(name, target):
    return header(name, kind=b"1", link=target)


BASE = DEBIAN + folder(b"var", b"var/lib", b"var/lib/dpkg")


def scanned(lab, *layers):
    paths = []
    for i, layer in enumerate(layers):
        paths.append(lab.path(f"{i}.tar"))
        paths[-1].write_bytes(layer + END)
    return images.oci_layout(lab.path("layout"), paths)


def names(report):
    return sorted(p.split("@")[0] for p in packages(report))


# name → layers from the lowest up, packages
SHOWN = {
    "opaque root": ([BASE + file(STATUS, EVIL), DEBIAN + file(b".wh..wh..opq")], ["evil"]),
    "opaque root as a folder": ([BASE + file(STATUS, EVIL), folder(b".wh..wh..opq") + DEBIAN], ["evil"]),
    "opaque root, another list beside it": ([BASE + file(STATUS, EVIL), file(b"./.wh..wh..opq") + file(b"var/lib/dpkg/status.d/clean", CLEAN)], ["clean", "evil"]),
    # links to what is read for something else, and several to one file
    "link to the list of available packages": ([BASE + file(b"var/lib/dpkg/available", EVIL) + link(STATUS, b"available")], ["evil"]),
    "link to a copyright file": ([BASE + folder(b"usr", b"usr/share", b"usr/share/doc", b"usr/share/doc/x") + file(b"usr/share/doc/x/copyright", EVIL) +
                                  link(STATUS, b"/usr/share/doc/x/copyright")], ["evil"]),
    "hard link to the list of available packages": ([BASE + file(b"var/lib/dpkg/available", EVIL) + hard(STATUS, b"var/lib/dpkg/available")], ["evil"]),
    "two links to one file": ([BASE + folder(b"lib", b"lib/apk", b"lib/apk/db") + file(b"x", EVIL) + link(STATUS, b"/x") + link(b"lib/apk/db/installed", b"/x")], ["evil"]),
    "two links to one file, the other first": ([BASE + folder(b"lib", b"lib/apk", b"lib/apk/db") + file(b"x", EVIL) + link(b"lib/apk/db/installed", b"/x") + link(STATUS, b"/x")], ["evil"]),
    "two folders that are one": ([BASE + folder(b"x") + file(b"x/copyright", EVIL) + link(b"var/lib/dpkg/status.d", b"/x") + folder(b"usr", b"usr/share", b"usr/share/doc") +
                                  link(b"usr/share/doc/x", b"/x")], ["evil"]),
    "folder that another format looks into": ([BASE + folder(b"usr", b"usr/share", b"usr/share/doc") + file(b"usr/share/doc/evil", EVIL) + link(b"var/lib/dpkg/status.d", b"/usr/share/doc")], ["evil"]),
    "four links to one list count once": ([BASE + file(b"x", EVIL) + link(STATUS, b"/x") + folder(b"var/lib/dpkg/status.d") + b"".join(link(b"var/lib/dpkg/status.d/%d" % i, b"/x") for i in range(3))], ["evil"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_shows_what_the_container_has(lab, name):
    layers, wanted = SHOWN[name]
    layout = scanned(lab, *layers)
    for _ in range(2):  # read, then remembered
        assert names(lab.report("image", "--input", layout, "--list-all-pkgs")) == wanted


def test_an_opaque_root_is_noted(lab):
    layout = scanned(lab, BASE + file(STATUS, EVIL), file(b".wh..wh..opq"))
    notes = [n for n in lab.report("image", "--input", layout)["Coverage"] if n["Kind"] == "opaque-root"]
    assert len(notes) == 1 and "hides all layers below" in notes[0]["Message"]
    lowest = scanned(lab, BASE + file(STATUS, EVIL) + file(b".wh..wh..opq"))
    assert "opaque-root" not in [n["Kind"] for n in lab.report("image", "--input", lowest).get("Coverage", [])]


@pytest.mark.parametrize("name", [n for n, (layers, _) in SHOWN.items() if len(layers) == 1])
def test_shows_what_the_folder_has(lab, name):
    """The same tree from the archive and from what GNU tar makes of it."""
    (layer,), wanted = SHOWN[name]
    lab.path("root.tar").write_bytes(layer + END)
    lab.path("root").mkdir()
    subprocess.run(["tar", "-xf", lab.path("root.tar"), "-C", lab.path("root"), "--no-same-owner"], stderr=subprocess.DEVNULL)
    assert set(names(lab.report("rootfs", lab.path("root"), "--list-all-pkgs"))) == set(wanted)
