#!/bin/sh
# make bench: builds the floors, makes the images once (build/bench), prints each figure beside its bar.
set -eu
cd "$(dirname "$0")/.."
exec python3 bench/bench.py --pratique build/pratique --work build/bench --feeds "${SHARED:-../shared}/feeds" "$@"
