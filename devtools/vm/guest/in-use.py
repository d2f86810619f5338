# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Leaves testpmd forwarding behind, for the reset of the machine that comes next."""

import os
import sys

from driver import Piopmd, rung_of
from guest import VF1, bind, verdict

bind(VF1)
pmd = Piopmd(VF1, "pio_txqs=0")
verdict("in-use", rung_of(pmd.log) == "split", f"rung {rung_of(pmd.log)}")
pmd.command("start tx_first")
print("left running: process", pmd.process.pid, flush=True)
sys.stdout.flush()
os._exit(0)
