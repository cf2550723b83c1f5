"""Images of this machine: archives, layouts, pipes, the Docker socket, containerd's store."""
import gzip
import io
import json
import os
import socketserver
import struct
import tarfile
import threading

import pytest

from blobs import Image, digest, index, tar
from servers import Answer, Handler


@pytest.fixture
def image():
    return Image([{"etc/os-release": b"ID=debian\n"}, {"etc/hostname": b"x\n"}])


def plain_sums(image):
    return [digest(gzip.decompress(image.blobs[key])) for key in image.sums]


def sums(answer):
    assert "error" not in answer, answer
    return [layer.get("sum", layer.get("error")) for layer in answer["layers"]]


def open_input(product, path, **options):
    return product.probe("image", {"input": str(path), **options})


def layout_files(image, *names):
    entries = [image.descriptor | {"annotations": {"org.opencontainers.image.ref.name": name}} for name in names] or [image.descriptor]
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps({"schemaVersion": 2, "manifests": entries}).encode()}
    for key, blob in list(image.blobs.items()) + [(image.digest, image.manifest)]:
        files["blobs/" + key.replace(":", "/")] = blob
    return files


def write_tree(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_opens_docker_archives_plain_and_packed(product, image, tmp_path):
    archive = image.docker_archive("example.test/app:1")
    for name, content in (("a.tar", archive), ("a.tar.gz", gzip.compress(archive))):
        (tmp_path / name).write_bytes(content)
        answer = open_input(product, tmp_path / name)
        assert sums(answer) == plain_sums(image)
        assert answer["image_id"] == digest(image.config) and answer["reference"] == "example.test/app:1"
        assert [layer["created_by"] for layer in answer["layers"]] == ["ADD file:0 in /", "ADD file:1 in /"]
        assert all("digest" not in layer for layer in answer["layers"])


def test_follows_links_between_layers(product, image, tmp_path):
    first, second = [digest(gzip.decompress(image.blobs[key])).split(":")[1] for key in image.sums]
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(image.docker_archive("a:1"))) as source, tarfile.open(fileobj=out, mode="w") as target:
        for entry in source:
            if entry.name == f"{second}/layer.tar":
                link = tarfile.TarInfo(entry.name)
                link.type, link.linkname = tarfile.SYMTYPE, f"../{first}/layer.tar"
                target.addfile(link)
            else:
                target.addfile(entry, source.extractfile(entry))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    assert sums(open_input(product, tmp_path / "a.tar")) == [plain_sums(image)[0]] * 2


def test_refuses_links_that_lead_round(product, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as target:
        for name, to in (("manifest.json", "x"), ("x", "manifest.json")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, to
            target.addfile(link)
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    assert open_input(product, tmp_path / "a.tar")["id"] == "input-not-image"


def test_takes_the_image_that_is_named(product, tmp_path):
    images = [Image([{"a": b"1"}]), Image([{"a": b"2"}])]
    files, manifest = {}, []
    for image, tag in zip(images, ("first:1", "second:2")):
        with tarfile.open(fileobj=io.BytesIO(image.docker_archive(tag))) as source:
            for entry in source:
                content = source.extractfile(entry).read()
                if entry.name == "manifest.json":
                    manifest += json.loads(content)
                else:
                    files[entry.name] = content
    (tmp_path / "two.tar").write_bytes(tar(files | {"manifest.json": json.dumps(manifest).encode()}))
    assert sums(open_input(product, tmp_path / "two.tar")) == plain_sums(images[0])
    for name in ("second:2", "docker.io/library/second:2", "2"):
        assert sums(open_input(product, tmp_path / "two.tar", image=name)) == plain_sums(images[1])
    assert "first:1, second:2" in open_input(product, tmp_path / "two.tar", image="third")["hint"]


def test_opens_layouts_as_folder_and_tar(product, image, tmp_path):
    files = layout_files(image, "one")
    write_tree(tmp_path / "layout", files)
    (tmp_path / "layout.tar").write_bytes(tar(files))
    for path in (tmp_path / "layout", tmp_path / "layout.tar", f"{tmp_path}/layout:one", f"{tmp_path}/layout@{image.digest}"):
        answer = open_input(product, path)
        assert sums(answer) == image.sums and answer["manifest_digest"] == image.digest
    assert open_input(product, f"{tmp_path}/layout:two")["id"] == "layout-image-missing"


def test_follows_an_index_inside_the_index(product, tmp_path):
    images = [Image([{"a": b"amd"}]), Image([{"a": b"arm"}], "arm64")]
    inner = index(images)
    files = {}
    for image in images:
        files |= layout_files(image)
    files["blobs/" + digest(inner).replace(":", "/")] = inner
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(inner), "size": len(inner)}]}).encode()
    write_tree(tmp_path / "layout", files)
    assert sums(open_input(product, tmp_path / "layout", platform="linux/arm64")) == images[1].sums


@pytest.mark.parametrize("part", ["manifest", "config", "layer"])
def test_refuses_blobs_that_are_not_their_digest(product, image, tmp_path, part):
    files = layout_files(image)
    key = {"manifest": image.digest, "config": digest(image.config), "layer": image.sums[0]}[part]
    path = "blobs/" + key.replace(":", "/")
    files[path] = files[path][:-1] + b"?" if part != "layer" else files[path] + b"?"
    write_tree(tmp_path / "layout", files)
    answer = open_input(product, tmp_path / "layout")
    if part == "layer":
        assert answer["layers"][0]["id"] == "size-mismatch"
    else:
        assert answer["id"] == "digest-mismatch"


def test_never_waits_for_a_pipe_in_a_layout(product, image, tmp_path):
    write_tree(tmp_path / "layout", layout_files(image))
    path = tmp_path / "layout" / "blobs" / image.digest.replace(":", "/")
    path.unlink()
    os.mkfifo(path)
    assert open_input(product, tmp_path / "layout")["id"] == "file-not-regular"


def test_says_what_is_no_image(product, tmp_path):
    (tmp_path / "rootfs.tar").write_bytes(tar({"etc/hostname": b"x"}))
    assert open_input(product, tmp_path / "rootfs.tar")["id"] == "input-not-image"
    assert open_input(product, tmp_path)["id"] == "input-not-image"
    assert open_input(product, tmp_path / "absent")["id"] == "input-open"
    (tmp_path / "noise").write_bytes(b"\x00\x01\x02" * 999)
    assert open_input(product, tmp_path / "noise")["id"] == "archive-damaged"


def test_survives_archives_cut_anywhere(product, image, tmp_path):
    archive = image.docker_archive("a:1")
    for size in range(0, len(archive), 1111):
        (tmp_path / "cut.tar").write_bytes(archive[:size])
        answer = open_input(product, tmp_path / "cut.tar")
        assert "error" in answer or sums(answer) == plain_sums(image)


# ---- the Docker socket ----

class Daemon(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path, answers):
        class UnixHandler(Handler):
            def address_string(self):
                return "local"
        super().__init__(str(path), UnixHandler)
        self.answers, self.seen = answers, []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def decide(self, command, path, headers, body):
        return self.answers.get(path, Answer(404, b'{"message":"No such image"}'))


@pytest.mark.parametrize("source,archive", [("docker", "/images/get?names=app:1"), ("podman", "/images/app:1/get")])
def test_asks_a_daemon(product, image, tmp_path, source, archive):
    inspected = {"Id": digest(image.config), "RepoTags": ["app:1"], "RepoDigests": [f"app@{image.digest}"]}
    daemon = Daemon(tmp_path / "sock", {"/images/app:1/json": Answer(200, json.dumps(inspected).encode()),
                                        archive: Answer(200, image.docker_archive("app:1"))})
    address = {f"{source}_host": f"unix://{tmp_path}/sock"}
    answer = product.image("app:1", sources=[source], **address)
    assert sums(answer) == plain_sums(image)
    assert answer["repo_tags"] == ["app:1"] and answer["repo_digests"] == [f"app@{image.digest}"]
    assert product.image("other:1", sources=[source], **address)["id"] == "daemon-image-missing"
    assert product.image("app:1", sources=[source], max_size=100, **address)["id"] == "image-too-large"
    daemon.shutdown()


def test_joins_the_errors_of_all_sources(product, tmp_path):
    answer = product.image("127.0.0.1:1/app:1", sources=["docker", "containerd", "podman", "remote"], docker_host=f"unix://{tmp_path}/none",
                           podman_host=f"unix://{tmp_path}/none", env={"CONTAINERD_ROOT": str(tmp_path)})
    for source in ("docker: ", "containerd: ", "podman: ", "remote: "):
        assert source in answer["error"]


# ---- containerd ----

def bbolt_page(items, leaf=0x02):
    """A leaf page's bytes without its page header's id: flags of an item are 1 for buckets."""
    head = struct.pack("<QHHI", 0, leaf, len(items), 0)
    elements, data = b"", b""
    for i, (flags, key, value) in enumerate(items):
        position = (len(items) - i) * 16 + len(data)
        elements += struct.pack("<IIII", flags, position, len(key), len(value))
        data += key + value
    return head + elements + data


def bbolt_bucket(tree):
    items = []
    for key, value in sorted(tree.items()):
        if isinstance(value, dict):
            items.append((1, key, struct.pack("<QQ", 0, 0) + bbolt_bucket(value)))
        else:
            items.append((0, key, value))
    return bbolt_page(items)


def bbolt_file(tree, size=4096):
    def meta(number):
        body = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, size, 0, 3, 0, 2, 4, number)
        total = 0xCBF29CE484222325
        for byte in body:
            total = ((total ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
        return (struct.pack("<QHHI", number, 0x04, 0, 0) + body + struct.pack("<Q", total)).ljust(size, b"\0")
    freelist = struct.pack("<QHHI", 2, 0x10, 0, 0).ljust(size, b"\0")
    root = bytearray(bbolt_bucket(tree).ljust(size, b"\0"))
    root[:8] = struct.pack("<Q", 3)
    return meta(0) + meta(1) + freelist + bytes(root)


def varint(value):
    value <<= 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


@pytest.mark.parametrize("space", ["default", "k8s.io"])
def test_reads_the_store_of_containerd(product, image, tmp_path, space):
    target = {b"digest": image.digest.encode(), b"mediatype": b"application/vnd.oci.image.manifest.v1+json", b"size": varint(len(image.manifest))}
    tree = {b"v1": {space.encode(): {b"images": {b"docker.io/library/app:1": {b"target": target}}}}}
    write_tree(tmp_path, {"io.containerd.metadata.v1.bolt/meta.db": bbolt_file(tree)})
    write_tree(tmp_path / "io.containerd.content.v1.content",
               {"blobs/" + key.replace(":", "/"): blob for key, blob in list(image.blobs.items()) + [(image.digest, image.manifest)]})
    env = {"CONTAINERD_ROOT": str(tmp_path)}
    answer = product.image("app:1", sources=["containerd"], env=env)
    assert sums(answer) == image.sums and answer["repo_digests"] == [f"app@{image.digest}"]
    assert product.image("app:2", sources=["containerd"], env=env)["id"] == "containerd-image-missing"
    env["CONTAINERD_NAMESPACE"] = "elsewhere"
    assert product.image("app:1", sources=["containerd"], env=env)["id"] == "containerd-image-missing"


def test_reads_an_archive_from_a_pipe(lab, image):
    ended = lab.run("image", "--input", "-", "-f", "json", stdin=image.docker_archive("a:1"))
    assert ended.json()["Metadata"]["ImageID"] == digest(image.config)
