#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Look at the compiled body of each store kind: bytes that arrive do not show by how many stores.
# A line crosses by the instruction that the kind is named after, a frame ends with a fence, and
# nothing is stored past the caches by another way (movnt).
#
# usage: check_store_code.sh OBJECT...
set -u

failed=0
checked=0

fail() {
	echo "check_store_code: $1"
	echo "$body"
	failed=1
}

# body_of FUNCTION: into $body; of store_kinds.c only, not of the stand-ins
body_of() {
	body=$(sed -nE "/<store_kinds(_avx512)?_$1>:/,/^$/p" <<<"$code")
	checked=$((checked + 1))
	[ -n "$body" ] || fail "$object has no $1"
}

# expect KIND STORES PATTERN: so many instructions in the body of a line
expect() {
	body_of "line_$1"
	[ "$(grep -cE "$3" <<<"$body")" = "$2" ] || fail "a line of $1 is not $2 of: $3"
	body_of "copy_$1"
	# one that is the same as another kind's may be a jump to it
	grep -qE 'sfence|jmp +[0-9a-f]+ <store_kinds(_avx512)?_copy_' <<<"$body" ||
		fail "a copy by $1 has no fence"
	! grep -q movnt <<<"$body" || fail "a copy by $1 has a non-temporal store"
}

for object in "$@"; do
	code=$(objdump -d --no-show-raw-insn "$object")
	expect SCALAR 0 'mov.*%[xyz]mm[0-9]+,(-?0x[0-9a-f]+)?\(%rdi'
	expect SSE2 4 'movdqa +%xmm[0-9]+,(0x[0-9a-f]+)?\(%'
	expect AVX2 2 'vmovdqa +%ymm[0-9]+,(0x[0-9a-f]+)?\(%'
	expect AVX512 1 'vmovdqa64 %zmm[0-9]+,\(%'
	expect MOVDIR64B 1 'movdir64b \(%rdx\),%rax'
done
[ $failed = 0 ] && [ $checked -gt 0 ] || exit 1
echo "check_store_code: $checked bodies, no complaint"
