#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Install what is missing, fetch the driver headers if need be, configure and compile.
#
# usage: build.sh [--build DIR] [--no-install] [--configure] [options of `meson setup`]
#   --build DIR     build directory (default: build)
#   --no-install    install nothing, fetch nothing
#   --configure     do not compile
#   other options count for a new build directory only
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
build=$top/build
install=yes
compile=yes
usage() {
	sed -n '5,12s/^# \{0,1\}//p' "$0" >&2
	[ $# = 0 ] || echo "build: $*" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--build) [ $# -gt 1 ] || usage "$1 needs a value"; build=$(realpath -m "$2"); shift ;;
	--no-install) install=no ;;
	--configure) compile=no ;;
	-h|--help) sed -n '5,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) break ;;
	esac
	shift
done
# the distribution's Python has the modules that meson and our generators need; another one that
# comes first in PATH may not
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH

[ $install = no ] || "$top/devtools/install-packages.sh"
if [ ! -f "$build/build.ninja" ]; then
	# only a DPDK that lacks driver headers needs its source
	if [ $install = yes ] && [ ! -e "$(pkg-config --variable=includedir libdpdk)/ethdev_driver.h" ] &&
			[[ " $*" != *" -Ddpdk_source="* ]]; then
		"$top/devtools/dpdk-source.sh" >/dev/null
	fi
	echo "configuring $build"
	if ! meson setup "$build" "$top" "$@" >"$build.log" 2>&1; then
		cat "$build.log"
		rm -f "$build.log"
		exit 1
	fi
	rm -f "$build.log"
fi
[ $compile = yes ] || exit 0
echo "compiling in $build"
ninja -C "$build" --quiet
