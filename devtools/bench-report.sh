#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Build, run the benchmark on the emulator and make the whole report: tables, CSV, JSON, plots.
#
# usage: bench-report.sh [--build DIR] [--no-install] [options of usertools/pio-bench.py]
#   --build DIR     build directory (default: build)
#   --no-install    install nothing, fetch nothing
#        bench-report.sh --compare DIR DIR      do two reports agree within their ranges?
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
build=$top/build
install=()
while [ $# -gt 0 ]; do
	case $1 in
	--build) [ $# -gt 1 ] || { echo "bench-report: $1 needs a value" >&2; exit 2; }
		build=$(realpath -m "$2"); shift ;;
	--no-install) install=(--no-install) ;;
	--compare) exec /usr/bin/python3 "$top/usertools/pio-bench.py" "$@" ;;
	-h|--help) sed -n '5,10s/^# \{0,1\}//p' "$0"; "$top/usertools/pio-bench.py" --help; exit 0 ;;
	*) break ;;
	esac
	shift
done
[ ${#install[@]} != 0 ] || "$top/devtools/install-packages.sh" base report
"$top/devtools/build.sh" --build "$build" "${install[@]}"
# twelve minutes at most: a run that has begun is finished, and plots take a while
exec /usr/bin/python3 "$top/usertools/pio-bench.py" --build "$build" --out "$build/pio-bench" \
	--time 540 "$@"
