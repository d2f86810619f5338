#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
# bind.sh yes|no: every VF goes to vfio-pci by dpdk-devbind.py; is there a resource0_wc?

. "${BASH_SOURCE%/*}/lib.sh"
wc_expected=$1

vfs=
for vf in $VF0 $VF1; do
	[ ! -e "$SYSFS/$vf" ] || vfs="$vfs $vf"
done
check "devbind" dpdk-devbind.py -b vfio-pci $vfs
for vf in $vfs; do
	check "bound-$vf" [ "$(driver_of $vf)" = vfio-pci ]
	check "group-node-$vf" [ -c "/dev/vfio/$(group_of $vf)" ]
	case $wc_expected in
	yes) check "resource0_wc-$vf" [ -e "$SYSFS/$vf/resource0_wc" ] ;;
	no) check "no-resource0_wc-$vf" [ ! -e "$SYSFS/$vf/resource0_wc" ] ;;
	esac
done
dpdk-devbind.py --status-dev net > /tmp/status
check "devbind-shows-vfio" grep -q "$VF0.*drv=vfio-pci" /tmp/status
