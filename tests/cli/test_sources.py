"""One tree from every source: the same findings."""
import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile

import images
import pytest
import trees
from conftest import findings

EXPECTED = [
    ("CVE-2023-10001", "libssl3", "3.0.9-1", "3.0.11-1", "HIGH", "fixed"),
    ("CVE-2023-10001", "openssl", "3.0.9-1", "3.0.11-1", "HIGH", "fixed"),
    ("CVE-2023-10003", "zlib1g", "1:1.2.13.dfsg-1", "", "CRITICAL", "will_not_fix"),
    ("CVE-2023-10004", "bash", "5.2.15-2+b2", "", "LOW", "affected"),
    ("CVE-2023-10005", "tar", "1.34+dfsg-1.2", "", "MEDIUM", "fix_deferred"),
]


@pytest.fixture
def tar(lab):
    return images.tar_of(trees.debian(), lab.path("root.tar"))


def packed(path, compression):
    out = path.with_suffix(f".{compression}")
    with open(path, "rb") as source, open(out, "wb") as target:
        subprocess.run(images.COMMANDS[compression], stdin=source, stdout=target, check=True)
    return out


def folder_of_layout(lab, tar, compression="gzip"):
    return images.oci_layout(lab.path("layout"), [tar], compression, tag="latest")


def tar_of_folder(folder, path, mode="w"):
    with tarfile.open(path, mode) as out:
        for name in sorted(os.listdir(folder)):
            out.add(folder / name, arcname=name)
    return path


def test_folder(lab):
    root = trees.write(lab.path("root"), trees.debian())
    report = lab.report("rootfs", root)
    assert findings(report) == EXPECTED
    assert report["ArtifactType"] == "filesystem"
    assert report["Metadata"]["OS"] == {"Family": "debian", "Name": "12.5"}


@pytest.mark.parametrize("word", ["fs", "filesystem", "rootfs", "scan"])
def test_folder_by_every_word(lab, word):
    root = trees.write(lab.path("root"), trees.debian())
    assert findings(lab.report(word, root)) == EXPECTED


@pytest.mark.parametrize("compression", ["plain", "gzip", "zstd", "xz", "bzip2"])
def test_tarball(lab, tar, compression):
    assert findings(lab.report("rootfs", packed(tar, compression))) == EXPECTED


@pytest.mark.parametrize("compression", ["plain", "gzip", "zstd", "xz", "bzip2"])
def test_layout_with_compressed_layers(lab, tar, compression):
    layout = folder_of_layout(lab, tar, compression)
    report = lab.report("image", "--input", layout)
    assert findings(report) == EXPECTED
    assert report["ArtifactType"] == "container_image"
    layer = report["Results"][0]["Vulnerabilities"][0]["Layer"]
    assert layer["DiffID"] == "sha256:" + images.sha256_of(tar)
    assert (layout / "blobs" / "sha256" / layer["Digest"].split(":")[1]).exists()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_layout_as_tar(lab, tar, mode):
    archive = tar_of_folder(folder_of_layout(lab, tar), lab.path("layout.tar"), mode)
    assert findings(lab.report("image", "--input", archive)) == EXPECTED


@pytest.mark.parametrize("word", ["image", "scan"])
def test_docker_archive(lab, tar, word):
    archive = images.docker_archive(lab.path("image.tar"), [tar], tag="example.com/app:1")
    report = lab.report(*(["image", "--input"] if word == "image" else ["scan"]), archive)
    assert findings(report) == EXPECTED
    assert report["Metadata"]["RepoTags"] == ["example.com/app:1"]


def test_docker_archive_in_gzip(lab, tar):
    archive = images.docker_archive(lab.path("image.tar"), [tar])
    assert findings(lab.report("image", "--input", packed(archive, "gzip"))) == EXPECTED


@pytest.mark.parametrize("what", ["tarball", "docker-archive", "layout"])
def test_standard_input(lab, tar, what):
    if what == "tarball":
        report = lab.report("rootfs", "-", stdin=tar.read_bytes())
        assert report["Results"][0]["Target"] == "stdin (debian 12.5)" and report["ArtifactName"] == "-"
    elif what == "docker-archive":
        report = lab.report("image", "--input", "-", stdin=images.docker_archive(lab.path("image.tar"), [tar]).read_bytes())
    else:
        archive = tar_of_folder(folder_of_layout(lab, tar), lab.path("layout.tar"))
        report = lab.report("scan", "-", stdin=gzip.compress(archive.read_bytes()))
    assert findings(report) == EXPECTED


def others(report):
    return [note["Message"] for note in report.get("Coverage") or [] if note["Kind"] == "images-others"]


def test_several_images_in_an_archive(lab, tar):
    other = images.tar_of(trees.debian([("bash", "5.2.15-2+b2", "bash", "5.2.15-2")]), lab.path("other.tar"))
    first = images.docker_archive(lab.path("first.tar"), [tar], tag="example.com/first:1")
    second = images.docker_archive(lab.path("second.tar"), [other], tag="example.com/second:1")
    merged, manifest = lab.path("merged.tar"), []
    with tarfile.open(merged, "w") as out:
        for index, path in enumerate((first, second)):
            with tarfile.open(path) as one:
                for member in one:
                    data = one.extractfile(member)
                    if member.name == "manifest.json":
                        manifest += [{**m, "Config": m["Config"], "Layers": [f"{index}/{x}" for x in m["Layers"]]} for m in json.load(data)]
                    else:
                        member.name = f"{index}/{member.name}" if member.name.endswith(".tar") else member.name
                        out.addfile(member, data)
        text = json.dumps(manifest).encode()
        info = tarfile.TarInfo("manifest.json")
        info.size = len(text)
        out.addfile(info, io.BytesIO(text))
    report = lab.report("image", "--input", merged)
    assert findings(report) == EXPECTED
    assert others(report) == [f"{merged} holds 2 images; this is the first, example.com/first:1: name another with --image"]
    report = lab.report("image", "--input", merged, "--image", "example.com/second:1")
    assert findings(report) == [EXPECTED[3]] and others(report) == []
    wrong = lab.run("image", "--input", merged, "--image", "example.com/third:1")
    assert wrong.status == 1
    assert "example.com/second:1" in wrong.err and "[archive-image-missing]" in wrong.err


def test_layout_by_tag_and_digest(lab, tar):
    other = images.tar_of(trees.debian([("tar", "1.34+dfsg-1.2", "tar", "")]), lab.path("other.tar"))
    layout = images.oci_layout(lab.path("one"), [tar], tag="v1")
    second = images.oci_layout(lab.path("two"), [other], tag="v2")
    shutil.copytree(second / "blobs", layout / "blobs", dirs_exist_ok=True)
    index = json.loads((layout / "index.json").read_text())
    index["manifests"] += json.loads((second / "index.json").read_text())["manifests"]
    (layout / "index.json").write_text(json.dumps(index))
    report = lab.report("image", "--input", layout)
    assert findings(report) == EXPECTED and len(others(report)) == 1
    report = lab.report("image", "--input", f"{layout}:v2")
    assert findings(report) == [EXPECTED[4]] and others(report) == []
    assert findings(lab.report("image", "--input", f"{layout}@{index['manifests'][1]['digest']}")) == [EXPECTED[4]]


def test_alpine(lab):
    root = trees.write(lab.path("root"), trees.alpine())
    assert findings(lab.report("rootfs", root)) == [
        ("CVE-2023-20001", "busybox", "1.36.1-r0", "1.36.1-r1", "MEDIUM", "fixed"),
        ("CVE-2023-20002", "libcrypto3", "3.1.0-r4", "3.1.1-r0", "HIGH", "fixed"),
    ]


@pytest.mark.parametrize("command", [["scan"], ["explain", "CVE-2023-10001"]])
@pytest.mark.parametrize("compression", ["plain", "gzip", "zstd"])
def test_a_pipe_that_turns_out_to_be_no_image(lab, tar, compression, command):
    """It was read to the end to find that out: the tarball of a root file system is then read again."""
    data = (tar if compression == "plain" else packed(tar, compression)).read_bytes()
    ended = lab.run(*command, "-", stdin=data)
    assert ended.status == 0 and "CVE-2023-10001" in ended.out and "os-unknown" not in ended.out, ended.err
    if command == ["scan"]:
        assert findings(lab.report("scan", "-", stdin=data)) == EXPECTED
        os.mkfifo(lab.path("pipe"))
        writer = subprocess.Popen(["sh", "-c", 'cat >"$0"', str(lab.folder / "pipe")], stdin=subprocess.PIPE)
        process = lab.start("scan", lab.folder / "pipe", "-f", "json", stdout=subprocess.PIPE)
        writer.stdin.write(data)
        writer.stdin.close()
        assert findings(json.loads(process.communicate(timeout=60)[0])) == EXPECTED and writer.wait(timeout=60) == 0


def test_an_image_given_as_a_tree_is_no_clean_tree(lab, tar):
    archive = images.docker_archive(lab.path("image.tar"), [tar])
    layout = folder_of_layout(lab, tar)
    for word, target in (("rootfs", archive), ("fs", archive), ("fs", layout), ("rootfs", packed(archive, "gzip"))):
        ended = lab.run(word, target)
        assert ended.status == 1 and "Total: 0" not in ended.out
        assert "target-is-image" in ended.err and f"pratique image --input {target}" in ended.err


def test_a_file_where_a_name_is_wanted_is_pointed_out(lab, tar):
    archive = images.docker_archive(lab.path("image.tar"), [tar])
    ended = lab.run("image", "--image-src", "podman", archive)
    assert ended.status == 1 and f"pratique image --input {archive}" in ended.err


def test_errors_without_advice_of_their_own_give_that_of_the_page(lab, tar):
    (lab.work / "cut.tar").write_bytes(images.docker_archive(lab.path("image.tar"), [tar]).read_bytes()[:2000])
    ended = lab.run("image", "--input", "cut.tar")
    assert ended.err.rstrip().endswith("[archive-truncated]: make or fetch it anew")


def test_lock_files_are_said_to_be_unread(lab):
    root = trees.write(lab.path("root"), {"go.mod": b"module m\n", "web/package-lock.json": b"{}", "web/node_modules/a/yarn.lock": b"", "x.txt": b""})
    for word, os_notes in (("fs", 1), ("repo", 0)):
        report = lab.report(word, root)
        unread = [note["Subject"] for note in report["Coverage"] if note.get("ID") == "lock-file-later"]
        assert sorted(unread) == ["go.mod", "web/package-lock.json"]
        assert len([note for note in report["Coverage"] if note["Kind"] == "os-unknown"]) == os_notes
        assert "web/package-lock.json: what it locks is not judged" in lab.run(word, root).err
    assert "lock-file-later" not in lab.run("rootfs", root).err


def test_an_image_for_another_platform_than_was_asked_for_is_said(lab):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar])
    for asked, other in (("linux/amd64", False), ("linux/arm64", True)):
        report = lab.report("image", "--input", layout, "--platform", asked)
        notes = {note["Kind"]: note["Message"] for note in report.get("Coverage", [])}
        assert ("platform-other" in notes) == other and report["Metadata"]["OS"]["Family"] == "debian"
        assert not other or "an image for linux/amd64 alone, not for linux/arm64" in notes["platform-other"]
