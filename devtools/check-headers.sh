#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Compile each header alone, as C11 and as C++17, without a warning; the headers of hw/ef10 also
# without DPDK, and they may not define an external symbol.
#
# Those that applications include must be strict (-pedantic) with the flags of libdpdk.pc and no
# others. rte_pio_driver.h is strict too, but includes DPDK's rte_ethdev.h and rte_mbuf.h, which are
# not: they need _GNU_SOURCE, as DPDK's own build has it, and are system headers here.
#
# usage: check-headers.sh [DPDK source tree]
set -u

cd "$(dirname "$0")/.." || exit 2
source=${1-}
failed=0
checked=0
ours=(-I. -D_GNU_SOURCE)
dpdk=(-Icompat -Ilib/pio_ext -Ihw/ef10)
for arg in $(pkg-config --cflags libdpdk | sed 's/-I/-isystem /g'); do
	dpdk+=("$arg")
done
dpdk+=(-DALLOW_EXPERIMENTAL_API -DALLOW_INTERNAL_API)
if [ -n "$source" ]; then
	for dir in lib/eal/include lib/ethdev drivers/bus/pci drivers/bus/vdev; do
		dpdk+=(-idirafter "$source/$dir")
	done
fi
object=$(mktemp)
trap 'rm -f "$object"' EXIT

# compile INCLUDED OPTION...: INCLUDED is <name> or "name"; twice, so that its guard counts as well
compile() {
	local included=$1 lang

	shift
	for lang in c:c11 c++:c++17; do
		checked=$((checked + 1))
		printf '#include %s\n#include %s\n' "$included" "$included" |
			gcc -x "${lang%:*}" -std="${lang#*:}" -O2 -Wall -Wextra -Werror "$@" \
				-c - -o "$object" ||
			{ echo "check-headers: $included does not compile alone as ${lang#*:}"; failed=1; }
	done
}

for header in hw/ef10/*.h; do
	[ -e "$header" ] || continue
	compile "\"$header\"" "${ours[@]}"
	if nm --extern-only --defined-only "$object" | grep .; then
		echo "check-headers: $header defines an external symbol"
		failed=1
	fi
done
for header in lib/pio_ext/rte_*.h compat/*.h; do
	[ -e "$header" ] || continue
	compile "\"$header\"" "${ours[@]}" "${dpdk[@]}"
done

plain=(-DALLOW_EXPERIMENTAL_API -Ilib/pio_ext)
for arg in $(pkg-config --cflags libdpdk); do
	plain+=("$arg")
done
for header in rte_pio.h rte_pio_core.h rte_pio_store.h; do
	compile "<$header>" -pedantic "${plain[@]}"
done
compile '<rte_pio_driver.h>' -pedantic -D_GNU_SOURCE "${dpdk[@]}"

[ $failed = 0 ] || exit 1
echo "check-headers: $checked compilations, no complaint"
