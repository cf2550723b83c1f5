#!/bin/sh
# Makes the example image: a docker archive with the package database of a Debian 11 as it was first released (2021-08-14).
# The names and versions are real; the image holds nothing but its package list.
#   scripts/example-image.sh OUTPUT.tar
set -eu
output=$1
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/etc" "$work/root/var/lib/dpkg" "$work/image/layer"
echo 11.0 >"$work/root/etc/debian_version"
printf 'PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nNAME="Debian GNU/Linux"\nVERSION_ID="11"\nVERSION_CODENAME=bullseye\nID=debian\n' >"$work/root/etc/os-release"
# package, source, version, and the source's version where it is another
grep -v '^#' "$here/data/example/packages.txt" | while read -r package source version source_version; do
    [ -z "$source_version" ] || source="$source ($source_version)"
    printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nSource: %s\nVersion: %s\nMaintainer: Debian\n\n' "$package" "$source" "$version"
done >"$work/root/var/lib/dpkg/status"

tar -C "$work/root" --sort=name --mtime=@1628899200 --owner=0 --group=0 --numeric-owner -cf "$work/image/layer/layer.tar" etc var
diff_id=$(sha256sum "$work/image/layer/layer.tar" | cut -d' ' -f1)
printf '{"architecture":"amd64","os":"linux","created":"2021-08-14T00:00:00Z","config":{"Cmd":["bash"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"2021-08-14T00:00:00Z","created_by":"ADD file in / "}]}' "$diff_id" >"$work/image/config.json"
printf '[{"Config":"config.json","RepoTags":["pratique.example/old-debian:11.0"],"Layers":["layer/layer.tar"]}]' >"$work/image/manifest.json"
tar -C "$work/image" --sort=name --mtime=@1628899200 --owner=0 --group=0 --numeric-owner -cf "$output.new" manifest.json config.json layer/layer.tar
mv "$output.new" "$output"
