#!/usr/bin/env python3
"""Figures beside their floors, taken in the same run: medians of interleaved runs, CPU from the operating system's accounting."""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "lib"))
import images  # noqa: E402

RUNS = int(os.environ.get("RUNS", "7"))


def once(command, **options):
    """CPU seconds (all descendants that were waited for), wall seconds, peak memory of the largest process in MB."""
    start = time.monotonic()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024, process.returncode


def compare(commands, runs=RUNS):
    """Each command once to warm up, then in turn; medians by name. `prepare` may run before each."""
    figures = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, entry in commands.items():
            command, prepare = entry if isinstance(entry, tuple) else (entry, None)
            if prepare:
                prepare()
            figure = once(command)
            if figure[3] not in (0,):
                raise SystemExit(f"{name}: {command} ended with {figure[3]}")
            if turn:
                figures[name].append(figure)
    return {name: tuple(statistics.median(f[i] for f in rows) for i in range(3)) for name, rows in figures.items()}


failures = []


def judge(name, value, bar, unit, note=""):
    good = value <= bar
    if not good:
        failures.append(name)
    print(f"{'ok  ' if good else 'MISS'} {name}: {value:.3g} {unit} (bar {bar:g}){'  ' + note if note else ''}")


def skip(name, reason):
    print(f"SKIP {name}: {reason}")


def make_rootfs(work, name, variant, include=""):
    tar = work / f"{name}.tar"
    if not tar.exists():
        command = ["mmdebstrap", f"--variant={variant}", "--quiet", "bookworm", str(tar)]
        if include:
            command.insert(2, f"--include={include}")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return tar


def compile_floor(work, name, *libraries):
    binary = work / name
    source = Path(__file__).parent / "floor" / f"{name}.c"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["cc", "-O2", "-w", "-o", str(binary), str(source), *libraries], check=True)
    return binary


def bench_startup(options, work):
    empty = compile_floor(work, "empty")
    got = compare({"floor": [empty], "version": [options.pratique, "--version"]}, 25)
    judge("--version above an empty program", (got["version"][1] - got["floor"][1]) * 1000, 5, "ms wall", f"floor {got['floor'][1] * 1000:.2f} ms")


def bench_layers(options, work, rootfs):
    cache = work / "cache"

    def forget():
        shutil.rmtree(cache / "pratique", ignore_errors=True)

    database = ["--db-file", options.database] if options.database else ["--scanners", "none"]
    scan = [options.pratique, "image", "--quiet", "--pkg-types", "os", "--cache-dir", cache, *database, "--input"]
    gzip = work / "layout-gzip"
    if not gzip.exists():
        images.oci_layout(gzip, [rootfs], "gzip")
    blob = max((gzip / "blobs" / "sha256").iterdir(), key=lambda p: p.stat().st_size)
    floor = compile_floor(work, "inflate_hash", "-lisal", "-lcrypto")
    commands = {"floor": [floor, blob], "inflate": [floor, blob, "inflate"], "scan": ([*scan, gzip], forget)}
    if shutil.which("igzip"):
        commands["igzip"] = ["igzip", "-dc", blob]
    got = compare(commands)
    size = f"{rootfs.stat().st_size >> 20} MB tar, {blob.stat().st_size >> 20} MB gzip"
    judge("gzip layer, CPU over inflating and hashing", got["scan"][0] / got["floor"][0], 1.15, "x",
          f"{got['scan'][0]:.3f} s against {got['floor'][0]:.3f} s, {size}")
    if "igzip" in got:
        judge("gzip layer, wall over igzip -dc", got["scan"][1] / got["igzip"][1], 1.3, "x", f"{got['scan'][1]:.3f} s against {got['igzip'][1]:.3f} s")
    else:
        skip("gzip layer, wall over igzip -dc", "igzip is not installed")
    judge("gzip layer, peak memory", got["scan"][2], 48, "MB")

    archive = work / "plain.tar"
    if not archive.exists():
        images.docker_archive(archive, [rootfs])
    got = compare({"scan": [*scan, archive]})
    judge("plain layer", got["scan"][1] * 1000, 40, "ms wall")

    empty = compile_floor(work, "empty")
    once([*scan, gzip])
    got = compare({"floor": [empty], "scan": [*scan, gzip]}, 25)
    judge("second scan above an empty program", (got["scan"][1] - got["floor"][1]) * 1000, 15, "ms wall")


def bench_large(options, work):
    packages = "build-essential,linux-image-amd64,openjdk-17-jdk-headless,clang,postgresql,nodejs,git,python3-numpy"
    try:
        rootfs = make_rootfs(work, "large", "important", packages)
    except subprocess.CalledProcessError:
        return skip("large docker archive", "its root file system cannot be made here")
    archive = work / "large-image.tar"
    if not archive.exists():
        images.docker_archive(archive, [rootfs])
    database = ["--db-file", options.database] if options.database else ["--scanners", "none"]
    command = [options.pratique, "image", "--quiet", "--pkg-types", "os", "--cache-dir", work / "cache", *database, "--input", archive]
    got = compare({"scan": command})
    judge(f"docker archive of {archive.stat().st_size / 1e9:.2f} GB, plain layers, OS packages", got["scan"][0], 0.25, "s CPU",
          f"{got['scan'][1] * 1000:.0f} ms wall, peak {got['scan'][2]:.0f} MB")


def bench_database(options, work):
    feeds = Path(options.feeds)
    if not feeds.is_dir():
        return skip("database build", "no folder of feeds (SHARED)")
    output = work / "built.db"
    cpu, wall, _, status = once([options.pratique, "db", "build", "--quiet", "--feeds", feeds, "--output", output, "--cache-dir", work / "cache"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    if status:
        raise SystemExit("db build failed")
    judge("database from the OS feeds", wall, 30, "s wall", f"{cpu:.1f} s CPU, {output.stat().st_size >> 20} MB")
    judge("database from the OS feeds, largest process so far", peak, 256, "MB")
    options.database = output


def patched_packages(database, count):
    """Names the database knows, at the last fixed version it names: a machine that is kept up to date."""
    import sqlite3
    rows = sqlite3.connect(database).execute(
        "SELECT e.package, r.body FROM entry e JOIN bucket b ON b.id = e.bucket JOIN record r ON r.id = e.record "
        "WHERE b.name = 'debian 12' ORDER BY e.package LIMIT ?", (count,)).fetchall()
    for name, body in rows:
        fixes = [record.get("FixedVersion") for record in json.loads(body).values()]
        yield name, next((fix for fix in reversed(fixes) if fix), "1.0-1")
    for i in range(count - len(rows)):
        yield f"absent-{i}", "1.0-1"


def bench_matching(options, work):
    """1,000 packages against none: what matching adds to a cached scan."""
    if not options.database:
        return skip("matching 1,000 packages", "no database")
    root = work / "thousand"
    status = root / "var/lib/dpkg/status"
    if not status.exists():
        status.parent.mkdir(parents=True)
        status.write_text("".join(f"Package: {n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {v}\n\n"
                                  for n, v in patched_packages(options.database, 1000)))
        (root / "etc").mkdir()
        (root / "etc/debian_version").write_text("12.5\n")
    command = [options.pratique, "rootfs", "--quiet", "--pkg-types", "os", "--severity", "CRITICAL", "--cache-dir", work / "cache", "--db-file", options.database]
    got = compare({"none": [*command[:3], "--scanners", "none", *command[3:], root], "match": [*command, root]}, 15)
    judge("matching 1,000 packages", (got["match"][1] - got["none"][1]) * 1000, 20, "ms wall",
          f"{got['match'][1] * 1000:.1f} ms against {got['none'][1] * 1000:.1f} ms without")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pratique", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--feeds", default="")
    parser.add_argument("--quick", action="store_true", help="without the 1.7 GB archive")
    options = parser.parse_args()
    options.database = None
    options.work.mkdir(parents=True, exist_ok=True)
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "?")
    print(f"{os.cpu_count()} CPUs, {model}; medians of {RUNS} interleaved runs")
    bench_startup(options, options.work)
    bench_database(options, options.work)
    bench_matching(options, options.work)
    if not shutil.which("mmdebstrap"):
        skip("layers", "mmdebstrap is not installed")
    else:
        try:
            rootfs = make_rootfs(options.work, "minbase", "minbase")
        except subprocess.CalledProcessError:
            rootfs = None
            skip("layers", "a Debian root file system cannot be made here")
        if rootfs:
            bench_layers(options, options.work, rootfs)
            if not options.quick:
                bench_large(options, options.work)
    print(f"{len(failures)} bars missed" + (": " + ", ".join(failures) if failures else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
