#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
#
# What `meson install` lays down works from there: the driver is loaded by EAL itself and shows its
# ids, an application finds the library by pkg-config, the example builds alone and runs, the tools
# are on PATH.
#
# usage: test_install.sh BUILD_DIR
#
# The files are installed below a temporary directory and laid over /usr in a mount namespace of
# its own, so the machine stays as it is.
set -eu

build=$(realpath "$1")
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work/dest meson install -C "$build" --no-rebuild --quiet

# inside of the overlay everything is where it belongs
cat >"$work/app.c" <<'END'
#include <errno.h>
#include <stdio.h>
#include <rte_eal.h>
#include <rte_pio.h>

int
main(int argc, char **argv)
{
	struct rte_pio_info info;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	printf("no port: %d\n", rte_pio_info_get(0, &info));
	return rte_eal_cleanup();
}
END
cat >"$work/inside.sh" <<'END'
set -eux
cd /
mount -t overlay overlay -o "lowerdir=$1/dest/usr:/usr" /usr
pmd_dir=$(sed -n 's/^#define RTE_EAL_PMD_PATH "\(.*\)"/\1/p' \
	$(find /usr/include -name rte_build_config.h | head -n 1))
ls -l "$pmd_dir"/librte_net_piopmd.so

python3 "$(command -v dpdk-pmdinfo.py)" "$pmd_dir"/librte_net_piopmd.so >"$1/pmdinfo"
for id in 1b03 1a03 1903; do
	grep -A 1 '"vendor": "1924"' "$1/pmdinfo" | grep -q "\"device\": \"$id\""
done
grep -q '"name": "net_piopmd"' "$1/pmdinfo"
grep -q '"params": ".*class=pio.*pio_txqs=' "$1/pmdinfo"
grep -q 'vfio-pci' "$1/pmdinfo"

gcc -Wall -Wextra -Werror -DALLOW_EXPERIMENTAL_API "$1/app.c" -o "$1/app" \
	$(pkg-config --cflags --libs libpio_ext)
"$1/app" --no-huge -m 64 --no-pci --no-shconf --no-telemetry --lcores "0@$2" >"$1/app.log"
grep -qx 'no port: -19' "$1/app.log"

# the example, as a user would build it
cp -r /usr/share/pio_ext/examples/pio_tutorial "$1/tutorial"
CFLAGS=-Werror make -C "$1/tutorial"
pioemu run -- "$1/tutorial/build/pio_tutorial" --no-huge -m 128 --no-shconf --no-telemetry \
	--lcores "0@$2,1@$2" -a 0000:01:00.1,class=pio -- -l >"$1/tutorial.log" 2>&1 ||
	{ cat "$1/tutorial.log"; exit 1; }
grep -q '^done: 28 frames, .*; 28 came back$' "$1/tutorial.log"
make -C "$1/tutorial" clean

# no -d: EAL has the driver by itself, beside net_sfc, which knows the same ids
printf 'show port info 0\nquit\n' | pioemu run -- dpdk-testpmd --no-huge -m 128 --no-shconf \
	--no-telemetry --lcores "0@$2,1@$2" -a 0000:01:00.1,class=pio -- -i --total-num-mbufs=4096 \
	>"$1/testpmd.log" 2>&1 || { cat "$1/testpmd.log"; exit 1; }
grep -q 'Driver name: net_piopmd' "$1/testpmd.log" || { cat "$1/testpmd.log"; exit 1; }
END
if ! unshare --mount true 2>/dev/null; then
	echo "skipped: a mount namespace is not permitted"
	exit 77
fi
if ! unshare --mount sh -c 'mount -t overlay overlay -o "lowerdir=$1/dest/usr:/usr" /usr' \
		sh "$work" 2>/dev/null; then
	echo "skipped: the kernel does not lay one directory over another (overlayfs)"
	exit 77
fi
# on the first CPU that we may use
unshare --mount sh "$work/inside.sh" "$work" \
	"$(/usr/bin/python3 -c 'import os; print(min(os.sched_getaffinity(0)))')"
