#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Build the documents: the API reference of rte_pio from its headers (Doxygen) and the guides
# (Sphinx). A warning of either is an error.
#
# usage: build-doc.sh [--check] [DIR]
#   DIR      where to: DIR/api/index.html, DIR/guides/index.html (default: build-doc)
#   --check  keep nothing; exit code 77 when Doxygen or Sphinx is not installed
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
check=no
out=$top/build-doc
for arg; do
	case $arg in
	--check) check=yes ;;
	-*) sed -n '8,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	*) out=$(realpath -m "$arg") ;;
	esac
done
# Sphinx of the distribution; another Python that comes first in PATH may not have it
export PATH=/usr/bin:/bin:$PATH

for tool in doxygen sphinx-build; do
	command -v $tool >/dev/null && continue
	echo "build-doc: no $tool; run: apt-get install doxygen python3-sphinx" >&2
	[ $check = no ] || exit 77
	exit 1
done
if [ $check = yes ]; then
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
fi

cd "$top"
mkdir -p "$out"
version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
{
	cat doc/api/doxy-api.conf
	echo "PROJECT_NUMBER = $version"
	echo "OUTPUT_DIRECTORY = \"$out\""
} | doxygen -
# all the warnings at once, and nothing written into the tree
PYTHONDONTWRITEBYTECODE=1 sphinx-build -q -W --keep-going -b html -d "$out/doctrees" \
	doc/guides "$out/guides"
rm -rf "$out/doctrees"
[ $check = yes ] || echo "$out/api/index.html"$'\n'"$out/guides/index.html"
