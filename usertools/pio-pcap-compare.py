#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Compare the frames of two pcap files byte for byte, in order.

usage: pio-pcap-compare.py [--pad LEN] EXPECTED.pcap ACTUAL.pcap
       pio-pcap-compare.py --kinds [--max LEN] FILE.pcap

  --pad LEN  frames of EXPECTED that are shorter count with zeros up to LEN, as a MAC sends them
  --kinds    print how many frames there are of each kind instead
  --max LEN  a longer frame is an error

Exit code 0 and the number of frames when all are equal; 1 and the first difference otherwise.
"""

import argparse
import collections
import struct
import sys

ETHERNET = 1
ETHER_TYPES = {0x0806: "ARP", 0x0800: "IPv4", 0x86DD: "IPv6"}
IP_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}


class PcapError(Exception):
    """The file is no complete pcap file of whole Ethernet frames."""


def frames(path, longest=None):
    """Return the frames of a pcap file (either byte order, micro- or nanoseconds)."""
    with open(path, "rb") as stream:
        data = stream.read()
    if len(data) < 24:
        raise PcapError(f"{path}: shorter than a pcap header")
    for order in "<>":
        if struct.unpack_from(order + "I", data)[0] in (0xA1B2C3D4, 0xA1B23C4D):
            break
    else:
        pcapng = struct.unpack_from("<I", data)[0] == 0x0A0D0D0A
        raise PcapError(f"{path}: not a pcap file" +
                        (" but pcapng; editcap -F pcap makes one of it" if pcapng else ""))
    if struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF != ETHERNET:
        raise PcapError(f"{path}: not Ethernet")
    found = []
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            raise PcapError(f"{path}: ends inside a record header")
        caplen, length = struct.unpack_from(order + "II", data, at + 8)
        at += 16
        if caplen != length:
            raise PcapError(f"{path}: frame {len(found)} was cut from {length} to {caplen} bytes")
        if at + caplen > len(data):
            raise PcapError(f"{path}: ends inside frame {len(found)}")
        if longest is not None and caplen > longest:
            raise PcapError(f"{path}: frame {len(found)} has {caplen} bytes, more than {longest}")
        found.append(data[at:at + caplen])
        at += caplen
    return found


def kind(frame):
    """Name what a frame carries."""
    ether_type = struct.unpack_from(">H", frame, 12)[0] if len(frame) >= 14 else 0
    name = ETHER_TYPES.get(ether_type, f"0x{ether_type:04x}")
    if name == "IPv4" and len(frame) >= 24:
        return IP_PROTOCOLS.get(frame[23], name)
    if name == "IPv6" and len(frame) >= 21:
        # hop-by-hop options come before the ICMPv6 of multicast listener reports
        return IP_PROTOCOLS.get(frame[54] if frame[20] == 0 and len(frame) > 54 else frame[20],
                                name)
    return name


def dump(frame, at):
    """Show a few bytes around an offset."""
    start = max(0, at - at % 16)
    return f"{start:04x}: {frame[start:start + 16].hex(' ')}"


def compare(expected, actual, pad):
    """Return the first difference as text, None when there is none."""
    for number, (want, got) in enumerate(zip(expected, actual)):
        want = want.ljust(pad, b"\0")
        if want == got:
            continue
        at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b),
                  min(len(want), len(got)))
        return (f"frame {number} differs at byte {at} (lengths {len(want)} and {len(got)}):\n"
                f"  expected {dump(want, at)}\n  actual   {dump(got, at)}")
    if len(expected) != len(actual):
        return f"{len(expected)} frames expected, {len(actual)} found"
    return None


def main():
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="compare the frames of two pcap files")
    parser.add_argument("--pad", type=int, default=0, metavar="LEN")
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--max", type=int, metavar="LEN")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    if len(args.files) != (1 if args.kinds else 2):
        parser.error("wrong number of files")
    try:
        contents = [frames(path, args.max) for path in args.files]
    except (OSError, PcapError) as error:
        print(error)
        return 1
    if args.kinds:
        kinds = collections.Counter(kind(frame) for frame in contents[0])
        print(", ".join(f"{name} {number}" for name, number in sorted(kinds.items())))
        return 0
    difference = compare(contents[0], contents[1], args.pad)
    print(difference or f"{len(contents[0])}")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
