# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""commands.py split|vfio VF: testpmd's commands for PIO. They say what the mapping is, and send the
frames that the host has made, by turns without an mbuf and as templates; the host compares them."""

import re
import sys

from driver import TESTPMD_PIO, Piopmd, rung_of
from guest import RESULTS, VF0, VF1, bind, verdict

mode, number = sys.argv[1], int(sys.argv[2])
vf = (VF0, VF1)[number]
frames = (RESULTS / f"frames-{number}").read_text().split()
QUEUE = "port 0 txq 0"


def by_pio(text):
    """Of a command that sends one frame."""
    return re.search(r": 1 by PIO, 0 by the ring", text) is not None


bind(vf)
with Piopmd(vf, f"pio_map={mode}", program=TESTPMD_PIO) as pmd:
    verdict(f"{mode}-rung", rung_of(pmd.log) == mode, f"rung {rung_of(pmd.log)}")
    pmd.command("port stop 0")
    shown = pmd.command(f"port config {QUEUE.removeprefix('port ')} pio setup "
                        "threshold 256 template-mem 1024")
    verdict(f"{mode}-setup", "template memory 1024, reason none" in shown, shown)
    pmd.command("port start 0")
    shown = pmd.command("show port 0 pio wc")
    granted, rung = (("write-combining", "in use") if mode == "split" else
                     ("uncached", "refused: switched off by pio_map=vfio"))
    verdict(f"{mode}-wc-granted", f"granted: {granted}" in shown, shown)
    verdict(f"{mode}-wc-rung", f"Rung split (write-combining): {rung}" in shown, shown)
    # What it measures here are the emulation's traps, and the host's other work
    shown = pmd.command("pio selftest port 0")
    verdict(f"{mode}-selftest", re.search(r"^Self-test: 64 bytes in \d+ ps", shown, re.MULTILINE) and
            "not measured" not in shown, shown)

    lost = []
    for i, frame in enumerate(frames):
        if i % 2:
            made = pmd.command(f"pio template create {QUEUE} hex {frame}")
            template = re.search(r"template (\d+)\s*$", made, re.MULTILINE)
            told = pmd.command(f"pio template send {template.group(1)}") if template else made
            pmd.command(f"pio template destroy {template.group(1)}" if template else "")
        else:
            told = pmd.command(f"pio send {QUEUE} hex {frame}")
        if not by_pio(told):
            lost.append(f"{i}: {told}")
    verdict(f"{mode}-all-by-pio", frames and not lost, "; ".join(lost))
    shown = pmd.command(f"show {QUEUE} pio stats")
    verdict(f"{mode}-counted", f"PIO-packets: {len(frames)}," in shown, shown)
    code = pmd.close()
verdict(f"{mode}-ends", code == 0, f"testpmd exit code {code}")
