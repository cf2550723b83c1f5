"""Root file systems with one advisory database: the whole JSON report, and the table where there is one."""
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from case import Case

KIND = "scan/detect"

# Members that are ours (docs/report.md), or depend on the run.
OURS = {"Coverage", "Database", "Sources", "Confinement", "CreatedAt", "ReportID", "ArtifactName", "ArtifactID", "Trivy", "UID", "Fingerprint", "Aliases",
        "KEV", "EPSS", "VendorStatus"}
EXPECTED_ON = "1795392000"  # 2026-11-23, when the expectations were made


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in OURS}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def without_empty(value):
    """Members the peer leaves out when empty."""
    if isinstance(value, dict):
        return {key: without_empty(item) for key, item in value.items() if key not in OURS and item not in ([], None)}
    if isinstance(value, list):
        return [without_empty(item) for item in value]
    return value


def scan(ctx, arguments, database, cwd, more=(), now=EXPECTED_ON):
    cache = tempfile.mkdtemp()
    try:
        os.symlink(database, os.path.join(cache, "db"))
        done = ctx.run(*arguments, "--cache-dir", cache, "--skip-db-update", *more, cwd=cwd, env={"SOURCE_DATE_EPOCH": now})
    finally:
        shutil.rmtree(cache)
    return done


def report(ctx, arguments, database, cwd, now=EXPECTED_ON):
    done = scan(ctx, arguments, database, cwd, ["--format", "json", "--quiet"], now)
    if done.returncode and not done.stdout:
        return {"exit": done.returncode, "error": done.stderr.decode(errors="replace").strip()[-300:] if os.environ.get("VERBOSE") else True}
    return {"exit": done.returncode, "report": without_empty(json.loads(done.stdout))}


def table(ctx, arguments, database, cwd):
    done = scan(ctx, arguments, database, cwd, ["--quiet"])
    text = done.stdout.decode()  # without what the peer's table does not have: docs/report.md, "The table"
    return re.sub(r"\nNot judged\n=+\n(- .*\n)+|\nDatabase: .*\n|(?m:^Not everything was judged: .*\n)", "", text)


def cases(path):
    for folder in sorted(p for p in Path(path).iterdir() if (p / "expected.json").exists()):
        expected = json.loads((folder / "expected.json").read_text())
        arguments = [expected.get("command", "rootfs"), *expected.get("flags", []), "root"]
        database = (Path(path) / "db").resolve()
        want = {"exit": expected["exit"]}
        if expected.get("error"):
            want["error"] = True
        else:
            want["report"] = without_empty(expected["report"])
        yield Case(folder.name, want, lambda ctx, a=arguments, d=database, c=folder: report(ctx, a, d, c), note=expected.get("note", ""))
        text = folder / "expected.txt"
        if text.exists():
            want_text = text.read_text().replace("/SCAN/", "")
            skip = "language packages are judged in a later step" if "lang-pkgs" in (folder / "expected.json").read_text() else ""
            yield Case(folder.name + "/table", want_text, skip=skip, got=lambda ctx, a=arguments, d=database, c=folder: table(ctx, a, d, c))
