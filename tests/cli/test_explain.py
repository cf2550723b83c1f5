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
