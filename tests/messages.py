#!/usr/bin/env python3
"""Every message id and every kind of coverage note in src/ has its row in docs/messages.md, every row its id, and the rows are
sorted."""
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
CALLS = [
    re.compile(r'(?:error_set|error_system)\(\s*[^,]+,\s*[^,]+,\s*"([a-z0-9-]+)"', re.S),
    re.compile(r'\b(?:note|match_note|add_problem)\(\s*[^"();]*?"([a-z]+(?:-[a-z]+)+)"', re.S),  # coverage notes
    re.compile(r'struct coverage_note\)\s*\{\s*STR\("([a-z-]+)"\)', re.S),
    re.compile(r'struct problem\)\s*\{[^}"]*STR\("([a-z-]+)"\)', re.S),
]
LITERAL = re.compile(r'"([a-z0-9-]+)"')


def unknown_to_parents():
    """Ids that a confined child may send by name, but that its parent would not know."""
    known = set(LITERAL.findall((TOP / "src/pack/error_id.c").read_text()))
    said = set()
    for file in (TOP / "src/pack").glob("*.c"):
        if file.name != "error_id.c":
            said.update(i for i in LITERAL.findall(file.read_text()) if i.startswith("archive-") or i == "file-read")
    return sorted(said ^ known)


def unknown_to_layer_jobs():
    """The same for what the walks of layers and folders say themselves."""
    said = set()
    for name in ("layer_walk.c", "folder_walk.c", "walk_wants.c", "walk_pairs.c"):
        for call in CALLS[:1]:
            said.update(call.findall((TOP / "src/scan" / name).read_text()))
    jobs = (TOP / "src/scan/layer_job.c").read_text()
    said.update(CALLS[0].findall(jobs[jobs.index("the child's side"):jobs.index("the parent's side")]))
    known = set(LITERAL.findall(jobs[jobs.index("own[] = {"):jobs.index("pack_error_id(id)")]))
    of_pack = set(LITERAL.findall((TOP / "src/pack/error_id.c").read_text()))
    return sorted((said - of_pack) ^ known)


def main():
    used, literals = set(), set()
    for file in (TOP / "src").rglob("*.c"):
        text = file.read_text()
        for call in CALLS:
            used.update(call.findall(text))
        literals.update(LITERAL.findall(text))  # ids that reach error_set through a helper
    for file in (TOP / "src").rglob("*.h"):  # or that have a name
        literals.update(LITERAL.findall(file.read_text()))
    rows = re.findall(r"^\| `?([a-z0-9-]+)`? \|", (TOP / "docs" / "messages.md").read_text(), re.M)
    rows = [r for r in rows if r not in ("id", "---")]
    problems = [f"docs/messages.md has no row for {i}" for i in sorted(used - set(rows))]
    problems += [f"docs/messages.md explains {i}, which nothing says" for i in sorted(set(rows) - literals)]
    problems += [f"src/pack/error_id.c and the rest of src/pack differ: {i}" for i in unknown_to_parents()]
    problems += [f"src/scan/layer_job.c and what its children say differ: {i}" for i in unknown_to_layer_jobs()]
    if rows != sorted(rows):
        problems.append("docs/messages.md: the rows are not sorted")
    if len(rows) != len(set(rows)):
        problems.append("docs/messages.md: a row stands there twice")
    print("\n".join(problems + [f"{len(used)} ids, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
