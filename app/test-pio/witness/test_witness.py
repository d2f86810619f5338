#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""The witness: Debian's unmodified net_sfc must do its work on the emulated VF.

The emulator and our driver share the headers in hw/ef10, so a mistake there would show nowhere
else. net_sfc shares nothing with us.

usage: test_witness.py PIOEMU [unittest arguments]
"""

import os
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

from hugepages import hugepages
from lcores import lcores
from pcap import write_pcap
from testpmd import Testpmd, main

BDF = "0000:01:00.1"
OWN_MAC = "02:50:49:4F:00:00"

# All that the families and VI strides need
DEVICES = [["--id", "1b03"], ["--id", "1a03"], ["--id", "1903"],
           ["--id", "1b03", "--vi-stride", "16"], ["--id", "1b03", "--vi-stride", "64"]]

LOSSES = ("tx_errors", "rx_errors", "events_lost")
FLOWS = ["--txonly-multi-flow", "--rss-ip"]


def four_queues(*more):
    return ["--rxq=4", "--txq=4", *FLOWS, *more]


class Witness(unittest.TestCase):
    def witness(self, run=(), eal=(), app=()):
        return Testpmd(run, eal, app)

    def check(self, testpmd, vfs=1):
        """After the end: nothing was lost on the way, nothing was done wrong."""
        self.assertEqual(testpmd.returncode, 0)
        self.assertEqual(testpmd.violations, [])
        self.assertEqual(len(testpmd.model), vfs)
        for vf in testpmd.model:
            lost = [name for name in vf if "drop" in name or name in LOSSES]
            self.assertEqual(lost, [], vf)

    def check_sums(self, total):
        self.assertEqual(total["RX-dropped"], 0)
        self.assertEqual(total["TX-dropped"], 0)
        self.assertEqual(total["RX-packets"], total["RX-total"])


class Unmodified(Witness):
    def test_the_driver_is_the_distributions(self):
        if shutil.which("dpkg") is None:
            self.skipTest("not a Debian system")
        result = subprocess.run(["dpkg", "--verify", "librte-net-sfc23", "librte-common-sfc-efx23",
                                 "librte-bus-pci23", "librte-eal23", "dpdk-dev"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.stdout + result.stderr, "")


class Smoke(Witness):
    def test_probe_forward_stop(self):
        with self.witness(app=four_queues()) as testpmd:
            self.assertEqual(testpmd.info()["Driver name"], "net_sfc_efx")
            testpmd.command("start tx_first")
            testpmd.device_until(lambda now: now["rx_frames"] >= 5000)
            testpmd.command("stop")
        self.check(testpmd)


class Forwarding(Witness):
    def forward(self, testpmd, mode, queues, frames=20000):
        testpmd.command(f"set fwd {mode}")
        testpmd.command("start tx_first 2")
        testpmd.forward_until(frames)
        streams, total = testpmd.stop()
        self.check_sums(total)
        self.assertGreaterEqual(total["RX-packets"], frames)
        # testpmd shows streams one by one when a port has several
        self.assertEqual(len(streams), queues if queues > 1 else 0)
        for stream in streams:
            self.assertGreater(stream["RX-packets"], 0, "a queue got nothing: no RSS")

    def test_one_queue(self):
        for run in DEVICES:
            with self.subTest(run=run), self.witness(run) as testpmd:
                self.assertEqual(testpmd.info()["Driver name"], "net_sfc_efx")
                self.forward(testpmd, "io", 1)
                testpmd.command(f"set eth-peer 0 {OWN_MAC}")
                self.forward(testpmd, "mac", 1)
            self.check(testpmd)

    def test_four_queues_with_rss(self):
        for run in DEVICES:
            with self.subTest(run=run), self.witness(run, app=four_queues()) as testpmd:
                self.forward(testpmd, "io", 4)
                testpmd.command(f"set eth-peer 0 {OWN_MAC}")
                self.forward(testpmd, "mac", 4)
            self.check(testpmd)

    def test_all_datapaths(self):
        for args in ("rx_datapath=efx", "tx_datapath=efx", "tx_datapath=ef10_simple"):
            with self.subTest(args=args), \
                 self.witness(eal=["-a", f"{BDF},{args}"], app=four_queues()) as testpmd:
                direction, name = args.split("_datapath=")
                self.assertIn(f"use {name} {direction.capitalize()} datapath", testpmd.text)
                self.forward(testpmd, "io", 4)
            self.check(testpmd)

    def test_two_vfs_back_to_back(self):
        run = ["--vfs", "2", "--wire", "peer", "--id", "1=1a03"]
        with self.witness(run) as testpmd:
            testpmd.command("start tx_first 2")
            testpmd.forward_until(20000)
            testpmd.forward_until(20000, port=1)
            _, total = testpmd.stop()
            self.check_sums(total)
        self.check(testpmd, 2)
        one, two = testpmd.model
        self.assertEqual(one["tx_frames"], two["rx_frames"])
        self.assertEqual(two["tx_frames"], one["rx_frames"])


class HugePages(Witness):
    """Without --no-huge: DMA addresses may be physical ones, and processes may share memory."""

    def on_hugepages(self, where, testpmd, *eal):
        at = testpmd.argv.index("--no-huge")
        end = testpmd.argv.index(lcores())
        testpmd.argv[at:end] = ["--huge-dir", where, "-m", "200", "--no-telemetry",
                                f"--file-prefix=witness{os.getpid()}", *eal]
        return testpmd

    def run_on_hugepages(self, body):
        try:
            with hugepages(128) as where:
                body(where)
        except OSError as error:
            self.skipTest(f"no huge pages: {error}")

    def test_iova_as_pa_and_as_va(self):
        def body(where):
            for mode in ("pa", "va"):
                testpmd = self.on_hugepages(where, self.witness(), f"--iova-mode={mode}")
                with self.subTest(mode=mode), testpmd:
                    self.assertIn(f"IOVA mode '{mode.upper()}'", testpmd.text)
                    testpmd.command("start tx_first")
                    testpmd.device_until(lambda now: now["rx_frames"] >= 5000)
                    testpmd.command("stop")
                self.check(testpmd)

        self.run_on_hugepages(body)

    def test_secondary_process_joins(self):
        """EAL passes it the VFIO descriptors of the primary; net_sfc attaches the port."""
        def body(where):
            with self.on_hugepages(where, self.witness()) as testpmd:
                testpmd.command("start tx_first")
                before = testpmd.device_until(lambda now: now["rx_frames"] >= 1000)
                output = testpmd.join("dpdk-proc-info", "--huge-dir", where,
                                      f"--file-prefix=witness{os.getpid()}",
                                      "--", "--stats")
                # the port is there only if EAL could map the device's BAR in that process
                self.assertIn("NIC statistics for port 0", output)
                testpmd.device_until(lambda now: now["rx_frames"] >= before["rx_frames"] + 1000)
                testpmd.command("stop")
            self.check(testpmd)

        if os.environ.get("PIO_SANITIZED"):
            self.skipTest("the sanitizer takes addresses that a secondary process needs")
        self.run_on_hugepages(body)


def frame(dst, number):
    """An Ethernet frame of an experimental type."""
    return bytes.fromhex(dst.replace(":", "")) + bytes.fromhex("02aabbccddee88b5") + \
        struct.pack("!I", number) + bytes(46)


class Filters(Witness):
    def received(self, testpmd, pcap, frames, promisc, allmulti):
        """How many frames of the file get in."""
        testpmd.commands(f"set promisc all {promisc}", f"set allmulti all {allmulti}", "start")
        before = testpmd.device()
        testpmd.ctl("wire", "0", f"pcap-in={pcap}")
        after = testpmd.device_until(
            lambda now: now["rx_frames"] + now["rx_drop_filter"] ==
            before["rx_frames"] + before["rx_drop_filter"] + frames)
        testpmd.command("stop")
        return after["rx_frames"] - before["rx_frames"]

    def test_promiscuous_and_all_multicast(self):
        frames = [frame(OWN_MAC, n) for n in range(10)] + \
                 [frame("02:00:00:00:00:77", n) for n in range(20)] + \
                 [frame("ff:ff:ff:ff:ff:ff", n) for n in range(30)] + \
                 [frame("01:00:5e:01:02:03", n) for n in range(40)]
        with tempfile.NamedTemporaryFile() as pcap:
            write_pcap(pcap.name, frames)
            for run in DEVICES[:3]:
                with self.subTest(run=run), \
                     self.witness([*run, "--wire", "none"]) as testpmd:
                    testpmd.command("set fwd rxonly")
                    for promisc, allmulti, expected in (
                            ("on", "off", 100), ("off", "off", 10 + 30),
                            ("off", "on", 10 + 30 + 40), ("on", "on", 100)):
                        self.assertEqual(self.received(testpmd, pcap.name, len(frames), promisc,
                                                       allmulti), expected)
                    # what came in has reached the program
                    testpmd.until("show port stats 0", lambda a: "RX-packets: 320 " in a)
                self.assertEqual((testpmd.returncode, testpmd.violations), (0, []))


class Control(Witness):
    def test_changes_under_traffic_lose_nothing(self):
        with self.witness(app=four_queues()) as testpmd:
            testpmd.commands(f"set eth-peer 0 {OWN_MAC}", "set fwd mac", "start tx_first")
            testpmd.forward_until(1000)
            for state in ("off", "on", "off"):
                testpmd.commands(f"set promisc 0 {state}", f"set allmulti 0 {state}")
                testpmd.forward_until(1000)
                info = testpmd.info()
                self.assertEqual(info["Promiscuous mode"],
                                 "enabled" if state == "on" else "disabled")
                self.assertEqual(info["Allmulticast mode"],
                                 "enabled" if state == "on" else "disabled")
            _, total = testpmd.stop()
            self.check_sums(total)
        self.check(testpmd)

    def test_mac_address(self):
        other = "02:12:34:56:78:9A"
        with self.witness() as testpmd:
            self.assertEqual(testpmd.info()["MAC address"], OWN_MAC)
            testpmd.commands("set promisc 0 off", f"mac_addr set 0 {other}")
            self.assertEqual(testpmd.info()["MAC address"], other)
            # only the filter for the new address lets these in
            testpmd.commands(f"set eth-peer 0 {other}", "set fwd mac", "start tx_first")
            testpmd.forward_until(1000)
            _, total = testpmd.stop()
            self.check_sums(total)
        self.check(testpmd)

    def test_mtu_and_long_frames(self):
        with self.witness(app=["--enable-scatter", "--mbuf-size=2176"]) as testpmd:
            for mtu, length in ((1500, 1500), (9000, 9000), (4000, 4014), (1500, 64)):
                testpmd.commands("port stop 0", f"port config mtu 0 {mtu}", "port start 0")
                self.assertEqual(testpmd.info()["MTU"], str(mtu))
                segments = ",".join(["2000"] * (length // 2000) + [str(length % 2000)])
                testpmd.commands(f"set txpkts {segments}", "set fwd io", "start tx_first")
                testpmd.forward_until(2000)
                _, total = testpmd.stop()
                self.check_sums(total)
        self.check(testpmd)

    def test_link(self):
        with self.witness(["--link-speed", "25000"]) as testpmd:
            info = testpmd.info()
            self.assertEqual((info["Link status"], info["Link speed"], info["Link duplex"]),
                             ("up", "25 Gbps", "full-duplex"))
            for state in ("down", "up"):
                testpmd.ctl("link", state)
                testpmd.until("show port info 0",
                              lambda a, state=state: f"Link status: {state}" in a)
            testpmd.said("link state change event")
        self.check(testpmd)

    def test_statistics(self):
        with self.witness() as testpmd:
            testpmd.command("start tx_first 3")
            testpmd.forward_until(5000)
            _, total = testpmd.stop()
            # the device writes its counters once a second
            testpmd.until("show port stats 0", lambda a: f"RX-packets: {0}" not in a)
            time.sleep(1.2)
            stats = testpmd.stats()
            self.assertEqual((stats["RX-missed"], stats["RX-errors"], stats["RX-nombuf"],
                              stats["TX-errors"]), (0, 0, 0, 0))
            xstats = testpmd.command("show port xstats 0")
            self.assertIn(f"rx_good_packets: {stats['RX-packets']}\n", xstats)
            self.assertIn(f"\nrx_pkts: {stats['RX-packets']}\n", xstats)
            # cleared in the device at once, in the port with the next of its reports
            testpmd.command("clear port stats 0")
            testpmd.until("show port stats 0", lambda a: "RX-packets: 0 " in a)
        self.check(testpmd)
        # what the port counted is what the device did
        model = testpmd.model[0]
        self.assertEqual(stats["RX-packets"], model["rx_frames"])
        self.assertEqual(stats["TX-packets"], model["tx_frames"])
        self.assertEqual(stats["RX-bytes"], model["rx_bytes"])
        self.assertGreaterEqual(total["RX-packets"], 5000)


class LifeTime(Witness):
    def check_violations(self, testpmd):
        """The frames that go round when a port stops are lost with its rings, all others not."""
        self.assertEqual((testpmd.returncode, testpmd.violations), (0, []))
        model = testpmd.model[0]
        self.assertEqual(model["wire_drops"] + model["tx_drop_link"] + model["events_lost"], 0)
        self.assertEqual(model["tx_frames"], model["rx_frames"] + model["rx_drop_filter"] +
                         model["rx_drop_nodesc"] + model["rx_drop_link"])
        self.assertLess(model["rx_drop_filter"] + model["rx_drop_nodesc"] + model["rx_drop_link"],
                        4 * 4 * 64)

    def round(self, testpmd):
        before = testpmd.device()
        testpmd.command("start tx_first")
        testpmd.device_until(lambda now: now["rx_frames"] >= before["rx_frames"] + 1000)
        testpmd.command("stop")

    def test_stop_and_restart(self):
        for run in DEVICES[:3]:
            with self.subTest(run=run), self.witness(run, app=four_queues()) as testpmd:
                for _ in range(4):
                    self.round(testpmd)
                    testpmd.commands("port stop 0", "port start 0")
                self.round(testpmd)
            self.check_violations(testpmd)

    def test_detach_and_attach_again(self):
        for run in DEVICES[:3]:
            with self.subTest(run=run), self.witness(run) as testpmd:
                for _ in range(3):
                    self.round(testpmd)
                    testpmd.commands("port stop 0", "port close 0",
                                     f"device detach {BDF}")
                    self.assertNotIn("0000:01", testpmd.command("show device info all"))
                    testpmd.command(f"port attach {BDF}")
                    testpmd.commands("port start 0")
                self.round(testpmd)
            self.check_violations(testpmd)

    def test_one_of_two_vfs_comes_and_goes(self):
        """Both are in one VFIO container: its DMA maps stay with the VF that is left."""
        other = "0000:01:00.2"
        with self.witness(["--vfs", "2"]) as testpmd:
            for _ in range(2):
                testpmd.commands("port stop 1", "port close 1", f"device detach {other}")
                self.round(testpmd)
                testpmd.command(f"port attach {other}")
                testpmd.command("port start 1")
            testpmd.command("start tx_first")
            testpmd.device_until(lambda now: now["rx_frames"] >= 1000, vf=1)
            testpmd.command("stop")
        self.assertEqual((testpmd.returncode, testpmd.violations), (0, []))

    def test_removal_on_request(self):
        """The kernel asks by an eventfd to let go of a device that is to be unbound."""
        with self.witness(app=["--hot-plug"]) as testpmd:
            self.round(testpmd)
            testpmd.ctl("request", "0")
            testpmd.said("Now total ports is 0")
            testpmd.commands(f"port attach {BDF}", "port start 0")
            self.round(testpmd)
        self.check_violations(testpmd)


if __name__ == "__main__":
    main(__doc__)
