"""TLS: nothing unverified unless asked for, nothing from https to http."""
import subprocess
import shutil

import pytest

from blobs import Image
from servers import Answer, Server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj",
                    "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "cert"],
                   check=True, capture_output=True)
    return str(folder / "cert"), str(folder / "key")


@pytest.fixture
def server(certificate):
    made = Server(certificate)
    yield made
    made.shutdown()


def test_verifies_unless_told_otherwise(product, server, certificate):
    image = Image()
    server.put_image("app", "1", image)
    name = f"{server.host}/app:1"
    refused = product.image(name, insecure=False)
    assert refused["id"] == "http-tls" and "--cacert" in refused["hint"]
    assert product.image(name, insecure=False, ca_file=certificate[0])["layers"][0]["sum"] == image.sums[0]
    assert product.image(name, insecure=True)["layers"][0]["sum"] == image.sums[0]


def test_reads_certs_of_the_user(product, server, certificate):
    image = Image()
    server.put_image("app", "1", image)
    folder = product.home / ".config" / "containers" / "certs.d" / server.host
    folder.mkdir(parents=True)
    shutil.copy(certificate[0], folder / "ca.crt")
    assert product.image(f"{server.host}/app:1", insecure=False)["layers"][0]["sum"] == image.sums[0]


def test_refuses_to_go_from_https_to_http(product, server, certificate):
    plain = Server()
    server.rules.append(lambda command, path, *_: Answer(307, b"", {"Location": f"{plain.url}{path}"}))
    answer = product.image(f"{server.host}/app:1", insecure=False, ca_file=certificate[0])
    assert answer["id"] == "http-redirect-downgrade" and not plain.seen
    plain.shutdown()


def test_refuses_a_plain_token_server(product, server, certificate):
    server.rules.append(lambda *_: Answer(401, b"", {"WWW-Authenticate": 'Bearer realm="http://127.0.0.1/token",service="x"'}))
    assert product.image(f"{server.host}/app:1", insecure=False, ca_file=certificate[0])["id"] == "realm-refused"


def test_sends_no_credential_to_strangers_over_an_unverified_connection(product, server, certificate):
    server.rules.append(lambda *_: Answer(401, b"", {"WWW-Authenticate": 'Bearer realm="https://tokens.example.test/token",service="x"'}))
    answer = product.image(f"{server.host}/app:1", insecure=True, username="me", password="hunter2")
    assert answer["id"] == "realm-unverified" and "hunter2" not in str(answer)


def test_verifies_where_an_insecure_registry_redirects_to(product, server, certificate):
    """Another name of the same machine is another host."""
    image = Image()
    server.put_image("app", "1", image)
    other = Server(certificate)
    elsewhere = f"https://localhost:{other.server_address[1]}"
    server.rules.append(lambda command, path, *_: Answer(307, b"", {"Location": elsewhere + path}) if "/blobs/" in path else None)
    answer = product.image(f"{server.host}/app:1", insecure=True)
    assert answer["id"] == "http-tls" and not other.seen
    other.shutdown()


def test_names_a_ca_file_without_certificates(product, server, tmp_path):
    (tmp_path / "empty").write_text("nothing\n")
    assert product.image(f"{server.host}/app:1", insecure=False, ca_file=str(tmp_path / "empty"))["id"] == "http-ca-invalid"
