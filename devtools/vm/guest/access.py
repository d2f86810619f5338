# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What a driver cannot do anything about must be said: nothing bound, no access to the group; and
afterwards, reset and bound anew, all works."""

import os
import subprocess

from driver import Piopmd, rung_of
from guest import RESULTS, SYSFS, VF0, bind, driver_of, verdict

NOBODY = 65534


def probe_log(**kwargs):
    """What testpmd says until it gives up or shows its prompt, and whether it has our port."""
    before = (RESULTS / f"{os.environ['CASE']}.log").stat().st_size
    port = False
    try:
        with Piopmd(VF0, "", **kwargs) as pmd:
            port = "net_piopmd" in pmd.command("show port info 0")
    except EOFError:
        pass
    with open(RESULTS / f"{os.environ['CASE']}.log", "rb") as log:
        log.seek(before)
        return log.read().decode(errors="replace"), port


bind(VF0, None)
log, port = probe_log()
verdict("unbound-refused", not port, "the port exists")
verdict("unbound-said", f"dpdk-devbind.py -b vfio-pci {VF0}" in log, "the log has no remedy")

bind(VF0)
group = (SYSFS / VF0 / "iommu_group").resolve().name
os.chown(f"/dev/vfio/{group}", NOBODY, NOBODY)
log, port = probe_log(wrap=["setpriv", "--bounding-set=-dac_override,-dac_read_search",
                            "--inh-caps=-dac_override,-dac_read_search"])
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
