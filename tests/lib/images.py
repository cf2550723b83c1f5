"""Makes images out of root file system tarballs: OCI layouts and docker archives, with the layers compressed in any way."""
import hashlib
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

MEDIA = {
    "plain": "application/vnd.oci.image.layer.v1.tar",
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
    "xz": "application/vnd.oci.image.layer.v1.tar",
    "bzip2": "application/vnd.oci.image.layer.v1.tar",
}
COMMANDS = {"plain": ["cat"], "gzip": ["gzip", "-6nc"], "zstd": ["zstd", "-3qc"], "xz": ["xz", "-1c"], "bzip2": ["bzip2", "-1c"]}


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def tar_of(files, path):
    """A layer tarball out of {name: bytes, or (kind, target) for links}."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, tuple):
                info.type = tarfile.SYMTYPE if content[0] == "symlink" else tarfile.LNKTYPE
                info.linkname = content[1]
                tar.addfile(info)
            elif content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                info.size = len(content)
                info.mode = 0o644
                tar.addfile(info, io.BytesIO(content))
    return Path(path)


def config_of(tars, **more):
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256_of(t) for t in tars]},
        "history": [{"created": "2024-01-02T03:04:05Z", "created_by": "layer"} for _ in tars],
    }
    config.update(more)
    return json.dumps(config).encode()


def oci_layout(folder, tars, compression="gzip", tag=None):
    """An OCI layout with one image; returns the folder."""
    folder = Path(folder)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)

    def put(data):
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"digest": "sha256:" + name, "size": len(data)}

    layers = []
    for tar in tars:
        temporary = blobs / "new"
        with open(tar, "rb") as source, open(temporary, "wb") as out:
            subprocess.run(COMMANDS[compression], stdin=source, stdout=out, check=True)
        name = sha256_of(temporary)
        os.rename(temporary, blobs / name)
        layers.append({"mediaType": MEDIA[compression], "digest": "sha256:" + name, "size": (blobs / name).stat().st_size})
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", **put(config_of(tars))}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": layers}
    entry = {"mediaType": manifest["mediaType"], **put(json.dumps(manifest).encode())}
    if tag:
        entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def docker_archive(path, tars, tag="example.com/test:1"):
    """What `docker save` of old wrote: layers plain inside, named by nothing."""
    config = config_of(tars)
    name = hashlib.sha256(config).hexdigest() + ".json"
    layers = [f"{i:064x}/layer.tar" for i in range(1, len(tars) + 1)]
    with tarfile.open(path, "w") as out:
        for layer, tar in zip(layers, tars):
            out.add(tar, arcname=layer)
        for member, data in ((name, config), ("manifest.json", json.dumps([{"Config": name, "RepoTags": [tag], "Layers": layers}]).encode())):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return Path(path)
