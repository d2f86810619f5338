# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What the kernel has really given to the pages of a BAR: its own list, and the MMU's tables."""

import mmap
import os
import re
from contextlib import contextmanager

from guest import DEBUGFS_TYPES, SYSFS, ask_host, bar0_of, until

PAGE = 4096
WC, UC = "write-combining", "uncached-minus"


def listed(bdf):
    """{page offset in BAR 0: set of types} of the kernel's list of memory types; None when the
    list is closed, which it is to root too on a locked down kernel."""
    start, size = bar0_of(bdf)
    found = {}
    try:
        text = DEBUGFS_TYPES.read_text()
    except OSError:
        return None
    for low, high, kind in re.findall(r"\[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (\S+)", text):
        for page in range(max(int(low, 16), start), min(int(high, 16), start + size), PAGE):
            found.setdefault(page - start, set()).add(kind)
    return found


def in_page_tables(bdf):
    """{page offset in BAR 0: set of types} of the user mappings of the process that runs, as the
    MMU sees them (QEMU's 'info tlb'). An application that polls is nearly always that process;
    while it is not, it is tried again. Linux' PAT: PWT alone is write-combining, PCD alone
    uncached-minus."""
    start, size = bar0_of(bdf)
    kinds = {(False, False): "write-back", (False, True): WC, (True, False): UC,
             (True, True): "uncached"}
    found = {}

    def ask():
        answer = ask_host(f"tlb {start:x} {start + size:x}", 60)
        for phys, flags in re.findall(r"^[0-9a-f]{16}: ([0-9a-f]{16}) (\S{9})\s*$", answer,
                                      re.MULTILINE):
            _, _, large, _, _, uncached, through, user, _ = (flag != "-" for flag in flags)
            if not user:
                continue
            first = int(phys, 16) - start
            for page in range(first, first + (512 * PAGE if large else PAGE), PAGE):
                found.setdefault(page, set()).add(kinds[uncached, through])
        return found

    return until(ask, 20)


def wrong_pages(types, pio_offsets, reg_offsets, pio_type=WC):
    """In words, each page that is not what it must be; '' when all are right."""
    wrong = [f"PIO page 0x{off:x} is {types.get(off, {'unlisted'})}" for off in pio_offsets
             if types.get(off) != {pio_type}]
    wrong += [f"register page 0x{off:x} is {types.get(off, {'unlisted'})}" for off in reg_offsets
              if types.get(off) != {UC}]
    return "; ".join(wrong)


@contextmanager
def mapped(bdf, name, offset=0, length=None):
    """A competitor's mapping of resource0 or resource0_wc, touched once."""
    fd = os.open(SYSFS / bdf / name, os.O_RDWR)
    try:
        area = mmap.mmap(fd, length or bar0_of(bdf)[1], offset=offset)
        try:
            _ = area[0:4]
            yield area
        finally:
            area.close()
    finally:
        os.close(fd)
