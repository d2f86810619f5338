#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""usertools/pio-bench.py --pio, as on an adapter: two VFs of the emulator stand in for two ports.

No figure is looked at here, only that every path was measured and what the device has seen.

usage: test_bench_hardware.py PIOEMU PIO-BENCH BUILD-DIRECTORY [unittest arguments]
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PIOEMU = BENCH = BUILD = None
VF1, VF2 = "0000:01:00.1", "0000:01:00.2"
PATHS = ["rte_pio_send", "tx_burst PIO", "tx_burst ring"]
LENGTHS = [64, 128, 256, 512, 1024, 1514]


def run(*args, below=(), env=()):
    return subprocess.run([*below, sys.executable, "-B", BENCH, "--build", BUILD, "--no-plots", *args],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, **dict(env)), check=False)


class Arguments(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)
        for address, driver in ((VF1, "vfio-pci"), (VF2, "sfc"), ("0000:01:00.3", None)):
            device = Path(self.tmp.name, "devices", address)
            device.mkdir(parents=True)
            if driver:
                Path(self.tmp.name, driver).mkdir()
                (device / "driver").symlink_to(Path(self.tmp.name, driver))

    def test_wrong_ones_are_refused_before_anything_starts(self):
        out = Path(self.tmp.name, "out")
        for args, said in (
                (["--rx", VF1], "--rx needs --pio ADDRESS"),
                (["--sfc", VF1], "--sfc needs --pio ADDRESS"),
                (["--pio", "eth0"], "--pio eth0: must be a PCI address such as 0000:03:00.2"),
                (["--pio", "01:00.1"], "must be a PCI address such as"),
                (["--pio", VF1, "--rx", VF1], "must be different VFs"),
                (["--pio", VF1, "--phases", "cpu"], "--phases rtt, or leave it out"),
                (["--pio", "0000:09:00.1"], "no such PCI device; pio-check.py lists the VFs"),
                (["--pio", VF1, "--rx", VF2], f"bound to sfc, not to vfio-pci: pio-setup.sh bind {VF2}"),
                (["--pio", "0000:01:00.3"], "bound to no driver, not to vfio-pci: pio-setup.sh bind")):
            with self.subTest(args=args):
                done = run("--out", str(out), *args,
                           env={"SYSFS_PCI_DEVICES": str(Path(self.tmp.name, "devices"))}.items())
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(said, done.stdout)
                self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
                self.assertFalse(out.exists())

    def test_the_program_refuses_a_receiver_alone(self):
        done = subprocess.run([Path(BUILD, "app/test-pio/bench/dpdk-test-pio-perf"), "--rx", VF1],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--rx and --sfc need --pio ADDRESS", done.stdout)


class TwoPorts(unittest.TestCase):
    def check(self, wire, vfs, options):
        with tempfile.TemporaryDirectory() as tmp:
            stats = os.path.join(tmp, "stats")
            done = run("--out", tmp, "--runs", "1", "--scale", "2", *options,
                       below=[PIOEMU, "run", "--vfs", str(vfs), "--wire", wire, "--stats-file", stats,
                              "--"])
            # a machine on which tests run may be too busy for figures; what was measured is there
            if done.returncode != 0:
                self.assertIn("every run was rejected: the machine is too busy.", done.stdout)
            else:
                self.assertRegex(done.stdout, r"adapter: emulated by pioemu, in place of hardware\n(.*\n)*Round trip: call")
            records = [json.loads(line) for line in Path(tmp, "results.jsonl").open()]
            model = [dict(re.findall(r"(\w+)=(\d+)", line)) for line in Path(stats).open()]
            self.assertNotIn(" violation ", Path(stats).read_text())
        self.assertEqual(records[0]["adapter"], "emulated by pioemu, in place of hardware")
        rtt = [r for r in records if r["type"] == "rtt" and r["run"] == 1]
        self.assertEqual([(r["len"], r["path"]) for r in rtt],
                         [(n, path) for n in LENGTHS for path in PATHS])
        # 2 percent of 4 times 400 sends; each came back or is counted as lost
        for r in rtt:
            self.assertEqual(sum(n for _, n in r["rtt"]) + r["lost"], 32, r)
        self.assertLess(sum(r["lost"] for r in rtt), 32 * len(rtt))
        return [{k: int(v) for k, v in vf.items()} for vf in model]

    def test_from_port_to_port(self):
        sender, receiver = self.check("peer", 2, ["--pio", VF1, "--rx", VF2])
        self.assertGreater(sender["tx_pio_frames"], 0)
        self.assertGreater(sender["tx_frames"], sender["tx_pio_frames"])
        self.assertEqual(receiver["rx_frames"], sender["tx_frames"])
        self.assertNotIn("tx_frames", receiver)

    def test_by_a_loopback_cable(self):
        vf, = self.check("loopback", 1, ["--pio", VF1])
        self.assertGreater(vf["tx_pio_frames"], 0)
        self.assertEqual(vf["rx_frames"], vf["tx_frames"])


if __name__ == "__main__":
    PIOEMU, BENCH, BUILD = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
