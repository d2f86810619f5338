# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""witness.py FRAMES: upstream's net_sfc forwards what the wire brings; the host compares."""

import sys

from guest import Testpmd, VF0, bind, until, verdict

frames = int(sys.argv[1])

bind(VF0)
with Testpmd(["-a", VF0], ["--no-lsc-interrupt"]) as pmd:
    verdict("sfc-probed", "net_sfc_efx" in pmd.command("show port info 0"), "another driver")
    pmd.command("set promisc 0 on")
    pmd.command("start")
    # net_sfc's statistics are a DMA of the MAC's once a second
    until(lambda: pmd.counters().get("TX-packets", 0) >= frames, 30, 0.5)
    pmd.command("stop")
    sent = pmd.counters()
    verdict("sfc-forwards", sent.get("TX-packets") == frames == sent.get("RX-packets"),
            f"{sent} instead of {frames} frames")
    verdict("sfc-restarts", "Port 0 is closed" not in pmd.command("port stop 0") and
            "Done" in pmd.command("port start 0"), "port stop/start failed")
    code = pmd.close()
verdict("sfc-ends", code == 0, f"testpmd exit code {code}")
