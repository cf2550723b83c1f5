"""Image references. The columns of the field's own parser are normative; the other library's column is not ours."""
import json
from pathlib import Path

from case import Case

KIND = "registry/references"
FIELDS = ("valid", "registry", "repository", "tag", "digest", "canonical", "familiar", "error")


def got(context, text):
    answer = context.probe("reference", {"input": text})
    if "error" in answer:
        answer["error"] = answer["error"].removeprefix("reference-").replace("-", "_")
    return answer


def cases(path):
    for file in sorted(Path(path).glob("*.json")):
        for row in json.loads(file.read_text()):
            want = {field: row[field] for field in FIELDS if row.get(field) not in (None, "")}
            yield Case(row["input"], want, lambda ctx, text=row["input"]: got(ctx, text))
