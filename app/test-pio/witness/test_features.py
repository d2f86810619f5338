#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What the emulated VF offers beyond moving frames, as Debian's unmodified net_sfc uses it:
checksums both ways, segmentation, flows, and recovery from errors.

usage: test_features.py PIOEMU [unittest arguments]
"""

import os
import struct
import tempfile
import time
import unittest

from pcap import wait_pcap, write_pcap
from testpmd import Testpmd, main

BDF = "0000:01:00.1"
OWN_MAC = bytes.fromhex("0250494f0000")
PEER_MAC = bytes.fromhex("020000000077")
TCP, UDP = 6, 17


def inet_sum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(proto, length, src=1, dst=2, src_port=1000, dst_port=2000, vlan=None, right=True,
          bad_ip=False, bad_l4=False):
    """TCP or UDP over IPv4 with so many bytes of payload. right=False: without checksums."""
    payload = bytes(n & 255 for n in range(length))
    ips = struct.pack("!BBBBBBBB", 10, 0, 0, src, 10, 0, 0, dst)
    if proto == TCP:
        l4 = struct.pack("!HHIIBBHHH", src_port, dst_port, 12345, 1, 0x50, 0x18, 1000, 0, 0)
        at = 16
    else:
        l4 = struct.pack("!HHHH", src_port, dst_port, 8 + length, 0)
        at = 6
    pseudo = ips + struct.pack("!BBH", 0, proto, len(l4) + length)
    check = inet_sum(pseudo + l4 + payload) ^ (0x0101 if bad_l4 else 0)
    if right:
        l4 = l4[:at] + struct.pack("!H", check) + l4[at + 2:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4) + length, 77, 0, 64, proto, 0) + ips
    if right:
        ip = ip[:10] + struct.pack("!H", inet_sum(ip) ^ (0x0101 if bad_ip else 0)) + ip[12:]
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    return (OWN_MAC + PEER_MAC + tag + b"\x08\x00" + ip + l4 + payload).ljust(60, b"\0")


class Features(unittest.TestCase):
    def setUp(self):
        temp = tempfile.TemporaryDirectory(prefix="witness")
        self.addCleanup(temp.cleanup)
        self.pcap_in = os.path.join(temp.name, "in.pcap")
        self.pcap_out = os.path.join(temp.name, "out.pcap")

    def witness(self, run=(), eal=(), app=()):
        return Testpmd(["--wire", f"pcap-out={self.pcap_out}", *run], eal, app)

    def feed(self, testpmd, frames):
        """Send these to the VF, and wait until it has taken or refused them all."""
        def seen(now):
            return now["rx_frames"] + now["rx_drop_filter"]
        write_pcap(self.pcap_in, frames)
        before = seen(testpmd.device())
        testpmd.ctl("wire", "0", f"pcap-in={self.pcap_in}")
        testpmd.device_until(lambda now: seen(now) == before + len(frames))

    def sent(self, testpmd, count):
        """The frames that left the VF, once there are so many."""
        testpmd.device_until(lambda now: now["tx_frames"] >= count)
        return wait_pcap(self.pcap_out, count)

    def check(self, testpmd):
        self.assertEqual((testpmd.returncode, testpmd.violations), (0, []))


class Checksums(Features):
    def test_inserted(self):
        kinds = [(proto, length) for proto in (TCP, UDP) for length in (1, 50, 701, 1400)]
        with self.witness() as testpmd:
            testpmd.commands("port stop 0", "csum set ip hw 0", "csum set tcp hw 0",
                             "csum set udp hw 0", "port start 0", "set fwd csum", "start")
            # csum mode leaves the checksums to the device
            self.feed(testpmd, [frame(*kind) for kind in kinds])
            out = self.sent(testpmd, len(kinds))
            # only addresses are changed by this mode
            self.assertEqual([data[12:] for data in out],
                             [frame(*kind)[12:] for kind in kinds])
            testpmd.command("stop")
        self.check(testpmd)

    def test_verified(self):
        frames = [frame(UDP, 100)] * 5 + [frame(TCP, 100, bad_l4=True)] * 3 + \
            [frame(UDP, 33, bad_l4=True)] * 4 + [frame(TCP, 40, bad_ip=True)] * 2
        with self.witness() as testpmd:
            testpmd.commands("set fwd csum", "start")
            self.feed(testpmd, frames)
            testpmd.device_until(lambda now: now["tx_frames"] >= len(frames))
            answer = testpmd.command("show fwd stats all")
            self.assertRegex(answer, r"Bad-ipcsum: 2\s+Bad-l4csum: 7\b")
            testpmd.command("stop")
        self.check(testpmd)


class Segmentation(Features):
    def test_tso(self):
        """Capability TX_TSO_V2; net_sfc hands over long frames with two option descriptors."""
        lengths = (3000, 100, 8000)
        with self.witness(["--caps2-set", "1"], app=["--mbuf-size=9500"]) as testpmd:
            testpmd.commands("port stop 0", "port config mtu 0 9000", "csum set ip hw 0",
                             "csum set tcp hw 0", "csum set udp hw 0", "tso set 800 0", "port start 0",
                             "set fwd csum", "start")
            self.feed(testpmd, [frame(TCP, length) for length in lengths])
            out = self.sent(testpmd, 4 + 1 + 10)
            testpmd.command("stop")
        self.check(testpmd)
        self.assertEqual([len(data) - 54 for data in out],
                         [800] * 3 + [600] + [100] + [800] * 10)
        payload = b"".join(data[54:] for data in out)
        self.assertEqual(payload, b"".join(frame(TCP, length)[54:] for length in lengths))
        for data in out:
            self.assertEqual(inet_sum(data[14:34]), 0)
            pseudo = data[26:34] + struct.pack("!BBH", 0, TCP, len(data) - 34)
            self.assertEqual(inet_sum(pseudo + data[34:]), 0)
        seqs = [struct.unpack_from("!I", data, 38)[0] for data in out]
        self.assertEqual(seqs[:4], [12345, 13145, 13945, 14745])


class Flows(Features):
    def streams(self, testpmd):
        """Frames per queue since the last call."""
        streams, _ = testpmd.stop()
        testpmd.command("start")
        return [stream["RX-packets"] for stream in streams]

    def test_queue_drop_and_rss(self):
        with self.witness(app=["--rxq=4", "--txq=4", "--rss-ip"]) as testpmd:
            testpmd.commands("set fwd rxonly", "set promisc 0 off")
            created = testpmd.commands(
                "flow create 0 ingress pattern eth / ipv4 dst is 10.0.0.9 src is 10.0.0.1 / "
                "udp src is 7 dst is 8 / end actions queue index 3 / end",
                "flow create 0 ingress pattern eth / ipv4 dst is 10.0.0.9 / tcp dst is 8 / end "
                "actions queue index 2 / end",
                "flow create 0 ingress pattern eth type is 0x88b6 / end "
                "actions queue index 1 / end",
                "flow create 0 ingress pattern eth type is 0x88b7 / end actions drop / end",
                "start")
            for number in range(4):
                self.assertIn(f"Flow rule #{number} created", created[number])
            plain = OWN_MAC + PEER_MAC
            self.feed(testpmd,
                      [frame(UDP, 20, dst=9, src_port=7, dst_port=8)] * 5 +
                      [frame(TCP, 20, dst=9, dst_port=8)] * 6 +
                      [plain + b"\x88\xb6" + bytes(46)] * 7 +
                      [plain + b"\x88\xb7" + bytes(46)] * 8)
            testpmd.device_until(lambda now: now["rx_frames"] == 18)
            time.sleep(0.2)     # the program polls its rings
            self.assertEqual(testpmd.device()["rx_drop_filter"], 8)
            answer = testpmd.command("stop")
            for queue, count in ((1, 7), (2, 6), (3, 5)):
                self.assertRegex(answer, rf"RX Port= 0/Queue= {queue}[^\n]*\n\s+RX-packets: {count} ")
            # without the rules these frames go where the address filter says
            testpmd.commands("flow flush 0", "start")
            self.feed(testpmd, [plain + b"\x88\xb7" + bytes(46)] * 8)
            testpmd.device_until(lambda now: now["rx_frames"] == 26)
            testpmd.command("stop")
        self.check(testpmd)

    def test_vlan(self):
        with self.witness(app=["--rxq=2", "--txq=2", "--disable-rss"]) as testpmd:
            testpmd.commands("set fwd rxonly", "set promisc 0 off", "port stop 0", "port start 0")
            answer = testpmd.command(
                "flow create 0 ingress pattern eth dst is 02:50:49:4f:00:00 / vlan vid is 5 / end "
                "actions queue index 1 / end")
            self.assertIn("Flow rule #0 created", answer)
            testpmd.command("start")
            self.feed(testpmd, [frame(UDP, 20, vlan=5)] * 3 + [frame(UDP, 20, vlan=6)] * 4)
            testpmd.device_until(lambda now: now["rx_frames"] == 7)
            time.sleep(0.2)
            answer = testpmd.command("stop")
            self.assertRegex(answer, r"RX Port= 0/Queue= 1[^\n]*\n\s+RX-packets: 3 ")
        self.check(testpmd)


class Recovery(Features):
    """What net_sfc does about errors of the device."""

    def break_it(self, testpmd, *command):
        testpmd.command("start tx_first")
        testpmd.device_until(lambda now: now["tx_frames"] >= 1000)
        before = testpmd.device()
        testpmd.ctl(*command)
        return before

    def again(self, testpmd):
        """Traffic goes round. Its first frames are lost while the port is still on its way up, so
        they are sent again."""
        before = testpmd.device()["rx_frames"]
        end = time.monotonic() + 60
        while testpmd.device()["rx_frames"] < before + 1000:
            self.assertLess(time.monotonic(), end, testpmd.device())
            testpmd.command("start tx_first")
            time.sleep(0.5)
            testpmd.command("stop")

    def restart(self, kind):
        """net_sfc's native EF10 datapaths leave TX_ERR and RX_ERR alone. Those of libefx restart the
        queue, and the device must accept that; but libefx drops all RX and TX events after an
        error until the function is reset (en_reset_flags), so traffic needs a new probe."""
        name = kind[0].upper() + "xQ 0"
        with self.witness(["--wire", "loopback"],
                          ["-a", f"{BDF},{kind}_datapath=efx"]) as testpmd:
            if kind == "tx":    # a program that sends on finds the event, one that waits does not
                testpmd.command("set fwd txonly")
            self.break_it(testpmd, f"{kind}-error", "0", "0", "1")
            testpmd.said(f"restart {name} because of exception")
            testpmd.commands("stop", "port stop 0", "port close 0", f"device detach {BDF}",
                             f"port attach {BDF}", "port start 0", "set fwd io")
            self.assertNotIn(f"cannot restart {name}", testpmd.text)
            self.again(testpmd)
        self.check(testpmd)
        self.assertEqual(testpmd.model[0][f"{kind}_errors"], 1)

    def test_tx_error(self):
        self.restart("tx")

    def test_rx_error(self):
        self.restart("rx")

    def test_mc_reboot(self):
        """net_sfc restarts the port by itself. It does not keep its own bursts out meanwhile, and a
        burst that is under way can leave a ring without descriptors: no traffic at that moment."""
        with self.witness(["--wire", "loopback"]) as testpmd:
            self.again(testpmd)
            before = testpmd.device()
            testpmd.ctl("reboot", "event")
            testpmd.device_until(lambda now: now["mcdi_requests"] > before["mcdi_requests"] + 20)
            testpmd.until("show port info 0", lambda a: "Link status: up" in a)
            self.again(testpmd)
        self.check(testpmd)


if __name__ == "__main__":
    main(__doc__)
