#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Both drivers in one unmodified testpmd: net_piopmd takes the VFs of class=pio, net_sfc the others.

usage: test_beside.py PIOEMU DRIVER-DIRECTORY [unittest arguments]
"""

import os
import re
import tempfile
import unittest

from pcap import read_pcap, write_pcap
from testpmd import Testpmd, main

VF1, VF2 = "0000:01:00.1", "0000:01:00.2"
PIO = ",class=pio,pio_txqs=0"
PMD, SFC = ["-d", "librte_net_piopmd.so.23"], ["-d", "librte_net_sfc.so.23"]
# Drivers are asked in the order in which they were loaded, the distribution's directory last
ORDERS = {"ours first": PMD, "net_sfc first": SFC + PMD}
NB_FRAMES = 200


def mixed_frames():
    """Frames of 60 to 458 bytes, every third one too long for the default slots of PIO."""
    frames = []
    for i in range(NB_FRAMES):
        size = 60 + 2 * i if i % 3 else 1000 + i
        frames.append(bytes.fromhex("020000000001" "020000000002" "88b5")
                      + bytes((i + k) % 256 for k in range(size - 14)))
    return frames


class Beside(unittest.TestCase):
    def drivers(self, testpmd, nb):
        return [re.search(r"Driver name: (\w+)", testpmd.command(f"show port info {port}")).group(1)
                for port in range(nb)]

    def check(self, testpmd, vfs):
        self.assertEqual(testpmd.returncode, 0)
        self.assertEqual(testpmd.violations, [])
        self.assertEqual(len(testpmd.model), vfs)

    def test_the_class_decides_in_both_orders(self):
        for order, plugins in ORDERS.items():
            for args, driver in (("", "net_sfc_efx"), (PIO, "net_piopmd"),
                                 (",class=net", "net_sfc_efx")):
                with self.subTest(order, args=args):
                    with Testpmd([], [*plugins, "-a", VF1 + args]) as testpmd:
                        self.assertEqual(self.drivers(testpmd, 1), [driver])
                    self.check(testpmd, 1)

    def test_each_takes_its_own_of_two(self):
        for order, plugins in ORDERS.items():
            for ours in (0, 1):
                allow = [VF1, VF2]
                allow[ours] += PIO
                with self.subTest(order, ours=ours):
                    with Testpmd(["--vfs", "2"],
                                 [*plugins, "-a", allow[0], "-a", allow[1]]) as testpmd:
                        want = ["net_sfc_efx", "net_sfc_efx"]
                        want[ours] = "net_piopmd"
                        self.assertEqual(self.drivers(testpmd, 2), want)
                        # frames of both drivers go round and round on the loopback wires
                        testpmd.command("set promisc all on")
                        testpmd.command("start tx_first 1")
                        testpmd.until("show port stats all", lambda text: all(
                            int(n) > 1000 for n in re.findall(r"RX-packets: (\d+)", text)))
                        testpmd.command("stop")
                    self.check(testpmd, 2)
                    self.assertGreater(testpmd.model[ours]["tx_pio_frames"], 1000)
                    self.assertEqual(testpmd.model[1 - ours]["tx_pio_frames"], 0)

    def test_pio_changes_the_path_and_not_the_bytes(self):
        """The same capture through testpmd by net_sfc, by our ring and by PIO."""
        with tempfile.TemporaryDirectory() as tmp:
            source = os.path.join(tmp, "in.pcap")
            frames = mixed_frames()
            write_pcap(source, frames)
            for args, by_pio in (("", 0), (",class=pio", 0),
                                 (PIO, sum(len(f) <= 256 for f in frames))):
                out = os.path.join(tmp, "out.pcap")
                with self.subTest(args=args):
                    with Testpmd(["--wire", "pcap-out=" + out],
                                 [*PMD, "-a", VF1 + args, "--vdev",
                                  f"net_pcap0,rx_pcap={source},tx_pcap=/dev/null"],
                                 ["--no-flush-rx"]) as testpmd:
                        testpmd.command("start")
                        testpmd.until("show port stats all", lambda text: str(NB_FRAMES) in
                                      re.findall(r"TX-packets: (\d+)", text))
                        testpmd.command("stop")
                    self.check(testpmd, 1)
                    self.assertEqual(read_pcap(out), frames)
                    self.assertEqual(testpmd.model[0]["tx_frames"], NB_FRAMES)
                    if by_pio:
                        # what found no free slot went by the ring
                        self.assertLessEqual(testpmd.model[0]["tx_pio_frames"], by_pio)
                        self.assertGreater(testpmd.model[0]["tx_pio_frames"], 0)
                    else:
                        self.assertEqual(testpmd.model[0]["tx_pio_frames"], 0)


if __name__ == "__main__":
    main(__doc__, driver=True)
