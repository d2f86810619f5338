#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Run the fuzz targets (app/test-pio/fuzz) under libFuzzer with AddressSanitizer and
# UndefinedBehaviorSanitizer. An input that breaks something is kept in the build directory's
# folder findings/, and its name is printed; run the target with that file to see it again.
#
# usage: fuzz.sh [options] [TARGET...]
#   TARGET           model, datapath, input (default: all)
#   --seconds N      time for each target (default: 60)
#   --build DIR      build directory (default: build-fuzz)
#   --setup OPTION   for `meson setup` of a new build directory; may be repeated
#   --no-install     install nothing, fetch nothing
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
build=$top/build-fuzz
seconds=60
install=yes
setup=(-Dfuzz=true -Dtestpmd=false -Db_sanitize=address,undefined
	-Dc_args=-fsanitize=fuzzer-no-link -Dcpp_args=-fsanitize=fuzzer-no-link)
targets=()
usage() {
	sed -n '5,16s/^# \{0,1\}//p' "$0" >&2
	[ $# = 0 ] || echo "fuzz: $*" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--seconds | --build | --setup) [ $# -gt 1 ] || usage "$1 needs a value" ;;
	esac
	case $1 in
	--seconds) seconds=$2; shift ;;
	--build) build=$(realpath -m "$2"); shift ;;
	--setup) setup+=("$2"); shift ;;
	--no-install) install=no ;;
	-h | --help) usage ;;
	-*) usage "unknown option '$1'" ;;
	*) targets+=("$1") ;;
	esac
	shift
done
[ ${#targets[@]} -gt 0 ] || targets=(model datapath input)
for t in "${targets[@]}"; do
	[ -e "$top/app/test-pio/fuzz/fuzz_$t.cc" ] || usage "there is no target $t"
done

[ $install = no ] || "$top/devtools/install-packages.sh" base fuzz
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH CC=clang CXX=clang++ # see build.sh
"$top/devtools/build.sh" --build "$build" --configure \
	$([ $install = yes ] || echo --no-install) "${setup[@]}"
ninja -C "$build" --quiet "${targets[@]/#/app/test-pio/fuzz/pio-fuzz-}"

# what DPDK does not free at exit is not ours to judge
export LSAN_OPTIONS="suppressions=$top/devtools/lsan.supp:print_suppressions=0"
# stack objects apart from the stack would hide what the target allows
export ASAN_OPTIONS=detect_stack_use_after_return=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
failed=0
for t in "${targets[@]}"; do
	mkdir -p "$build/corpus/$t" "$build/findings"
	echo "=== fuzz $t, $seconds s"
	if ! "$build/app/test-pio/fuzz/pio-fuzz-$t" -max_total_time="$seconds" -max_len=2048 \
			-timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix="$build/findings/$t-" "$build/corpus/$t" 2>"$build/$t.log"; then
		grep -vE '^(INFO|EAL|[[:space:]]*NEW_FUNC)' "$build/$t.log" | tail -60
		failed=$((failed + 1))
	fi
	grep -E '^stat::(number_of_executed_units|new_units_added)' "$build/$t.log" || true
done
echo "$((${#targets[@]} - failed)) passed, $failed failed, 0 skipped"
exit $((failed != 0))
