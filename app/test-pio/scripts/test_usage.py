#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Wrong usage of scripts: the last line says what is wrong, and nothing was begun."""

import os
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]


class Usage(unittest.TestCase):
    def refuse(self, script, *args, says, code=2):
        done = subprocess.run([TOP / script, *args], stdout=subprocess.PIPE, text=True, timeout=60,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        with self.subTest(script, args=args):
            self.assertEqual(done.returncode, code, done.stdout)
            self.assertIn(says, done.stdout.splitlines()[-1])

    def test_demo(self):
        demo = "usertools/pio-demo.sh"
        with tempfile.TemporaryDirectory() as empty:
            self.refuse(demo, "--bogus", says="pio-demo: unknown option '--bogus'")
            for option in ("--build", "--keep", "--input", "--devargs"):
                self.refuse(demo, option, says=f"pio-demo: {option} needs a value")
            self.refuse(demo, "--no-build", "--build", empty, says="holds no build: leave out --no-")
            self.refuse(demo, "--input", f"{empty}/none", says="none: no such file")
            self.refuse(demo, "--input", __file__, says="test_usage.py: not a pcap file")
            self.assertEqual(os.listdir(empty), [])

    def test_demo_takes_what_it_can_forward(self):
        def capture(name, size, link=1):
            path = f"{scratch}/{name}"
            with open(path, "wb") as file:
                file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link))
                file.write(struct.pack("<IIII", 0, 0, min(size, 2000), size) + bytes(min(size, 2000)))
            return path

        with tempfile.TemporaryDirectory() as scratch:
            pcapng = Path(scratch, "ng")
            pcapng.write_bytes(struct.pack("<III", 0x0a0d0d0a, 28, 0x1a2b3c4d) + bytes(16))
            for path, why in ((capture("raw", 60, 101), "not Ethernet"),
                              (capture("cut", 9000), "frame 0 was cut from 9000 to 2000 bytes"),
                              (capture("long", 1519), "frame 0 has 1519 bytes, more than 1518"),
                              (str(pcapng), "not a pcap file but pcapng; editcap -F pcap makes"),
                              (capture("a,b", 60), "cannot take a name with a comma")):
                self.refuse("usertools/pio-demo.sh", "--no-build", "--build", "/nonexistent",
                            "--input", path, says=why)

    def test_options_without_a_value(self):
        for name, *options in (("build", "--build"), ("bench-report", "--build"),
                               ("run-tests", "--suite", "--build", "--setup"),
                               ("fuzz", "--seconds", "--build", "--setup"),
                               ("clean-root", "--where")):
            for option in options:
                self.refuse(f"devtools/{name}.sh", option, says=f"{name}: {option} needs a value")

    def test_what_devtools_do_not_know(self):
        for name in ("run-tests", "fuzz", "clean-root"):
            self.refuse(f"devtools/{name}.sh", "--bogus", says=f"{name}: unknown option '--bogus'")
        self.refuse("devtools/fuzz.sh", "bogus", says="fuzz: there is no target bogus")
        for name in ("in-tree", "cross-arm64"):
            self.refuse(f"devtools/{name}.sh", "--help", says=f"{name}: --help is no DPDK source tree")

    def test_packages(self):
        self.refuse("devtools/install-packages.sh", "--list", "base", "bogus",
                    says="there is no group 'bogus'; see devtools/packages.txt")


if __name__ == "__main__":
    unittest.main()
