# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""For the guest's Python scripts: verdicts, devices, questions to the host, testpmd sessions."""

import os
import re
import selectors
import subprocess
import sys
import time
from pathlib import Path

VM = Path(os.environ["VM"])
RESULTS = Path(os.environ["RESULTS"])
CASE = os.environ["CASE"]
SYSFS = Path("/sys/bus/pci/devices")
DEBUGFS_TYPES = Path("/sys/kernel/debug/x86/pat_memtype_list")
# Slots 0x10 and 0x11 of the root bus: `pioemu qemu` puts the VFs there.
VF0, VF1 = "0000:00:10.0", "0000:00:11.0"

PROMPT = "testpmd> "
PATIENCE = int((RESULTS / "patience").read_text())
START_DEADLINE_S = 45 * PATIENCE
COMMAND_DEADLINE_S = 30 * PATIENCE


def verdict(name, passed, why=""):
    """Report one check; the host counts them."""
    line = f"ok {name}" if passed else f"not ok {name} - {why}"
    with open(RESULTS / f"{CASE}.tap", "a", encoding="utf-8") as tap:
        tap.write(line.replace("\n", " | ") + "\n")
    print(line, flush=True)
    return passed


def until(condition, deadline_s, step_s=0.1):
    """Poll; returns the condition's first true value, or its last one at the deadline."""
    end = time.monotonic() + deadline_s * PATIENCE
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(step_s)


def ask_host(question, deadline_s=30):
    """Questions machine.py answers, such as 'tlb' for the page tables as the MMU sees them."""
    number = len(list(RESULTS.glob("ask-*")))
    part = RESULTS / f".ask-{number}"
    part.write_text(question)
    part.rename(RESULTS / f"ask-{number}")
    answer = RESULTS / f"answer-{number}"
    if not until(answer.exists, deadline_s):
        raise TimeoutError(f"the host did not answer '{question}'")
    return answer.read_text()


def driver_of(bdf):
    link = SYSFS / bdf / "driver"
    return link.resolve().name if link.exists() else None


def bar0_of(bdf):
    """(address, size) of BAR 0."""
    start, end, _ = (int(x, 16) for x in
                     (SYSFS / bdf / "resource").read_text().splitlines()[0].split())
    return start, end - start + 1


def bind(bdf, driver="vfio-pci"):
    """What dpdk-devbind.py does, without Python's start under software emulation."""
    if driver_of(bdf) == driver:
        return
    if driver_of(bdf) is not None:
        (SYSFS / bdf / "driver/unbind").write_text(bdf)
    (SYSFS / bdf / "driver_override").write_text(driver or "\n")
    if driver:
        Path("/sys/bus/pci/drivers_probe").write_text(bdf)


def hugepages(number):
    path = Path("/proc/sys/vm/nr_hugepages")
    path.write_text(str(number))
    return int(path.read_text())


class Testpmd:
    """An interactive testpmd. command() returns what it printed up to the next prompt."""

    def __init__(self, eal, app=(), program="dpdk-testpmd", wrap=(), env=None):
        hugepages(160)
        # --iova-mode=pa: the proxy hands over guest-physical memory, past the emulated IOMMU.
        # --no-flush-rx: what the wire brings before 'start' shall not be thrown away.
        argv = [*wrap, "stdbuf", "-oL", program, "--lcores=0@0,1@0", "--iova-mode=pa", *eal, "--",
                "-i", "--total-num-mbufs=4096", "--no-flush-rx", *app]
        print("+", *argv, flush=True)
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=env)
        os.set_blocking(self.process.stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)
        self.log = ""
        self.banner = self._read_to(PROMPT, START_DEADLINE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read_some(self, wait_s):
        """Returns False at the end of the output."""
        if not self._selector.select(wait_s):
            return True
        data = self.process.stdout.read()
        if not data:
            return data is None
        text = data.decode(errors="replace")
        sys.stdout.write(text)
        sys.stdout.flush()
        self.log += text
        return True

    def _read_to(self, mark, deadline_s):
        end = time.monotonic() + deadline_s
        seen = len(self.log)
        while mark not in self.log[seen:]:
            if time.monotonic() > end:
                raise TimeoutError(f"no '{mark}' from testpmd within {deadline_s} s")
            if not self._read_some(0.2):
                raise EOFError(f"testpmd ended with {self.process.wait()} before '{mark}'")
        return self.log[seen:]

    def expect(self, mark, deadline_s=COMMAND_DEADLINE_S):
        """Wait for text that comes by itself, such as an event's message."""
        return mark in self.log or mark in self._read_to(mark, deadline_s)

    def drain(self):
        """Take what has come meanwhile; returns all output up to now."""
        self._read_some(0)
        return self.log

    def command(self, text, deadline_s=COMMAND_DEADLINE_S):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        return self._read_to(PROMPT, deadline_s)

    def counters(self, port=0):
        """'show port stats' as a dictionary."""
        text = self.command(f"show port stats {port}")
        return {k: int(v) for k, v in re.findall(r"([RT]X-[a-z]+):\s+(\d+)", text)}

    def xstats(self, port=0):
        text = self.command(f"show port xstats {port}")
        return {k: int(v) for k, v in re.findall(r"^(\w+): (\d+)\s*$", text, re.MULTILINE)}

    def close(self, deadline_s=COMMAND_DEADLINE_S):
        """quit; returns the exit code. A testpmd that does not end is killed and told so."""
        if self.process.poll() is None:
            try:
                self.process.stdin.write(b"quit\n")
                self.process.stdin.close()
            except BrokenPipeError:
                pass
            end = time.monotonic() + deadline_s
            while self._read_some(0.2) and time.monotonic() < end:
                pass
            try:
                self.process.wait(timeout=max(1.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode
