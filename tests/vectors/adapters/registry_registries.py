"""How references resolve through registries.conf. A refusal is compared as one: the words are each side's own."""
import json
from pathlib import Path

from case import Case

KIND = "registry/registries"


def got(context, conf, row):
    answer = context.probe("registries", {"conf": [conf], "image": row["image"]})
    return {"refused": True} if "error" in answer else {"endpoints": answer["endpoints"]}


def cases(path):
    path = Path(path)
    conf = (path / "registries.conf").read_text()
    for row in json.loads((path / "resolve.json").read_text()):
        want = {"endpoints": row["endpoints"]} if row.get("endpoints") else {"refused": True}
        yield Case(row["name"], want, lambda ctx, r=row: got(ctx, conf, r))
