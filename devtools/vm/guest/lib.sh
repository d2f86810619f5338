# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
# For the guest's shell scripts: verdicts, devices, memory. Python scripts use guest.py.

# Slots 0x10 and 0x11 of the root bus: `pioemu qemu` puts the VFs there.
VF0=0000:00:10.0
VF1=0000:00:11.0
SYSFS=/sys/bus/pci/devices

ok() { echo "ok $1" | tee -a "$RESULTS/$CASE.tap"; }
not_ok() { echo "not ok $1 - $2" | tee -a "$RESULTS/$CASE.tap"; }

# check NAME COMMAND...: a verdict from the command's exit code
check()
{
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name" "'$*' failed, exit $?"; fi
}

driver_of() { basename "$(readlink "$SYSFS/$1/driver" || echo none)"; }
group_of() { basename "$(readlink "$SYSFS/$1/iommu_group")"; }
