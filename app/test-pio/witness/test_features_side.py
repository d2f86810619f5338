#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""The same testpmd commands and frames with net_sfc and with net_piopmd on the emulated VF; what
comes out is compared line by line. Each difference has a reason in side_reasons.py: one without a
reason fails, and so does a reason without its difference.

usage: test_features_side.py PIOEMU DRIVER-DIRECTORY [unittest arguments]
"""

import os
import re
import tempfile
import time
import unittest

import side_reasons
from pcap import wait_pcap, write_pcap
from test_features import OWN_MAC, PEER_MAC, TCP, UDP, frame
from testpmd import Testpmd, main

GUIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../doc/guides/nics/piopmd.rst")
VF = "0000:01:00.1"
DRIVERS = {"net_sfc": "", "net_piopmd": ",class=pio,pio_txqs=all"}
OTHER = bytes.fromhex("020000000009")
GROUP = bytes.fromhex("01005e000001")
GROUP2 = bytes.fromhex("333300000002")
# what testpmd says around an answer
NOISE = re.compile(r"testpmd>|PMD: |EAL: |Checking link|Done$|Stopping |Resetting |Closing |\*\*\*|---|#####|"
                   r"Port [0-9A-F]|Configuring Port|Primary: |telemetry|testpmd: |PIOPMD|0000:01:00|"
                   r"Interactive|\s*$")


def plain(dst, count, length=60):
    return [dst + PEER_MAC + b"\x88\xb5" + bytes([i & 255]) * (length - 14) for i in range(count)]


class Side:
    """One driver: runs the steps and keeps what they say, as {"step: what": value}."""

    def __init__(self, args):
        self.args = args
        self.seen = {}
        self.nb_fed = 0
        self.temp = self.out = None
        self.testpmd = None

    def run(self):
        with tempfile.TemporaryDirectory(prefix="side") as self.temp:
            self.out = os.path.join(self.temp, "out.pcap")
            with Testpmd(["--wire", "none"],
                         ["-d", "librte_net_piopmd.so.23", "-a", VF + self.args],
                         ["--rxq=2", "--txq=2"]) as self.testpmd:
                for name in dir(self):
                    if name.startswith("step_"):
                        getattr(self, name)()
            self.note("end", "exit", self.testpmd.returncode)
            self.note("end", "violations", self.testpmd.violations)
        return self.seen

    # tools

    def note(self, step, what, value):
        key, nb = f"{step}: {what}", 1
        while key in self.seen:
            nb += 1
            key = f"{step}: {what} #{nb}"
        self.seen[key] = str(value)

    def say(self, step, *lines):
        """Keep what testpmd answers: "what: value" by name, anything else by its words."""
        for line in lines:
            answer = self.testpmd.command(line)
            for said in answer.splitlines():
                said = said.strip()
                if NOISE.match(said) or said == line:
                    continue
                what, colon, value = said.partition(":")
                self.note(step, what.strip() if colon else said, value.strip() if colon else "said")

    def quiet(self, *lines):
        return self.testpmd.commands(*lines)

    def feed(self, frames):
        """Send to the VF; returns how many of them passed its filters."""
        def seen(now):
            return now["rx_frames"] + now["rx_drop_filter"]
        before = self.testpmd.device()
        path = os.path.join(self.temp, "in.pcap")
        write_pcap(path, frames)
        self.testpmd.ctl("unwire", "0")
        self.testpmd.ctl("wire", "0", f"pcap-out={self.out},pcap-in={path}")
        now = self.testpmd.device_until(lambda now: seen(now) == seen(before) + len(frames))
        return now["rx_frames"] - before["rx_frames"]

    def sent(self, count):
        """The frames that left since the last feed, once there are so many."""
        return wait_pcap(self.out, count)

    def port_counts(self):
        """Basic statistics once they have come to rest: net_sfc's are up to a second old."""
        before = None
        while True:
            now = self.testpmd.stats()
            if now == before:
                return now
            before = now
            time.sleep(1.2)

    # the script, in the order of the names

    def step_01_info(self):
        self.say("info", "show port info 0", "show device info all")
        self.say("rx offloads", "show port 0 rx_offload capabilities",
                 "show port 0 rx_offload configuration")
        self.say("tx offloads", "show port 0 tx_offload capabilities",
                 "show port 0 tx_offload configuration")
        self.say("ptypes", "show port 0 ptypes")
        self.say("rxq info", "show rxq info 0 0")
        self.say("txq info", "show txq info 0 0")
        self.say("descriptors", "show port 0 rxq 0 desc 5 status", "show port 0 txq 0 desc 5 status",
                 "show port 0 rxq 0 desc used count", "port cleanup 0 txq 0 0")

    def step_02_filters(self):
        def takes(step):
            for name, dst in (("own", OWN_MAC), ("broadcast", b"\xff" * 6), ("other", OTHER),
                              ("group", GROUP), ("group 2", GROUP2)):
                self.note(step, f"frames to {name}", self.feed(plain(dst, 3)))
        self.quiet("set fwd rxonly", "set promisc 0 off", "start")
        takes("by default")
        self.say("promiscuous", "set promisc 0 on")
        takes("promiscuous")
        self.quiet("set promisc 0 off")
        self.say("allmulticast", "set allmulti 0 on")
        takes("allmulticast")
        self.quiet("set allmulti 0 off")
        self.say("multicast address", "mcast_addr add 0 01:00:5e:00:00:01", "show port 0 mcast_macs")
        takes("multicast address")
        self.say("no multicast address", "mcast_addr remove 0 01:00:5e:00:00:01")
        takes("no multicast address")
        self.say("second address", "mac_addr add 0 02:00:00:00:00:09", "show port 0 macs")
        takes("second address")
        self.say("no second address", "mac_addr remove 0 02:00:00:00:00:09")
        takes("no second address")
        self.say("new address", "mac_addr set 0 02:00:00:00:00:09")
        takes("new address")
        self.quiet("mac_addr set 0 02:50:49:4f:00:00")
        takes("old address again")
        self.quiet("stop")

    def step_03_mtu(self):
        self.say("mtu", "port config mtu 0 1400")
        self.note("mtu", "is", self.testpmd.info()["MTU"])
        self.say("mtu too long", "port config mtu 0 9300")
        self.say("mtu without scatter", "port config mtu 0 9000")
        self.quiet("port config mtu 0 1500")
        self.note("mtu again", "is", self.testpmd.info()["MTU"])

    def step_04_rss(self):
        self.say("rss", "show port 0 rss-hash key", "show port 0 rss reta 128 (0xff,0)")
        self.say("rss key", "port config 0 rss-hash-key ipv4 " + "".join(f"{i:02x}" for i in range(40)),
                 "show port 0 rss-hash key")
        self.say("rss types", "port config all rss tcp", "show port 0 rss-hash")
        self.quiet("port config all rss ip", "set fwd rxonly", "start")
        # spread by the key: both drivers must put the same flow into the same queue
        self.feed([frame(UDP, 20, src=n, src_port=n) for n in range(64)])
        self.queues("rss by key", 64)
        self.quiet("start")
        self.say("rss table", "port config 0 rss reta " + ",".join(f"({n},1)" for n in range(16)),
                 "show port 0 rss reta 128 (0xff,0)")
        self.feed([frame(UDP, 20, src=n, src_port=n) for n in range(64)])
        self.queues("rss table", 64)
        self.say("rss table too short", "show port 0 rss reta 64 (0xff)")
        self.quiet("port config 0 rss reta " + ",".join(f"({n},{n % 2})" for n in range(16)))

    def queues(self, step, count):
        """Frames of each queue, once testpmd has taken them all; stops forwarding."""
        self.testpmd.until("show fwd stats all", lambda a: sum(
            map(int, re.findall(r"RX-packets: (\d+)", a.split("Accumulated")[-1]))) >= count)
        answer = self.testpmd.command("stop")
        for queue in (0, 1):
            match = re.search(rf"RX Port= 0/Queue= {queue}[^\n]*\n\s+RX-packets: (\d+)", answer)
            self.note(step, f"frames in queue {queue}", match.group(1) if match else 0)

    def step_05_queues(self):
        self.say("queue stop", "port 0 rxq 1 stop", "port 0 txq 1 stop")
        self.states("queue stop")
        self.say("queue start", "port 0 rxq 1 start", "port 0 txq 1 start")
        self.states("queue start")
        self.quiet("port stop 0", "port 0 rxq 1 deferred_start on", "port 0 txq 1 deferred_start on")
        self.say("deferred", "port start 0")
        self.states("deferred")
        self.quiet("port 0 rxq 1 start", "port 0 txq 1 start")
        self.states("deferred and started")
        self.quiet("port stop 0", "port 0 rxq 1 deferred_start off",
                   "port 0 txq 1 deferred_start off", "port start 0")
        self.states("not deferred")

    def states(self, step):
        for kind in ("rxq", "txq"):
            state = re.search(r"queue state: (\w+)", self.testpmd.command(f"show {kind} info 0 1"))
            self.note(step, kind, state.group(1))

    def step_06_checksums(self):
        kinds = [(proto, length) for proto in (TCP, UDP) for length in (1, 50, 701)]
        self.quiet("port stop 0", "port config 0 rx_offload ipv4_cksum on",
                   "port config 0 rx_offload tcp_cksum on", "port config 0 rx_offload udp_cksum on",
                   "csum set ip hw 0", "csum set tcp hw 0", "csum set udp hw 0", "port start 0")
        self.quiet("set fwd csum", "start")
        before = self.testpmd.device()["tx_frames"]
        self.feed([frame(*kind) for kind in kinds])
        self.testpmd.device_until(lambda now: now["tx_frames"] == before + len(kinds))
        sent = self.sent(len(kinds))
        for kind, data in zip(kinds, sent):
            self.note("checksums", f"sent {kind}", data[12:] == frame(*kind)[12:])
        answer = self.testpmd.command("show fwd stats all")
        self.note("checksums", "good", re.search(r"Bad-ipcsum: (\d+)\s+Bad-l4csum: (\d+)", answer).groups())
        self.feed([frame(UDP, 100, bad_l4=True)] * 4 + [frame(TCP, 40, bad_ip=True)] * 2)
        self.testpmd.device_until(lambda now: now["tx_frames"] == before + len(kinds) + 6)
        answer = self.testpmd.command("show fwd stats all")
        self.note("checksums", "bad", re.search(r"Bad-ipcsum: (\d+)\s+Bad-l4csum: (\d+)", answer).groups())
        self.quiet("stop", "port stop 0", "csum set ip sw 0", "csum set tcp sw 0", "csum set udp sw 0",
                   "port start 0")

    def step_07_statistics(self):
        self.quiet("clear port stats all", "clear port xstats all", "set fwd mac", "start")
        frames = plain(OWN_MAC, 5, 60) + plain(OWN_MAC, 7, 300) + plain(b"\xff" * 6, 3, 1000) + \
            plain(OTHER, 4)
        self.feed(frames)
        for what, value in self.port_counts().items():
            if not what.endswith("pps") and not what.endswith("bps"):
                self.note("statistics", what, value)
        xstats = dict(re.findall(r"^(\w+): (\d+)$", self.testpmd.command("show port xstats 0"),
                                 re.MULTILINE))
        for name, value in xstats.items():
            self.note("xstats", side_reasons.XSTATS.get(name, name), value)
        self.quiet("stop", "clear port stats all")
        # net_sfc clears at its next reading
        self.note("statistics cleared", "sum", sum(
            value for what, value in self.port_counts().items() if "packets" in what))

    def step_08_link(self):
        self.testpmd.ctl("link", "down")
        self.testpmd.until("show port summary 0", lambda a: " down " in a)
        self.link("link down")
        self.testpmd.ctl("link", "up", "25000")
        self.testpmd.until("show port summary 0", lambda a: " up " in a)
        self.link("link up")
        self.testpmd.ctl("link", "up", "10000")
        self.testpmd.until("show port summary 0", lambda a: "10 Gbps" in a)

    def link(self, step):
        """Without the name of the driver, which is in the middle of the line."""
        self.note(step, "state and speed", re.search(
            r"net_\w+ +(.*)", self.testpmd.command("show port summary 0")).group(1))

    def step_09_control(self):
        self.say("flow control", "show port 0 flow_ctrl", "set flow_ctrl rx off 0",
                 "show port 0 flow_ctrl", "set flow_ctrl rx on 0")
        self.say("forced link", "set link-down port 0", "set link-up port 0")
        self.say("vlan", "vlan set strip on 0")
        self.say("tunnels", "port config 0 udp_tunnel_port add vxlan 4789")
        self.say("dcb", "show port dcb_tc 0")
        self.say("eeprom", "show port 0 eeprom", "show port 0 module_eeprom")
        self.say("fec", "show port 0 fec capabilities")

    def step_10_reset(self):
        self.quiet("port stop 0")
        self.say("reset", "port reset 0")
        self.quiet("port start 0", "set fwd rxonly", "set promisc 0 off", "start")
        self.note("after reset", "frames to own", self.feed(plain(OWN_MAC, 3)))
        self.quiet("stop")

    def step_11_detach(self):
        self.quiet("port stop 0", "port close 0", f"device detach {VF}")
        self.say("attach", f"port attach {VF}{self.args}")
        self.quiet("port start 0", "start")
        self.note("after attach", "frames to own", self.feed(plain(OWN_MAC, 3)))
        self.quiet("stop")


class FeaturesSide(unittest.TestCase):
    maxDiff = None

    def test_no_difference_without_a_reason(self):
        theirs, ours = (Side(args).run() for args in DRIVERS.values())
        self.assertGreater(len(theirs), 200, "the script says enough to compare")
        unexplained, used = [], set()
        for key in dict.fromkeys([*theirs, *ours]):
            pair = theirs.get(key, "-"), ours.get(key, "-")
            if pair[0] == pair[1]:
                continue
            for n, (what, sfc, pio, _) in enumerate(side_reasons.DIFFERENCES):
                if re.fullmatch(what, key) and re.fullmatch(sfc, pair[0]) and \
                        re.fullmatch(pio, pair[1]):
                    used.add(n)
                    break
            else:
                unexplained.append(f"{key} | net_sfc {pair[0]} | net_piopmd {pair[1]}")
        self.assertEqual(unexplained, [], "differences without a reason")
        with open(GUIDE, encoding="utf-8") as file:
            guide = file.read()
        for term in {difference[3] for difference in side_reasons.DIFFERENCES}:
            self.assertIn(f"\n{term}\n    ", guide, "the guide gives the reason")
        self.assertEqual([side_reasons.DIFFERENCES[n] for n in range(len(side_reasons.DIFFERENCES))
                          if n not in used], [], "reasons without a difference")


if __name__ == "__main__":
    main(__doc__, driver=True)
