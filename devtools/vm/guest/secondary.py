# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""A secondary process maps the function as the primary did, reads statistics, goes; the primary
goes on with the memory types it had."""

import subprocess

import memtypes
from driver import PLUGIN, Piopmd, environment, rung_of
from guest import COMMAND_DEADLINE_S, VF1, bind, verdict

bind(VF1)
for mode in ("split", "vfio"):
    with Piopmd(VF1, f"pio_txqs=0,pio_map={mode}") as pmd:
        verdict(f"secondary-{mode}-rung", rung_of(pmd.log) == mode, f"rung {rung_of(pmd.log)}")
        pmd.command("start tx_first")
        done = subprocess.run(["dpdk-proc-info", "-d", PLUGIN, "-a", f"{VF1},class=pio",
                               "--", "--stats", "--xstats"], env=environment(), cwd="/",
                              timeout=COMMAND_DEADLINE_S, check=False, capture_output=True, text=True)
        print(done.stdout, done.stderr, flush=True)
        verdict(f"secondary-{mode}-reads", done.returncode == 0 and "NIC statistics" in done.stdout,
                f"exit {done.returncode}")
        verdict(f"secondary-{mode}-no-complaint", "cannot map" not in done.stderr, done.stderr)
        wrong = memtypes.wrong_pages(memtypes.listed(VF1), [0x1000], [0x0000],
                                     memtypes.WC if mode == "split" else memtypes.UC)
        verdict(f"secondary-{mode}-types", not wrong, wrong)
        first = pmd.counters().get("TX-packets", 0)
        pmd.command("show port info 0")
        verdict(f"secondary-{mode}-primary-goes-on", pmd.counters().get("TX-packets", 0) > first,
                "the primary sends no more")
