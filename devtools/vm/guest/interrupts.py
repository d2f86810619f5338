# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Link state changes reach testpmd by MSI-X, in both mappings."""

import re

from driver import Piopmd, rung_of
from guest import VF1, ask_host, bind, until, verdict


def delivered():
    """How often vfio's interrupts have fired."""
    with open("/proc/interrupts", encoding="ascii") as table:
        return sum(int(n) for line in table if "vfio-msix" in line
                   for n in re.findall(r"\s(\d+)(?=\s)", line.split(":", 1)[1]))


bind(VF1)
for mode in ("split", "vfio"):
    with Piopmd(VF1, f"pio_map={mode}") as pmd:
        verdict(f"lsc-{mode}-rung", rung_of(pmd.log) == mode, f"rung {rung_of(pmd.log)}")
        before = delivered()
        for state in ("down", "up"):
            seen = len(pmd.log)
            ask_host(f"link {state}")
            told = until(lambda: "link state change event" in pmd.drain()[seen:], 10)
            verdict(f"lsc-{mode}-{state}-event", told, "testpmd heard nothing")
            shown = f"Link status: {state}" in pmd.command("show port info 0")
            verdict(f"lsc-{mode}-{state}-status", shown, "another link status")
        verdict(f"lsc-{mode}-by-interrupt", delivered() > before, "no interrupt was counted")
