#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# Try the project in a fresh Debian 12 root: debootstrap one, clone what is committed into it, run
# a command there, remove the root. The machine needs debootstrap and root rights.
#
# usage: clean-root.sh [--where DIR] [--keep] [COMMAND...]
#   --where DIR  where the clone goes in the root (default: /tmp/piopmd, below a directory that
#                everybody may write to, which EAL distrusts)
#   --keep       keep the root and say where it is
#   COMMAND      default: README's two commands, one after the other
set -eu

top=$(dirname "$(dirname "$(realpath "$0")")")
where=/tmp/piopmd
keep=no
usage() {
	sed -n '5,13s/^# \{0,1\}//p' "$0" >&2
	[ $# = 0 ] || echo "clean-root: $*" >&2
	exit 2
}
while [ $# -gt 0 ]; do
	case $1 in
	--where) [ $# -gt 1 ] || usage "$1 needs a value"; where=$2; shift ;;
	--keep) keep=yes ;;
	-h | --help) usage ;;
	-*) usage "unknown option '$1'" ;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || set -- sh -c 'usertools/pio-demo.sh && devtools/run-tests.sh'

# the machine's own mirror
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' |
	head -n 1)
root=$(mktemp -d /var/tmp/piopmd-root.XXXXXX)
[ $keep = yes ] && echo "root: $root" || trap 'rm -rf --one-file-system "$root"' EXIT
chmod 755 "$root"
if ! debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1; then
	tail "$root.log" >&2
	rm -f "$root.log"
	exit 1
fi
rm -f "$root.log"
mkdir -p "$(dirname "$root$where")"
git clone -q --no-hardlinks "$top" "$root$where"

# the mounts vanish with the namespace that they are made in
unshare --mount --pid --fork --kill-child sh -c '
	root=$1 where=$2
	shift 2
	# a mount point, or nothing in it could have a mount namespace of its own
	mount --rbind "$root" "$root"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t proc proc "$root/proc"
	exec chroot "$root" env -i HOME=/root LC_ALL=C \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		sh -c '\''cd "$1" && shift && exec "$@"'\'' sh "$where" "$@"' \
	sh "$root" "$where" "$@" </dev/null
