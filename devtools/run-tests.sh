#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Build the project and run its tests. What is missing on the machine is installed first.
# The last line of the output is "N passed, N failed, N skipped"; the exit code is 0 when
# something passed and nothing failed.
#
# usage: run-tests.sh [options] [-- arguments of `meson test`]
#   --suite NAME     quick, default or slow; may be repeated (default: quick and default)
#   --sanitize       build and run under AddressSanitizer and UndefinedBehaviorSanitizer
#   --build DIR      build directory (default: build, with --sanitize build-sanitize)
#   --setup OPTION   for `meson setup` of a new build directory, such as -Ddpdk_source=DIR;
#                    may be repeated
#   --no-install     install nothing, fetch nothing
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
build=
suites=()
setup=()
install=yes
sanitize=no
usage() {
	sed -n '5,18s/^# \{0,1\}//p' "$0" >&2
	[ $# = 0 ] || echo "run-tests: $*" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--suite | --build | --setup) [ $# -gt 1 ] || usage "$1 needs a value" ;;
	esac
	case $1 in
	--suite) suites+=(--suite "$2"); shift ;;
	--sanitize) sanitize=yes ;;
	--build) build=$(realpath -m "$2"); shift ;;
	--setup) setup+=("$2"); shift ;;
	--no-install) install=no ;;
	--) shift; break ;;
	-h | --help) usage ;;
	*) usage "unknown option '$1'" ;;
	esac
	shift
done
[ ${#suites[@]} -gt 0 ] || suites=(--suite quick --suite default)
if [ $sanitize = yes ]; then
	build=${build:-$top/build-sanitize}
	setup+=(-Db_sanitize=address,undefined)
	# what the libraries below us lose at exit is not ours to judge
	export LSAN_OPTIONS="suppressions=$top/devtools/lsan.supp:print_suppressions=0"
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
fi
build=${build:-$top/build}

export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH # see build.sh

# whatever stops the run early: the last line says that nothing has passed
trap '[ "$?" = 0 ] || [ -n "${counted-}" ] || echo "0 passed, 1 failed, 0 skipped"' EXIT

"$top/devtools/build.sh" --build "$build" $([ $install = yes ] || echo --no-install) "${setup[@]}"
rm -f "$build/meson-logs/testlog.json"
meson test -C "$build" --no-rebuild --print-errorlogs "${suites[@]}" "$@" \
	</dev/null || true
counted=yes
"$top/devtools/count-results.py" "$build/meson-logs/testlog.json"
