# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""An interactive dpdk-testpmd below `pioemu run`, driven by commands."""

import collections
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

from lcores import lcores
import unittest

PROMPT = "testpmd> "
TIMEOUT = 60


def counters(text):
    """Of one VF, from "name=value ..."; what is not there is 0."""
    return collections.Counter({k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", text)})


class Testpmd:
    """with Testpmd([options of pioemu run], [of EAL], [of testpmd]) as testpmd: ...

    Leaving the block quits testpmd, and fills .returncode, .model (statistics of each VF, as the
    device counted them) and .violations (lines)."""

    pioemu = None       # the launcher

    def __init__(self, run=(), eal=(), app=(), program="dpdk-testpmd"):
        self.text = ""          # everything it said
        self.model = []
        self.violations = []
        self.returncode = None
        if "/" in program:
            program = os.path.abspath(program)
        stats, self.stats_file = tempfile.mkstemp(prefix="witness")
        os.close(stats)
        self.argv = [self.pioemu, "run", "--stats-file", self.stats_file, *run, "--", program,
                     "--no-huge", "-m", "256", "--no-shconf", "--no-telemetry", lcores(), *eal,
                     "--", "-i", "--total-num-mbufs=8192", *app]

    def __enter__(self):
        # Output on a terminal comes line by line, and so in order with the prompt. A session of
        # its own: nothing that is sent to us reaches it by chance.
        self.tty, slave = pty.openpty()
        with os.fdopen(slave, "wb") as out:
            # from a directory without drivers: EAL refuses one that it finds below a directory
            # that everybody may write to, and asks the linker for a bare name otherwise
            self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=out, cwd="/",
                                            stderr=out, start_new_session=True)
        self._answer()
        return self

    def __exit__(self, kind, value, traceback):
        try:
            if kind is None:
                self._send("quit")
                self._read(lambda: False)
                self.process.stdin.close()
                self.returncode = self.process.wait(TIMEOUT)
                self._read_stats()
        finally:
            if self.process.poll() is None:
                self.process.terminate()
                try:
                    self.process.wait(10)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
            os.close(self.tty)
            os.unlink(self.stats_file)
        if kind is not None and kind is not KeyboardInterrupt:
            print(self.text[-6000:])

    def _send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def _read(self, enough):
        """Read what it says until enough(); False when it says no more."""
        end = time.monotonic() + TIMEOUT
        while not enough():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"nothing for {TIMEOUT} s; the end was:\n"
                                     + self.text[-2000:])
            if not select.select([self.tty], [], [], left)[0]:
                continue
            try:
                data = os.read(self.tty, 65536)
            except OSError:         # EIO: the last process that wrote to the terminal is gone
                return False
            self.text += data.decode(errors="replace").replace("\r", "")
        return True

    def _answer(self):
        """What it says until it prompts again."""
        start = len(self.text)
        # an event of a port may be reported right behind the prompt
        if not self._read(lambda: re.search(PROMPT + r"(\s*Port \d+: [^\n]* event\s*)*$",
                                            self.text[start:])):
            raise AssertionError("testpmd ended:\n" + self.text[-4000:])
        return self.text[start:]

    def _read_stats(self):
        with open(self.stats_file, encoding="ascii") as lines:
            for line in lines:
                if " violation " in line:
                    self.violations.append(line.strip())
                    continue
                self.model.append(counters(line))

    def command(self, line):
        """What testpmd answers."""
        self._send(line)
        answer = self._answer()
        if "Bad arguments" in answer or "Command not found" in answer:
            raise AssertionError(f"{line}: {answer}")
        return answer

    def commands(self, *lines):
        return [self.command(line) for line in lines]

    def until(self, line, condition):
        """Repeat a command until its answer fulfils the condition; returns the answer."""
        end = time.monotonic() + TIMEOUT
        while True:
            answer = self.command(line)
            if condition(answer):
                return answer
            if time.monotonic() > end:
                raise AssertionError(f"{line}: {answer}")
            time.sleep(0.05)

    def said(self, text):
        """Wait until testpmd says this by itself, as events do."""
        if not self._read(lambda: text in self.text):
            raise AssertionError("testpmd ended:\n" + self.text[-4000:])

    def info(self, port=0):
        """`show port info` as a dictionary."""
        pairs = re.findall(r"^\s*([A-Za-z][^:\n]*): ?(.*?)\s*$",
                           self.command(f"show port info {port}"), re.MULTILINE)
        return dict(pairs)

    def stats(self, port=0):
        """`show port stats` as a dictionary of numbers."""
        return {k: int(v) for k, v in re.findall(r"([RT]X-[a-z]+):\s*(\d+)",
                                                 self.command(f"show port stats {port}"))}

    def forward_until(self, frames, port=0):
        """Let frames go round until the port says that it has received so many more. net_sfc asks
        the device for its counters once a second."""
        until = self.stats(port)["RX-packets"] + frames
        self.until(f"show port stats {port}",
                   lambda a: int(re.search(r"RX-packets:\s*(\d+)", a).group(1)) >= until)

    def _pioemu(self, command, *args):
        """`pioemu COMMAND` on this session, which the program has in its environment."""
        launcher = self.process.pid
        children = pathlib.Path(f"/proc/{launcher}/task/{launcher}/children").read_text()
        env = dict(entry.split("=", 1) for entry in
                   pathlib.Path(f"/proc/{children.split()[0]}/environ").read_text().split("\0")
                   if "=" in entry)
        session = env["PIOEMU_SESSION"]
        return subprocess.run([self.pioemu, command, "--session", session, *args], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                              env=dict(os.environ, PIOEMU_DIR=os.path.dirname(session))).stdout

    def ctl(self, *command):
        return self._pioemu("ctl", *command)

    def join(self, *program):
        """What a further program on the same VFs says."""
        return self._pioemu("join", "--", *program)

    def device(self, vf=0):
        """The device's own counters, as of now."""
        return counters(self.ctl("stats", str(vf)))

    def device_until(self, condition, vf=0):
        """Wait until the device's counters fulfil the condition; returns them."""
        end = time.monotonic() + TIMEOUT
        while True:
            model = self.device(vf)
            if condition(model):
                return model
            if time.monotonic() > end:
                raise AssertionError(f"device: {model}")

    def stop(self):
        """Stop forwarding; returns the counters of each stream and of all together."""
        answer = self.command("stop")
        streams = [{k: int(v) for k, v in re.findall(r"([RT]X-\w+):\s*(\d+)", part)}
                   for part in re.split(r"-+ Forward Stats for ", answer)[1:]]
        total = {k: int(v) for k, v in re.findall(
            r"([RT]X-\w+):\s*(\d+)", answer.split("Accumulated forward statistics")[-1])}
        return streams, total


def main(usage, driver=False):
    """Run the test cases of the calling program. Its first argument is the launcher; the second,
    if so, the directory of our driver."""
    if len(sys.argv) < 2 + driver:
        sys.exit(usage)
    Testpmd.pioemu = os.path.realpath(sys.argv.pop(1))
    if driver:
        os.environ["LD_LIBRARY_PATH"] = os.path.realpath(sys.argv.pop(1))
    unittest.main(verbosity=2)
