"""scan/cvss: v2.json, v3.0.json, v3.1.json, v4.0.json, invalid.json. v4-tables.json holds data, no cases."""
import json

from case import Case

KIND = "scan/cvss"


def wanted(case):
    if case.get("error"):
        return {"error": True}
    if "score" in case:
        return {"base": case["score"], "temporal": None, "environmental": None, "severity": case["severity"]}
    return {key: case[key] for key in ("base", "temporal", "environmental", "severity")}


def judge(case):
    """Where a case has "go_cvss", its scores are as right as the others (the file's note: rounding of exact halves)."""
    want = wanted(case)

    def got(context):
        answer = context.probe("cvss", {"vector": case["vector"]})
        other = case.get("go_cvss")
        scores = [answer.get(key) for key in ("base", "temporal", "environmental")]
        return want if other is not None and other in (scores, scores[0]) else answer

    return Case(case["vector"] or "(empty)", want, got)


def cases(path):
    for file in sorted(path.glob("*.json")):
        content = json.loads(file.read_text())
        for case in content.get("cases", []):
            yield judge(case)
