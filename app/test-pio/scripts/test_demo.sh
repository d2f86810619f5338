#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# README's demo on the build at hand: every frame arrives, some by PIO and some by the ring, and
# nothing stays behind. A wrong device argument ends it with the driver's own message.
#
# usage: test_demo.sh BUILD_DIR
set -eu

build=$(realpath "$1")
top=$(realpath "$(dirname "$0")/../../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# state of the machine that the demo could leave changed
state() {
	ip -o link show | sed 's/:.*//'
	ls /var/run/netns 2>/dev/null || true
	cat /proc/sys/vm/nr_hugepages
}

state >"$work/before"
code=0
"$top/usertools/pio-demo.sh" --no-build --build "$build" --keep "$work/demo" \
	>"$work/out" 2>&1 || code=$?
cat "$work/out"
[ $code = 0 ] || exit $code
state | diff "$work/before" -

# a table that says what it should: as many frames as were recorded, by both ways
value() {
	sed -n "s/^$1  *\([0-9][0-9]*\).*/\1/p" "$work/out"
}
frames=$(tcpdump -r "$work/demo/input.pcap" --count 2>/dev/null | sed 's/ .*//')
[ "$(value 'frames in')" = "$frames" ]
[ "$(value 'sent by PIO')" -gt 0 ]
[ "$(value 'sent by the ring')" -gt 0 ]
[ "$(value 'out through the pcap file')" = "$frames" ]
[ "$(value 'out through the TAP')" = "$frames" ]

if "$top/usertools/pio-demo.sh" --no-build --build "$build" --devargs pio_txqs=x \
		--input "$work/demo/input.pcap" >"$work/out" 2>&1; then
	echo "the demo has accepted pio_txqs=x"
	exit 1
fi
grep 'pio_txqs' "$work/out" | grep -v '^forwarding by'

# whoever reads its output may go away: nothing stays behind, neither files nor programs
mkdir "$work/tmp"
{ TMPDIR=$work/tmp "$top/usertools/pio-demo.sh" --no-build --build "$build" --devargs pio_txqs=x \
	--input "$work/demo/input.pcap" 2>&1 || true; } | head -n 1
if [ -n "$(ls "$work/tmp")" ] ||
		grep -s -l -a "[r]x_pcap=$work/demo/input.pcap" /proc/[0-9]*/cmdline; then
	echo "the demo has left something behind"
	ls "$work/tmp"
	exit 1
fi
