"""scan/versions: compare/*.json and range/*.json, one scheme a file."""
import json

from case import Case

KIND = "scan/versions"

# What the files call differently from the product.
NAMES = {"rpm-vercmp": "rpm-package", "semver-npm": "npm"}


def compare(scheme, case):
    return Case(f"{scheme}: {case['a']} ? {case['b']}", case["cmp"],
                lambda context: context.probe("version", {"scheme": scheme, "a": case["a"], "b": case["b"]}))


def satisfies(scheme, case):
    return Case(f"{scheme}: {case['v']} in {case['range']}", case["match"],
                lambda context: context.probe("version", {"scheme": scheme, "version": case["v"], "range": case["range"]}))


def cases(path):
    for file in sorted(path.glob("*/*.json")):
        content = json.loads(file.read_text())
        scheme = NAMES.get(content["scheme"], content["scheme"])
        for case in content["cases"]:
            yield (compare if content["kind"] == "compare" else satisfies)(scheme, case)
