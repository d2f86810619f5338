#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""The same rules of rte_flow, given to testpmd, with net_sfc and with net_piopmd on the emulated
VF: who takes which rule, and where the same frames go. Each difference has a reason below; one
without a reason fails, and so does a reason without its difference.

usage: test_flow_side.py PIOEMU DRIVER-DIRECTORY [unittest arguments]
"""

import os
import re
import tempfile
import unittest

from pcap import write_pcap
from test_features import OWN_MAC, PEER_MAC, TCP, UDP, frame
from testpmd import Testpmd, main

VF = "0000:01:00.1"
DRIVERS = {"net_sfc": "", "net_piopmd": ",class=pio"}
OTHER = bytes.fromhex("020000000009")
GROUP = bytes.fromhex("01005e000001")
BROADCAST = b"\xff" * 6
NB_QUEUES = 4


def to(dst, data):
    return dst + data[6:]


def plain(kind, dst=OWN_MAC):
    return dst + PEER_MAC + kind.to_bytes(2, "big") + bytes(46)


def ip6(proto, dst_port=2000):
    addrs = bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02")
    ports = (1000).to_bytes(2, "big") + dst_port.to_bytes(2, "big")
    l4 = ports + (b"\x00\x10" + bytes(10) if proto == UDP else bytes(8) + b"\x50\x10" + bytes(6))
    return OWN_MAC + PEER_MAC + b"\x86\xdd\x60" + bytes(3) + len(l4).to_bytes(2, "big") + \
        bytes([proto, 64]) + addrs + l4


# Kind number n is sent 2^n times, so that a number of frames says which kinds they are.
KINDS = {
    "udp": frame(UDP, 20),
    "udp, other ports": frame(UDP, 20, src_port=7, dst_port=8),
    "udp, other address": frame(UDP, 20, dst=9),
    "tcp": frame(TCP, 20),
    "udp in vlan 5": frame(UDP, 20, vlan=5),
    "udp6": ip6(UDP),
    "tcp6": ip6(TCP),
    "0x88b6": plain(0x88b6),
    "other": plain(0x88b7, OTHER),
    "other in vlan 5": to(OTHER, frame(UDP, 20, vlan=5)),
    "group": plain(0x88b7, GROUP),
    "broadcast": plain(0x88b7, BROADCAST),
}
FRAMES = [data for number, data in enumerate(KINDS.values()) for _ in range(1 << number)]

OWN = "02:50:49:4f:00:00"
TO1 = "actions queue index 1 / end"
IP, IP6 = "dst is 10.0.0.2 src is 10.0.0.1", "src is 2001:db8::1 dst is 2001:db8::2"
KEY = "".join(f"{5 * i + 1:02x}" for i in range(40))

# name, attributes and pattern, actions
ETH = "ingress pattern eth"
RULES = [
    ("own address", f"{ETH} dst is {OWN} / end", TO1),
    ("other address", f"{ETH} dst is 02:00:00:00:00:09 / end", TO1),
    ("group address", f"{ETH} dst is 01:00:5e:00:00:01 / end", TO1),
    ("broadcast", f"{ETH} dst is ff:ff:ff:ff:ff:ff / end", TO1),
    ("drop own address", f"{ETH} dst is {OWN} / end", "actions drop / end"),
    ("both addresses", f"{ETH} dst is {OWN} src is 02:00:00:00:00:77 / end", TO1),
    ("source address", f"{ETH} src is 02:00:00:00:00:77 / end", TO1),
    ("unknown unicast", f"{ETH} dst spec 00:00:00:00:00:00 dst mask 01:00:00:00:00:00 / end",
     TO1),
    ("unknown group", f"{ETH} dst spec 01:00:00:00:00:00 dst mask 01:00:00:00:00:00 / end",
     TO1),
    ("anything", f"{ETH} / end", TO1),
    ("ethernet type", f"{ETH} type is 0x88b6 / end", TO1),
    ("type to address", f"{ETH} dst is {OWN} type is 0x88b6 / end", TO1),
    ("vlan", f"{ETH} dst is {OWN} / vlan vid is 5 / end", TO1),
    ("vlan to unknown", f"{ETH} / vlan vid is 5 / end", TO1),
    ("two vlans", f"{ETH} dst is {OWN} / vlan vid is 5 / vlan vid is 6 / end", TO1),
    ("ip4 destination", f"{ETH} / ipv4 dst is 10.0.0.2 / end", TO1),
    ("ip4 addresses, udp", f"{ETH} / ipv4 {IP} / udp / end", TO1),
    ("ip4 udp port", f"{ETH} / ipv4 dst is 10.0.0.2 / udp dst is 2000 / end", TO1),
    ("ip4 tcp port", f"{ETH} / ipv4 dst is 10.0.0.2 / tcp dst is 2000 / end", TO1),
    ("ip4 udp both ports", f"{ETH} / ipv4 {IP} / udp src is 1000 dst is 2000 / end", TO1),
    ("ip4 tcp both ports", f"{ETH} / ipv4 {IP} / tcp src is 1000 dst is 2000 / end",
     "actions drop / end"),
    ("ip4 icmp", f"{ETH} / ipv4 proto is 1 / end", TO1),
    ("ip6 destination", f"{ETH} / ipv6 dst is 2001:db8::2 / end", TO1),
    ("ip6 udp port", f"{ETH} / ipv6 dst is 2001:db8::2 / udp dst is 2000 / end", TO1),
    ("ip6 tcp both ports", f"{ETH} / ipv6 {IP6} / tcp src is 1000 dst is 2000 / end", TO1),
    ("rss", f"{ETH} dst is {OWN} / end",
     f"actions rss types ipv4 ipv4-tcp ipv4-udp end key {KEY} key_len 40 queues 1 3 end / end"),
    ("rss on one kind", f"{ETH} / ipv4 dst is 10.0.0.2 / udp dst is 2000 / end",
     f"actions rss types ipv4-udp end key {KEY} key_len 40 queues 2 end / end"),
    # what is refused
    ("part of an address", f"{ETH} dst spec 02:00:00:00:00:00 dst mask ff:ff:ff:00:00:00 "
     "/ end", TO1),
    ("part of an ip4 address", f"{ETH} / ipv4 dst spec 10.0.0.0 dst mask 255.0.0.0 / end",
     TO1),
    ("range", f"{ETH} / ipv4 dst spec 10.0.0.1 dst last 10.0.0.9 "
     "dst mask 255.255.255.255 / end", TO1),
    ("ttl", f"{ETH} / ipv4 ttl is 5 / end", TO1),
    ("any ip4", f"{ETH} / ipv4 / end", TO1),
    ("any tcp", f"{ETH} / ipv4 / tcp / end", TO1),
    ("any vlan", f"{ETH} / vlan / end", TO1),
    ("type of a tag", f"{ETH} type is 0x8100 / vlan vid is 5 / end", TO1),
    ("icmp item", f"{ETH} / ipv4 / icmp / end", TO1),
    ("udp without ip", f"{ETH} / udp dst is 5 / end", TO1),
    ("type against item", f"{ETH} type is 0x0806 / ipv4 dst is 10.0.0.2 / end", TO1),
    ("protocol against item", f"{ETH} / ipv4 dst is 10.0.0.2 proto is 6 / udp dst is 5 "
     "/ end", TO1),
    ("egress", f"egress pattern eth dst is {OWN} / end", TO1),
    ("group 1", f"group 1 ingress pattern eth dst is {OWN} / end", TO1),
    ("priority 1", f"priority 1 ingress pattern eth dst is {OWN} / end", TO1),
    ("no such queue", f"{ETH} dst is {OWN} / end", "actions queue index 9 / end"),
    ("two fates", f"{ETH} dst is {OWN} / end", "actions queue index 1 / drop / end"),
    ("no fate", f"{ETH} dst is {OWN} / end", "actions end"),
    ("mark", f"{ETH} dst is {OWN} / end", "actions mark id 5 / queue index 1 / end"),
    ("count", f"{ETH} dst is {OWN} / end", "actions count / queue index 1 / end"),
    ("short rss key", f"{ETH} dst is {OWN} / end",
     "actions rss types ipv4 end key 0102 key_len 2 queues 1 3 end / end"),
]

# where the drivers differ, by the name of the rule, and why
SUPPORT = "a rule that makes sense, but not to this hardware, is ENOTSUP"
REASONS = {
    "broadcast": "a rule takes the place of the port's own filter; net_sfc delivers to both",
    "part of an address": SUPPORT,
    "part of an ip4 address": SUPPORT,
    "any vlan": SUPPORT,
    "type of a tag": SUPPORT,
    "no fate": "a rule without QUEUE, RSS or DROP is a mistake; net_sfc drops the frames",
}
# rules that none of the frames match
WITHOUT_EFFECT = ("two vlans", "ip4 icmp")


def queues_named(counts):
    """{queue: frames} with the kinds by name, where each kind came once."""
    out = []
    for queue, count in enumerate(counts):
        names = [name for number, name in enumerate(KINDS) if count >> number & 1]
        out.append(f"queue {queue}: {count} ({'; '.join(names)})")
    return out


class Side:
    """One driver: what becomes of each rule."""

    def __init__(self, args):
        self.args = args
        self.seen = {}

    def run(self):
        with tempfile.TemporaryDirectory(prefix="flowside") as temp:
            self.source = os.path.join(temp, "in.pcap")
            write_pcap(self.source, FRAMES)
            with Testpmd(["--wire", "none"],
                         ["-d", "librte_net_piopmd.so.23", "-a", VF + self.args],
                         [f"--rxq={NB_QUEUES}", f"--txq={NB_QUEUES}", "--disable-rss"]
                         ) as self.testpmd:
                self.driver = self.testpmd.info()["Driver name"]
                self.testpmd.commands("set fwd rxonly", "set promisc 0 off")
                self.seen["without rules"] = self.traffic()
                for name, pattern, actions in RULES:
                    self.rule(name, pattern, actions)
                self.several()
                self.seen["without rules again"] = self.traffic()
            self.seen["exit"] = self.testpmd.returncode
            self.seen["violations"] = self.testpmd.violations
        return self.seen

    def traffic(self, copies=0):
        """Frames per queue. copies: how many go to a second queue as well."""
        testpmd = self.testpmd
        before = testpmd.device()
        testpmd.command("start")
        testpmd.ctl("unwire", "0")
        testpmd.ctl("wire", "0", f"pcap-in={self.source}")

        def taken(now):
            return now["rx_frames"] - before["rx_frames"], \
                now["rx_drop_filter"] - before["rx_drop_filter"]
        now = testpmd.device_until(lambda now: sum(taken(now)) == len(FRAMES) + copies)
        testpmd.until("show fwd stats all", lambda a: sum(self.counts(a)) == taken(now)[0])
        return queues_named(self.counts(testpmd.command("stop")))

    @staticmethod
    def counts(answer):
        """Frames of each queue; testpmd leaves out the queues without any."""
        counts = [0] * NB_QUEUES
        streams = re.findall(r"RX Port= 0/Queue= (\d+)[^\n]*\n\s+RX-packets: (\d+) ", answer)
        for queue, count in streams:
            counts[int(queue)] = int(count)
        return counts

    @staticmethod
    def verdict(answer):
        if re.search(r"Flow rule (#\d+ created|validated)", answer):
            return "taken"
        refused = re.search(r"Caught PMD error type \d+ \(.*\): .*: ([A-Z][^:\n]*)\n", answer)
        return f"refused: {refused.group(1)}" if refused else answer

    def rule(self, name, pattern, actions):
        self.seen[f"{name}: validate"] = self.verdict(
            self.testpmd.command(f"flow validate 0 {pattern} {actions}"))
        answer = self.testpmd.command(f"flow create 0 {pattern} {actions}")
        self.seen[f"{name}: create"] = self.verdict(answer)
        if self.seen[f"{name}: create"] != "taken":
            return
        # net_sfc keeps its own filter beside the rule, and both of them get the frames
        both = (self.driver, name) == ("net_sfc_efx", "broadcast")
        self.seen[f"{name}: traffic"] = self.traffic(1 << list(KINDS).index(name) if both else 0)
        number = re.search(r"#(\d+) created", answer).group(1)
        answer = self.testpmd.command(f"flow destroy 0 rule {number}")
        self.seen[f"{name}: destroy"] = "destroyed" in answer

    def several(self):
        """Rules side by side, over a stop of the port."""
        rules = [("ingress pattern eth / ipv4 dst is 10.0.0.2 / udp dst is 2000 / end", 1),
                 (f"ingress pattern eth / ipv4 {IP} / udp src is 1000 dst is 2000 / end", 2),
                 ("ingress pattern eth type is 0x88b6 / end", 3)]
        for pattern, queue in rules:
            self.testpmd.command(f"flow create 0 {pattern} actions queue index {queue} / end")
        answer = self.testpmd.command("flow list 0")
        self.seen["several: list"] = re.findall(r"^\d+.*?=> \w+", answer, re.MULTILINE)
        self.seen["several: traffic"] = self.traffic()
        self.seen["twin"] = self.verdict(
            self.testpmd.command(f"flow create 0 {rules[0][0]} actions drop / end"))
        self.seen["flush"] = self.verdict(self.testpmd.command("flow flush 0"))
        self.seen["flush: list"] = self.testpmd.command("flow list 0").count("=>")


class SideBySide(unittest.TestCase):
    maxDiff = None

    def test_rules(self):
        sides = {}
        for driver, args in DRIVERS.items():
            side = Side(args)
            sides[driver] = side.run()
            self.assertIn(driver, side.driver)
        sfc, ours = sides["net_sfc"], sides["net_piopmd"]
        for seen in sides.values():
            self.assertEqual((seen["exit"], seen["violations"]), (0, []))
            self.assertEqual(seen["without rules"], seen["without rules again"])
        for what, seen in ours.items():
            if what.endswith(": traffic"):
                self.assertEqual(seen == ours["without rules"],
                                 what.partition(":")[0] in WITHOUT_EFFECT, what)
        different = set()
        for what in {**sfc, **ours}:
            if sfc.get(what) == ours.get(what):
                continue
            name = what.partition(":")[0]
            different.add(name)
            print(f"{what}\n  net_sfc     {sfc.get(what)}\n  net_piopmd  {ours.get(what)}\n"
                  f"  because     {REASONS.get(name, '???')}")
        print(f"{len(ours)} results, {len(different)} rules with a difference")
        self.assertEqual(different, set(REASONS))


if __name__ == "__main__":
    main(__doc__, driver=True)
