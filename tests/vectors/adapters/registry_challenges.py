"""WWW-Authenticate values. Of refused ones only the refusal is compared: the words are each side's own."""
import json
from pathlib import Path

from case import Case

KIND = "registry/challenges"


def got(context, row):
    answer = context.probe("challenge", {"registry": row["registry"], "headers": row["headers"]})
    return {"refused": True} if "error" in answer else {"challenges": answer["challenges"]}


def cases(path):
    for row in json.loads(Path(path).read_text()):
        want = {"refused": True} if "error" in row else {"challenges": row["challenges"]}
        yield Case(row["name"], want, lambda ctx, r=row: got(ctx, r), note=row.get("error", ""))
