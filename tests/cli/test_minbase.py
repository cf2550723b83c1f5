"""A real Debian, made by mmdebstrap (or given in PRATIQUE_TEST_MINBASE): the same findings from every source."""
import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import images
import pytest
from conftest import TOP, Lab, findings, packages
from servers import DockerRegistry


def codename():
    words = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return words.get("VERSION_CODENAME", "").strip('"') if words.get("ID") == "debian" else "bookworm"


@pytest.fixture(scope="module")
def minbase(tmp_path_factory):
    if given := os.environ.get("PRATIQUE_TEST_MINBASE"):
        return Path(given)
    if not shutil.which("mmdebstrap"):
        pytest.skip("mmdebstrap is not installed")
    tar = tmp_path_factory.mktemp("minbase") / "root.tar"
    try:
        made = subprocess.run(["mmdebstrap", "--variant=minbase", codename(), tar], stdin=subprocess.DEVNULL, capture_output=True, timeout=240)
    except subprocess.TimeoutExpired:
        pytest.skip("mmdebstrap takes too long here")
    if made.returncode:
        pytest.skip(f"mmdebstrap cannot make a Debian here: {made.stderr.decode(errors='replace').strip().splitlines()[-1][:200]}")
    return tar


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """The starter set of facts knows Debian's basic packages."""
    lab = Lab(tmp_path_factory.mktemp("starter"), None)
    ended = lab.run("db", "build", "--feeds", TOP / "data" / "starter")
    assert ended.status == 0, ended.err
    return lab.cache / "db" / "pratique.db"


@pytest.fixture
def lab(tmp_path, known):
    return Lab(tmp_path, known)


@pytest.fixture(scope="module")
def expected(minbase, known, tmp_path_factory):
    report = Lab(tmp_path_factory.mktemp("expected"), known).report("rootfs", minbase)
    assert len(packages(report)) > 60 and findings(report)
    return packages(report), findings(report)


@pytest.fixture(scope="module")
def packed(minbase, tmp_path_factory):
    """As layouts, one a compression."""
    made = {}

    def layout(compression):
        if compression not in made:
            made[compression] = images.oci_layout(tmp_path_factory.mktemp("layout"), [minbase], compression)
        return made[compression]
    return layout


def same(report, expected):
    return (packages(report), findings(report)) == expected


def test_folder(lab, minbase, expected):
    root = lab.path("root")
    root.mkdir()
    subprocess.run(["tar", "-xf", minbase, "-C", root, "--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*"], check=True, capture_output=True)
    assert same(lab.report("rootfs", root), expected)


@pytest.mark.parametrize("compression", ["plain", "gzip", "zstd"])
def test_layout(lab, packed, expected, compression):
    assert same(lab.report("image", "--input", packed(compression)), expected)


def test_docker_archive(lab, minbase, expected):
    assert same(lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [minbase])), expected)


def test_standard_input(lab, minbase, expected):
    packed = subprocess.run(images.COMMANDS["zstd"], input=minbase.read_bytes(), capture_output=True, check=True).stdout
    assert same(lab.report("rootfs", "-", stdin=packed), expected)


def test_registry(lab, packed, expected, tmp_path):
    if DockerRegistry.missing():
        pytest.skip("docker-registry is not installed")
    layout = packed("gzip")
    registry = DockerRegistry(tmp_path)
    try:
        push(registry.host, layout)
        report = lab.report("image", "--image-src", "remote", "--insecure", f"{registry.host}/debian:minbase")
    finally:
        registry.stop()
    assert same(report, expected)
    assert report["Metadata"]["RepoTags"] == [f"{registry.host}/debian:minbase"]


def push(host, layout):
    """Blobs one by one, then the manifest (OCI distribution, end-4b, end-7)."""
    manifest_blob = json.loads((layout / "index.json").read_text())["manifests"][0]
    for blob in sorted((layout / "blobs" / "sha256").iterdir()):
        if blob.name == manifest_blob["digest"].split(":")[1]:
            continue
        started = urllib.request.urlopen(urllib.request.Request(f"http://{host}/v2/debian/blobs/uploads/", method="POST", data=b""))
        place = started.headers["Location"]
        place = place if place.startswith("http") else f"http://{host}{place}"
        with open(blob, "rb") as content:
            urllib.request.urlopen(urllib.request.Request(f"{place}{'&' if '?' in place else '?'}digest=sha256:{blob.name}", method="PUT", data=content,
                                                          headers={"Content-Type": "application/octet-stream", "Content-Length": str(blob.stat().st_size)}))
    text = (layout / "blobs" / "sha256" / manifest_blob["digest"].split(":")[1]).read_bytes()
    urllib.request.urlopen(urllib.request.Request(f"http://{host}/v2/debian/manifests/minbase", method="PUT", data=text, headers={"Content-Type": manifest_blob["mediaType"]}))
