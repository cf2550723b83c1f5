"""The runner of vectors itself: what is not there is never taken for passed."""
import json
import re
import subprocess
import sys

from conftest import HERE

RUN = HERE.parent / "vectors" / "run.py"
DISPUTED = json.loads((RUN.parent / "disputed.json").read_text())
ROWS = sum(not row.get("elsewhere") for rows in DISPUTED.values() for row in rows.values())
KINDS = len(list((RUN.parent / "adapters").glob("*.py")))


def run(tmp_path, files, *options):
    for name, text in files.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ended = subprocess.run([sys.executable, RUN, "--build", tmp_path, "--vectors", tmp_path / "tree", *options], capture_output=True, text=True)
    total = re.search(r"total: (\d+) passed, (\d+) failed, (\d+) skipped", ended.stdout)
    return ended, tuple(map(int, total.groups()))


def test_a_kind_without_a_case_is_a_failure(tmp_path):
    ended, total = run(tmp_path, {"scan/versions/README": "", "registry/references/one.json": "[]"}, "--kinds", "scan/versions,registry/references")
    assert ended.returncode == 1 and total == (0, 2, 0) and "FAIL scan/versions: there is no case" in ended.stdout


def test_a_part_of_the_tree_names_what_it_has_not(tmp_path):
    ended, total = run(tmp_path, {"other/kind/x.json": "{}"})
    assert ended.returncode == 0 and total == (0, 0, KINDS)
    assert "SKIP scan/detect: it is not in this tree" in ended.stdout and f"disputed rows without a case: {ROWS}\n" in ended.stdout


def test_the_whole_tree_must_have_it(tmp_path):
    ended, total = run(tmp_path, {"other/kind/x.json": "{}"}, "--whole")
    assert ended.returncode == 1 and total == (0, KINDS + ROWS, 0) and "FAIL scan/detect: it is not in this tree" in ended.stdout


def test_a_selection_without_a_folder_is_a_failure(tmp_path):
    ended, total = run(tmp_path, {"other/kind/x.json": "{}"}, "--kinds", "scan/cvss")
    assert ended.returncode == 1 and total == (0, 0, 1) and "no adapter for: scan/cvss" in ended.stdout
