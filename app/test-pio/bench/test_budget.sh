#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Guard against slower fast paths: instructions a frame, counted one by one, against the recorded
# budget. What the machine does meanwhile changes nothing. Then the guard itself: with a copy
# routine made slower on purpose it must complain.
#
# usage: test_budget.sh pio-bench-bare pio-bench-bare-slow budget.txt
# To record a new budget, with the reason in the commit:
#   pio-bench-bare count --kind sse2 --write FILE
set -u

bare=$1
slow=$2
budget=$3

recorded_for=$(sed -n 's/^# compiler: //p' "$budget")
compiler=$("$bare" compiler)
if [ "$recorded_for" != "$compiler" ]; then
	echo "the budget was recorded for '$recorded_for', this is '$compiler'"
	exit 77
fi

"$bare" count --kind sse2 --budget "$budget"
result=$?
[ $result = 0 ] || exit $result

echo "with a slower copy:"
"$slow" count --kind sse2 --only send_256 --budget "$budget"
case $? in
1) echo "noticed, as it must be" ;;
*) echo "NOT NOTICED"; exit 1 ;;
esac
