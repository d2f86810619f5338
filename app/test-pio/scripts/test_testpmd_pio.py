#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""dpdk-testpmd-pio: every pio command, right and wrong, on net_piopmd and on ports without PIO.

What the commands say is compared with what the emulated device counted and put on the wire.

usage: test_testpmd_pio.py PIOEMU DPDK-TESTPMD-PIO [unittest arguments]
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "witness"))
from lcores import lcores  # noqa: E402
from pcap import read_pcap  # noqa: E402
from testpmd import Testpmd  # noqa: E402

TESTPMD = None
VF = "0000:01:00.1"
QUEUES = ["--rxq=2", "--txq=2"]
FRAME = "ffffffffffff" "02000000000a" "88b5" + bytes(range(100)).hex()
SETUP = "port config 0 txq 0 pio setup"
SMALL = SETUP + " threshold 128 slots 4 template-mem 512 templates 3"


def session(run=(), vdev=(), devargs="", app=(), pci=True):
    eal = ["-a", VF + ",class=pio" + devargs] if pci else ["--no-pci"]
    for v in vdev:
        eal += ["--vdev", v]
    return Testpmd(run, eal, app, program=TESTPMD)


class Pio(unittest.TestCase):
    def sent(self, testpmd, line):
        """How many frames a command says it has sent by PIO, and by the ring."""
        answer = testpmd.command(line)
        found = re.search(r"port \d+ txq \d+: (\d+) by PIO, (\d+) by the ring\n", answer)
        self.assertIsNotNone(found, f"{line}: {answer}")
        return int(found.group(1)), int(found.group(2))

    def setup(self, testpmd, *lines, port=0):
        """Commands while the port is stopped; the answers."""
        testpmd.command(f"port stop {port}")
        answers = testpmd.commands(*lines)
        testpmd.command(f"port start {port}")
        return answers

    def state(self, testpmd, port=0, queue=0):
        """All that a refused command must not change: refusals are counted, as they should be."""
        said = testpmd.command(f"show port {port} txq {queue} pio info")
        if "State: none" not in said:
            said += re.sub(r"refused: \d+", "", re.sub(r"Reason.*by the ring: 0, .*\n", "",
                           testpmd.command(f"show port {port} txq {queue} pio stats")))
        said += testpmd.command(f"show port {port} txq {queue} pio templates")
        return re.sub(r"in flight: \d+", "", said)

    def refused(self, testpmd, line, *expected, port=0, queue=0):
        """The command says all that, and changes nothing."""
        before = self.state(testpmd, port, queue)
        answer = testpmd.command(line)
        for text in expected:
            self.assertIn(text, answer, line)
        self.assertEqual(self.state(testpmd, port, queue), before, line)

    def ends(self, testpmd):
        self.assertEqual(testpmd.returncode, 0, testpmd.text[-3000:])
        self.assertEqual(testpmd.violations, [])


class OnPort(Pio):
    """net_piopmd on the emulated device."""

    def test_show_says_what_the_port_has(self):
        with session() as testpmd:
            info = testpmd.command("show port 0 pio info")
            self.assertIn("Capabilities: pio template csum secondary shared-pool\n", info)
            self.assertIn("Buffers: 16 of 4096 bytes, free: 16\n", info)
            self.assertIn("holders: 0\n", info)
            for what in ("queues", "stats"):
                self.assertIn("no queue has opted in: 'port config 0 txq",
                              testpmd.command(f"show port 0 pio {what}"))
            self.assertIn("State: none, reason: none\n",
                          testpmd.command("show port 0 txq 0 pio info"))
            self.assertIn("no template: 'pio template create",
                          testpmd.command("show port 0 pio templates"))
            self.assertRegex(testpmd.command("show port 0 pio wc"),
                             r"Asked: write-combining, granted: write-combining, measured: .*\n"
                             r"Store: \w+, degraded: no\n(.*\n)*Rung split .*: in use\n")
            self.assertIn(f"port 0 ({VF}):\n  PIO: yes\n",
                          testpmd.command("show port 0 pio dump"))
            self.setup(testpmd, SMALL)
            self.assertRegex(testpmd.command("show port 0 pio queues"),
                             r"txq 0 .*\nState: started, reason: none\n"
                             r"Policy: try, fallback: ring, wc: any, mempool: mb_pool_0\n"
                             r"Adapter memory: 1088 bytes, slots: 4 of 128 bytes\n"
                             r"Threshold: 128, longest frame by the ring: 1518, MTU: 1500\n"
                             r"Templates: 0 of 3, template memory: 512 bytes, free: 512\n")
            self.assertIn("  port 0 txq 0: 1088 bytes, templates: 0\n",
                          testpmd.command("show port 0 pio info"))
            self.assertRegex(testpmd.command("pio selftest port 0"),
                             r"Self-test: 64 bytes in \d+ ps, 8 bytes in \d+ ps\n")
            self.assertRegex(testpmd.command("show port 0 pio wc"),
                             r"measured: (not )?(combining|distinguishable)\n")
        self.ends(testpmd)

    def test_help_and_completion_know_every_command(self):
        with session() as testpmd:
            text = testpmd.command("help pio")
            self.assertEqual(testpmd.command("help drivers").count("pio template send"), 1)
            for command in ("show port (port_id) pio info|wc|queues|stats|templates|dump",
                            "show port (port_id) txq (queue_id) pio info|stats|templates",
                            "pio selftest", "pio setup", "pio release", "pio on|off",
                            "pio threshold", "clear port (port_id) pio stats", "pio send",
                            "pio warm", "pio credits", "pio reap", "pio template create",
                            "pio template update ", "pio template send",
                            "pio template update_send", "pio template destroy"):
                self.assertIn(command, text)
            # the tabulator completes a keyword
            testpmd._send("pio tem\tdes\t7")
            self.assertRegex(testpmd._answer(), r"no template 7: 'show port")
        self.ends(testpmd)

    def test_sends_are_what_the_device_counts(self):
        with tempfile.TemporaryDirectory() as tmp:
            out = os.path.join(tmp, "out.pcap")
            with session(["--wire", "pcap-out=" + out]) as testpmd:
                self.setup(testpmd, SMALL)
                self.assertIn(": 4 frames, 512 bytes\n",
                              testpmd.command("pio credits port 0 txq 0"))
                # no more than fits: each by PIO; then what PIO does not take
                self.assertEqual(self.sent(testpmd, f"pio send port 0 txq 0 hex {FRAME}"), (1, 0))
                self.assertEqual(self.sent(
                    testpmd, "pio send port 0 txq 0 count 50 flags no-fallback len 64"), (50, 0))
                self.assertEqual(self.sent(testpmd, "pio send port 0 txq 0 count 3 len 129"), (0, 3))
                self.assertEqual(self.sent(testpmd, "pio send port 0 txq 0 len 1518 # a comment"),
                                 (0, 1))
                by_pio, by_ring = self.sent(testpmd, "pio send port 0 txq 0 len 128 count 40")
                self.assertEqual(by_pio + by_ring, 40)
                # a doorbell that is held back, and rung for
                self.assertEqual(self.sent(
                    testpmd, "pio send port 0 txq 0 flags more,no-fallback len 60"), (1, 0))
                self.assertIn("done\n", testpmd.command("pio reap port 0 txq 0"))
                testpmd.device_until(lambda d: d["tx_frames"] == 96)
                for length, said in ((128, "warmed\n"), (129, "nothing done: ")):
                    self.assertIn(said, testpmd.command(f"pio warm port 0 txq 0 len {length}"))
                stats = testpmd.command("show port 0 pio stats")
                self.assertIn(f"PIO-packets: {52 + by_pio}, PIO-bytes: "
                              f"{114 + 50 * 64 + 60 + 128 * by_pio}\n", stats)
                self.assertIn(f"Ring-packets: {4 + by_ring}, ", stats)
                self.assertIn("Warms: 1\n", stats)
                self.assertIn("Reason len: by the ring: 4, refused: 0\n", stats)
                self.assertIn("1 queues\n", testpmd.command("clear port 0 pio stats"))
                self.assertIn("PIO-packets: 0, PIO-bytes: 0\n",
                              testpmd.command("show port 0 txq 0 pio stats"))
            self.ends(testpmd)
            self.assertEqual(testpmd.model[0]["tx_frames"], 96)
            self.assertEqual(testpmd.model[0]["tx_pio_frames"], 52 + by_pio)
            frames = read_pcap(out)
            self.assertEqual(frames[0], bytes.fromhex(FRAME))
            self.assertEqual([len(f) for f in frames], [114] + 50 * [64] + 3 * [129] + [1518] +
                             40 * [128] + [60])
            # a test frame says where it is from, and counts
            self.assertEqual(frames[1][6:14].hex(), "0250494f0000" "88b5")
            self.assertEqual(frames[54][14:], bytes(i % 256 for i in range(1504)))

    def test_switch_and_threshold_act_on_the_next_frame(self):
        with session() as testpmd:
            self.setup(testpmd, SMALL)
            one = "pio send port 0 txq 0 len 100"
            pio, ring = (1, 0), (0, 1)
            self.assertEqual(self.sent(testpmd, one), pio)
            testpmd.command("set port 0 txq 0 pio off")
            self.assertEqual(self.sent(testpmd, one), ring)
            self.assertIn("State: stopped, reason: stopped\n",
                          testpmd.command("show port 0 txq 0 pio info"))
            testpmd.command("set port 0 txq 0 pio on")
            self.assertEqual(self.sent(testpmd, one + " flags no-fallback"), pio)
            testpmd.command("set port 0 txq 0 pio threshold 99")
            self.assertIn("Threshold: 99,", testpmd.command("show port 0 txq 0 pio info"))
            self.assertEqual(self.sent(testpmd, one), ring)
            self.assertRegex(testpmd.command("show port 0 txq 0 pio stats"),
                             r"Reason threshold: by the ring: 1, .*\n"
                             r"Reason stopped: by the ring: 1, ")
            self.setup(testpmd, "port config 0 txq 0 pio release")
            self.assertIn("State: none", testpmd.command("show port 0 txq 0 pio info"))
            self.assertIn("Buffers: 16 of 4096 bytes, free: 16\n",
                          testpmd.command("show port 0 pio info"))
        self.ends(testpmd)
        self.assertEqual(testpmd.model[0]["tx_pio_frames"], 2)

    def test_templates_live_from_create_to_destroy(self):
        with tempfile.TemporaryDirectory() as tmp:
            out = os.path.join(tmp, "out.pcap")
            with session(["--wire", "pcap-out=" + out]) as testpmd:
                self.setup(testpmd, SMALL)
                create = "pio template create port 0 txq 0 "
                self.assertIn("template 0\n", testpmd.command(
                    create + f"slots 2 room 128 resident required hex {FRAME}"))
                self.assertIn("template 1\n", testpmd.command(create + "len 60"))
                send = "pio template send 0 count 9 flags no-fallback"
                self.assertEqual(self.sent(testpmd, send), (9, 0))
                self.assertIn("done\n", testpmd.command("pio template update 0 at 14:c0ffee"))
                self.assertEqual(self.sent(testpmd, "pio template send 0 flags no-fallback"), (1, 0))
                self.assertEqual(self.sent(testpmd, "pio template update_send 0 flags no-fallback "
                                                    "at 14:00,113:abcd"), (1, 0))
                self.assertIn("done\n", testpmd.command("pio template update 0 length 61"))
                self.assertEqual(self.sent(testpmd, "pio template send 0 flags no-fallback"), (1, 0))
                self.assertIn("none was sent", testpmd.command("pio template send 0 flags warm"))
                self.assertEqual(self.sent(testpmd, "pio template send 1"), (1, 0))
                shown = testpmd.command("show port 0 pio templates")
                self.assertRegex(shown, r"template 0: port 0 txq 0, 61 bytes, room 128, resident, "
                                        r"slots: 2, in flight: [012], by PIO: 12, by the ring: 0, "
                                        r"updates: 4, lines: \d+\n")
                self.assertRegex(shown, r"template 1: port 0 txq 0, 60 bytes, room 60, .* 1, by the")
                # a stop of the port does not take them
                self.setup(testpmd)
                self.assertEqual(self.sent(testpmd, "pio template send 0 flags no-fallback"), (1, 0))
                self.assertIn("done\n", testpmd.command("pio template destroy 0"))
                self.assertIn("no template 0:", testpmd.command("pio template send 0"))
                self.assertIn("template 0\n", testpmd.command(create + "len 100"))
                # the close of the port does
                testpmd.command("port stop 0")
                testpmd.command("port close 0")
                self.assertIn("no template 1:", testpmd.command("pio template send 1"))
            self.ends(testpmd)
            first = bytes.fromhex(FRAME)
            patched = first[:14] + b"\xc0\xff\xee" + first[17:]
            longer = patched[:14] + b"\0" + patched[15:113] + b"\xab\xcd"
            counted = bytes.fromhex("020000000000" "0250494f0000" "88b5") + bytes(range(46))
            self.assertEqual(read_pcap(out), 9 * [first] + [patched, longer, longer[:61], counted,
                                                            longer[:61]])
            self.assertEqual(testpmd.model[0]["tx_pio_frames"], 14)

    def test_forwarding_with_pio_on_one_queue_of_two(self):
        with session(app=QUEUES) as testpmd:
            self.setup(testpmd, SMALL)
            testpmd.command("set promisc all on")
            testpmd.command("start tx_first 1")
            testpmd.forward_until(2000)
            # the queues belong to the forwarding threads now
            for line in ("pio send port 0 txq 0 len 64", "pio warm port 0 txq 0 len 64",
                         "pio credits port 0 txq 0", "pio reap port 0 txq 0",
                         "pio template create port 0 txq 0 len 64", "pio template send 0",
                         "pio template destroy 0", "show port 0 pio templates"):
                self.assertRegex(testpmd.command(line), r"EBUSY \(.*testpmd forwards.*'stop' first")
            self.assertRegex(testpmd.command("port config 0 txq 1 pio setup"),
                             r"EBUSY \(.*'port stop \(port_id\)' first")
            # these are for the control thread, at any time
            testpmd.command("set port 0 txq 0 pio off")
            testpmd.command("set port 0 txq 0 pio on")
            testpmd.command("stop")
            said = testpmd.command("show port 0 pio stats")
            by_pio = int(re.search(r"PIO-packets: (\d+)", said).group(1))
            self.assertNotIn("txq 1 ", said)
            self.assertGreater(by_pio, 0)
        self.ends(testpmd)
        self.assertEqual(testpmd.model[0]["tx_pio_frames"], by_pio)
        self.assertGreater(testpmd.model[0]["tx_frames"], by_pio)

    def test_checksums_are_inserted_on_request(self):
        # IPv4 and UDP, both checksums 0
        frame = ("ffffffffffff02000000000a0800" "4500002000000000401100000a0000010a000002"
                 "00350035000c0000" "01020304")
        with tempfile.TemporaryDirectory() as tmp:
            out = os.path.join(tmp, "out.pcap")
            with session(["--wire", "pcap-out=" + out],
                         app=["--tx-offloads=0xe"]) as testpmd:
                self.setup(testpmd, SETUP + " csum ipv4-udp templates 1 template-mem 128")
                self.sent(testpmd, f"pio send port 0 txq 0 flags csum hex {frame}")
                self.sent(testpmd, f"pio send port 0 txq 0 hex {frame}")
                testpmd.command(f"pio template create port 0 txq 0 csum ipv4 hex {frame}")
                self.sent(testpmd, "pio template send 0 flags csum")
            self.ends(testpmd)
            with_both, without, with_ip = read_pcap(out)
            self.assertEqual(without[:46], bytes.fromhex(frame))
            self.assertEqual(with_ip[24:26].hex(), "66cb")
            self.assertEqual(with_ip[40:42].hex(), "0000")
            self.assertEqual(with_both[24:26].hex(), "66cb")
            self.assertNotEqual(with_both[40:42].hex(), "0000")


class Wrong(Pio):
    """Everything that can be refused, is: with a line that says why, and changing nothing."""

    def test_bad_words(self):
        with session() as testpmd:
            self.setup(testpmd, SMALL)
            testpmd.command("pio template create port 0 txq 0 room 100 len 64")
            send = "pio send port 0 txq 0 "
            template = "pio template create port 0 txq 0 "
            for line, *expected in (
                    (send + "len", "len: a value is missing"),
                    (send + "size 64", "unknown option size: there are count flags len hex"),
                    (send + "len 64 len 65", "len is given twice"),
                    (send + "len 13", "len 13: must be a number, 14..16384"),
                    (send + "len 0x", "must be a number"),
                    (send + "len -1", "must be a number"),
                    (send + "len 99999999999999999999", "must be a number"),
                    (send + "count 0 len 64", "count 0: must be a number, 1..100000000"),
                    (send + "count 5", "either 'len (bytes)' or 'hex (digits)'"),
                    (send + "len 64 hex 00", "either 'len (bytes)' or 'hex (digits)'"),
                    (send + "hex 012", "come in pairs"),
                    (send + "hex 0g", "not a hexadecimal digit"),
                    (send + "hex " + 201 * "00", "at most 200 bytes"),
                    (send + "hex " + 600 * "00", "at most 200 bytes"),
                    (send + "hex 0102030405060708090a0b0c0d", "EINVAL (Invalid argument)"),
                    (send + "flags fast len 64", "must be more|no-fallback|warm|csum, several"),
                    (send + "flags more,,csum len 64", "must be more|no-fallback|warm|csum"),
                    (send + "flags csum len 64", "EINVAL (Invalid argument)"),
                    (send + "flags no-fallback len 129", "EMSGSIZE (Message too long)", "limits"),
                    (send + "len 1519", "EMSGSIZE (Message too long): longer than"),
                    ("pio send port 0 txq 1 len 64", "EINVAL", "the port has 1 transmit queues"),
                    ("pio send port 9 txq 0 len 64", "port 9 txq 0: ENODEV", "show port summary"),
                    ("pio warm port 0 txq 0 len 13", "EINVAL", "14 bytes or more"),
                    ("pio warm port 0 txq 3 len 64", "EINVAL", "the port has 1 transmit queues"),
                    ("pio credits port 9 txq 0", "ENODEV"),
                    ("pio reap port 0 txq 1", "EINVAL", "1 transmit queues"),
                    (template + "room 63 len 64", "room 63 is less than the length of the frame"),
                    (template + "slots 3 len 64", "slots 3: must be a number, 1..2"),
                    (template + "slots 2", "either 'len (bytes)' or 'hex (digits)'"),
                    (template + "len 1600", "EMSGSIZE"),
                    (template + "resident required len 600", "ENOSPC", "template-mem"),
                    (template + "resident maybe len 64", "must be preferred|required"),
                    (template + "csum sctp len 64", "must be none|ipv4|ipv4-tcp"),
                    (template + "csum ipv4 len 64", "ENOTSUP"),
                    ("pio template update 0 at 65:00", "EINVAL", "past the end of the frame"),
                    ("pio template update 0 at 60:" + 41 * "00", "EINVAL", "past its room"),
                    ("pio template update 0 length 101", "EINVAL", "room"),
                    ("pio template update 0 at 14", "must be (offset):(digits)"),
                    ("pio template update 0 at :00", "must be (offset):(digits)"),
                    ("pio template update 0 at 14:0", "come in pairs"),
                    ("pio template update 0 at 14:00,15:00", "update_send' takes several"),
                    ("pio template update 0 at 14:00 length 20", "give either"),
                    ("pio template update 0 length 13", "14..16384"),
                    ("pio template update 5 at 14:00", "no template 5: 'show port"),
                    ("pio template send 256", "no template 256: 'show port"),
                    ("pio template send 0 at 14:00", "unknown option at: there are count flags;"),
                    ("pio template update_send 0 count 1", "'at (offset):(digits)' is missing"),
                    ("pio template update_send 0 at 99:00", "EINVAL"),
                    ("pio template update_send 0 at " + ",".join(["1:00"] * 17), "more than 16"),
                    ("pio template send 0 flags csum", "EINVAL"),
                    ("pio template destroy 4000000000", "no template 4000000000"),
                    ("set port 0 txq 0 pio threshold 13", "EINVAL", "13 is not in 14..128"),
                    ("set port 0 txq 0 pio threshold 129", "129 is not in 14..128", "release"),
                    ("set port 0 txq 1 pio on", "EINVAL", "1 transmit queues"),
                    ("set port 9 txq 0 pio off", "ENODEV"),
                    ("clear port 9 pio stats", "ENODEV"),
                    ("pio selftest port 9", "ENODEV"),
                    ("show port 9 pio info", "ENODEV"), ("show port 9 pio wc", "ENODEV"),
                    ("show port 9 pio queues", "ENODEV"), ("show port 9 pio templates", "ENODEV"),
                    ("show port 9 pio dump", "ENODEV"), ("show port 0 txq 1 pio stats", "EINVAL"),
                    (SETUP, "EEXIST (File exists)", "release' first"),
                    ("port config 0 txq 0 pio release", "EBUSY", "'port stop (port_id)' first")):
                with self.subTest(line):
                    self.refused(testpmd, line, *expected)
            for n in (1, 2):
                testpmd.command(template + "len 14")
            self.refused(testpmd, template + "len 14", "ENOSPC", "destroy one")
        self.ends(testpmd)
        self.assertEqual(testpmd.model[0]["tx_frames"], 0)

    def test_bad_setups(self):
        with session(app=QUEUES) as testpmd:
            testpmd.command("port stop 0")
            for line, *expected in (
                    (SETUP + " policy maybe", "policy maybe: must be try|require"),
                    (SETUP + " fallback pigeon", "must be ring|none"),
                    (SETUP + " wc some", "must be any|require"),
                    (SETUP + " threshold 13", "must be a number, 14..65535"),
                    (SETUP + " threshold 5000", "EINVAL", "the log says which one"),
                    (SETUP + " threshold", "a value is missing"),
                    (SETUP + " template-mem 4097", "must be a number, 0..4096"),
                    (SETUP + " slots 4 mem-min 256", "give one of them"),
                    (SETUP + " slots 0", "must be a number, 1..1024"),
                    (SETUP + " policy require slots 100", "ENOSPC", "ask for less"),
                    (SETUP + " mem-min 4096 mem-pref 64", "EINVAL"),
                    (SETUP + " csum ipv4", "ENOTSUP", "tx_offload"),
                    (SETUP + " mempool yes", "must be on|off"),
                    ("port config 0 txq 2 pio setup", "EINVAL", "2 transmit queues"),
                    ("port config 7 txq 0 pio setup", "ENODEV"),
                    ("port config 0 txq 0 pio release", "ENOTSUP", "has not opted in"),
                    ("set port 0 txq 0 pio on", "ENOTSUP", "has not opted in"),
                    ("set port 0 txq 0 pio threshold 64", "ENOTSUP", "has not opted in"),
                    ("pio template create port 0 txq 0 len 64", "ENOTSUP", "has not opted in"),
                    ("pio selftest port 0", "ENOTSUP", "opt one in"),
                    ("show port 0 txq 0 pio stats", "ENOTSUP", "has not opted in")):
                with self.subTest(line):
                    self.refused(testpmd, line, *expected)
            testpmd.command(SETUP + " templates 1 template-mem 64")
            self.refused(testpmd, SETUP, "EEXIST (File exists)", "release' first")
            self.refused(testpmd, "pio send port 0 txq 0 len 64", "ENETDOWN", "'port start")
            self.refused(testpmd, "pio credits port 0 txq 0", "ENETDOWN", "'port start")
            # a template may be laid before the port starts, and holds the queue
            testpmd.command("pio template create port 0 txq 0 len 64")
            self.refused(testpmd, "port config 0 txq 0 pio release", "EBUSY", "template destroy")
            testpmd.command("pio template destroy 0")
            testpmd.command("port config 0 txq 0 pio release")
            # without mbufs what has to go by the ring cannot
            testpmd.command(SETUP + " mempool off")
            testpmd.command("port config 0 txq 1 pio setup fallback none threshold 64")
            testpmd.command("port start 0")
            self.refused(testpmd, "pio send port 0 txq 0 len 1000", "ENOBUFS", "mempool on")
            self.refused(testpmd, "pio send port 0 txq 1 len 65", "EMSGSIZE", queue=1)
            testpmd.command("set port 0 txq 1 pio off")
            self.refused(testpmd, "pio send port 0 txq 1 len 64", "ENOTSUP", "fallback is excluded",
                         queue=1)
        self.ends(testpmd)
        self.assertEqual(testpmd.model[0]["tx_frames"], 0)

    def test_adapter_that_gives_nothing(self):
        for options, name, errno in ((["--no-pio-privilege"], "no_privilege", "ENXIO"),
                                     (["--pio-buffers", "2", "--pio-held", "2"], "no_memory",
                                      "ENOSPC")):
            with self.subTest(name), session(options) as testpmd:
                testpmd.command("port stop 0")
                self.refused(testpmd, SETUP + " policy require", errno)
                self.assertIn(f"reason {name}\n", testpmd.command(SETUP))
                testpmd.command("port start 0")
                self.assertEqual(self.sent(testpmd, "pio send port 0 txq 0 count 3 len 64"), (0, 3))
                self.assertIn("nothing done", testpmd.command("pio warm port 0 txq 0 len 64"))
                self.assertIn(": 0 frames, 0 bytes\n", testpmd.command("pio credits port 0 txq 0"))
                self.refused(testpmd, "pio send port 0 txq 0 flags no-fallback len 64", "ENOTSUP")
                self.refused(testpmd, "set port 0 txq 0 pio threshold 64", "ENOTSUP")
                self.assertIn(f"Reason {name}: by the ring: 3, refused: 1\n",
                              testpmd.command("show port 0 pio stats"))
            self.ends(testpmd)
            self.assertEqual(testpmd.model[0]["tx_frames"], 3)


class WithoutPio(Pio):
    """The same commands on ports whose drivers know nothing of PIO."""

    def test_null_and_ring(self):
        with session(vdev=["net_null0", "net_ring0"], pci=False) as testpmd:
            for port in (0, 1):
                with self.subTest(port=port):
                    self.session_on(testpmd, port)
        self.ends(testpmd)

    def session_on(self, testpmd, port):
        def refused(line, *expected):
            self.refused(testpmd, line.format(p=port), *expected, port=port)

        self.assertIn("Capabilities: none: every frame goes by the ring\n",
                      testpmd.command(f"show port {port} pio info"))
        self.assertIn("granted: none", testpmd.command(
            f"show port {port} pio wc"))
        testpmd.command(f"port stop {port}")
        refused("port config {p} txq 0 pio setup policy require", "ENOTSUP", "policy try")
        refused("port config {p} txq 0 pio setup fallback none", "ENOTSUP", "policy try")
        self.assertIn("0 slots of 0 bytes, template memory 0, reason no_driver\n", testpmd.command(
            f"port config {port} txq 0 pio setup templates 2"))
        testpmd.command(f"port start {port}")
        queue = f"port {port} txq 0"
        self.assertEqual(self.sent(testpmd, f"pio send {queue} count 5 len 100"), (0, 5))
        self.assertEqual(self.sent(testpmd, f"pio send {queue} hex {FRAME}"), (0, 1))
        self.assertIn("nothing done", testpmd.command(f"pio warm {queue} len 64"))
        self.assertIn(": 0 frames, 0 bytes\n", testpmd.command(f"pio credits {queue}"))
        self.assertIn("done\n", testpmd.command(f"pio reap {queue}"))
        refused("pio send port {p} txq 0 flags no-fallback len 64", "ENOTSUP", "fallback is excluded")
        refused("pio template create port {p} txq 0 resident required len 64", "ENOTSUP")
        number = re.search(r"template (\d+)\n", testpmd.command(
            f"pio template create {queue} slots 2 room 80 len 64")).group(1)
        self.assertEqual(self.sent(testpmd, f"pio template send {number} count 2"), (0, 2))
        self.assertEqual(self.sent(testpmd, f"pio template update_send {number} at 14:0102"), (0, 1))
        self.assertRegex(testpmd.command(f"show port {port} pio templates"),
                         r"64 bytes, room 80, in host memory, .*by PIO: 0, by the ring: 3, updates")
        self.assertRegex(testpmd.command(f"show port {port} pio stats"),
                         r"PIO-packets: 0, PIO-bytes: 0\nRing-packets: 9, ")
        self.assertEqual(testpmd.stats(port)["TX-packets"], 9)
        refused("pio selftest port {p}", "ENOTSUP", "opt one in")
        testpmd.command(f"pio template destroy {number}")
        self.setup(testpmd, f"port config {port} txq 0 pio release", port=port)
        self.assertIn("State: none", testpmd.command(f"show port {port} txq 0 pio info"))


class FromFile(Pio):
    """A whole session from --cmdline-file, with the output that it must have."""

    COMMANDS = """
port stop 0
port config 0 txq 0 pio setup threshold 128 slots 4 template-mem 256 templates 2
port start 0
pio send port 0 txq 0 count 12 flags no-fallback len 64
pio send port 0 txq 0 len 200
pio send port 0 txq 0 len 1
pio template create port 0 txq 0 slots 2 len 100
pio template send 0 count 7 flags no-fallback
pio template update_send 0 flags no-fallback at 20:aabb
pio template destroy 0
pio template destroy 0
show port 0 pio stats
"""
    ANSWERS = """
pio setup: port 0 txq 0: 4 slots of 128 bytes, template memory 256, reason none
pio send: port 0 txq 0: 12 by PIO, 0 by the ring
pio send: port 0 txq 0: 0 by PIO, 1 by the ring
pio send: len 1: must be a number, 14..16384
pio template create: port 0 txq 0: template 0
pio template send: port 0 txq 0: 7 by PIO, 0 by the ring
pio template update_send: port 0 txq 0: 1 by PIO, 0 by the ring
pio template destroy: template 0: done
pio template destroy: no template 0: 'show port (port_id) pio templates' lists them
PIO-packets: 20, PIO-bytes: 1568
Ring-packets: 1, Ring-bytes: 200
"""

    def test_session(self):
        with tempfile.NamedTemporaryFile("w") as file, tempfile.NamedTemporaryFile("r") as stats:
            file.write(self.COMMANDS)
            file.flush()
            done = subprocess.run(
                [Testpmd.pioemu, "run", "--stats-file", stats.name, "--", "stdbuf", "-oL", TESTPMD,
                 "--no-huge", "-m", "256", "--no-shconf", "--no-telemetry", lcores(), "-a",
                 VF + ",class=pio", "--", "-i", "--total-num-mbufs=4096",
                 "--cmdline-file=" + file.name], input="quit\n", stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=100, check=False)
            counted = stats.read()
        self.assertEqual(done.returncode, 0, done.stdout)
        said = [a for a in done.stdout.splitlines()
                if a.startswith(("pio ", "PIO-", "Ring-"))]
        self.assertEqual(said, self.ANSWERS.strip().splitlines())
        self.assertIn("tx_frames=21 ", counted)
        self.assertIn("tx_pio_frames=20 ", counted)
        self.assertNotIn(" violation ", counted)


if __name__ == "__main__":
    Testpmd.pioemu, TESTPMD = map(os.path.realpath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
