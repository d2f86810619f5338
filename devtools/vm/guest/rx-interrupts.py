# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Received frames wake a sleeping queue by MSI-X, in both mappings."""

import subprocess

from driver import PLUGIN, environment
from guest import COMMAND_DEADLINE_S, VF1, VM, bind, hugepages, verdict

hugepages(160)
bind(VF1)
for mode in ("split", "vfio"):
    done = subprocess.run([VM / "build/app/test-pio/vm/pio-rx-intr", "-l", "0", "--iova-mode=pa",
                           "--no-shconf", "--no-telemetry", "-d", PLUGIN, "-a",
                           f"{VF1},class=pio,pio_map={mode}"], env=environment(), cwd="/",
                          timeout=COMMAND_DEADLINE_S, check=False, capture_output=True, text=True)
    print(done.stdout, done.stderr, flush=True)
    verdict(f"rx-{mode}", done.returncode == 0 and "not ok" not in done.stdout and
            done.stdout.count("ok round") == 5, f"exit {done.returncode}")
