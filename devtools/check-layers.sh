#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Check who includes whom, and what may stand in which file only. Comments do not count.
#
# usage: check-layers.sh
#
#   hw/ef10             stdint, stdbool, assert and each other
#   emu                 hw/ef10 and the system; never DPDK, never the driver
#   lib/pio_ext         DPDK; knows no driver and no hardware
#   drivers/net/piopmd  DPDK, rte_pio_driver.h, hw/ef10; never the emulator
#   its datapath        no control header, of DPDK only what is public
#   examples            public headers only
set -u

cd "$(dirname "$0")/.." || exit 2
failed=0
checked=0

complain() {
	echo "check-layers: $*"
	failed=1
}

# files PATTERN...: those which exist
files() {
	local file

	for file in $(compgen -G "$1") ; do echo "$file"; done
	[ $# -le 1 ] || files "${@:2}"
}

# code FILE: the file without its comments, with line numbers
code() {
	gcc -fpreprocessed -dD -E -P -x c -w "$1" 2>/dev/null
}

# includes FILE: the names of what it includes; the bridge between DPDK versions is anybody's
includes() {
	sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^">]+)[">].*/\1/p' "$1" |
		grep -v -x 'piopmd_compat\.h'
}

# allow WHAT REGEX FILE...: every include must match
allow() {
	local what=$1 regex=$2 file bad

	shift 2
	for file; do
		checked=$((checked + 1))
		bad=$(includes "$file" | grep -v -x -E "$regex" | tr '\n' ' ')
		[ -z "$bad" ] || complain "$file: $what must not include $bad"
	done
}

# forbid WHAT REGEX FILE...: no include may match
forbid() {
	local what=$1 regex=$2 file bad

	shift 2
	for file; do
		checked=$((checked + 1))
		bad=$(includes "$file" | grep -x -E "$regex" | tr '\n' ' ')
		[ -z "$bad" ] || complain "$file: $what must not include $bad"
	done
}

# forbid_code WHY REGEX FILE...: no line of code may match
forbid_code() {
	local why=$1 regex=$2 file bad

	shift 2
	for file; do
		checked=$((checked + 1))
		bad=$(code "$file" | grep -o -E "$regex" | sort -u | tr '\n' ' ')
		[ -z "$bad" ] || complain "$file: $bad: $why"
	done
}

# a header with its directory counts as the header
ef10='(.*/)?ef10_[a-z0-9_]+\.h'
dpdk='(.*/)?(rte_.*|ethdev_.*|eal_.*|bus_.*|dev_driver|cmdline.*|testpmd)\.h'
dpdk_driver='(.*/)?(ethdev_.*|bus_.*driver|dev_driver|rte_(flow|tm|mtr|security)_driver|eal_.*)\.h'
driver='(.*/)?piopmd.*\.h'
emulator='(.*/)?pioemu.*\.h'
library='(.*/)?rte_pio.*\.h'

allow 'a hardware header' "std(int|bool)\.h|assert\.h|$ef10" $(files 'hw/ef10/*.h')

forbid 'the emulator' "$dpdk|$driver" $(files 'emu/*.[ch]' 'emu/*/*.[ch]')

forbid 'the library' "$ef10|$driver|$emulator" $(files 'lib/pio_ext/*.[ch]')

pmd=$(files 'drivers/net/piopmd/*.[ch]')
forbid 'the driver' "$emulator" $pmd
forbid 'the driver' '(.*/)?rte_pio\.h' $(echo "$pmd" | grep -v _testpmd)
forbid 'the datapath' "(.*/)?piopmd\.h|$dpdk_driver" \
	$(files 'drivers/net/piopmd/piopmd_'{rx,tx,pio}.c 'drivers/net/piopmd/piopmd_'{dp,io,tweak}.h)
for file in $pmd; do
	case $file in
	*/piopmd_io.h) ;;
	*)
		forbid 'a file other than piopmd_io.h' '(.*/)?rte_pio_store\.h' "$file"
		forbid_code 'stores to the device and fences are defined in piopmd_io.h only' \
			'rte_(io_|smp_)?[rw]?mb\(|rte_write(8|16|32|64)[a-z_]*\(|rte_read(8|16|32|64)[a-z_]*\(|_mm_[sml]fence|atomic_thread_fence|\<asm\>|__asm__' \
			"$file"
		;;
	esac
done

forbid 'an example' "$dpdk_driver|$ef10|$driver|$emulator|(.*/)?rte_pio_(driver|store)\.h" \
	$(files 'examples/*.[ch]' 'examples/*/*.[ch]')

forbid_code 'libraries and drivers log, return and take devargs' \
	'\<(rte_panic|rte_exit|getenv|secure_getenv|abort|v?printf|putchar|puts)[[:space:]]*\(' \
	$(files 'lib/pio_ext/*.[ch]') $(echo "$pmd" | grep -v _testpmd)
forbid_code 'DPDK versions are told apart in compat/ only' 'RTE_VERSION(_NUM)?' \
	$(files 'lib/pio_ext/*.[ch]') $pmd

[ $failed = 0 ] || exit 1
echo "check-layers: $checked checks, no complaint"
