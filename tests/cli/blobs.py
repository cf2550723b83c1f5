"""Small images, made in memory: blobs by digest, the manifest, the index."""
import gzip
import hashlib
import io
import json
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def noise(size, seed=b"noise"):
    """Bytes that no compressor makes smaller."""
    return hashlib.shake_256(seed).digest(size)


class Image:
    def __init__(self, layers=None, architecture="amd64", os="linux", variant=""):
        self.blobs = {}
        self.layers = []
        plain = [tar(files) for files in (layers or [{"etc/os-release": b"ID=debian\nVERSION_ID=12\n"}])]
        for content in plain:
            packed = gzip.compress(content, mtime=0)
            self.layers.append({"mediaType": LAYER, "digest": self.add(packed), "size": len(packed)})
        config = {"architecture": architecture, "os": os, "rootfs": {"type": "layers", "diff_ids": [digest(c) for c in plain]},
                  "history": [{"created_by": f"/bin/sh -c #(nop) ADD file:{i} in / "} for i in range(len(plain))]}
        if variant:
            config["variant"] = variant
        self.platform = {"os": os, "architecture": architecture, **({"variant": variant} if variant else {})}
        self.config = json.dumps(config).encode()
        self.manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST,
                                    "config": {"mediaType": CONFIG, "digest": self.add(self.config), "size": len(self.config)},
                                    "layers": self.layers}).encode()

    def add(self, data):
        self.blobs[digest(data)] = data
        return digest(data)

    @property
    def digest(self):
        return digest(self.manifest)

    @property
    def descriptor(self):
        return {"mediaType": MANIFEST, "digest": self.digest, "size": len(self.manifest), "platform": self.platform}

    @property
    def sums(self):
        return [layer["digest"] for layer in self.layers]

    def docker_archive(self, *tags):
        names = {}
        layers = []
        for layer in self.layers:
            content = gzip.decompress(self.blobs[layer["digest"]])
            name = digest(content).split(":")[1] + "/layer.tar"
            names[name] = content
            layers.append(name)
        config = digest(self.config).split(":")[1] + ".json"
        names[config] = self.config
        names["manifest.json"] = json.dumps([{"Config": config, "RepoTags": list(tags), "Layers": layers}]).encode()
        return tar(names)


def index(images):
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [image.descriptor for image in images]}).encode()
