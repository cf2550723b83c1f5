"""Where settings come from: command line > environment > configuration file > default; ours before Trivy's."""
import pytest
import trees
from conftest import findings
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
