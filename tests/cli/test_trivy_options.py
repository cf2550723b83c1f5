"""Options, variables and keys of Trivy, today's and earlier ones: taken, taken with a word, or answered with what to do."""
import re

import pytest
import trees
import yaml
from conftest import BINARY, HERE, findings
from test_filter import ALL, ids

TABLE = (HERE.parent.parent / "src" / "cmd" / "compat" / "trivy_options.c").read_text()

# every option of `trivy image`, `fs`, `rootfs` and `repo` (0.68), and those of earlier versions that scripts still have
TODAY = """
branch cacert cache-backend cache-dir cache-ttl cf-params check-namespaces checks-bundle-repository commit compliance config config-check config-data
config-file-schemas custom-headers db-repository debug dependency-tree detection-priority disable-telemetry distro docker-host download-db-only
download-java-db-only enable-modules exit-code exit-on-eol file-patterns format generate-default-config helm-api-versions helm-kube-version helm-set
helm-set-file helm-set-string helm-values ignore-policy ignore-status ignore-unfixed ignored-licenses ignorefile image-config-scanners image-src
include-deprecated-checks include-dev-deps include-non-failures input insecure java-db-repository license-confidence-level license-full list-all-pkgs
max-image-size misconfig-scanners module-dir no-color no-progress offline-scan output output-plugin-arg parallel password password-stdin pkg-relationships
pkg-types platform podman-host quiet raw-config-scanners redis-ca redis-cert redis-key redis-tls registry-token rego-error-limit rekor-url removed-pkgs
render-cause report sbom-sources scanners secret-config server severity show-suppressed skip-check-update skip-db-update skip-dirs skip-files
skip-java-db-update skip-version-check skip-vex-repo-update table-mode tag template tf-exclude-downloaded-modules tf-vars timeout token token-header
trace-rego username vex vuln-severity-source
""".split()
EARLIER = """
auto-refresh clear-cache config-policy light namespaces non-ssl only-update policy policy-bundle-repository policy-namespaces refresh remote reset security-checks
skip-policy-update skip-update slow trace vuln-type
""".split()


@pytest.fixture
def root(lab):
    return trees.write(lab.path("root"), trees.debian())


def row(name):
    found = re.search(r'\{ "%s", [^,]+, (\w+), FOREIGN_(\w+)' % re.escape(name), TABLE)
    return found and (found[1] == "true", found[2])


@pytest.mark.parametrize("name", TODAY + EARLIER)
def test_every_option_is_known(lab, root, name):
    """Ours, or a row of the table of foreign ones: never just unknown."""
    if not row(name):
        assert f"--{name} " in lab.run("image", "--help").out + " ", name
        return
    flag, verdict = row(name)
    values = {"vuln-type": "os", "security-checks": "vuln"}
    words = [f"--{name}"] if flag else [f"--{name}", values.get(name, "x")]
    ended = lab.run("rootfs", root, *words, "-f", "json")
    if verdict in ("LATER", "ABSENT"):
        assert ended.status == 1 and ended.out == "" and len(ended.err.splitlines()) == 1
        assert f"--{name}" in ended.err and ("[option-later]: " in ended.err or "[option-absent]: " in ended.err)
    else:
        assert ids(ended.json()) == ALL
        assert (f"--{name}" in ended.err) == (verdict in ("ALIAS", "WARNING")), ended.err


def test_every_row_is_in_the_docs():
    docs = (HERE.parent.parent / "docs" / "command-line.md").read_text()
    names = re.findall(r'^    \{ "([a-z0-9-]+)",', TABLE, re.M)
    assert len(names) > 80 and names == sorted(names)
    assert not [n for n in names if f"`--{n}`" not in docs]


ALIASES = [
    (["--vuln-type", "library"], [], "--pkg-types"),
    (["--vuln-type", "os,library"], ALL, "--pkg-types"),
    (["--vuln-type", "library", "--vuln-type", "os"], ALL, "--pkg-types"),
    (["--security-checks", "vuln"], ALL, "--scanners"),
    (["--security-checks", "vuln,config"], ALL, "--scanners"),
    (["--scanners", "vuln,config"], ALL, "misconfig"),
    (["--only-fixed"], ["CVE-2023-10001"], "--ignore-unfixed"),
    (["--slow"], ALL, "--parallel=1"),
    (["--slow=false"], ALL, None),
]


@pytest.mark.parametrize("options,expected,words", ALIASES)
def test_older_names_do_the_same(lab, root, options, expected, words):
    ended = lab.run("rootfs", root, *options, "-f", "json")
    assert ids(ended.json()) == expected
    assert not words or words in ended.err
    assert lab.run("rootfs", root, *options, "--quiet").err == ""


def test_older_names_in_variables_and_files(lab, root):
    ended = lab.run("rootfs", root, "-f", "json", env={"TRIVY_VULN_TYPE": "library"})
    assert ids(ended.json()) == [] and "TRIVY_VULN_TYPE" in ended.err and "--pkg-types" in ended.err
    (lab.work / "trivy.yaml").write_text("vulnerability:\n  type:\n    - library\n")
    ended = lab.run("rootfs", root, "-f", "json")
    assert ids(ended.json()) == [] and "trivy.yaml" in ended.err
    (lab.work / "trivy.yaml").write_text("vulnerability:\n  type: library\npkg:\n  types: [os, library]\n")
    assert ids(lab.report("rootfs", root)) == ALL


def test_non_ssl_is_insecure(lab, root):
    ended = lab.run("rootfs", root, env={"TRIVY_NON_SSL": "true"})
    assert ended.status == 0 and "TRIVY_NON_SSL: --non-ssl is an older name of --insecure" in ended.err
    assert "NON_SSL" not in lab.run("rootfs", root, env={"TRIVY_NON_SSL": "false"}).err


def test_an_older_name_of_an_empty_list(lab, root):
    ended = lab.run("rootfs", root, "--vuln-type", "")
    assert ended.status == 1 and "--pkg-types: the list is empty" in ended.err
    (lab.work / "trivy.yaml").write_text('vulnerability:\n  type: ""\n')
    assert ids(lab.report("rootfs", root)) == ALL


def test_values_that_ask_for_nothing(lab, root):
    for words in (["--secret-config", "trivy-secret.yaml"], ["--token-header", "Trivy-Token"], ["--license-full=false"], ["--vex", ""],
                  ["--rekor-url=https://rekor.sigstore.dev"]):
        ended = lab.run("rootfs", root, *words)
        assert ended.status == 0 and ended.err == "", ended.err


@pytest.mark.parametrize("variable", ["TRIVY_VEX", "TRIVY_SERVER", "PRATIQUE_IGNORE_POLICY", "TRIVY_COMPLIANCE"])
def test_variables_without_effect_are_said(lab, root, variable):
    ended = lab.run("rootfs", root, "-f", "json", env={variable: "x"})
    assert ids(ended.json()) == ALL
    assert "has no effect" in ended.err and variable in ended.err


# What `trivy image --generate-default-config` writes: nothing of it may change anything or be complained of.
DEFAULTS = """
ansible: {extra-vars: [], inventories: [], playbooks: []}
cacert: ""
cache: {backend: fs, dir: "", redis: {ca: "", cert: "", key: "", tls: false}, ttl: 0s}
clean: {all: false, checks-bundle: false, java-db: false, scan-cache: false, vex-repo: false, vuln-db: false}
db:
  download-java-only: false
  download-only: false
  java-repository: ["mirror.gcr.io/aquasec/trivy-java-db:1", "ghcr.io/aquasecurity/trivy-java-db:1"]
  java-skip-update: false
  no-progress: false
  repository: ["mirror.gcr.io/aquasec/trivy-db:2", "ghcr.io/aquasecurity/trivy-db:2"]
  skip-update: false
debug: false
dependency-tree: false
exit-code: 0
exit-on-eol: 0
format: table
ignore-policy: ""
ignorefile: .trivyignore
image:
  docker: {host: ""}
  image-config-scanners: []
  input: ""
  max-size: ""
  platform: ""
  podman: {host: ""}
  removed-pkgs: false
  source: [docker, containerd, podman, remote]
insecure: false
kubernetes: {burst: 10, disableNodeCollector: false, node-collector: {namespace: trivy-temp}}
license: {confidenceLevel: 0.9, forbidden: [AGPL-1.0], full: false, ignored: [], notice: [MIT]}
list-all-pkgs: true
misconfiguration:
  checks-bundle-repository: "mirror.gcr.io/aquasec/trivy-checks:2"
  cloudformation: {params: []}
  config-file-schemas: []
  helm: {api-versions: [], kube-version: "", set: [], set-file: [], set-string: [], values: []}
  include-non-failures: false
  raw-config-scanners: []
  render-cause: []
  scanners: [azure-arm, cloudformation]
  terraform: {exclude-downloaded-modules: false, vars: []}
module: {dir: "$HOME/.trivy/modules", enable-modules: []}
output: ""
output-plugin-arg: ""
pkg: {include-dev-deps: false, relationships: [unknown, root, workspace, direct, indirect], types: [os, library]}
quiet: false
registry: {mirrors: null, password: [], password-stdin: false, token: "", username: []}
rego: {check: [], data: [], error-limit: 10, include-deprecated-checks: false, namespaces: [], skip-check-update: false, trace: false}
report: all
repository: {branch: "", commit: "", tag: ""}
scan:
  compliance: ""
  detection-priority: precise
  disable-telemetry: false
  distro: ""
  file-patterns: []
  offline: false
  parallel: 5
  rekor-url: "https://rekor.sigstore.dev"
  sbom-sources: []
  scanners: [vuln]
  show-suppressed: false
  skip-dirs: []
  skip-files: []
  skip-version-check: false
secret: {config: trivy-secret.yaml}
server: {addr: "", custom-headers: [], listen: "localhost:4954", token: "", token-header: Trivy-Token}
severity: [UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL]
table-mode: [summary, detailed]
template: ""
timeout: 5m0s
vulnerability: {ignore-status: [], ignore-unfixed: false, severity-source: [auto], skip-vex-repo-update: false, vex: []}
"""


def test_a_file_of_trivys_defaults_changes_nothing(lab, root):
    plain = lab.run("rootfs", root)
    (lab.work / "trivy.yaml").write_text(DEFAULTS)
    for command in ("rootfs", "image"):
        target = [root] if command == "rootfs" else ["--input", trees.write(lab.path("x"), {}) / "none"]
        ended = lab.run(command, *target)
        assert "has no effect" not in ended.err and "older name" not in ended.err, ended.err
    ended = lab.run("rootfs", root)
    warnings = [line for line in ended.err.splitlines() if "WARN" in line]
    assert ended.out == plain.out and all("db.repository is not taken" in line for line in warnings)
    ended = lab.run("rootfs", root, "--config", "trivy.yaml")
    assert ended.out == plain.out and "Trivy's own database" in ended.err and "WARN" not in ended.err


def test_keys_that_nobody_knows_are_said(lab, root):
    (lab.work / "trivy.yaml").write_text("severty: HIGH\nscan:\n  skip-dir: [var]\nvulnerability:\n  ignore-unfixed: true\n  more: {a: 1}\n")
    ended = lab.run("rootfs", root, "-f", "json")
    assert ids(ended.json()) == ["CVE-2023-10001"]
    for key in ("severty", "scan.skip-dir", "vulnerability.more"):
        assert f"no setting is called {key}: it has no effect" in ended.err
    (lab.work / "trivy.yaml").write_text("".join(f"strange{i}: 1\n" for i in range(30)))
    assert "20 more such keys" in lab.run("rootfs", root).err


def test_no_configuration_file(lab, root):
    (lab.work / "trivy.yaml").write_text("severity: LOW\n")
    assert ids(lab.report("rootfs", root)) == ["CVE-2023-10004"]
    assert ids(lab.report("rootfs", root, "--config", "")) == ALL


@pytest.mark.parametrize("command", ["image", "rootfs", "fs", "repo", "scan", "db"])
def test_default_configuration(lab, root, command):
    plain = lab.run("rootfs", root).out
    ended = lab.run(command, "--generate-default-config")
    assert ended.status == 0 and ended.out == "" and "pratique-default.yaml" in ended.err
    file = yaml.safe_load((lab.work / "pratique-default.yaml").read_text())
    assert file["cache"]["dir"] == "" and file["insecure"] is False
    if command == "image":
        assert file["image"]["source"] == ["docker", "containerd", "podman", "remote"] and file["vulnerability"]["ignore-unfixed"] is False
    again = lab.run("rootfs", root, "--config", "pratique-default.yaml")
    assert again.out == plain and again.err == "", again.err
    again = lab.run(command, "--generate-default-config")
    assert again.status == 1 and "[file-exists]" in again.err


def test_default_configuration_through_the_link(lab):
    link = lab.folder / "trivy"
    link.symlink_to(BINARY)
    assert lab.run("--generate-default-config", "image", binary=link).status == 0
    assert (lab.work / "trivy-default.yaml").is_file()


@pytest.mark.parametrize("mode,summary,details", [("summary", True, False), ("detailed", False, True), ("summary,detailed", True, True)])
def test_table_mode(lab, root, mode, summary, details):
    ended = lab.run("rootfs", root, "--table-mode", mode)
    assert ("Report Summary" in ended.out) == summary and ("Installed Version" in ended.out) == details
    assert "Total: 0" not in ended.out


@pytest.mark.parametrize("options", [["-qf", "json"], ["-q", "-fjson"], ["-qdf=json"], ["-q", "-f=json"], ["-qfjson"]])
def test_letters_together(lab, root, options):
    ended = lab.run("rootfs", root, *options)
    assert findings(ended.json()) and ended.err == ""


def test_flags_in_one_word(lab, root):
    assert lab.run("rootfs", root, "-dq").err == ""
    assert "[option-unknown]" in lab.run("rootfs", root, "-qx").err


def test_no_color(lab, root):
    assert "\x1b" in lab.run("rootfs", root, env={"CLICOLOR_FORCE": "1"}).out
    assert "\x1b" not in lab.run("rootfs", root, "--no-color", env={"CLICOLOR_FORCE": "1"}).out


def test_download_of_the_second_database(lab, bare):
    for options in (["image", "--download-java-db-only"], ["rootfs", "--download-java-db-only"]):
        ended = bare.run(*options)
        assert ended.status == 0 and "no second database" in ended.err


@pytest.mark.parametrize("option", ["--java-db", "--checks-bundle", "--vex-repo"])
def test_clean_of_what_only_trivy_keeps(lab, option):
    assert lab.run("clean", option).status == 0
    assert (lab.cache / "db" / "pratique.db").exists()


def test_other_cache_backends(lab, root):
    ended = lab.run("rootfs", root, "--cache-backend", "redis://localhost:6379")
    assert ended.status == 1 and "fs, memory" in ended.err


def test_password_from_standard_input(lab, root):
    ended = lab.run("image", "x", "--password-stdin", stdin=b"secret")
    assert ended.status == 1 and "[password-stdin]" in ended.err and "--username" in ended.err
    ended = lab.run("rootfs", "-", "--password-stdin", "--username", "me")
    assert ended.status == 1 and "[password-stdin]" in ended.err
