#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Print the directory of the DPDK source package that matches the installed libdpdk-dev. It is
# fetched once and kept outside the tree, below ${XDG_CACHE_HOME:-~/.cache}/piopmd.
#
# usage: dpdk-source.sh [--find | --entries APT_DIR OUT_DIR]
#   --find     do not fetch: print nothing and exit with 1 when it has not been fetched yet
#   --entries  only write the deb-src twins of the apt entries in APT_DIR to OUT_DIR
#
# Debian's libdpdk-dev has no driver headers; the source package has. A Debian system usually has
# only "deb" entries for apt, so "deb-src" twins of them are made for this one call, with lists of
# its own: the system's apt configuration and lists stay as they are.
set -eu

die() {
	echo "dpdk-source: $*" >&2
	exit 1
}

# deb_src_entries APT_DIR OUT_DIR: write the deb-src twins of apt's entries, one file for each form
deb_src_entries() {
	local file

	for file in "$1/sources.list" "$1"/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		sed -nE 's/^[[:space:]]*deb(-src)?[[:space:]]+/deb-src /p' "$file"
	done | grep -v -E '^deb-src (\[[^]]*\] *)?cdrom:' | sort -u >"$2/piopmd.list" || true
	for file in "$1"/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		# stanzas are separated by empty lines, comment lines may stand inside
		sed '/^#/d' "$file" | awk -v RS= -v ORS='\n\n' '
			tolower($0) ~ /(^|\n)enabled:[ \t]*no/ { next }
			{ sub(/(^|\n)[Tt]ypes:[^\n]*/, "\nTypes: deb-src"); sub(/^\n/, ""); print }'
	done >"$2/piopmd.sources"
}

find_only=no
case ${1-} in
'') ;;
--find) find_only=yes ;;
--entries) deb_src_entries "$2" "$3"; exit 0 ;;
*) sed -n '5,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

cache=${XDG_CACHE_HOME:-${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}/.cache}/piopmd
version=$(dpkg-query -W -f='${source:Version}' libdpdk-dev 2>/dev/null) || version=
[ -n "$version" ] ||
	die "libdpdk-dev is not installed as a package. Run devtools/install-packages.sh; or, for a" \
		"DPDK of your own, build it with enable_driver_sdk or name its tree by -Ddpdk_source=DIR"
dir=$cache/dpdk-${version#*:}
if [ -f "$dir/VERSION" ]; then
	echo "$dir"
	exit 0
fi
[ $find_only = no ] || exit 1

mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sources" "$work/lists/partial" "$work/archives/partial"
deb_src_entries /etc/apt "$work/sources"
apt="apt-get -q
	-o Dir::Etc::SourceList=/dev/null
	-o Dir::Etc::SourceParts=$work/sources
	-o Dir::State::Lists=$work/lists
	-o Dir::Cache=$work
	-o Debug::NoLocking=1
	-o APT::Sandbox::User=$(id -un)"
echo "fetching the source package dpdk $version (once, into $cache)" >&2
cd "$work"
# one foreign archive that is out of reach does not matter as long as the package is found
if ! { $apt update; $apt source --download-only "dpdk=$version"; } >log 2>&1 </dev/null; then
	cat log >&2
	die "apt has no source of dpdk $version. If the archive has moved on, bring the installed" \
		"packages up to date (apt-get update; apt-get install libdpdk-dev dpdk dpdk-dev);" \
		"or name a source tree by -Ddpdk_source=DIR"
fi
# apt has checked the files against the signed lists
dpkg-source --no-check -x dpdk_*.dsc tree >log 2>&1 || { cat log >&2; die "cannot unpack"; }
# another run may have been faster: its tree is as good
mv -T tree "$dir" 2>/dev/null || [ -f "$dir/VERSION" ] || die "cannot write $dir"
echo "$dir"
