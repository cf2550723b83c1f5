"""bbolt files and the database built from the peer's YAML: the whole content, read back."""
import hashlib
import json
from pathlib import Path

from case import Case

KIND = "scan/trivydb"


def shorten_like(want, got):
    """The tree gives long values as length and sha256: the same is made of ours."""
    if not isinstance(want, dict) or not isinstance(got, (dict, str)):
        return got
    if any("sha256" in key for key in want) and (isinstance(got, str) or set(got) == {"hex"}):
        value = got.encode() if isinstance(got, str) else bytes.fromhex(got["hex"])
        return {key: hashlib.sha256(value).hexdigest() if "sha256" in key else len(value) for key in want}
    if isinstance(got, dict):
        return {key: shorten_like(want.get(key), value) for key, value in got.items()}
    return got


def cases(path):
    for dump in sorted(Path(path).rglob("*.dump.json")):
        file = dump.with_name(dump.name.removesuffix(".dump.json"))
        want = json.loads(dump.read_text())
        if want.get("error") is True:
            yield Case(file.name, True, lambda ctx, f=file: "error" in ctx.probe("bbolt", {"path": str(f)}))
        else:
            yield Case(file.name, want, lambda ctx, f=file, w=want: shorten_like(w, ctx.probe("bbolt", {"path": str(f)}).get("content")))
