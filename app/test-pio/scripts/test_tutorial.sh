#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# examples/pio_tutorial does what its guide says: on an emulated function with PIO, and by the same
# code on ports whose drivers have none. All frames arrive, in order, and both ways send the same.
#
# usage: test_tutorial.sh BUILD_DIR PROGRAM
set -eu

build=$(realpath "$1")
program=$(realpath "$2")
top=$(realpath "$(dirname "$0")/../../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LD_LIBRARY_PATH=$build${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
cpu=$(/usr/bin/python3 -c 'import os; print(min(os.sched_getaffinity(0)))') # the first one that we may use
eal=(--no-huge -m 128 --no-shconf --no-telemetry --lcores "0@$cpu,1@$cpu")
driver=$(cd "$build" && ls librte_net_piopmd.so.[0-9]* | grep -E '\.so\.[0-9]+$')
# EAL takes no path below a directory that everybody may write to, but any bare name
cd /

fail() {
	echo "$1"
	sed 's/^/    /' "$2"
	exit 1
}

# run NAME COMMAND...: exit code 0 within its time, output in $work/NAME
run() {
	local out=$work/$1 code=0

	shift
	timeout 40 "$@" >"$out" 2>"$out.log" </dev/null || code=$?
	[ $code = 0 ] || { cat "$out.log"; fail "exit code $code: $*" "$out"; }
}

# field NAME BEFORE AFTER: the number between the two in the last line
field() {
	tail -n 1 "$work/$1" | sed -n "s/.*$2\([0-9][0-9]*\)$3.*/\1/p"
}

# expect NAME REGEX: a whole line of the output
expect() {
	grep -q -x -E "$2" "$work/$1" || fail "$1: no line \"$2\"" "$work/$1"
}

# With PIO. The wire is a loop, and a file keeps what leaves; the address is net_pcap's, so that
# frames to oneself are the same in both runs.
run pio "$build/emu/pioemu" run --mac 02:70:63:61:70:00 --wire "loopback,pcap-out=$work/pio.pcap" \
	--stats-file "$work/stats" -- \
	"$program" -d "$driver" "${eal[@]}" -a 0000:01:00.1,class=pio -- -l
expect pio 'port 0: has PIO, 16 of 16 buffers of 4096 bytes free'
expect pio 'queue 0: started'
expect pio '  frame  0,   64 bytes, by PIO'
expect pio '  frame  4, 1514 bytes, by the ring'
expect pio '    1 because of len'
expect pio '  warmed'
expect pio '  resident, 2 slots: .*'
sent=$(field pio 'done: ' ' frames')
by_pio=$(field pio 'frames, ' ' by PIO')
by_ring=$(field pio 'by PIO, ' ' by the ring')
by_burst=$(field pio 'by the ring, ' ' by rte_eth_tx_burst')
[ "$(field pio '; ' ' came back')" = "$sent" ] || fail 'not all came back' "$work/pio"
[ $((by_pio + by_ring + by_burst)) = "$sent" ] || fail 'the sum is wrong' "$work/pio"
# what does not depend on how soon the adapter completes: four small ones, two of the template
[ "$by_pio" -ge 6 ] || fail 'hardly anything went by PIO' "$work/pio"
[ "$by_ring" -ge 1 ] || fail 'nothing went by the ring' "$work/pio"
! grep -q ' violation ' "$work/stats" || fail 'violations' "$work/stats"

# Opted in by device argument: the example takes the queue over.
run devarg "$build/emu/pioemu" run -- "$program" -d "$driver" "${eal[@]}" \
	-a 0000:01:00.1,class=pio,pio_txqs=0 -- -l
expect devarg 'queue 0: started'

# No privilege: opted in, and everything by the ring, with the reason.
run refused "$build/emu/pioemu" run --no-pio-privilege -- "$program" -d "$driver" "${eal[@]}" \
	-a 0000:01:00.1,class=pio -- -l
expect refused 'queue 0: ring only, because of no_privilege'
[ "$(field refused 'frames, ' ' by PIO')" = 0 ] || fail 'PIO without privilege' "$work/refused"
[ "$(field refused '; ' ' came back')" = "$sent" ] || fail 'not all came back' "$work/refused"

# Drivers without PIO.
vdev() {
	local name=$1 args=$2

	shift 2
	run "$name" "$program" "${eal[@]}" --no-pci --vdev "$args" -- "$@"
	expect "$name" 'port 0: no PIO, .*'
	expect "$name" 'queue 0: ring only, because of no_driver'
	expect "$name" "done: $sent frames, 0 by PIO, $((sent - by_burst)) by the ring, .*"
}
vdev ring net_ring0 -l
[ "$(field ring '; ' ' came back')" = "$sent" ] || fail 'not all came back' "$work/ring"
vdev null net_null0,no-rx=1
vdev pcap "net_pcap0,tx_pcap=$work/ring.pcap"
same=$("$top/usertools/pio-pcap-compare.py" "$work/ring.pcap" "$work/pio.pcap") ||
	{ echo "what leaves differs: $same"; exit 1; }
[ "$same" = "$sent" ] || { echo "$same frames left, not $sent"; exit 1; }

# What is wrong is said, and the exit code tells.
if "$program" "${eal[@]}" --no-pci >"$work/none" 2>&1; then
	fail 'no port, and no error' "$work/none"
fi
grep -q 'there is no port' "$work/none" || fail 'no port' "$work/none"
echo "$sent frames, $by_pio by PIO, $by_ring by the ring, $by_burst mbufs; the same without PIO"
