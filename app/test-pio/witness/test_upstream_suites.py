#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Suites of DPDK's own test program with a port of each driver present. The driver's guide has the
list of suites that take a port, and why the others are not here.

usage: test_upstream_suites.py PIOEMU DRIVER-DIRECTORY [unittest arguments]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from lcores import lcores

from testpmd import Testpmd, main

PORTS = {"net_sfc_efx": "0000:01:00.1", "net_piopmd": "0000:01:00.1,class=pio,pio_txqs=0"}


class UpstreamSuites(unittest.TestCase):
    def run_suite(self, suite, driver):
        with tempfile.NamedTemporaryFile(prefix="suites") as stats:
            done = subprocess.run(
                [Testpmd.pioemu, "run", "--stats-file", stats.name, "--", "dpdk-test", "--no-huge",
                 "-m", "512", "--no-shconf", "--no-telemetry", lcores(),
                 "-d", "librte_net_piopmd.so.23", "-a", PORTS[driver], "--vdev", "event_sw0"],
                # EAL takes a driver from its working directory first, and refuses it below /tmp
                cwd="/", env=dict(os.environ, DPDK_TEST=suite), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False)
            device = stats.read().decode()
        self.assertIn(f"Probe PCI driver: {driver} ", done.stdout)
        self.assertIn("Test OK", done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn(" violation ", device)

    def test_event_eth_tx_adapter(self):
        for driver in PORTS:
            with self.subTest(driver):
                self.run_suite("event_eth_tx_adapter_autotest", driver)


if __name__ == "__main__":
    if shutil.which("dpdk-test") is None:
        print("no dpdk-test: apt-get install dpdk-dev")
        sys.exit(77)
    main(__doc__, driver=True)
