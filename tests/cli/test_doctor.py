"""pratique doctor: what it finds and what it advises."""
import http.server
import json
import os
import re
import socket
import threading

import pytest


def checks(lab, *arguments, status=None, **more):
    ended = lab.run("doctor", "-f", "json", *arguments, **more)
    report = json.loads(ended.out)
    assert report["SchemaVersion"] == 1
    assert ended.status == (0 if report["Sound"] else 1)
    assert report["Sound"] == (not any(c["Verdict"] == "failure" for c in report["Checks"]))
    if status is not None:
        assert ended.status == status, report
    return {subject: [c for c in report["Checks"] if c["Subject"] == subject] for subject in {c["Subject"] for c in report["Checks"]}}


def test_a_sound_machine(lab):
    found = checks(lab, "--offline", status=0)
    assert {"clock", "confinement", "libraries", "cache", "temporary", "database", "network", "proxies", "docker", "podman", "containerd"} <= set(found)
    assert [c["Found"].split()[0] for c in found["libraries"]] == ["libcrypto", "libcurl", "libxml2"]
    text = lab.run("doctor", "--offline").out
    assert text.endswith("Scans can run.\n") and "\x1b" not in text


def test_no_database(bare):
    (one,) = checks(bare, "--offline", status=1)["database"]
    assert one["Verdict"] == "failure" and "pratique db update" in one["Advice"] and "db import" in one["Advice"]


def test_damaged_database(lab):
    (lab.cache / "db" / "pratique.db").write_bytes(b"SQLite format 3\0" + b"x" * 100)
    (one,) = checks(lab, "--offline", status=1)["database"]
    assert one["Verdict"] == "failure" and "db update" in one["Advice"]


def test_old_database_and_sources(lab):
    found = checks(lab, "--offline", env={"SOURCE_DATE_EPOCH": "1735689600"}, status=0)
    assert found["database"][0]["Verdict"] == "warning"
    assert [c for c in found["sources"] if c["Found"].startswith("kev is") and c["Verdict"] == "warning"]


def test_blocked_network_without_and_with_a_database(lab, bare):
    """The guide's Trivy case: nothing answers. The advice names the way without a network."""
    nothing = ["--mirror", "http://127.0.0.1:1"]
    found = checks(lab, *nothing, status=0)["network"]
    assert found[0]["Verdict"] == "warning" and "blocked" in found[0]["Found"]
    for words in ("--skip-db-update", "--mirror", "proxy"):
        assert words in found[0]["Advice"]
    assert checks(bare, *nothing, status=1)["network"][0]["Verdict"] == "failure"


def test_mirror_that_answers(lab):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = checks(lab, "--mirror", f"http://127.0.0.1:{server.server_port}", status=0)["network"]
    server.shutdown()
    assert found[-1]["Verdict"] == "ok" and "1 of 1 hosts" in found[-1]["Found"]


def test_proxies_do_not_tell_their_password(lab):
    found = checks(lab, "--offline", env={"https_proxy": "http://me:secret@proxy:3128", "HTTP_PROXY": "http://up:per@proxy:3128"}, status=0)["proxies"]
    text = json.dumps(found)
    assert "proxy:3128" in text and "secret" not in text and ":per@" not in text
    assert not [c for c in found if c["Verdict"] == "warning"] and any(c["Found"].startswith("HTTP_PROXY is ") for c in found)


def test_a_proxy_that_is_not_read_is_said(lab):
    """HTTP_PROXY is read, but by a web server's child, to which it may be a request's header."""
    environment = {"HTTP_PROXY": "http://proxy:3128", "REQUEST_METHOD": "GET"}
    found, = checks(lab, "--offline", env=environment, status=0)["proxies"]
    assert found["Verdict"] == "warning" and "not read" in found["Found"] and "http_proxy" in found["Advice"]
    assert len(checks(lab, "--offline", env={**environment, "http_proxy": "http://other:1"}, status=0)["proxies"]) == 2


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_it_fits_the_terminal_and_cuts_no_word(lab, columns):
    from test_output import on_terminal
    text = re.sub("\x1b\\[[0-9;]*m", "", on_terminal(lab, "doctor", "--offline", columns=columns))
    lines = [line.rstrip("\r") for line in text.split("\n")]
    assert max(len(line) for line in lines) <= columns
    assert "images come from registries and archives" in " ".join(text.split())


def test_sockets(lab):
    path = lab.path("docker.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path)[:107])
        found = checks(lab, "--offline", "--docker-host", f"unix://{path}")
        assert found["docker"][0]["Verdict"] == "ok"
    assert checks(lab, "--offline", env={"DOCKER_HOST": "/missing.sock"})["docker"][0]["Verdict"] == "note"


def test_clock_in_the_past(lab):
    assert checks(lab, "--offline", env={"SOURCE_DATE_EPOCH": "1000"}, status=1)["clock"][0]["Verdict"] == "failure"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_cache_that_cannot_be_written(lab):
    os.chmod(lab.cache, 0o555)
    found = checks(lab, "--offline")
    os.chmod(lab.cache, 0o755)
    assert found["cache"][0]["Verdict"] == "warning"


def test_cache_that_is_a_file(lab):
    (lab.work / "file").write_text("x")
    assert checks(lab, "--offline", "--cache-dir", lab.work / "file", status=1)["cache"][0]["Verdict"] == "warning"


def test_no_target(lab):
    assert lab.run("doctor", "x").status == 1


def test_containerd_is_looked_for_where_it_is_read(lab):
    """Its store is read as files: the socket does not matter, the folder does."""
    root = lab.path("containerd")
    (one,) = checks(lab, "--offline", env={"CONTAINERD_ROOT": str(root), "CONTAINERD_ADDRESS": "/nowhere"})["containerd"]
    assert one["Verdict"] == "note" and f"{root}/io.containerd.metadata.v1.bolt/meta.db" in one["Found"]
    names = root / "io.containerd.metadata.v1.bolt" / "meta.db"
    names.parent.mkdir(parents=True)
    names.write_bytes(b"")
    (one,) = checks(lab, "--offline", env={"CONTAINERD_ROOT": str(root), "CONTAINERD_ADDRESS": "/nowhere"})["containerd"]
    assert one["Verdict"] == "ok" and one["Found"] == str(names)
