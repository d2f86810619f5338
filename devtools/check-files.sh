#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Check every file under version control: licence line, nothing left open, no path of one
# machine, line length and white space of the sources.
#
# usage: check-files.sh
set -u

cd "$(dirname "$0")/.." || exit 2
failed=0

# complain TEXT LINES: nothing when there are no lines
complain() {
	[ -z "$2" ] && return
	echo "check-files: $1:"
	echo "$2" | sed 's/^/    /' | head -20
	failed=1
}

mapfile -t all < <(git ls-files)
if [ ${#all[@]} = 0 ]; then
	echo "check-files: no file found; is this a git clone?"
	exit 1
fi
# data that cannot carry a comment
mapfile -t text < <(printf '%s\n' "${all[@]}" |
	grep -v -E '\.(pcap|pcapng|png|svg|json|csv|bin|expected|txt\.in)$|/golden/|\.gitkeep$')
mapfile -t code < <(printf '%s\n' "${text[@]}" | grep -E '\.(c|h|cc|cpp|py|sh)$')
mapfile -t c < <(printf '%s\n' "${code[@]}" | grep -E '\.(c|h|cc|cpp)$')
c+=(/dev/null)

complain 'no SPDX-License-Identifier: BSD-3-Clause in the first five lines' \
	"$(for file in "${text[@]}"; do
		head -n 5 "$file" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || echo "$file"
	done)"
# spelt in two parts, so that this file does not find itself
complain 'left open' "$(grep -n -w -E 'TO''DO|FIX''ME|XX''X|HA''CK' "${text[@]}")"
complain 'path of one machine' \
	"$(grep -n -E '(^|[^[:alnum:]_.-])/(wo''rk|ho''me/[a-z]+|ro''ot/|Us''ers)(/|$|[^[:alnum:]_])' "${text[@]}")"
# a message is not broken over lines, so that it can be searched for
complain 'longer than 108 columns (100 is the aim; a tab counts as 8)' \
	"$(for file in "${c[@]}"; do
		expand -t 8 "$file" | awk -v f="$file" 'length > 108 && !/^[ ]*"/ { print f ":" NR ": " length }'
	done)"
complain 'white space at the end of a line' "$(grep -n -E '[[:space:]]+$' "${code[@]}")"
# the tests are C++, headers included
complain '// comment in C' "$(grep -n -E '(^|[[:space:];])//' "${c[@]}" | grep -E '^[^:]*\.[ch]:' |
		grep -v '^app/test-pio/')"
complain 'not executable' \
	"$(git ls-files -s '*.sh' '*.py' | awk '$1 != 100755 { print $4 }' |
		while read -r file; do head -c 2 "$file" | grep -q '#!' && echo "$file"; done)"

[ $failed = 0 ] || exit 1
echo "check-files: ${#all[@]} files, no complaint"
