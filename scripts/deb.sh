#!/usr/bin/env bash
# make deb: build/pratique_VERSION_ARCH.deb out of the release build. What is linked: the packages that own it on this system; what is loaded
# when it is first used is named here.
set -eu
cd "$(dirname "$0")/.."
release=build/release
version=$(cat VERSION)
architecture=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root

meson configure $release -Dprefix=/usr >/dev/null
DESTDIR=$root meson install -C $release --quiet >/dev/null
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/pratique"
# Debian's zsh looks in a folder of its own.
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root/usr/share/zsh/site-functions/_pratique" "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
gzip -9n "$root"/usr/share/man/man1/*.1

documents=$root/usr/share/doc/pratique
# Laid out as in the tree, so that links from one to the other lead somewhere.
mkdir -p "$documents/docs"
cp ARCHITECTURE.md CONTRIBUTING.md README.md SECURITY.md "$documents/"
cp docs/*.md "$documents/docs/"
(cd "$documents" && find . -name '*.md' | while read -r page; do
    grep -oE '\]\([^)#:]+' "$page" | sed 's/^](//' | while read -r target; do
        [ -e "$(dirname "$page")/$target" ] || { echo "deb: $page has a link to $target, which is not in the package" >&2; exit 1; }
    done
done)
gzip -9nc CHANGELOG.md >"$documents/changelog.gz"
printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: the pratique authors\nLicense: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n' >"$documents/copyright"

# Linked libraries: the packages that own them on this system, which is the one that the package is for.
linked=$(objdump -p "$root/usr/bin/pratique" | sed -n 's/^ *NEEDED *//p' | while read -r library; do
    path=$(ldd "$root/usr/bin/pratique" | sed -n "s|^.*$library => \([^ ]*\).*|\1|p")
    [ -n "$path" ] || continue
    dpkg-query -S "$(readlink -f "$path")" 2>/dev/null || dpkg-query -S "${path#/usr}" 2>/dev/null || dpkg-query -S "/usr$path" 2>/dev/null || true
done | sed 's/:.*//' | sort -u)
# Loaded on first use: libcurl and OpenSSL for registries, downloads and digests, libxml2 for building from OVAL.
loaded="libcurl4 libssl3 libxml2"
package_of() { dpkg-query -W -f '${binary:Package} ${db:Status-Abbrev}\n' "$1" "$1t64" 2>/dev/null | awk '$2 == "ii" { sub(/:.*/, "", $1); print $1 }' | head -n 1; }
depends=""
for package in $linked; do
    installed=$(dpkg-query -W -f '${Version}' "$package")
    upstream=$(echo "$installed" | sed 's/^[0-9]*://; s/-[^-]*$//; s/[+~].*//')
    epoch=$(echo "$installed" | sed -n 's/^\([0-9]*:\).*/\1/p')
    depends="$depends, $package (>= $epoch$upstream)"
done
for package in $loaded; do
    depends="$depends, $(package_of "$package" | grep . || echo "$package")"
done

mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: pratique
Version: $version
Architecture: $architecture
Maintainer: The pratique authors <pratique@localhost.invalid>
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: ${depends#, }
Recommends: ca-certificates
Section: admin
Priority: optional
Description: container security: what is in an image, and is that known to be bad?
 Reads images, root file systems and machines, finds out what is installed, and
 says which of it is known to be vulnerable, why, and how old that knowledge is.
 Takes Trivy's command line and writes reports in its shape.
CONTROL
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
deb=build/pratique_${version}_$architecture.deb
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)} dpkg-deb --root-owner-group --build "$root" "$deb" >/dev/null
echo "$deb"
