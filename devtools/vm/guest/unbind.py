# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""unbind.py split|vfio: the function is unbound while testpmd uses it. vfio-pci asks the driver to
let go and waits; the driver reports the removal, and unbinding ends in time."""

import sys
import threading
import time
from pathlib import Path

import memtypes
from driver import Piopmd, rung_of
from guest import PATIENCE, VF1, bind, driver_of, verdict

UNBIND_DEADLINE_S = 20 * PATIENCE
mode = sys.argv[1]
took = []


def unbind():
    begun = time.monotonic()
    Path("/sys/bus/pci/drivers/vfio-pci/unbind").write_text(VF1)
    took.append(time.monotonic() - begun)


bind(VF1)
# --hot-plug: testpmd listens for EAL's removal events, which is how vfio's request arrives
with Piopmd(VF1, f"pio_txqs=0,pio_map={mode}", ["--hot-plug"]) as pmd:
    verdict(f"unbind-{mode}-rung", rung_of(pmd.log) == mode, f"rung {rung_of(pmd.log)}")
    pmd.command("set promisc 0 on")
    pmd.command("start tx_first")
    waiter = threading.Thread(target=unbind, daemon=True)
    waiter.start()
    try:
        removed = pmd.expect("Port 0 is closed", UNBIND_DEADLINE_S) or True
    except (TimeoutError, EOFError):
        removed = False
    waiter.join(UNBIND_DEADLINE_S)
    verdict(f"unbind-{mode}-event", removed, "testpmd heard of no removal")
    verdict(f"unbind-{mode}-in-time", took, f"still waiting after {UNBIND_DEADLINE_S} s")
    if took:
        print(f"unbinding took {took[0]:.1f} s")
    code = pmd.close()
verdict(f"unbind-{mode}-ends", code == 0, f"testpmd exit code {code}")
verdict(f"unbind-{mode}-unbound", driver_of(VF1) is None, f"driver {driver_of(VF1)}")
verdict(f"unbind-{mode}-nothing-mapped", not memtypes.listed(VF1), f"{memtypes.listed(VF1)}")

bind(VF1)
with Piopmd(VF1, f"pio_txqs=0,pio_map={mode}") as pmd:
    verdict(f"rebind-{mode}", rung_of(pmd.log) == mode, f"rung {rung_of(pmd.log)}")
