# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Link state changes and received frames wake by MSI-X, in both mappings."""

import re
import subprocess

from driver import PLUGIN, Piopmd, environment, rung_of
from guest import COMMAND_DEADLINE_S, VF1, VM, ask_host, bind, until, verdict


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

for mode in ("split", "vfio"):
    done = subprocess.run([VM / "build/app/test-pio/vm/pio-rx-intr", "-l", "0", "--iova-mode=pa",
                           "--no-shconf", "--no-telemetry", "-d", PLUGIN, "-a",
                           f"{VF1},class=pio,pio_map={mode}"], env=environment(), cwd="/",
                          timeout=COMMAND_DEADLINE_S, check=False, capture_output=True, text=True)
    print(done.stdout, done.stderr, flush=True)
    verdict(f"rx-{mode}", done.returncode == 0 and "not ok" not in done.stdout and
            done.stdout.count("ok round") == 5, f"exit {done.returncode}")
