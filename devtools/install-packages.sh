#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Install the Debian packages of devtools/packages.txt which are missing, and say which.
#
# usage: install-packages.sh [--list] [GROUP...]     default group: base
#   --list  only print what is missing, one a line; exit code 1 when something is
set -eu

here=$(dirname "$(realpath "$0")")
list=no
groups=
for arg; do
	case $arg in
	--list) list=yes ;;
	-*) sed -n '6,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	*) groups="$groups $arg" ;;
	esac
done

for group in $groups; do
	awk -v group="$group" 'NF > 1 && $1 !~ /^#/ && $2 == group { found = 1 } END { exit !found }' \
		"$here/packages.txt" ||
		{ echo "install-packages: there is no group '$group'; see devtools/packages.txt" >&2; exit 2; }
done

missing=
for package in $(awk -v groups=" ${groups:-base} " \
		'NF > 1 && $1 !~ /^#/ && index(groups, " " $2 " ") { print $1 }' "$here/packages.txt"); do
	state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
if [ $list = yes ]; then
	[ -n "$missing" ] || exit 0
	printf '%s\n' $missing
	exit 1
fi
[ -n "$missing" ] || exit 0

echo "installing missing packages:$missing" >&2
if [ "$(id -u)" != 0 ]; then
	echo "install-packages: not root; run: sudo apt-get install$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# --no-install-recommends: the list names all that is needed
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } \
		>"$log" 2>&1 </dev/null; then
	cat "$log" >&2
	echo "install-packages: apt-get failed, see above" >&2
	exit 1
fi
