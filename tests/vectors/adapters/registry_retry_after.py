"""Retry-After values: seconds to wait, "cap" for ones beyond reason, null for ones to ignore."""
import json
from pathlib import Path

from case import Case

KIND = "registry/retry-after"


def got(context, row):
    answer = context.probe("retryafter", {"value": row["value"] or "", "now": row["now"]})
    return "cap" if answer.get("capped") else answer.get("seconds")


def cases(path):
    for row in json.loads(Path(path).read_text()):
        yield Case(row["name"], row["delay_seconds"], lambda ctx, r=row: got(ctx, r))
