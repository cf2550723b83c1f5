"""Look-ups in a docker config.json, and what credential helpers say."""
import json
from pathlib import Path

from case import Case

KIND = "registry/credentials"


def shape(answer):
    """A token is all that is used where there is one; an empty answer is none."""
    answer.pop("id", None)
    for token in ("identity_token", "registry_token"):
        if token in answer:
            return {token: answer[token]}
    return answer or None


def cases(path):
    path = Path(path)
    config = json.loads((path / "config.json").read_text())
    for row in json.loads((path / "lookups.json").read_text()):
        yield Case(row["name"], row["credential"],
                   lambda ctx, r=row: shape(ctx.probe("credential", {"config": config, "image": r["image"]})))
    for row in json.loads((path / "helper-output.json").read_text()):
        yield Case(f"helper {row['name']}", row["credential"],
                   lambda ctx, r=row: shape(ctx.probe("helper", {"exit": r["exit"], "stdout": r["stdout"]})))
