# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""refuse.py NAME...: each refusal of the split mapping that a guest can provoke leads to the next
rung with its own reason, and never to a write-combining register page."""

import os
import subprocess
import sys
from contextlib import contextmanager

import memtypes
from driver import Piopmd, rung_of
from guest import DEBUGFS_TYPES, SYSFS, VF0, bind, verdict

NOBODY = 65534
# Root without the right to pass over file permissions; EAL still needs the others.
WITHOUT_OVERRIDE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search",
                    "--inh-caps=-dac_override,-dac_read_search"]
DEBUGFS = DEBUGFS_TYPES.parent.parent


@contextmanager
def owned_by_nobody(*names):
    for name in names:
        os.chown(SYSFS / VF0 / name, NOBODY, NOBODY)
    try:
        yield
    finally:
        for name in names:
            os.chown(SYSFS / VF0 / name, 0, 0)


@contextmanager
def without_debugfs():
    subprocess.run(["umount", DEBUGFS], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-t", "debugfs", "debug", DEBUGFS], check=True)


@contextmanager
def nothing():
    yield


# name: (state of the host, how testpmd is started, the reason's words)
REFUSALS = {
    # VF0 of such a scenario has no prefetchable BAR
    "not-prefetchable": (nothing, [], "no resource0_wc"),
    # with lockdown=integrity on the kernel's command line
    "lockdown": (nothing, [], "locked down"),
    "rights": (lambda: owned_by_nobody("resource0", "resource0_wc"), WITHOUT_OVERRIDE,
               "may not be opened"),
    "rights-wc": (lambda: owned_by_nobody("resource0_wc"), WITHOUT_OVERRIDE, "may not be opened"),
    "older-uncached": (lambda: memtypes.mapped(VF0, "resource0"), [], "not write-combining"),
    "older-combining": (lambda: memtypes.mapped(VF0, "resource0_wc"), [],
                        "would not be uncached"),
}


def falls_to_vfio(name):
    """auto takes the next rung and says why; the registers are uncached."""
    state, wrap, words = REFUSALS[name]
    with state(), Piopmd(VF0, "pio_txqs=0", wrap=wrap) as pmd:
        verdict(f"{name}-next-rung", rung_of(pmd.log) == "vfio", f"rung {rung_of(pmd.log)}")
        verdict(f"{name}-reason", f"no split mapping: " in pmd.log and words in pmd.log,
                f"no '{words}' in the log")
        types = memtypes.in_page_tables(VF0) if pmd.command("start") else {}
        wrong = {off: kinds for off, kinds in types.items()
                 if off % 0x2000 == 0 and kinds != {memtypes.UC}}
        verdict(f"{name}-registers-uncached", types and not wrong, f"{wrong or 'no mapping seen'}")
        verdict(f"{name}-works", "RX-packets" in pmd.command("show port stats 0"), "no answer")


def fails_when_required(name):
    """pio_map=split and wc=require make a refusal an error, with the same reason."""
    state, wrap, words = REFUSALS[name]
    for devargs in ("pio_map=split", "wc=require"):
        with state():
            try:
                with Piopmd(VF0, devargs, wrap=wrap) as pmd:
                    log, ended = pmd.log, "net_piopmd" not in pmd.command("show port info 0")
            except EOFError:
                log, ended = "", True
        log = log or open(f"/run/vm/results/{os.environ['CASE']}.log", encoding="utf-8",
                          errors="replace").read()
        verdict(f"{name}-{devargs}", ended and words in log, "the probe did not fail with its reason")


def unverifiable():
    """Without debugfs the types are unknown: usable, unless verification is required."""
    with without_debugfs():
        with Piopmd(VF0, "pio_txqs=0") as pmd:
            verdict("unverifiable-rung", rung_of(pmd.log) == "split" and
                    "registers unknown" in pmd.log, f"rung {rung_of(pmd.log)}")
    wrong = memtypes.wrong_pages(memtypes.listed(VF0), [], [])
    verdict("unverifiable-closed", not wrong and not memtypes.listed(VF0), "pages left mapped")


bind(VF0)
for case in sys.argv[1:]:
    if case == "unverifiable":
        unverifiable()
    elif case.startswith("require:"):
        fails_when_required(case.removeprefix("require:"))
    else:
        falls_to_vfio(case)
