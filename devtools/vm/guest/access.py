# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What a driver cannot do anything about must be said: nothing bound, no access to the group; and
afterwards, reset and bound anew, all works."""

import os
import subprocess

from driver import WITHOUT_OVERRIDE, Piopmd, probe_log, rung_of
from guest import SYSFS, VF0, bind, driver_of, verdict

NOBODY = 65534


bind(VF0, None)
log, port = probe_log(VF0)
# EAL leaves functions without kernel driver out of its list, so no driver can say anything
verdict("unbound-refused", not port and "No probed ethernet devices" in log, "the port exists")

bind(VF0)
group = (SYSFS / VF0 / "iommu_group").resolve().name
os.chown(f"/dev/vfio/{group}", NOBODY, NOBODY)
log, port = probe_log(VF0, wrap=WITHOUT_OVERRIDE)
verdict("no-group-access-refused", not port, "the port exists")
verdict("no-group-access-said", f"/dev/vfio/{group}" in log, "the log does not name the file")
os.chown(f"/dev/vfio/{group}", 0, 0)

(SYSFS / VF0 / "reset").write_text("1")
verdict("reset", True)
bind(VF0, None)
subprocess.run(["dpdk-devbind.py", "-b", "vfio-pci", VF0], check=True)
verdict("rebound", driver_of(VF0) == "vfio-pci", f"driver {driver_of(VF0)}")
with Piopmd(VF0, "pio_txqs=0") as pmd:
    verdict("works-after-reset", rung_of(pmd.log) == "split", f"rung {rung_of(pmd.log)}")
