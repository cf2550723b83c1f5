"""Where settings come from: command line > environment > configuration file > default; ours before Trivy's."""
import base64

import images
import pytest
import trees
from conftest import findings
from servers import Answer, Server
from test_filter import ALL, ids

LOW, MEDIUM, HIGH, CRITICAL = "CVE-2023-10004", "CVE-2023-10005", "CVE-2023-10001", "CVE-2023-10003"


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


# files, environment, options → ids
CASES = [
    ({"trivy.yaml": "severity: [LOW]"}, {}, [], [LOW]),
    ({"trivy.yaml": "severity: LOW,MEDIUM"}, {}, [], [LOW, MEDIUM]),
    ({"trivy.yaml": "severity:\n  - LOW", "pratique.yaml": "severity:\n  - MEDIUM"}, {}, [], [MEDIUM]),
    ({"trivy.yaml": "severity: [LOW]", "x.yaml": "severity: [HIGH]"}, {}, ["--config", "x.yaml"], [HIGH]),
    ({"trivy.yaml": "severity: [LOW]", "x.yaml": "severity: [HIGH]"}, {}, ["-c", "x.yaml"], [HIGH]),
    ({"x.yaml": "severity: [HIGH]"}, {}, ["-cx.yaml"], [HIGH]),
    ({"x.yaml": "severity: [HIGH]"}, {}, ["-c=x.yaml"], [HIGH]),
    ({"x.yaml": "severity: [HIGH]"}, {}, ["-qc", "x.yaml"], [HIGH]),
    ({"x.yaml": "severity: [HIGH]"}, {}, ["--config=x.yaml"], [HIGH]),
    ({"--config": "", "x.yaml": "severity: [HIGH]"}, {}, ["--ignorefile", "--config", "--severity", "LOW"], [LOW]),  # a file's name
    ({"x.yaml": "severity: [HIGH]"}, {"TRIVY_CONFIG": "x.yaml"}, [], [HIGH]),
    ({"x.yaml": "severity: [HIGH]", "y.yaml": "severity: [LOW]"}, {"TRIVY_CONFIG": "x.yaml", "PRATIQUE_CONFIG": "y.yaml"}, [], [LOW]),
    ({"trivy.yaml": "severity: [LOW]"}, {"TRIVY_SEVERITY": "MEDIUM"}, [], [MEDIUM]),
    ({"trivy.yaml": "severity: [LOW]"}, {"TRIVY_SEVERITY": "MEDIUM"}, ["--severity", "HIGH"], [HIGH]),
    ({}, {"TRIVY_SEVERITY": "MEDIUM", "PRATIQUE_SEVERITY": "LOW"}, [], [LOW]),
    ({}, {"TRIVY_SEVERITY": "MEDIUM", "PRATIQUE_SEVERITY": ""}, [], [MEDIUM]),
    ({}, {"PRATIQUE_IGNORE_UNFIXED": "true"}, [], [HIGH]),
    ({}, {"PRATIQUE_IGNORE_UNFIXED": "true"}, ["--ignore-unfixed=false"], ALL),
    ({"trivy.yaml": "vulnerability:\n  ignore-unfixed: true"}, {}, [], [HIGH]),
    ({"trivy.yaml": "vulnerability:\n  ignore-status: [fixed, affected]"}, {}, [], [CRITICAL, MEDIUM]),
    ({"trivy.yaml": "scan:\n  skip-dirs: [var]"}, {}, [], []),
    ({"trivy.yaml": "pkg:\n  types: [library]"}, {}, [], []),
    ({"trivy.yaml": "something:\n  unknown: 1\n"}, {}, [], ALL),
    ({"trivy.yaml": ""}, {}, [], ALL),
]


@pytest.mark.parametrize("files,environment,options,expected", CASES, ids=range(len(CASES)))
def test_precedence(lab, root, files, environment, options, expected):
    for name, text in files.items():
        (lab.work / name).write_text(text + "\n")
    assert ids(lab.report("rootfs", root, *options, env=environment)) == sorted(expected)


@pytest.mark.parametrize("text,message", [("severity: [AWFUL]", "option-value"), ("severity: [", "yaml"), ("exit-code: lots", "option-value"), ("just text", "config-file-invalid"), ("- a\n- b", "config-file-invalid")])
def test_bad_file_names_itself(lab, root, text, message):
    (lab.work / "trivy.yaml").write_text(text)
    ended = lab.run("rootfs", root)
    assert ended.status == 1 and "trivy.yaml" in ended.err and f"[{message}" in ended.err


def test_bad_variable_names_itself(lab, root):
    ended = lab.run("rootfs", root, env={"TRIVY_SEVERITY": "AWFUL"})
    assert ended.status == 1 and "TRIVY_SEVERITY" in ended.err


def test_cache_folder(bare, lab, root):
    """--cache-dir > PRATIQUE_CACHE_DIR > TRIVY_CACHE_DIR > XDG_CACHE_HOME."""
    here = {"PRATIQUE_CACHE_DIR": ""}
    assert findings(bare.report("rootfs", root, "--cache-dir", lab.cache, env=here))
    assert findings(bare.report("rootfs", root, env={**here, "TRIVY_CACHE_DIR": str(lab.cache)}))
    (bare.home / ".cache").mkdir()
    (bare.home / ".cache" / "pratique").symlink_to(lab.cache)
    assert findings(bare.report("rootfs", root, env=here))


def test_global_options_before_the_command(lab, bare, root):
    ended = bare.run("--quiet", "--cache-dir", lab.cache, "rootfs", root, "-f", "json", env={"PRATIQUE_CACHE_DIR": ""})
    assert findings(ended.json()) and ended.err == ""


def test_repeated_lists_add_up_and_other_options_end(lab, root):
    assert ids(lab.report("rootfs", root, "--severity", "LOW", "--severity", "HIGH")) == [HIGH, LOW]
    assert ids(lab.run("rootfs", "--severity", "LOW", "-f", "json", "--", root).json()) == [LOW]


TAKES = [
    (["--distro", "debian"], "such as debian/12"),
    (["--distro", "debian/"], "such as debian/12"),
    (["--exit-on-unjudged", "256"], "from 0 to 255"),
    (["--timeout", "5x"], "it takes a time such as 90s, 5m0s or 1h30m"),
    (["--exit-code", "abc"], "it takes a whole number, such as 3"),
    (["--vuln-severity-source", "nvd,redhad"], "it takes auto, alma,"),
    (["--vuln-severity-source", "bogus"], "ubuntu, wolfi"),
    (["--timeout"], "it takes a time such as"),
    (["--severity"], "it takes UNKNOWN, LOW"),
]


@pytest.mark.parametrize("arguments,hint", TAKES)
def test_what_an_option_takes_is_said_by_example(lab, arguments, hint):
    ended = lab.run("rootfs", ".", *arguments)
    assert ended.status == 1 and "[option-value]" in ended.err and hint in ended.err


def test_severity_sources_of_a_database_are_taken(lab, root):
    small, large = (lab.report("rootfs", root, "--vuln-severity-source", names) for names in ("nvd", "NVD"))
    assert ids(small) == ids(large) == ALL
    assert [f[4] for f in findings(small)] == [f[4] for f in findings(large)] and {f[4] for f in findings(small)} != {"UNKNOWN"}


# ---- lists that name nothing ----------------------------------------------------------------------------------------------

NEEDED = ["image-src", "pkg-types", "scanners", "severity", "table-mode", "vuln-severity-source"]


@pytest.mark.parametrize("value", ["", ",", " , "])
@pytest.mark.parametrize("name", NEEDED)
def test_an_empty_list_is_an_error(lab, root, name, value):
    """`--severity "$UNSET"` must not look like a clean report."""
    ended = lab.run("image", "--input", root, f"--{name}", value)
    assert ended.status == 1 and ended.out == ""
    assert f"--{name}: the list is empty [option-value]: it takes " in ended.err


KEYS = {"image-src": "image: {source: []}", "pkg-types": "pkg: {types: []}", "scanners": "scan: {scanners: []}", "severity": "severity: []",
        "table-mode": "table-mode: []", "vuln-severity-source": "vulnerability: {severity-source: []}"}


@pytest.mark.parametrize("name", NEEDED)
def test_an_empty_list_in_a_file_is_an_error(lab, root, name):
    (lab.work / "trivy.yaml").write_text(KEYS[name])
    ended = lab.run("image", "--input", root)
    assert ended.status == 1 and ended.out == "" and f"trivy.yaml, option --{name}: the list is empty" in ended.err


def test_what_is_not_set_is_no_empty_list(lab, root):
    (lab.work / "trivy.yaml").write_text('severity: ""\npkg:\n  types:\n')
    assert ids(lab.report("rootfs", root, "--ignore-status", "", "--skip-dirs", "", env={"PRATIQUE_SEVERITY": "", "TRIVY_SCANNERS": ""})) == ALL
    ended = lab.run("rootfs", root, env={"PRATIQUE_SEVERITY": ","})
    assert ended.status == 1 and "PRATIQUE_SEVERITY, option --severity: the list is empty" in ended.err


# ---- variables that nobody knows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable,nearest", [("PRATIQUE_SEVERTY", "PRATIQUE_SEVERITY"), ("PRATIQUE_IGNORE_UNFIX", "PRATIQUE_IGNORE_UNFIXED"), ("PRATIQUE_QQQQQQQQ", None)])
def test_an_unknown_variable_is_said(lab, root, variable, nearest):
    ended = lab.run("rootfs", root, env={variable: "HIGH"})
    assert ended.status == 0 and f"{variable} has no effect: no option is called so" in ended.err
    assert (f"the nearest is {nearest}" in ended.err) == bool(nearest)


@pytest.mark.parametrize("variable", ["PRATIQUE_FEEDS", "PRATIQUE_VEX", "PRATIQUE_CONFIG", "TRIVY_SEVERTY", "PRATIQUE_SEVERTY="])
def test_variables_of_other_commands_and_programs_are_not(lab, root, variable):
    name, _, empty = variable.partition("=")
    assert "no option is called so" not in lab.run("rootfs", root, env={name: "" if "=" in variable else "/dev/null"}).err


# ---- numbers in files are texts where an option takes a text ---------------------------------------------------------------------


def test_a_scalar_keeps_its_letters(lab):
    server = Server()
    server.rules.append(lambda command, path, headers, body: None if headers.get("Authorization") else
                        Answer(401, b"", {"WWW-Authenticate": 'Basic realm="here"'}))
    (lab.work / "trivy.yaml").write_text("registry:\n  username: 1.10\n  password: 00123\n")
    lab.run("image", "--config", "trivy.yaml", "--insecure", "--image-src", "remote", f"{server.host}/app:1")
    server.shutdown()
    server.server_close()
    given = {headers["authorization"] for *_, headers, _ in server.seen if "authorization" in headers}
    assert given == {"Basic " + base64.b64encode(b"1.10:00123").decode()}


@pytest.mark.parametrize("text,status", [("exit-code: 7", 7), ("exit-code: 007", 7), ("exit-code: \"7\"", 7), ("exit-code: 7\nvulnerability: {ignore-unfixed: True}", 7),
                                         ("exit-code: 7\nseverity: UNKNOWN", 0), ("exit-code: ~", 0), ("exit-code: null", 0)])
def test_numbers_and_flags_of_files(lab, root, text, status):
    (lab.work / "trivy.yaml").write_text(text)
    assert lab.run("rootfs", root).status == status


# ---- a file that nobody named: it may lie in anybody's repository -------------------------------------------------------------

REACHING = {
    "cacert": "cacert: ca.pem", "cache.dir": "cache:\n  dir: planted", "insecure": "insecure: true", "quiet": "quiet: true",
    "image.docker.host": "image:\n  docker:\n    host: unix:///planted", "image.podman.host": "image:\n  podman:\n    host: unix:///planted",
    "registry.password": "registry:\n  password: x", "registry.username": "registry:\n  username: x", "registry.token": "registry:\n  token: x",
    "db-file": "db-file: planted.db", "db.repository": "db:\n  repository: [evil.example/db:2]", "db.mirror": "db:\n  mirror: [https://evil.example]",
    "output": "output: ../outside.json",
}


@pytest.mark.parametrize("key", REACHING)
def test_a_file_that_nobody_named_does_not_reach_beyond_the_scan(lab, root, key):
    (lab.work / "trivy.yaml").write_text(REACHING[key] + "\nseverity: [LOW]\n")
    (lab.work / "planted.db").write_bytes(b"no database")
    ended = lab.run("image", "--list-all-pkgs=false", "-f", "json", "--input", root_archive(lab))
    assert ended.status == 0 and ids(ended.json()) == [LOW]
    assert f"WARN\ttrivy.yaml: {key} is not taken from a file that nobody named" in ended.err and "settings from trivy.yaml" in ended.err
    assert not (lab.work / "../outside.json").exists() and not (lab.work / "planted").exists()


def root_archive(lab):
    return images.docker_archive(lab.path("image.tar"), [images.tar_of(trees.debian(), lab.path("root.tar"))])


@pytest.mark.parametrize("name,taken", [("report.json", True), ("sub/report.json", True), ("sub/../report.json", True), ("link/report.json", False),
                                        ("report-link", False), ("/tmp/report-of-trivy.json", False), ("../report.json", False)])
def test_a_report_stays_in_the_folder_of_the_file(lab, root, name, taken):
    (lab.work / "sub").mkdir()
    (lab.work / "link").symlink_to("..")
    (lab.work / "report-link").symlink_to("../elsewhere.json")
    (lab.work / "trivy.yaml").write_text(f"format: json\noutput: {name}\n")
    ended = lab.run("rootfs", root)
    assert ended.status == 0 and (ended.out == "") == taken
    assert (lab.work / name).exists() == taken and ("is not taken" in ended.err) == (not taken)


def test_a_named_file_is_believed(lab, root):
    (lab.work / "mine.yaml").write_text("format: json\noutput: ../mine.json\nquiet: true\n")
    for how in ({"env": {"PRATIQUE_CONFIG": "mine.yaml"}}, {"env": {"TRIVY_CONFIG": "mine.yaml"}}):
        ended = lab.run("rootfs", root, **how)
        assert ended.status == 0 and ended.out == ended.err == "" and (lab.work / "../mine.json").exists()
        (lab.work / "../mine.json").unlink()


def test_defaults_written_out_are_no_attempt(lab, root):
    assert lab.run("rootfs", "--generate-default-config", cwd=lab.work).status == 0
    written = next(lab.work.glob("*.yaml"))
    written.rename(lab.work / "pratique.yaml")
    ended = lab.run("rootfs", root)
    assert ended.status == 0 and "is not taken" not in ended.err
