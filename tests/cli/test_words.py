"""Commands, options, help; the names the program is linked under."""
import json
import os
import re
import subprocess

import images
import pytest
import trees
from conftest import BINARY, findings
from test_sources import EXPECTED

NOW = ["clean", "completion", "db", "doctor", "explain", "fs", "image", "login", "logout", "registry", "repo", "rootfs", "scan", "version"]
LATER = ["sign", "verify", "attest", "watch", "lint", "admit", "config", "serve", "server", "sbom", "k8s", "evidence", "comply", "plugin", "vm", "convert"]


def test_help_lists_every_command(lab):
    for arguments in ([], ["--help"], ["-h"], ["help"]):
        ended = lab.run(*arguments)
        assert ended.status == 0
        for name in NOW:
            assert re.search(rf"^  {name}\b", ended.out, re.M), name


@pytest.mark.parametrize("name", NOW)
def test_help_of_each_command(lab, name):
    for arguments in ([name, "--help"], [name, "-h"], ["help", name]):
        ended = lab.run(*arguments)
        assert ended.status == 0 and ended.err == ""
        assert f"Usage: pratique {name}" in ended.out and "Examples:" in ended.out and "--cache-dir" in ended.out


@pytest.mark.parametrize("columns", [None, 80, 100])
@pytest.mark.parametrize("name", ["", *NOW])
def test_help_fits_the_terminal(lab, name, columns):
    from test_output import on_terminal
    arguments = [name, "--help"] if name else ["--help"]
    out = on_terminal(lab, *arguments, columns=columns) if columns else lab.run(*arguments).out
    lines = [line.rstrip("\r") for line in out.split("\n")]
    assert len(lines) > 10 and max(len(line) for line in lines if not line.startswith("  pratique ")) <= (columns or 80)


def test_the_link_lists_its_words_in_order(lab, trivy):
    for run in (lab.run, trivy):
        names = re.findall(r"^  ([a-z]+) {2,}\S", run("--help").out, re.M)
        assert names == sorted(names) and "help" in names and "registry" in names


def test_words_of_a_command(lab):
    text = lab.run("db", "--help").out
    for word in ("build", "export", "import", "info", "push", "update", "verify"):
        assert re.search(rf"^  {word} +\w", text, re.M)
    for arguments in (["db"], ["db", "updat"]):
        ended = lab.run(*arguments)
        assert ended.status == 1 and "[db-action]" in ended.err and "build|export" in ended.err and "db --help" in ended.err


@pytest.mark.parametrize("word", LATER)
def test_later_words_answer_in_one_line(lab, word):
    ended = lab.run(word, "--whatever", "x")
    assert ended.status == 1 and ended.out == "" and len(ended.err.splitlines()) == 1
    assert "later version" in ended.err and "[command-later]" in ended.err


@pytest.mark.parametrize("word,nearest", [("imge", "image"), ("rootf", "rootfs"), ("explian", "explain"), ("databse", None), ("docter", "doctor")])
def test_unknown_command(lab, word, nearest):
    ended = lab.run(word)
    assert ended.status == 1 and "[command-unknown]" in ended.err
    if nearest:
        assert f"pratique {nearest}" in ended.err


@pytest.mark.parametrize("option,nearest", [("--severty", "--severity"), ("--ignore-unfix", "--ignore-unfixed"), ("--exitcode", "--exit-code"), ("--formt=json", "--format")])
def test_unknown_option(lab, option, nearest):
    ended = lab.run("rootfs", "/", option)
    assert ended.status == 1 and nearest in ended.err and "[option-unknown]" in ended.err


@pytest.mark.parametrize("option", ["--vex", "--compliance", "--ignore-policy", "--template", "--secret-config", "--server", "--dependency-tree"])
def test_options_of_trivy_that_come_later(lab, option):
    ended = lab.run("rootfs", "/", option, "x")
    assert ended.status == 1 and option in ended.err and len(ended.err.splitlines()) == 1


def test_version(lab, bare):
    for arguments in (["--version"], ["-v"], ["version"]):
        ended = lab.run(*arguments)
        assert ended.status == 0 and re.match(r"Version: \d+\.\d+\.\d+", ended.out)
    assert json.loads(lab.run("version", "-f", "json").out)["Version"]
    assert "Vulnerability DB" in lab.run("version").out and "Vulnerability DB" not in bare.run("version").out


# ---- start-up -------------------------------------------------------------------------------------------------------------

HEAVY = ("curl", "crypto", "ssl", "xml2", "icu", "archive", "pq", "microhttpd", "hs.", "gssapi", "ldap")


def loaded(lab, *arguments):
    """Libraries that a run loads (LD_DEBUG of the dynamic linker)."""
    ended = subprocess.run([str(BINARY), *map(str, arguments)], env=lab.environment(LD_DEBUG="files"), capture_output=True, cwd=lab.work)
    assert ended.returncode == 0
    return sorted(set(re.findall(r"calling init: .*/(\S+)", ended.stderr.decode(errors="replace"))))


def test_version_loads_few_libraries(lab):
    if os.environ.get("ASAN_OPTIONS"):
        pytest.skip("a sanitizer brings its own libraries")
    names = loaded(lab, "--version")
    assert not [n for n in names if any(h in n for h in HEAVY)], names
    assert len(names) <= 16, names


def test_a_remembered_scan_loads_no_heavy_library(lab):
    if os.environ.get("ASAN_OPTIONS"):
        pytest.skip("a sanitizer brings its own libraries")
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    layout = images.oci_layout(lab.path("layout"), [tar])
    lab.run("image", "--input", layout)
    names = loaded(lab, "image", "--input", layout, "--quiet", "-o", "report", "--skip-db-update")
    assert not [n for n in names if any(h in n for h in HEAVY if h != "crypto")], names


# ---- links ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def trivy(lab):
    (lab.folder / "bin").mkdir()
    link = lab.folder / "bin" / "trivy"
    link.symlink_to(BINARY)
    return lambda *arguments, **more: lab.run(*arguments, binary=link, **more)


@pytest.fixture
def image(lab):
    tar = images.tar_of(trees.debian(), lab.path("root.tar"))
    return images.docker_archive(lab.path("image.tar"), [tar])


def test_link_named_trivy(lab, trivy, image):
    report = trivy("image", "--severity", "HIGH,CRITICAL", "--format", "json", "--input", image).json()
    assert findings(report) == [f for f in EXPECTED if f[4] in ("HIGH", "CRITICAL")]
    assert trivy("i", "--input", image, "--exit-code", "1", "--severity", "CRITICAL").status == 1
    assert trivy("--quiet", "image", "--input", image).status == 0
    assert trivy("--version").out.startswith("Version: ")
    assert trivy("version").status == 0 and json.loads(trivy("version", "--format", "json").out)["Version"]
    assert "Usage: trivy image" in trivy("image", "--help").out
    assert "trivy" in trivy("--help").out


def test_link_has_trivys_words_only(lab, trivy):
    for word in ("explain", "doctor", "scan", "rules"):
        ended = trivy(word)
        assert ended.status == 1 and "[command-unknown]" in ended.err
    assert trivy("registry", "--help").status == 0


def test_clean_through_the_link(lab, trivy, image):
    tar = images.tar_of(trees.debian(), lab.path("other.tar"))
    trivy("image", "--input", images.oci_layout(lab.path("layout"), [tar]))
    assert trivy("clean", "--scan-cache").status == 0
    assert not list(lab.cache.rglob("*.zst"))


def test_other_link_names_say_later(lab):
    for name in ("cosign", "falco"):
        link = lab.folder / name
        link.symlink_to(BINARY)
        ended = lab.run("verify", binary=link)
        assert ended.status == 1 and "later version" in ended.err


@pytest.mark.parametrize("word", ["conf", "client", "c", "s", "p", "cloud"])
def test_trivys_other_words(trivy, word):
    ended = trivy(word, "x")
    assert ended.status == 1 and "[command-later]" in ended.err


@pytest.mark.parametrize("word", ["login", "logout"])
def test_words_that_stand_elsewhere_through_the_link(trivy, word):
    ended = trivy(word, "registry.example.com")
    assert ended.status == 1 and f"it is: trivy registry {word}" in ended.err and "later" not in ended.err


def test_messages_name_the_program_as_it_was_called(trivy):
    for arguments in (["image", "--severty", "x"], ["image", "--zzzz"], ["clean"], ["completion"], ["version", "x"], ["image", "x", "--password-stdin", "-"]):
        ended = trivy(*arguments)
        assert ended.status == 1 and "pratique" not in ended.err and "trivy" in ended.err, ended.err


EXTRA = [["version", "x"], ["login", "a", "b"], ["logout", "a", "b"], ["registry", "login", "a", "b"], ["registry", "logout", "a", "b"], ["doctor", "x"],
         ["completion", "bash", "x"], ["help", "image", "x"]]


@pytest.mark.parametrize("arguments", EXTRA, ids=" ".join)
def test_words_too_many(lab, arguments):
    ended = lab.run(*arguments)
    assert ended.status == 1 and ended.out == "" and "[words-extra]: it is: pratique " in ended.err
    assert f'does not take "{arguments[-1]}"' in ended.err


def test_one_word_given_is_no_words(lab):
    assert "one target, 1 word given" in lab.run("explain", "CVE-2023-10001").err
    assert "one target, 3 words given" in lab.run("explain", "CVE-2023-10001", "a", "b").err


@pytest.mark.parametrize("arguments", [["--severity", "HIGH", "nginx"], ["-f", "json", "image", "nginx"], ["--quiet", "--exit-code=1", "nginx"]], ids=" ".join)
def test_options_before_the_command(lab, arguments):
    ended = lab.run(*arguments)
    assert ended.status == 1 and "stands before the command" in ended.err and "pratique image" in ended.err


@pytest.mark.parametrize("address", ["https://github.com/a/b", "git@github.com:a/b.git", "ssh://host/x"])
def test_remote_repositories_say_what_to_do(lab, address):
    ended = lab.run("repo", address)
    assert ended.status == 1 and "[repository-address]" in ended.err and f"git clone --depth 1 {address}" in ended.err


@pytest.mark.parametrize("option,value,words", [("--timeout", "5", "5m0s"), ("--max-image-size", "big", "500MB"), ("--parallel", "x", "whole number"),
                                                ("--quiet=perhaps", None, "true or false")])
def test_bad_values_say_what_is_taken(lab, option, value, words):
    ended = lab.run("image", "x", *[w for w in (option, value) if w])
    assert ended.status == 1 and "[option-value]" in ended.err and words in ended.err


@pytest.mark.parametrize("name", ["cosign", "falco"])
@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"], ["--list"], ["-r", "rules.yaml"], ["help", "sign"], ["--quiet"]], ids=" ".join)
def test_bare_links_of_later_programs(lab, name, arguments):
    link = lab.folder / name
    link.symlink_to(BINARY)
    ended = lab.run(*arguments, binary=link)
    assert ended.status == 1 and ended.out == "" and len(ended.err.splitlines()) == 1
    assert f"{name} comes in a later version" in ended.err or f"{name} sign comes in a later version" in ended.err


GUIDE = [
    # every trivy command of the guide; NAME stands for the image, read from an archive here
    ["--version"],
    ["image", "--severity", "CRITICAL,HIGH", "NAME"],
    ["image", "-f", "json", "-o", "nginx-scan.json", "NAME"],
    ["image", "--severity", "HIGH,CRITICAL", "NAME"],
    ["image", "--exit-code", "1", "--severity", "CRITICAL", "NAME"],
    ["image", "--severity", "HIGH,CRITICAL", "--format", "json", "--output", "scan-report.json", "NAME"],
    ["image", "--severity", "CRITICAL,HIGH", "--format", "json", "--output", "report.json", "NAME"],
]


@pytest.mark.parametrize("arguments", GUIDE, ids=lambda a: " ".join(a))
@pytest.mark.parametrize("name", ["pratique", "trivy"])
def test_every_command_of_the_guide(lab, trivy, image, arguments, name):
    run = trivy if name == "trivy" else lab.run
    words = [w for a in arguments for w in (["--input", str(image)] if a == "NAME" else [a])]
    ended = run(*words)
    assert ended.status == (1 if "--exit-code" in words else 0), ended.err


def test_the_gate_of_the_guide(lab, trivy, image):
    """trivy image … >scan.txt; grep -q "Total: 0" scan.txt"""
    assert "Total: 0" not in trivy("image", "--severity", "CRITICAL,HIGH", "--input", image).out
    clean = images.docker_archive(lab.path("clean.tar"), [images.tar_of(trees.debian([("clean", "1-1", "clean", "")]), lab.path("clean-root.tar"))])
    assert "Total: 0" in trivy("image", "--severity", "CRITICAL,HIGH", "--input", clean).out


def test_cache_folder_of_the_guide(bare, lab, image):
    """export TRIVY_CACHE_DIR=/opt/trivy-db"""
    ended = bare.run("image", "--input", image, "-f", "json", env={"PRATIQUE_CACHE_DIR": "", "TRIVY_CACHE_DIR": str(lab.cache)})
    assert findings(ended.json()) == EXPECTED


# ---- completions and man pages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(lab, shell):
    ended = lab.run("completion", shell)
    assert ended.status == 0
    for name in NOW:
        assert name in ended.out
    for option in ("severity", "ignore-unfixed", "cache-dir"):
        assert option in ended.out
    wrong = lab.run("completion", "tcsh")
    assert wrong.status == 1 and "bash" in wrong.err


def test_bash_completion_works(lab):
    lab.path("completion.bash").write_text(lab.run("completion", "bash").out)

    def complete(*words):
        script = f'source {lab.path("completion.bash")}; COMP_WORDS=({" ".join(map(repr, words))}); COMP_CWORD={len(words) - 1}; _pratique; printf "%s\\n" "${{COMPREPLY[@]}}"'
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return done.stdout.split()

    assert "image" in complete("pratique", "im") and "rootfs" not in complete("pratique", "im")
    assert "--severity" in complete("pratique", "image", "--sev")
    assert "CRITICAL" in complete("pratique", "image", "--severity", "CR")
    assert set(complete("pratique", "image", "--format", "")) >= {"json", "table"}
    assert "build" in complete("pratique", "db", "b")


def test_manual(lab):
    assert lab.run("manual", lab.work / "man").status == 0
    pages = {p.name: p.read_text() for p in (lab.work / "man").iterdir()}
    assert set(pages) == {"pratique.1", *(f"pratique-{name}.1" for name in NOW)}
    for name, text in pages.items():
        assert text.startswith(".TH ") and ".SH NAME" in text and ".SH SYNOPSIS" in text, name
        if subprocess.run(["which", "man"], capture_output=True).returncode == 0:
            done = subprocess.run(["man", "--warnings", "-l", "-"], input=text, capture_output=True, text=True, env={**os.environ, "MANPAGER": "cat"})
            assert done.stderr == "", (name, done.stderr)
    assert "\\-\\-severity" in pages["pratique-image.1"] and "EXIT STATUS" in pages["pratique-image.1"]
