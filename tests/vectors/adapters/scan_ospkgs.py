"""scan/ospkgs: a small root file system → its operating system and packages."""
import json

from case import Case

KIND = "scan/ospkgs"


def as_expected(answer):
    """The expected values were made without UIDs and leave out results without packages."""
    results = []
    for result in answer["Results"]:
        packages = result["Packages"]
        for package in packages:
            package["Identifier"].pop("UID", None)
        if packages:
            results.append({"Type": result["Type"], "Packages": packages})
    return {"OS": answer["OS"] if answer["OS"].get("Family") else None, "Results": results}


def wanted(expected):
    known = expected["os"] if (expected["os"] or {}).get("Family") not in (None, "none") else None
    results = [{"Type": r["Type"], "Packages": r["Packages"]} for r in expected["results"] if r.get("Packages")]
    return {"OS": known, "Results": results}


def cases(path):
    for folder in sorted(p for p in path.iterdir() if (p / "expected.json").is_file()):
        expected = json.loads((folder / "expected.json").read_text())
        root = str(folder / "root")
        yield Case(id=folder.name, want=wanted(expected), note=expected.get("note", ""),
                   got=lambda context, root=root: as_expected(context.probe("inventory", {"root": root})))
