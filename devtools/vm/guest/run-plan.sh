#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
# Runs, inside the guest, the scripts named in the plan. Each line: deadline in seconds, script,
# arguments. A script's output goes to results/NAME.log, its verdicts to results/NAME.tap. The script
# "reset" is the machine's: what stands behind it runs after the next boot.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
export VM=/run/vm RESULTS=/run/vm/results
number=0
passed=$(cat "$RESULTS/passed" 2>/dev/null || echo 0)
while read -r deadline script arguments; do
	number=$((number + 1))
	[ $number -gt "$passed" ] || continue
	echo $number > "$RESULTS/passed"
	if [ "$script" = reset ]; then
		sync
		exit
	fi
	export CASE="$number-${script%.*}"
	case $script in
	*.py) interpreter="python3 -B" ;;
	*) interpreter=bash ;;
	esac
	: > "$RESULTS/$CASE.tap"
	started=$SECONDS
	# The scripts' own children go too: timeout signals its whole process group.
	timeout -k 5 "$deadline" $interpreter "$VM/src/devtools/vm/guest/$script" $arguments \
		< /dev/null > "$RESULTS/$CASE.log" 2>&1
	code=$?
	echo "exit $code after $((SECONDS - started)) s" >> "$RESULTS/$CASE.tap"
	echo "vm-plan: $script $arguments: exit $code after $((SECONDS - started)) s" > /dev/console
done < "$RESULTS/plan"
dmesg > "$RESULTS/dmesg.log"
echo done > "$RESULTS/finished"
sync
