"""Loopback servers: a registry that can be told to lie, and Debian's docker-registry."""
import base64
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from blobs import INDEX, MANIFEST, digest


class Answer:
    """What a rule gives instead of the truth."""

    def __init__(self, status=200, body=b"", headers=None, cut=None, length=None):
        self.status, self.body, self.headers = status, body, dict(headers or {})
        self.cut = cut        # close after so many bytes
        self.length = length  # Content-Length that is not the body's


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        answer = self.server.decide(self.command, self.path, self.headers, body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(answer.length if answer.length is not None else len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body if answer.cut is None else answer.body[:answer.cut])
        if answer.cut is not None or answer.length is not None:
            self.wfile.flush()
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer


class Server(ThreadingHTTPServer):
    """Rules are tried in order: a rule is a function (command, path, headers, body) -> Answer or None."""
    daemon_threads = True

    def __init__(self, certificate=None, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.rules, self.seen, self.files = [], [], {}
        self.ranges = True
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # clients that go away are part of the tests

    @property
    def host(self):
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self):
        return f"{self.scheme}://{self.host}"

    def decide(self, command, path, headers, body):
        for rule in self.rules:
            answer = rule(command, path, headers, body)
            if answer is not None:
                return answer
        return self.serve_file(path, headers)

    def serve_file(self, path, headers):
        entry = self.files.get(path.split("?")[0])
        if entry is None:
            return Answer(404, json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}).encode(),
                          {"Content-Type": "application/json"})
        content, kind = entry
        found = {"Content-Type": kind, "ETag": f'"{digest(content)[7:23]}"'}
        if headers.get("If-None-Match") == found["ETag"]:
            return Answer(304, b"", found)
        wanted = headers.get("Range")
        if not self.ranges or not wanted or (headers.get("If-Range") not in (None, found["ETag"])):
            return Answer(200, content, found)
        start = int(wanted.removeprefix("bytes=").split("-")[0])
        if start >= len(content):
            return Answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        found["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Answer(206, content[start:], found)

    def put_image(self, name, tag, image):
        for key, blob in image.blobs.items():
            self.files[f"/v2/{name}/blobs/{key}"] = (blob, "application/octet-stream")
        for key in filter(None, (tag, image.digest)):
            self.files[f"/v2/{name}/manifests/{key}"] = (image.manifest, MANIFEST)

    def put_index(self, name, tag, content):
        for key in (tag, digest(content)):
            self.files[f"/v2/{name}/manifests/{key}"] = (content, INDEX)

    def requests(self, part):
        return [seen for seen in self.seen if part in seen[1]]


def once(rule):
    """A rule that speaks a single time."""
    left = [1]

    def limited(*request):
        if not left[0]:
            return None
        answer = rule(*request)
        if answer is not None:
            left[0] -= 1
        return answer

    return limited


def bearer(server, scope, credential=None, token="secret-token-value"):
    """Rules of a registry with a token server of its own."""
    def guard(command, path, headers, body):
        if path.startswith("/token"):
            query = urllib.parse.parse_qs(path.partition("?")[2])
            given = headers.get("Authorization")
            wanted = credential and "Basic " + base64.b64encode(credential.encode()).decode()
            if given != wanted or query.get("scope") != [scope] or query.get("service") != ["test"]:
                return Answer(401, b'{"details":"no"}')
            return Answer(200, json.dumps({"token": token, "expires_in": 300}).encode())
        if path.startswith("/v2/") and headers.get("Authorization") != f"Bearer {token}":
            challenge = f'Bearer realm="{server.url}/token",service="test",scope="{scope}"'
            return Answer(401, b"{}", {"WWW-Authenticate": challenge})
        return None
    return guard


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DockerRegistry:
    """Debian's docker-registry on a random port, its storage in a folder of the test."""

    def __init__(self, folder, htpasswd=None):
        self.host = f"127.0.0.1:{free_port()}"
        auth = f"auth: {{htpasswd: {{realm: test, path: {htpasswd}}}}}\n" if htpasswd else ""
        config = folder / "registry.yml"
        config.write_text(f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
                          f"http: {{addr: '{self.host}'}}\n{auth}")
        self.process = subprocess.Popen(["docker-registry", "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{self.host}/v2/", timeout=1)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("docker-registry does not start")

    @staticmethod
    def missing():
        return shutil.which("docker-registry") is None

    def send(self, method, path, body=None, headers=None):
        url = path if path.startswith("http") else f"http://{self.host}{path}"
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.headers

    def push(self, name, tag, image):
        for key, blob in image.blobs.items():
            location = self.send("POST", f"/v2/{name}/blobs/uploads/", b"")["Location"]
            mark = "&" if "?" in location else "?"
            self.send("PUT", f"{location}{mark}digest={key}", blob, {"Content-Type": "application/octet-stream"})
        self.send("PUT", f"/v2/{name}/manifests/{tag or image.digest}", image.manifest, {"Content-Type": MANIFEST})

    def push_index(self, name, tag, content):
        self.send("PUT", f"/v2/{name}/manifests/{tag}", content, {"Content-Type": INDEX})

    def stop(self):
        self.process.terminate()
        self.process.wait()
