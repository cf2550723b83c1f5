"""Rate limit headers. The source is shown as it stands, nothing is read out of it."""
import json
from pathlib import Path

from case import Case

KIND = "registry/ratelimit"


def got(context, row):
    headers = {name.lower(): value for name, value in row["headers"].items()}
    answer = context.probe("ratelimit", {"limit": headers.get("ratelimit-limit", ""), "remaining": headers.get("ratelimit-remaining", "")})
    if "docker-ratelimit-source" in headers:
        answer["source"] = headers["docker-ratelimit-source"]
    return answer


def cases(path):
    for row in json.loads(Path(path).read_text()):
        yield Case(row["name"], row["parsed"], lambda ctx, r=row: got(ctx, r))
