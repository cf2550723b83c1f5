#!/bin/sh
# make run: installs what the build needs, builds, prepares a database, scans an example image and this machine.
set -eu
cd "$(dirname "$0")/.."

scripts/deps.sh
echo "== Building (a minute or two; build/setup.log has the details)"
make --no-print-directory build/pratique
cache=${PRATIQUE_CACHE_DIR:-build/run}
mkdir -p "$cache"

live=https://security-tracker.debian.org/tracker/
if [ -n "${PRATIQUE_FEEDS:-}" ]; then
    echo "== The database is built from the folder PRATIQUE_FEEDS names: $PRATIQUE_FEEDS"
    build/pratique db build --feeds "$PRATIQUE_FEEDS" --cache-dir "$cache"
elif curl --silent --head --fail --max-time 3 --output /dev/null "$live" 2>/dev/null && build/pratique db update --cache-dir "$cache"; then
    echo "== The database was fetched from the live feeds"
else
    echo "== No live feed answers within three seconds: the database is built from the small starter set of this repository (data/starter)."
    echo "   It knows Debian's basic packages only. For everything else: PRATIQUE_FEEDS=DIR make run, or pratique db update."
    build/pratique db build --feeds data/starter --cache-dir "$cache"
fi

echo
echo "== An example image: the packages of Debian 11 as it was first released"
scripts/example-image.sh build/example.tar
build/pratique image --input build/example.tar --cache-dir "$cache" --severity CRITICAL,HIGH

echo
echo "== This machine"
build/pratique rootfs / --cache-dir "$cache" --severity CRITICAL,HIGH

echo
echo "== The program is build/pratique, its database in $cache (--cache-dir $cache). README.md goes on from here."
