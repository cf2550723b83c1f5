"""The documentation says what the program has."""
import json
import re
from pathlib import Path

import images
import pytest
import trees
from conftest import TOP
from test_words import NOW

DOCS = TOP / "docs"


def read(name):
    return (DOCS / name).read_text()


@pytest.fixture(scope="module")
def manual(tmp_path_factory, database):
    from conftest import Lab
    lab = Lab(tmp_path_factory.mktemp("manual"), database)
    assert lab.run("manual", lab.work / "man").status == 0
    return {p.name: p.read_text().replace("\\-", "-") for p in (lab.work / "man").iterdir()}


def test_every_option_and_key(manual):
    text = read("command-line.md")
    missing = set()
    for page in manual.values():
        for name, key in re.findall(r"\\fB--([\w-]+)\\fR.*\n.*\n\.br\nKey: (.*)", page):
            if f"`--{name}`" not in text:
                missing.add(f"--{name}")
            if key != name and f"`{key}`" not in text and f"`{key.split('.')[0]}.…`" not in text:
                missing.add(key)
    assert not missing


def test_manual_says_a_value_once(manual):
    page = manual["pratique-image.1"]
    assert "table or json [table].\n" in page and "parts of the table: summary, detailed [summary,detailed].\n" in page
    assert "~/.cache/pratique" in page and ".SS What is read\n" in page


def test_manual_has_the_usual_sections(manual):
    for name, page in manual.items():
        sections = re.findall(r"^\.SH (.*)$", page, re.M)
        wanted = {"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"}
        assert wanted <= set(sections), (name, wanted - set(sections))
        assert "--exit-on-unjudged" in page and "141" in page and ".trivyignore" in page, name


def test_help_groups_the_options(lab):
    lines = lab.run("image", "--help").out.splitlines()
    headings = [line for line in lines if re.fullmatch(r"[A-Z][a-z, ]+:", line)]
    assert headings == ["Examples:", "What is reported, and how:", "What is read:", "Where images come from:", "Registries:", "The database:", "All commands:"]
    for name in NOW:  # the format is no matter of registries
        text = lab.run(name, "--help").out
        if "--format" in text:
            group = [g for g in text.split("\n\n") if "--format" in g.split(":\n", 1)[-1] and not g.startswith("Examples")][0]
            assert "report" in group.splitlines()[0], name
    assert "Options:" in lab.run("version", "--help").out or "All commands:" in lab.run("version", "--help").out


def test_every_command():
    text = read("command-line.md")
    assert [name for name in NOW if f"`{name}`" not in text and f"`{name} " not in text] == []


def test_every_member_of_a_report(lab):
    (lab.work / "i").write_text("CVE-2023-10004\n")
    tar = images.tar_of({**trees.debian(release="12.5"), "var/lib/rpm/Packages": b"broken"}, lab.path("root.tar"))
    report = lab.report("image", "--input", images.oci_layout(lab.path("layout"), [tar]), "--ignorefile", "i", "--show-suppressed")
    text, missing = read("report.md"), set()

    def walk(value, inside):
        if isinstance(value, dict):
            for key, item in value.items():
                if f"`{key}`" not in text and f"`{key}[]`" not in text and f"`{inside}.{key}`" not in text:
                    missing.add(f"{inside}.{key}")
                if key not in ("ImageConfig", "VendorSeverity", "CVSS"):
                    walk(item, key)
        elif isinstance(value, list):
            for item in value:
                walk(item, inside)

    walk(report, "")
    assert not missing


def test_every_member_of_an_explanation(lab):
    (lab.work / "i").write_text("CVE-2023-10003\n")
    root = trees.write(lab.path("root"), trees.debian())
    text, missing = read("report.md"), set()

    def walk(value):
        for key, item in value.items() if isinstance(value, dict) else []:
            if f"`{key}`" not in text and f"`{key}[]`" not in text:
                missing.add(key)
            if key not in ("VendorSeverity", "CVSS"):
                walk(item)
        for item in value if isinstance(value, list) else []:
            walk(item)

    for name in ("CVE-2023-10001", "CVE-2023-10003"):
        walk(lab.run("explain", "-f", "json", "--ignorefile", "i", name, root).json())
    assert not missing


def test_every_kind_of_coverage_is_decided_on():
    """One table says of each what it makes of an empty result; the document says the same."""
    rows = re.findall(r'^    \{ \.name = "([a-z-]+)"(.*) \},$', (TOP / "src/scan/model/coverage.c").read_text(), re.M)
    text, names = read("report.md"), [name for name, _ in rows]
    assert names == sorted(names)
    kinds = re.findall(r"^\| `([a-z-]+)` \|", text.split("## Kinds of `Coverage`")[1].split("\n## ")[0], re.M)
    assert kinds and set(kinds) <= set(names), set(kinds) - set(names)
    loud = re.search(r"makes an empty result worthless \((.*?)[;)]", text, re.S)[1]
    assert re.findall(r"`([a-z-]+)`", loud) == [name for name, decided in rows if "empty_result_is_worthless = true" in decided]
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", read("messages.md"), re.M))
    assert set(names) - set(kinds) <= explained


def test_messages_that_documents_name_are_explained():
    known = set(re.findall(r"^\| ([a-z0-9-]+) \|", read("messages.md"), re.M))
    for name in ("limits.md", "troubleshooting.md"):
        named = {word for row in re.findall(r"^\|.*\|$", read(name), re.M) for word in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)}
        assert named <= known, named - known


def test_links_lead_somewhere():
    """Also in the Debian package, which lays the documents out as the tree does (scripts/deb.sh checks it again there)."""
    broken = []
    for page in [*TOP.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert not broken
