"""scan/rpmdb: one database file of RPM → its headers; broken files → an error."""
import hashlib
import json

from case import Case

KIND = "scan/rpmdb"
PLAIN = ["name", "epoch", "version", "release", "arch", "sourcerpm", "vendor", "license", "modularitylabel", "sigmd5", "size", "installtime"]


def files_of(header):
    joined = [header["dirnames"][i] + base for i, base in zip(header["dirindexes"], header["basenames"])]
    return header["oldfilenames"] + joined


def as_expected(header, example):
    """With lists or their counts, as the case has it."""
    result = {key: header[key] for key in PLAIN}
    lists = {"files": files_of(header), "provides": header["provides"], "requires": header["requires"]}
    for name, items in lists.items():
        if name in example:
            result[name] = items
        else:
            result["n_" + name] = len(items)
    if "files_sha256_16" in example:
        result["files_sha256_16"] = hashlib.sha256("\n".join(lists["files"]).encode()).hexdigest()[:16]
    return result


def order(package):
    return (package["name"], package["version"], package["release"], package["arch"], package["epoch"] or 0)


def packages(context, file, example):
    answer = context.probe("rpmdb", {"file": str(file)})
    if answer["error"]:
        return {"error": answer["error"]}
    return sorted((as_expected(header, example) for header in answer["packages"]), key=order)


def refused(context, file):
    """A message for the whole database, or for packages of it."""
    answer = context.probe("rpmdb", {"file": str(file)})
    return answer["error"] is not None or answer.get("damaged", 0) > 0


def cases(path):
    for folder in sorted(p for p in path.iterdir() if (p / "expected.json").is_file()):
        expected = json.loads((folder / "expected.json").read_text())
        if "packages" not in expected:
            for name in expected:
                yield Case(id=f"{folder.name}/{name}", want=True, got=lambda context, file=folder / name: refused(context, file))
            continue
        example = expected["packages"][0] if expected["packages"] else {}
        file = folder / expected["format"]
        yield Case(id=folder.name, want=sorted(expected["packages"], key=order),
                   got=lambda context, file=file, example=example: packages(context, file, example))
