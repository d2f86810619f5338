# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""piopmd.py split|vfio|auto VF FRAMES [uc|wc]: net_piopmd forwards what the wire brings, small
frames by PIO; the host compares them. The mapping must be what was asked for, or what the last
argument says for auto: by the driver's word, by the kernel's list and by the page tables."""

import sys

import memtypes
from driver import Piopmd, rung_of
from guest import SYSFS, VF0, VF1, bind, driver_of, until, verdict

mode, vf, frames = sys.argv[1], {"0": VF0, "1": VF1}[sys.argv[2]], int(sys.argv[3])
write_combined = (sys.argv[4] == "wc") if len(sys.argv) > 4 else mode == "split"
name = f"{mode}-vf{sys.argv[2]}"

bind(vf)
with Piopmd(vf, f"pio_txqs=0,pio_map={mode}") as pmd:
    info = pmd.command("show port info 0")
    verdict(f"{name}-probed", "net_piopmd" in info, "another driver")
    rung = rung_of(pmd.log)
    verdict(f"{name}-rung", rung == ("split" if write_combined else "vfio"), f"rung {rung}")

    pmd.command("start")
    until(lambda: pmd.counters().get("TX-packets", 0) >= frames, 30, 0.5)
    if write_combined:
        expected = {"pio": memtypes.WC, "regs": memtypes.UC}
    else:
        expected = {"pio": memtypes.UC, "regs": memtypes.UC}
    for where, types in (("list", memtypes.listed(vf)), ("ptes", memtypes.in_page_tables(vf))):
        if types is None:
            continue
        wrong = memtypes.wrong_pages(types, [0x1000], [0x0000], expected["pio"])
        verdict(f"{name}-types-{where}", not wrong, wrong)
        stray = {off for off, kinds in types.items()
                 if memtypes.WC in kinds and off % 0x2000 != 0x1000}
        verdict(f"{name}-no-stray-wc-{where}", not stray, f"write-combining: {sorted(stray)}")
    pmd.command("stop")

    counters, xstats = pmd.counters(), pmd.xstats()
    verdict(f"{name}-forwards", counters.get("TX-packets") == frames == counters.get("RX-packets"),
            f"{counters} instead of {frames} frames")
    by_pio, by_ring = xstats.get("tx_pio_packets", 0), xstats.get("tx_pio_ring_packets", 0)
    verdict(f"{name}-small-frames-by-pio", 0 < by_pio < frames and by_pio + by_ring == frames,
            f"{by_pio} by PIO, {by_ring} by the ring, of {frames}")
    code = pmd.close()
verdict(f"{name}-ends", code == 0, f"testpmd exit code {code}")
verdict(f"{name}-still-bound", driver_of(vf) == "vfio-pci" and (SYSFS / vf / "resource0").exists(),
        "the function is not as before")
left = {off for off, kinds in (memtypes.listed(vf) or {}).items() if memtypes.WC in kinds}
verdict(f"{name}-nothing-left-mapped", not left, f"still write-combining: {sorted(left)}")
