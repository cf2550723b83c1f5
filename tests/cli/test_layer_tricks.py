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
    # where links lead
    "dots behind a link": ([BASE + folder(b"q", b"q/r") + file(b"q/v", EVIL) + file(b"v", CLEAN) + link(b"p", b"q/r") + link(STATUS, b"../../../p/../v")], ["evil"]),
    "dots behind a link, to a list": ([BASE + folder(b"q", b"q/r", b"q/lib", b"usr", b"usr/lib", b"usr/lib/dpkg") + file(b"q/usr/lib/dpkg/status", EVIL) + file(b"usr/lib/dpkg/status", CLEAN) +
                                       link(b"p", b"q/r") + link(STATUS, b"/p/../usr/lib/dpkg/status")], ["clean", "evil"]),
    "dots behind a link of another layer": ([BASE + folder(b"q", b"q/r") + file(b"q/v", EVIL) + file(b"v", CLEAN) + link(STATUS, b"../../../p/../v"), link(b"p", b"q/r")], ["evil"]),
    "folder by dots behind a link": ([DEBIAN + folder(b"var", b"var/lib", b"q", b"q/r", b"q/v") + file(b"q/v/status", EVIL) + folder(b"v") + file(b"v/status", CLEAN) + link(b"p", b"q/r") +
                                      link(b"var/lib/dpkg", b"../../p/../v")], ["evil"]),
    "dots above the root": ([BASE + file(b"x", EVIL) + link(STATUS, b"../../../../../../x")], ["evil"]),
    "hard link to a relative link": ([BASE + folder(b"opt", b"opt/a", b"var/lib/decoyx") + file(b"opt/decoy", CLEAN) + file(b"var/lib/decoy", EVIL) + link(b"opt/a/l", b"../decoy") +
                                      hard(STATUS, b"opt/a/l")], ["evil"]),
    "hard link through a link": ([BASE + folder(b"o") + file(b"o/x", EVIL) + link(b"z", b"/o") + hard(STATUS, b"z/x")], ["evil"]),
    "hard link by a name through a link": ([BASE + file(b"x", EVIL) + link(b"z", b"/var/lib") + hard(b"z/dpkg/status", b"x")], ["evil"]),
    "file by a name through a link": ([BASE + link(b"z", b"/var/lib/dpkg") + file(b"z/status", EVIL)], ["evil"]),
    "file through a link over another": ([BASE + file(STATUS, CLEAN) + link(b"z", b"var/lib") + file(b"z/dpkg/status", EVIL)], ["evil"]),
    "file through a link over a lower one": ([BASE + file(STATUS, CLEAN), BASE + link(b"z", b"var/lib") + file(b"z/dpkg/status", EVIL)], ["evil"]),
    "file through a chain of links": ([BASE + link(b"a", b"var") + link(b"b", b"a/lib") + link(b"c", b"./b/../lib/dpkg") + file(b"c/status", EVIL)], ["evil"]),
    "link of a lower layer is not followed to write": ([BASE + file(STATUS, CLEAN) + link(b"z", b"/var/lib/dpkg"), file(b"z/status", EVIL)], ["clean"]),
    "link that became a folder is not followed": ([BASE + file(STATUS, CLEAN) + link(b"z", b"/var/lib/dpkg") + folder(b"z") + file(b"z/status", EVIL)], ["clean"]),
    # what a later entry of the same layer takes away
    "link over a folder": ([BASE + file(STATUS, CLEAN) + folder(b"e") + file(b"e/status", EVIL) + link(b"var/lib/dpkg", b"/e")], ["evil"]),
    "link over a folder, then a folder": ([BASE + file(STATUS, EVIL), BASE + file(STATUS, CLEAN) + link(b"var/lib/dpkg", b"/y") + folder(b"var/lib/dpkg")], ["evil"]),
    "file over a folder, then a folder": ([BASE + file(STATUS, EVIL), BASE + file(STATUS, CLEAN) + file(b"var/lib", b"x") + folder(b"var/lib")], ["evil"]),
    "file, then a folder": ([BASE + file(STATUS, EVIL), file(b"var/lib/dpkg", b"x") + folder(b"var/lib/dpkg")], ["evil"]),
    "link, then a folder": ([BASE + file(STATUS, EVIL) + folder(b"y"), link(b"var/lib/dpkg", b"/y") + folder(b"var/lib/dpkg")], ["evil"]),
    "whiteout, then a folder": ([BASE + file(STATUS, EVIL), file(b"var/lib/.wh.dpkg") + folder(b"var/lib/dpkg")], ["evil"]),
    "opaque folder that was taken away": ([BASE + file(STATUS, EVIL), file(b"var/lib/dpkg/.wh..wh..opq") + file(b"var/lib/dpkg", b"x") + folder(b"var/lib/dpkg")], ["evil"]),
    "file below what is taken away above": ([BASE + file(STATUS, EVIL), folder(b"var", b"var/lib") + file(b"var/lib/dpkg", b"x") + file(b"var", b"y") + folder(b"var", b"var/lib")], ["evil"]),
    "folder entries twice": ([BASE + file(STATUS, EVIL) + BASE], ["evil"]),
    # hard links outlive their other names
    "hard link, then a whiteout": ([BASE + file(b"x", EVIL) + hard(STATUS, b"x"), file(b".wh.x")], ["evil"]),
    "hard link, then another file": ([BASE + file(b"x", EVIL) + hard(STATUS, b"x"), file(b"x", CLEAN)], ["evil"]),
    "hard link, then a link": ([BASE + file(b"x", EVIL) + file(b"y", CLEAN) + hard(STATUS, b"x"), link(b"x", b"/y")], ["evil"]),
    "hard link, then another file in its layer": ([BASE + file(b"x", EVIL) + hard(STATUS, b"x") + file(b"x", CLEAN)], ["evil"]),
    "hard link over layers, then a whiteout": ([BASE + file(b"x", EVIL), hard(STATUS, b"x"), file(b".wh.x")], ["evil"]),
    "hard link over layers, then another file": ([BASE + file(b"x", EVIL), hard(STATUS, b"x"), file(b"x", CLEAN)], ["evil"]),
    "hard links to hard links over layers": ([BASE + file(b"x", EVIL), hard(b"y", b"x"), hard(STATUS, b"y"), file(b".wh.x") + file(b".wh.y")], ["evil"]),
    "hard link and a whiteout in one layer": ([BASE + file(b"x", EVIL), hard(STATUS, b"x") + file(b".wh.x")], ["evil"]),
    "hard link over layers to another list": ([BASE + file(b"var/lib/dpkg/available", EVIL), hard(STATUS, b"var/lib/dpkg/available"), file(b"var/lib/dpkg/.wh.available")], ["evil"]),
    "hard link that is taken away": ([BASE + file(b"x", EVIL) + hard(STATUS, b"x"), file(b"var/lib/dpkg/.wh.status")], []),
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


# GNU tar does not replace a folder by a link, and writes through none of the archive's
TAR_DIFFERS = ("link over a folder", "hard link through a link", "hard link by a name through a link", "file by a name through a link", "file through a chain of links",
               "file through a link over another")


@pytest.mark.parametrize("name", [n for n, (layers, _) in SHOWN.items() if len(layers) == 1 and n not in TAR_DIFFERS])
def test_shows_what_the_folder_has(lab, name):
    """The same tree from the archive and from what GNU tar makes of it."""
    (layer,), wanted = SHOWN[name]
    lab.path("root.tar").write_bytes(layer + END)
    lab.path("root").mkdir()
    subprocess.run(["tar", "-xf", lab.path("root.tar"), "-C", lab.path("root"), "--no-same-owner"], stderr=subprocess.DEVNULL)
    assert set(names(lab.report("rootfs", lab.path("root"), "--list-all-pkgs"))) == set(wanted)
