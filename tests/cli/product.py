"""The product's own functions behind the probe, run in a home of their own: registries, sources, downloads."""
import json
import os
import subprocess


class Product:
    def __init__(self, build, home):
        self.build = build
        self.home = home
        self.stderr = ""

    def environment(self, extra=None):
        kept = {name: value for name, value in os.environ.items() if name.startswith(("ASAN_", "UBSAN_", "LC_", "LANG")) or name == "PATH"}
        kept.update(HOME=str(self.home), XDG_RUNTIME_DIR=str(self.home / "run"), TMPDIR=str(self.home))
        kept.update(extra or {})
        return kept

    def probe(self, verb, request, env=None, timeout=120):
        """One request to one verb; the answer. The probe must end well: a sanitizer's report is a failure."""
        done = subprocess.run([self.build / "tests" / "vectors" / "probe", verb], input=json.dumps(request).encode() + b"\n",
                              capture_output=True, env=self.environment(env), timeout=timeout)
        self.stderr = done.stderr.decode(errors="replace")
        assert done.returncode == 0, self.stderr
        return json.loads(done.stdout)

    def image(self, name, env=None, **options):
        options.setdefault("sources", ["remote"])
        options.setdefault("insecure", True)
        return self.probe("image", {"name": name, **options}, env=env)

    def artifact(self, verb, env=None, **options):
        options.setdefault("insecure", True)
        return self.probe("artifact", {"do": verb, **options}, env=env)
