"""pratique explain: why a finding is there, or why it is not."""
import images
import pytest
import trees


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


WHY = [
    # id, package, verdict, the line "So"
    ("CVE-2023-10001", "libssl3", "AFFECTED", "the installed version is below the fix"),
    ("CVE-2023-10003", "zlib1g", "AFFECTED", "there is no fix"),
    ("CVE-2023-10004", "bash", "AFFECTED", None),
]


@pytest.mark.parametrize("identifier,package,verdict,why", WHY)
def test_the_reason_is_one(lab, root, identifier, package, verdict, why):
    ended = lab.run("explain", identifier, root)
    assert ended.status == 0, ended.err
    part = [p for p in ended.out.split("\n\n") if f" in {package}@" in p][0]
    assert f": {verdict}" in part and " or " not in part.split("  So ")[1].splitlines()[0]
    assert not why or part.split("  So ")[1].splitlines()[0].strip() == why
    assert ("no fixed version" in part) == ("there is no fix" in part)


def test_fixed_and_unknown(lab, root):
    new = trees.write(lab.path("new"), trees.debian([("openssl", "3.0.11-1", "openssl", "")]))
    ended = lab.run("explain", "CVE-2023-10001", new)
    assert "not affected" in ended.out and "the installed version has the fix" in ended.out
    assert "No record of CVE-1999-0001" in lab.run("explain", "CVE-1999-0001", root).out


def test_every_kind_of_target(lab, root):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    for target in (root, tar, images.oci_layout(lab.path("layout"), [tar]), images.docker_archive(lab.path("image.tar"), [tar])):
        ended = lab.run("explain", "CVE-2023-10001", target)
        assert ended.status == 0 and "AFFECTED" in ended.out, (target, ended.err)
    assert "AFFECTED" in lab.run("explain", "CVE-2023-10001", "--input", tar).out
    assert "AFFECTED" in lab.run("explain", "CVE-2023-10001", "-", stdin=tar.read_bytes()).out


def test_silence_of_an_old_database_is_qualified(lab, root):
    ended = lab.run("explain", "CVE-1999-0001", root, env={"SOURCE_DATE_EPOCH": "1735689600"})
    assert "Not judged: the database was built" in ended.out


def test_packages_of_one_source_share_a_block(lab, root):
    out = lab.run("explain", "CVE-2023-10001", root).out
    assert out.count(": AFFECTED") == 1 and "in libssl3@3.0.9-1 and 1 more: AFFECTED" in out
    assert "  Packages     libssl3 amd64, openssl amd64\n" in out
    assert "  Status       fixed\n" in out and "  Fixed in     3.0.11-1\n" in out


def test_others_are_others(lab, root):
    out = lab.run("explain", "CVE-2023-10003", root).out
    assert "(by nvd)" in out and "nvd: " not in out


def test_what_the_ignore_file_hides(lab, root):
    (lab.work / "i.yaml").write_text("vulnerabilities:\n  - id: CVE-2023-10003\n    statement: not reachable\n")
    ended = lab.run("explain", "CVE-2023-10003", root, "--ignorefile", "i.yaml")
    assert "AFFECTED" in ended.out and "  Ignored      by i.yaml: not reachable: reports leave it out\n" in ended.out and "(by nvd)" in ended.out
    assert "Ignored" not in lab.run("explain", "CVE-2023-10003", root).out
    (lab.work / ".trivyignore").write_text("CVE-2023-10003\n")
    assert "Ignored      by .trivyignore" in lab.run("explain", "cve-2023-10003", root).out


NOTHING = [
    ("CVE-1999-0001", ": the database has no such vulnerability."),
    ("cve-2023-20001", ", though the database knows it."),
    ("DSA-1-1", "Names of advisories are found where a record carries them"),
]


@pytest.mark.parametrize("identifier,said", NOTHING)
def test_not_known_at_all_is_something_else(lab, root, identifier, said):
    ended = lab.run("explain", identifier, root)
    assert ended.status == 0 and f"No record of {identifier.replace('cve', 'CVE')} speaks of a package in" in ended.out and said in ended.out


WRONG = [
    (["nonsense", "ROOT"], "names are such as CVE-2023-4911"),
    (["CVE-12", "ROOT"], "names are such as CVE-2023-4911"),
    (["ROOT", "CVE-2023-10001"], "the name comes first: pratique explain CVE-2023-10001 "),
    (["nginx:latest", "CVE-2023-10001"], "the name comes first: pratique explain CVE-2023-10001 nginx:latest"),
    (["debian-12:1", "cve-2023-10001"], "the name comes first: pratique explain cve-2023-10001 debian-12:1"),
]


@pytest.mark.parametrize("words,hint", WRONG)
def test_words_that_cannot_be(lab, root, words, hint):
    ended = lab.run("explain", *[root if w == "ROOT" else w for w in words])
    assert ended.status == 1 and ended.out == "" and "[explain-id]" in ended.err and hint in ended.err


def test_json(lab, root):
    answer = lab.run("explain", "-f", "json", "cve-2023-10001", root).json()
    assert answer["VulnerabilityID"] == "CVE-2023-10001" and answer["ArtifactName"] == str(root) and answer["SchemaVersion"] == 1
    assert sorted(one["Package"]["Name"] for one in answer["Explanations"]) == ["libssl3", "openssl"]
    listed = {v["PkgName"]: v for v in lab.report("rootfs", root)["Results"][0]["Vulnerabilities"] if v["VulnerabilityID"] == "CVE-2023-10001"}
    for one in answer["Explanations"]:
        compared = one["Comparison"]
        assert one["Affected"] and one["Vulnerability"] == listed[one["Package"]["Name"]]
        assert (compared["Compared"], compared["Sign"], compared["FixedVersion"], compared["Order"]) == ("3.0.9-1", "<", "3.0.11-1", "deb")
        assert compared["Why"] == "the installed version is below the fix"


def test_json_of_what_is_not_there(lab, root):
    new = trees.write(lab.path("new"), trees.debian([("openssl", "3.0.11-1", "openssl", "")]))
    one, = lab.run("explain", "CVE-2023-10001", new, "-f", "json").json()["Explanations"]
    assert not one["Affected"] and "Vulnerability" not in one and one["Comparison"]["Sign"] == "="
    assert lab.run("explain", "CVE-1999-0001", root, "-f", "json").json()["Explanations"] == []
    old = lab.run("explain", "CVE-1999-0001", root, "-f", "json", env={"SOURCE_DATE_EPOCH": "1735689600"}).json()
    assert "database-old" in {note["Kind"] for note in old["Coverage"]}


def test_json_says_what_an_ignore_file_hides(lab, root):
    (lab.work / "i.yaml").write_text("vulnerabilities:\n  - id: CVE-2023-10003\n    statement: not reachable\n")
    one, = lab.run("explain", "-f", "json", "CVE-2023-10003", root, "--ignorefile", "i.yaml").json()["Explanations"]
    assert one["Suppressed"] == {"Status": "ignored", "Statement": "not reachable", "Source": "i.yaml"}
    assert one["Vulnerability"]["VulnerabilityID"] == "CVE-2023-10003"


def test_other_formats_of_an_explanation_are_refused(lab, root):
    ended = lab.run("explain", "-f", "sarif", "CVE-2023-10003", root)
    assert ended.status == 1 and "[format-unknown]" in ended.err
