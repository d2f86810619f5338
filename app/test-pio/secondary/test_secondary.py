#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""A secondary process: control calls are refused, its own queue sends, information is read.

usage: test_secondary.py PIOEMU PROGRAM

Exit code 77: no huge pages are to be had here, without which processes share no memory.
"""

# What the program expects of every control call, for check-errnos.py:
# errno: rte_pio_queue_setup EPERM, rte_pio_queue_release EPERM, rte_pio_queue_start EPERM
# errno: rte_pio_threshold_set EPERM, rte_pio_wc_selftest EPERM, rte_pio_stats_reset EPERM

import os
import subprocess
import sys
import tempfile

from hugepages import hugepages
from lcores import lcores
from pcap import read_pcap

PIOEMU, PROGRAM = sys.argv[1:]
VF = "0000:01:00.1,class=pio"
TIMEOUT = 60


def frame(length, queue, seq):
    return bytes.fromhex("020000000001" "020000000002" "88b5") + bytes([queue, seq]) + \
        bytes((queue * 91 + seq * 7 + i) % 256 for i in range(16, length))


def group(queue, first):
    """What frames_send() of the program sends."""
    return [frame(64 + i, queue, first + i) for i in range(3)] + [frame(1000, queue, first + 3)]


class Primary:
    def __init__(self, directory, eal):
        self.stats = os.path.join(directory, "stats")
        self.pcap = os.path.join(directory, "out.pcap")
        self.eal = eal
        self.process = subprocess.Popen(
            [PIOEMU, "run", "--stats-file", self.stats, "--wire", "pcap-out=" + self.pcap, "--",
             PROGRAM, *eal, "--vdev", "net_null0", "--", "primary"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        ready, self.session = self.hear().split()
        expect("primary", ready, "ready")

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.hear()

    def hear(self):
        while line := self.process.stdout.readline():
            if not line.startswith("EAL"):
                return line.strip()
        raise SystemExit("the primary ended")

    def joined(self, what):
        """Command line and environment of a secondary process."""
        return ([PIOEMU, "join", "--session", self.session, "--", PROGRAM, *self.eal,
                 "--proc-type=secondary", "--", what],
                dict(os.environ, PIOEMU_DIR=os.path.dirname(self.session)))

    def outlive(self):
        """The primary closes the port first, then a secondary that is attached to it."""
        command, env = self.joined("outlive")
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as late:
            while (line := late.stdout.readline()) and line != "attached\n":
                pass
            expect("secondary", line, "attached\n")
            expect("primary", self.say("close"), "closed")
            said = late.communicate("\n", timeout=TIMEOUT)[0]
            expect("secondary that outlives the port", (late.returncode, said),
                   (0, "closed here, too\n"))

    def join(self, what):
        command, env = self.joined(what)
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=TIMEOUT,
                              check=False)
        if done.returncode != 0:
            raise SystemExit(f"the secondary ({what}) failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def end(self):
        self.process.stdin.close()
        if self.process.wait(TIMEOUT) != 0:
            raise SystemExit("the primary failed:\n" + self.process.stdout.read())


def expect(what, got, want):
    if got != want:
        raise SystemExit(f"{what}: {got!r} and not {want!r}")


def run(directory, eal):
    primary = Primary(directory, eal)
    try:
        expect("primary", primary.say("send"), "sent")
        said = primary.join("all")
        stats = next(line for line in said.splitlines() if line.startswith("stats "))
        expect("statistics of the secondary's queue", primary.say("stats"), stats)
        # The port stops in all processes, and starts in all.
        expect("primary", primary.say("send"), "sent")
        expect("primary", primary.say("stop"), "stopped")
        primary.join("down")
        expect("primary", primary.say("start"), "started")
        primary.join("all")
        expect("primary", primary.say("send"), "sent")
        primary.outlive()
        primary.end()
    finally:
        if primary.process.poll() is None:
            primary.process.kill()
            primary.process.wait()
    check_frames(read_pcap(primary.pcap))
    with open(primary.stats, encoding="ascii") as stats:
        violations = [line for line in stats if " violation " in line]
    expect("violations", violations, [])


def check_frames(frames):
    """Queues are independent of each other; within a queue the order is that of the calls."""
    mine = group(0, 0) + group(0, 4) + group(0, 8)
    patched = bytearray(frame(100, 1, 6))
    patched[15] = ord("x")
    yours = group(1, 0) + [frame(100, 1, 4), frame(800, 1, 5), frame(100, 1, 6), bytes(patched)]
    expect("frames of the primary's queue", [f for f in frames if f[14] == 0], mine)
    expect("frames of the secondary's queue", [f for f in frames if f[14] == 1], 2 * yours)


def main():
    if os.environ.get("PIO_SANITIZED"):
        print("skipped: the sanitizer takes addresses that a secondary process needs")
        return 77
    try:
        with hugepages(128) as where, tempfile.TemporaryDirectory() as directory:
            # what EAL leaves behind there goes with it
            os.environ["RUNTIME_DIRECTORY"] = directory
            run(directory, ["--huge-dir", where, "-m", "200", "--no-telemetry", lcores(1),
                            f"--file-prefix=secondary{os.getpid()}", "-a", VF])
    except OSError as error:
        print(f"skipped: no huge pages: {error}")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
