"""Downloads to files: conditional, resumed, checked."""
import hashlib
import socket
import time

import pytest

from blobs import noise
from servers import Answer, Server, once

CONTENT = noise(2 << 20)


@pytest.fixture
def server():
    made = Server()
    made.files["/feed"] = (CONTENT, "application/octet-stream")
    yield made
    made.shutdown()


def download(product, server, path, **options):
    return product.artifact("download", url=f"{server.url}/feed", path=str(path), **options)


def test_puts_the_file_in_place_and_asks_again_conditionally(product, server, tmp_path):
    path = tmp_path / "feed"
    first = download(product, server, path, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert first["result"] == 1 and path.read_bytes() == CONTENT
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["feed"]
    assert download(product, server, path, etag=first["etag"])["result"] == 0
    server.files["/feed"] = (b"new", "text/plain")
    assert download(product, server, path, etag=first["etag"])["result"] == 1 and path.read_bytes() == b"new"


def test_resumes_within_one_run(product, server, tmp_path):
    whole = server.serve_file("/feed", {})
    server.rules.append(once(lambda *_: Answer(200, CONTENT, whole.headers, cut=1 << 20)))
    assert download(product, server, tmp_path / "feed")["result"] == 1
    assert (tmp_path / "feed").read_bytes() == CONTENT
    assert server.seen[1][2]["range"].startswith("bytes=") and server.seen[1][2]["if-range"] == whole.headers["ETag"]


def test_resumes_in_the_next_run(product, server, tmp_path):
    path = tmp_path / "feed"
    whole = server.serve_file("/feed", {})
    broken = [lambda *_: Answer(200, CONTENT, whole.headers, cut=1 << 20), lambda *_: Answer(404, b"")]
    server.rules += [once(rule) for rule in broken]
    assert download(product, server, path)["result"] == -1 and not path.exists()
    have = (tmp_path / "feed.part").stat().st_size
    assert have > 0
    assert download(product, server, path, sha256=hashlib.sha256(CONTENT).hexdigest())["result"] == 1
    assert path.read_bytes() == CONTENT and not (tmp_path / "feed.part").exists()
    assert server.seen[-1][2]["range"] == f"bytes={have}-"


def test_starts_over_when_the_content_changed_meanwhile(product, server, tmp_path):
    path = tmp_path / "feed"
    (tmp_path / "feed.part").write_bytes(b"old content")
    (tmp_path / "feed.part.tag").write_text('"old"')
    assert download(product, server, path)["result"] == 1 and path.read_bytes() == CONTENT


def test_refuses_a_wrong_checksum_and_keeps_what_is_there(product, server, tmp_path):
    path = tmp_path / "feed"
    path.write_bytes(b"before")
    answer = download(product, server, path, sha256="0" * 64)
    assert answer["id"] == "checksum-mismatch" and path.read_bytes() == b"before"
    assert not (tmp_path / "feed.part").exists()


def test_refuses_content_that_changes_while_it_is_read(product, server, tmp_path):
    server.rules.append(once(lambda *_: Answer(200, CONTENT, {"ETag": '"one"'}, cut=1 << 20)))
    assert download(product, server, tmp_path / "feed")["id"] == "http-changed"


def test_bounds_the_size(product, server, tmp_path):
    assert download(product, server, tmp_path / "feed", limit=1000)["id"] == "http-too-large"
    assert not (tmp_path / "feed.part").exists()


def test_gives_up_on_a_server_that_stalls(product, server, tmp_path):
    server.rules.append(lambda *_: __import__("time").sleep(5) or Answer(200, b""))
    answer = download(product, server, tmp_path / "feed", stall=1)
    assert answer["id"] == "http-timeout"


def test_waits_for_an_answer_longer_than_for_a_connection(product, server, tmp_path):
    """On a connection that was kept, too: the second request needs none."""
    def slowly(command, path, headers, body):
        if path == "/start":
            return Answer(302, b"", {"Location": "/feed"})
        return time.sleep(2.5)

    server.rules.append(slowly)
    for start in ("/start", "/feed"):
        answer = product.artifact("download", url=server.url + start, path=str(tmp_path / "feed"), connect=1)
        assert answer["result"] == 1, answer


def test_gives_up_on_a_host_that_takes_no_connection(product, tmp_path):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        others = [socket.socket() for _ in range(3)]
        for one in others:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        answer = product.artifact("download", url=f"http://127.0.0.1:{full.getsockname()[1]}/", path=str(tmp_path / "feed"), connect=1)
        assert answer["id"] == "http-connect"


def test_names_the_status(product, server, tmp_path):
    server.rules.append(lambda *_: Answer(403, b""))
    assert download(product, server, tmp_path / "feed")["id"] == "http-status"
