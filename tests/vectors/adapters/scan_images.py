"""Docker archives and OCI layouts: the whole JSON report with layers."""
import json
from pathlib import Path

import scan_detect
from case import Case

KIND = "scan/images"
FIXED_CLOCK = "1629894030"  # 2021-08-25T12:20:30Z, the clock of the expectations


def without_secrets(expected):
    """Secrets are a later step: their results are not asked for."""
    results = [r for r in expected["report"].get("Results", []) if r.get("Class") != "secret"]
    if "Results" in expected["report"]:
        expected["report"]["Results"] = results
    return expected


def cases(path):
    database = (Path(path).parent / "detect" / "db").resolve()
    for folder in sorted(p for p in Path(path).iterdir() if (p / "expected.json").exists()):
        expected = json.loads((folder / "expected.json").read_text())
        flags = [f.replace("vuln,secret", "vuln") for f in expected.get("flags", [])]
        arguments = ["image", *flags, "--input", expected["input"]]
        want = {"exit": expected["exit"]}
        if expected.get("error"):
            want["error"] = True
        else:
            want["report"] = scan_detect.without_empty(without_secrets(expected)["report"])
        skip = "" if database.is_dir() else "no advisory database beside it"
        yield Case(folder.name, want, lambda ctx, a=arguments, c=folder: scan_detect.report(ctx, a, database, c, FIXED_CLOCK), note=expected.get("note", ""), skip=skip)
