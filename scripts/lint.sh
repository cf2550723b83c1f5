#!/usr/bin/env bash
# make lint: formatting, clang-tidy, arrows, messages. Silent when all is well but for one line at the end.
#   FIX=1 make lint    formats instead of complaining
#   TIDY=0 make lint   without clang-tidy, which takes minutes
set -u
cd "$(dirname "$0")/.."
failed=0

missing=""
for program in clang-format clang-tidy; do
    command -v $program >/dev/null 2>&1 || missing="$missing $program"
done
if [ -n "$missing" ]; then
    echo "lint: install$missing first (apt-get install$missing)" >&2
    exit 1
fi

mapfile -t files < <(git ls-files 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h' 'bench/*.c')

# Versions of clang-format differ in what they think beautiful: the tree follows that of Debian 12.
version=$(clang-format --version | grep -o '[0-9]*' | head -n 1)
if [ -n "${FIX:-}" ]; then
    clang-format -i "${files[@]}"
elif [ "$version" = 14 ]; then
    clang-format --dry-run --Werror "${files[@]}" 2>&1 | grep -E 'error:' | cut -d: -f1 | sort | uniq -c | sed 's/^/format: /'
    [ "${PIPESTATUS[0]}" = 0 ] || { echo "format: FIX=1 make lint mends it"; failed=1; }
else
    echo "SKIP format: clang-format 14 is wanted, $version is here"
fi

build=build/lint
if [ ! -f $build/compile_commands.json ]; then
    mkdir -p build
    CC=clang meson setup $build >build/lint.log 2>&1 || { tail -n 20 build/lint.log; exit 1; }
fi
if [ "${TIDY:-1}" != 0 ]; then
    ninja -C $build --quiet src/cmd/advice.inc # a table that the build makes
    printf '%s\n' "${files[@]}" | grep -E '^src/.*\.c$' |
        xargs -P "$(nproc)" -n 8 clang-tidy -p $build --quiet --warnings-as-errors='*' 2>build/tidy.err >build/tidy.log || failed=1
    grep -E 'warning:|error:' build/tidy.log | sed "s|$PWD/||" | sort -u
fi

python3 tests/arrows.py >build/arrows.log || { cat build/arrows.log; failed=1; }
python3 tests/messages.py >build/messages.log || { cat build/messages.log; failed=1; }

if [ $failed = 0 ]; then echo "lint: ${#files[@]} files, nothing to say"; fi
exit $failed
