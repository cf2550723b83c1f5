"""A nightly script as people have them: through a link named trivy, over all images of a namespace, counting with jq under set -e."""
import json
import os
import shutil
import subprocess

import pytest
import trees
from blobs import Image
from conftest import BINARY
from servers import Server

SCRIPT = r"""#!/bin/bash
set -euo pipefail
NAMESPACE="production"
SLACK_WEBHOOK="https://hooks.example.com/services/XXX"
mkdir -p "$REPORT_DIR"
IMAGES=$(kubectl get pods -n "$NAMESPACE" -o jsonpath='{.items[*].spec.containers[*].image}' | tr ' ' '
' | sort -u)
for IMAGE in $IMAGES; do
SAFE=$(echo "$IMAGE" | tr '/:' '_')
REPORT="$REPORT_DIR/${SAFE}_$(date +%Y%m%d).json"
trivy image --severity CRITICAL,HIGH --format json --output "$REPORT" "$IMAGE"
CRIT=$(jq '[.Results[].Vulnerabilities[] | select(.Severity=="CRITICAL")] | length' "$REPORT")
HIGH=$(jq '[.Results[].Vulnerabilities[] | select(.Severity=="HIGH")] | length' "$REPORT")
if [[ $CRIT -gt 0 || $HIGH -gt 5 ]]; then
MSG="Image $IMAGE has $CRIT CRITICAL and $HIGH HIGH vulnerabilities."
curl -X POST -H 'Content-type: application/json' --data "{\"text\":\"$MSG\"}" "$SLACK_WEBHOOK"
fi
done
find "$REPORT_DIR" -name "*.json" -mtime +30 -delete
"""


def test_every_image_is_counted_the_clean_ones_too(lab):
    if not shutil.which("jq"):
        pytest.skip("jq is not installed")
    server = Server()
    server.put_image("clean", "1", Image([trees.debian([("clean", "1.0-1", "clean", "")])]))
    server.put_image("later", "1", Image([trees.debian()]))
    tools = lab.path("bin/x").parent
    os.symlink(BINARY, tools / "trivy")
    for name, text in {"kubectl": f'echo "{server.host}/clean:1 {server.host}/later:1 {server.host}/clean:1"', "curl": 'echo "$@" >>"$REPORT_DIR/said"'}.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    reports = lab.work / "reports"
    environment = lab.environment(PATH=f"{tools}:{os.environ['PATH']}", REPORT_DIR=str(reports), TRIVY_INSECURE="true", TRIVY_IMAGE_SRC="remote")
    done = subprocess.run(["bash", "-c", SCRIPT], env=environment, cwd=lab.work, capture_output=True, text=True, timeout=120)
    server.shutdown()
    server.server_close()
    assert done.returncode == 0, done.stderr
    said = (reports / "said").read_text()
    assert f"Image {server.host}/later:1 has 1 CRITICAL and 2 HIGH" in said and "clean" not in said
    clean, = reports.glob("*_clean_1_*.json")
    assert json.loads(clean.read_text())["Results"][0]["Vulnerabilities"] == []
