"""The JSON report's shape (docs/report.md)."""
import json
import re

import images
import pytest
import trees
from conftest import findings


@pytest.fixture
def report(lab):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    return lab.report("image", "--input", images.docker_archive(lab.path("image.tar"), [tar], tag="example.com/app:1"))


def test_head(report):
    assert report["SchemaVersion"] == 2
    assert report["Trivy"]["Version"].startswith("pratique ")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", report["ReportID"])
    assert report["CreatedAt"] == "2024-06-01T12:00:00Z"
    assert report["ArtifactType"] == "container_image" and report["ArtifactName"].endswith("image.tar")
    assert report["Confinement"] in ("landlock+seccomp", "seccomp")
    assert {s["ID"] for s in report["Sources"]} >= {"debian-tracker", "nvd", "kev"}
    assert all(re.match(r"\d{4}-\d\d-\d\d", s.get("AsOf", s["FetchedAt"])) for s in report["Sources"])


def test_metadata(report):
    metadata = report["Metadata"]
    assert metadata["OS"] == {"Family": "debian", "Name": "12.5"}
    assert metadata["ImageID"].startswith("sha256:") and metadata["DiffIDs"] and metadata["RepoTags"] == ["example.com/app:1"]
    assert metadata["ImageConfig"]["rootfs"]["diff_ids"] == metadata["DiffIDs"]
    assert metadata["Size"] == sum(layer["Size"] for layer in metadata["Layers"])


def test_result_and_finding(report):
    (result,) = report["Results"]
    assert result["Class"] == "os-pkgs" and result["Type"] == "debian" and result["Target"].endswith("(debian 12.5)")
    first = next(v for v in result["Vulnerabilities"] if v["PkgName"] == "openssl")
    assert first["VulnerabilityID"] == "CVE-2023-10001"
    assert first["PkgID"] == "openssl@3.0.9-1"
    assert first["PkgIdentifier"]["PURL"] == "pkg:deb/debian/openssl@3.0.9-1?arch=amd64&distro=debian-12.5"
    assert (first["InstalledVersion"], first["FixedVersion"], first["Status"]) == ("3.0.9-1", "3.0.11-1", "fixed")
    assert first["PrimaryURL"] == "https://avd.aquasec.com/nvd/cve-2023-10001"
    assert first["DataSource"]["ID"] == "debian"
    assert first["KEV"] and first["EPSS"]
    purls = {p["Identifier"]["UID"]: p["Name"] for p in result["Packages"]}
    assert purls[first["PkgIdentifier"]["UID"]] == "openssl"


def test_details_of_nvd(report):
    zlib = next(v for v in report["Results"][0]["Vulnerabilities"] if v["PkgName"] == "zlib1g")
    assert zlib["CVSS"]["nvd"] == {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "V3Score": 9.8}
    assert zlib["VendorSeverity"]["nvd"] == 4 and zlib["SeveritySource"] == "nvd"
    assert zlib["CweIDs"] == ["CWE-125"] and zlib["References"] == ["https://example.org/CVE-2023-10003"]
    assert zlib["PublishedDate"] == "2023-05-01T10:00:00Z" and zlib["LastModifiedDate"] == "2023-06-01T10:00:00Z"
    assert zlib["VendorStatus"] == "ignored"


def test_no_empty_members(report):
    def walk(value, path):
        if isinstance(value, dict):
            for key, item in value.items():
                assert item not in ("", [], None) and (item != {} or key == "Layer"), f"{path}.{key} is empty"
                walk(item, f"{path}.{key}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                walk(item, f"{path}[{index}]")
    walk({k: v for k, v in report.items() if k != "Metadata"}, "")


@pytest.mark.parametrize("options", [[], ["--severity", "CRITICAL"], ["--list-all-pkgs=false"], ["--ignorefile", "all"]])
def test_what_was_judged_and_has_no_finding_has_an_empty_list(lab, options):
    """Scripts iterate over it: jq '.Results[].Vulnerabilities[]'."""
    (lab.work / "all").write_text("CVE-2023-10004\n")
    bash = options and "=" not in options[0]  # something that the options take out
    rows = [("bash", "5.2.15-2+b2", "bash", "5.2.15-2") if bash else ("clean", "1.0-1", "clean", "")]
    result, = lab.report("rootfs", trees.write(lab.path("root"), trees.debian(rows)), *options)["Results"]
    assert result["Vulnerabilities"] == []


UNJUDGED = [
    (trees.debian(release="99.1"), []),
    (trees.debian(), ["--scanners", "none"]),
    ({**trees.debian(), "var/lib/dpkg/status": b""}, []),
]


@pytest.mark.parametrize("files,options", UNJUDGED, ids=["release-unknown", "scanners-none", "packages-none"])
def test_what_was_not_judged_has_no_list(lab, files, options):
    result, = lab.report("rootfs", trees.write(lab.path("root"), files), *options)["Results"]
    assert "Vulnerabilities" not in result


def test_packages_can_be_left_out(lab):
    root = trees.write(lab.path("root"), trees.debian())
    assert len(lab.report("rootfs", root)["Results"][0]["Packages"]) == len(trees.DEBIAN)
    assert "Packages" not in lab.report("rootfs", root, "--list-all-pkgs=false")["Results"][0]


def test_the_scripts_of_the_guide(lab, report):
    """jq '[.Results[].Vulnerabilities[] | select(.Severity=="CRITICAL")] | length', in Python's words."""
    assert len([v for r in report["Results"] for v in r["Vulnerabilities"] if v["Severity"] == "CRITICAL"]) == 1


HOSTILE = 'a"b\\c<script>&\n\t\x1b[31m\x01é☃'


def test_hostile_texts_stay_valid_json(lab):
    rows = [("bash", "1.0-1", "bash", "")]
    files = trees.debian(rows)
    files["var/lib/dpkg/status"] = files["var/lib/dpkg/status"].replace(b"Maintainer: Debian", b"Maintainer: " + 'a"b\\c<x>&\x1b[31m\x01é☃'.encode() + b"\xff")
    report = lab.report("rootfs", trees.write(lab.path("root"), files))
    assert report["Results"][0]["Packages"][0]["Maintainer"].startswith('a"b\\c<x>&')


def test_two_scans_differ_in_their_id_only(lab):
    root = trees.write(lab.path("root"), trees.debian())
    one, two = lab.report("rootfs", root), lab.report("rootfs", root)
    assert one.pop("ReportID") != two.pop("ReportID")
    assert json.dumps(one) == json.dumps(two)


def test_coverage_of_an_unknown_system(lab):
    root = trees.write(lab.path("root"), {"etc/os-release": b"ID=wonderland\nVERSION_ID=1\n", "var/lib/dpkg/status": trees.dpkg_status(trees.DEBIAN)})
    report = lab.report("rootfs", root)
    assert findings(report) == []
    kinds = {note["Kind"] for note in report["Coverage"]}
    assert kinds & {"os-unknown", "family-unsupported"}


def test_coverage_of_an_unknown_release(lab):
    root = trees.write(lab.path("root"), trees.debian(release="99.1"))
    assert "release-unknown" in {note["Kind"] for note in lab.report("rootfs", root)["Coverage"]}
    assert "[release-unknown]" in lab.run("rootfs", root).out


def test_coverage_of_an_unreadable_version(lab):
    root = trees.write(lab.path("root"), trees.debian([("zlib1g", "1:1.2.13", "zlib", ""), ("bash", "not a version!", "bash", "")]))
    report = lab.report("rootfs", root)
    assert [f[1] for f in findings(report)] == ["zlib1g"]
    assert any("bash" in note["Message"] or "dpkg" in note["Message"] for note in report["Coverage"])
