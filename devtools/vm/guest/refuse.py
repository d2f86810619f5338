# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""refuse.py NAME...: each refusal of the split mapping that a guest can provoke leads to the next
rung with its own reason, and never to a write-combining register page."""

import fcntl
import json
import os
import subprocess
import sys
from contextlib import contextmanager

import memtypes
from driver import WITHOUT_OVERRIDE, Piopmd, probe_log, rung_of
from guest import DEBUGFS_TYPES, SYSFS, VF0, VM, bind, verdict

NOBODY = 65534
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


# name: (state of the host, how testpmd is started, the reason's words, what pio-check.py finds)
REFUSALS = {
    # VF0 of such a scenario has no prefetchable BAR
    "not-prefetchable": (nothing, [], "no resource0_wc", "not-prefetchable"),
    # with lockdown=integrity on the kernel's command line
    "lockdown": (nothing, [], "locked down", "lockdown"),
    "rights": (lambda: owned_by_nobody("resource0", "resource0_wc"), WITHOUT_OVERRIDE,
               "may not be opened", "file-rights"),
    "rights-wc": (lambda: owned_by_nobody("resource0_wc"), WITHOUT_OVERRIDE, "may not be opened",
                  "file-rights"),
    "older-uncached": (lambda: memtypes.mapped(VF0, "resource0"), [], "not write-combining",
                       "mapped"),
    "older-combining": (lambda: memtypes.mapped(VF0, "resource0_wc"), [],
                        "would not be uncached", "mapped"),
}


def explained(name, problem):
    """pio-check.py finds the same reason, and names a remedy. File rights are asked for a user who
    is not root, whom no file here belongs to."""
    user = ["--user", "daemon"] if problem == "file-rights" else []
    tool = VM / "src/usertools/pio-check.py"
    done = subprocess.run([sys.executable, "-B", tool, "--json", *user], capture_output=True,
                          text=True, check=False)
    print(done.stdout, done.stderr, flush=True)
    found = {line["problem"]: line["fix"] for lines in json.loads(done.stdout).values()
             for line in lines if line["level"] == "problem"}
    verdict(f"{name}-explained", found.get(problem), f"{found} without '{problem}'")


@contextmanager
def claimed(bdf):
    """Somebody else holds the function through VFIO and has touched its BAR."""
    set_iommu, set_container, get_device_fd, type1_v2 = 0x3b66, 0x3b68, 0x3b6a, 3
    group_nr = (SYSFS / bdf / "iommu_group").resolve().name
    container, group = (os.open(f"/dev/vfio/{name}", os.O_RDWR) for name in ("vfio", group_nr))
    fcntl.ioctl(group, set_container, container.to_bytes(4, sys.byteorder))
    fcntl.ioctl(container, set_iommu, type1_v2)
    # a bytearray, or the call returns bytes instead of the descriptor
    device = fcntl.ioctl(group, get_device_fd, bytearray(bdf.encode() + b"\0"))
    try:
        os.pread(device, 4, 0)
        yield
    finally:
        for fd in (device, group, container):
            os.close(fd)


def falls_to_vfio(name):
    """auto takes the next rung and says why; the registers are uncached."""
    state, wrap, words, problem = REFUSALS[name]
    with state():
        explained(name, problem)
    with state(), Piopmd(VF0, "pio_txqs=0", wrap=wrap) as pmd:
        verdict(f"{name}-next-rung", rung_of(pmd.log) == "vfio", f"rung {rung_of(pmd.log)}")
        verdict(f"{name}-reason", "no split mapping: " in pmd.log and words in pmd.log,
                f"no '{words}' in the log")
        types = memtypes.in_page_tables(VF0) if pmd.command("start") else {}
        wrong = {off: kinds for off, kinds in types.items()
                 if off % 0x2000 == 0 and kinds != {memtypes.UC}}
        verdict(f"{name}-registers-uncached", types and not wrong, f"{wrong or 'no mapping seen'}")
        verdict(f"{name}-works", "RX-packets" in pmd.command("show port stats 0"), "no answer")


def fails_when_required(name):
    """pio_map=split and wc=require make a refusal an error, with the same reason."""
    state, wrap, words, _ = REFUSALS[name]
    for devargs, error in (("pio_map=split", "pio_map=split cannot be had:"),
                           ("wc=require", "wc=require cannot be met:")):
        with state():
            log, port = probe_log(VF0, devargs, wrap=wrap)
        verdict(f"{name}-{devargs}", not port and any(
            error in line and words in line for line in log.splitlines()),
            "the probe did not fail with its reason")


def unverifiable():
    """Without debugfs the types are unknown: usable, unless verification is required."""
    with without_debugfs():
        with Piopmd(VF0, "pio_txqs=0") as pmd:
            verdict("unverifiable-rung", rung_of(pmd.log) == "split" and
                    "PIO not verified" in pmd.log, f"rung {rung_of(pmd.log)}")
        log, port = probe_log(VF0, "wc=require")
        verdict("unverifiable-wc=require", not port and
                "wc=require cannot be met: the memory type cannot be verified" in log,
                "the probe did not fail with its reason")
    verdict("unverifiable-closed", not memtypes.listed(VF0), "pages left mapped")


def combining_vfio():
    """With iomem=relaxed an older write-combining mapping makes VFIO's own one write-combining,
    registers included. Then the function must not be used at all."""
    with memtypes.mapped(VF0, "resource0_wc"):
        log, port = probe_log(VF0)
    verdict("combining-vfio-refused", not port and
            "cannot map the device: a register page would not be uncached" in log,
            "the probe did not fail with its reason")
    with Piopmd(VF0, "pio_txqs=0") as pmd:
        verdict("combining-vfio-over", rung_of(pmd.log) == "split", f"rung {rung_of(pmd.log)}")


def claimed_by_somebody():
    """The kernel refuses resource0 then, and VFIO has one user at a time: an error with both
    reasons, and all is well when that user has gone."""
    with claimed(VF0):
        explained("claimed", "claimed")
        log, port = probe_log(VF0)
        verdict("claimed-reason", not port and
                "no split mapping: the BAR is claimed by another mapping" in log,
                "the reason is not in the log")
        verdict("claimed-error", "cannot be opened through VFIO" in log and
                "end the program that uses it" in log, "the probe did not fail in order")
        log, port = probe_log(VF0, "pio_map=split")
        verdict("claimed-pio_map=split", not port and
                "pio_map=split cannot be had: the BAR is claimed" in log, "not refused")
    with Piopmd(VF0, "pio_txqs=0") as pmd:
        verdict("claimed-over", rung_of(pmd.log) == "split", f"rung {rung_of(pmd.log)}")


bind(VF0)
for case in sys.argv[1:]:
    if case == "unverifiable":
        unverifiable()
    elif case == "combining-vfio":
        combining_vfio()
    elif case == "claimed":
        claimed_by_somebody()
    elif case.startswith("require:"):
        fails_when_required(case.removeprefix("require:"))
    else:
        falls_to_vfio(case)
