"""Images from registries: Debian's docker-registry, and one that lies."""
import base64
import ctypes
import json
import os
import stat
import time

import pytest

from blobs import INDEX, MANIFEST, Image, digest, index, noise
from servers import Answer, DockerRegistry, Server, bearer, once


@pytest.fixture
def server():
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def registry(tmp_path):
    if DockerRegistry.missing():
        pytest.skip("docker-registry is not installed")
    made = DockerRegistry(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def image():
    return Image([{"etc/os-release": b"ID=debian\n"}, {"usr/share/noise": noise(3 << 20)}])


def sums(answer):
    assert "error" not in answer, answer
    return [layer.get("sum", layer.get("error")) for layer in answer["layers"]]


# ---- a real registry ----

def test_pulls_by_tag_and_by_digest(product, registry, image):
    registry.push("team/app", "1.0", image)
    by_tag = product.image(f"{registry.host}/team/app:1.0")
    assert sums(by_tag) == image.sums
    assert by_tag["image_id"] == digest(image.config)
    assert by_tag["manifest_digest"] == image.digest
    assert by_tag["reference"] == f"{registry.host}/team/app:1.0"
    assert by_tag["repo_digests"] == [f"{registry.host}/team/app@{image.digest}"]
    assert sums(product.image(f"{registry.host}/team/app@{image.digest}")) == image.sums


def test_chooses_the_platform(product, registry):
    images = [Image([{"a": b"amd64"}]), Image([{"a": b"arm64"}], "arm64", variant="v8"), Image([{"a": b"arm"}], "arm", variant="v7")]
    for image in images:
        registry.push("multi", None, image)
    registry.push_index("multi", "latest", index(images))
    for platform, image in (("linux/amd64", images[0]), ("linux/arm64", images[1]), ("linux/arm/v7", images[2])):
        assert sums(product.image(f"{registry.host}/multi", platform=platform)) == image.sums
    refused = product.image(f"{registry.host}/multi", platform="linux/s390x")
    assert refused["id"] == "platform-missing" and "linux/arm64/v8" in refused["hint"]


def test_names_what_is_missing(product, registry, image):
    registry.push("app", "1", image)
    answer = product.image(f"{registry.host}/app:2")
    assert answer["id"] == "registry-not-found" and "MANIFEST_UNKNOWN" in answer["error"]


def test_pushes_and_pulls_an_artifact(product, registry, tmp_path):
    source, target = tmp_path / "db", tmp_path / "copy"
    source.write_bytes(noise(300_000))
    name = f"{registry.host}/feeds/db:2"
    kinds = {"artifact_type": "application/vnd.pratique.db", "media_type": "application/vnd.pratique.db.layer"}
    pushed = product.artifact("push", name=name, path=str(source), title="db", **kinds)
    assert pushed["result"] == 1, pushed
    pulled = product.artifact("pull", name=name, path=str(target), media_type=kinds["media_type"])
    assert pulled["result"] == 1 and target.read_bytes() == source.read_bytes()
    assert pulled["digest"] == digest(source.read_bytes()) and pulled["manifest_digest"] == pushed["manifest_digest"]
    assert pulled["artifact_type"] == kinds["artifact_type"]
    target.unlink()
    again = product.artifact("pull", name=name, path=str(target), known=pulled["digest"])
    assert again["result"] == 0 and not target.exists()
    assert product.artifact("push", name=name, path=str(source), **kinds)["result"] == 1  # blobs that are there are kept
    assert product.artifact("pull", name=name, path=str(target), media_type="text/other")["id"] == "artifact-layers"


@pytest.mark.parametrize("beside", ["sbom", "another", "twice"])
def test_finds_the_image_among_entries_without_words(product, image, beside):
    """An index whose entries do not say what they are for: some are no images, some for other machines, some named twice."""
    server, other = Server(), Image([{"a": b"arm"}], "arm64")
    server.put_image("app", None, image)
    server.put_image("app", None, other)
    sbom = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/spdx+json",
                       "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(b"{}"), "size": 2},
                       "layers": [{"mediaType": "application/spdx+json", "digest": digest(b"{}"), "size": 2}]}).encode()
    server.files["/v2/app/blobs/" + digest(b"{}")] = (b"{}", "application/octet-stream")
    server.files["/v2/app/manifests/" + digest(sbom)] = (sbom, MANIFEST)
    plain = {name: {k: v for k, v in one.descriptor.items() if k != "platform"} for name, one in (("image", image), ("other", other))}
    entries = {"sbom": [{"mediaType": MANIFEST, "digest": digest(sbom), "size": len(sbom)}, plain["image"]],
               "another": [plain["other"], plain["image"]], "twice": [plain["other"], plain["other"], plain["image"]]}[beside]
    server.put_index("app", "1", json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode())
    answer = product.image(f"{server.host}/app:1", platform="linux/amd64")
    assert sums(answer) == image.sums, answer


def test_credentials_do_not_follow_an_upload_elsewhere(product, tmp_path):
    """The registry says where the bytes go, and may name any host: they go there, the password does not."""
    registry, other = Server(), Server(address=("127.0.0.2", 0))

    def speak(command, path, headers, body):
        if not headers.get("Authorization"):
            return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
        if command == "POST":
            return Answer(202, b"", {"Location": f"http://127.0.0.2:{other.server_address[1]}/there?x=1"})
        return Answer(404 if command == "HEAD" else 201)

    registry.rules.append(speak)
    other.rules.append(lambda command, path, headers, body: Answer(201))
    config = product.home / ".docker" / "config.json"
    config.parent.mkdir()
    auth = base64.b64encode(b"me:secret").decode()
    config.write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
    (tmp_path / "db").write_bytes(b"bytes")
    pushed = product.artifact("push", name=f"{registry.host}/db:1", path=str(tmp_path / "db"), artifact_type="a/b", media_type="a/c")
    assert pushed["result"] == 1, pushed
    asked = other.requests("/there")
    assert [seen[0] for seen in asked] == ["PUT", "PUT"] and not any(seen[2].get("authorization") for seen in asked)
    assert any(seen[2].get("authorization") for seen in registry.seen)


def test_logs_in_with_basic_credentials(product, tmp_path, image):
    if DockerRegistry.missing():
        pytest.skip("docker-registry is not installed")
    libcrypt = ctypes.CDLL("libcrypt.so.1")  # Python's own module for it ended with 3.12
    libcrypt.crypt.restype = ctypes.c_char_p
    hashed = libcrypt.crypt(b"pass:word", b"$2b$04$abcdefghijklmnopqrstuu").decode()
    (tmp_path / "htpasswd").write_text(f"me:{hashed}\n")
    registry = DockerRegistry(tmp_path, htpasswd=tmp_path / "htpasswd")
    try:
        denied = product.image(f"{registry.host}/app:1")
        assert denied["id"] == "registry-denied" and f"login {registry.host}" in denied["hint"]
        wrong = product.artifact("login", name=registry.host, username="me", password="wrong")
        assert wrong["result"] == -1 and not (product.home / ".docker").exists()
        assert product.artifact("login", name=registry.host, username="me", password="pass:word")["result"] == 1
        config = product.home / ".docker" / "config.json"
        assert product.stderr.count("stored unencrypted in") == 1 and str(config) in product.stderr
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        assert json.loads(config.read_text())["auths"][registry.host]["auth"] == base64.b64encode(b"me:pass:word").decode()
        assert product.image(f"{registry.host}/app:1")["id"] == "registry-not-found"
        assert product.artifact("logout", name=registry.host)["result"] == 1
        assert product.artifact("logout", name=registry.host)["result"] == 0
        assert json.loads(config.read_text()) == {"auths": {}}
    finally:
        registry.stop()


# ---- one that lies ----

def test_refuses_a_manifest_that_is_not_its_digest(product, server, image):
    server.put_image("app", "1", image)
    other = Image([{"b": b"other"}])
    server.files[f"/v2/app/manifests/{image.digest}"] = (other.manifest, "application/vnd.oci.image.manifest.v1+json")
    assert product.image(f"{server.host}/app@{image.digest}")["id"] == "digest-mismatch"


def test_refuses_a_configuration_that_is_not_its_digest(product, server, image):
    server.put_image("app", "1", image)
    server.files[f"/v2/app/blobs/{digest(image.config)}"] = (image.config.replace(b"linux", b"linus"), "application/json")
    assert product.image(f"{server.host}/app:1")["id"] == "digest-mismatch"


def test_refuses_a_layer_of_another_length(product, server, image):
    server.put_image("app", "1", image)
    server.files[f"/v2/app/blobs/{image.sums[0]}"] = (b"short", "application/octet-stream")
    assert product.image(f"{server.host}/app:1")["layers"][0]["id"] == "size-mismatch"


@pytest.mark.parametrize("ranges", [True, False])
def test_resumes_a_layer_that_breaks_off(product, server, image, ranges):
    server.put_image("app", "1", image)
    server.ranges = ranges
    blob = image.blobs[image.sums[1]]
    server.rules.append(once(lambda command, path, headers, body: Answer(200, blob, {"ETag": f'"{image.sums[1][7:23]}"'}, cut=len(blob) // 2)
                             if path.endswith(image.sums[1]) else None))
    assert sums(product.image(f"{server.host}/app:1")) == image.sums
    asked = [headers.get("range") for _, _, headers, _ in server.requests(image.sums[1])]
    assert len(asked) == 2 and asked[0] is None and asked[1].startswith("bytes=")


def test_refuses_another_part_than_was_asked_for(product, server, image):
    server.put_image("app", "1", image)
    blob = image.blobs[image.sums[1]]

    def lie(command, path, headers, body):
        if not path.endswith(image.sums[1]):
            return None
        if not headers.get("Range"):
            return Answer(200, blob, cut=len(blob) // 2)
        return Answer(206, blob[1000:], {"Content-Range": f"bytes 1000-{len(blob) - 1}/{len(blob)}"})

    server.rules.append(lie)
    assert product.image(f"{server.host}/app:1")["layers"][1]["id"] == "http-range"


def test_waits_as_long_as_a_busy_registry_asks(product, server, image):
    server.put_image("app", "1", image)
    server.rules.append(once(lambda command, path, *_: Answer(429, b"slow", {"Retry-After": "1"}) if "/manifests/" in path else None))
    before = time.monotonic()
    assert sums(product.image(f"{server.host}/app:1")) == image.sums
    assert 1.0 <= time.monotonic() - before < 8


def test_survives_a_500_on_a_tag(product, server, image):
    server.put_image("app", "1", image)
    server.rules.append(once(lambda command, path, *_: Answer(500, b"") if "/manifests/" in path else None))
    assert sums(product.image(f"{server.host}/app:1")) == image.sums


def test_gets_a_token_and_keeps_it(product, server, image):
    server.put_image("app", "1", image)
    server.rules.append(bearer(server, "repository:app:pull"))
    assert sums(product.image(f"{server.host}/app:1")) == image.sums
    assert len(server.requests("/token")) == 1


def test_gets_a_token_with_credentials(product, server, image):
    server.put_image("app", "1", image)
    server.rules.append(bearer(server, "repository:app:pull", "me:hunter2"))
    assert sums(product.image(f"{server.host}/app:1", username="me", password="hunter2")) == image.sums
    refused = product.image(f"{server.host}/app:1", username="me", password="hunter3")
    assert refused["id"] == "credentials-refused"
    assert "hunter3" not in json.dumps(refused) + product.stderr and "secret-token-value" not in product.stderr


def test_finds_credentials_in_files_and_helpers(product, server, image, tmp_path):
    server.put_image("app", "1", image)
    server.rules.append(bearer(server, "repository:app:pull", "me:hunter2"))
    config = product.home / ".docker" / "config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"auths": {server.host: {"auth": base64.b64encode(b"me:hunter2").decode()}}}))
    assert sums(product.image(f"{server.host}/app:1")) == image.sums
    config.write_text(json.dumps({"credHelpers": {server.host: "test"}}))
    helper = tmp_path / "docker-credential-test"
    helper.write_text('#!/bin/sh\nread server\nprintf \'{"ServerURL":"%s","Username":"me","Secret":"hunter2"}\' "$server"\n')
    helper.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert sums(product.image(f"{server.host}/app:1", env={"PATH": path})) == image.sums
    helper.write_text("#!/bin/sh\necho broken keyring\nexit 1\n")
    answer = product.image(f"{server.host}/app:1", env={"PATH": path})
    assert answer["id"] == "helper-failed" and "broken keyring" in answer["error"]


def test_leaves_credentials_behind_on_a_redirect(product, server, image):
    other = Server()
    server.put_image("app", "1", image)
    other.put_image("app", "1", image)
    server.rules.append(bearer(server, "repository:app:pull"))
    server.rules.append(lambda command, path, *_: Answer(307, b"", {"Location": f"{other.url}{path}?X-Signature=abc"}) if "/blobs/" in path else None)
    assert sums(product.image(f"{server.host}/app:1")) == image.sums
    assert other.seen and all("authorization" not in headers for _, _, headers, _ in other.seen)
    assert all("authorization" in headers for _, path, headers, _ in server.requests("/blobs/"))
    other.shutdown()


def test_stops_redirects_that_lead_nowhere(product, server):
    server.rules.append(lambda command, path, *_: Answer(302, b"", {"Location": path}))
    assert product.image(f"{server.host}/app:1")["id"] == "http-redirect"


def test_refuses_a_token_server_at_a_private_address(product, server):
    server.rules.append(lambda *_: Answer(401, b"", {"WWW-Authenticate": 'Bearer realm="http://169.254.169.254/token",service="x"'}))
    assert product.image(f"{server.host}/app:1")["id"] == "realm-refused"


def test_refuses_what_two_parsers_read_differently(product, server, image):
    both = json.loads(image.manifest) | {"manifests": [], "mediaType": ""}
    server.files["/v2/app/manifests/1"] = (json.dumps(both).encode(), "application/vnd.oci.image.manifest.v1+json")
    assert product.image(f"{server.host}/app:1")["id"] == "manifest-invalid"
    twice = image.manifest.replace(b'"schemaVersion": 2', b'"schemaVersion": 2, "schemaVersion": 2')
    server.files["/v2/app/manifests/2"] = (twice, "application/vnd.oci.image.manifest.v1+json")
    assert product.image(f"{server.host}/app:2")["id"] == "json-duplicate"


def test_refuses_an_encoded_layer(product, server, image):
    server.put_image("app", "1", image)
    blob = image.blobs[image.sums[0]]
    server.rules.append(lambda command, path, *_: Answer(200, blob, {"Content-Encoding": "gzip"}) if path.endswith(image.sums[0]) else None)
    assert product.image(f"{server.host}/app:1")["layers"][0]["id"] == "http-encoding"


def test_bounds_a_manifest_without_end(product, server):
    server.files["/v2/app/manifests/1"] = (b"[" * (6 << 20), "application/json")
    assert product.image(f"{server.host}/app:1")["id"] in ("http-too-large", "manifest-too-large")


def test_survives_indexes_that_lead_round(product, server, image):
    inner = {"mediaType": "application/vnd.oci.image.index.v1+json", "platform": {"os": "linux", "architecture": "amd64"}}
    content = b""
    for depth in range(6):
        known = inner | {"digest": digest(content or b"x"), "size": len(content or b"x")}
        content = json.dumps({"schemaVersion": 2, "mediaType": inner["mediaType"], "manifests": [known]}).encode()
        server.put_index("app", "1", content)
    assert product.image(f"{server.host}/app:1", platform="linux/amd64")["id"] == "index-depth"


def test_asks_mirrors_first(product, server, image, tmp_path):
    mirror = Server()
    mirror.put_image("copies/app", "1", image)
    conf = tmp_path / "registries.conf"
    conf.write_text(f'[[registry]]\nprefix = "example.test"\nlocation = "{server.host}"\ninsecure = true\n'
                    f'[[registry.mirror]]\nlocation = "{mirror.host}/copies"\ninsecure = true\n'
                    f'[[registry]]\nprefix = "blocked.test"\nblocked = true\n')
    env = {"CONTAINERS_REGISTRIES_CONF": str(conf)}
    assert sums(product.image("example.test/app:1", env=env, insecure=False)) == image.sums
    assert not server.requests("/manifests/")
    server.put_image("app", "2", image)
    assert sums(product.image("example.test/app:2", env=env, insecure=False)) == image.sums
    assert product.image("blocked.test/app:1", env=env)["id"] == "registry-blocked"
    mirror.shutdown()


def test_says_where_nothing_answers(product):
    answer = product.image("127.0.0.1:1/app:1")
    assert answer["id"] == "http-connect" and "127.0.0.1" in answer["error"]


# ---- the program itself ----

def test_the_program_scans_from_a_registry(lab, registry, image):
    registry.push("team/app", "1.0", image)
    name = f"{registry.host}/team/app:1.0"
    report = lab.report("image", "--image-src", "remote", "--insecure", name)
    assert report["Metadata"]["RepoDigests"] == [f"{registry.host}/team/app@{image.digest}"]
    assert [layer["Digest"] for layer in report["Metadata"]["Layers"]] == image.sums
