"""bbolt files and the database built from the peer's YAML: the whole content, read back."""
import json
from pathlib import Path

from __main__ import Case

KIND = "scan/trivydb"


def cases(path):
    for dump in sorted(Path(path).rglob("*.dump.json")):
        file = dump.with_name(dump.name.removesuffix(".dump.json"))
        want = json.loads(dump.read_text())
        if want.get("error") is True:
            yield Case(file.name, True, lambda ctx, f=file: "error" in ctx.probe("bbolt", {"path": str(f)}))
        else:
            yield Case(file.name, want, lambda ctx, f=file: ctx.probe("bbolt", {"path": str(f)}).get("content"))
