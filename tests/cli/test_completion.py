"""The completion scripts, loaded into the shells they are for. A shell that is not here is skipped by name."""
import os
import pty
import select
import shutil
import subprocess
import time

import pytest
from conftest import BINARY

# what is written -> words that must be offered (or stand in the line), words that must not
CASES = [
    ("pratique im", ["image"], ["rootfs"]),
    ("pratique --quiet im", ["image"], ["rootfs"]),
    ("pratique image --sev", ["--severity"], ["--scanners"]),
    ("pratique image --severity CR", ["CRITICAL"], ["HIGH"]),
    ("pratique image --severity CRITICAL,H", ["CRITICAL,HIGH"], ["LOW,"]),
    ("pratique image --format j", ["json"], ["table "]),
    ("pratique db ver", ["verify"], ["build"]),
    ("pratique completion z", ["zsh"], ["bash"]),
    ("pratique image --input ./fi", ["./file.tar"], []),
]


@pytest.fixture
def place(lab):
    (lab.work / "file.tar").write_text("")
    (lab.work / "bin").mkdir()
    (lab.work / "bin" / "pratique").symlink_to(BINARY)
    return lab


def script(lab, shell):
    name = {"zsh": "_pratique", "fish": "pratique.fish", "bash": "pratique.bash"}[shell]
    (lab.work / "scripts").mkdir(exist_ok=True)
    (lab.work / "scripts" / name).write_text(lab.run("completion", shell).out)
    return lab.work / "scripts" / name


def environment(lab):
    return {**lab.environment(), "PATH": f"{lab.work}/bin:{os.environ['PATH']}", "TERM": "dumb"}


def need(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")


def judge(shown, wanted, unwanted):
    for word in wanted:
        assert word in shown, shown
    for word in unwanted:
        assert word not in shown, shown


@pytest.mark.parametrize("line,wanted,unwanted", CASES, ids=[c[0] for c in CASES])
def test_bash(place, line, wanted, unwanted):
    need("bash")
    words = " ".join(f"'{w}'" for w in line.split(" "))
    ask = f'source {script(place, "bash")}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _pratique; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", ask], env=environment(place), cwd=place.work, capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    judge(done.stdout, wanted, unwanted)


@pytest.mark.parametrize("option", ["'--severity' '='", "'--severity' '=' ''", "'--severity' '=' 'CR'"])
def test_bash_splits_words_at_the_equals_sign(place, option):
    ask = f'source {script(place, "bash")}; COMP_WORDS=(pratique image {option}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _pratique; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", ask], env=environment(place), cwd=place.work, capture_output=True, text=True, timeout=30)
    assert "CRITICAL" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("line,wanted,unwanted", CASES, ids=[c[0] for c in CASES])
def test_fish(place, line, wanted, unwanted):
    need("fish")
    done = subprocess.run(["fish", "--no-config", "-c", f"source {script(place, 'fish')}; complete -C '{line}'"], env=environment(place), cwd=place.work,
                          capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    judge("\n".join(row.split("\t")[0] + " " for row in done.stdout.splitlines()), wanted, unwanted)


class Zsh:
    """zsh completes on terminals only."""

    def __init__(self, lab):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(lab.work)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**environment(lab), "PS1": "> "})
        self.write(f"PS1='> '; fpath=({script(lab, 'zsh').parent} $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep auto_menu; stty cols 200 rows 200; print REA''DY\n")
        self.read(until="READY\r\n", patience=20)
        self.read()

    def write(self, text):
        os.write(self.fd, text.encode())

    def read(self, until=None, patience=0.7):
        shown, end = "", time.monotonic() + 20
        while time.monotonic() < end and select.select([self.fd], [], [], patience)[0]:
            try:
                part = os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                break
            shown += part
            if until and until in shown:
                break
        return shown

    def complete(self, line):
        self.write(line + "\t\t")
        shown = self.read()
        self.write("\x15")  # the line away
        self.read(patience=0.3)
        return shown

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def test_zsh(place):
    need("zsh")
    try:
        zsh = Zsh(place)
    except OSError:
        pytest.skip("this machine gives no pseudo terminals")
    try:
        for line, wanted, unwanted in CASES:
            if unwanted != ["LOW,"]:  # zsh goes on to offer the words that are left
                judge(zsh.complete(line).split("\n")[0], wanted, unwanted)
        assert "CRITICAL,HIGH" in zsh.complete("pratique image --severity CRITICAL,H")
    finally:
        zsh.close()


def test_zsh_sourced(place):
    """source <(pratique completion zsh)"""
    need("zsh")
    ask = f"autoload -Uz compinit; compinit -u -D; source {script(place, 'zsh')} && print -r -- $_comps[pratique]"
    done = subprocess.run(["zsh", "-f", "-c", ask], env=environment(place), capture_output=True, text=True, timeout=30)
    assert done.stdout == "_pratique\n" and done.stderr == ""


def test_a_link_completes_its_own_name(lab):
    link = lab.folder / "trivy"
    link.symlink_to(BINARY)
    assert lab.run("completion", "bash", binary=link).out.splitlines()[-1] == "complete -o filenames -F _pratique trivy"
    assert lab.run("completion", "zsh", binary=link).out.startswith("#compdef trivy\n")
    fish = lab.run("completion", "fish", binary=link).out
    assert "complete -c trivy " in fish and "complete -c pratique " not in fish
