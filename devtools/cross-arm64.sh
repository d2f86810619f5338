#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Compile the library, the driver and the emulator's core for arm64, without a warning. The
# compiler is Debian's cross compiler, the headers are those of libdpdk-dev for arm64, fetched once
# into ${XDG_CACHE_HOME:-~/.cache}/piopmd and unpacked there: the system's list of architectures
# stays as it is. The test of the stores (scalar, NEON) runs under QEMU's user emulation.
#
# usage: cross-arm64.sh [DPDK_SOURCE]     default: what dpdk-source.sh says
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
[ $# = 0 ] || [ -f "$1/VERSION" ] || {
	sed -n '5,10s/^# \{0,1\}//p' "$0" >&2
	echo "cross-arm64: $1 is no DPDK source tree" >&2
	exit 2
}
cc=aarch64-linux-gnu-gcc
command -v $cc >/dev/null ||
	{ echo "cross-arm64: no $cc: run devtools/install-packages.sh ci" >&2; exit 77; }
source=$(realpath "${1:-$("$top/devtools/dpdk-source.sh")}")
version=$(dpkg-query -W -f='${Version}' libdpdk-dev)
cache=${XDG_CACHE_HOME:-${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}/.cache}/piopmd
headers=$cache/libdpdk-dev-arm64-${version#*:}

work=
program=
trap 'rm -rf "$work" "$program"' EXIT
if [ ! -d "$headers" ]; then
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/fetch.XXXXXX")
	mkdir -p "$work/lists/partial" "$work/archives/partial"
	: >"$work/status"
	apt="apt-get -q
		-o APT::Architecture=arm64 -o APT::Architectures=arm64
		-o Dir::State=$work -o Dir::State::Lists=$work/lists -o Dir::State::Status=$work/status
		-o Dir::Cache=$work -o Debug::NoLocking=1 -o APT::Sandbox::User=$(id -un)"
	cd "$work"
	if ! { $apt update; $apt download "libdpdk-dev=$version"; } >log 2>&1 </dev/null; then
		cat log >&2
		echo "cross-arm64: apt has no libdpdk-dev $version for arm64" >&2
		exit 1
	fi
	dpkg-deb -x libdpdk-dev_*.deb tree
	mv -T tree "$headers" 2>/dev/null || [ -d "$headers" ]
fi

flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -c -o /dev/null "-I$top/hw/ef10")
dpdk=(-isystem "$headers/usr/include/dpdk" -isystem "$headers/usr/include/aarch64-linux-gnu/dpdk"
	-include rte_config.h -march=armv8-a+crc -DALLOW_EXPERIMENTAL_API -DALLOW_INTERNAL_API
	"-I$top/lib/pio_ext" "-idirafter$top/compat")
for dir in lib/eal/include lib/ethdev drivers/bus/pci drivers/bus/vdev; do
	dpdk+=("-idirafter$source/$dir")
done

failed=0
count=0
# compile OPTION... FILE
compile() {
	count=$((count + 1))
	$cc "${flags[@]}" "$@" || { echo "cross-arm64: failed: ${*: -1}"; failed=1; }
}

for file in "$top"/lib/pio_ext/*.c; do
	compile "${dpdk[@]}" -DRTE_LOG_DEFAULT_LOGTYPE=lib.pio_ext "$file"
done
for file in "$top"/drivers/net/piopmd/*.c; do
	case $file in
	*_testpmd*) continue ;; # belongs to testpmd
	*'*'*) continue ;;
	esac
	compile "${dpdk[@]}" -DRTE_LOG_DEFAULT_LOGTYPE=pmd.net.piopmd "$file"
done
for file in "$top"/examples/*/*.c; do
	compile "${dpdk[@]}" "$file"
done
for file in "$top"/emu/*.c; do
	case $file in
	*pioemu_vfio*|*pioemu_run*|*pioemu_elf*) continue ;; # the preload is for x86-64 programs
	esac
	compile -I"$top/emu" '-DPIOEMU_BUILD_VERSION="arm64"' "$file"
done

# The stores are run, too: they are the only part with instructions of its own.
unit=$top/app/test-pio/unit
program=$(mktemp)
$cc "${flags[@]:0:5}" "${dpdk[@]}" -static -o "$program" \
	"$unit"/store_{kinds,check,check_main}.c || { echo "cross-arm64: failed: stores"; failed=1; }
ran="not run: no qemu-aarch64"
if command -v qemu-aarch64 >/dev/null; then
	ran=run
	qemu-aarch64 "$program" || { echo "cross-arm64: a store is not exact"; failed=1; }
fi
[ $failed = 0 ] || exit 1
echo "cross-arm64: $count files, no complaint; stores $ran"
