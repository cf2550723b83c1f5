#!/usr/bin/env python3
"""Judges a tree of vectors with the product's own code: one small adapter a kind (adapters/*.py).

An adapter module has KIND, the folder or file (without extension) it serves, and cases(path), which yields Case objects.
It translates between the tree's layout and the product; it never decides. A case's `got` is called with a Context."""
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

HERE = Path(__file__).resolve().parent


@dataclass
class Case:
    id: str
    want: Any
    got: Callable[["Context"], Any]
    note: str = ""
    skip: str = ""  # reason; counted and named


class Context:
    """What adapters run the product with."""

    def __init__(self, build: Path):
        self.build = build
        self.pratique = build / "src" / "cmd" / "pratique"
        self.probes = {}

    def probe(self, verb, request):
        """One request to the long-lived probe of a verb: a JSON line out, a JSON line back."""
        process = self.probes.get(verb)
        if process is None or process.poll() is not None:
            process = subprocess.Popen([str(self.build / "tests" / "vectors" / "probe"), verb], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.probes[verb] = process
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"probe {verb} ended with {process.wait()}")
        return json.loads(line)

    def run(self, *arguments, **options):
        """The product's command line; returns CompletedProcess with bytes."""
        options.setdefault("capture_output", True)
        options.setdefault("timeout", 120)
        environment = dict(os.environ)
        environment.update(options.pop("env", {}))
        return subprocess.run([str(self.pratique), *map(str, arguments)], env=environment, **options)


def load_adapters():
    adapters = {}
    for path in sorted((HERE / "adapters").glob("*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        adapters[module.KIND] = module
    return adapters


def find_kinds(root, adapters):
    """Kinds of a tree: those an adapter names, and every other folder or .json two levels down."""
    kinds = {}
    for kind in adapters:
        for candidate in (root / kind, root / f"{kind}.json"):
            if candidate.exists():
                kinds[kind] = candidate
    for group in sorted(p for p in root.iterdir() if p.is_dir()):
        for entry in sorted(group.iterdir()):
            kind = f"{group.name}/{entry.name.removesuffix('.json')}"
            if entry.is_dir() or (entry.suffix == ".json" and kind not in kinds):
                if not any(known.startswith(kind + "/") for known in adapters):
                    kinds.setdefault(kind, entry)
    return dict(sorted(kinds.items()))


def shorten(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 600 else text[:600] + "…"


def difference(want, got, path="$"):
    """Where two JSON values first part, for a message that can be read."""
    if isinstance(want, dict) and isinstance(got, dict):
        for key in list(want) + [k for k in got if k not in want]:
            if key not in got:
                return f"{path}.{key}: wanted {shorten(want[key])}, absent"
            if key not in want:
                return f"{path}.{key}: not wanted, got {shorten(got[key])}"
            found = difference(want[key], got[key], f"{path}.{key}")
            if found:
                return found
        return ""
    if isinstance(want, list) and isinstance(got, list):
        for i in range(max(len(want), len(got))):
            if i >= len(got):
                return f"{path}[{i}]: wanted {shorten(want[i])}, absent"
            if i >= len(want):
                return f"{path}[{i}]: not wanted, got {shorten(got[i])}"
            found = difference(want[i], got[i], f"{path}[{i}]")
            if found:
                return found
        return ""
    return "" if want == got else f"{path}: wanted {shorten(want)}, got {shorten(got)}"


def judge(kind, module, path, context, disputed):
    passed = failed = skipped = contested = 0
    reasons = {}
    for case in module.cases(path):
        if case.skip:
            skipped += 1
            reasons[case.skip] = reasons.get(case.skip, 0) + 1
            print(f"SKIP {kind}: {case.id}: {case.skip}")
            continue
        try:
            got = case.got(context)
        except Exception as problem:  # a crash of the product is a failure of the case
            got = {"exception": f"{problem}"}
            if os.environ.get("VERBOSE"):
                traceback.print_exc()
        dispute = disputed.get(kind, {}).get(case.id)
        if difference(case.want, got) == "":
            passed += 1
        elif dispute is not None and difference(dispute["got"], got) == "":
            contested += 1
        else:
            failed += 1
            want = dispute["got"] if dispute is not None else case.want
            print(f"FAIL {kind}: {case.id}: {difference(want, got)}{' (' + case.note + ')' if case.note else ''}")
    line = f"{kind}: {passed} passed, {failed} failed, {skipped} skipped"
    if reasons:
        line += " (" + "; ".join(reasons) + ")"
    if contested:
        line += f", {contested} disputed"
    print(line)
    return passed, failed, skipped, contested


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--vectors", required=True, type=Path)
    parser.add_argument("--kinds", default="", help="comma-separated; the beginning of a kind selects it")
    options = parser.parse_args()
    if not options.vectors.is_dir():
        print(f"no vectors at {options.vectors}")
        return 2
    adapters = load_adapters()
    kinds = find_kinds(options.vectors, adapters)
    selected = [k for k in options.kinds.split(",") if k]
    chosen = [k for k in kinds if not selected or any(k == s or k.startswith(s) for s in selected)]
    disputed = json.loads((HERE / "disputed.json").read_text())
    context = Context(options.build.resolve())
    totals = [0, 0, 0, 0]
    missing = []
    for kind in chosen:
        if kind not in adapters:
            missing.append(kind)
            continue
        for i, count in enumerate(judge(kind, adapters[kind], kinds[kind], context, disputed)):
            totals[i] += count
    for wanted in selected:
        if not any(k == wanted or k.startswith(wanted) for k in chosen):
            missing.append(wanted)
    if missing:
        print(f"no adapter for: {', '.join(sorted(set(missing)))}")
    print(f"total: {totals[0]} passed, {totals[1]} failed, {totals[2]} skipped, {totals[3]} disputed")
    return 1 if totals[1] or (missing and selected) else 0


if __name__ == "__main__":
    sys.exit(main())
