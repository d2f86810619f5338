#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# EF10_PUT() of a constant that does not fit its field must stop the compiler, in C and in C++; one
# that fits must compile.
#
# usage: check_hw_put.sh HW_EF10_DIR COMPILER...
set -u

dir=$1
shift
failed=0

# compile LANGUAGE STANDARD VALUE COMPILER...
compile() {
	language=$1 standard=$2 value=$3
	shift 3
	printf '#include "ef10_desc.h"\n%s\n%s{ return EF10_PUT(TX_PIO_LEN, %s); }\n' \
		'uint64_t f(void);' 'uint64_t f(void)' "$value" |
		"$@" -x "$language" "-std=$standard" -O2 -Wall -Wextra -Werror "-I$dir" \
			-c -o /dev/null - 2>&1
}

for language in "c c11" "c++ c++17"; do
	# shellcheck disable=SC2086
	set -- $language "$@"
	l=$1 s=$2
	shift 2
	if ! output=$(compile "$l" "$s" 0xFFF "$@"); then
		echo "check_hw_put: $s refuses a value that fits: $output"
		failed=1
	fi
	if output=$(compile "$l" "$s" 0x1000 "$@"); then
		echo "check_hw_put: $s takes a value that does not fit"
		failed=1
	elif ! echo "$output" | grep -q 'does not fit its field'; then
		echo "check_hw_put: $s fails for another reason: $output"
		failed=1
	fi
done
exit $failed
