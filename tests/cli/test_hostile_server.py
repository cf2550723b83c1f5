"""Servers that keep to no rule: each is an error with a name, soon, and never a growing process."""
import gzip
import os
import socket
import threading
import time

import pytest

from servers import Answer, Server


class Raw:
    """Writes what a generator yields to every connection, whatever was asked."""

    def __init__(self, speech):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.speech = speech
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def host(self):
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.speak, args=(connection,), daemon=True).start()

    def speak(self, connection):
        with connection:
            try:
                connection.recv(65536)
                for part in self.speech():
                    connection.sendall(part)
            except OSError:
                pass


def endless_headers():
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-Filler: " + b"a" * 1000 + b"\r\n"


def endless_body():
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"4000\r\n" + b" " * 0x4000 + b"\r\n"


def endless_interim():
    for _ in range(100000):
        yield b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"


def broken_chunks():
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"


@pytest.mark.parametrize("speech,ids", [
    (endless_headers, {"http-headers", "http-transfer"}),
    (endless_body, {"http-too-large"}),
    (endless_interim, {"http-headers", "http-transfer", "http-cut", "http-closed"}),
    (broken_chunks, {"http-cut", "http-transfer"}),
    (lambda: [b"\x00\x01\x02garbage\r\n\r\n"], {"http-transfer", "http-closed", "http-cut"}),
    (lambda: [], {"http-closed", "http-cut"}),
    (lambda: [b"HTTP/1.1 999 What\r\nContent-Length: 99999999999999999999\r\n\r\n"], {"http-status", "http-transfer", "http-cut"}),
    (lambda: [b"HTTP/1.1 302 Found\r\nLocation: \r\nContent-Length: 0\r\n\r\n"], {"http-redirect"}),
    (lambda: [b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"], {"url-invalid"}),
    (lambda: [b"HTTP/1.1 302 Found\r\nLocation: http://user:pw@127.0.0.1/\r\nContent-Length: 0\r\n\r\n"], {"url-invalid"}),
])
def test_names_the_fault_and_ends(product, speech, ids):
    server = Raw(speech)
    before = time.monotonic()
    answer = product.image(f"{server.host}/app:1")
    assert answer["id"] in ids, answer
    assert time.monotonic() - before < 30
    server.socket.close()


def drip():
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    while True:
        yield b"x"
        time.sleep(0.2)


def test_gives_up_on_a_server_that_drips(product, tmp_path):
    server = Raw(drip)
    answer = product.artifact("download", url=f"http://{server.host}/feed", path=str(tmp_path / "feed"), stall=1)
    assert answer["id"] == "http-stalled"
    server.socket.close()


def test_never_sends_a_header_that_is_two(product):
    server = Server()
    server.rules.append(lambda *_: Answer(401, b"", {"WWW-Authenticate": 'Bearer realm="%s/token",service="a"' % server.url})
                        if "/token" not in _[1] else Answer(200, b'{"token":"x\\r\\nX-Injected: 1"}'))
    answer = product.image(f"{server.host}/app:1")
    assert answer["id"] == "http-header-invalid"
    assert all("x-injected" not in headers for _, _, headers, _ in server.seen)
    server.shutdown()


def test_a_bomb_does_not_fill_the_disk(product, tmp_path):
    """A gzip of 100 MiB that would be 100 GiB: refused while it is unpacked, by its ratio."""
    path = tmp_path / "bomb.tar.gz"
    chunk = gzip.compress(b"\0" * (64 << 20), 9)
    with path.open("wb") as out:
        for _ in range(40):
            out.write(chunk)
    answer = product.probe("image", {"input": str(path)})
    assert answer["id"] in ("archive-ratio", "archive-too-large"), answer
    used = sum(os.stat(os.path.join(folder, name)).st_blocks * 512 for folder, _, names in os.walk(product.home) for name in names)
    assert used < 1 << 20
