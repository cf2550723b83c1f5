"""The entry of an index that fits a wanted platform. The indexes lie among the manifests."""
import json
from pathlib import Path

from case import Case

KIND = "registry/platform-selection"


def cases(path):
    path = Path(path)
    for row in json.loads(path.read_text()):
        index = path.parent / "manifests" / row["index"]
        yield Case(row["name"], row["digest"],
                   lambda ctx, f=index, r=row["request"]: ctx.probe("platform", {"path": str(f), "request": r})["digest"],
                   skip="" if index.exists() else "its index is not in this tree")
