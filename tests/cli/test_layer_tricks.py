"""Images whose layers hide a package list from a careless reader but not from the container: what Podman (overlay) and containerd
(overlayfs) unpack decides, and where they differ, what shows more."""
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
