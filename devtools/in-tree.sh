#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Show that lib/ and drivers/ drop into a DPDK source tree unchanged: copy both into a copy of it,
# name them in DPDK's two lists, build the two shared objects and testpmd, which takes up the
# driver's commands, with DPDK's own build.
#
# usage: in-tree.sh [DPDK_SOURCE]     default: what dpdk-source.sh says
#
# Exit code 77 when there is no source tree.
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
[ $# = 0 ] || [ -f "$1/VERSION" ] || {
	sed -n '5,11s/^# \{0,1\}//p' "$0" >&2
	echo "in-tree: $1 is no DPDK source tree" >&2
	exit 2
}
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH # see build.sh
source=${1:-$("$top/devtools/dpdk-source.sh" --find || true)}
if [ ! -f "$source/VERSION" ]; then
	echo "in-tree: no DPDK source tree: run devtools/dpdk-source.sh" >&2
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/dpdk

cp -r "$source" "$tree"
cp -r "$top/lib/pio_ext" "$tree/lib/"
cp -r "$top/drivers/net/piopmd" "$tree/drivers/net/"
cp -r "$top/hw" "$tree/"
# headers that this version lacks; its own stay
cp --update=none "$top"/compat/*.h "$tree/lib/eal/include/" 2>/dev/null ||
	cp -n "$top"/compat/*.h "$tree/lib/eal/include/"
sed -i "s/^\( *\)'pfe',/&\n\1'piopmd',/" "$tree/drivers/net/meson.build"
sed -i "0,/^\( *\)'pcapng',/s//&\n\1'pio_ext',/" "$tree/lib/meson.build"
grep -q "'piopmd'" "$tree/drivers/net/meson.build"
grep -q "'pio_ext'" "$tree/lib/meson.build"

if ! meson setup "$work/build" "$tree" -Dplatform=generic -Dbuildtype=debug -Dtests=false -Denable_apps=test-pmd \
		-Denable_drivers=bus/pci,bus/vdev,mempool/ring,net/piopmd -Dwerror=true \
		>"$work/log" 2>&1; then
	tail -n 20 "$work/log"
	exit 1
fi
abi=$(cat "$tree/ABI_VERSION")
targets=("lib/librte_pio_ext.so.$abi" "drivers/librte_net_piopmd.so.$abi")
if ! ninja -C "$work/build" "${targets[@]}" >"$work/log" 2>&1; then
	grep -A 5 -E 'FAILED|error' "$work/log" | head -n 60
	exit 1
fi
for target in "${targets[@]}"; do
	nm -D --defined-only "$work/build/$target" | grep -q . ||
		{ echo "in-tree: $target exports nothing"; exit 1; }
	echo "built $target with DPDK $(cat "$tree/VERSION")"
done
if ! ninja -C "$work/build" app/dpdk-testpmd >"$work/log" 2>&1; then
	grep -A 5 -E 'FAILED|error' "$work/log" | head -n 60
	exit 1
fi
cpu=$(/usr/bin/python3 -c 'import os; print(min(os.sched_getaffinity(0)))') # the first one that we may use
# one that has no port can still show its commands
(cd / && "$work/build/app/dpdk-testpmd" --no-huge -m 64 --no-pci --no-shconf --no-telemetry \
	--lcores "0@$cpu,1@$cpu" \
	-- -i --total-num-mbufs=2048 <<<$'help pio\nquit' >"$work/log" 2>&1) || true
grep -q '^pio template create port' "$work/log" ||
	{ echo "in-tree: testpmd has no pio commands"; tail -n 20 "$work/log"; exit 1; }
echo "built app/dpdk-testpmd with the pio commands"
