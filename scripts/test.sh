#!/usr/bin/env bash
# Builds with AddressSanitizer and UBSan, runs unit, command-line and vector tests, ends with the sum of all.
set -u
cd "$(dirname "$0")/.."
shared=${SHARED:-../shared}
# Debian's python3 has Debian's pytest; another one first on PATH has not.
python=/usr/bin/python3
[ -x $python ] || python=python3
scripts/deps.sh </dev/null || exit 1

build=build/sanitize
mkdir -p build
echo "== build with sanitizers"
if [ ! -f $build/build.ninja ]; then
    meson setup $build -Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized >build/setup-sanitize.log 2>&1 ||
        { tail -n 30 build/setup-sanitize.log; exit 1; }
fi
ninja -C $build --quiet || exit 1

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export PRATIQUE_BUILD="$PWD/$build"
export LC_ALL=C.UTF-8
failed=0 passed=0 skipped=0

echo "== unit tests and replayed corpora"
meson test -C $build --no-rebuild --print-errorlogs --timeout-multiplier 3 >build/unit.log 2>&1 || true
sed -n '/FAIL\|TIMEOUT\|SKIP/p' build/unit.log | head -n 40
count() { awk -v name="$1:" '$1 == name { n = $2 } END { print n + 0 }' build/unit.log; }
passed=$((passed + $(count Ok)))
failed=$((failed + $(count Fail) + $(count Timeout)))
skipped=$((skipped + $(count Skipped)))
[ $(($(count Ok) + $(count Fail))) -gt 0 ] || { tail -n 20 build/unit.log; failed=$((failed + 1)); }
[ "$(count Fail)" = 0 ] || sed -n '/^=* [0-9]*\/[0-9]* =*$/,/^=*$/p; /--- std/,/^---/p' build/unit.log | tail -n 80

echo "== command line"
$python -m pytest -q -rs -p no:cacheprovider tests/cli >build/cli.log 2>&1
tail -n 40 build/cli.log
number() { tail -n 1 build/cli.log | grep -o "[0-9]* $1" | cut -d' ' -f1; }
p=$(number passed) f=$(number failed) s=$(number skipped) e=$(number error)
passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0} + ${e:-0})) skipped=$((skipped + ${s:-0}))
[ -n "$p$f$s$e" ] || failed=$((failed + 1))

echo "== vectors"
if [ -d "$shared/fixtures" ]; then
    $python tests/vectors/run.py --build $build --vectors "$shared/fixtures" >build/vectors.log 2>&1
    grep -v '^no adapter' build/vectors.log | tail -n 60
    line=$(grep '^total:' build/vectors.log)
    v() { echo "$line" | grep -o "[0-9]* $1" | cut -d' ' -f1; }
    p=$(v passed) f=$(v failed) s=$(v skipped)
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1})) skipped=$((skipped + ${s:-0}))
else
    echo "SKIP vectors: there is no $shared/fixtures"
    skipped=$((skipped + 1))
fi

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
