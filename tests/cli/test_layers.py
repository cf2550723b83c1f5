"""What layers above do to layers below, in layouts and docker archives alike."""
import tempfile
from pathlib import Path

import images
import pytest
import rpms
import trees
from conftest import findings, packages

STATUS = "var/lib/dpkg/status"
BASH = [("bash", "5.2.15-2+b2", "bash", "5.2.15-2")]
CLEAN = [("clean", "1.0-1", "clean", "")]


def layer_tars(lab, layers):
    return [images.tar_of(files, lab.path(f"layer{i}.tar")) for i, files in enumerate(layers)]


@pytest.fixture(params=["layout", "docker"])
def scan(lab, request):
    """layers → report"""
    def run(*layers, options=()):
        tars = layer_tars(lab, layers)
        target = images.oci_layout(lab.path("layout"), tars) if request.param == "layout" else images.docker_archive(lab.path("image.tar"), tars)
        return lab.report("image", "--input", target, *options)
    return run


def names(report):
    return [p.split("@")[0] for p in packages(report)]


ALL = sorted(row[0] for row in trees.DEBIAN)

# name → layers above a whole Debian, packages that are left
CASES = {
    "upper file replaces lower": ([{STATUS: trees.dpkg_status(CLEAN)}], ["clean"]),
    "file whiteout": ([{"var/lib/dpkg/.wh.status": b""}], []),
    "folder whiteout": ([{"var/lib/.wh.dpkg": b""}], []),
    "opaque folder": ([{"var/lib/dpkg/.wh..wh..opq": b""}], []),
    "opaque folder keeps its own layer": ([{"var/lib/dpkg/.wh..wh..opq": b"", STATUS: trees.dpkg_status(CLEAN)}], ["clean"]),
    "opaque root": ([{".wh..wh..opq": b"", **trees.debian(BASH)}], ["bash"]),
    "whiteout does not touch its own layer": ([{"var/lib/.wh.dpkg": b"", STATUS: trees.dpkg_status(BASH)}], ["bash"]),
    "whiteout, then anew": ([{"var/lib/.wh.dpkg": b""}, {STATUS: trees.dpkg_status(CLEAN)}], ["clean"]),
    "folder replaced by a file": ([{"var/lib/dpkg": b"a file"}], []),
    "folder replaced by a file, then anew": ([{"var/lib/dpkg": b"a file"}, {"var/lib/dpkg": None, STATUS: trees.dpkg_status(CLEAN)}], ["clean"]),
    "file replaced by a folder": ([{STATUS: None}], []),
    "aufs bookkeeping is no whiteout": ([{".wh..wh.aufs": b"", "var/lib/.wh..wh.plnk": None}], ALL),
    "another folder's whiteout": ([{"var/.wh.libre": b"", "var/lib/.wh.dpk": b""}], ALL),
    "empty layer": ([{}], ALL),
}


@pytest.mark.parametrize("name", CASES)
def test_union(scan, name):
    layers, left = CASES[name]
    assert names(scan(trees.debian(), *layers)) == left


LINKS = {
    "hard link": {"backup/status": trees.dpkg_status(BASH), STATUS: ("hard", "backup/status")},
    "symlinked file": {"usr/lib/packages/status": trees.dpkg_status(BASH), STATUS: ("symlink", "../../../usr/lib/packages/status")},
    "symlinked folder": {"usr/lib/packages/status": trees.dpkg_status(BASH), "var/lib/dpkg": ("symlink", "/usr/lib/packages")},
    "symlinked folder above": {"data/lib/dpkg/status": trees.dpkg_status(BASH), "var": ("symlink", "data")},
    "link before its target": {STATUS: ("symlink", "/opt/x"), "opt/x": trees.dpkg_status(BASH)},
    "link to a link": {STATUS: ("symlink", "/opt/x"), "opt/x": ("symlink", "/opt/y"), "opt/y": trees.dpkg_status(BASH)},
    "link that tries to leave the root": {STATUS: ("symlink", "../../../../../../../opt/x"), "opt/x": trees.dpkg_status(BASH)},
}


def without_status(rows=trees.DEBIAN):
    return {name: content for name, content in trees.debian(rows).items() if name != STATUS}


@pytest.mark.parametrize("name", LINKS)
def test_linked_package_database(scan, name):
    assert names(scan({**without_status(), **LINKS[name]})) == ["bash"]


@pytest.mark.parametrize("name", [n for n in LINKS if n != "hard link"])
def test_linked_package_database_across_layers(scan, name):
    """The link in one layer, what it leads to in the next."""
    links = {k: v for k, v in LINKS[name].items() if isinstance(v, tuple)}
    files = {k: v for k, v in LINKS[name].items() if not isinstance(v, tuple)}
    assert names(scan({**without_status(), **links}, files)) == ["bash"]


@pytest.mark.parametrize("name", [n for n in LINKS if n != "hard link"])
def test_link_above_what_it_leads_to(scan, name):
    """What it leads to in one layer with the link's name taken by a file; the link in the next."""
    links = {k: v for k, v in LINKS[name].items() if isinstance(v, tuple)}
    files = {k: v for k, v in LINKS[name].items() if not isinstance(v, tuple)}
    assert names(scan({**trees.debian(CLEAN), **files}, links)) == ["bash"]


def test_link_replaced_by_the_file_itself(scan):
    lower = {**without_status(), "opt/x": trees.dpkg_status(BASH), STATUS: ("symlink", "/opt/x")}
    assert names(scan(lower, {STATUS: trees.dpkg_status(CLEAN)})) == ["clean"]
    assert names(scan(lower, {"opt/x": trees.dpkg_status(CLEAN)})) == ["clean"]
    assert names(scan(lower, {STATUS: None})) == []


def test_hard_link_outlives_its_other_name(scan):
    lower = {**without_status(), **LINKS["hard link"]}
    assert names(scan(lower, {"backup/.wh.status": b""})) == ["bash"]


def test_link_on_standard_input_is_noted(lab):
    tar = images.tar_of({**without_status(), STATUS: ("symlink", "/opt/x"), "opt/x": trees.dpkg_status(BASH)}, lab.path("root.tar"))
    report = lab.report("rootfs", "-", stdin=tar.read_bytes())
    assert [n["Message"] for n in report["Coverage"] if "link to opt/x" in n["Message"]]


STATUS_D = {"bash": trees.dpkg_status(BASH), "clean": trees.dpkg_status(CLEAN)}
FEDORA = {"etc/os-release": b"ID=fedora\nVERSION_ID=40\n"}


def rpm_database():
    with tempfile.TemporaryDirectory() as folder:
        database = rpms.sqlite_open(Path(folder) / "db")
        rpms.add(database, rpms.blob("one", size=9000), rpms.blob("two"))
        rpms.checkpoint(database)
        database.close()
        return (Path(folder) / "db").read_bytes()


# name → tree, packages; each has to be found once, wherever it really lies
PLACES = {
    "status.d is a link": ({**without_status(), **{f"opt/d/{n}": c for n, c in STATUS_D.items()}, "var/lib/dpkg/status.d": ("symlink", "/opt/d")}, ["bash", "clean"]),
    "dpkg's folder with status.d is a link": ({**without_status(), **{f"opt/dpkg/status.d/{n}": c for n, c in STATUS_D.items()}, "var/lib/dpkg": ("symlink", "../../opt/dpkg")}, ["bash", "clean"]),
    "var is a link": ({**without_status(), **{f"data/lib/dpkg/status.d/{n}": c for n, c in STATUS_D.items()}, "data/lib/dpkg/status": trees.dpkg_status(trees.DEBIAN[:1]), "var": ("symlink", "data")}, ["bash", "clean", "openssl"]),
    "a link in status.d": ({**without_status(), "opt/bash": STATUS_D["bash"], "var/lib/dpkg/status.d/clean": STATUS_D["clean"], "var/lib/dpkg/status.d/bash": ("symlink", "/opt/bash")}, ["bash", "clean"]),
    "usr/lib/dpkg under dpkg's name": ({**without_status(), "usr/lib/dpkg/status": STATUS_D["bash"], "var/lib/dpkg": ("symlink", "/usr/lib/dpkg")}, ["bash"]),
    "rpm in sysimage": ({**FEDORA, "usr/lib/sysimage/rpm/rpmdb.sqlite": rpm_database(), "var/lib/rpm": ("symlink", "../../usr/lib/sysimage/rpm")}, ["one", "two"]),
    "rpm in share": ({**FEDORA, "usr/share/rpm/rpmdb.sqlite": rpm_database(), "var/lib/rpm": ("symlink", "../../usr/share/rpm"), "usr/lib/sysimage/rpm": ("symlink", "../../share/rpm")}, ["one", "two"]),
    "rpm elsewhere": ({**FEDORA, "opt/rpm/rpmdb.sqlite": rpm_database(), "var/lib/rpm": ("symlink", "/opt/rpm"), "usr/lib/sysimage/rpm": ("symlink", "/opt/rpm")}, ["one", "two"]),
    "apk in usr/lib, lib is a link": ({**{n.replace("lib/apk", "usr/lib/apk"): c for n, c in trees.alpine().items()}, "lib": ("symlink", "usr/lib")}, ["busybox", "libcrypto3", "libssl3"]),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("kind", ["layer", "folder", "tarball", "link above", "link below"])
def test_found_once(lab, scan, name, kind):
    tree, wanted = PLACES[name]
    links = {k: v for k, v in tree.items() if isinstance(v, tuple)}
    files = {k: v for k, v in tree.items() if not isinstance(v, tuple)}
    if kind == "folder":
        report = lab.report("rootfs", trees.write(lab.path("root"), {**files, **links}), "--list-all-pkgs")
    elif kind == "tarball":
        report = lab.report("rootfs", images.tar_of(tree, lab.path("root.tar")), "--list-all-pkgs")
    else:
        report = scan(*{"layer": [tree], "link above": [files, links], "link below": [links, files]}[kind], options=["--list-all-pkgs"])
    assert names(report) == wanted
    assert not [n for n in report.get("Coverage") or [] if n["Kind"] == "file-unread"]


def test_licences_and_files_behind_a_link(scan, lab):
    tree = {**trees.debian(BASH), "opt/info/bash.md5sums": b"d41d8cd98f00b204e9800998ecf8427e  bin/bash\n", "var/lib/dpkg/info": ("symlink", "/opt/info"),
            "opt/doc/bash/copyright": b"License: GPL-3+\n", "usr/share/doc": ("symlink", "/opt/doc")}
    del tree["usr/share/doc/readme"]
    for report in scan(tree), lab.report("rootfs", trees.write(lab.path("root"), {k: v for k, v in tree.items()})):
        package = report["Results"][0]["Packages"][0]
        assert package["Licenses"] == ["GPL-3.0-or-later"] and package["InstalledFiles"] == ["/bin/bash"]


@pytest.mark.parametrize("target", ["/", "..", "/var", "../../../.."])
def test_folders_that_link_upwards(lab, scan, target):
    """What lies there is found where it is, and once."""
    tree = {**trees.debian(BASH), "var/lib/dpkg/status.d": ("symlink", target), "var/lib/dpkg/info": ("symlink", target)}
    assert names(scan(tree)) == ["bash"]
    assert names(lab.report("rootfs", trees.write(lab.path("root"), tree))) == ["bash"]


def test_links_in_a_circle_end(scan, lab):
    circle = {**without_status(), "var/lib/dpkg": ("symlink", "/a"), "a": ("symlink", "/b"), "b": ("symlink", "/a")}
    assert names(scan(circle)) == []
    chain = {**without_status(), STATUS: ("symlink", "/l0"), **{f"l{i}": ("symlink", f"/l{i + 1}") for i in range(60)}, "l60": trees.dpkg_status(BASH)}
    assert names(scan(chain)) == []


@pytest.mark.parametrize("name", LINKS)
def test_linked_package_database_in_a_folder(lab, name):
    root = trees.write(lab.path("root"), {**without_status(), **dict(sorted(LINKS[name].items(), key=lambda x: isinstance(x[1], tuple)))})
    assert names(lab.report("rootfs", root)) == ["bash"]


@pytest.mark.parametrize("name", LINKS)
def test_linked_package_database_in_a_tarball(lab, name):
    tar = images.tar_of({**without_status(), **LINKS[name]}, lab.path("root.tar"))
    assert names(lab.report("rootfs", tar)) == ["bash"]


def test_whiteout_of_a_link_target(scan):
    layers = {**without_status(), "opt/x": trees.dpkg_status(BASH), STATUS: ("symlink", "/opt/x")}, {"opt/.wh.x": b""}
    assert names(scan(*layers)) == []


def test_each_package_knows_its_layer(lab):
    lower = {"etc/os-release": trees.debian()["etc/os-release"], "etc/debian_version": b"12.5\n", STATUS: trees.dpkg_status(BASH)}
    upper = {STATUS: trees.dpkg_status(BASH + CLEAN)}
    tars = layer_tars(lab, [lower, upper])
    report = lab.report("image", "--input", images.oci_layout(lab.path("layout"), tars))
    layers = {p["Name"]: p["Layer"]["DiffID"] for p in report["Results"][0]["Packages"]}
    assert layers == {"bash": "sha256:" + images.sha256_of(tars[0]), "clean": "sha256:" + images.sha256_of(tars[1])}


def test_status_d_of_distroless(scan):
    files = without_status()
    files["var/lib/dpkg/status.d/bash"] = trees.dpkg_status(BASH)
    files["var/lib/dpkg/status.d/clean"] = trees.dpkg_status(CLEAN)
    assert names(scan(files)) == ["bash", "clean"]
    assert names(scan(files, {"var/lib/dpkg/status.d/.wh.bash": b""})) == ["clean"]


DAMAGED = {STATUS: trees.dpkg_status(BASH) + b"Package: broken\nVersion: no digit\n\n", "srv/x/package.json": b"{", "usr/share/doc/bash/copyright": b"License: GPL-3\n"}
REPAIRS = {
    "nothing": ({"etc/other": b""}, {STATUS, "srv/x/package.json"}),
    "good files": ({STATUS: trees.dpkg_status(CLEAN), "srv/x/package.json": b'{"name": "x", "version": "1"}'}, set()),
    "files that say nothing": ({STATUS: b"", "srv/x/package.json": b"{}"}, set()),
    "whiteouts": ({"var/lib/dpkg/.wh.status": b"", "srv/.wh.x": b""}, set()),
    "opaque folders": ({"var/.wh..wh..opq": b"", "srv/x/.wh..wh..opq": b""}, set()),
    "a file for the folder": ({"var": b"", "srv": b""}, set()),
    "a folder for the file": ({STATUS: None, "srv/x/package.json": None}, set()),
    "another folder's files": ({"var/lib/dpkg/status.old": b"", "srv/y/package.json": b"{}"}, {STATUS, "srv/x/package.json"}),
}


@pytest.mark.parametrize("name", REPAIRS)
def test_problems_of_files_that_are_gone(lab, name):
    """From fresh layers and from remembered ones."""
    upper, left = REPAIRS[name]
    layout = images.oci_layout(lab.path("layout"), layer_tars(lab, [{**trees.debian(), **DAMAGED}, upper]))
    for _ in range(2):
        report = lab.report("image", "--input", layout)
        assert {n["Subject"] for n in report["Coverage"] if n["Kind"] == "file-unread"} == left


def test_licences_of_a_file_that_is_replaced(lab):
    lower = {**trees.debian(BASH), "usr/share/doc/bash/copyright": b"License: GPL-3\n"}
    layout = images.oci_layout(lab.path("layout"), layer_tars(lab, [lower, {"usr/share/doc/bash/copyright": b"no words of the law\n"}]))
    for _ in range(2):
        assert "Licenses" not in lab.report("image", "--input", layout)["Results"][0]["Packages"][0]


def test_metadata_lists_every_layer(scan):
    report = scan(trees.debian(), {"etc/x": b"y"})
    assert len(report["Metadata"]["Layers"]) == len(report["Metadata"]["DiffIDs"]) == 2
    assert all(layer["Size"] > 0 for layer in report["Metadata"]["Layers"])
