"""What a hostile image or a hostile neighbour may cost, reach and leave behind."""
import gzip
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import images
import pytest
import trees
from conftest import BINARY, findings, packages
from test_hostile import SANITIZED, peak_and_time
from test_sources import EXPECTED

ROOT = os.geteuid() == 0


def pax_tar(path, entries):
    """(name, content, pax records) by hand: what tarfile would not lie about."""
    out = b""
    for name, content, records in entries:
        body = b"".join(records)
        for title, kind, data in ((b"pax", b"x", body), (name.encode(), b"0", content)):
            if kind == b"x" and not body:
                continue
            header = bytearray(512)
            header[: len(title)] = title
            header[100:108], header[124:136], header[136:148] = b"0000644\0", b"%011o\0" % len(data), b"%011o\0" % 0
            header[148:156], header[156:157], header[257:265] = b" " * 8, kind, b"ustar\x0000"
            header[148:156] = b"%06o\0 " % sum(header)
            out += bytes(header) + data + b"\0" * (-len(data) % 512)
    path.write_bytes(out + b"\0" * 1024)
    return path


def record(key, value):
    rest = b" " + key + b"=" + value + b"\n"
    size = len(rest)
    while len(str(size)) + len(rest) != size:
        size = len(str(size)) + len(rest)
    return str(size).encode() + rest


@pytest.mark.parametrize("size", [b"18446744073709551615", b"18446744073709551104", b"9223372036854775808"])
def test_pax_size_that_would_wrap(lab, size):
    pax_tar(lab.path("root.tar"), [(name, content, [record(b"size", size)]) for name, content in trees.debian().items()])
    ended = lab.run("rootfs", lab.path("root.tar"))
    assert ended.status == 1 and "a pax size is no number [archive-damaged]" in ended.err


def test_whiteouts_that_name_nothing_cost_nothing(lab):
    below = images.tar_of(trees.debian(), lab.path("below.tar"))
    above = images.tar_of({name: b"" for name in (".wh.", ".wh..", ".wh...", "var/.wh.", "var/lib/.wh..", "var/lib/dpkg/.wh...")}, lab.path("above.tar"))
    assert findings(lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [below, above]))) == EXPECTED


def test_deep_paths_are_noted_and_not_looked_up_in_every_layer(lab):
    deep = "/".join("a" for _ in range(1900)) + "/node_modules/x/package.json"
    below = images.tar_of({**trees.debian(), **{f"{i}/{deep}": b'{"name":"x","version":"1"}' for i in range(300)}}, lab.path("below.tar"))
    above = [images.tar_of({f".wh.none{i}": b""}, lab.path(f"above{i}.tar")) for i in range(60)]
    began = time.monotonic()
    report = lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [below, *above]), "--list-all-pkgs")
    assert time.monotonic() - began < 20
    assert findings(report) == EXPECTED
    assert sum(note["Message"].endswith("lies deeper than 128 folders") for note in report["Coverage"]) == 300


def fnv_twins(count, bits):
    """Names whose FNV-1a hashes end in the same bits: one slot of a table that hashes by FNV alone."""
    mask, number = (1 << bits) - 1, 0
    while count:
        value, name = 0xCBF29CE484222325, b"%x" % number
        for byte in name:
            value = ((value ^ byte) * 0x100000001B3) & mask
        number += 1
        if value == 1:
            count -= 1
            yield name.decode()


def test_names_aimed_at_one_slot(lab):
    names = fnv_twins(64, 12)
    below = images.tar_of(trees.debian(), lab.path("below.tar"))
    above = images.tar_of({f".wh.{name}": b"" for name in names}, lab.path("above.tar"))
    assert findings(lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [below, above]))) == EXPECTED


def test_many_labels_in_one_instruction(lab):
    root = trees.write(lab.path("root"), {**trees.debian(), "root/buildinfo/Dockerfile-x-1-2": b"LABEL " + b"a=b " * 150000})
    peak, seconds, status, err = peak_and_time(lab, "rootfs", root)
    assert status == 0 and (SANITIZED or peak < 100) and seconds < 20, err


@pytest.mark.parametrize("into", [0, 5000])
@pytest.mark.parametrize("step", ["/a" * 1900, "/a" * 3, "/" + "a" * 95], ids=["deep", "short", "long"])
def test_links_that_lead_on_and_on(lab, into, step):
    """Each of the links makes the path longer by its target's rest; many more lead into the first."""
    folder = "var/lib/dpkg/status.d/"
    chain = {f"{folder}c{i}": ("symlink", f"c{i + 1}{step}") for i in range(39)}
    more = {f"{folder}into{i}": ("symlink", f"c0{step}") for i in range(into)}
    tar = images.tar_of({**trees.debian(), **chain, **more}, lab.path("root.tar"))
    peak, seconds, status, err = peak_and_time(lab, "rootfs", "--timeout", "60s", tar, limit=80)
    assert status == 0, err
    assert seconds < 30
    if not SANITIZED:
        assert peak < 150
    assert findings(lab.report("rootfs", tar)) == EXPECTED


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_devices_are_no_archives(lab, device):
    for arguments in (["rootfs", device], ["image", "--input", device]):
        ended = lab.run(*arguments, timeout=20)
        assert ended.status == 1 and "[input-not-file]" in ended.err and "Total" not in ended.out


def test_layout_links_that_leave_it_are_not_followed(lab):
    layout = images.oci_layout(lab.path("layout"), [images.tar_of(trees.debian(), lab.path("root.tar"))])
    for file in [layout / "index.json", *(layout / "blobs" / "sha256").iterdir()]:
        moved = lab.path("outside") / file.name
        moved.parent.mkdir(exist_ok=True)
        file.rename(moved)
        file.symlink_to(moved)
        ended = lab.run("image", "--input", layout)
        assert ended.status == 1 and ("[input-link-outside]" in ended.err or "[input-not-image]" in ended.err), ended.err
        file.unlink()
        moved.rename(file)
    inside = layout / "index"
    (layout / "index.json").rename(inside)
    (layout / "index.json").symlink_to("index")
    assert findings(lab.report("image", "--input", layout)) == EXPECTED


def test_a_file_named_dash_is_that_file(lab):
    tree = trees.write(lab.path("root"), {**trees.debian(), "var/lib/dpkg/status.d/-": trees.dpkg_status([("dash", "1-1", "dash", "")])})
    assert "dash@1-1" in packages(lab.report("rootfs", tree, "--list-all-pkgs", stdin=trees.dpkg_status([("stdin", "1-1", "stdin", "")])))


def test_files_that_turn_into_links_and_pipes(lab):
    """A folder that changes while it is read: links are not followed outside, pipes not waited for."""
    tree = trees.write(lab.path("root"), trees.debian())
    (lab.path("secret")).write_bytes(trees.dpkg_status([("secret", "1-1", "secret", "")]))
    race = subprocess.Popen(["bash", "-c", f"cd {tree}/var/lib/dpkg; while :; do ln -sf {lab.folder}/secret new; mv new status; rm -f new; mkfifo new; mv new status; done"],
                            stderr=subprocess.DEVNULL)
    try:
        for _ in range(40):
            ended = lab.run("rootfs", tree, "-f", "json", "--list-all-pkgs", timeout=20)
            assert ended.status == 0 and "secret@1-1" not in ended.out
    finally:
        race.kill()
        race.wait()


# ---- the layer cache -------------------------------------------------------------------------------------------------------


def cached(lab):
    return sorted(lab.cache.rglob("*.zst"))


def test_planted_cache_files_are_not_believed(lab):
    good = images.oci_layout(lab.path("layout"), [images.tar_of(trees.debian(), lab.path("root.tar"))])
    other = images.oci_layout(lab.path("other"), [images.tar_of(trees.debian([("clean", "1.0-1", "clean", "")]), lab.path("other.tar"))])
    assert findings(lab.report("image", "--input", other)) == []
    planted = {path.name.split(".")[1]: path.read_bytes() for path in cached(lab)}
    shutil.rmtree(lab.cache / "pratique")
    assert findings(lab.report("image", "--input", good)) == EXPECTED
    files = cached(lab)
    for how in ("writable", "link", "pipe", *(["foreign"] if ROOT else [])):
        for path in files:
            path.unlink()
            if how == "pipe":
                os.mkfifo(path)
                continue
            target = lab.path("planted-" + path.name) if how == "link" else path
            target.write_bytes(planted[path.name.split(".")[1]])
            if how == "link":
                path.symlink_to(target)
            elif how == "writable":
                path.chmod(0o666)
            else:
                os.chown(path, 65534, 65534)
        assert findings(lab.report("image", "--input", good, timeout=30)) == EXPECTED, how


@pytest.mark.parametrize("how", ["others may write", "another's"])
@pytest.mark.parametrize("level", ["pratique", "pratique/layers", "pratique/layers/??"])
def test_a_cache_where_others_may_rename_is_not_used(lab, level, how):
    if how == "another's" and not ROOT:
        pytest.skip("only root gives folders away")
    layout = images.oci_layout(lab.path("layout"), [images.tar_of(trees.debian(), lab.path("root.tar"))])
    assert findings(lab.report("image", "--input", layout)) == EXPECTED and cached(lab)
    for file in cached(lab):
        file.write_bytes(b"")  # would be found missing and written again
    for folder in lab.cache.glob(level):
        folder.chmod(0o777) if how == "others may write" else os.chown(folder, 65534, 65534)
    assert findings(lab.report("image", "--input", layout)) == EXPECTED
    assert all(file.read_bytes() == b"" for file in cached(lab))


def test_a_folder_in_tmp_that_others_may_write_is_not_the_cache():
    """Without a home the cache lies below /tmp, where names can be taken first."""
    path, environment = Path(f"/tmp/pratique-{os.geteuid()}"), {"PATH": os.environ["PATH"], "HOME": "/"}
    if path.is_symlink() or path.exists():
        pytest.skip(f"{path} is there already")
    try:
        path.mkdir(mode=0o700)
        ended = subprocess.run([BINARY, "db", "info"], env=environment, capture_output=True, text=True, timeout=20)
        assert f"{path}/pratique/" in ended.stderr
        path.chmod(0o777)
        ended = subprocess.run([BINARY, "db", "info"], env=environment, capture_output=True, text=True, timeout=20)
        assert f"{path}/pratique/" not in ended.stderr and f"{path}-" in ended.stderr
        Path(ended.stderr.split("database at ")[1].split("/pratique/")[0]).rmdir()
    finally:
        path.rmdir()


def test_links_with_the_words_of_a_key_share_no_cache_entry(lab):
    """A link's target that reads like two links of another image: the key must tell them apart."""
    status, release = trees.debian()["var/lib/dpkg/status"], trees.debian()["etc/os-release"]
    layer = images.tar_of({"real/status": status, "real/release": release}, lab.path("layer.tar"))
    odd = "real/status var/lib/dpkg/status\nalias real/release"
    first = images.tar_of({"var/lib/dpkg/status": ("symlink", "/" + odd), "etc/os-release": ("symlink", "/" + odd)}, lab.path("first.tar"))
    second = images.tar_of({"var/lib/dpkg/status": ("symlink", "/real/status"), "etc/os-release": ("symlink", "/real/release")}, lab.path("second.tar"))
    lab.run("image", "--input", images.oci_layout(lab.path("a"), [layer, first]))
    with_cache = lab.report("image", "--input", images.oci_layout(lab.path("b"), [layer, second]))
    shutil.rmtree(lab.cache / "pratique")
    assert findings(with_cache) == findings(lab.report("image", "--input", lab.folder / "b")) != []


# ---- ended by a signal -----------------------------------------------------------------------------------------------------


def children_of(pid):
    """Processes whose parent it is."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(name))
    return found


def targets_of(pid):
    """What its descriptors lead to."""
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except OSError:  # closed meanwhile
            continue
    return found


def is_alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_signals_leave_no_child(lab, number):
    process = lab.start("rootfs", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not children_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    children = children_of(process.pid)
    assert children
    process.send_signal(number)
    assert process.wait(20) == -number
    process.stdin.close()
    while any(map(is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, children))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_no_temporary_file(bare, number):
    """A database build is stopped while its file grows."""
    feeds = bare.path("feeds/alpine/v3.18/main.json")
    with open(feeds, "w") as out:
        out.write('{"distroversion":"v3.18","reponame":"main","packages":[')
        for i in range(200000):
            out.write('%s{"pkg":{"name":"p%d","secfixes":{"1.0-r0":["CVE-2020-%d"]}}}' % ("," if i else "", i, 10000 + i))
        out.write("]}")
    stopped = False
    for pause in (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2):
        process = bare.start("db", "build", "--feeds", bare.folder / "feeds", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(number)
        stopped = process.wait(60) == -number or stopped
        left = [p.name for p in bare.cache.rglob("*") if p.is_file() and not p.name.endswith((".lock", "pratique.db"))]
        assert not left
    assert stopped


def test_children_hold_no_descriptor_of_others(lab):
    """What is open in the parent (here: a file a shell left open) is closed in the child, and its stderr is not the terminal."""
    with open(lab.path("open"), "w") as left_open:
        process = lab.start("rootfs", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=[left_open.fileno()])
        deadline = time.monotonic() + 20
        while not children_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        (child,) = children_of(process.pid)
        closed = ("pipe:", "/memfd:", "/dev/null")
        while not all(target.startswith(closed) for target in targets_of(child)) and time.monotonic() < deadline:
            time.sleep(0.02)  # it closes them after it was made
        targets = targets_of(child)
        process.kill()
        process.communicate()
    assert not [target for target in targets if "/open" in target], targets
    if not os.environ.get("ASAN_OPTIONS"):
        assert "/dev/null" in targets
    assert targets and all(target.startswith(closed) for target in targets), targets


# ---- what people hand over -------------------------------------------------------------------------------------------------


def test_pipes_in_place_of_files_end_with_the_time_allowed(lab):
    tree = trees.write(lab.path("root"), trees.debian())
    os.mkfifo(lab.path("pipe"))
    ended = lab.run("rootfs", "--timeout", "1s", lab.folder / "pipe", timeout=20)
    assert ended.status == 1 and "[timeout]" in ended.err
    ended = lab.run("rootfs", tree, "--timeout", "1s", "--db-file", lab.folder / "pipe", timeout=20)
    assert ended.status == 1 and "[file-not-regular]" in ended.err
    for name in ("trivy.yaml", ".trivyignore"):
        os.mkfifo(lab.work / name)
    assert findings(lab.report("rootfs", tree, timeout=20)) == EXPECTED


@pytest.mark.parametrize("text", ["k: : : : :  : : ? : 2a: : 2bas: :  : 4v: : 2bat:\t:u: : 2a: : 2: [: *b]\n", "%\xf8\n", "a: " + "[" * 100000])
def test_yaml_that_its_library_does_not_survive(lab, text):
    """Read in a confined child: libfyaml 0.7 crashes on the first and never comes back from the second."""
    tree = trees.write(lab.path("root"), trees.debian())
    for name, option in (("trivy.yaml", []), ("ignore.yaml", ["--ignorefile", "ignore.yaml"])):
        (lab.work / name).write_bytes(text.encode("latin-1"))
        ended = lab.run("rootfs", tree, *option, timeout=60)
        assert ended.status == 1 and "[yaml-invalid]" in ended.err, ended.err
        (lab.work / name).unlink()


def test_database_with_a_schema_of_its_own(lab):
    """A view in a table's place runs nothing."""
    with sqlite3.connect(lab.cache / "db" / "pratique.db") as database:
        database.execute("ALTER TABLE entry RENAME TO real")
        database.execute("CREATE VIEW entry AS SELECT a.bucket, a.package, a.record FROM real a, real b, real c, real d, real e, real f, real g")
    began = time.monotonic()
    ended = lab.run("rootfs", trees.write(lab.path("root"), trees.debian()), timeout=30)
    assert ended.status == 1 and "[db-tables]" in ended.err and "real" in ended.err and time.monotonic() - began < 10


def test_database_that_steers_the_terminal(lab):
    with sqlite3.connect(lab.cache / "db" / "pratique.db") as database:
        for column in ("name", "as_of", "licence", "url"):
            database.execute(f"UPDATE source SET {column} = ?", ("\x1b]0;x\x07\x9b2J",))
        database.execute("UPDATE meta SET value = ? WHERE key = 'built_at'", ("\x1b[2J\x9b2J",))
    for arguments in (["db", "info"], ["version"], ["db", "info", "-f", "json"], ["rootfs", trees.write(lab.path("root"), trees.debian())]):
        ended = lab.run(*arguments)
        assert not {"\x1b", "\x07", "\x9b"} & set(ended.out + ended.err), arguments


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_not_taken_for_files(lab, closed):
    tree = trees.write(lab.path("root"), trees.debian())
    command = f'exec "$0" rootfs "$1" --debug -f json -o "$2" {closed}'
    ended = subprocess.run(["bash", "-c", command, BINARY, tree, lab.path("report.json")], env=lab.environment(), cwd=lab.work, timeout=60)
    assert ended.returncode == 0
    assert findings(json.loads((lab.folder / "report.json").read_text())) == EXPECTED
    ended = subprocess.run(["bash", "-c", 'exec "$0" rootfs "$1" >&-', BINARY, tree], env=lab.environment(), cwd=lab.work, timeout=60, stderr=subprocess.PIPE)
    assert ended.returncode == 1 and b"[file-write]" in ended.stderr


def test_a_full_disk_while_unpacking_an_archive_says_so(lab):
    """The parent's own failure counts, not that of the child it stopped."""
    archive = images.docker_archive(lab.path("image.tar"), [images.tar_of({"big": os.urandom(3 << 20)}, lab.path("big.tar"))])
    packed = lab.path("image.tar.gz")
    packed.write_bytes(gzip.compress(archive.read_bytes(), 1))
    ended = lab.start("image", "--input", packed, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
    _, err = ended.communicate(timeout=60)
    assert ended.returncode == 1 and b"File too large" in err and b"set TMPDIR" in err


@pytest.mark.parametrize("word", ["scan", "explain"])
def test_a_pipe_that_nobody_writes_to_ends_with_the_time_allowed(lab, word):
    os.mkfifo(lab.work / "pipe")
    ended = lab.run(word, *(["CVE-2023-10001"] if word == "explain" else []), "pipe", "--timeout", "1s", timeout=30)
    assert ended.status != 0 and "[timeout]" in ended.err


def test_a_producer_that_stalls_ends_with_the_time_allowed(lab):
    process = lab.start("image", "--input", "-", "--timeout", "1s", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stdin.write(b"x" * 1000)
    process.stdin.flush()
    err = process.stderr.read()
    assert process.wait(30) != 0 and b"[timeout]" in err
    process.stdin.close()
