"""db update against a loopback server that serves the feeds under their real paths, with its faults."""
import gzip
import hashlib
import json
import sqlite3
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import BINARY, FEEDS
from servers import MANIFEST, Server

TRACKER = "/security-tracker.debian.org/tracker/data/json"
KEV = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
AMAZON_LIST = "/cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list"


def tracker(fixed="1.0-2", count=1):
    releases = {"bookworm": {"status": "resolved", "fixed_version": fixed, "urgency": "high", "repositories": {"bookworm": fixed}}}
    return json.dumps({"hello": {f"CVE-2024-{1000 + i}": {"releases": releases} for i in range(count)}}).encode()


class Feeds:
    """Paths -> bodies; faults by path; what was asked."""

    def __init__(self):
        self.files = {}
        self.faults = {}
        self.asked = []
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", headers.get("claim", str(len(body))))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                feeds.asked.append((self.path, dict(self.headers)))
                fault = feeds.faults.get(self.path)
                if fault:
                    kind = fault.pop(0)
                    if not fault:
                        del feeds.faults[self.path]
                    return kind(self)
                body = feeds.files.get(self.path)
                if body is None:
                    return self.answer(404)
                etag = '"%s"' % hashlib.md5(body).hexdigest()
                if self.headers.get("If-None-Match") == etag:
                    return self.answer(304, ETag=etag)
                start = 0
                wanted = self.headers.get("Range")
                if wanted and self.headers.get("If-Range", etag) == etag:
                    start = int(wanted.split("=")[1].split("-")[0])
                    return self.answer(206, body[start:], ETag=etag, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
                self.answer(200, body, ETag=etag, Accept_Ranges="bytes")

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def count(self, path):
        return sum(1 for asked, _ in self.asked if asked == path)


def cut(handler):
    body = tracker(count=400)
    handler.send_response(200)
    handler.send_header("ETag", '"%s"' % hashlib.md5(body).hexdigest())
    handler.send_header("Accept-Ranges", "bytes")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def status(number, **headers):
    return lambda handler: handler.answer(number, b"", **headers)


@pytest.fixture
def feeds():
    server = Feeds()
    yield server
    server.server.shutdown()


def update(lab, feeds, *more, feed="debian-tracker", **options):
    return lab.run("db", "update", "--only", feed, "--mirror", feeds.base, *more, **options)


def has_finding(lab, version):
    root = lab.path("root/var/lib/dpkg/status")
    root.write_text(f"Package: hello\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    lab.path("root/etc/debian_version").write_text("12.5\n")
    report = lab.report("rootfs", "--skip-db-update", lab.folder / "root")
    return [v["VulnerabilityID"] for r in report["Results"] for v in r.get("Vulnerabilities", [])]


def test_fetches_builds_and_asks_conditionally_the_next_time(bare, feeds):
    feeds.files[TRACKER] = tracker()
    assert update(bare, feeds).status == 0
    assert has_finding(bare, "1.0-1") == ["CVE-2024-1000"]
    assert has_finding(bare, "1.0-2") == []
    again = update(bare, feeds)
    assert again.status == 0 and "1 unchanged" in again.err
    assert "If-None-Match" in feeds.asked[-1][1]
    feeds.files[TRACKER] = tracker(fixed="1.0-3")
    assert "1 fetched" in update(bare, feeds).err
    assert has_finding(bare, "1.0-2") == ["CVE-2024-1000"]


def test_says_where_each_source_stands(bare, feeds):
    feeds.files[TRACKER] = tracker()
    assert update(bare, feeds).status == 0
    sources = json.loads(bare.run("db", "info", "-f", "json").out)["Sources"]
    assert [s["ID"] for s in sources] == ["debian-tracker"]
    assert sources[0]["FetchedAt"] and sources[0]["Records"] == 1


def test_resumes_a_body_that_breaks_off(bare, feeds):
    feeds.files[TRACKER] = tracker(count=400)
    feeds.faults[TRACKER] = [cut]
    ended = update(bare, feeds)
    assert ended.status == 0, ended.err
    assert any("Range" in headers for _, headers in feeds.asked)
    assert len(has_finding(bare, "1.0-1")) == 400


@pytest.mark.parametrize("fault", [status(429, Retry_After="1"), status(503, Retry_After="1"), status(500)])
def test_tries_again_when_the_server_asks_for_it(bare, feeds, fault):
    feeds.files[TRACKER] = tracker()
    feeds.faults[TRACKER] = [fault]
    started = time.monotonic()
    ended = update(bare, feeds)
    assert ended.status == 0, ended.err
    assert feeds.count(TRACKER) == 2 and time.monotonic() - started < 30


def test_follows_a_redirect(bare, feeds):
    feeds.files["/elsewhere/json"] = tracker()
    feeds.faults[TRACKER] = [status(302, Location="/elsewhere/json")]
    assert update(bare, feeds).status == 0
    assert has_finding(bare, "1.0-1") == ["CVE-2024-1000"]


def test_keeps_the_database_when_nothing_can_be_reached(bare, feeds):
    feeds.files[TRACKER] = tracker()
    assert update(bare, feeds).status == 0
    before = (bare.cache / "db" / "pratique.db").read_bytes()
    del feeds.files[TRACKER]
    ended = update(bare, feeds)
    assert ended.status == 1 and "feeds-unreachable" in ended.err and "db import" in ended.err
    assert (bare.cache / "db" / "pratique.db").read_bytes() == before


@pytest.mark.parametrize("fault, cause, remedy", [
    ("refused", "no connection", "check the network"),
    ("name", "no such host", "names cannot be resolved"),
    ("tls", "TLS", "--cacert"),
    ("missing", "answers 404", "check --mirror"),
    ("forbidden", "answers 403", "check --mirror"),
])
def test_names_every_feed_with_its_cause(bare, feeds, fault, cause, remedy):
    base = {"refused": "http://127.0.0.1:1", "name": "http://nowhere.invalid", "tls": feeds.base.replace("http:", "https:")}.get(fault, feeds.base)
    if fault == "forbidden":
        feeds.faults[TRACKER] = [status(403)]
        feeds.faults[KEV] = [status(403)]
    ended = bare.run("db", "update", "--only", "debian-tracker,kev,nvd", "--mirror", base, timeout=60)
    assert ended.status == 1
    lines = [line for line in ended.err.splitlines() if "WARN" in line]
    if fault in ("refused", "name", "tls"):  # without a network all is said at once
        assert not lines and cause in ended.err and "the others for the same reason" in ended.err and remedy in ended.err.splitlines()[-1]
        return
    if fault != "forbidden":  # 26 files of one feed are one line
        assert len(lines) == 3 and any("nvd 2002: " in line and "more of its files" in line for line in lines)
        assert all(cause in line for line in lines)
        assert remedy in ended.err.splitlines()[-1]
    assert any("debian-tracker: " in line and cause in line for line in lines) and any("kev: " in line and cause in line for line in lines)


def test_says_when_the_feeds_cannot_be_kept(bare, feeds):
    feeds.files[TRACKER] = tracker()
    assert update(bare, feeds).status == 0
    before = (bare.cache / "db" / "pratique.db").read_bytes()
    blocked = bare.cache / "db" / "feeds" / "debian"
    (blocked / "tracker-data.json").unlink()
    blocked.rmdir()
    blocked.write_text("no folder")
    ended = update(bare, feeds)
    assert ended.status == 1 and "--cache-dir" in ended.err
    assert (bare.cache / "db" / "pratique.db").read_bytes() == before


def test_gives_up_on_an_answer_without_end(bare, feeds):
    def claim(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(10 << 30))
        handler.end_headers()

    feeds.faults[TRACKER] = [claim]
    ended = update(bare, feeds)
    assert ended.status == 1 and "10737418240 bytes, more than 1073741824" in ended.err
    assert not list((bare.cache / "db" / "feeds").rglob("*.part"))


def test_refuses_a_feed_that_lost_half_of_its_records(bare, feeds):
    feeds.files[TRACKER] = tracker(count=100)
    assert update(bare, feeds).status == 0
    feeds.files[TRACKER] = tracker(count=40)
    ended = update(bare, feeds)
    assert "debian-tracker" in ended.err and len(has_finding(bare, "1.0-1")) == 100
    assert update(bare, feeds, "--force").status == 0
    assert len(has_finding(bare, "1.0-1")) == 40


def test_a_broken_feed_costs_only_itself(bare, feeds):
    feeds.files[TRACKER] = tracker()
    feeds.files[KEV] = b"{ this is no JSON"
    ended = update(bare, feeds, feed="debian-tracker,kev")
    assert ended.status == 0 and "kev" in ended.err
    assert has_finding(bare, "1.0-1") == ["CVE-2024-1000"]


def yum(feeds, good):
    base = "/cdn.amazonlinux.com/2/core/2.0/x86_64/abc"
    info = gzip.compress(
        b'<?xml version="1.0"?><updates><update type="security" status="final" version="1.4"><id>ALAS2-2024-1</id><title>t</title>'
        b'<issued date="2024-01-01 00:00"/><severity>important</severity><references><reference href="https://x" id="CVE-2024-7" type="cve"/></references>'
        b'<pkglist><collection short="amazon-linux"><name>Amazon Linux 2</name><package arch="x86_64" epoch="0" name="curl" version="8.0" release="2.amzn2">'
        b"<filename>curl.rpm</filename></package></collection></pkglist></update></updates>"
    )
    sum_ = hashlib.sha256(info if good else b"other").hexdigest()
    feeds.files[AMAZON_LIST] = (feeds.base + base + "\n").encode()
    feeds.files[base + "/repodata/repomd.xml"] = (
        '<?xml version="1.0"?><repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><location href="repodata/p.gz"/></data>'
        f'<data type="updateinfo"><checksum type="sha256">{sum_}</checksum><location href="repodata/updateinfo.xml.gz"/></data></repomd>'
    ).encode()
    feeds.files[base + "/repodata/updateinfo.xml.gz"] = info


def test_finds_updateinfo_through_the_mirror_list(bare, feeds):
    yum(feeds, True)
    rewrite = f"https://cdn.amazonlinux.com={feeds.base}/cdn.amazonlinux.com"
    ended = bare.run("db", "update", "--only", "amazon-updateinfo", "--mirror", rewrite)
    assert ended.status == 0, ended.err
    sources = json.loads(bare.run("db", "info", "-f", "json").out)["Sources"]
    assert [s["ID"] for s in sources] == ["amazon-updateinfo"]


@pytest.mark.parametrize("lines, found", [
    (["BASE"], False),
    (["http://10.0.0.1/x"], False),
    (["# nothing"], False),
    (["http://[::1]/x", "http://repo.example.com/PATH"], True),
])
def test_a_mirror_list_does_not_lead_into_the_network_here(bare, feeds, lines, found):
    """The index is on a public host (reached through a proxy): a private address in it counts no more than a redirect."""
    yum(feeds, True)
    base = feeds.files[AMAZON_LIST].decode().strip()
    path = base.removeprefix(feeds.base + "/")
    index, public = "http://index.example.com", "http://repo.example.com/" + path
    feeds.files[index + AMAZON_LIST.removeprefix("/cdn.amazonlinux.com")] = "\n".join(
        line.replace("BASE", base).replace("PATH", path) for line in lines).encode()
    for name in ["repomd.xml", "updateinfo.xml.gz"]:
        feeds.files[f"{public}/repodata/{name}"] = feeds.files[f"/{path}/repodata/{name}"]
    ended = bare.run("db", "update", "--only", "amazon-updateinfo", "--mirror", f"https://cdn.amazonlinux.com={index}",
                     env={"http_proxy": feeds.base})
    assert (ended.status == 0) == found, ended.err
    assert feeds.count(f"/{path}/repodata/repomd.xml") == 0
    if not found:
        assert "[http-redirect-private]" in ended.err or "private address" in ended.err or "names no repository" in ended.err


def test_a_mirror_opens_the_network_here_to_itself_only(bare, feeds):
    """A host that the mirror's list names is none of the user's mirrors: it may not redirect to private addresses."""
    yum(feeds, True)
    path = feeds.files[AMAZON_LIST].decode().strip().removeprefix(feeds.base + "/")
    index, public = "http://index.example.com", "http://repo.example.com/" + path
    feeds.files[index + AMAZON_LIST.removeprefix("/cdn.amazonlinux.com")] = public.encode()
    inside = f"/{path}/repodata/repomd.xml"
    feeds.faults[f"{public}/repodata/repomd.xml"] = [status(302, Location=feeds.base + inside)] * 5
    ended = bare.run("db", "update", "--only", "amazon-updateinfo", "--mirror", f"https://cdn.amazonlinux.com={index}",
                     env={"http_proxy": feeds.base})
    assert ended.status == 1 and "private address" in ended.err, ended.err
    assert feeds.count(inside) == 0


@pytest.mark.parametrize("repomd, said", [
    ('<repomd><data type="primary"><location href="x"/></data></repomd>', "it names no updateinfo"),
    ('<repomd><data type="updateinfo"><location href="../../x"/></data></repomd>', "no path in the repository"),
    ('<repomd><data type="updateinfo"><location href="a&#10;b"/></data></repomd>', "no path in the repository"),
    ('<repomd><data type="updateinfo"><location href="%s"/></data></repomd>' % ("x" * 5000), "no path in the repository"),
    ('<repomd><data type="updateinfo"><location href="%s"/></data></repomd>' % ("x" * 9000), "larger than it may be"),
    ('<repomd><data type="updateinfo"><checksum type="sha256">zz</checksum><location href="x"/></data></repomd>', "no SHA-256"),
    ("<repomd><data>", "not valid XML"),
])
def test_says_what_is_wrong_with_the_index_of_a_repository(bare, feeds, repomd, said):
    yum(feeds, True)
    index = next(path for path in feeds.files if path.endswith("repomd.xml"))
    feeds.files[index] = repomd.encode()
    rewrite = f"https://cdn.amazonlinux.com={feeds.base}/cdn.amazonlinux.com"
    ended = bare.run("db", "update", "--only", "amazon-updateinfo", "--mirror", rewrite)
    assert ended.status == 1 and said in ended.err and "repomd.xml" in ended.err


def test_finds_updateinfo_in_a_repository(bare, feeds):
    body = gzip.compress(b'<updates><update type="security"><id>RLSA-2024:1</id><release>Rocky Linux 9</release><references>'
                         b'<reference href="h" id="CVE-2024-1000" type="cve"/></references><pkglist><collection short="c"><package name="xz" '
                         b'epoch="0" version="1" release="2.el9" arch="x86_64"/></collection></pkglist></update></updates>')
    base = "/dl.rockylinux.org/pub/rocky/9/BaseOS/x86_64/os"
    feeds.files[f"{base}/repodata/repomd.xml"] = (
        f'<repomd><data type="updateinfo"><checksum type="sha256">{hashlib.sha256(body).hexdigest()}</checksum>'
        '<location href="repodata/x-updateinfo.xml.gz"/></data></repomd>').encode()
    feeds.files[f"{base}/repodata/x-updateinfo.xml.gz"] = body
    ended = update(bare, feeds, feed="rocky-updateinfo")
    assert ended.status == 0, ended.err
    assert (bare.cache / "db" / "feeds" / "rocky" / "updateinfo-9-BaseOS.xml.gz").exists()
    assert any("rocky-updateinfo 8/BaseOS" in line and "more of its files" in line for line in ended.err.splitlines())


MACHINES = [
    ("mariner", "azure-oval"), ("sl-micro", "suse-oval"), ("sle-micro", "suse-oval"), ("opensuse", "suse-oval"), ("sles", "suse-oval"),
    ("rhel", "redhat-oval"), ("ol", "oracle-oval"), ("almalinux", "alma-osv"), ("amzn", "amazon-updateinfo"), ("debian", "debian-tracker"),
]


@pytest.mark.skipif(subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0, reason="no namespaces here")
@pytest.mark.parametrize("word, feed", MACHINES)
def test_fetches_for_the_machine_it_runs_on(bare, feeds, word, feed):
    release = bare.path("os-release")
    release.write_text(f'NAME="x"\nID="{word}"\n')
    ended = bare.run("-rm", "sh", "-c", 'mount --bind "$0" /etc/os-release && exec "$@"', release, BINARY, "db", "update", "--mirror", feeds.base,
                     binary="/usr/bin/unshare")
    assert "[db-no-feeds]" not in ended.err and f"{feed}" in ended.err


def artifact(server, packed):
    """A registry's manifest with the packed database as its layer."""
    def entry(kind, content):
        key = "sha256:" + hashlib.sha256(content).hexdigest()
        server.files[f"/v2/db/blobs/{key}"] = (content, "application/octet-stream")
        return {"mediaType": kind, "digest": key, "size": len(content)}
    layer = entry("application/vnd.pratique.db.layer.v1.sqlite+zstd", packed)
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.pratique.db.v1",
                           "config": entry("application/vnd.oci.empty.v1+json", b"{}"), "layers": [layer]}).encode()
    for key in ("1", "sha256:" + hashlib.sha256(manifest).hexdigest()):
        server.files[f"/v2/db/manifests/{key}"] = (manifest, MANIFEST)
    return f"/v2/db/blobs/{layer['digest']}"


@pytest.mark.parametrize("word", ["build", "import", "nothing"])
def test_what_was_pulled_is_known_by_its_file(lab, bare, word):
    """Another database in its place must be replaced, however it came there."""
    server = Server()
    try:
        packed = lab.work / "packed.zst"
        assert lab.run("db", "export", packed).status == 0
        blob = artifact(server, packed.read_bytes())
        pull = ("db", "update", "--db-repository", f"{server.host}/db:1", "--insecure")
        ended = bare.run(*pull)
        assert ended.status == 0 and len(server.requests(blob)) == 1, ended.err
        pulled = (bare.cache / "db" / "pratique.db").read_bytes()
        assert "still the newest" in bare.run(*pull).err and len(server.requests(blob)) == 1
        if word == "build":
            assert bare.run("db", "build", "--feeds", FEEDS, "--only", "kev,alpine-secdb").status == 0
        if word == "import":
            other = bare.work / "other.db"
            assert bare.run("db", "build", "--feeds", FEEDS, "--only", "alpine-secdb", "-o", other).status == 0
            assert bare.run("db", "export", "--db-file", other, bare.work / "other.zst").status == 0
            assert bare.run("db", "import", bare.work / "other.zst").status == 0
        again = bare.run(*pull)
        assert again.status == 0 and (bare.cache / "db" / "pratique.db").read_bytes() == pulled
        assert len(server.requests(blob)) == (1 if word == "nothing" else 2)
    finally:
        server.shutdown()
        server.server_close()


def test_a_release_that_no_feed_knows_is_not_asked_for_with_every_scan(bare, feeds):
    feeds.files[TRACKER] = tracker()
    bare.path("root/var/lib/dpkg/status").write_text("Package: hello\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n")
    bare.path("root/etc/debian_version").write_text("4.0\n")
    scan = ["rootfs", "--mirror", feeds.base, bare.folder / "root"]
    first = bare.run(*scan, env={"PRATIQUE_SKIP_DB_UPDATE": ""})
    assert "release-unknown" in first.out, first.err
    asked = len(feeds.asked)
    again = bare.run(*scan, env={"PRATIQUE_SKIP_DB_UPDATE": ""})
    assert asked and "release-unknown" in again.out and len(feeds.asked) == asked


@pytest.mark.parametrize("names", [["nonsense"], ["debian", "debain"], ["wolfi"]], ids=" ".join)
def test_says_which_distribution_no_feed_serves(bare, feeds, names):
    ended = bare.run("db", "update", *names, "--mirror", feeds.base)
    assert ended.status == 1 and f"serves {names[-1]} [db-no-feeds]" in ended.err and not feeds.asked


@pytest.mark.parametrize("now, last", [("1830297600", 2028), ("1717243200", 2026), ("0", 2026)])
def test_asks_for_every_year_of_nvd(bare, feeds, now, last):
    """Up to this year; a clock that is behind (or SOURCE_DATE_EPOCH of an old report) loses none."""
    update(bare, feeds, feed="nvd", env={"SOURCE_DATE_EPOCH": now})
    names = {path.rsplit("/", 1)[1] for path, _ in feeds.asked}
    assert names == {f"nvdcve-2.0-{year}.json.gz" for year in [*range(2002, last + 1), "modified"]}


def test_asks_for_the_releases_of_suse_that_live(bare, feeds):
    update(bare, feeds, feed="suse-oval")
    names = {path.rsplit("/", 1)[1] for path, _ in feeds.asked}
    for product in ("suse.linux.enterprise.server.16", "suse.linux.micro.6", "opensuse.leap.16.0"):
        assert f"{product}-affected.xml.gz" in names


def test_fetches_dates_of_support(bare, feeds):
    feeds.files["/debian.pages.debian.net/distro-info-data/debian.csv"] = (
        b"version,codename,series,created,release,eol,eol-lts,eol-elts\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-06-10,2028-06-30,2033-06-30\n")
    feeds.files["/debian.pages.debian.net/distro-info-data/ubuntu.csv"] = (
        b"version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy\n22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21,2034-04-21\n")
    ended = update(bare, feeds, feed="distro-info")
    assert ended.status == 0, ended.err
    assert "2 fetched" in ended.err


def test_refuses_a_file_with_another_checksum(bare, feeds):
    yum(feeds, False)
    rewrite = f"https://cdn.amazonlinux.com={feeds.base}/cdn.amazonlinux.com"
    ended = bare.run("db", "update", "--only", "amazon-updateinfo", "--mirror", rewrite)
    assert ended.status == 1
    assert not list((bare.cache / "db" / "feeds" / "amazon").glob("updateinfo*.gz"))


def test_exports_and_imports_one_file(bare, feeds, lab):
    feeds.files[TRACKER] = tracker()
    assert update(bare, feeds).status == 0
    file = bare.path("db.zst")
    assert bare.run("db", "export", "-o", file).status == 0
    assert lab.run("db", "import", file).status == 0
    assert has_finding(lab, "1.0-1") == ["CVE-2024-1000"]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    assert lab.run("db", "import", file).status == 1
    assert has_finding(lab, "1.0-1") == ["CVE-2024-1000"]
    assert lab.run("db", "verify").status == 0


@pytest.mark.parametrize("change, said, hint", [
    ("schema", "another version of this program", "build or fetch it again with this version"),
    ("text", "the unpacked file is neither a pratique.db nor a trivy.db", "copy it whole"),
    ("damage", "cannot be read", "copy it whole"),
])
def test_says_why_an_imported_file_is_no_database(lab, change, said, hint):
    file = lab.path("other.db")
    data = (lab.cache / "db" / "pratique.db").read_bytes()
    file.write_bytes({"schema": data, "text": b"no database", "damage": data[:4096] + b"x" * 4096 + data[8192:]}[change])
    if change == "schema":
        with sqlite3.connect(file) as database:
            assert database.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'").rowcount == 1
    ended = lab.run("db", "import", file)
    assert ended.status == 1 and said in ended.err and hint in ended.err and "other.db" in ended.err
    assert str(lab.cache) not in ended.err


def test_a_scan_fetches_what_is_missing_and_not_when_told_not_to(bare, feeds):
    feeds.files[TRACKER] = tracker()
    (bare.folder / "root/etc").mkdir(parents=True)
    (bare.folder / "root/var/lib/dpkg").mkdir(parents=True)
    (bare.folder / "root/etc/debian_version").write_text("12.5\n")
    (bare.folder / "root/var/lib/dpkg/status").write_text("Package: hello\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n")
    refused = bare.run("rootfs", "--skip-db-update", bare.folder / "root")
    assert refused.status == 1 and "db-missing" in refused.err and not feeds.asked
    ended = bare.run("rootfs", bare.folder / "root", env={"PRATIQUE_MIRROR": feeds.base, "PRATIQUE_SKIP_DB_UPDATE": "false"})
    assert ended.status == 0, ended.err
    assert "CVE-2024-1000" in ended.out and feeds.count(TRACKER) == 1


@pytest.mark.parametrize("first", [["image", "--download-db-only"], ["db", "update", "debian"], ["rootfs", "ROOT"]])
def test_a_failed_try_is_remembered_whoever_made_it(bare, first):
    """A scan within the hour does not wait for the network again; a try that succeeds takes the mark away."""
    import trees
    root = trees.write(bare.path("root"), trees.debian())
    nothing = ["--mirror", "http://127.0.0.1:1"]
    allowed = {"PRATIQUE_SKIP_DB_UPDATE": "", "SOURCE_DATE_EPOCH": ""}
    mark = bare.cache / "db" / "update-failed"
    ended = bare.run(*[root if a == "ROOT" else a for a in first], *nothing, env=allowed)
    assert ended.status == 1 and "[feeds-unreachable]" in ended.err and mark.exists()
    ended = bare.run("rootfs", root, *nothing, env=allowed)
    assert ended.status == 1 and "[db-missing]" in ended.err and "fetching it failed less than an hour ago" in ended.err
    assert ended.err.count("\n") == 1


def test_a_try_that_succeeds_takes_the_mark_away(bare, feeds):
    feeds.files[TRACKER] = tracker()
    mark = bare.cache / "db" / "update-failed"
    mark.parent.mkdir(exist_ok=True)
    mark.write_text("")
    assert update(bare, feeds).status == 0
    assert not mark.exists()
