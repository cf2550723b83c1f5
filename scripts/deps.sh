#!/bin/sh
# Installs what building and testing need, from the distribution's own packages. The one place where dependencies are named.
#   scripts/deps.sh print   lists the packages
#   scripts/deps.sh         installs what is missing
set -eu

build="curl gcc libc6-dev make meson ninja-build pkg-config
libbz2-dev libcurl4-openssl-dev libdeflate-dev libfyaml-dev libisal-dev liblzma-dev libpcre2-dev libseccomp-dev
libsqlite3-dev libssl-dev libxml2-dev libyyjson-dev libzstd-dev"
run="ca-certificates libcurl4 libssl3"
tests="bzip2 clang clang-format clang-tidy docker-registry gzip isal jq libclang-rt-dev libcmocka-dev mmdebstrap openssl python3 python3-pytest
python3-yaml rpm sqlite3 xz-utils zstd"

# What newer distributions call differently, and what clang's runtime is called with a version.
. /etc/os-release
case "${ID}:${VERSION_ID:-}" in
debian:12) tests=$(echo "$tests" | sed 's/libclang-rt-dev/libclang-rt-14-dev/') ;;
debian:13) tests=$(echo "$tests" | sed 's/libclang-rt-dev/libclang-rt-19-dev/'); run="ca-certificates libcurl4t64 libssl3t64" ;;
ubuntu:24.04) tests=$(echo "$tests" | sed 's/libclang-rt-dev/libclang-rt-18-dev/'); run="ca-certificates libcurl4t64 libssl3t64" ;;
esac

wanted="$build $run $tests"
if [ "${1:-}" = print ]; then
    echo $wanted | tr ' ' '\n'
    exit 0
fi

missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "deps: run as root, or install:$missing" >&2; exit 1; }
    as_root="sudo"
fi

echo "These packages are missing:$missing"
if [ -z "${YES:-}" ] && [ -z "${CI:-}" ] && [ -t 0 ]; then
    printf 'Install them now? [Y/n] '
    read -r answer
    case "$answer" in n* | N*) exit 1 ;; esac
fi

export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq

# Debian 12 has no yyjson: Debian 13's package needs nothing newer than Debian 12 has. It is taken from the mirror that is
# configured already, by a source list that exists for this one step.
case "$missing" in *libyyjson-dev*)
    if ! apt-cache policy libyyjson-dev 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        base=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: ${VERSION_CODENAME}" | head -n 1)
        work=$(mktemp -d)
        chmod 755 "$work"
        mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $base trixie main" >"$work/trixie.list"
        options="-o Dir::Etc::SourceList=$work/trixie.list -o Dir::Etc::SourceParts=- -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache"
        $as_root apt-get $options update -qq
        (cd "$work" && apt-get $options download -qq libyyjson0 libyyjson-dev)
        $as_root apt-get install -y -qq --no-install-recommends "$work"/libyyjson0_*.deb "$work"/libyyjson-dev_*.deb
        rm -rf "$work"
        missing=$(echo "$missing" | sed 's/libyyjson-dev//')
    fi ;;
esac
[ -z "$(echo "$missing" | tr -d ' ')" ] || $as_root apt-get install -y -qq --no-install-recommends $missing
