#!/usr/bin/env bash
# make fuzz: libFuzzer on every target; stops at the first finding.
#   SECONDS=300      (FUZZ_SECONDS without make) CPU seconds a target
#   TARGETS="a b"    these only (names without _fuzz)
# What is learned lands in build/corpora/NAME; the corpora of the repository are read, not changed.
set -u
seconds=${FUZZ_SECONDS:-300}
cd "$(dirname "$0")/.."
build=build/fuzz

command -v clang >/dev/null 2>&1 || { echo "fuzz: install clang first" >&2; exit 1; }
mkdir -p build
if [ ! -f $build/build.ninja ]; then
    CC=clang meson setup $build -Dfuzz=true -Db_lundef=false -Db_sanitize=address,undefined >build/setup-fuzz.log 2>&1 || { tail -n 20 build/setup-fuzz.log; exit 1; }
fi
ninja -C $build --quiet || exit 1

targets=${TARGETS:-$(cd $build/tests/fuzz && find . -maxdepth 1 -name '*_fuzz' -type f | sed 's|^\./||; s|_fuzz$||' | sort)}
for target in $targets; do
    program=$build/tests/fuzz/${target}_fuzz
    [ -x "$program" ] || { echo "fuzz: there is no target $target" >&2; exit 1; }
    mkdir -p "build/corpora/$target" "build/findings"
    started=$(date +%s)
    if ! UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$program" -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=25 -max_len=1048576 \
        -artifact_prefix="build/findings/$target-" -print_final_stats=1 "build/corpora/$target" "tests/fuzz/corpora/$target" >"build/fuzz-$target.log" 2>&1; then
        tail -n 60 "build/fuzz-$target.log"
        echo "$target: a finding; its input is in build/findings, its log in build/fuzz-$target.log"
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz-$target.log")
    echo "$target: ${runs:-?} runs in $(($(date +%s) - started)) s, no finding"
done
