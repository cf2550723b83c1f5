"""Manifests and indexes, good and hostile. Of refused ones only the refusal is compared: the tree's words are its own.
Facts about cosign's tags (`tag`, `signs`) belong to signatures, not to manifests."""
import json
from pathlib import Path

from case import Case

KIND = "registry/manifests"
ELSEWHERE = ("note", "tag", "signs")


def got(context, path, want):
    answer = context.probe("manifest", {"path": str(path), "blobs": str(path.parent / "blobs")})
    answer.pop("error", None)
    return {key: answer[key] for key in want if key in answer} | {"valid": answer["valid"]}


def cases(path):
    path = Path(path)
    for name, row in json.loads((path / "expect.json").read_text()).items():
        want = {key: value for key, value in row.items() if key not in ELSEWHERE and key != "error"}
        yield Case(name, want, lambda ctx, f=path / name, w=want: got(ctx, f, w), note=row.get("error", ""))
