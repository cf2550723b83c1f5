#!/usr/bin/env python3
"""Judges a tree of vectors with the product's own code: one small adapter a kind (adapters/*.py).

An adapter module has KIND, the folder or file (without extension) it serves, and cases(path), which yields Case objects (case.py).
It translates between the tree's layout and the product; it never decides. A case's `got` is called with a Context.

A kind that lies in the tree and has no case is a failure; one that is not there is a skip, for a tree may be a part of the whole.
With --whole it is a failure too, and so is a row of disputed.json that no case needs, unless it says
"elsewhere": its case is in another tree."""
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent


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


def judge(kind, module, path, context, disputed, used):
    """Counts of one kind. `used` is given the ids of disputed rows that a case needs."""
    passed = failed = skipped = contested = cases = 0
    reasons = {}
    for case in module.cases(path):
        cases += 1
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
        dispute = disputed.get(case.id)
        if difference(case.want, got) == "":
            passed += 1
            continue
        used.add(case.id)
        if dispute is not None and difference(dispute["got"], got) == "":
            contested += 1
        else:
            failed += 1
            want = dispute["got"] if dispute is not None else case.want
            print(f"FAIL {kind}: {case.id}: {difference(want, got)}{' (' + case.note + ')' if case.note else ''}")
    if not cases:
        failed += 1
        print(f"FAIL {kind}: there is no case in {path}")
    line = f"{kind}: {passed} passed, {failed} failed, {skipped} skipped"
    if reasons:
        line += " (" + "; ".join(reasons) + ")"
    if contested:
        line += f", {contested} disputed"
    print(line)
    return passed, failed, skipped, contested


def absent_kinds(adapters, kinds, is_selected, whole):
    """Kinds that an adapter has and the tree has not: named, counted."""
    absent = [kind for kind in adapters if kind not in kinds and is_selected(kind)]
    for kind in absent:
        print(f"{'FAIL' if whole else 'SKIP'} {kind}: it is not in this tree")
    return len(absent)


def unused_rows(disputed, used, is_selected, whole):
    """Rows of disputed.json that no case needs: the case is gone, or passes as it is."""
    rows = [f"{kind}: {name}" for kind in sorted(disputed) if is_selected(kind) for name, row in disputed[kind].items()
            if name not in used.get(kind, ()) and not row.get("elsewhere")]
    for row in rows if whole else ():
        print(f"FAIL {row}: its row in disputed.json is of no use")
    if rows:
        print(f"disputed rows without a case: {len(rows)}")
    return len(rows) if whole else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--vectors", required=True, type=Path)
    parser.add_argument("--kinds", default="", help="comma-separated; the beginning of a kind selects it")
    parser.add_argument("--whole", action="store_true", help="the tree has every kind and every case that disputed.json names")
    options = parser.parse_args()
    if not options.vectors.is_dir():
        print(f"no vectors at {options.vectors}")
        return 2
    adapters = load_adapters()
    kinds = find_kinds(options.vectors, adapters)
    selected = [k for k in options.kinds.split(",") if k]

    def is_selected(kind):
        return not selected or any(kind.startswith(beginning) for beginning in selected)

    chosen = [kind for kind in kinds if is_selected(kind)]
    disputed = json.loads((HERE / "disputed.json").read_text())
    context = Context(options.build.resolve())
    totals = [0, 0, 0, 0]
    missing = []
    used = {kind: set() for kind in chosen}
    for kind in chosen:
        if kind not in adapters:
            missing.append(kind)
            continue
        for i, count in enumerate(judge(kind, adapters[kind], kinds[kind], context, disputed.get(kind, {}), used[kind])):
            totals[i] += count
    totals[1 if options.whole else 2] += absent_kinds(adapters, kinds, is_selected, options.whole)
    totals[1] += unused_rows(disputed, used, is_selected, options.whole)
    for wanted in selected:
        if not any(k == wanted or k.startswith(wanted) for k in chosen):
            missing.append(wanted)
    if missing:
        print(f"no adapter for: {', '.join(sorted(set(missing)))}")
    print(f"total: {totals[0]} passed, {totals[1]} failed, {totals[2]} skipped, {totals[3]} disputed")
    return 1 if totals[1] or (missing and selected) else 0


if __name__ == "__main__":
    sys.exit(main())
