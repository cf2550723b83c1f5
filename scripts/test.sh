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

# A case that skips is no failure to cmocka, nor to meson: by their names, once each.
cases() { grep -o "^\[ *$1 \] [a-z0-9_]*$" "$2" | sed 's/.* //' | sort -u; }
cases SKIPPED $build/meson-logs/testlog.txt >build/unit-skipped.txt

number() { tail -n 1 "$1" | grep -o "[0-9]* $2" | cut -d' ' -f1; }
# Command-line tests into the sum: their log, then pytest's arguments.
command_line() {
    local log=$1 p f s e
    shift
    $python -m pytest -q -rs -p no:cacheprovider "$@" >"$log" 2>&1
    tail -n 40 "$log"
    p=$(number "$log" passed) f=$(number "$log" failed) s=$(number "$log" skipped) e=$(number "$log" error)
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0} + ${e:-0})) skipped=$((skipped + ${s:-0}))
    [ -n "$p$f$s$e" ] || failed=$((failed + 1))
}

echo "== command line"
command_line build/cli.log tests/cli

# A sanitizer needs more system calls and memory than the confinement of what ships allows.
echo "== what ships: confinement, limits, libraries"
env -u PRATIQUE_BUILD make --no-print-directory && meson configure build/release -Dtests=true >/dev/null && ninja -C build/release --quiet tests/unit/base_child_test || exit 1
asan=$ASAN_OPTIONS ubsan=$UBSAN_OPTIONS
unset ASAN_OPTIONS UBSAN_OPTIONS
if build/release/tests/unit/base_child_test >build/child.log 2>&1; then
    passed=$((passed + 1))
else
    tail -n 20 build/child.log
    failed=$((failed + 1))
fi
# What a sanitizer forbids and what ships has passed is not skipped.
cases OK build/child.log | comm -23 build/unit-skipped.txt - | sed 's/^/SKIP unit: /' >build/unit-left.txt
cat build/unit-left.txt
skipped=$((skipped + $(wc -l <build/unit-left.txt)))
PRATIQUE_BUILD="$PWD/build/release" command_line build/ships.log tests/cli/test_words.py tests/cli/test_bounds.py tests/cli/test_hostile.py
export ASAN_OPTIONS=$asan UBSAN_OPTIONS=$ubsan

echo "== vectors"
if [ -d "$shared/fixtures" ]; then
    $python tests/vectors/run.py --build $build --vectors "$shared/fixtures" --whole >build/vectors.log 2>&1
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
