"""Link headers of paginated answers."""
import json
from pathlib import Path

from case import Case

KIND = "registry/link-headers"
WORDS = {"link-other-host": "error: other host", "link-downgrade": "error: downgrade", "link-loop": "error: loop"}


def got(context, row):
    answer = context.probe("link", {"request": row["request"], "link": row["link"] or ""})
    return WORDS.get(answer["id"], f"error: {answer['error']}") if "id" in answer else answer.get("next")


def cases(path):
    for row in json.loads(Path(path).read_text()):
        want = row["next"]
        if isinstance(want, str) and want.startswith("error") and want not in WORDS.values():
            yield Case(row["name"], "error", lambda ctx, r=row: str(got(ctx, r))[:5], note=want)
        else:
            yield Case(row["name"], want, lambda ctx, r=row: got(ctx, r))
